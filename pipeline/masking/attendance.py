"""Lists of people: « Présents : … », columns of names, the labels of speakers."""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.french import fold, lexicon
from pipeline.masking.name_context import VOWEL, Found, Words
from pipeline.masking.name_words import (
    Mention,
    Token,
    acronyms,
    contexts,
    first_names,
    is_first_name,
    is_like_surname,
    key_of,
    last_names,
    roles,
    titles,
)


def fold_same_length(text: str) -> str:
    """Return `text` folded, each character for one, so that offsets stay those of the text."""
    return "".join(map(_fold_character, text))


@functools.lru_cache(maxsize=2000)
def _fold_character(character: str) -> str:
    return (fold(character) or character)[0]


_LABEL_REACH = 150  # characters at the head of a text where a label stands
_LABEL = re.compile(r"(?P<label>[^\W\d_][\w'’ -]{1,40}?)\s*[:=]\s*$")


@functools.cache
def list_label() -> re.Pattern[str]:
    """Return what announces names at the head of a folded text: « presents : », « contact : »."""
    labels = {r["form"] for r in lexicon("front_matter") if r["kind"] == "participants"}
    labels |= {r["form"] for r in lexicon("front_matter") if r["kind"] in ("label", "anywhere")
               and r["form"] not in contexts("libelle_sans_nom")}  # fmt: skip
    for kind in ("libelle_de_noms", "libelle", "libelle_sur"):
        labels |= {fold(form) for form in contexts(kind)}
    either = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    return re.compile(rf"\s*[-–•*]?\s*(?:{either})(?:\s*\([^)]*\))?\s*:\s*")


def follows_label(words: Words, i: int, kind: str) -> bool:
    """Tell whether token i follows a label of a kind: « Prénom : », « appelant = »."""
    label = _LABEL.search(words.text[: words.tokens[i].start])
    if not label:
        return False
    said = key_of(label["label"])
    return said in contexts(kind) or (kind != "libelle_prenom" and said.split(" ")[0] in roles())


def is_list_heading(text: str) -> bool:
    """Tell whether a heading or column announces names: « Présents », « Nom et prénom »."""
    plain = re.sub(r"[\s:]+$", "", fold(text))
    labels = {r["form"] for r in lexicon("front_matter") if r["kind"] == "participants"}
    return plain in labels or key_of(plain) in contexts("colonne")


def pieces(text: str, start: int) -> Iterable[tuple[int, int]]:
    """Return the (start, end) of what stands between commas, semicolons, brackets, dashes."""
    depth = 0
    place = start
    for i, c in enumerate(text[start:], start):
        if c in ",;/|\n(:•" or (c in "-–" and text[i - 1 : i].isspace()):
            if depth == 0:
                yield place, i
            depth += c == "("
            place = i + 1
        elif c == ")":
            depth = max(depth - 1, 0)
            place = i + 1
    if depth == 0:
        yield place, len(text.rstrip(". "))


def listed(words: Words, *, whole: bool) -> Iterator[Found]:
    """« Présents : Dupont (PM), benali, LE GOFF Yann (mairie) »; « Secrétaire : Dupont ».

    `whole`: the text is all list, as a column headed « Nom ».
    """
    match = list_label().match(fold_same_length(words.text[:_LABEL_REACH]))
    start = 0 if whole else match.end() if match else _bare_list_start(words)
    if start is None:
        return
    people = whole or _is_attendance(words.text)
    for a, b in pieces(words.text, start):
        inside = [i for i, t in enumerate(words.tokens) if a <= t.start and t.end <= b]
        while inside and (words.tokens[inside[0]].key in titles() or words.key(inside[0]) == "et"):
            inside.pop(0)
        if not inside or len(inside) > 4:
            continue
        if words.tokens[inside[0]].text in ("le", "la", "les", "l'", "l’", "un", "une"):
            continue  # « Excusés : le RASED »
        named = len(inside) == 2 and words.tokens[inside[0]].key in first_names()
        if any(i in words.places for i in inside[named:]) and not named:
            continue
        tokens = [words.tokens[i] for i in inside]
        if all(_is_listed(words, i, people=people) for i in inside):
            first = next((t.key for t in tokens if t.key in first_names()), "")
            last = " ".join(t.key for t in tokens if t.key != first) if first else (
                " ".join(t.key for t in tokens))  # fmt: skip
            yield (
                inside[0],
                inside[-1] + 1,
                Mention(tokens[0].start, tokens[-1].end, first, last),
            )


# What stands after a name at the head of a line or alone in a cell.
_CLOSES = re.compile(r"\s*(?:[|;,(/–—-]|$)", re.MULTILINE)
_HEAD = re.compile(r"[\s\d.)(*•–—-]*(?:(?:M|Mme|MME|Mlle)\.?\s)?")
# « ORVALEC | Maï | … »: a name in a cell, another in the next.
_CELLS = re.compile(r"(?P<last>[^|;\t\n]+?)\s*[|;\t]\s*(?P<first>[^|;\t\n]+?)\s*(?:[|;\t]|$)")
_CONTACT = re.compile(r"[\w.+-]+@\w|\b0[1-9](?:[\s.-]?\d\d){4}\b")
_REACH = 3  # lines before and after in which others are looked for


def lines_among_names(begins: Sequence[bool]) -> list[bool]:
    """Tell which lines of a document stand in a list of people, two near them being one's.

    In: whether each line, in order, begins with a person (`begins_with_person`).
    """
    return [
        sum(begins[max(i - _REACH, 0) : i]) + sum(begins[i + 1 : i + 1 + _REACH]) >= 2
        for i in range(len(begins))
    ]


def begins_with_person(text: str, mentions: Iterable[Mention]) -> bool:
    """Tell whether a line begins with a person, then a dash, a cell, a bracket or nothing."""
    return any(
        m.last and _HEAD.fullmatch(text, 0, m.start) and _CLOSES.match(text, m.end)
        for m in mentions
    )


def in_columns(words: Words, *, among: bool) -> Iterator[Found]:
    """« ORVALEC | Maï | Mission locale | orvalec@… »: a last name, then a first name unknown.

    `among`: the lines around begin with people; else a contact in the row must tell it is one's.
    """
    cells = _CELLS.match(words.text)
    if not cells or not (among or _CONTACT.search(words.text, cells.end())):
        return
    last = [i for i, t in enumerate(words.tokens) if t.end <= cells.end("last")]
    first = [i for i, t in enumerate(words.tokens) if cells.start("first") <= t.start < cells.end()]
    if not _is_last_name(words, last) or not _is_given(words, first):
        return
    yield words.mention(last[0], last[-1] + 1, first_until=last[0])
    yield words.mention(first[0], first[-1] + 1, first_until=first[-1] + 1)


def at_head(words: Words) -> Iterator[Found]:
    """« 6. LY Maï – animatrice », « Maï LY (CCAS) », where the lines around begin with people."""
    head = _after_number(words)
    caps = [i for i in head if words.tokens[i].caps]
    others = [i for i in head if not words.tokens[i].caps]
    if not _is_last_name(words, caps) or not _is_given(words, others):
        return
    apart = caps[-1] - caps[0] + 1 == len(caps) and others[-1] - others[0] + 1 == len(others)
    if apart and _CLOSES.match(words.text, words.tokens[head[-1]].end):
        first, last = (" ".join(words.key(i) for i in part) for part in (others, caps))
        place = words.tokens[head[0]].start, words.tokens[head[-1]].end
        yield head[0], head[-1] + 1, Mention(*place, first, last)


def _after_number(words: Words) -> list[int]:
    """Return the tokens at the head of the text, its number apart, up to the first sign."""
    start = next((i for i, t in enumerate(words.tokens) if not t.text.isdigit()), 0)
    if not words.tokens or not words.opens_line(start):
        return []
    end = start + 1
    while words.adjacent(end):
        end += 1
    return list(range(start, end))


def _is_last_name(words: Words, inside: Sequence[int]) -> bool:
    """Tell whether capitals are a last name in a list of people: « DE LA ORVALE », « LY »."""
    tokens = [words.tokens[i] for i in inside]
    body = [t for t in tokens if t.key not in contexts("particule")]
    if not body or len(tokens) > 4 or words.places.intersection(inside):
        return False
    never = acronyms() | roles() | titles() | contexts("mot_outil")
    if all(t.caps for t in tokens) and " ".join(t.key for t in tokens) in last_names():
        return len(tokens) > 1 or tokens[0].key not in never  # « LE GALL »
    return all(t.caps for t in tokens) and all(
        t.key not in never and VOWEL.search(t.key) and _is_like_name(words, t) for t in body
    )


def _is_like_name(words: Words, token: Token) -> bool:
    """Tell whether a word is no French word, or one that people are named."""
    return token.key in last_names() or not words.vocabulary.is_common(token.key)


def _is_given(words: Words, inside: Sequence[int]) -> bool:
    """Tell whether one or two words with a capital can be a first name."""
    tokens = [words.tokens[i] for i in inside]
    if not tokens or len(tokens) > 2 or words.places.intersection(inside):
        return False
    never = roles() | titles() | contexts("corps") | contexts("lieu") | contexts("lieu_de")
    return all(
        t.capital and not t.caps and t.key not in never
        and (is_first_name(t.key) or not words.vocabulary.is_common(t.key))
        for t in tokens
    )  # fmt: skip


def _is_listed(words: Words, i: int, *, people: bool) -> bool:
    token = words.tokens[i]
    if token.key in contexts("particule") and token.capital:
        return True
    if token.text[0].isdigit() or words.is_acronym(token) or token.key in acronyms():
        return False
    if token.key in contexts("particule") or token.key in first_names() or token.initial:
        return True
    if token.key in roles() or len(token.key) < 2:
        return False
    if words.text[token.end : token.end + 1] == "." and len(token.text) == 2:
        return True  # « ABADIE Ch. »
    if token.caps and len(token.text) < 5 and token.key not in last_names():
        return False  # an acronym we do not know
    if token.text.islower() and words.text != words.text.lower():
        return token.key in last_names()
    if token.key in last_names() or not words.vocabulary.is_common(token.key):
        return True
    # « Excusés : Pruneau (SDIS) »: a noun with a capital, what it stands for in brackets.
    ends = re.match(r"\s*(?:[(,;.]|$)", words.text[token.end :])
    return people and bool(ends) and is_like_surname(token.key)


def _bare_list_start(words: Words) -> int | None:
    """Return where a text is nothing but names, one of them frequent.

    « Sont élus : Petit, Ozon, Le Goff »; None where it is something else.
    """
    for start in (0, words.text.find(":") + 1):
        parts = [words.text[a:b].strip() for a, b in pieces(words.text, start)]
        if len(parts) < 3 or any(not p[:1].isupper() or len(p) > 40 for p in parts):
            continue
        inside = [i for i, t in enumerate(words.tokens) if t.start >= start]
        known = any(words.tokens[i].key in last_names() or words.is_first(i) for i in inside)
        if known and all(
            words.tokens[i].capital and i not in words.places and _is_listed(words, i, people=False)
            for i in inside
        ):
            return start
    return None


def _is_attendance(text: str) -> bool:
    """Tell whether a list announces people, and nothing else: « Excusés : »."""
    label = key_of(text.partition(":")[0].strip(" -–•*"))
    return label in contexts("libelle_de_noms") | participants()


@functools.cache
def participants() -> frozenset[str]:
    """Return the keys of what announces an attendance list."""
    return frozenset(
        key_of(r["form"]) for r in lexicon("front_matter") if r["kind"] == "participants"
    )


def labelled(words: Words) -> list[Mention]:
    """Return who a speaker's label names, if it is no role and has no title: « ILVOREC »."""
    tokens = [t for t in words.tokens if t.key not in contexts("particule")]
    if not tokens or len(words.tokens) > 3 or words.places:
        return []
    if not all(_can_be_speaker(words, t) for t in tokens):
        return []
    alone = words.tokens[0]
    if (
        len(words.tokens) == 1
        and alone.caps
        and len(alone.text) < 5
        and alone.key not in last_names()
    ):
        return []
    first = alone.key if len(words.tokens) > 1 and alone.key in first_names() else ""
    last = " ".join(t.key for t in (words.tokens[1:] if first else words.tokens))
    return [Mention(alone.start, words.tokens[-1].end, first, last)]


def _can_be_speaker(words: Words, token: Token) -> bool:
    if not token.capital or words.is_acronym(token):
        return False
    if token.key in roles() | titles() | acronyms() | contexts("mot_outil"):
        return False
    return token.key in last_names() or not words.vocabulary.is_common(token.key)
