"""Statistics that know statements of a document hang together."""

import numpy as np
import pytest

from pipeline import group_tests

CITIES = np.repeat([f"V{city}" for city in range(5)], 4)  # four documents a city
STATEMENTS = 12  # of one nature in a document
HANGING = 0.15  # intraclass correlation: documents have their own subject


def talk(shares: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return, per document × question, how many of its statements raise a theme.

    Beta-binomial: the documents of a city differ around its share, as those of real tables do.
    """
    spread = (1 - HANGING) / HANGING
    own = generator.beta(shares * spread, (1 - shares) * spread)
    return generator.binomial(STATEMENTS, own).astype(float)


def share_found(city_share: float, *, runs: int, seed: int, level: float = 0.05) -> float:
    """Return how often the first city is told apart, the others being at 15 %."""
    generator = np.random.default_rng(seed)
    shares = np.where(CITIES == "V0", city_share, 0.15)[:, None] * np.ones((1, runs))
    counts = talk(shares, generator)
    totals = np.full(counts.shape, float(STATEMENTS))
    found = group_tests.permutation_p_values(counts, totals, CITIES, draws=499, seed=seed)
    return float((found["V0"] <= level).mean())


@pytest.mark.parametrize(
    ("n", "denominator", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 3, 0.0, 0.7076), (3, 3, 0.2924, 1.0), (5, 10, 0.1871, 0.8129)],
)
def test_exact_interval(n: int, denominator: int, low: float, high: float) -> None:
    """Clopper-Pearson's tables, down to nothing out of nothing."""
    assert group_tests.interval(n, denominator, level=0.95) == pytest.approx((low, high), abs=1e-4)


def test_statements_that_hang_together_widen_the_interval() -> None:
    """One document that says all of it counts less than ten that say a little."""
    totals, city = np.full(10, 10.0), np.array(["V"] * 10)
    spread = group_tests.design_effect(np.full(10, 2.0), totals, city)
    lumped = group_tests.design_effect(np.array([10.0, 10.0, *[0.0] * 8]), totals, city)
    assert spread == 1.0
    assert lumped > 5
    alone = group_tests.design_effect(np.array([3.0]), np.array([9.0]), np.array(["V"]))
    assert alone == 1.0


@pytest.mark.slow
def test_at_most_five_per_cent_of_false_alarms() -> None:
    """Where cities do not differ, documents that hang together do not make a difference."""
    assert share_found(0.15, runs=2000, seed=1) <= 0.05


@pytest.mark.slow
def test_power_for_five_cities_is_what_is_published() -> None:
    """docs/decisions/0008 says what five cities of four documents let one see."""
    published = {0.3: 0.30, 0.45: 0.70, 0.6: 0.94}
    found = {share: share_found(share, runs=1000, seed=2) for share in published}
    assert found == pytest.approx(published, abs=0.06)


def test_too_few_documents_are_not_tested() -> None:
    """A city of one document is compared with nobody."""
    cities = np.array(["V", "W", "W", "X", "X"])
    counts, totals = np.ones((5, 1)), np.full((5, 1), 4.0)
    found = group_tests.permutation_p_values(counts, totals, cities, draws=99, seed=1)
    assert np.isnan(found["V"]).all()
    assert found["W"] == pytest.approx(1.0)


def test_a_word_of_one_city_stands_out_and_a_common_one_does_not() -> None:
    """Monroe et al.: the prior holds back rare words, the common ones cancel out."""
    here, there = np.array([20.0, 50.0, 1.0, 900]), np.array([2.0, 100.0, 0.0, 1900])
    ratio, score = group_tests.log_odds(here, there, (here + there) / 4)
    assert score[0] > 2 > abs(score[1])
    assert score[2] < score[0]
    assert ratio[0] > 0
