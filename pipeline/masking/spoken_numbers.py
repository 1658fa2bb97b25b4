"""Long numbers as people dictate them: « zéro six, douze, trente-quatre, cinquante-six… ».

« soixante douze » may be 72 or 60 then 12: every reading is tried, and the length decides.
"""

import functools
import re
from collections.abc import Iterator

from pipeline.french import fold

_UNITS = ("zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
          "onze", "douze", "treize", "quatorze", "quinze", "seize")  # fmt: skip
_VALUES = {
    **{word: value for value, word in enumerate(_UNITS)},
    "une": 1, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50,
    "soixante": 60, "septante": 70, "huitante": 80, "octante": 80, "nonante": 90,
    "cent": 100, "cents": 100,
}  # fmt: skip
_LETTERS = {"zero": "z[ée]ro"}
WORDS = "|".join(sorted((_LETTERS.get(w, w) for w in _VALUES), key=len, reverse=True))
_TOKEN = rf"(?:(?:{WORDS})(?![^\W\d_])|\d{{1,3}}(?!\d))"
_BETWEEN = r"(?:[\s,.;…\-–/]|\bet\b|\beuh\b|\bheu\b|\bpuis\b|\balors\b|\bdonc\b)"
_RUN = re.compile(
    rf"(?<![\w,.])(?:plus\s+)?{_TOKEN}(?:{_BETWEEN}{{1,12}}{_TOKEN}){{3,}}", re.IGNORECASE
)
_PIECE = re.compile(_TOKEN, re.IGNORECASE)
_LENGTHS = (15, 13, 11, 10)  # NIR with and without its key, phone with 33, phone


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, digits) of each number of 10, 11, 13 or 15 digits said in words.

    At least one of its numbers is a word: a number all in figures is not for this module.
    """
    for run in _RUN.finditer(text):
        pieces = list(_PIECE.finditer(text, run.start(), run.end()))
        first = 0
        while first < len(pieces):
            found = _longest(pieces[first:])
            if found is None:
                first += 1
                continue
            count, digits = found
            last = pieces[first + count - 1]
            start = run.start() if first == 0 else pieces[first].start()
            yield start, last.end(), digits
            first += count


def _longest(pieces: list[re.Match[str]]) -> tuple[int, str] | None:
    """Return how many pieces, from the first, make one number, and its digits."""
    tokens = tuple(fold(piece.group()) for piece in pieces[:30])
    if tokens[0] not in ("zero", "un", "une", "deux", "trente") and not tokens[0].startswith("0"):
        return None
    for length in _LENGTHS:
        for count in range(len(tokens), 3, -1):
            if all(token.isdigit() for token in tokens[:count]):
                continue
            for digits in sorted(_readings(tokens[:count], length)):
                if _plausible(digits):
                    return count, digits
    return None


def _plausible(digits: str) -> bool:
    phone = re.fullmatch(r"0[1-9]\d{8}|33[1-9]\d{8}", digits)
    month = len(digits) >= 13 and "01" <= digits[3:5] <= "12" and digits[0] in "12"
    return bool(phone) or month


@functools.lru_cache(maxsize=50_000)
def _readings(tokens: tuple[str, ...], length: int) -> frozenset[str]:
    """Return every string of `length` digits that the tokens can spell."""
    if not tokens:
        return frozenset([""] if length == 0 else [])
    found: set[str] = set()
    for size, digits in _first_numbers(tokens):
        if len(digits) <= length:
            found |= {digits + rest for rest in _readings(tokens[size:], length - len(digits))}
    return frozenset(found)


def _first_numbers(tokens: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield (tokens used, digits) of each number that the first tokens can be."""
    first = tokens[0]
    if first.isdigit():
        yield 1, first
        return
    value = _VALUES[first]
    if value < 100:
        yield 1, str(value)
    tail = [None if t.isdigit() else _VALUES[t] for t in tokens[1:4]]
    second = tail[0] if tail else None
    if second is None:
        return
    if value in (20, 30, 40, 50, 60, 70, 80, 90) and 1 <= second <= 9:
        yield 2, str(value + second)
    if value == 60 and 10 <= second <= 16:
        yield 2, str(60 + second)
        if second == 10 and len(tail) > 1 and tail[1] in (7, 8, 9):
            yield 3, str(70 + tail[1])
    if value == 10 and second in (7, 8, 9):
        yield 2, str(10 + second)
    if value == 4 and second == 20:
        yield 2, "80"
        third, fourth = (*tail[1:], None, None)[:2]
        if third is not None and 1 <= third <= 16:
            yield 3, str(80 + third)
            if third == 10 and fourth in (7, 8, 9):
                yield 4, str(90 + fourth)
    if 2 <= value <= 9 and second == 100:
        yield 2, f"{value}00"
        yield from _hundreds(value, 2, tokens[2:])
    if value == 100 and 1 <= second <= 99:
        yield from _hundreds(1, 1, tokens[1:])


def _hundreds(value: int, used: int, tokens: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    if tokens and not tokens[0].isdigit() and _VALUES[tokens[0]] > 0:
        for size, digits in _first_numbers(tokens):
            if len(digits) <= 2:
                yield used + size, f"{value}{int(digits):02d}"
