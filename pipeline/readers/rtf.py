"""Rich text (.rtf): striprtf gives the lines, the style sheet tells which are headings."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from striprtf.striprtf import rtf_to_text

from pipeline.french import normalise
from pipeline.readers.block import BOLD, PLAIN, Block, Unreadable
from pipeline.readers.block import plain as without_marks
from pipeline.readers.grid import Cell, grid_blocks
from pipeline.readers.lines import BULLET, logical_lines
from pipeline.readers.plain import blocks_of, join_surrogates

# Private characters that mark headings and notes in the text striprtf returns.
_MARK = "\ue010"
_NOTE = "\ue011"
_LONGEST_ROW = 40
_HEADING_STYLE = re.compile(
    r"\{\\s(\d+)[^{}]*?(?:\{[^{}]*\}[^{}]*?)*\b(?:heading|Titre|Title)\s?(\d?)\s*;\}",
    re.IGNORECASE,
)
# « {\s15\b\fs28 Intertitre ville;} »: a style of bold paragraphs.
_BOLD_STYLE = re.compile(r"\{\\s(\d+)(?:[^{};]|\{[^{}]*\})*?\\b(?![a-z0-9])[^{};]*;\}")
_MAYBE = "9"  # the level of a heading only if it is short

_BRACE = re.compile(r"\\[\\{}]|[{}]")
_CONTROLS = r"(?:\\[a-z]+-?\d*\s?)*?"
_MARGIN = re.compile(r"\{\\(?:header|footer)[lrf]?(?![a-z])")
_STRUCK = re.compile(rf"\{{{_CONTROLS}\\(?:deleted|v)(?![a-z0])")
_HOISTED = re.compile(r"\{(?:\\\*\s*)?\\(?:(?P<note>footnote)|shp|do)(?![a-z])(?:\\ftnalt)?")
_BOX = re.compile(r"\{\\(?:shptxt|dptxbxtext)(?![a-z])")
# Words in a group of their own, as office software saves bold, or between \b and \b0.
_SIGNS = r"\\(?:(?:en|em)dash|[lr](?:dbl)?quote|bullet|tab|line|(?:en|em)space)(?![a-z]) ?"
_WORDS = rf"(?:[^{{}}\\]|\\'[0-9a-fA-F]{{2}}|\\u-?\d+ ?|\\[~_-]|{_SIGNS})+"
_BOLD = r"\\b(?![a-z0-9])(?:\\[a-z]+-?\d*)*"
_BOLD_GROUP = re.compile(
    rf"(?P<open>\{{(?:\\\*)?{_CONTROLS}{_BOLD}(?: |(?=\\'))?)(?P<words>{_WORDS})(?P<close>\}})"
)
_BOLD_SPAN = re.compile(rf"(?P<open>{_BOLD} ?)(?P<words>{_WORDS})(?P<close>\\b0(?![0-9]))")
_ALL_BOLD = re.compile(f"(?:{BOLD}[^{PLAIN}]*{PLAIN}\\s*)+")
_END_OF_PARAGRAPH = re.compile(r"\\(?:par|sect|(?P<cell>cell|nestcell))(?![a-z])")


def read(data: bytes) -> list[Block]:
    """Return the blocks of an RTF document; locators are paragraph numbers.

    Notes and text boxes come after the paragraph that holds them; running headers and footers, and
    what a reviewer struck out, are furniture. Raises Unreadable when the file was cut short.
    """
    source = data.decode("cp1252", errors="replace")
    if _end_of_group(source, source.find("{")) is None:
        raise Unreadable(
            "corrompu", "Le fichier est tronqué : demandez une autre copie à la ville."
        )
    source, margins = _taken(source, _MARGIN)
    source, struck = _taken(source, _STRUCK)
    start = source.find("\\pard")
    aside = [
        Block("furniture", text, locator=locator)
        for groups, locator in ((margins, "marge"), (struck, "texte supprimé"))
        for group in dict.fromkeys(groups)
        if (text := normalise(rtf_to_text(f"{source[:start]}{group}}}", errors="replace")))
    ]
    return aside + _body(_hoisted(source))


def _end_of_group(source: str, start: int) -> int | None:
    """Return where the group that opens at `start` ends, None when it does not."""
    depth = 0
    for brace in _BRACE.finditer(source, start):
        depth += {"{": 1, "}": -1}.get(brace.group(), 0)
        if depth == 0 and brace.group() == "}":
            return brace.end()
    return None


def _taken(source: str, opening: re.Pattern[str]) -> tuple[str, list[str]]:
    """Return the source without the groups that begin so, and what these groups hold."""
    kept, groups, at = [], [], 0
    for match in opening.finditer(source):
        end = _end_of_group(source, match.start())
        if match.start() >= at and end:
            kept.append(source[at : match.start()])
            groups.append("{\\plain " + source[match.end() : end])
            at = end
    return "".join([*kept, source[at:]]), groups


def _hoisted(source: str) -> str:
    """Return the source with notes and text boxes after the paragraph in which they stand.

    striprtf drops both, as destinations that are not the text.
    """
    kept, waiting, at = [], [], 0
    while match := _next(_HOISTED, _END_OF_PARAGRAPH, source, at, waiting=bool(waiting)):
        kept.append(source[at : match.start()])
        at = match.end()
        if match.re is _END_OF_PARAGRAPH:
            in_cell = match["cell"]
            added = "".join(waiting)
            kept.append(f"\\par {added}{match.group()}" if in_cell else f"\\par {added}\\par ")
            waiting = []
            continue
        end = _end_of_group(source, match.start()) or len(source)
        inside = source[match.end() : end]
        if match["note"]:
            waiting.append(f"{{\\plain \\u{ord(_NOTE) - 65536}?{inside}\\par ")
        else:
            waiting += [group + "\\par " for group in _taken(inside, _BOX)[1]]
        at = end
    return "".join([*kept, source[at:]])


def _next(
    hoisted: re.Pattern[str], ends: re.Pattern[str], source: str, at: int, *, waiting: bool
) -> re.Match[str] | None:
    """Return the next group to hoist or, when some wait, the end of paragraph if it is first."""
    first = hoisted.search(source, at)
    end = ends.search(source, at) if waiting else None
    return min((m for m in (first, end) if m), key=lambda m: m.start(), default=None)


def _body(source: str) -> list[Block]:
    text = rtf_to_text(_mark_bold(_mark_headings(source)), errors="replace")
    text = re.sub(f"{PLAIN}([ \xa0\u202f]*){BOLD}", r"\1", join_surrogates(text))
    paragraphs = [line for line in text.replace("\r", "").split("\n") if line.strip()]
    marked = any(_MARK in line for line in paragraphs)
    blocks: list[Block] = []
    rows: list[list[Cell]] = []
    tables = 0
    for number, line in _with_rows_joined(paragraphs):
        if line.endswith("|"):
            rows.append([_cell(cell) for cell in line.removesuffix("|").split("|")])
            continue
        if rows:
            tables += 1
            blocks.extend(grid_blocks(rows, place=f"tableau {tables}"))
            rows = []
        blocks.append(_paragraph(line, number))
    if rows:
        blocks.extend(grid_blocks(rows, place=f"tableau {tables + 1}"))
    return blocks if marked else _guess_headings(blocks)


def _with_rows_joined(paragraphs: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (number, line), the lines of a table row, which ends with « | », as one."""
    at = 0
    while at < len(paragraphs):
        end = at
        if "|" in paragraphs[at]:
            near = range(at, min(at + _LONGEST_ROW, len(paragraphs)))
            end = next((i for i in near if paragraphs[i].rstrip().endswith("|")), at)
        yield at + 1, "\n".join(paragraphs[at : end + 1]).rstrip()
        at = end + 1


def _mark_headings(source: str) -> str:
    """Return the RTF source with a private character at the start of each heading paragraph."""
    levels = dict.fromkeys(_BOLD_STYLE.findall(source), _MAYBE)
    levels |= {style: level or "0" for style, level in _HEADING_STYLE.findall(source)}
    for style, level in levels.items():
        source = re.sub(
            rf"(\\pard(?:\\[a-z]+-?\d*\s?)*?\\s{style}(?!\d)(?:\\[a-z]+-?\d*)*)\s?",
            lambda match, level=level: f"{match[1]} \\u{0xE010 - 65536}?{level}",
            source,
        )
    return source


def _mark_bold(source: str) -> str:
    """Return the RTF source with the signs of `outline` around its bold words."""
    opening, closing = (f"\\u{ord(sign)}?" for sign in (BOLD, PLAIN))

    def marked(match: re.Match[str]) -> str:
        return f"{match['open']}{opening}{match['words']}{closing}{match['close']}"

    return _BOLD_SPAN.sub(marked, _BOLD_GROUP.sub(marked, source))


def _cell(text: str) -> Cell:
    bold = bool(_ALL_BOLD.fullmatch(text.strip()))
    return Cell((without_marks(text),), header=bold)


def _paragraph(line: str, number: int) -> Block:
    locator = f"§ {number}"
    plain = without_marks(line).strip()
    short = len(plain.split()) <= 14 and not re.search(r"[.;,!…]$", plain)
    if short and _MARK not in line and _ALL_BOLD.fullmatch(line.strip()):
        return Block("heading", plain.rstrip(" :\xa0\u202f"), level=6, locator=locator)
    if _NOTE in line:
        note = re.sub(r"^\W*\d{0,3}[.)\s]*", "", line.replace(_NOTE, ""))
        return Block("paragraph", note, locator=f"note, {locator}")
    if f"{_MARK}{_MAYBE}" in line and not short:
        line = line.replace(f"{_MARK}{_MAYBE}", "")
    if _MARK in line:
        marked = line.partition(_MARK)[2]
        return Block("heading", marked[1:], level=1 + int(marked[0]), locator=locator)
    if number := re.match(r"\s*(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})[.)]\t\s*", line):
        return Block("item", line[number.end() :], level=1, locator=locator)
    if BULLET.match(line):
        return Block("item", BULLET.sub("", line, count=1), level=1, locator=locator)
    return Block("paragraph", line, locator=locator)


def _guess_headings(blocks: list[Block]) -> list[Block]:
    """Return the blocks with headings guessed, for a document without heading styles."""
    guessed: list[Block] = []
    for loose, members in groupby(blocks, key=lambda block: block.kind in ("paragraph", "item")):
        group = list(members)
        if group[0].kind in ("cell", "furniture") and guessed and _heads_a_table(guessed[-1]):
            guessed[-1] = replace(guessed[-1], kind="heading", level=4)
        guessed += _guess_headings_of(group, first=not guessed) if loose else group
    return guessed


def _heads_a_table(block: Block) -> bool:
    few = len(block.text.split()) <= 8 and block.text[:1].isupper()
    return block.kind == "paragraph" and few and block.text[-1].isalnum()


def _guess_headings_of(blocks: list[Block], *, first: bool) -> list[Block]:
    source: list[str] = []
    places: dict[int, str] = {}
    for block in blocks:
        item = block.kind == "item"
        source += [f"- {block.text}"] if item else ["", block.text, ""]
        places[len(source) if item else len(source) - 1] = block.locator
    lines = logical_lines(source, wrapped=False)
    guessed = (
        blocks_of(lines, place="§")
        if first
        else [
            Block(line.kind, line.text, level=line.level, locator=f"§ {line.number}")
            for line in lines
        ]
    )
    return [
        replace(block, locator=places.get(int(block.locator.split()[1]), block.locator))
        for block in guessed
    ]
