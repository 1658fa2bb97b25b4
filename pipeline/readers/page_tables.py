"""Tables drawn on a PDF page: the rules that frame cells, and the text inside each."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.readers import page_alignment
from pipeline.readers.grid import Cell
from pipeline.readers.lines import join_lines
from pipeline.readers.page_layout import Page, Rule, Run

_NEAR = 3.0
_MARGIN = 4.0  # points between the side of a column and its text, when no line is drawn


@dataclass(frozen=True)
class Table:
    """A ruled table: its rows of cells, its runs, where its columns and its top are on the page."""

    rows: list[list[Cell]]
    runs: frozenset[Run]
    edges: tuple[float, ...]
    top: float
    aligned: bool = False  # no line is drawn of it

    def goes_on(self, other: "Table") -> bool:
        """Tell whether `other`, first on the next page, has the same columns as this one."""
        pairs = zip(self.edges, other.edges, strict=False)
        same = all(abs(own - its) < _NEAR for own, its in pairs)
        return same and len(self.edges) == len(other.edges)

    def joined(self, other: "Table") -> "Table":
        """Return this table with the rows of `other`, which goes on with it on the next page.

        Column names shown again are left out, and a row the page cut in two is put back together.
        """
        rows = other.rows
        while rows and [c.text for c in rows[0]] in [[c.text for c in r] for r in self.rows[:2]]:
            rows = rows[1:]
        kept = self.rows
        if rows and _cut_by_page(kept[-1], rows[0]):
            kept, rows = [*kept[:-1], _mended(kept[-1], rows[0])], rows[1:]
        return Table([*kept, *rows], self.runs | other.runs, self.edges, self.top, self.aligned)


def _cut_by_page(row: list[Cell], following: list[Cell]) -> bool:
    """Tell whether a row at the top of a page is the end of the one at the bottom of the last."""
    pairs = [(a.text, b.text) for a, b in zip(row, following, strict=True) if b.text]
    inside = all(a and not b[0].isupper() and a[-1] not in ".!?" for a, b in pairs)
    return bool(pairs) and inside


def _mended(row: list[Cell], following: list[Cell]) -> list[Cell]:
    return [
        Cell((*a.pieces[:-1], join_lines(a.pieces[-1], b.pieces[0]), *b.pieces[1:]), a.header)
        if b.pieces
        else a
        for a, b in zip(row, following, strict=True)
    ]


def tables_of(page: Page, before: Table | None = None) -> list[Table]:
    """Return the tables of a page that have at least two columns and two rows of text.

    The end of `before`, the table at the bottom of the last page, may be a single row.
    """
    tables = []
    for rules in _connected(page.rules):
        edges = _distinct([rule.x0 for rule in rules if rule.vertical])
        levels = _distinct([rule.y0 for rule in rules if not rule.vertical])[::-1]
        inside = [
            run
            for run in page.runs
            if edges
            and levels
            and edges[0] - 2 < run.x0 < edges[-1]
            and levels[-1] < run.y < levels[0]
        ]
        if len(edges) < 3 or len(levels) < 2 or not inside:
            continue
        if last := _row_below(page, inside, edges, levels[-1]):
            inside += last
            levels.append(min(run.y for run in last) - 1)
        rows = _rows(inside, edges, levels)
        table = Table(rows, frozenset(inside), tuple(edges), levels[0])
        if (len(levels) > 2 and len(inside) > 3) or (before and before.goes_on(table)):
            tables.append(table)
    ruled = {run for table in tables for run in table.runs}
    return tables + _without_lines([run for run in page.runs if run not in ruled], before)


def _without_lines(runs: list[Run], before: Table | None) -> list[Table]:
    """Return the tables no line is drawn of: under known names, or the end of one of these."""
    tables = []
    if before and before.aligned:
        starts = [edge + _MARGIN for edge in before.edges[:-1]]
        if lines := page_alignment.aligned_rows(runs, starts):
            tables.append(_aligned([], lines, list(before.edges)))
            runs = [run for run in runs if run not in tables[0].runs]
    for names, lines in page_alignment.named_columns(runs):
        right = max(run.x1 for line in [names, *lines] for run in line)
        edges = [*(run.x0 - _MARGIN for run in names), right + _MARGIN]
        tables.append(_aligned(names, lines, edges))
    return tables


def _aligned(names: list[Run], lines: list[list[Run]], edges: list[float]) -> Table:
    runs = [*names, *(run for line in lines for run in line)]
    top = lines[0][0].y + lines[0][0].size
    levels = page_alignment.levels_of(lines, top)
    if names:
        levels = [names[0].y + names[0].size, *levels]
    return Table(_rows(runs, edges, levels), frozenset(runs), tuple(edges), levels[0], aligned=True)


def _row_below(page: Page, inside: list[Run], edges: list[float], bottom: float) -> list[Run]:
    """Return the last row of a table whose bottom is not drawn: set under the cells above it."""

    def column(run: Run) -> int:
        return sum(edge - 2 < run.x0 for edge in edges)

    starts = {(column(run), round(run.x0)) for run in inside}
    found: list[Run] = []
    last = bottom
    for run in sorted((r for r in page.runs if r.y < bottom), key=lambda r: (-r.y, r.x0)):
        aligned = any((column(run), round(run.x0) + shift) in starts for shift in (-1, 0, 1))
        if not aligned or run.x1 > edges[-1] or last - run.y > 2.2 * run.size:
            break
        found.append(run)
        last = run.y
    return found if len({column(run) for run in found}) > 1 else []


def _connected(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return the rules in groups that touch each other."""
    groups: list[list[Rule]] = []
    for rule in rules:
        touching = [group for group in groups if any(_touch(rule, other) for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([rule, *(other for group in touching for other in group)])
    return groups


def _touch(a: Rule, b: Rule) -> bool:
    return (
        a.x0 <= b.x1 + _NEAR
        and b.x0 <= a.x1 + _NEAR
        and a.y0 <= b.y1 + _NEAR
        and b.y0 <= a.y1 + _NEAR
    )


def _distinct(values: Sequence[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > 2 * _NEAR:
            found.append(value)
    return found


def _rows(runs: Sequence[Run], edges: list[float], levels: list[float]) -> list[list[Cell]]:
    cells: dict[tuple[int, int], list[Run]] = {}
    for run in runs:
        column = max(i for i, edge in enumerate(edges) if edge - 2 < run.x0)
        row = max(i for i, level in enumerate(levels) if run.y < level)
        cells.setdefault((row, column), []).append(run)
    return [
        [
            _cell(cells.get((row, column), []), edges[column], edges[column + 1])
            for column in range(len(edges) - 1)
        ]
        for row in range(len(levels) - 1)
    ]


def _had_room(last: list[Run], line: list[Run], left: float, right: float) -> bool:
    """Tell whether the first word of a line would have fitted on the one before."""
    first = min(line, key=lambda run: run.x0)
    word = first.text.split(maxsplit=1)[0]
    width = (first.x1 - first.x0) * (len(word) + 1) / max(1, len(first.text))
    padding = max(0.0, first.x0 - left)
    return max(run.x1 for run in last) + 1.1 * width + padding < right


def _cell(runs: list[Run], left: float, right: float) -> Cell:
    """Return the lines of a cell as its pieces.

    A bullet, a wider gap, or a capital that had room on the line before, begins another.
    """
    lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: (-r.y, r.x0)):
        if lines and abs(lines[-1][0].y - run.y) < 0.5 * run.size:
            lines[-1].append(run)
        else:
            lines.append([run])
    pieces: list[str] = []
    last: list[Run] | None = None
    for line in lines:
        text = " ".join(run.text for run in sorted(line, key=lambda r: r.x0))
        bullet = not text[0].isalnum() and text[0] in "-–—•●○▪■□◦‣▸►➢·\uf0a7\uf0b7\uf0d8"
        far = last is not None and last[0].y - line[0].y > 1.7 * line[0].size
        new = last is not None and text[0].isupper() and _had_room(last, line, left, right)
        if pieces and not bullet and not far and not new:
            pieces[-1] = join_lines(pieces[-1], text)
        else:
            pieces.append(text)
        last = line
    bold = bool(runs) and all(run.is_bold for run in runs)
    return Cell(tuple(pieces), header=bold)
