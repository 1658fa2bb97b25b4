"""Statistics for talk in groups: intervals, tests and contrasts that know statements hang together.

People around a table answer each other: a hundred statements of two documents are not a hundred
opinions. The unit drawn is the document of a round table, never the statement.
"""

import numpy as np
from scipy.stats import beta

_SMALL = 1e-9


def interval(n: float, denominator: float, *, level: float) -> tuple[float, float]:
    """Return the exact interval of a share: Clopper & Pearson, Biometrika 26, 1934.

    It never promises more than it holds, even for 0 of 3; without any case it is 0 to 1. Numbers
    need not be whole: `denominator` may be an effective sample size (`design_effect`).
    """
    if denominator <= 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, n, denominator - n + 1)) if n > 0 else 0.0
    high = float(beta.ppf(1 - tail, n + 1, denominator - n)) if n < denominator else 1.0
    return low, high


def design_effect(counts: np.ndarray, totals: np.ndarray, groups: np.ndarray) -> float:
    """Return by how much statements that hang together swell the variance of a share (1 or more).

    In: per document, the statements counted, all its statements, and its city. The variance
    between documents of a city (ratio estimator, Taylor linearisation) over that of independent
    statements, cities pooled. An interval is taken with the sample size divided by it: Korn &
    Graubard, Survey Methodology 24, 1998. Cities of one document say nothing of it; without any
    other it is 1.
    """
    found, expected = 0.0, 0.0
    for group in np.unique(groups):
        y, m = counts[groups == group], totals[groups == group]
        y, m = y[m > 0], m[m > 0]
        if len(y) < 2:
            continue
        share = y.sum() / m.sum()
        found += float(((y - share * m) ** 2).sum()) * len(y) / (len(y) - 1)
        expected += float(share * (1 - share) * m.sum())
    return max(1.0, found / expected) if expected > _SMALL else 1.0


def permutation_p_values(
    counts: np.ndarray, totals: np.ndarray, cities: np.ndarray, *, draws: int, seed: int
) -> dict[str, np.ndarray]:
    """Return, for each city, the p-value of the difference of its share from the other cities'.

    In: per document of one round table, the statements counted and all statements, both
    documents × questions, and its city. Whole documents are dealt again among the cities, each
    keeping its number of documents: valid however much the statements of a document hang together
    (Fisher 1935; Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010, for the + 1). NaN where
    the city or the others have fewer than two documents. Two-sided.
    """
    generator = np.random.default_rng(seed)
    names = sorted(set(cities.tolist()))
    own = np.array([cities == name for name in names], dtype=float)
    seen = _differences(own, counts, totals)
    beaten = np.ones(seen.shape)
    for _ in range(draws):
        dealt = own[:, generator.permutation(len(cities))]
        beaten += _differences(dealt, counts, totals) >= seen - _SMALL
    p_values = beaten / (draws + 1)
    enough = [2 <= int(row.sum()) <= len(cities) - 2 for row in own]
    return {
        name: row if several else np.full(len(row), np.nan)
        for name, row, several in zip(names, p_values, enough, strict=True)
    }


def _differences(own: np.ndarray, counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    inside, size = own @ counts, own @ totals
    outside, rest = counts.sum(axis=0) - inside, totals.sum(axis=0) - size
    return np.abs(inside / np.maximum(size, 1) - outside / np.maximum(rest, 1))


def log_odds(
    counts: np.ndarray, others: np.ndarray, prior: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how much more each word is said here than there, and its z-score.

    In: occurrences of each word here, elsewhere, and its pseudo-counts (more than 0). Log-odds
    ratio with an informative Dirichlet prior: Monroe, Colaresi & Quinn, « Fightin' Words »,
    Political Analysis 16, 2008, equations 16, 20 and 22. A rare word needs more to stand out.
    """
    here, there = counts + prior, others + prior
    ratio = np.log(here / (here.sum() - here)) - np.log(there / (there.sum() - there))
    return ratio, ratio / np.sqrt(1 / here + 1 / there)
