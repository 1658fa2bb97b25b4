"""What subjects a statement speaks of, by a thesaurus: several words for one concept.

The thesaurus is a lexicon (`lexicons/concepts.csv` for urban security); another field of
consultation is another file of the same columns, named in params.yaml.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

from pipeline import french

_BROADER_WEIGHT = 0.5  # two statements of neighbouring concepts are half as alike

# « délai d'audience », « délais de l'audience »: small words do not tell concepts apart.
_SMALL_WORDS = frozenset(
    ["a", "au", "aux", "d'", "de", "des", "du", "en", "et", "l'", "la", "le", "les", "un", "une"]
)

Term = tuple[str, ...]


def thesaurus(name: str) -> dict[str, list[tuple[Term, str]]]:
    """Return the terms of a thesaurus, by first word: [(words, concept), …], the longest first.

    In: the name of a lexicon with the columns term, kind, concept, broader; "" gives none.
    Words are folded and small words dropped; an acronym stays in capitals: « TIG », not « tige ».
    """
    terms: dict[str, list[tuple[Term, str]]] = defaultdict(list)
    for row in french.lexicon(name) if name else ():
        written = row["term"] if row["kind"] == "acronyme" else french.fold(row["term"])
        words = [word for word in _words(written) if word not in _SMALL_WORDS]
        if words:
            terms[words[0]].append((tuple(words), row["concept"]))
    return {word: sorted(found, key=lambda t: (-len(t[0]), t)) for word, found in terms.items()}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+'|\w+", text.replace("-", " "))


def find(tokens: pd.DataFrame, terms: dict[str, list[tuple[Term, str]]]) -> dict[str, Counter[str]]:
    """Return, for each text (column `row` of tokens), the concepts it names and how often.

    A word of a term is found as written, as its lemma or in the plural. The longest term wins
    where several begin at the same word, and each word serves once.
    """
    spelled = [
        (row, _spellings(text, lemma))
        for row, text, lemma, pos in zip(
            *(tokens[column] for column in ("row", "text", "lemma", "pos")), strict=True
        )
        if pos != "PUNCT" and french.fold(text) not in _SMALL_WORDS
    ]
    return {
        row: _scan([forms for _, forms in words], terms)
        for row, words in itertools.groupby(spelled, key=lambda pair: pair[0])
    }


def _spellings(text: str, lemma: str) -> tuple[str, ...]:
    folded = french.fold(text)
    singular = folded[:-1] if folded[-1:] in ("s", "x") else folded
    return (text, folded, french.fold(lemma), singular)


def _scan(words: list[tuple[str, ...]], terms: dict[str, list[tuple[Term, str]]]) -> Counter[str]:
    concepts: Counter[str] = Counter()
    place = 0
    while place < len(words):
        candidates = [term for form in dict.fromkeys(words[place]) for term in terms.get(form, ())]
        fitting = [(term, concept) for term, concept in candidates if _fits(term, words, place)]
        if fitting:
            term, concept = max(fitting, key=lambda pair: len(pair[0]))
            concepts[concept] += 1
            place += len(term)
        else:
            place += 1
    return concepts


def _fits(term: Term, words: list[tuple[str, ...]], place: int) -> bool:
    window = words[place : place + len(term)]
    return len(window) == len(term) and all(
        word in forms for word, forms in zip(term, window, strict=True)
    )


def concept_view(found: Sequence[Counter[str]], name: str) -> np.ndarray:
    """Return one row per text: its concepts and their broader ones, the rare ones weighing more.

    Rows are unit length, or zero for a text that names no concept (n × concepts).
    """
    broader = {row["concept"]: f"▲{row['broader']}" for row in french.lexicon(name)} if name else {}
    columns = {c: i for i, c in enumerate(sorted({*broader, *broader.values()}))}
    view = np.zeros((len(found), max(len(columns), 1)))
    for row, concepts in enumerate(found):
        for concept, count in sorted(concepts.items()):
            view[row, columns[concept]] += np.log1p(count)
            view[row, columns[broader[concept]]] += _BROADER_WEIGHT * np.log1p(count)
    present = (view > 0).sum(axis=0)
    rarity = np.log((1 + len(found)) / (1 + present))
    return normalize(view * rarity) if len(found) else view
