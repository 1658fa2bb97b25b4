"""Dates as the French write them, in prose, in file names and in cells; always given as ISO."""

import datetime
import functools
import re

from pipeline.french import fold, lexicon

_FIRST_YEAR, _LAST_YEAR = 2000, 2049
# Six digits are a date only in years such files can come from: 060225 is no day of 2006.
_COMPACT_FIRST, _COMPACT_LAST = 2015, 2039


@functools.cache
def _months() -> dict[str, int]:
    return {fold(row["form"]): int(row["month"]) for row in lexicon("months")}


@functools.cache
def _date_pattern() -> re.Pattern[str]:
    months = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    return re.compile(
        r"(?<!\d)(?:"
        r"(?P<y1>20\d\d)(?P<s1>[-/._])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})(?!\d)"
        r"|(?<!\d[./-])(?P<d2>\d{1,2})(?P<s2>[-/._])(?P<m2>\d{1,2})(?P=s2)(?P<y2>20\d\d|\d\d)(?!\d|[-/.]\d)"
        rf"|(?<!\d[./-])(?:(?P<d0>\d{{1,2}})(?:er)?\s*(?:et|au|-|–|/)\s*)?(?P<d3>\d{{1,2}})(?:er)?[\s_.-]*"
        rf"(?P<m3>{months})(?![a-z])\.?[\s_.-]*(?P<y3>20\d\d|\d\d(?!\s*h))(?!\d)"
        r")"
    )


def _iso(year: str, month: str | int, day: str) -> str:
    full = int(year) + (2000 if len(year) == 2 else 0)
    try:
        date = datetime.date(full, int(month), int(day))
    except ValueError:
        return ""
    return date.isoformat() if _FIRST_YEAR <= full <= _LAST_YEAR else ""


def find_dates(text: str) -> list[str]:
    """Return the ISO dates `text` gives in full (day, month, year), in order, each once.

    A period (« les 12 et 13 mars 2024 ») gives both its days.
    """
    found = []
    for m in _date_pattern().finditer(fold(text)):
        if m["y1"]:
            found.append(_iso(m["y1"], m["m1"], m["d1"]))
        elif m["y2"]:
            found.append(_iso(m["y2"], m["m2"], m["d2"]))
        else:
            month = _months()[m["m3"]]
            found += [_iso(m["y3"], month, day) for day in (m["d0"], m["d3"]) if day]
    return list(dict.fromkeys(date for date in found if date))


def compact_dates(name: str) -> list[str]:
    """Return the dates six or eight digits of a file name may mean (060225, 20240116)."""
    found = []
    for digits in re.findall(r"(?<!\d)(?:\d{8}|\d{6})(?!\d)", name):
        cut = len(digits) - 4
        readings = (
            _iso(digits[:cut], digits[cut : cut + 2], digits[cut + 2 :]),
            _iso(digits[4:], digits[2:4], digits[:2]),
        )
        found += [r for r in readings if r and _COMPACT_FIRST <= int(r[:4]) <= _COMPACT_LAST]
    return list(dict.fromkeys(found))


def date_of_cell(value: str) -> str:
    """Return the ISO date a cell holds, or "" if it holds none, or several."""
    dates = find_dates(value) or (compact_dates(value) if value.strip().isdigit() else [])
    return dates[0] if len(dates) == 1 else ""
