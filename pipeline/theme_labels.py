"""Readable French names for themes: noun phrases as people wrote them."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from pipeline import vectors

_LINKS = frozenset({"de", "d'", "d’", "du", "des", "à", "au", "aux", "en"})
_ARTICLES = frozenset({"le", "la", "les", "l'", "l’"})
_JOIN = "_"


def noun_phrases(tokens: pd.DataFrame) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the terms of each statement and how each term is written.

    In: tokens (statement_id, token, text, lemma, pos). Out: statement id → terms (single nouns
    and phrases such as NOUN ADJ or NOUN de NOUN, lemmas joined by `_`), and term → its most
    frequent written form.
    """
    tokens = tokens.assign(term=vectors.content_terms(tokens))
    found: dict[str, list[str]] = {}
    forms: dict[str, Counter[str]] = {}
    for statement_id, group in tokens.groupby("statement_id", sort=True):
        words = list(zip(group["text"], group["pos"], group["term"], strict=True))
        terms = []
        for start in range(len(words)):
            for term, form in _phrases_at(words, start):
                terms.append(term)
                forms.setdefault(term, Counter())[form] += 1
        found[str(statement_id)] = terms
    written = {
        t: max(sorted(c), key=lambda form: (c[form], form)) for t, c in sorted(forms.items())
    }
    return found, written


def _phrases_at(words: Sequence[tuple[str, str, str]], start: int) -> list[tuple[str, str]]:
    text, pos, term = words[start]
    is_noun = bool(term) and (pos == "NOUN" or term.isupper())
    if not is_noun:
        return []
    head = text if term.isupper() else text.lower()
    phrases = [(term, head)]
    rest = words[start + 1 : start + 4]
    if rest and rest[0][1] == "ADJ" and rest[0][2]:
        phrases.append((term + _JOIN + rest[0][2], f"{head} {rest[0][0].lower()}"))
    elif rest and rest[0][0].lower() in _LINKS:
        link, after = rest[0][0].lower(), rest[1:]
        if after and after[0][0].lower() in _ARTICLES:
            link, after = f"{link} {after[0][0].lower()}", after[1:]
        if after and after[0][2] and (after[0][1] == "NOUN" or after[0][2].isupper()):
            space = "" if link[-1] in "'’" else " "
            tail = after[0][0] if after[0][2].isupper() else after[0][0].lower()
            phrases.append((term + _JOIN + after[0][2], f"{head} {link}{space}{tail}"))
    return phrases


def name_by_concept(
    concepts: Sequence[Iterable[str]], labels: np.ndarray, *, least_share: float
) -> dict[int, list[str]]:
    """Return the concepts that name each cluster, the most telling first.

    In: the concepts each statement speaks of, and its cluster. A concept names a cluster when at
    least `least_share` of its statements speak of it; concepts are ranked by how many do, times
    the logarithm of how much more often than elsewhere.
    """
    clusters = sorted(set(labels.tolist()))
    everywhere = Counter(c for spoken in concepts for c in set(spoken))
    names = {}
    for cluster in clusters:
        inside = [set(spoken) for spoken, k in zip(concepts, labels, strict=True) if k == cluster]
        counts = Counter(concept for spoken in inside for concept in spoken)
        scores = {}
        for concept, n in counts.items():
            elsewhere = (everywhere[concept] - n + 1) / (len(labels) - len(inside) + 1)
            if n >= max(2, least_share * len(inside)):
                scores[concept] = n * np.log(1 + n / len(inside) / elsewhere)
        names[cluster] = sorted(scores, key=lambda concept: (-scores[concept], concept))
    return names


def choose_label(
    ranked: Sequence[tuple[str, float]], written: dict[str, str], support: dict[str, int]
) -> str:
    """Return a label of one or two noun phrases from a theme's terms, the most telling first.

    In: terms with their weight in the theme (contrasted with the other themes), their written
    form, and the number of statements of the theme that hold each.
    """
    scored = [
        (weight * np.log1p(support[term]) * (1.6 if _JOIN in term else 1.0), term)
        for term, weight in ranked
        if weight > 0 and term in written
    ]
    chosen: list[str] = []
    for _, term in sorted(scored, key=lambda pair: (-pair[0], pair[1])):
        parts = set(term.split(_JOIN))
        if not any(parts & set(other.split(_JOIN)) for other in chosen):
            chosen.append(term)
        if len(chosen) == 2:
            break
    names = [written[term] for term in chosen]
    label = " et ".join(names)
    return label[:1].upper() + label[1:]


def keywords(
    ranked: Sequence[tuple[str, float]], written: dict[str, str], *, most: int
) -> list[str]:
    """Return the theme's first terms as written, without those a longer one already holds."""
    kept: list[str] = []
    for term, weight in ranked:
        if weight > 0 and term in written and not any(_overlap(term, other) for other in kept):
            kept.append(term)
    return [written[term] for term in kept[:most]]


def _overlap(term: str, other: str) -> bool:
    return bool(set(term.split(_JOIN)) & set(other.split(_JOIN)))
