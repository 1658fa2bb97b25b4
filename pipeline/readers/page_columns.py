"""The order in which a person reads a page: its bands from top to bottom, in each its columns."""

import statistics
from collections import Counter
from collections.abc import Sequence

from pipeline.readers.page_layout import Run

_GUTTER = 8.0  # points, the least white between two columns
_LEAST_ROWS = 4  # lines on each side of a gutter
_LEAST_WORDS = 2.5  # words a line: fewer are the cells of a table of figures
_FAR = 2.2  # sizes of letters between two lines that do not belong together


def reading_order(runs: Sequence[Run], usual: float | None = None) -> list[list[Run]]:
    """Return the runs of a page as columns, in reading order, each from top to bottom.

    `usual` is where the right column begins on other pages: it serves a page too short to tell.
    """
    ordered = sorted(runs, key=lambda r: (-r.y, r.x0))
    if bands := _bands(ordered):
        return [column for band in bands for column in reading_order(band, usual)]
    gutter = gutter_of(runs)
    if gutter is None and usual and _fits(runs, usual):
        gutter = usual
    if gutter is None:
        return [ordered] if ordered else []
    columns: list[list[Run]] = []
    band: list[Run] = []
    spanning: list[Run] = []
    for run in ordered:
        crosses = run.x0 < gutter - 2 and run.x1 > gutter
        if crosses and band:
            columns += _sides(band, gutter)
            band = []
        if not crosses and spanning:
            columns.append(spanning)
            spanning = []
        (spanning if crosses else band).append(run)
    if spanning:
        columns.append(spanning)
    return columns + (_sides(band, gutter) if band else [])


def _sides(band: list[Run], gutter: float) -> list[list[Run]]:
    left = [run for run in band if run.x0 < gutter - 2]
    right = [run for run in band if run.x0 >= gutter - 2]
    return [*(reading_order(left) if left else []), *(reading_order(right) if right else [])]


def _bands(ordered: list[Run]) -> list[list[Run]]:
    """Return what is above a part that stands in two columns, its columns, what is below.

    Nothing when no part of the page does.
    """
    found = _columns_of_band(ordered)
    if found is None:
        return []
    left, right = found
    inside = {*left, *right}
    bottom = min(run.y for run in inside)
    above = [run for run in ordered if run.y > bottom and run not in inside]
    below = [run for run in ordered if run.y <= bottom and run not in inside]
    return [band for band in (above, left, right, below) if band]


def _columns_of_band(ordered: list[Run]) -> tuple[list[Run], list[Run]] | None:
    """Return the left and right runs of the tallest band of a page that a white gutter parts."""
    rows = _rows(ordered)
    best: tuple[list[Run], list[Run]] | None = None
    for start in range(len(rows)):
        if best and sum(map(len, rows[start:])) <= len(best[0]) + len(best[1]):
            break
        gaps = [(min(r.x0 for r in ordered), max(r.x1 for r in ordered))]
        last_gaps, end = gaps, start
        while end < len(rows) and gaps:
            last_gaps = gaps
            gaps = _without(gaps, rows[end])
            end += bool(gaps)
        band = [run for row in rows[start:end] for run in row]
        for low, high in gaps or last_gaps:
            left = [run for run in band if run.x1 <= low + 0.1]
            right = [run for run in band if run.x0 >= high - 0.1]
            left, right = _trimmed(left, right), _trimmed(right, left)
            larger = best is None or len(left) + len(right) > len(best[0]) + len(best[1])
            if larger and _are_columns(left, right):
                best = left, right
    return best


def _rows(ordered: list[Run]) -> list[list[Run]]:
    rows: list[list[Run]] = []
    for run in ordered:
        if rows and abs(rows[-1][0].y - run.y) < 0.5 * run.size:
            rows[-1].append(run)
        else:
            rows.append([run])
    return rows


def _without(gaps: list[tuple[float, float]], row: list[Run]) -> list[tuple[float, float]]:
    """Return what is left of white strips once the runs of a row are set."""
    for run in row:
        cut = []
        for low, high in gaps:
            cut += [(low, min(high, run.x0)), (max(low, run.x1), high)]
        gaps = [(low, high) for low, high in cut if high - low >= _GUTTER]
    return gaps


def _trimmed(side: list[Run], other: list[Run]) -> list[Run]:
    """Return a column without what stands apart above or below the column beside it."""
    if not side or not other:
        return side
    top, bottom = max(run.y for run in other), min(run.y for run in other)
    kept = sorted(side, key=lambda run: -run.y)
    for index in range(len(kept) - 1, 0, -1):
        before, run = kept[index - 1], kept[index]
        if before.y - run.y > _FAR * run.size and run.y < bottom - run.size:
            kept = kept[:index]
    for index in range(1, len(kept)):
        before, run = kept[-index - 1], kept[-index]
        if before.y - run.y > _FAR * run.size and before.y > top + run.size:
            kept = kept[-index:]
            break
    usual = statistics.median(run.size for run in side)
    while len(kept) > 1 and kept[-1].y < bottom and _is_title(kept[-1], usual):
        kept.pop()  # a title below the columns heads what follows them
    return kept


def _is_title(run: Run, usual: float) -> bool:
    return run.is_bold or run.size > 1.08 * usual


def _are_columns(left: list[Run], right: list[Run]) -> bool:
    if min(len(_rows(left)), len(_rows(right))) < _LEAST_ROWS:
        return False
    words = [sum(len(r.text.split()) for r in side) / len(_rows(side)) for side in (left, right)]
    spans = [(max(r.y for r in side), min(r.y for r in side)) for side in (left, right)]
    beside = min(top for top, _ in spans) - max(bottom for _, bottom in spans)
    shorter = min(top - bottom for top, bottom in spans)
    return min(words) >= _LEAST_WORDS and beside >= 0.5 * shorter > 0


def _fits(runs: Sequence[Run], gutter: float) -> bool:
    """Tell whether no run crosses this gutter and the right column does begin there."""
    crossing = any(run.x0 < gutter - 2 and run.x1 > gutter for run in runs)
    return not crossing and any(gutter - 2 <= run.x0 < gutter + 4 * run.size for run in runs)


def gutter_of(runs: Sequence[Run]) -> float | None:
    """Return where the right column begins, or None for text in one column.

    A gutter is a left edge shared by many wide runs, which hardly any run crosses, with wide runs
    on its left at the same heights; bullets and the numbers of a table are too narrow to count.
    """
    if len(runs) < 10:
        return None
    left, right = min(r.x0 for r in runs), max(r.x1 for r in runs)
    wide = 0.22 * (right - left)
    edges = Counter(round(r.x0) for r in runs if left + 0.2 * (right - left) < r.x0)
    best, best_count = None, 0
    for edge, count in edges.items():
        if count < 4 or count <= best_count:
            continue
        crossing = sum(r.x0 < edge - 2 and r.x1 > edge for r in runs)
        before = [r for r in runs if r.x1 <= edge and r.x1 - r.x0 > wide]
        after = [r for r in runs if r.x0 >= edge - 2 and r.x1 - r.x0 > wide]
        beside = sum(any(abs(a.y - b.y) < a.size for b in before) for a in after)
        if crossing <= 0.2 * len(runs) and len(before) >= 5 and len(after) >= 5 and beside >= 4:
            best, best_count = float(edge), count
    return best
