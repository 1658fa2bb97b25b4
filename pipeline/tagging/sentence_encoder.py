"""Vectors of whole statements from a sentence encoder kept on this machine, when one is named.

The parameter `model` is then « sentence-transformers:<folder> »; the parse still comes from spaCy.
The library is optional (`pip install -e ".[transformers]"`) and never downloads anything here.
"""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.contract import UserError
from pipeline.french import SENTENCE_ENCODER


def vectors(texts: Sequence[str], *, model: str) -> np.ndarray:
    """Return one unit vector a text; of width 0 when `model` names no sentence encoder.

    Raises UserError when the folder or the library is missing.
    """
    if not model.startswith(SENTENCE_ENCODER):
        return np.zeros((len(texts), 0), dtype=np.float32)
    encoder = _load(model.removeprefix(SENTENCE_ENCODER))
    found = encoder.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(found, dtype=np.float32)


@functools.cache
def _load(folder: str) -> Any:
    if not Path(folder).is_dir():
        raise UserError(
            f"Le dossier « {folder} » de l'encodeur de phrases n'existe pas : vérifiez "
            "language.model dans params.yaml, ou remettez fr_core_news_md."
        )
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise UserError(
            "language.model demande un encodeur de phrases, mais sentence-transformers n'est pas "
            'installé : lancez « .venv/bin/pip install -e ".[transformers]" », ou remettez '
            "fr_core_news_md dans params.yaml."
        ) from error
    return SentenceTransformer(folder, device="cpu", local_files_only=True)
