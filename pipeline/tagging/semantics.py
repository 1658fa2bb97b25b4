"""What the words of a statement mean for its tag: a lack, a brake, a request, a result.

The meanings are those of `lexicons/semantic.csv`: lemmas and expressions of French public policy,
one row each. Thanks to them a rare word carries what frequent words of the same meaning teach.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from pipeline import french

# Parts of speech under which an entry may stand; the parser often hesitates between neighbours.
_PARTS_OF_SPEECH = {
    "nom": ("NOUN", "PROPN", "ADJ", "NUM"),
    "verbe": ("VERB", "AUX"),
    "adjectif": ("ADJ", "VERB", "NOUN"),
    "adverbe": ("ADV", "ADJ", "ADP", "CCONJ", "SCONJ", "NOUN"),
}


class Word(Protocol):
    """A parsed word: its form, lemma and part of speech."""

    text: str
    lemma: str
    pos: str


class Entry(NamedTuple):
    """An expression of the lexicon: its folded words, the parts of speech it may have, a meaning.

    An expression of several words has no part of speech of its own (an empty tuple).
    """

    words: tuple[str, ...]
    parts_of_speech: tuple[str, ...]
    meaning: str


@functools.cache
def _entries() -> dict[str, list[Entry]]:
    """Return the entries of the lexicon by their first word."""
    by_first: dict[str, list[Entry]] = {}
    for row in french.lexicon("semantic"):
        words = tuple(french.fold(row["expression"]).replace("'", "' ").split())
        allowed = _PARTS_OF_SPEECH[row["kind"]] if len(words) == 1 else ()
        by_first.setdefault(words[0], []).append(Entry(words, allowed, row["meaning"]))
    return by_first


@functools.lru_cache(maxsize=100_000)
def _forms(text: str, lemma: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((french.fold(lemma), french.fold(text))))


def meanings(words: Sequence[Word]) -> list[tuple[str, ...]]:
    """Return, for each word of a statement, the meanings it has alone or within an expression.

    A word of the lexicon is recognised by its lemma or its form, letters folded; the words of an
    expression must follow each other.
    """
    forms = [_forms(word.text, word.lemma) for word in words]
    found: list[dict[str, None]] = [{} for _ in words]
    for start, own in enumerate(forms):
        for entry in [e for form in own for e in _entries().get(form, ())]:
            if _stands_at(entry, start, words, forms):
                for place in range(start, start + len(entry.words)):
                    found[place][entry.meaning] = None
    return [tuple(own) for own in found]


def _stands_at(
    entry: Entry, start: int, words: Sequence[Word], forms: Sequence[tuple[str, ...]]
) -> bool:
    if len(entry.words) == 1:
        return words[start].pos in entry.parts_of_speech
    span = forms[start : start + len(entry.words)]
    return len(span) == len(entry.words) and all(
        word in own for word, own in zip(entry.words, span, strict=True)
    )
