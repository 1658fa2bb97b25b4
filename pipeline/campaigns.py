"""Texts sent several times: statements nearly alike (campaigns, templates), documents saved anew.

Copies are kept and counted; what a reader needs is to know that forty voices are one text.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from pipeline.french import fold

_WORD = re.compile(r"\w+")
# A document of fewer statements has too little to be told from another that says the same.
_LEAST_STATEMENTS = 3


def copies(texts: list[str], *, least_words: int, likeness: float) -> list[int]:
    """Return, for each text, the index of the first text it repeats (its own when it is the first).

    Case, accents, punctuation and word order do not count. Two texts of at least `least_words`
    words are copies when the words they share weigh at least `likeness` of all their words, a
    rare word weighing more (Jaccard index weighted by inverse document frequency): changing
    « policiers » to « médiateurs » in a short sentence makes another statement. Groups are
    connected components, so the result does not depend on the order of comparisons.
    """
    bags = [frozenset(_WORD.findall(fold(text))) for text in texts]
    first_of: dict[frozenset[str], int] = {}
    parents = list(range(len(texts)))
    distinct = []
    for index, (text, bag) in enumerate(zip(texts, bags, strict=True)):
        if len(_WORD.findall(text)) < least_words:
            continue
        parents[index] = first_of.setdefault(bag, index)
        if parents[index] == index:
            distinct.append(index)
    frequency = Counter(word for index in distinct for word in bags[index])
    weight = {word: math.log(1 + len(distinct) / n) for word, n in frequency.items()}
    for a, b in _candidates(distinct, bags, weight, likeness):
        shared = sum(sorted(weight[word] for word in bags[a] & bags[b]))
        everything = sum(sorted(weight[word] for word in bags[a] | bags[b]))
        if shared >= likeness * everything:
            first, second = sorted((_root(parents, a), _root(parents, b)))
            parents[second] = first
    return [_root(parents, index) for index in range(len(texts))]


def resent(documents: Sequence[Sequence[str]], *, share: float) -> dict[tuple[int, int], tuple]:
    """Return the statements of documents sent again: (document, statement) → the ones they repeat.

    `documents` are the texts of each, in the order in which a document can only repeat an earlier
    one. A document is another sent again (saved in another format, its header changed) when at
    least `share` of the statements of the longer of the two are in both, in the same words. It
    then repeats that one alone, and a statement of its own stays its own.
    """
    said = [[tuple(_WORD.findall(fold(text))) for text in texts] for texts in documents]
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    found: dict[tuple[int, int], tuple] = {}
    for number, texts in enumerate(said):
        counts = Counter(texts)
        shared = Counter(other for text in counts for other in holders[text])
        original = next(
            (
                other
                for other, n in sorted(shared.items(), key=lambda pair: (-pair[1], pair[0]))
                if n >= _LEAST_STATEMENTS
                and (counts & Counter(said[other])).total()
                >= share * max(len(texts), len(said[other]))
            ),
            None,
        )
        if original is None:
            for text in counts:
                holders[text].append(number)
            continue
        places: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, text in enumerate(said[original]):
            places[text].append(place)
        for place, text in enumerate(texts):
            if places[text]:
                found[number, place] = (original, places[text].pop(0))
    return found


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


def _candidates(
    distinct: list[int], bags: list[frozenset[str]], weight: dict[str, float], likeness: float
) -> list[tuple[int, int]]:
    """Return the pairs that may be copies.

    Such a pair shares one of the rarest words of each, those that weigh more than `1 - likeness` of
    the whole: only these are indexed (prefix filtering, Chaudhuri, Ganti & Kaushik, ICDE 2006).
    """
    index: dict[str, list[int]] = defaultdict(list)
    pairs: set[tuple[int, int]] = set()
    for number in distinct:
        words = sorted(bags[number], key=lambda word: (-weight[word], word))
        left = sum(weight[word] for word in words)
        needed = likeness * left - 1e-9
        for word in words:
            if left < needed:
                break
            left -= weight[word]
            pairs.update((other, number) for other in index[word])
            index[word].append(number)
    return sorted(pairs)
