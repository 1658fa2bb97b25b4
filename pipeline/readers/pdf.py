"""PDF with text: lines put back into paragraphs, items and headings, page furniture aside."""

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pypdfium2 as pdfium

from pipeline.readers.block import BOLD, PLAIN, Block, Unreadable
from pipeline.readers.grid import as_furniture, grid_blocks, is_people
from pipeline.readers.lines import BULLET, NUMBER, join_lines
from pipeline.readers.page_columns import gutter_of, reading_order
from pipeline.readers.page_layout import (
    Page,
    Run,
    furniture,
    pages_of,
)
from pipeline.readers.page_tables import Table, tables_of

_LEADERS = re.compile(r"(?:\.\s?){4,}\s*\d{1,3}\s*$|…{2,}\s*\d{1,3}\s*$|_{4,}\s*\d{1,3}\s*$")
_NOTE = re.compile(r"^\(?(?:\d{1,2}|\*{1,3})\)?[\s.]*(?=[^\W\d_«])")
_ENDS = re.compile(r"[.!?:;…]\s*[»”\")]*$")
_LONE_BULLET = re.compile(
    r"^(?:[-–—•●○▪■□◦‣▸►➢➔❖✓✔·\uf0a7\uf0b7\uf0d8\uf02d]|o|\d{1,2}[.)]|[a-h][.)])$"
)


@dataclass
class _Paragraph:
    """Lines that belong together, while they are gathered."""

    lines: list["_Line"] = field(default_factory=list)
    text: str = ""
    table: Table | None = None


@dataclass(frozen=True)
class _Line:
    text: str
    page: int
    x0: float
    x1: float
    y: float
    size: float
    bold: int
    item: bool
    text_x0: float
    right: float
    runs: int = 1

    @property
    def is_bold(self) -> bool:
        return self.bold >= len(self.text)


def read(data: bytes) -> list[Block]:
    """Return the blocks of a PDF; locators are page numbers.

    Raises Unreadable for a password or for pages that are only pictures.
    """
    pages = _pages(data)
    if not any(page.runs for page in pages):
        count = f"{len(pages)} page{'s' if len(pages) > 1 else ''}"
        raise Unreadable(
            "pdf_numerise",
            f"PDF numérisé sans texte ({count}) : passez-le à la reconnaissance de caractères, "
            "ou demandez le document d'origine.",
        )
    aside = furniture(pages)
    body = _usual(run for page in pages for run in page.runs)
    notes = {run for page in pages for run in _notes(page, aside, body)}
    blocks = [
        Block("furniture", run.text, locator=f"p. {run.page}")
        for page in pages
        for run in page.runs
        if run in aside
    ]
    blocks += [
        Block("furniture", "[page sans texte]", locator=f"p. {page.number}")
        for page in pages
        if page.images and not page.runs
    ]
    blocks += [
        Block("furniture", page.struck, locator=f"p. {page.number}, texte barré")
        for page in pages
        if page.struck
    ]
    columns = _columns(pages, aside | notes)
    paragraphs = _paragraphs(columns, body)
    blocks += _blocks(paragraphs, body)
    return _with_notes(blocks, _note_blocks(pages, notes))


def _columns(pages: Sequence[Page], aside: set[Run]) -> list[list["_Line"] | Table]:
    """Return the columns and tables of all pages; a short page has the gutter of the one before."""
    parts: list[list[_Line] | Table] = []
    gutter = None
    for page in pages:
        before = parts[-1] if parts and isinstance(parts[-1], Table) else None
        found = _parts(page, aside, gutter, before)
        if before and found and isinstance(found[0], Table) and before.goes_on(found[0]):
            parts[-1] = before.joined(found.pop(0))
        parts += found
        gutter = gutter_of([run for run in page.runs if run not in aside]) or gutter
    return parts


def _parts(
    page: Page, aside: set[Run], gutter: float | None, before: Table | None
) -> list[list["_Line"] | Table]:
    """Return the columns of lines and the tables of a page, in reading order."""
    runs = [run for run in page.runs if run not in aside]
    page = replace(page, runs=runs)
    parts: list[list[_Line] | Table] = []
    for table in sorted(tables_of(page, before), key=lambda t: -t.top):
        above = [run for run in runs if run.y > table.top and run not in table.runs]
        parts += [_lines(column, page.dots) for column in reading_order(above, gutter)] + [table]
        runs = [run for run in runs if run not in above and run not in table.runs]
    return parts + [_lines(column, page.dots) for column in reading_order(runs, gutter)]


def _pages(data: bytes) -> list[Page]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable(
                "pdf_mot_de_passe",
                "Le PDF est protégé par un mot de passe : enregistrez-le sans mot de passe.",
            ) from None
        raise
    try:
        return list(pages_of(document))
    finally:
        document.close()


def _usual(runs: Iterable[Run]) -> float:
    """Return the size most characters have."""
    sizes: Counter[float] = Counter()
    for run in runs:
        sizes[run.size] += len(run.text)
    return sizes.most_common(1)[0][0]


def _notes(page: Page, aside: set[Run], body: float) -> list[Run]:
    """Return the footnotes of a page: below a short rule, or smaller and below all other lines.

    The first one is numbered.
    """
    runs = [run for run in page.runs if run not in aside]
    if ruled := _under_short_rule(page, runs):
        return ruled
    lowest = min((run.y for run in runs if run.size > 0.93 * body), default=0)
    below = sorted(
        (r for r in runs if r.y < lowest and r.size <= 0.93 * body), key=lambda r: (-r.y, r.x0)
    )
    start = next(
        (i for i, run in enumerate(below) if _NOTE.match(run.text) or run.text.isdigit()), None
    )
    return below[start:] if start is not None else []


def _under_short_rule(page: Page, runs: list[Run]) -> list[Run]:
    """Return the runs below the short line Word and LibreOffice draw above notes, if any."""
    if not runs:
        return []
    left, right = min(run.x0 for run in runs), max(run.x1 for run in runs)
    for rule in page.rules:
        wide = rule.x1 - rule.x0
        if rule.vertical or not 40 < wide < 0.5 * (right - left) or rule.x0 > left + 6:
            continue
        if any(0 <= r.y - rule.y0 < 0.4 * r.size and r.x0 < rule.x1 for r in runs):
            continue  # it underlines a heading
        below = sorted((r for r in runs if r.y < rule.y0), key=lambda r: (-r.y, r.x0))
        numbered = below and (_NOTE.match(below[0].text) or below[0].text.isdigit())
        if numbered and len(below) < 0.5 * len(runs):
            return below
    return []


def _with_notes(blocks: list[Block], notes: list[Block]) -> list[Block]:
    """Return the blocks with each page's notes after the last block that begins on that page."""
    for note in reversed(notes):
        page = note.locator.partition(",")[0]
        here = [i for i, block in enumerate(blocks) if block.locator == page]
        blocks.insert(here[-1] + 1 if here else len(blocks), note)
    return blocks


def _note_blocks(pages: Sequence[Page], notes: set[Run]) -> list[Block]:
    texts: list[tuple[str, int]] = []
    for page in pages:
        for line in _lines(
            sorted((r for r in page.runs if r in notes), key=lambda r: (-r.y, r.x0))
        ):
            if _NOTE.match(line.text) or not texts or texts[-1][1] != page.number:
                texts.append((_NOTE.sub("", line.text), page.number))
            else:
                texts[-1] = (join_lines(texts[-1][0], line.text), page.number)
    return [Block("paragraph", text, locator=f"p. {page}, note") for text, page in texts]


def _lines(runs: Sequence[Run], dots: Sequence[tuple[float, float]] = ()) -> list[_Line]:
    """Return the runs of a column as lines, a bullet (typed or drawn) joined to its text."""
    rows: list[list[Run]] = []
    for run in runs:
        if rows and abs(rows[-1][0].y - run.y) < 0.5 * max(run.size, rows[-1][0].size):
            rows[-1].append(run)
        else:
            rows.append([run])
    right = max((run.x1 for run in runs), default=0.0)
    return [_line(sorted(row, key=lambda r: r.x0), right, dots) for row in rows]


def _line(row: list[Run], right: float, dots: Sequence[tuple[float, float]]) -> _Line:
    first, text = row[0], " ".join(run.text for run in row)
    item, text_x0, bold = _has_dot(first, dots), first.x0, 0
    if len(row) > 1 and _LONE_BULLET.match(first.text):
        item, text_x0, row = True, row[1].x0, row[1:]
        text = " ".join(run.text for run in row)
    elif match := BULLET.match(text):
        item, text = True, text[match.end() :]
        text_x0 = first.x0 + first.size * 0.9
    elif (match := re.match(r"(?:\d{1,2}|[a-h])[.)]\s+", text)) and not first.bold:
        item, text = True, text[match.end() :]
        text_x0 = first.x0 + first.size * 1.8
    for run in row:
        bold += run.bold + (1 if bold else 0)
        if not run.is_bold:
            break
    main = max(row, key=lambda run: len(run.text))
    return _Line(
        text,
        main.page,
        first.x0,
        row[-1].x1,
        main.y,
        main.size,
        min(bold, len(text)),
        item,
        text_x0,
        right,
        len(row),
    )


def _has_dot(run: Run, dots: Sequence[tuple[float, float]]) -> bool:
    return any(
        0 < run.x0 - x < 2.5 * run.size and run.y < y < run.y + 0.9 * run.size for x, y in dots
    )


def _paragraphs(columns: list[list[_Line] | Table], body: float) -> list[_Paragraph]:
    paragraphs: list[_Paragraph] = []
    leading = _leading([column for column in columns if isinstance(column, list)], body)
    for column in columns:
        if isinstance(column, Table):
            paragraphs.append(_Paragraph(table=column))
            continue
        for index, line in enumerate(column):
            last = paragraphs[-1] if paragraphs else None
            if (
                last is None
                or last.table
                or _LEADERS.search(line.text)
                or _LEADERS.search(last.text)
            ):
                joined = False
            elif index:
                joined = _continues(last, line, leading, body)
            else:
                joined = _carries_on(last, line, body)
            if joined:
                last.text = join_lines(last.text, line.text)
                last.lines.append(line)
            else:
                paragraphs.append(_Paragraph([line], line.text))
    return paragraphs


def _leading(columns: list[list[_Line]], body: float) -> float:
    """Return the usual distance between two lines of a paragraph, in points."""
    gaps = [
        round(a.y - b.y, 1)
        for column in columns
        for a, b in pairwise(column)
        if abs(a.size - body) < 0.6 and abs(b.size - body) < 0.6 and 0 < a.y - b.y < 2.2 * body
    ]
    return statistics.mode(gaps) if gaps else 1.3 * body


def _continues(paragraph: _Paragraph, line: _Line, leading: float, body: float) -> bool:
    last = paragraph.lines[-1]
    gap, size = last.y - line.y, max(line.size, last.size)
    if line.item or abs(line.size - last.size) > 0.08 * size or line.is_bold != last.is_bold:
        return False
    if NUMBER.match(line.text) and (line.is_bold or line.size > 1.08 * body):
        return False
    large = line.is_bold or line.size > 1.08 * body
    if gap > max(1.28 * leading * size / body, (1.6 if large else 1.25) * size) or gap <= 0:
        return False
    if large:
        return True
    first = paragraph.lines[0]
    if first.item:
        if not first.x0 - 0.5 * size < line.x0 < first.text_x0 + 2.5 * size:
            return False
    elif line.x0 > last.x0 + 0.8 * size or (
        line.x0 < last.x0 - 0.8 * size and len(paragraph.lines) > 1
    ):
        return False
    if not _ENDS.search(last.text) and last.x1 - last.x0 > 0.7 * (last.right - last.x0):
        return True
    return not _would_fit(last, line)


def _would_fit(last: _Line, line: _Line) -> bool:
    """Tell whether the line's first word had room on the last one: then a new paragraph begins."""
    word = line.text.split(" ", 1)[0]
    width = (line.x1 - line.text_x0) / max(1, len(line.text)) * (len(word) + 1)
    return last.x1 + width * 1.15 < last.right - 0.5 * line.size


def _carries_on(paragraph: _Paragraph, line: _Line, body: float) -> bool:
    """Tell whether a paragraph goes on at the top of the next column or page."""
    last = paragraph.lines[-1]
    if line.item or abs(line.size - last.size) > 0.08 * body or line.is_bold != last.is_bold:
        return False
    if line.size > 1.08 * body or line.is_bold:
        return line.page == last.page and 0 < last.y - line.y < 1.6 * line.size
    return not _ENDS.search(paragraph.text) or bool(re.match(r"[a-zà-ÿ]", line.text))


def _blocks(paragraphs: list[_Paragraph], body: float) -> list[Block]:
    """Return the paragraphs as blocks; larger or bold short ones are headings, by rank of size."""
    sizes = sorted(
        {
            round(p.lines[0].size)
            for p in paragraphs
            if p.lines and _is_heading(p, body) and p.lines[0].size > 1.08 * body
        },
        reverse=True,
    )
    blocks = []
    tables = 0
    for paragraph in paragraphs:
        if paragraph.table:
            tables += 1
            blocks += _table_blocks(paragraph.table, tables)
            continue
        line = paragraph.lines[0]
        locator = f"p. {line.page}"
        if _LEADERS.search(paragraph.text) or _is_figures(paragraph):
            blocks.append(Block("furniture", paragraph.text, locator=locator))
        elif _is_heading(paragraph, body):
            large = line.size > 1.08 * body
            level = sizes.index(round(line.size)) + 1 if large else len(sizes) + 1
            text = re.sub(r"\s*:$", "", paragraph.text)
            blocks.append(Block("heading", text, level=level, locator=locator))
        else:
            blocks.append(_prose(paragraph, locator))
    return blocks


def _table_blocks(table: Table, number: int) -> list[Block]:
    page = min(run.page for run in table.runs)
    place = f"p. {page}, tableau {number}"
    if is_people(table.rows):
        return as_furniture(table.rows, place=place)
    return grid_blocks(table.rows, place=place)


def _is_figures(paragraph: _Paragraph) -> bool:
    """Tell the rows of a table of figures: several short runs a line, hardly any words."""
    runs = sum(line.runs for line in paragraph.lines)
    words = len(paragraph.text.split())
    return runs >= 3 * len(paragraph.lines) and words <= 4 * runs


def _is_heading(paragraph: _Paragraph, body: float) -> bool:
    words = len(paragraph.text.split())
    if words > 25 or not re.search(r"[^\W\d_]{2}", paragraph.text) or paragraph.lines[0].item:
        return False
    large = all(line.size > 1.08 * body for line in paragraph.lines)
    bold = all(line.is_bold for line in paragraph.lines) and words <= 16
    return (large or bold) and not re.search(r"[.;,]$", paragraph.text)


def _prose(paragraph: _Paragraph, locator: str) -> Block:
    line, text = paragraph.lines[0], paragraph.text
    if 0 < line.bold < len(line.text):
        text = f"{BOLD}{text[: line.bold]}{PLAIN}{text[line.bold :]}"
    return Block(
        "item" if line.item else "paragraph", text, level=1 if line.item else 0, locator=locator
    )
