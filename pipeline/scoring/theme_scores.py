"""What a grouping of statements is worth, and a ranking of answers: scores and their intervals.

Labels are texts; "" stands for no theme and, where two groupings are compared, counts as a group.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, roc_auc_score

_WORDS_OF_A_THEME = 8


def interval(
    score: Callable[[np.ndarray], float],
    documents: np.ndarray,
    *,
    resamples: int,
    level: float,
    seed: int,
) -> tuple[float, float, float]:
    """Return a score on all rows, and the bounds of its interval, from halves of the documents.

    `score` takes the numbers of the rows to count, `documents` says whose each row is. A bootstrap
    with replacement would repeat documents, whose statements agree with themselves: mutual
    information would swell. The standard error is that of the delete-half jackknife: J. Shao and
    C. Wu, « A general theory for jackknife variance estimation », Annals of Statistics 17, 1989.
    """
    value = score(np.arange(len(documents)))
    names, number = np.unique(documents, return_inverse=True)
    generator = np.random.default_rng(seed)
    half = max(1, len(names) // 2)
    found = []
    for _ in range(resamples):
        chosen = np.isin(number, generator.choice(len(names), half, replace=False))
        found.append(score(np.flatnonzero(chosen)))
    error = float(np.nanstd(found, ddof=1)) * np.sqrt(half / max(1, len(names) - half))
    reach = float(norm.ppf((1 + level) / 2)) * error
    return value, value - reach, value + reach


def named(name: str, value: float, low: float, high: float) -> dict[str, float]:
    """Return a figure and its bounds under the names the metrics file gives them."""
    return {name: float(value), f"{name}_low": float(low), f"{name}_high": float(high)}


def ami(truth: np.ndarray, labels: np.ndarray) -> float:
    """Return the adjusted mutual information (Vinh et al. 2010): 0 by chance, 1 the same groups."""
    return float(adjusted_mutual_info_score(truth, labels)) if len(truth) else float("nan")


def ari(truth: np.ndarray, labels: np.ndarray) -> float:
    """Return the adjusted Rand index (Hubert and Arabie 1985): 0 by chance, 1 the same groups."""
    return float(adjusted_rand_score(truth, labels)) if len(truth) else float("nan")


def ami_within(truth: np.ndarray, labels: np.ndarray, tables: np.ndarray) -> float:
    """Return the mean over round tables of `ami`: telling round tables apart earns nothing."""
    scores = [ami(truth[tables == name], labels[tables == name]) for name in np.unique(tables)]
    return float(np.mean(scores)) if scores else float("nan")


def kept_share(before: np.ndarray, after: np.ndarray) -> float:
    """Return the share of rows that keep their group, once groups are matched one to one.

    The matching is the one that keeps the most rows (H. Kuhn 1955). Rows without group before do
    not count; 0 when none has one.
    """
    grouped = before != ""
    if not grouped.any():
        return 0.0
    counts = pd.crosstab(before[grouped], after[grouped]).drop(columns="", errors="ignore")
    rows, columns = linear_sum_assignment(-counts.to_numpy())
    return float(counts.to_numpy()[rows, columns].sum() / grouped.sum())


def coherence(labels: np.ndarray, words: sparse.csr_matrix) -> float:
    """Return the mean over groups of the NPMI of their most telling words, from -1 to 1.

    `words`: statements × words, 0 or 1. Words are ranked by class-based TF-IDF, the same for every
    method, and met within statements. -1 without any group of two words.
    G. Bouma, « Normalized (pointwise) mutual information in collocation extraction », 2009.
    """
    names = [name for name in np.unique(labels) if name]
    if not names:
        return -1.0
    groups = sparse.csr_matrix((labels[:, None] == np.array(names)).astype(float))
    counts = (groups.T @ words).toarray()
    totals = counts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = counts * np.log1p(totals.sum() / len(names) / totals)
    weights = np.nan_to_num(weights)
    best = np.argsort(-weights, axis=1, kind="stable")[:, :_WORDS_OF_A_THEME]
    scores = []
    for group, columns in enumerate(best):
        columns = columns[counts[group, columns] > 0]
        if len(columns) > 1:
            scores.append(_npmi(words[:, columns].toarray()))
    return float(np.mean(scores)) if scores else -1.0


def _npmi(met: np.ndarray) -> float:
    """Return the mean NPMI of the columns of a 0 or 1 table, two by two; never together: -1."""
    together = met.T @ met / len(met)
    alone = np.diagonal(together)
    with np.errstate(divide="ignore", invalid="ignore"):
        npmi = np.log(together / np.outer(alone, alone)) / -np.log(together)
    npmi = np.where(together == 0, -1.0, np.where(together == 1, 1.0, npmi))
    return float(npmi[np.triu_indices(len(npmi), 1)].mean())


def recall_at(scores: np.ndarray, right: np.ndarray, *, most: int) -> np.ndarray:
    """Return, for each row, the share of right columns among the `most` best scored.

    Out of `most`, or of the right columns where they are fewer. A score of 0 or less is no answer.
    NaN where no column is right.
    """
    order = np.argsort(-scores, axis=1, kind="stable")[:, :most]
    offered = np.take_along_axis(scores, order, axis=1) > 0
    hits = (np.take_along_axis(right, order, axis=1) & offered).sum(axis=1)
    possible = np.minimum(right.sum(axis=1), most)
    return np.where(possible > 0, hits / np.maximum(possible, 1), np.nan)


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Return the chance that a right pair is scored above a wrong one; NaN with one kind only."""
    if len(set(labels.tolist())) < 2:
        return float("nan")
    return float(roc_auc_score(labels, scores))


def calibration(labels: np.ndarray, chances: np.ndarray, *, bins: int = 10) -> dict[str, float]:
    """Return the Brier score, that of a constant, and the expected calibration error."""
    place = np.minimum((chances * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=labels - chances, minlength=bins)
    base = labels.mean()
    return {
        "brier": float(np.mean((labels - chances) ** 2)),
        "brier_constant": float(base * (1 - base)),
        "calibration_error": float(np.abs(gaps).sum() / len(labels)),
    }


def cross_fitted(labels: np.ndarray, scores: np.ndarray, cities: np.ndarray) -> np.ndarray:
    """Return the chance of each pair by a logistic curve fitted on the pairs of other cities.

    `cities`: n × 2, the obstacle's and the answer's. A pair is judged by a curve that has seen
    no pair whose obstacle is of the same city, and whose answer is.
    """
    chances = np.full(len(labels), labels.mean())
    for city in np.unique(cities[:, 0]):
        held = cities[:, 0] == city
        seen = ~(cities == city).any(axis=1)
        curve = LogisticRegression(C=1e3).fit(scores[seen, None], labels[seen])
        chances[held] = curve.predict_proba(scores[held, None])[:, 1]
    return chances
