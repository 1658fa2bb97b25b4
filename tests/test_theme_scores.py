"""Scores of themes and answers are what they say, on cases worked out by hand."""

import numpy as np
import pytest
from scipy import sparse

from pipeline.scoring import theme_scores


def test_telling_round_tables_apart_earns_nothing_within_them():
    """Labels that only know the round table have information overall, none within."""
    tables = np.repeat(["TR1", "TR2"], 8)
    truth = np.array([f"{t}-{i % 2}" for i, t in enumerate(tables)])
    assert theme_scores.ami(truth, tables) > 0.5
    assert theme_scores.ami_within(truth, tables, tables) == pytest.approx(0, abs=1e-9)
    assert theme_scores.ami_within(truth, truth, tables) == pytest.approx(1)


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (["a", "a", "b"], ["x", "x", "y"], 1.0),
        (["a", "a", "b", "b"], ["x", "x", "x", "x"], 0.5),
        (["a", "a", "", ""], ["x", "", "", "x"], 0.5),
        (["", ""], ["x", "x"], 0.0),
    ],
)
def test_statements_that_keep_their_theme(before, after, kept):
    """Names do not count; two themes merged keep the larger; no theme before: not counted."""
    assert theme_scores.kept_share(np.array(before), np.array(after)) == kept


def test_coherence_of_words_always_or_never_met_together():
    """Words of a theme always together: 1; never in one statement: -1; no theme: -1."""
    together = sparse.csr_matrix(np.kron(np.eye(2), np.ones((3, 2))))
    labels = np.repeat(["a", "b"], 3)
    assert theme_scores.coherence(labels, together) == pytest.approx(1)
    apart = sparse.csr_matrix(np.eye(6))
    assert theme_scores.coherence(labels, apart) == pytest.approx(-1)
    assert theme_scores.coherence(np.full(6, ""), together) == -1


def test_recall_counts_what_could_be_found():
    """One of two right among three; the only right one found; none exists: not a number."""
    scores = np.array([[0.9, 0.8, 0.7, 0.6], [0.1, 0.9, 0.0, 0.0], [0.5, 0.4, 0.3, 0.2]])
    right = np.array([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]], bool)
    found = theme_scores.recall_at(scores, right, most=3)
    assert found[:2].tolist() == [0.5, 1.0]
    assert np.isnan(found[2])


def test_a_score_of_zero_is_no_answer():
    """What is not offered cannot be found, even where fewer than three are offered."""
    found = theme_scores.recall_at(np.zeros((1, 3)), np.ones((1, 3), bool), most=3)
    assert found.tolist() == [0.0]


def test_a_constant_score_has_no_error_beyond_its_own():
    """Announcing the share of right pairs is calibrated, and no better than a constant."""
    labels = np.array([1, 0, 1, 0])
    found = theme_scores.calibration(labels, np.full(4, 0.5))
    assert found["calibration_error"] == 0
    assert found["brier"] == found["brier_constant"] == 0.25


def test_a_curve_is_fitted_on_other_cities_only():
    """Changing the labels of a city's pairs does not change what is announced for them."""
    generator = np.random.default_rng(0)
    cities = np.array([[a, b] for a in "abcd" for b in "abcd" if a != b for _ in range(4)])
    scores = generator.random(len(cities))
    labels = (scores + generator.normal(0, 0.3, len(cities)) > 0.5).astype(int)
    held = (cities == "a").any(axis=1)
    changed = np.where(held, 1 - labels, labels)
    own = cities[:, 0] == "a"
    first = theme_scores.cross_fitted(labels, scores, cities)[own]
    assert np.allclose(first, theme_scores.cross_fitted(changed, scores, cities)[own])


def test_intervals_hold_the_value_and_narrow_with_documents():
    """The same figure on ten times as many documents has a narrower interval around it."""
    settings = {"resamples": 200, "level": 0.95, "seed": 1}
    widths = []
    for documents in (10, 100):
        values = np.random.default_rng(0).random(documents)
        names = np.arange(documents).astype(str)
        value, low, high = theme_scores.interval(lambda r, v=values: v[r].mean(), names, **settings)
        assert low < value < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
