"""What whole sentences mean, by a sentence encoder: close where the words differ."""

from collections.abc import Sequence

import numpy as np
from sklearn.preprocessing import normalize

from pipeline.encoder import sentences

_COMMON = 3  # directions all sentences share: a hundredth of the 384 of e5-small-fr


def sentence_view(texts: Sequence[str], *, embedding: str) -> np.ndarray:
    """Return unit sentence vectors by an encoder of this machine, what they all share removed.

    In: texts as written, and the name of the encoder (`encoder.sentences`), "" to do without: the
    vectors then have no dimension. The mean and the strongest directions say what kind of sentence
    it is rather than its subject: Mu & Viswanath, « All-but-the-top », ICLR 2018. Raises UserError
    when the encoder is unknown or absent.
    """
    view = sentences.vectors(texts, encoder=embedding).astype(float)
    if len(view) <= 2 * _COMMON or view.shape[1] <= _COMMON:
        return normalize(view) if view.size else view
    view = view - view.mean(axis=0)
    common = np.linalg.svd(view, full_matrices=False)[2][:_COMMON]
    return normalize(view - view @ common.T @ common)
