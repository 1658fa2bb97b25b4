"""Vectors of whole sentences: by the encoder that comes with the project, or by the user's own.

`e5-small-fr` is multilingual-e5-small (Wang et al., 2024, « Multilingual E5 Text Embeddings »)
cut down to its first layers and to French, its products in 8 bits; the README beside it tells where
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


def vectors(texts: Sequence[str], *, encoder: str) -> np.ndarray:
    """Return one unit vector a text, in order; of width 0 when `encoder` is empty.

    `encoder` is « e5-small-fr » or « sentence-transformers:<folder> » (the library is optional).
    Raises UserError when it is neither, or when the folder or the library is missing.
    """
    return read(texts, [()] * len(texts), encoder=encoder)[0]


def read(
    texts: Sequence[str], words: Sequence[Sequence[str]], *, encoder: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of `texts`, and what each of their `words` means where it stands.

    Words are given in their order, as they are written; a row each, one text after the other: the
    mean of the states of its pieces (about as long as a unit vector; zeros beyond what is read),
    in half precision. Only our own encoder tells them: of width 0 with another one.
    """
    if encoder == OWN:
        return _own(texts, words)
    nothing = np.zeros((sum(map(len, words)), 0), dtype=np.float16)
    if not encoder:
        return np.zeros((len(texts), 0), dtype=np.float32), nothing
    if not encoder.startswith(FOLDER):
        raise UserError(
            f"L'encodeur de phrases « {encoder} » est inconnu : dans params.yaml, écrivez "
            f"« {OWN} » ou « {FOLDER}<dossier> », ou rien pour s'en passer."
        )
    found = _load_folder(encoder.removeprefix(FOLDER)).encode(
        list(texts), normalize_embeddings=True, show_progress_bar=False
    )
    return np.asarray(found, dtype=np.float32).reshape(len(texts), -1), nothing


def _own(texts: Sequence[str], words: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    session, pieces = _load_own()
    width = session.get_outputs()[0].shape[1]
    sentences = np.zeros((len(texts), width), dtype=np.float32)
    states = np.zeros((sum(map(len, words)), width), dtype=np.float16)
    place = 0
    # One at a time: its vector then owes nothing to what is read with it, and is as fast.
    for row, (text, own) in enumerate(zip(texts, words, strict=True)):
        cut = pieces.encode(PREFIX + text, return_type="offset_mapping")
        numbers = [pieces.bos_id(), *cut["ids"][: LONGEST - 2], pieces.eos_id()]
        sentences[row], found = (part[0] for part in session.run(None, {"pieces": [numbers]}))
        spans = [(start - len(PREFIX), end - len(PREFIX)) for start, end in cut["offsets"]]
        for pieces_of_word in _pieces_of_words(text, own, spans[: LONGEST - 2]):
            if pieces_of_word:
                # The first state is that of the beginning of the sentence.
                states[place] = found[np.array(pieces_of_word) + 1].mean(axis=0)
            place += 1
    return sentences, states


def _pieces_of_words(
    text: str, words: Sequence[str], spans: Sequence[tuple[int, int]]
) -> list[list[int]]:
    """Return, for each word of a text, the numbers of the pieces that lie in it, even in part."""
    found, end, first = [], 0, 0
    for word in words:
        start = text.find(word, end)
        if start < 0:
            found.append([])
            continue
        end = start + len(word)
        while first < len(spans) and spans[first][1] <= start:
            first += 1
        last = first
        while last < len(spans) and spans[last][0] < end:
            last += 1
        found.append(list(range(first, last)))
    return found


@functools.cache
def _load_own() -> tuple[Any, Any]:
    import onnxruntime  # neither is needed by most stages
    import sentencepiece

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1  # a sentence is short: more threads would only wait
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
