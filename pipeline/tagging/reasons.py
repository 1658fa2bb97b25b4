"""Why a statement got its tag, in words an analyst can dispute: heading, cues, strongest words."""

import numpy as np
from scipy import sparse

from pipeline import french
from pipeline.tagging.features import Encoder

_WORDS_SHOWN = 3
_CUES_SHOWN = 4


def strongest_words(
    encoder: Encoder,
    coefficients: np.ndarray,
    lemmas: sparse.csr_matrix,
    chosen: np.ndarray,
    *,
    model: str,
) -> list[list[str]]:
    """Return, for each statement, the lemmas that weigh most for its tag against the others.

    `coefficients` (lemmas × tags) and `lemmas` (statements × lemmas) are those of the linear model;
    `chosen` is the column of the tag of each statement.
    """
    names = encoder.names["lemma"]
    usable = np.array([_says_something(name, model) for name in names])
    advantage = coefficients - coefficients.mean(axis=1, keepdims=True)
    shown = []
    for row, tag in enumerate(chosen):
        span = slice(lemmas.indptr[row], lemmas.indptr[row + 1])
        found = lemmas.indices[span]
        gains = lemmas.data[span] * advantage[found, tag] * usable[found]
        best = [found[i] for i in np.argsort(-gains, kind="stable") if gains[i] > 0]
        shown.append(_distinct([names[i] for i in best], _WORDS_SHOWN))
    return shown


def _says_something(name: str, model: str) -> bool:
    """Return whether a sequence of lemmas begins and ends with a word that is no stop word."""
    vocabulary = french.load_spacy(model).vocab
    words = name.split()
    return all(w.isalpha() and not vocabulary[w].is_stop for w in (words[0], words[-1]))


def _distinct(words: list[str], most: int) -> list[str]:
    """Return the first `most` expressions, without those that hold or lie within one of them."""
    kept: list[str] = []
    for word in words:
        if len(kept) < most and not any(word in k or k in word for k in kept):
            kept.append(word)
    return kept


def sentence(heading: str, cues: list[str], words: list[str]) -> str:
    """Return the reasons of a tag as an analyst reads them; parts without content are left out."""
    parts = [
        f"titre «\u202f{heading}\u202f»" if heading else "",
        f"indices\u202f: {', '.join(_distinct(cues, _CUES_SHOWN))}" if cues else "",
        f"mots\u202f: {', '.join(words)}" if words else "",
    ]
    return "\u202f; ".join(part for part in parts if part)
