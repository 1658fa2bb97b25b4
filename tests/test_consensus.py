"""Clusters many draws agree on."""

import numpy as np
import pytest

from pipeline.theming.consensus import Consensus

OPTIONS = {"fewest": 2, "most": 6, "draws": 40, "seed": 1}


def blobs(sizes: list[int], spread: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Return rows around distant centres, and the centre of each."""
    generator = np.random.default_rng(0)
    truth = np.repeat(range(len(sizes)), sizes)
    return generator.normal(0, spread, (len(truth), 5)) + 3 * np.eye(5)[truth], truth


@pytest.mark.parametrize("sizes", [[30, 12, 25], [15, 15, 15, 15]])
def test_the_number_of_clusters_is_the_one_the_draws_agree_on(sizes: list[int]) -> None:
    """Distant groups are found as they are, and firm."""
    view, truth = blobs(sizes)
    found = Consensus(**OPTIONS).fit(view)
    assert len(set(found.labels_)) == len(sizes)
    assert all(len(set(found.labels_[truth == k])) == 1 for k in set(truth))
    assert min(found.firmness_.values()) > 0.5


def test_firmness_tells_groups_from_a_cloud() -> None:
    """A cloud cut in pieces is less firm than groups: it is shown as fragile."""
    view, _ = blobs([20, 20, 20])
    cloud = np.random.default_rng(0).normal(0, 1, view.shape)
    firm, loose = Consensus(**OPTIONS).fit(view), Consensus(**OPTIONS).fit(cloud)
    assert np.mean(list(firm.firmness_.values())) > np.mean(list(loose.firmness_.values())) + 0.1


def test_the_same_rows_give_the_same_clusters() -> None:
    """Draws are seeded."""
    view, _ = blobs([20, 20, 20], spread=2.0)
    assert (Consensus(**OPTIONS).fit(view).labels_ == Consensus(**OPTIONS).fit(view).labels_).all()


def test_known_rows_stay_where_they_were() -> None:
    """Where every row is known nobody moves; a newcomer joins those it resembles."""
    cloud = np.random.default_rng(0).normal(0, 1, (60, 5))
    known = np.repeat([0, 1, 2], 20)
    again = Consensus(**OPTIONS, known=known, memory=0.5).fit(cloud)
    assert (again.labels_ == known).all()
    view, truth = blobs([20, 20])
    known = np.where(np.arange(40) % 10 == 0, -1, truth)
    joined = Consensus(**OPTIONS, known=known, memory=0.5).fit(view)
    assert all(len(set(joined.labels_[truth == k])) == 1 for k in (0, 1))


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_a_handful_of_rows(rows: int) -> None:
    """Fewer rows than clusters, identical rows: a label each, no crash."""
    assert len(Consensus(**OPTIONS).fit(np.ones((rows, 3))).labels_) == rows
