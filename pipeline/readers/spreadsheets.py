"""Grids of contributions (.csv, .xlsx): which row names the columns, which cells are statements."""

import csv
import datetime
import io
import statistics
from collections.abc import Iterator
from dataclasses import replace

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.french import normalise
from pipeline.readers.block import Block, Unreadable
from pipeline.readers.grid import Cell, as_furniture, grid_blocks, is_people
from pipeline.readers.plain import decode

_DELIMITERS = (";", ",", "\t", "|")
_MAX_CELLS = 3_000_000
csv.field_size_limit(10_000_000)


def read_csv(data: bytes) -> list[Block]:
    """Return the cells of a .csv, whatever its delimiter and encoding; locators are file lines."""
    rows, numbers = csv_rows(data)
    cells = [[Cell((value,)) for value in row] for row in rows]
    return _sheet(cells, place="", numbers=numbers)


def csv_rows(data: bytes) -> tuple[list[list[str]], list[int]]:
    """Return the rows of a .csv that hold something, and the file line each begins on."""
    text, _ = decode(data)
    text = text.removeprefix("sep=;\n").removeprefix("sep=,\n")
    delimiter = _delimiter(text)
    rows, numbers = [], []
    for number, row in _records(text, delimiter):
        if any(value.strip() for value in row):
            rows.append(row)
            numbers.append(number)
    width = len(rows[0]) if rows else 0
    if len(rows) > 2:
        width = statistics.mode(map(len, rows))
    return [_fitted(row, width, delimiter) for row in rows], numbers


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a .csv and the line each begins on; a quote never closed is only a sign."""
    lines = text.split("\n")
    start = 0
    while start < len(lines):
        reader = csv.reader((f"{line}\n" for line in lines[start:]), delimiter=delimiter)
        last = 0
        for row in reader:
            if reader.line_num - last > 1 and start + reader.line_num >= len(lines):
                source = "\n".join(lines[start + last : start + reader.line_num])
                if source.count('"') % 2:
                    break
            yield start + last + 1, row
            last = reader.line_num
        else:
            return
        start += last
        values = lines[start].split(delimiter)
        yield start + 1, [v.lstrip().removeprefix('"') if v.count('"') % 2 else v for v in values]
        start += 1


def _fitted(row: list[str], width: int, delimiter: str) -> list[str]:
    """Return a row with what exceeds the usual width in its last cell: a text not quoted."""
    if 1 < width < len(row) and any(value.strip() for value in row[width:]):
        row = [*row[: width - 1], delimiter.join(row[width - 1 :])]
    return [value.strip() for value in row]


def _delimiter(text: str) -> str:
    """Return the delimiter under which most rows have the same, largest number of fields."""

    def score(delimiter: str) -> tuple[float, float]:
        rows = list(csv.reader(io.StringIO(text[:50_000], newline=""), delimiter=delimiter))
        lengths = [len(row) for row in rows if any(row)]
        if not lengths or max(lengths) < 2:
            return (0.0, 0.0)
        usual = statistics.mode(lengths)
        return (lengths.count(usual) / len(lengths) if usual > 1 else 0.0, usual)

    return max(_DELIMITERS, key=score)


def read_xlsx(data: bytes) -> list[Block]:
    """Return the cells of every visible sheet of an .xlsx; sheets of participants are furniture."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    blocks: list[Block] = []
    for sheet in book.worksheets:
        rows = _cells(sheet)
        place = f"feuille «\u202f{sheet.title}\u202f»"
        numbers = [n for n, row in enumerate(rows, 1) if any(cell.text for cell in row)]
        kept = [rows[n - 1] for n in numbers]
        if sheet.sheet_state != "visible":
            blocks.extend(as_furniture(kept, place=place))
        elif kept:
            blocks.extend(_sheet(kept, place=place, numbers=numbers, title=sheet.title))
    return blocks


def _cells(sheet: Worksheet) -> list[list[Cell]]:
    if sheet.max_row * sheet.max_column > _MAX_CELLS:
        raise Unreadable(
            "trop_gros",
            f"La feuille «\u202f{sheet.title}\u202f» compte {sheet.max_row} lignes et "
            f"{sheet.max_column} colonnes : supprimez les lignes et colonnes vides, enregistrez.",
        )
    values = sheet.iter_rows(values_only=True)
    rows = [
        [Cell((text,)) if (text := _shown(value)) else Cell() for value in row] for row in values
    ]
    for area in sheet.merged_cells.ranges:
        top = rows[area.min_row - 1][area.min_col - 1] if area.min_row <= len(rows) else Cell()
        for row in range(area.min_row - 1, min(area.max_row, len(rows))):
            for column in range(area.min_col - 1, min(area.max_col, len(rows[row]))):
                if (row, column) != (area.min_row - 1, area.min_col - 1):
                    rows[row][column] = Cell(top.pieces, copy=True)
    return rows


def _shown(value: object) -> str:
    """Return a cell's value as a reader sees it; dates in ISO form."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _sheet(
    rows: list[list[Cell]], *, place: str, numbers: list[int], title: str = ""
) -> list[Block]:
    """Return the blocks of a sheet, its name as their section, and as round table if it is one."""
    people = is_people(rows)
    blocks = grid_blocks(rows, place=place, numbers=numbers)
    if people:
        blocks = [replace(block, kind="furniture") for block in blocks]
    shown = "" if normalise(title).lower().startswith(("feuil", "sheet")) else title
    return [
        replace(
            block,
            section=" › ".join(part for part in (shown, block.heading) if part),
            round_table=block.round_table or shown,
        )
        for block in blocks
    ]
