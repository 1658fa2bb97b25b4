"""Readable French names for themes: noun phrases as people wrote them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from pipeline import french
from pipeline.theming import content_words

_LINKS = frozenset({"de", "d'", "d’", "du", "des", "à", "au", "aux", "en"})
_ARTICLES = frozenset({"le", "la", "les", "l'", "l’"})
_JOIN = "_"
_SUITS = 0.35  # of the score of a theme's best concept: under it, another does not name the theme
_STEM = 5  # letters: « parents » says nothing more than « parentalité »


def noun_phrases(tokens: pd.DataFrame) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the terms of each statement and how each term is written.

    In: tokens (statement_id, token, text, lemma, pos). Out: statement id → terms (single nouns
    and phrases such as NOUN ADJ or NOUN de NOUN, lemmas joined by `_`), and term → its most
    frequent written form.
    """
    tokens = tokens.assign(term=content_words.content_terms(tokens))
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


def concept_scores(
    concepts: Sequence[Mapping[str, float]], labels: np.ndarray, *, least_share: float
) -> dict[int, dict[str, float]]:
    """Return, for each cluster, the concepts that may name it and how well they do.

    In: how much each statement speaks of each concept (0 to 1, or more), and its cluster (-1:
    none, but it counts as elsewhere). A concept may name a cluster when at least `least_share` of
    its statements, and two, speak of it. Its score is Dunning's log-likelihood (Computational
    Linguistics 19, 1993) of its presence here against elsewhere, the wider presence preferred among
    equals; a concept that is no more frequent here than elsewhere has none.
    """
    spoken = pd.DataFrame(
        [
            (k, c, min(w, 1.0))
            for k, said in zip(labels, concepts, strict=True)
            for c, w in said.items()
        ],
        columns=["cluster", "concept", "weight"],
    )
    everywhere = spoken.groupby("concept")["weight"].sum()
    sizes = Counter(labels.tolist())
    scores: dict[int, dict[str, float]] = {k: {} for k in sorted(sizes) if k >= 0}
    for (cluster, concept), n in spoken.groupby(["cluster", "concept"])["weight"].sum().items():
        size = sizes[cluster]
        share = n / size
        elsewhere = (everywhere[concept] - n + 0.5) / (len(labels) - size + 1)
        if cluster >= 0 and n >= max(2, least_share * size) and share > elsewhere:
            scores[cluster][concept] = float(n * np.log(share / elsewhere) * share**0.5)
    return scores


def allot(scores: Sequence[dict[str, float]], taken: Iterable[str]) -> list[str]:
    """Return the name of each theme, each used once, so that the sum of scores is the highest.

    In: the candidate names of each theme with their scores, and the names not to use. A name that
    suits a theme much less than its best one would mislead: a theme without any good candidate
    left has "".
    """
    scores = [
        {name: score for name, score in own.items() if score >= _SUITS * max(own.values())}
        for own in scores
    ]
    names = sorted({name for candidates in scores for name in candidates} - set(taken))
    if not names:
        return [""] * len(scores)
    table = np.array([[candidates.get(name, 0.0) for name in names] for candidates in scores])
    rows, columns = linear_sum_assignment(-table)
    chosen = [""] * len(scores)
    for row, column in zip(rows, columns, strict=True):
        if table[row, column] > 0:
            chosen[row] = names[column]
    return chosen


def qualified(scores: Mapping[str, float], words: Sequence[str]) -> list[str]:
    """Return names made of the concept that suits a theme best and of what sets the theme apart.

    « Soutien à la parentalité : pères »: for a theme whose concept already names another. In: the
    scores of its concepts, its keywords, the most telling first; those the concept already says
    are left out. Nothing without a concept.
    """
    if not scores:
        return []
    concept = max(sorted(scores), key=lambda name: scores[name])
    said = {word[:_STEM] for word in french.fold(concept).split()}
    return [
        f"{concept} : {word}"
        for word in words
        if not any(part[:_STEM] in said for part in french.fold(word).split())
    ]


def choose_label(
    ranked: Sequence[tuple[str, float]], written: dict[str, str], support: dict[str, int]
) -> str:
    """Return a label of one phrase or two nouns from a theme's terms, the most telling first.

    In: terms with their weight in the theme (contrasted with the other themes), their written
    form, and the number of statements of the theme that hold each.
    """
    scored = [
        (weight * np.log1p(support[term]) * (1.6 if _JOIN in term else 1.0), term)
        for term, weight in ranked
        if weight > 0 and term in written
    ]
    # What one statement alone says names a theme only for want of better.
    phrases = [(-score, term) for score, term in scored if _JOIN in term and support[term] >= 2]
    if phrases:
        return sentence([written[min(phrases)[1]]])
    chosen: list[str] = []
    for _, term in sorted(scored, key=lambda pair: (support[pair[1]] < 2, -pair[0], pair[1])):
        parts = set(term.split(_JOIN))
        if not any(parts & set(other.split(_JOIN)) for other in chosen):
            chosen.append(term)
        if len(chosen) == 2:
            break
    return sentence([written[term] for term in chosen])


def sentence(phrases: Sequence[str]) -> str:
    """Return phrases as one label: « Radios, images et astreintes »."""
    *first, last = phrases or [""]
    label = f"{', '.join(first)} et {last}" if first else last
    return label[:1].upper() + label[1:]


def keywords(
    ranked: Sequence[tuple[str, float]],
    written: dict[str, str],
    support: dict[str, int],
    *,
    most: int,
    fewest: int,
) -> list[str]:
    """Return the theme's first terms as written, without those that share a word with another.

    Terms said in one statement only come last, and only to reach `fewest`.
    """
    kept: list[str] = []
    for least in (2, 1):
        for term, weight in ranked:
            free = not any(_overlap(term, other) for other in kept)
            room = len(kept) < (most if least == 2 else fewest)
            if weight > 0 and term in written and support.get(term, 0) >= least and free and room:
                kept.append(term)
    return [written[term] for term in kept]


def _overlap(term: str, other: str) -> bool:
    return bool(set(term.split(_JOIN)) & set(other.split(_JOIN)))
