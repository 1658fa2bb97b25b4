"""Subjects follow one another: a document keeps to a theme for a while, then takes another.

Statements read one by one miss the allusions (« Cela ne suffit pas ») and take a passing word for a
subject. Once clusters are known, each statement is read again in its document.
"""

from typing import NamedTuple

import numpy as np
from sklearn.preprocessing import normalize

_SHARPNESS = 25.0  # how much one unit of likeness to a theme counts, in log-odds
_STAY = 0.5  # chance to keep to a theme, before a document has shown its own
_STAY_COUNTS = 4  # what that chance weighs, in statements
_PASSES = 3  # more would let large themes swallow the small ones


class Places(NamedTuple):
    """Where n statements stand: their document, section and position, one of each a statement."""

    documents: np.ndarray
    sections: np.ndarray
    positions: np.ndarray


def follow(
    labels: np.ndarray, headed: np.ndarray, places: Places, *, held: np.ndarray
) -> np.ndarray:
    """Return the cluster of each statement once its document is read from one end to the other.

    In: clusters (from 0), the vectors of the statements with their headings, as long as they are
    clear (`vectors.Views.headed`), where they stand, and which ones must stay where they are.
    A hidden Markov model (Rabiner, Proceedings of the IEEE 77, 1989) whose states are the clusters:
    a statement stays in the theme of the one before, or takes any theme, a section always takes
    any. How often a document stays is estimated from it: a list of one line a subject and the
    minutes of a debate are not read alike. A cluster left empty disappears.
    """
    number = int(labels.max()) + 1 if len(labels) else 0
    if number < 2:
        return labels
    order = np.lexsort((places.positions, places.documents))
    documents, sections = places.documents[order], places.sections[order]
    begins = np.flatnonzero(np.r_[True, documents[1:] != documents[:-1]])
    spans = list(zip(begins, np.r_[begins[1:], len(order)], strict=True))
    goes_on = np.r_[False, (documents[1:] == documents[:-1]) & (sections[1:] == sections[:-1])]
    rows, fixed = headed[order], held[order]
    first = np.eye(number)[labels[order]]
    belongs, stays = first, np.full(len(spans), _STAY)
    for _ in range(_PASSES):
        centres = normalize(belongs.T @ rows)
        share = (belongs.sum(axis=0) + 1) / (len(order) + number)
        fit = _SHARPNESS * rows @ centres.T
        fit = np.where(fixed[:, None], np.where(first > 0, fit, -np.inf), fit)
        fit = np.exp(fit - fit.max(axis=1, keepdims=True))
        belongs = np.zeros_like(first)
        for document, (start, end) in enumerate(spans):
            on = goes_on[start:end]
            chances, kept = smooth(fit[start:end], share, np.where(on, stays[document], 0.0))
            belongs[start:end] = chances
            stays[document] = (kept[on].sum() + _STAY_COUNTS * _STAY) / (on.sum() + _STAY_COUNTS)
    found = np.empty_like(labels)
    found[order] = belongs.argmax(axis=1)
    return np.unique(found, return_inverse=True)[1]


def smooth(fit: np.ndarray, share: np.ndarray, stays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the chance of each theme at each place of a document, and of having stayed in it.

    In: how well each place fits each theme (places × themes, up to a factor a place), the share of
    each theme, and the chance that a place stays in the theme of the one before (the first place's
    is not read). The forward-backward algorithm.
    """
    forward, backward = np.zeros_like(fit), np.ones_like(fit)
    for place, own in enumerate(fit):
        stay = stays[place] if place else 0.0
        forward[place] = (stay * forward[place - 1] + (1 - stay) * share) * own
        forward[place] /= forward[place].sum()
    for place in range(len(fit) - 2, -1, -1):
        after = fit[place + 1] * backward[place + 1]
        backward[place] = stays[place + 1] * after + (1 - stays[place + 1]) * (share @ after)
        backward[place] /= backward[place].sum()
    chances = forward * backward
    after = fit * backward
    same = stays[1:] * (forward[:-1] * after[1:]).sum(axis=1)
    other = (1 - stays[1:]) * (after[1:] @ share)
    return chances / chances.sum(axis=1, keepdims=True), np.r_[0.0, same / (same + other)]
