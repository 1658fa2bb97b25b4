"""What the parse of a statement says: who, in what mood, denied or not, and does the action exist.

Every function returns names, which the linear model and the network weigh; nothing is learned here.
"""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

MODALS = ("devoir", "falloir", "pouvoir", "vouloir", "savoir", "souhaiter", "permettre", "demander")
NEGATIONS = ("ne", "pas", "plus", "jamais", "aucun", "rien", "sans", "ni", "guère", "personne")
VERBS = ("VERB", "AUX")
_FUNCTION_WORDS = ("ADP", "AUX", "CCONJ", "DET", "PRON", "SCONJ", "PUNCT")
_ACTION_NOUN = re.compile(r"(?:tion|sion|ment|age|ance|ure|ise)s?$")
_LONG_WORD = 6  # letters, for its ending to say something
_LENGTHS = (3, 5, 8, 12, 18, 25, 35)
_PATTERNS = {
    "question": re.compile(r"\?\s*[»\"]?$"),
    "exclamation": re.compile(r"!\s*[»\"]?$"),
    "colon_end": re.compile(r":\s*$"),
    "colon": re.compile(r":\s+\S"),
    "quoted": re.compile(r"[«“\"]"),
    "bullet": re.compile(r"^\s*[-–—•*·]"),
    "numbered": re.compile(r"^\s*(\d+|[a-zA-Z])\s*[.)°]"),
    "brackets": re.compile(r"\("),
    "percent": re.compile(r"\d\s*%|pour cent"),
    "year": re.compile(r"\b(19|20)\d\d\b"),
    "hour": re.compile(r"\b\d{1,2}\s*h(\s*\d\d)?\b"),
    "euros": re.compile(r"€|\beuros?\b"),
    "ellipsis": re.compile(r"…|\.\.\."),
    "link": re.compile(r"www\.|https?:|@"),
}


class Token(NamedTuple):
    """One token of a statement; `head` is the token number of its head in the same statement."""

    token: int
    text: str
    lemma: str
    pos: str
    morph: str
    dep: str
    head: int


def shape(tokens: Sequence[Token]) -> list[str]:
    """Return the statement without its subject matter: function words, and parts of speech."""
    return [shape_of(t) for t in tokens]


def shape_of(token: Token) -> str:
    """Return a function word as it is, a verb by its mood, any other word by its part of speech."""
    if token.pos in _FUNCTION_WORDS or token.lemma in NEGATIONS:
        return token.lemma
    if token.pos == "VERB":
        return f"VERB-{mood(token)}"
    return token.pos


def mood(token: Token) -> str:
    """Return mood and tense of a verb: « IndPres », « CndPres », « Inf », « PartPast »."""
    if morph(token, "VerbForm") in ("Inf", "Part"):
        return morph(token, "VerbForm") + morph(token, "Tense")
    return morph(token, "Mood") + morph(token, "Tense")


def morph(token: Token, key: str) -> str:
    """Return one morphological trait of a token, empty when it has none."""
    return _traits(token.morph).get(key, "")


@functools.lru_cache(maxsize=4096)
def _traits(morphology: str) -> dict[str, str]:
    return dict(trait.split("=", 1) for trait in morphology.split("|") if "=" in trait)


def person(token: Token) -> str:
    """Return the person a pronoun stands for: « on », « ce », or person and number (« 1Plur »)."""
    if token.lemma in ("on", "ce", "cela", "ça"):
        return token.lemma
    return morph(token, "Person") + morph(token, "Number")


def marks(text: str, tokens: Sequence[Token], found: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the names of what parse, punctuation and meanings say of one statement.

    `found`: the meanings of each token, as `semantics.meanings` gives them.
    """
    names = [name for name, pattern in _PATTERNS.items() if pattern.search(text)]
    if not tokens:
        return [*names, "vide"]
    names.append(f"longueur {sum(len(tokens) > limit for limit in _LENGTHS)}")
    words = [t for t in tokens if t.pos not in ("PUNCT", "SPACE")] or list(tokens)
    names += [f"début {words[0].pos}", f"début {shape_of(words[0])}", f"fin {tokens[-1].text}"]
    verbs = [t for t in tokens if t.pos in VERBS]
    names += [f"verbe {mood(t)}" for t in verbs] or ["sans verbe"]
    if not any(morph(t, "VerbForm") == "Fin" for t in verbs):
        names.append("sans verbe conjugué")
    names += [f"modalité {t.lemma} {mood(t)}" for t in verbs if t.lemma in MODALS]
    names += [f"négation {t.lemma}" for t in tokens if t.lemma in NEGATIONS]
    names += [f"personne {p}" for p in sorted({person(t) for t in tokens if t.pos == "PRON"}) if p]
    names += [f"possessif {t.lemma}" for t in tokens if "Poss=Yes" in t.morph]
    names += [name for pos in ("NUM", "PROPN") for name in _presence(tokens, pos)]
    return names + _meanings(tokens, found) + _clause(tokens, found)


def _presence(tokens: Sequence[Token], pos: str) -> list[str]:
    n = sum(t.pos == pos for t in tokens)
    return [f"{pos} {min(n, 3)}"] if n else []


def denied(tokens: Sequence[Token]) -> set[int]:
    """Return the token numbers that a negation governs: its head, and what that head governs."""
    heads = {t.head for t in tokens if t.lemma in NEGATIONS}
    objects = {t.token for t in tokens if t.head in heads and t.dep in ("obj", "xcomp", "obl:arg")}
    return heads | objects


def _meanings(tokens: Sequence[Token], found: Sequence[tuple[str, ...]]) -> list[str]:
    negated = denied(tokens)
    return [
        f"sens {meaning}{' nié' if t.token in negated else ''}"
        for t, own in zip(tokens, found, strict=True)
        for meaning in own
    ]


def _clause(tokens: Sequence[Token], found: Sequence[tuple[str, ...]]) -> list[str]:
    """Return what the head of the sentence is, who does it to what, in what mood, denied or not."""
    head = next((t for t in tokens if t.dep.upper() == "ROOT"), tokens[0])
    senses = {t.token: own for t, own in zip(tokens, found, strict=True)}
    children = [t for t in tokens if t.head == head.token and t.token != head.token]
    subjects = [t for t in children if t.dep.startswith("nsubj")]
    conjugated = [t for t in (head, *children) if morph(t, "VerbForm") == "Fin"]
    tense = mood(conjugated[0]) if conjugated else mood(head)
    names = [f"tête {head.pos}", f"tête {head.pos} {tense}", f"tête {head.lemma}"]
    names += [f"tête {head.pos} {t.dep}" for t in children]
    names += [f"tête sens {meaning} {tense}" for meaning in senses[head.token]]
    names += [f"sujet {shape_of(t)} {tense}" for t in subjects]
    names += [f"sujet {t.lemma}" for t in subjects]
    names += [f"sujet sens {m} {tense}" for t in subjects for m in senses[t.token]]
    names += [f"objet sens {m}" for t in children if t.dep in _OBJECTS for m in senses[t.token]]
    names += _existence(head, children, tense)
    if any(t.lemma in NEGATIONS for t in children):
        names += ["tête niée", f"tête niée {head.lemma}"]
        names += [f"tête niée sens {meaning}" for meaning in senses[head.token]]
    return names + _asked(tokens, senses)


_OBJECTS = ("obj", "xcomp", "ccomp", "obl:arg", "nsubj:pass")


def _existence(head: Token, children: Sequence[Token], tense: str) -> list[str]:
    """Return whether the action is done, going on, only named, or asked for."""
    auxiliaries = [t for t in children if t.dep.startswith("aux")]
    names = ["passif" for t in children if t.dep in ("aux:pass", "nsubj:pass")]
    if head.pos in VERBS and morph(head, "Tense") == "Past" and auxiliaries:
        names.append(f"accompli {auxiliaries[0].lemma} {mood(auxiliaries[0])}")
    if head.pos == "NOUN" and not tense:
        names.append("action nommée" if _ACTION_NOUN.search(head.lemma) else "chose nommée")
    if head.pos == "VERB" and tense == "Inf":
        names.append("action à l'infinitif")
    return names


def _asked(tokens: Sequence[Token], senses: dict[int, tuple[str, ...]]) -> list[str]:
    """Return who should, can or wants: the subject of each modal, by shape and by meaning."""
    by_number = {t.token: t for t in tokens}
    names = []
    for t in tokens:
        governor = by_number.get(t.head)
        if governor is None or not t.dep.startswith("nsubj") or governor.lemma not in MODALS:
            continue
        names.append(f"{governor.lemma} {mood(governor)} sujet {shape_of(t)}")
        names += [f"{governor.lemma} {mood(governor)} sujet {m}" for m in senses[t.token]]
    return names


def word_marks(tokens: Sequence[Token], found: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """Return the names of each word of a statement: grammar, governor, ending and meanings.

    `found`: the meanings of each token, as `semantics.meanings` gives them.
    """
    by_number = {t.token: t for t in tokens}
    negated = {t.head for t in tokens if t.lemma in NEGATIONS}
    named = []
    for t, own in zip(tokens, found, strict=True):
        names = [f"pos {t.pos}", f"dep {t.dep}", f"lemme {t.lemma}", f"forme {shape_of(t)}"]
        if t.pos in VERBS:
            names += [f"mode {mood(t)}", f"pers {morph(t, 'Person')}{morph(t, 'Number')}"]
        elif t.pos == "PRON":
            names.append(f"pers {person(t)}")
        governor = by_number.get(t.head)
        if governor is not None and governor is not t:
            names += [f"gouv {governor.pos}", f"gouv {governor.lemma}"]
        if t.token in negated:
            names.append("nié")
        if len(t.text) >= _LONG_WORD:
            names += [f"fin {t.text.lower()[-n:]}" for n in (3, 4)]
        named.append(names + [f"sens {meaning}" for meaning in own])
    return named
