"""Personal data with a shape of their own: e-mails, phones, NIR, IBAN, plates, street addresses.

Written, dictated (« arobase », « zéro six douze »…) or badly scanned (« O6 l2 34 56 78 »). People's
names have no shape: see `names.py`.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.french import fold, lexicon
from pipeline.masking import spoken_numbers

KINDS = ("PERSONNE", "COURRIEL", "TELEPHONE", "NIR", "IBAN", "PLAQUE", "ADRESSE")


@dataclass(frozen=True)
class Datum:
    """A personal datum in a text: where it stands, its kind, and what tells it from another."""

    start: int
    end: int
    kind: str
    value: str


def find(text: str) -> list[Datum]:
    """Return the personal data of `text` that have a shape, in order, none overlapping another.

    `value` is the same however the datum is written: digits of a phone, an e-mail in lower case.
    """
    finders = (_emails, _ibans, _social_security, _phones, _addresses, _plates)
    return without_overlap(datum for finder in finders for datum in finder(text))


def without_overlap(data: Iterable[Datum]) -> list[Datum]:
    """Return the data in order of the text; of two that overlap, the one given first stays."""
    kept: list[Datum] = []
    for datum in data:
        if all(datum.end <= k.start or datum.start >= k.end for k in kept):
            kept.append(datum)
    return sorted(kept, key=lambda d: d.start)


# --- e-mails

_TLD = r"(?:fr|com|org|net|eu|info|asso|gouv|paris|bzh|corsica|alsace|re|be|ch|io|pro|mail|me|edu)"
_WORD = r"[a-zA-ZÀ-ÿ0-9]+"
_WRITTEN = re.compile(
    rf"[\w.+%'-]*\w\s?[@©®]\s?\w[\w-]*(?:\s?\.\s?(?={_TLD}\b)[a-z]+|\.\w[\w-]*)*(?:\s?\.\s?{_TLD}\b|\.[a-z]{{2,24}}\b)",
    re.IGNORECASE,
)
_DOT = r"(?:\s*[(\[{]\s*(?:point|dot|pt)\s*[)\]}]\s*|\s+(?:point|dot|pt)\s+|\s*\.\s*(?=[a-z]))"
_DASH = (
    r"(?:\s+(?:tiret(?:\s+(?:du\s+)?(?:bas|six|huit|haut))?|underscore|moins|trait d'union)\s+|"
    r"\s?[-_]\s?)"
)
_AT = (
    r"(?:\s*[(\[{<]\s*(?:at|arobase|a|chez|@)\s*[)\]}>]\s*|"
    r"\s+(?:arr?obas(?:e|se)?|arobaze|a\s?robase|at\s?sign)\s+)"
)
_SPELT = r"(?:[a-zA-Z](?:[\s-][a-zA-Z]){2,}(?![a-zA-ZÀ-ÿ]))"
_PART = rf"(?:{_SPELT}|{_WORD})"
# « sacko quatre-vingt-treize arobase », « karim 93 »
_SAID = rf"(?:{spoken_numbers.WORDS})(?![^\W\d_])"
_FIGURES = rf"(?:\s+(?:\d{{1,4}}|{_SAID}(?:[\s-]+(?:et[\s-]+)?{_SAID}){{0,7}}))?"
_LOCAL = rf"{_PART}{_FIGURES}(?:(?:{_DOT}|{_DASH}){_PART}{_FIGURES})*"
_DOMAIN = rf"{_WORD}(?:(?:{_DOT}|{_DASH}){_WORD})*"
_DICTATED = re.compile(rf"(?<!\w){_LOCAL}{_AT}{_DOMAIN}", re.IGNORECASE)
_LOOSE_AT = re.compile(
    rf"(?<!\w){_LOCAL}\s+at\s+{_WORD}(?:(?:{_DOT}|{_DASH}){_WORD})*?{_DOT}{_TLD}\b", re.IGNORECASE
)
_SAID_DOT = re.compile(rf"{_DOT}", re.IGNORECASE)
_SAID_DASH = re.compile(rf"{_DASH}", re.IGNORECASE)
_SAID_AT = re.compile(rf"{_AT}|\s+at\s+|\s?[@©®]\s?", re.IGNORECASE)


def _emails(text: str) -> Iterator[Datum]:
    for pattern in (_WRITTEN, _DICTATED, _LOOSE_AT):
        for match in pattern.finditer(text):
            value = _SAID_AT.sub("@", match.group(), count=1)
            value = _SAID_DASH.sub("-", _SAID_DOT.sub(".", value))
            yield Datum(match.start(), match.end(), "COURRIEL", fold(value).replace(" ", ""))


# --- numbers: phones, NIR, IBAN

_OCR = str.maketrans("OoQDlI|iSsBZz", "0000111155822")
_GAP = r"[\s.\-–—/·_,]{0,3}"
_DIGIT = r"[0-9OoQDlI|iSsBZz]"
_FRENCH_PHONE = re.compile(rf"(?<![\w.,+]){_DIGIT}\s?[1-9lI|iSsBZz](?:{_GAP}{_DIGIT}){{8}}(?!\w)")
_SPACED_PHONE = re.compile(r"(?<![\w.,+])0\s?[1-9](?:\s{0,2}[.\-–/·_ ]?\s?\d){8}(?!\d)")
_ABROAD = (
    r"33|32|34|39|41|44|49|212|213|216|221|223|224|225|229|237|242|243|262|351|352|377|508|590|"
    r"594|596|681|687|689"
)
_FOREIGN_PHONE = re.compile(
    rf"(?<![\w])\(?(?:\+|00\s?)\(?(?:{_ABROAD})\)?{_GAP}(?:\(0\){_GAP})?(?:{_DIGIT}{_GAP}){{7,9}}{_DIGIT}(?!\w)"
)
_BARE_33 = re.compile(rf"(?<![\w.,+])33\s?[67](?:{_GAP}\d){{8}}(?!\w)")
_DATE = re.compile(r"\d{1,2}[./\- ]\d{1,2}[./\- ](?:19|20)\d{2}(?!\d)")
_COUNTRY = re.compile(r"^(?:\+|00)?33(?:0)?(?=[1-9]\d{8}$)")
_LEAST_REAL_DIGITS = 5


def _phones(text: str) -> Iterator[Datum]:
    for pattern in (_FOREIGN_PHONE, _FRENCH_PHONE, _SPACED_PHONE, _BARE_33):
        for match in pattern.finditer(text):
            found = match.group()
            dated = _DATE.search(text[max(match.start() - 3, 0) : match.end()])
            if (dated and dated.start() <= 3) or sum(
                c.isdigit() for c in found
            ) < _LEAST_REAL_DIGITS:
                continue
            digits = re.sub(r"\D", "", found.translate(_OCR))
            if pattern is _FRENCH_PHONE and not digits.startswith("0"):
                continue
            yield Datum(match.start(), match.end(), "TELEPHONE", _national(digits))
    for start, end, digits in spoken_numbers.find(text):
        if re.fullmatch(r"0[1-9]\d{8}|(?:00)?33[1-9]\d{8}", digits):
            yield Datum(start, end, "TELEPHONE", _national(digits))


def _national(digits: str) -> str:
    return _COUNTRY.sub("0", digits.removeprefix("00") if len(digits) > 10 else digits)


_NIR_GAP = r"[\s.\-/]{0,2}"
_NIR = re.compile(
    r"(?<!\w)[123478lI]" + _NIR_GAP + r"[\dOolI]{2}" + _NIR_GAP + r"[\dOolI]{2}" + _NIR_GAP
    + r"(?:2[ABab]|[\dOolI]{2})" + _NIR_GAP + r"(?:[\dOolI]" + _NIR_GAP + r"){6}"
    + r"(?P<key>(?:cl[ée]\s*:?\s*)?[\dOolI]{2})?(?!\w)"
)  # fmt: skip
_NIR_WORDS = re.compile(
    r"\bnir\b|\bcl[ée]\s*:?\s*\d\d|s[ée]cu|carte vitale|assur[ée]|immatriculation sociale",
    re.IGNORECASE,
)
_REACH = 60  # characters around a number where a word tells what it is


def _social_security(text: str) -> Iterator[Datum]:
    for match in _NIR.finditer(text):
        found = match.group().rstrip(" .-/")
        value = re.sub(r"[^\dAB]", "", re.sub(r"cl[ée]", "", found).translate(_NIR_OCR).upper())
        told = _NIR_WORDS.search(text[max(match.start() - _REACH, 0) : match.end() + _REACH])
        if is_social_security_number(value) or (told and len(value) in (13, 15)):
            yield Datum(match.start(), match.start() + len(found), "NIR", value[:13])
    for start, end, digits in spoken_numbers.find(text):
        if len(digits) == 15 and is_social_security_number(digits):
            yield Datum(start, end, "NIR", digits[:13])


_NIR_OCR = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})


def is_social_security_number(value: str) -> bool:
    """Tell whether 15 characters are a NIR: sex, month and the key (97 less the rest by 97)."""
    if not re.fullmatch(r"[123478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{6}\d{2}", value):
        return False
    number = int(value[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(value[13:])


_IBAN = re.compile(r"(?<!\w)[A-Z]{2}[\s]?\d{2}(?:[\s.\-]?[A-Z0-9]){11,30}(?!\w)", re.IGNORECASE)
_RIB = re.compile(r"(?<!\w)\d{5}[\s.-]?\d{5}[\s.-]?[0-9A-Z]{11}[\s.-]?\d{2}(?!\w)")
_FRENCH_IBAN = re.compile(r"(?<!\w)FR\s?\d{2}(?:[\s.\-]?[A-Z0-9]){23}(?!\w)", re.IGNORECASE)


def _ibans(text: str) -> Iterator[Datum]:
    for match in _FRENCH_IBAN.finditer(text):
        yield _iban(match.start(), match.group())
    for match in _IBAN.finditer(text):
        # « … 185 merci »: words may follow without a sign between; the key says where it ends.
        for end in range(len(match.group()), 14, -1):
            found = match.group()[:end]
            if (end == len(match.group()) or not match.group()[end].isalnum()) and is_iban(found):
                yield _iban(match.start(), found)
                break
    for match in _RIB.finditer(text):
        yield _iban(match.start(), match.group())


def _iban(start: int, found: str) -> Datum:
    return Datum(start, start + len(found), "IBAN", re.sub(r"\W", "", found).upper())


def is_iban(text: str) -> bool:
    """Tell whether the key of an IBAN is right (ISO 7064, remainder by 97)."""
    value = re.sub(r"[^A-Za-z0-9]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", value):
        return False
    return int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1


# --- plates

_PLATE_LETTER = "[A-HJ-NP-TV-Z]"
_NEW_PLATE = re.compile(
    rf"(?<![\w-])(?:{_PLATE_LETTER}{{2}}[\s.\-–·]{{0,3}}\d{{3}}[\s.\-–·]{{0,3}}{_PLATE_LETTER}{{2}}"
    r"|[a-hj-np-tv-z]{2}-?\d{3}-?[a-hj-np-tv-z]{2})(?![\w-])"
)
_LOWER_PLATE = re.compile(r"(?<![\w-])[a-hj-np-tv-z]{2}[\s-]\d{3}[\s-][a-hj-np-tv-z]{2}(?![\w-])")
_OLD_PLATE = re.compile(
    r"(?<![\w-])\d{1,4}(?P<gap>[\s.\-–]?)[A-HJ-NP-TV-Z]{2,3}[\s.\-–]?(?:97[1-6]|2[AB]|\d{2})(?![\w-])"
)
_PLATE_WORDS = re.compile(
    r"immatricul|\bplaques?\b|v[ée]hicule|voiture|scooter|\bmotos?\b|fourgon|camion|utilitaire|berline|"
    r"\bclio\b|\bgolf\b|peugeot|renault|citro[ëe]n|\baudi\b|\bbmw\b|mercedes|\bpolo\b|\bkangoo\b|twingo|"
    r"m[ée]gane|volkswagen|\bfiat\b|\bdacia\b|\bquad\b|t-?max|stationn|\bford\b|\bopel\b|toyota|\b[234]08\b",
    re.IGNORECASE,
)


def _plates(text: str) -> Iterator[Datum]:
    for pattern in (_NEW_PLATE, _LOWER_PLATE, _OLD_PLATE):
        for match in pattern.finditer(text):
            around = text[max(match.start() - _REACH, 0) : match.end() + _REACH]
            sure = pattern is _NEW_PLATE or (pattern is _OLD_PLATE and "-" in match.group())
            if sure or _PLATE_WORDS.search(around):
                value = re.sub(r"\W", "", match.group()).upper()
                yield Datum(match.start(), match.end(), "PLAQUE", value)


# --- street addresses

_STREET = (
    r"rue|r\.|avenue|av\.?|ave\.?|boulevard|boul\.?|bd\.?|bld\.?|blvd\.?|impasse|imp\.|allées?|"
    r"all\.|chemin|ch\.|faubourg|fbg|fg|ruelle|sentier|sente|chaussée|montée|traverse|venelle|"
    r"esplanade|rond-point|lieu-dit|lieudit|hameau|lotissement|allee|chaussee|montee"
)
# These are common nouns as well (« 3 places », « 2 cours »): a capital must follow.
_STREET_OR_NOUN = (
    r"place|pl\.?|quai|cours|square|sq\.?|passage|villa|cité|résidence|voie|route|rte|mail|"
    r"promenade|parvis|clos|rampe|domaine|parc|porte|cite|residence"
)
_COUNT = (
    r"(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|"
    r"vingts?|trente|quarante|cinquante|soixante|cent)"
)
_NUMBER = (
    r"(?i:(?:(?:n\s?[°o]\.?|numéro)\s?)?"
    rf"(?:\d{{1,4}}(?:\s?[-/]\s?\d{{1,4}})?|{_COUNT}(?:[\s-](?:et[\s-])?{_COUNT}){{0,3}})"
    r"(?:\s?(?:bis|ter|quater)\b|\s?[A-D]\b)?)"
)
_LINK = (
    r"(?i:de\s+las?\s+|de\s+l['’]\s?|des\s+|du\s+|de\s+|d['’]\s?|l['’]\s?|la\s+|les?\s+|aux?\s+|"
    r"à\s+la\s+|en\s+|sur\s+|sous\s+)"
)
_CAPITAL = r"[A-ZÀ-ÖØ-ÞŒ][\w'’.-]*\w|[A-ZÀ-ÖØ-Þ]\.?"
_MONTH = (
    r"(?i:janvier|février|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|"
    r"décembre)"
)
_DAY = rf"(?:\d{{1,2}}(?:er)?[\s-]+{_MONTH}(?:[\s-]+\d{{4}})?)"
_MORE = rf"(?:[\s-]+{_LINK}{{0,2}}(?:{_DAY}|{_CAPITAL}))*"
_INSIDE = (
    r"(?:(?i:bâtiment|batiment|bât\.?|bat\.|appartement|appart\.?|apt\.?|appt\.?|étage|escalier|esc\.?|"
    r"hall|entrée|porte|logement|immeuble|lot)\s+(?:n\s?°\s?)?(?:[A-Z]{0,2}\d{1,4}[A-Z]?|[A-Z]\d?)\b"
    r"|\d{1,2}\s?(?:e|er|ème|è)\s+(?i:étage))"
)
_INSIDE_PARTS = rf"(?:,?\s*{_INSIDE})"
_POSTCODE = (
    r"(?:\s?,?\s*(?:à\s+)?(?:F-)?(?:0[1-9]|[1-8]\d|9[0-8])\s?\d{3}\b"
    r"(?!\s*(?:€|euros?|habitants|personnes|agents)))"
)
_ADDRESS = re.compile(
    rf"(?<![\w°/-])(?P<number>{_NUMBER})\s?,?\s*"
    rf"(?<!\w)(?:(?P<sure>(?i:{_STREET}))|(?P<noun>(?i:{_STREET_OR_NOUN})))(?!\w)\s?"
    rf"(?P<link>{_LINK}{{0,2}})(?P<name>{_DAY}|[\w'’.-]*\w)(?P<more>{_MORE})"
    rf"{_INSIDE_PARTS}*{_POSTCODE}?{_INSIDE_PARTS}*"
)
_HOME = re.compile(rf"(?<!\w){_INSIDE}{_INSIDE_PARTS}+{_POSTCODE}?")
_YEAR = re.compile(r"(?:19|20)\d{2}$")
# « 12 rue pour … »: words that cannot begin the name of a street.
_NOT_A_NAME = frozenset(
    ["a", "avec", "car", "dont", "elle", "est", "et", "etait", "il", "mais", "ne", "on", "ont",
     "ou", "par", "pas", "pour", "qui", "que", "sans", "si", "sont", "y"]
)  # fmt: skip
_NEXT_WORD = re.compile(r"[\s-]+[^\W\d_][\w'’-]*")


def _addresses(text: str) -> Iterator[Datum]:
    for match in _ADDRESS.finditer(text):
        number, name = fold(match["number"]), match["name"]
        if _YEAR.search(number) or number in ("un", "une") or fold(name) in _NOT_A_NAME:
            continue
        if match["noun"] and not (name[0].isupper() or name[0].isdigit()):
            continue
        end = match.end()
        # « 12 rue victor hugo »: after a first name in lower case, the surname.
        if end == match.end("name") and name.islower() and fold(name) in _first_names():
            following = _NEXT_WORD.match(text, end)
            end = following.end() if following else end
        yield _address(text, match.start(), end)
    for match in _HOME.finditer(text):
        yield _address(text, match.start(), match.end())


def _address(text: str, start: int, end: int) -> Datum:
    return Datum(start, end, "ADRESSE", re.sub(r"\W+", " ", fold(text[start:end])))


@functools.cache
def _first_names() -> frozenset[str]:
    return frozenset(fold(row["first_name"]) for row in lexicon("first_names"))
