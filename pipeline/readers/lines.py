"""The lines of a text without styles: what each is (heading, bullet, prose) and what it continues.

Used by every format that gives lines only: .txt, .rtf, the cells of tables, preformatted text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Signs with which notes typed live mark what goes well, what does not, what to do.
_EMOJI = r"(?:[\u2600-\u27bf\u2b05-\u2b55\U0001f300-\U0001faff]\ufe0f?)"
BULLET = re.compile(
    rf"^\s*(?:{_EMOJI}+)\s*(?=\w)|"
    r"^\s*(?:[-–—•+.●○▪■□◦‣▸►➢➔❖✓✔·*»\uf0a7\uf0b7\uf0d8]+|o(?=\s)|-+>|=+>|→|⇒)\s+(?=\S)"
    r"|^\s*(?:→|⇒|-+>|=+>|•|●|▪|\uf0b7)(?=\S)"
)
NUMBER = re.compile(
    r"^\s*(?:\d{1,2}(?:\.\d{1,2})*(?:[.)°/]|\s?-(?=\s))?|[IVX]{1,4}[.)]|[A-Ha-h][.)])\s+(?=\S)"
)
RULE = re.compile(r"^\s*([-=_*~#—–.])\1{2,}\s*$")
_TABLE_HEADING = re.compile(r"^(?:tr|table ronde|atelier)\s*(?:n°|no)?\s*\d\b", re.IGNORECASE)
_HASH = re.compile(r"^(#{1,6})\s+")
# « === FREINS === », « *** Pistes *** », « -- Constats -- »
_DECORATED = re.compile(r"^\s*([-=_*~#])\1+\s*(?P<text>[^\W_].*?)\s*\1{2,}\s*$")
_TOP_LINES = 8
# « -recrutement »: a dash typed against its word; one alone may be a negative number or a rule.
_TIGHT = re.compile(r"^\s*[-–*•](?=[^\W\d_])")
_LEAST_TIGHT = 2
# « [00:12:05] », « 12:05 »: where a transcript of a recording says when.
STAMP = re.compile(
    r"^\s*[\[(]?(?P<time>(?:\d{1,2}:)?\d{1,2}:\d{2})(?:[.,]\d{1,3})?[\])]?\s*[-–—:]?\s+(?=\S)"
)
_FINAL = re.compile(r"[.!?…;,]\s*[»”\")]?\s*$")
# « Deux obstacles : », « Voici ce que… : » introduce a list; « Freins : » names it.
_INTRODUCES = re.compile(
    r"^(?:un|une|deux|trois|quatre|cinq|six|plusieurs|quelques|voici|le|la|les|l['’]|on|il|elle|ils"
    r"|nous|c['’]est|à savoir|notamment|par exemple|dont|parmi)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """One logical line: its kind (heading, item, paragraph), level, text and first line number."""

    kind: str
    text: str
    number: int
    level: int = 0
    first_of_group: bool = False
    group: int = 0


@dataclass(frozen=True)
class _Raw:
    text: str
    number: int
    bullet: bool
    indent: int
    after_blank: bool
    underlined: bool = False
    before_blank: bool = False
    group: int = 0


def logical_lines(lines: Sequence[str], *, wrapped: bool | None = None) -> list[Line]:
    """Return the lines with wrapped ones rejoined, bullets taken off and headings recognised.

    Args:
        lines: the physical lines, in order.
        wrapped: whether long lines were cut at a width; None to find out.
    """
    raws = _raw_lines(lines)
    width = _wrap_width(raws) if wrapped is None else 0
    merged = _rejoin(raws, width)
    return [_classify(merged, index) for index in range(len(merged))]


def join_lines(first: str, second: str) -> str:
    """Return two physical lines as one, undoing a hyphen that only cut a word."""
    first, second = first.rstrip(), second.lstrip()
    if re.search(r"[^\W\d_]-$", first) and re.match(r"[a-zà-ÿ]", second):
        return first + second if _keeps_hyphen(first, second) else first[:-1] + second
    return first + second if re.search(r"\w-$", first) else f"{first} {second}"


_CLITIC = re.compile(
    r"^(?:t-)?(?:il|elle|on|ils|elles|je|tu|nous|vous|ce|là|ci|même|mêmes|moi|toi|en|y|le|la|les)\b",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"\b(?:vice|week|sous|non|demi|chef|quasi|avant|après|hors|garde|porte|celui|celle|ceux|celles|peut|vis|"
    r"rez|quatre|soixante|vingt|trente|quarante|cinquante|rendez|procès|savoir|socio|médico|"
    r"lieutenant|brigadier|gardien|adjudant|sapeurs|adultes|caméras?|prud|est|dix|c|mi|semi|ex)-$",
    re.IGNORECASE,
)


def _keeps_hyphen(first: str, second: str) -> bool:
    return bool(_CLITIC.match(second) or _PREFIX.search(first))


def _raw_lines(lines: Sequence[str]) -> list[_Raw]:
    raws: list[_Raw] = []
    blank, group = True, 0
    if sum(bool(_TIGHT.match(line)) for line in lines) >= _LEAST_TIGHT:
        lines = [_TIGHT.sub(lambda dash: dash.group() + " ", line) for line in lines]
    for number, line in enumerate(lines, 1):
        line = line.expandtabs(4).rstrip()
        if RULE.match(line):
            if raws and not blank and not raws[-1].bullet and line.strip()[0] in "-=_~—":
                raws[-1] = _Raw(**{**raws[-1].__dict__, "underlined": True})
            blank = True
            continue
        if not line.strip():
            if raws and not blank:
                raws[-1] = _Raw(**{**raws[-1].__dict__, "before_blank": True})
            blank = True
            continue
        group += blank
        indent = len(line) - len(line.lstrip())
        bullet = bool(BULLET.match(line)) and not _DECORATED.match(line)
        raws.append(_Raw(line, number, bullet, indent, blank, group=group))
        blank = False
    return raws


def _wrap_width(raws: list[_Raw]) -> int:
    """Return the width at which the text was wrapped, or 0 when its lines are whole."""
    lengths = sorted(len(raw.text) for raw in raws)
    if len(lengths) < 3:
        return 0
    width = lengths[int(0.97 * (len(lengths) - 1))]
    if not 40 <= width <= 130:
        return 0
    pairs = [
        (previous, raw)
        for previous, raw in pairwise(raws)
        if not raw.after_blank and not raw.bullet
    ]
    full = [raw for previous, raw in pairs if _overflows(previous.text, raw.text, width)]
    # Most lines of a wrapped text begin in the middle of a sentence.
    inside = sum(not raw.text.lstrip()[0].isupper() for raw in full)
    wrapped = len(full) >= 2 and len(full) * 2 >= len(pairs) and inside * 2 >= len(full)
    return width if wrapped else 0


def _overflows(line: str, following: str, width: int) -> bool:
    """Tell whether the first word of the following line would not have fitted on this one."""
    return len(line) + 1 + len(following.split(maxsplit=1)[0]) > width


def _rejoin(raws: list[_Raw], width: int) -> list[_Raw]:
    merged: list[_Raw] = []
    last = None
    for raw in raws:
        if last is not None and _continues(last, raw, merged[-1], width):
            text = join_lines(merged[-1].text, raw.text)
            merged[-1] = _Raw(
                **{**merged[-1].__dict__, "text": text, "before_blank": raw.before_blank}
            )
        else:
            merged.append(raw)
        last = raw
    return merged


def _continues(last: _Raw, raw: _Raw, start: _Raw, width: int) -> bool:
    if raw.after_blank or raw.bullet or last.underlined or _HASH.match(raw.text):
        return False
    if STAMP.match(raw.text):
        return False
    deeper = raw.indent >= start.indent + 2
    if deeper and (start.bullet or (NUMBER.match(start.text) and not NUMBER.match(raw.text))):
        return True
    if raw.indent >= last.indent + 2 and re.match(r"\s*[a-zà-ÿ(]", raw.text) and width:
        return True
    if NUMBER.match(raw.text) and NUMBER.match(start.text):
        return False
    return bool(width) and _overflows(last.text, raw.text, width)


def _classify(raws: list[_Raw], index: int) -> Line:
    raw = raws[index]
    text = raw.text.strip()
    first = raw.after_blank
    if hashes := _HASH.match(text):
        return Line("heading", text[hashes.end() :], raw.number, len(hashes[1]), first, raw.group)
    if decorated := _DECORATED.match(text):
        return Line("heading", decorated["text"], raw.number, 2, first, raw.group)
    if raw.bullet:
        return Line(
            "item", BULLET.sub("", text, count=1), raw.number, 1 + raw.indent // 2, first, raw.group
        )
    if _is_numbered_item(raws, index):
        return Line("item", NUMBER.sub("", text, count=1), raw.number, 1, first, raw.group)
    level = _heading_level(raws, index)
    if level:
        text = re.sub(r"\s*:$", "", text).strip("*_ ")
        return Line("heading", text, raw.number, level, first, raw.group)
    return Line("paragraph", text, raw.number, 0, first, raw.group)


def _is_numbered_item(raws: list[_Raw], index: int) -> bool:
    """Tell numbered items, which follow each other, from numbered headings, which head text."""
    raw = raws[index]
    if not NUMBER.match(raw.text) or re.match(r"\s*\d{1,2}\s", raw.text):
        return False
    if _FINAL.search(raw.text) or len(raw.text) > 110:
        return True
    near = [raws[i] for i in (index - 1, index + 1) if 0 <= i < len(raws)]
    return any(
        _numbering(other.text) == _numbering(raw.text)
        and other.group == raw.group
        and not other.bullet
        for other in near
    )


def _numbering(text: str) -> str:
    """Return the family of a line's number (« 1. », « a) », « IV. »), or "" without number."""
    if not NUMBER.match(text):
        return ""
    first = text.strip()[0]
    return "1" if first.isdigit() else "A" if first.isupper() else "a"


def _heading_level(raws: list[_Raw], index: int) -> int:
    raw = raws[index]
    text = raw.text.strip()
    words = len(text.split())
    if raw.underlined:
        return 2
    if words > 18 or len(text) > 130 or text[0] in "(«\"'":
        return 0
    if _TABLE_HEADING.match(text) and not _FINAL.search(text) and words <= 12:
        return 2
    if _is_capitals(text):
        return 3
    if NUMBER.match(text) and not _FINAL.search(text) and re.match(r"\s*[\dIVX]+[.)/]", text):
        return 3 + text.split()[0].rstrip(".)/").count(".")
    following = raws[index + 1] if index + 1 < len(raws) else None
    if following is not None and following.bullet and following.indent > raw.indent:
        return (
            4
            if words <= 4 and not _FINAL.search(text) and not text.endswith(":")
            else (4 if text.endswith(":") and words <= 6 and not _INTRODUCES.match(text) else 0)
        )
    if text.endswith(":"):
        listed = following is not None and (
            following.bullet or raw.before_blank or bool(NUMBER.match(following.text))
        )
        return 4 if listed and words <= 6 and not _INTRODUCES.match(text) else 0
    return 4 if _stands_alone(raw, following, words) else 0


def _is_headline(text: str) -> bool:
    return text[0].isupper() and len(text.split()) > 4 and not re.search(r"\d[/h:]|->", text)


def _is_capitals(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    upper = sum(c.isupper() for c in letters)
    return (
        len(letters) >= 3
        and upper >= 0.9 * len(letters)
        and not re.search(r"[.;,!?]$", text)
        and not re.search(r"\S\s*:\s+\S", text)
    )


def _stands_alone(raw: _Raw, following: _Raw | None, words: int) -> bool:
    """Tell a short line set apart, followed by something it heads."""
    text = raw.text.strip()
    if not raw.after_blank or following is None or _FINAL.search(text):
        return False
    if raw.number <= _TOP_LINES and raw.before_blank and words <= 18 and _is_headline(text):
        return True
    if words > 9:
        return False
    if _is_capitals(following.text.strip()) or re.search(r"->|=>|→|\s:\s", text):
        return False
    if following.bullet:
        return True
    if raw.before_blank:
        return words <= 8 and text[0].isupper() and len(following.text) > len(raw.text)
    return words <= 3 and len(following.text) > len(raw.text)
