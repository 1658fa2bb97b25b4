"""Who is who: mentions of a person, here and there, brought together, and found again everywhere.

The same full name is the same person in all documents. A last name alone is the one person of that
name in the document, else in the city; where several could be meant, it stays a person of its own.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pipeline.masking.name_context import Words
from pipeline.masking.name_words import (
    Mention,
    Token,
    Vocabulary,
    contexts,
    first_names,
    is_first_name,
    is_told,
    key_of,
    last_names,
    tokens_of,
)

_LONGEST = 6  # tokens of a name looked for in a text


@dataclass(frozen=True)
class Place:
    """Where a mention stands: its document, its city (slugs or ids; only compared)."""

    doc: str
    city: str


@dataclass
class Known:
    """The names met in the consultation, to find them again wherever they stand.

    `anywhere`: keys found in any case (« orvalec »); `capital`: by document, keys that are words
    or short, found with a capital inside a sentence; the values are (first, last) keys.
    """

    anywhere: dict[str, tuple[str, str]]
    capital: dict[str, dict[str, tuple[str, str]]]

    @functools.cached_property
    def _starts(self) -> set[str]:
        return _first_words(self.anywhere)

    def find(self, text: str, doc: str = "") -> list[Mention]:
        """Return the known names that `text` holds, the longest first."""
        tokens = tokens_of(text)
        local = self.capital.get(doc, {})
        found: list[Mention] = []
        starts = self._starts | _first_words(local) if local else self._starts
        i = 0
        while i < len(tokens):
            known = tokens[i].key.partition(" ")[0] in starts
            match = self._match(text, tokens, i, local) if known else None
            if match:
                size, first, last = match
                found.append(Mention(tokens[i].start, tokens[i + size - 1].end, first, last))
            i += match[0] if match else 1
        return found

    def _match(
        self, text: str, tokens: list[Token], i: int, local: Mapping[str, tuple[str, str]]
    ) -> tuple[int, str, str] | None:
        for size in range(min(_LONGEST, len(tokens) - i), 0, -1):
            key = " ".join(t.key for t in tokens[i : i + size])
            if key not in self.anywhere and key not in local:
                continue
            gaps = (
                text[a.end : b.start]
                for a, b in zip(tokens[i : i + size - 1], tokens[i + 1 : i + size], strict=True)
            )
            if any(gap.strip(" \u00a0\u202f-.") for gap in gaps):
                continue
            if key in self.anywhere:
                return size, *self.anywhere[key]
            if tokens[i].capital and _inside_sentence(text, tokens, i):
                return size, *local[key]
        return None


def _first_words(names: Iterable[str]) -> set[str]:
    return {name.partition(" ")[0] for name in names}


def _inside_sentence(text: str, tokens: list[Token], i: int) -> bool:
    if i == 0:
        return False
    gap = text[tokens[i - 1].end : tokens[i].start]
    article = tokens[i - 1].key in contexts("article")
    return not gap.strip() and not tokens[i].caps and not article


def known_names(mentions: Iterable[tuple[Place, Mention]], vocabulary: Vocabulary) -> Known:
    """Return what to look for everywhere, from the mentions found by rules.

    A full name, or a last name that is no French word and no city, is looked for in all documents,
    in any case; another, in its own document only, with a capital inside a sentence.
    """
    anywhere: dict[str, tuple[str, str]] = {}
    capital: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for place, mention in mentions:
        first, last = mention.first, mention.last
        if first and last and len(last) > 1 and len(first) > 1:
            anywhere.setdefault(f"{first} {last}", (first, last))
            anywhere.setdefault(f"{last} {first}", (first, last))
        for key, names in ((last, ("", last)), (first, (first, ""))):
            if len(key) < 3:
                continue
            if is_distinctive(key, vocabulary):
                anywhere.setdefault(key, names)
            elif not vocabulary.is_kept(key):
                capital[place.doc].setdefault(key, names)
    return Known(anywhere, dict(capital))


def outside_places(text: str, mentions: list[Mention], vocabulary: Vocabulary) -> list[Mention]:
    """Return the mentions that are not (in) the name of a place: « rue Orvalec »."""
    if not mentions:
        return []
    words = Words(text, vocabulary)
    places = [words.tokens[i] for i in words.places]
    return [m for m in mentions if not any(t.start < m.end and m.start < t.end for t in places)]


def is_distinctive(key: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a name is so much a name that it can be masked wherever it stands."""
    long_enough = len(key) > 3 and not any(part in vocabulary.keep for part in [key])
    return long_enough and not vocabulary.is_common(key)


def place_evidence(texts: Iterable[str]) -> set[str]:
    """Return the keys of the words that texts use as places: « à Corvillac »."""
    found: set[str] = set()
    for text in texts:
        for match in _PLACE.finditer(text):
            if match[0].startswith("à ") and is_told(text[: match.start()]):
                continue  # « demander à Orvalec »
            keys = [token.key for token in tokens_of(match["name"])]
            if not is_first_name(keys[0]):  # « merci à Karim »
                found |= {keys[0], " ".join(keys)}
    return found


_PLACE = re.compile(
    r"\b(?:[àÀ] |(?:ville|commune|mairie|tribunal(?: judiciaire| correctionnel| pour enfants)?|"
    r"préfecture|agglomération|métropole|centre-ville|maison d['’]arrêt|parquet|commissariat|CHU|"
    r"CH|hôpital|gare|"
    r"port|vallée|canton|pays|circonscription|bassin|tribunal de commerce|barreau|SPIP|université|"
    r"communauté de communes|communes|villes|police municipale|PM|CLSPD|CISPD|maires?|élue?s?|"
    r"préfète?|"
    r"sous-préfète?|conseillère?|adjointe?|habitants?|jeunes|riverains|commerçants|mères|parents|"
    r"familles|agents|policiers|quartiers?|côté|usagers|lycéens|élèves|étudiants) "
    r"(?:de |d['’]|du )|(?i:asso|association|bailleur|cabinet|collectif|entreprise|société|"
    r"logiciel|appli|application|réseau|dispositif|résidence|secteur|cité|centre|club|quartier|opération|"
    r"programme|plateforme|foyer|régie|fondation|fédération|syndicat|opérateur|éditeur|tour|zac) )"
    r"(?P<name>[A-ZÀ-Þ][\w'’]+(?:-[\w'’]+)*(?: [A-ZÀ-Þ][\w'’-]+)?)"
)


def weak_place_evidence(texts: Iterable[str]) -> set[str]:
    """Return the keys of the words with a capital that follow « de », « à », « entre ».

    They may be people (« le rapport d'Orvalec »): enough to doubt the language model, no more.
    """
    return {key_of(m["name"] or m["elided"]) for text in texts for m in _AFTER_OF.finditer(text)}


_AFTER_OF = re.compile(
    r"\b(?:de|à|en|entre|vers|depuis|sur|la|le|les|aux?|du) (?P<name>[A-ZÀ-Þ][\w'’]+(?:-[\w'’]+)*)"
    r"|\b[dl]['’](?P<elided>[A-ZÀ-Þ][\w'’]+(?:-[\w'’]+)*)"
)


class Registry:
    """Gives each mention the value of the person it names: « claire dupont », « dupont @lille ».

    Values that `earlier` holds (those of the key) stand for the person they stood for, so that tags
    stay the same when documents are added.
    """

    def __init__(self, mentions: Iterable[tuple[Place, Mention]], earlier: Collection[str]) -> None:
        self.earlier = earlier
        self.by_doc: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.by_city: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.civilities: dict[tuple[str, str], set[str]] = defaultdict(set)
        for place, mention in mentions:
            if _is_full(mention):
                self.by_doc[place.doc].add((mention.first, mention.last))
                self.by_city[place.city].add((mention.first, mention.last))
            elif mention.last and not mention.first and mention.civility:
                self.civilities[place.city, mention.last].add(mention.civility)

    def person(self, place: Place, mention: Mention) -> tuple[str, str]:
        """Return (value, alias): the person's value, and the value of who it is the same as or "".

        A value with an alias gets the alias's tag.
        """
        if _is_full(mention):
            return f"{mention.first} {mention.last}", ""
        own = " ".join(part for part in (mention.first, mention.last) if part)
        if mention.first and not mention.last:
            scoped = f"{own} @{place.doc}"
        else:
            both = len(self.civilities[place.city, mention.last]) > 1
            civility = f" ({mention.civility})" if both and mention.civility else ""
            scoped = f"{own}{civility} @{place.city}"
        attached = f"{scoped} #{place.doc}"
        here = _candidates(mention, self.by_doc[place.doc])
        if len(here) == 1:
            return attached, " ".join(here[0])
        if here:
            return scoped, ""
        if attached in self.earlier:
            return attached, ""
        in_city = _candidates(mention, self.by_city[place.city])
        if len(in_city) == 1 and scoped not in self.earlier:
            return attached, " ".join(in_city[0])
        return scoped, ""


def _candidates(mention: Mention, people: set[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(person for person in people if _fits(mention, person))


def _is_full(mention: Mention) -> bool:
    return len(mention.first) > 1 and len(mention.last) > 1 and " " not in mention.first[:2]


def _fits(mention: Mention, person: tuple[str, str]) -> bool:
    """Tell whether a partial mention can name a person: same names, initial, gender."""
    first, last = person
    gender = first_names().get(first, "x")
    if mention.civility and gender != "x" and mention.civility != gender:
        return False
    if mention.last and len(mention.last) > 1:
        same = mention.last == last or (
            mention.last in last.split() and mention.last in last_names()
        )
        return same and (not mention.first or first.startswith(mention.first[0]))
    if mention.last:
        return mention.first == first and last.startswith(mention.last)
    return mention.first == first
