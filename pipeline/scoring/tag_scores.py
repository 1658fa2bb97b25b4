"""How right tags are: confusion counts, F1 by tag, and intervals over documents."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.contract import TAGS

NONE = len(TAGS)  # what is given to a statement that has no tag: wrong, whatever is true


def codes(tags: pd.Series) -> np.ndarray:
    """Return the numbers of `tags`, in the order of TAGS; an empty tag is NONE."""
    return tags.map({tag: number for number, tag in enumerate((*TAGS, ""))}).to_numpy()


def confusion(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return counts, rows the true tag and columns the predicted one, in the order of TAGS.

    Statements without a predicted tag are in no column, and not counted here.
    """
    return _counts(np.zeros(len(truth), dtype=int), truth, predicted, 1)[0, :, :NONE]


def _counts(group: np.ndarray, truth: np.ndarray, predicted: np.ndarray, size: int) -> np.ndarray:
    """Return counts by group: true tag in rows, predicted tag or none in columns."""
    counts = np.zeros((size, len(TAGS), len(TAGS) + 1))
    np.add.at(counts, (group, truth, predicted), 1)
    return counts


def f1(counts: np.ndarray) -> np.ndarray:
    """Return F1 for each tag from counts (…, true, predicted); a tag never met: 0.

    A last column, of the statements without a tag, lowers recall only.
    """
    hits = np.diagonal(counts[..., :NONE], axis1=-2, axis2=-1)
    sizes = counts.sum(axis=-1) + counts[..., :NONE].sum(axis=-2)
    return 2 * hits / np.maximum(sizes, 1)


def scores(
    truth: np.ndarray,
    predicted: np.ndarray,
    doc: np.ndarray,
    *,
    resamples: int,
    level: float,
    seed: int,
) -> dict[str, Any]:
    """Return macro-F1 and F1 by tag with percentile intervals, documents drawn with replacement.

    `truth` and `predicted` are codes, `doc` the number of the document of each statement.
    Efron and Tibshirani, 1993, « An Introduction to the Bootstrap », chapter 13.
    """
    number = np.unique(doc, return_inverse=True)[1]
    by_doc = _counts(number, truth, predicted, number.max(initial=0) + 1)
    drawn = np.random.default_rng(seed).multinomial(
        len(by_doc), np.full(len(by_doc), 1 / len(by_doc)), size=resamples
    )
    samples = f1(np.einsum("rd,dij->rij", drawn, by_doc))
    bounds = ((1 - level) / 2, (1 + level) / 2)
    low, high = np.quantile(samples, bounds, axis=0)
    macro_low, macro_high = np.quantile(samples.mean(axis=1), bounds)
    found = f1(by_doc.sum(axis=0))
    return {
        "macro_f1": float(found.mean()),
        "macro_f1_low": float(macro_low),
        "macro_f1_high": float(macro_high),
        "f1": {
            name: {"f1": float(found[i]), "low": float(low[i]), "high": float(high[i])}
            for i, name in enumerate(TAGS)
        },
    }


def rounded(value: Any) -> Any:
    """Return the numbers of nested dictionaries to 4 decimals."""
    if isinstance(value, dict):
        return {key: rounded(own) for key, own in value.items()}
    return round(value, 4) if isinstance(value, float) else value
