"""Vectors of whole sentences: by the encoder that comes with the project, or by the user's own.

`e5-small-fr` is multilingual-e5-small (Wang et al., 2024, « Multilingual E5 Text Embeddings »)
cut down to its first layers and to French, its weights in 4 bits; the README beside it tells where
it comes from and what is lost. It runs on any processor through onnxruntime; nothing is downloaded.
"""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.contract import UserError

OWN = "e5-small-fr"
FOLDER = "sentence-transformers:"  # begins the name of an encoder that is a folder of this machine
_HERE = Path(__file__).parent
PREFIX = "query: "  # what the encoder was trained with before any text that is not a document
LONGEST = 200  # pieces of a sentence that are read
_BATCH = 16  # sentences


def vectors(texts: Sequence[str], *, encoder: str) -> np.ndarray:
    """Return one unit vector a text, in order; of width 0 when `encoder` is empty.

    `encoder` is « e5-small-fr » or « sentence-transformers:<folder> » (the library is optional).
    Raises UserError when it is neither, or when the folder or the library is missing.
    """
    if not encoder:
        return np.zeros((len(texts), 0), dtype=np.float32)
    if encoder == OWN:
        return _own_vectors(texts)
    if not encoder.startswith(FOLDER):
        raise UserError(
            f"L'encodeur de phrases « {encoder} » est inconnu : dans params.yaml, écrivez "
            f"« {OWN} » ou « {FOLDER}<dossier> », ou rien pour s'en passer."
        )
    found = _load_folder(encoder.removeprefix(FOLDER)).encode(
        list(texts), normalize_embeddings=True, show_progress_bar=False
    )
    return np.asarray(found, dtype=np.float32).reshape(len(texts), -1)


def _own_vectors(texts: Sequence[str]) -> np.ndarray:
    session, pieces = _load_own()
    read = [
        [pieces.bos_id(), *pieces.encode(PREFIX + text)[: LONGEST - 2], pieces.eos_id()]
        for text in texts
    ]
    width = session.get_outputs()[0].shape[1]
    found = np.zeros((len(texts), width), dtype=np.float32)
    # Sentences of like length together: little is computed for padding.
    order = sorted(range(len(read)), key=lambda row: len(read[row]))
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        longest = len(read[rows[-1]])
        numbers = np.full((len(rows), longest), pieces.pad_id(), dtype=np.int64)
        for i, row in enumerate(rows):
            numbers[i, : len(read[row])] = read[row]
        found[rows] = session.run(None, {"pieces": numbers})[0]
    return found


@functools.cache
def _load_own() -> tuple[Any, Any]:
    import onnxruntime  # neither is needed by most stages
    import sentencepiece

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Threads that wait without sleeping would take the processor from the other stages.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        str(_HERE / f"{OWN}.onnx"), options, providers=["CPUExecutionProvider"]
    )
    return session, sentencepiece.SentencePieceProcessor(model_file=str(_HERE / f"{OWN}.model"))


@functools.cache
def _load_folder(folder: str) -> Any:
    if not Path(folder).is_dir():
        raise UserError(
            f"Le dossier « {folder} » de l'encodeur de phrases n'existe pas : vérifiez "
            f"params.yaml, ou remettez « {OWN} »."
        )
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise UserError(
            "params.yaml demande un encodeur de phrases, mais sentence-transformers n'est pas "
            'installé : lancez « .venv/bin/pip install -e ".[transformers]" », ou remettez '
            f"« {OWN} »."
        ) from error
    return SentenceTransformer(folder, device="cpu", local_files_only=True)
