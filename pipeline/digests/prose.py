"""French as the digests write it: typography, numbers, plurals, lists, places and dates.

The sentences made of these are in `sentences.py`.
"""

import re
from collections.abc import Mapping, Sequence

from pipeline.french import fold, lexicon

NARROW = "\u202f"
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
KEY_TAGS = ("constat", "frein", "bonne_pratique", "proposition")
ANSWER_TAGS = ("bonne_pratique", "proposition")

_WHITE = re.compile(r"[^\S\u00a0\u202f]+")
_BEFORE_MARK = re.compile(r"(?<=[^\s«])[ \u00a0\u202f]*([;:!?]+)(?=[\s»)\]”]|$)")
_SPACED_MARK = re.compile(r"(?<=\S)[ \u00a0]+([;:!?%])")
_OPENING = re.compile(r"«\s*(?=\S)")
_CLOSING = re.compile(r"(?<=\S)\s*»")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def typeset(text: str) -> str:
    """Return `text` with French spaces before ; : ! ? and inside « », words untouched.

    Control and direction-changing characters, which a reader cannot see, are dropped; times
    (14:30) and addresses (https:) keep their colon.
    """
    text = "".join(c for c in text if c.isprintable() or c.isspace())
    text = _WHITE.sub(" ", text).strip()
    text = _BEFORE_MARK.sub(rf"{NARROW}\1", text)
    text = _SPACED_MARK.sub(rf"{NARROW}\1", text)
    text = _OPENING.sub(f"«{NARROW}", text)
    return _CLOSING.sub(f"{NARROW}»", text)


def quoted(text: str) -> str:
    """Return `text` between French quotation marks; inner « » become “ ” as usage has it."""
    inner = typeset(text).replace(f"«{NARROW}", "“").replace(f"{NARROW}»", "”")
    return f"«{NARROW}{inner}{NARROW}»"


def number(value: int) -> str:
    """Return a whole number with its thousands apart: 12345 → « 12 345 »."""
    return f"{value:,}".replace(",", NARROW)


def decimal(value: float) -> str:
    """Return a number between 0 and 1 with two decimals and a comma."""
    return f"{value:.2f}".replace(".", ",")


def percent(share: float) -> str:
    """Return a share (0 to 1) as a whole percentage, without rounding something to nothing."""
    if 0 < share < 0.005:
        return f"moins de 1{NARROW}%"
    return f"{share * 100:.0f}{NARROW}%"


def between(low: float, high: float) -> str:
    """Return an interval of shares: « 3 à 12 % »."""
    return f"{low * 100:.0f} à {high * 100:.0f}{NARROW}%"


def plural(noun: str) -> str:
    """Return the plural of a regular noun and its adjectives: « tables rondes »."""
    return " ".join(word if word.endswith(("s", "x", "z")) else f"{word}s" for word in noun.split())


def count(value: int, noun: str, plural_noun: str = "") -> str:
    """Return a number and its noun, agreed: 0 and 1 take the singular in French."""
    return f"{number(value)} {noun if abs(value) < 2 else plural_noun or plural(noun)}"


def tag_label(tag: str) -> dict[str, str]:
    """Return the row of `lexicons/tag_labels.csv` for `tag`: label, plural, gender, definition."""
    return next(row for row in lexicon("tag_labels") if row["tag"] == tag)


def count_tag(value: int, tag: str) -> str:
    """Return « 1 frein », « 3 bonnes pratiques »."""
    label = tag_label(tag)
    return count(value, label["label"], label["plural"])


def tag_heading(tag: str, value: int = 2) -> str:
    """Return the tag's name as a heading, in the plural unless there is only one."""
    label = tag_label(tag)
    name = label["plural"] if value > 1 else label["label"]
    return capital(name)


def capital(text: str) -> str:
    """Return `text` with its first letter in capital, the others untouched."""
    return text[:1].upper() + text[1:]


def listing(items: Sequence[str]) -> str:
    """Return « A », « A et B » or « A, B et C »."""
    *head, last = items or ("",)
    return f"{', '.join(head)} et {last}" if head else last


def name(city: str) -> str:
    """Return a city's name as print has it: « L’Estrelle »."""
    return typeset(city.replace("'", "’"))


def at(city: str) -> str:
    """Return where: « à Vaubrune », « au Havre », « aux Abymes », « à La Rochelle »."""
    for article, contracted in (("Le ", "au "), ("Les ", "aux ")):
        if city.startswith(article):
            return contracted + city.removeprefix(article)
    return f"à {city}"


def of(city: str) -> str:
    """Return the complement: « d’Amiens », « du Havre », « des Abymes », « de L’Estrelle »."""
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if city.startswith(article):
            return contracted + city.removeprefix(article)
    return f"d’{city}" if _elides(city) else f"de {city}"


def _elides(city: str) -> bool:
    """Say whether « de » loses its vowel: usage decides for h and y, in `town_elisions.csv`."""
    known = {fold(row["name"]): row["elided"] == "oui" for row in lexicon("town_elisions")}
    name = fold(city)
    for start, elided in known.items():
        if re.match(rf"{re.escape(start)}\b", name):
            return elided
    return name[:1] in set("aeiou") or bool(re.match(r"y[^aeiouy]", name))


def places(cities: Sequence[str]) -> str:
    """Return « à A, à B et au C »."""
    return listing([at(city) for city in cities])


def date(iso: str) -> str:
    """Return an ISO date (year, month or day) in French; other texts as they are."""
    match = _ISO_DATE.fullmatch(iso)
    if not match or not 1 <= int(match[2] or 1) <= len(MONTHS):
        return iso
    year, month, day = match.groups()
    name = MONTHS[int(month) - 1] if month else ""
    ordinal = "1er" if day == "01" else (day or "").lstrip("0")
    return " ".join(part for part in (ordinal, name, year) if part)


def round_table(identifier: str) -> str:
    """Return « TR1 – Police municipale », or « Sans table ronde » when none is known."""
    labels = {row["id"]: row["label"] for row in lexicon("round_table_labels")}
    if identifier not in labels:
        return "Sans table ronde"
    return f"{identifier} – {labels[identifier]}"


def round_tables(identifiers: Sequence[str]) -> str:
    """Return one round table with its name, several by their short names: « TR2 et TR3 »."""
    if len(identifiers) > 1:
        return listing(sorted(identifiers))
    return round_table(identifiers[0] if len(identifiers) else "")


def tag_counts(counts: Mapping[str, int], tags: Sequence[str] = KEY_TAGS) -> str:
    """Return « 12 constats, 1 frein et 3 propositions », leaving out what was not found."""
    return listing([count_tag(counts[tag], tag) for tag in tags if counts.get(tag, 0)])


def sentence(text: str) -> str:
    """Return `text` with a capital and a full stop."""
    return f"{capital(text)}." if text else ""
