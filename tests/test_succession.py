"""A document is read from one end to the other: allusions join the subject they are said in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.theming.succession import Places, follow, smooth

A, B, VAGUE = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.02, 0.05, 0.1]


def places(documents: str, sections: str | None = None) -> Places:
    return Places(
        np.array(list(documents)),
        np.array(list(sections or "-" * len(documents))),
        np.arange(len(documents)),
    )


def read(
    vectors: list, labels: list[int], where: Places, held: list[bool] | None = None
) -> list[int]:
    fixed = np.array(held or [False] * len(labels))
    return follow(np.array(labels), np.array(vectors), where, held=fixed).tolist()


LONG = [A, A, A, VAGUE, A, A, B, B, B, B]  # one vague statement amid its subject


def test_an_allusion_takes_the_theme_it_is_said_in() -> None:
    """A vague statement put elsewhere comes back to the theme of those around it."""
    labels = [0, 0, 0, 1, 0, 0, 1, 1, 1, 1]
    assert read(LONG, labels, places("a" * 10)) == [0] * 6 + [1] * 4


def test_the_order_of_the_rows_does_not_matter() -> None:
    """Rows come in any order: documents and positions say how they follow each other."""
    labels = np.array([0, 0, 0, 1, 0, 0, 1, 1, 1, 1])
    where, order = places("a" * 10), np.random.default_rng(0).permutation(10)
    turned = Places(*(part[order] for part in where))
    held = np.zeros(10, dtype=bool)
    found = follow(labels[order], np.array(LONG)[order], turned, held=held)
    straight = follow(labels, np.array(LONG), where, held=held)
    assert found.tolist() == straight[order].tolist()


def test_a_clear_statement_keeps_its_subject() -> None:
    """What names another subject is not swallowed by its neighbours."""
    vectors = [A, A, A, B, A, A, B, B, B, B]
    labels = [0, 0, 0, 1, 0, 0, 1, 1, 1, 1]
    assert read(vectors, labels, places("a" * 10)) == labels


@pytest.mark.parametrize("where", [places("aaabaaaaaa"), places("a" * 10, "---+------")])
def test_subjects_do_not_cross_documents_or_headings(where: Places) -> None:
    """A vague statement alone in its document or section stays with what it resembles most."""
    labels = [0, 0, 0, 1, 0, 0, 1, 1, 1, 1]
    assert read(LONG, labels, where)[3] == 1


def test_what_must_stay_stays() -> None:
    """A statement known from an earlier run is not moved."""
    labels = [0, 0, 0, 1, 0, 0, 1, 1, 1, 1]
    held = [n == 3 for n in range(10)]
    assert read(LONG, labels, places("a" * 10), held) == labels


def test_nothing_to_follow() -> None:
    """No statement, or a single theme: nothing moves."""
    assert read([A, B], [0, 0], places("aa")) == [0, 0]
    assert follow(np.array([], int), np.zeros((0, 3)), places(""), held=np.array([])).size == 0


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=1, max_size=6))
def test_chances_are_those_of_every_path(fit: list[list[float]]) -> None:
    """The forward-backward algorithm gives what adding up every path of themes gives."""
    table, share = np.array(fit), np.array([0.5, 0.3, 0.2])
    stays = np.linspace(0.2, 0.8, len(fit))
    paths = np.array(np.meshgrid(*[range(3)] * len(fit), indexing="ij")).reshape(len(fit), -1)
    weights = share[paths[0]] * table[0, paths[0]]
    for place in range(1, len(fit)):
        same = paths[place] == paths[place - 1]
        step = stays[place] * same + (1 - stays[place]) * share[paths[place]]
        weights = weights * step * table[place, paths[place]]
    expected = np.array([[weights[row == theme].sum() for theme in range(3)] for row in paths])
    found, kept = smooth(table, share, stays)
    assert found == pytest.approx(expected / weights.sum())
    assert ((kept >= 0) & (kept <= 1)).all()
