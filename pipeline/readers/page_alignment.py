"""Tables without a line, which only the alignment of their cells under known names tells."""

from collections.abc import Sequence
from itertools import pairwise

from pipeline.readers.grid import column_role
from pipeline.readers.page_layout import Run

_ALIGNED = 4.0  # points between the left of a cell and the left of its column's name
_APART = 1.3  # times the least distance between lines, from which a row ends
_STRAY = 0.2  # share of rows that may not begin on one line
_FAR = 4.0  # sizes of letters below which a table goes on


def aligned_rows(runs: Sequence[Run], starts: Sequence[float]) -> list[list[Run]]:
    """Return the lines at the top of `runs` whose every part is under one of `starts`."""
    kept: list[list[Run]] = []
    for row in rows_of(runs):
        under = [_column(run, starts) for run in row]
        alone = len(row) == 1 and under[0] == 0 and row[0].is_bold
        far = kept and kept[-1][0].y - row[0].y > _FAR * row[0].size
        if None in under or len(set(under)) < len(under) or alone or far:
            break
        kept.append(row)
    return kept if any(len(row) > 1 for row in kept) else []


def named_columns(runs: Sequence[Run]) -> list[tuple[list[Run], list[list[Run]]]]:
    """Return each line of known column names (« Constats », « Pistes »), and the lines under it."""
    rows = rows_of(runs)
    found, at = [], 0
    while at < len(rows):
        names = rows[at]
        roles = [column_role(run.text) for run in names]
        wide = all(b.x0 - a.x1 > 2 * a.size for a, b in pairwise(names))
        under: list[list[Run]] = []
        if len(names) > 1 and all(roles) and {"tag", "text"} & set(roles) and wide:
            below = [run for row in rows[at + 1 :] for run in row]
            under = aligned_rows(below, [run.x0 for run in names])
        if len(under) > 1 and _are_rows(under, [run.x0 for run in names]):
            found.append((names, under))
        at += 1 + len(under)
    return found


def levels_of(lines: Sequence[Sequence[Run]], top: float) -> list[float]:
    """Return the heights that part lines into rows: a wider white, else each first cell."""
    gaps = [a[0].y - b[0].y for a, b in pairwise(lines)]
    least = min(gaps, default=0.0)
    even = all(gap < _APART * least for gap in gaps)
    first = min(run.x0 for line in lines for run in line)
    levels = [top]
    for gap, line in zip(gaps, lines[1:], strict=True):
        begins = abs(line[0].x0 - first) < _ALIGNED if even else gap >= _APART * least
        if begins:
            levels.append(line[0].y + 0.9 * line[0].size)
    return [*levels, lines[-1][0].y - 1]


def _are_rows(lines: Sequence[Sequence[Run]], starts: Sequence[float]) -> bool:
    """Tell a table from columns of prose under titles: the cells of a row begin on one line.

    A cell that begins in the middle of a sentence is a line of prose.
    """
    levels = levels_of(lines, lines[0][0].y + lines[0][0].size)
    begins = 0
    for high, low in pairwise(levels):
        row = [run for line in lines for run in line if low < run.y < high]
        top = max(run.y for run in row)
        for number in range(len(starts)):
            own = [run for run in row if _column(run, starts) == number]
            first = max(own, key=lambda run: run.y, default=None)
            if first and (first.y < top - 1 or first.text[0].islower()):
                begins += 1
    return begins <= _STRAY * (len(levels) - 1)


def rows_of(runs: Sequence[Run]) -> list[list[Run]]:
    """Return runs by lines, from top to bottom, each from left to right."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: (-r.y, r.x0)):
        if rows and abs(rows[-1][0].y - run.y) < 0.5 * run.size:
            rows[-1].append(run)
        else:
            rows.append([run])
    return [sorted(row, key=lambda run: run.x0) for row in rows]


def _column(run: Run, starts: Sequence[float]) -> int | None:
    """Return the number of the column a run is set in, None when it is in none or crosses one."""
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else float("inf")
        if abs(run.x0 - start) < _ALIGNED and run.x1 < end:
            return number
    return None
