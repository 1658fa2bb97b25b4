"""A PDF page as runs of text with their boxes, and the order in which a person reads them."""

import ctypes
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_ZONE = 1 / 8
_PLAIN_ROW = 150  # points, the tallest plain row between two shaded ones
_OPEN_ROW = 45  # points
_HYPHENS = (0x02, 0x2010, 0x2011)
_PAGE_NUMBER = re.compile(
    r"^[-–—|•\s]*(?:page|p\.?)?\s*\d{1,3}\s*(?:(?:/|sur|de|-)\s*\d{1,3})?[-–—|•\s]*$"
    r"|\bpage\s+\d{1,3}\s*(?:/|sur|de)\s*\d{1,3}\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Run:
    """Characters set side by side: text, box (points, y upwards), size, how many are bold."""

    page: int
    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: int = 0

    @property
    def is_bold(self) -> bool:
        """Whether the whole run is bold."""
        return self.bold >= len(self.text.strip())


@dataclass(frozen=True)
class Rule:
    """A thin line or the side of a box drawn on a page."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def vertical(self) -> bool:
        """Whether it is taller than wide."""
        return self.y1 - self.y0 > self.x1 - self.x0


@dataclass(frozen=True)
class _Char:
    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool


@dataclass(frozen=True)
class Page:
    """One page: its height and its runs, in the order of the file."""

    number: int
    height: float
    runs: list[Run]
    images: int
    rules: list[Rule]
    struck: str = ""
    dots: tuple[tuple[float, float], ...] = ()


def pages_of(document: pdfium.PdfDocument) -> Iterator[Page]:
    """Yield the pages of a PDF with their runs of text."""
    for number, page in enumerate(document, 1):
        text_page = page.get_textpage()
        images = sum(1 for _ in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3))
        rules = [*_rules(page), *_sides_of_shades(page)]
        characters, struck = _without_struck(list(_characters(text_page)), rules)
        # The last row of a table may have no sides drawn: it goes on between those above.
        walls = [replace(rule, y0=rule.y0 - _OPEN_ROW) for rule in rules if rule.vertical]
        runs = list(_runs(number, characters, walls))
        yield Page(number, page.get_height(), runs, images, rules, struck, tuple(_dots(page)))
        text_page.close()
        page.close()


def _rules(page: pdfium.PdfPage) -> Iterator[Rule]:
    """Yield the thin lines of a page, as long as a line of text is high."""
    for drawn in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=3):
        x0, y0, x1, y1 = drawn.get_bounds()
        thin, long = sorted((x1 - x0, y1 - y0))
        if thin < 3 and long > 6:
            yield Rule(x0, y0, x1, y1)


def _sides_of_shades(page: pdfium.PdfPage) -> Iterator[Rule]:
    """Yield the sides of the shaded cells of a table, those of the plain rows between included.

    Shades side by side make a row; one alone is only a box behind a text.
    """
    rows: dict[tuple[int, int], list[tuple[float, float, float, float]]] = defaultdict(list)
    width = page.get_width()
    for drawn in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=3):
        x0, y0, x1, y1 = drawn.get_bounds()
        if 15 < x1 - x0 < 0.8 * width and 8 < y1 - y0 < 200:
            rows[round(y0), round(y1)].append((x0, y0, x1, y1))
    last: tuple[tuple[int, ...], float] | None = None
    for _, cells in sorted(rows.items(), key=lambda item: -item[0][1]):
        cells = sorted(set(cells))
        if len(cells) < 2 or any(b[0] - a[2] > 3 or b[0] - a[2] < -3 for a, b in pairwise(cells)):
            continue
        edges = [cells[0][0], *(cell[2] for cell in cells)]
        top = max(cell[3] for cell in cells)
        bottom = min(cell[1] for cell in cells)
        yield Rule(edges[0], top, edges[-1], top)
        yield Rule(edges[0], bottom, edges[-1], bottom)
        key = tuple(round(edge / 4) for edge in edges)
        reach = last[1] if last and last[0] == key and last[1] - top < _PLAIN_ROW else top
        for edge in edges:
            yield Rule(edge, bottom, edge, reach)
        last = key, bottom


def _dots(page: pdfium.PdfPage) -> Iterator[tuple[float, float]]:
    """Yield the right edge and middle of small round or square shapes: bullets, when drawn."""
    for drawn in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=3):
        x0, y0, x1, y1 = drawn.get_bounds()
        if 1.5 < x1 - x0 < 12 and abs((x1 - x0) - (y1 - y0)) < 1:
            yield x1, (y0 + y1) / 2


def _without_struck(characters: list[_Char], rules: Sequence[Rule]) -> tuple[list[_Char], str]:
    """Return the characters no line is drawn through, and the text of the others."""
    through = [rule for rule in rules if not rule.vertical]

    def is_struck(char: _Char) -> bool:
        middle = (char.x0 + char.x1) / 2
        low, high = char.y + 0.12 * char.size, char.y + 0.5 * char.size
        return not char.text.isspace() and any(
            low < (rule.y0 + rule.y1) / 2 < high and rule.x0 - 1 < middle < rule.x1 + 1
            for rule in through
        )

    struck = [is_struck(char) for char in characters]
    kept = [char for char, out in zip(characters, struck, strict=True) if not out]
    if not any(struck) or not any(not char.text.isspace() for char in kept):
        return characters, ""
    return kept, "".join(c.text for c, out in zip(characters, struck, strict=True) if out)


def _characters(text_page: pdfium.PdfTextPage) -> Iterator[_Char]:
    raw = text_page.raw
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    x, y = ctypes.c_double(), ctypes.c_double()
    matrix = pdfium_c.FS_MATRIX()
    name = ctypes.create_string_buffer(256)
    flags = ctypes.c_int()
    for i in range(pdfium_c.FPDFText_CountChars(raw)):
        code = pdfium_c.FPDFText_GetUnicode(raw, i)
        if code in (0, 0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000:
            code = 0x2D if pdfium_c.FPDFText_IsHyphen(raw, i) == 1 else 0x20
        text = "-" if code in _HYPHENS else chr(code)
        pdfium_c.FPDFText_GetCharBox(raw, i, left, right, bottom, top)
        pdfium_c.FPDFText_GetCharOrigin(raw, i, x, y)
        size = pdfium_c.FPDFText_GetFontSize(raw, i)
        if pdfium_c.FPDFText_GetMatrix(raw, i, matrix):
            size *= (matrix.b**2 + matrix.d**2) ** 0.5
        weight = pdfium_c.FPDFText_GetFontWeight(raw, i)
        length = pdfium_c.FPDFText_GetFontInfo(raw, i, name, 256, flags)
        font = name.raw[: max(0, min(length, 256) - 1)].lower()
        bold = weight >= 600 or any(word in font for word in (b"bold", b"black", b"heavy"))
        yield _Char(text, left.value, right.value, y.value, round(size, 1), bold)


def _runs(page: int, characters: Sequence[_Char], walls: Sequence[Rule]) -> Iterator[Run]:
    """Yield characters of one line set close together, on one side of the walls of a table.

    Raised digits (note calls) are left out.
    """
    current: list[_Char] = []
    for char in characters:
        if char.text in "\r\n":
            if current:
                yield from _run(page, current)
            current = []
            continue
        if char.text.isspace():
            if current:
                current.append(
                    replace(
                        char,
                        text=char.text if char.text in "\xa0\u202f" else " ",
                        x0=current[-1].x1,
                        x1=current[-1].x1,
                        y=current[-1].y,
                    )
                )
            continue
        last = next((c for c in reversed(current) if not c.text.isspace()), None)
        if last and (not _follows(last, char) or _parted(last, char, walls)):
            yield from _run(page, current)
            current = []
        current.append(char)
    if current:
        yield from _run(page, current)


def _follows(last: _Char, char: _Char) -> bool:
    size = max(last.size, char.size, 1)
    return (
        abs(last.y - char.y) < 0.6 * size
        and char.x0 > last.x0 - 0.3 * size
        and (char.x0 - last.x1 < 1.6 * size)
    )


def _parted(last: _Char, char: _Char, walls: Sequence[Rule]) -> bool:
    """Tell whether the side of a cell stands between two characters."""
    if char.x0 - last.x1 < 0.2 * char.size:
        return False
    middle = char.y + 0.3 * char.size
    return any(
        last.x1 - 1 < (wall.x0 + wall.x1) / 2 < char.x0 + 1 and wall.y0 < middle < wall.y1
        for wall in walls
    )


def _run(page: int, characters: list[_Char]) -> Iterator[Run]:
    inked = [c for c in characters if not c.text.isspace()]
    if not inked:
        return
    size = Counter(c.size for c in inked).most_common(1)[0][0]
    base = statistics.median(c.y for c in inked)
    kept = [c for c in characters if not _is_note_call(c, size, base)]
    kept = kept if any(not c.text.isspace() for c in kept) else characters
    text = "".join(c.text for c in kept)
    start = len(text) - len(text.lstrip())
    bold = 0
    for char in kept[start:]:
        if not char.bold and not char.text.isspace():
            break
        bold += 1
    text = text.strip()
    bold = len(text) if bold >= len(text) else len(text[:bold].rstrip())
    yield Run(page, text, min(c.x0 for c in inked), max(c.x1 for c in inked), base, size, bold)


def _is_note_call(char: _Char, size: float, base: float) -> bool:
    return char.text.isdigit() and char.size < 0.8 * size and char.y > base + 0.15 * size


def furniture(pages: Sequence[Page]) -> set[Run]:
    """Return the running headers, footers and page numbers: what comes back in the margins."""
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    margins: list[tuple[Run, tuple[str, int]]] = []
    for page in pages:
        for run in page.runs:
            if not _ZONE * page.height < run.y < (1 - _ZONE) * page.height:
                key = (re.sub(r"\d+", "#", run.text), round(run.y / 6))
                seen[key].add(page.number)
                margins.append((run, key))
    found = {run for page in pages for run in _lone_margins(page)}
    for run, key in margins:
        repeated = len(set().union(*(seen.get((key[0], key[1] + d), set()) for d in (-1, 0, 1))))
        if repeated > 1 or _PAGE_NUMBER.search(run.text):
            found.add(run)
    return found


def _lone_margins(page: Page) -> list[Run]:
    """Return the short lines at the very bottom and, in small letters, at the very top of a page.

    They are far from all others, and need not come back on another page: it may be the only one.
    """
    low = [run for run in page.runs if run.y < 0.075 * page.height]
    high = [run for run in page.runs if run.y > 0.95 * page.height]
    body = [run for run in page.runs if run not in low and run not in high]
    if not body:
        return []
    usual = statistics.median(run.size for run in body)
    high = [run for run in high if run.size < 0.95 * usual]
    found = []
    for edge, far in ((low, 2.0), (high, 1.6)):
        text = " ".join(run.text for run in edge)
        gap = min((abs(run.y - other.y) for run in edge for other in body), default=0.0)
        if gap > far * usual and len(text.split()) <= 14 and not re.search(r"[.!?;]$", text):
            found += edge
    return found
