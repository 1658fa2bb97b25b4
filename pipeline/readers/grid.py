"""Rows and columns, in a spreadsheet or in a document's table: each cell under its heading.

Column names are recognised by `lexicons/column_names.csv`; what a column is decides whether its
cells are statements (text, or a column named after a tag) or say who, where, when and about what.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.french import fold, lexicon, normalise
from pipeline.readers.block import Block
from pipeline.readers.lines import BULLET, NUMBER, logical_lines

_SEARCHED_ROWS = 15
_LEAST_CLOSED = 6  # answers from which the same few tell that a question was closed
_CONTEXT = ("city", "date", "round_table", "speaker", "role", "theme", "nature")
_PEOPLE = ("speaker", "role", "people")


@dataclass(frozen=True)
class Cell:
    """A cell: its paragraphs, whether it is a header, whether a merged cell covers it."""

    pieces: tuple[str, ...] = ()
    header: bool = False
    copy: bool = False

    @property
    def text(self) -> str:
        """The cell on one line."""
        return normalise(" ".join(self.pieces))


Rows = Sequence[Sequence[Cell]]


@functools.cache
def column_role(name: str) -> str:
    """Return what a column of this name holds, or "" when the lexicon does not know it."""
    folded = re.sub(r"[^\w\s'/]|_", " ", fold(name)).replace("(s)", "")
    folded = re.sub(r"\s+", " ", folded).strip()
    if is_question(name):
        return _roles().get(_singulars(folded)[0], "tag")
    folded = re.sub(r"^(?:votre|vos|leur|leurs|son|sa|ses) ", "", folded)
    if not folded or len(folded.split()) > 8:
        return ""
    for known in (folded, *_singulars(folded)):
        if known in _roles():
            return _roles()[known]
    if re.match(r"ce (?:qui|que|qu) ", folded.replace("'", " ")):
        return "tag"
    starts = [known for known in _roles() if f"{_singulars(folded)[0]} ".startswith(f"{known} ")]
    starts = [known for known in starts if not _is_completed(known, folded)]
    return _roles()[max(starts, key=len)] if starts else ""


def is_question(name: str) -> bool:
    """Tell a column named by a question, what may be answered following it (« … ? [1 à 5] »)."""
    return "?" in name and len(name.partition("?")[0].split()) >= 3


def _is_completed(known: str, folded: str) -> bool:
    """Tell « points de blocage » from « point 3 »: what completes a subject's name changes it."""
    return _roles()[known] == "theme" and bool(
        re.match(rf"{re.escape(known)}[sx]? (?:d'|de |du |des |a )", folded)
    )


@functools.cache
def _roles() -> dict[str, str]:
    return {_singulars(fold(row["name"]))[0]: row["role"] for row in lexicon("column_names")}


@functools.cache
def _no_answers() -> frozenset[str]:
    return frozenset(fold(row["form"]) for row in lexicon("no_answers"))


def _singulars(folded: str) -> tuple[str]:
    return (" ".join(re.sub(r"(?<=\w\w\w)[sx]$", "", word) for word in folded.split()),)


def grid_blocks(
    rows: Rows, *, place: str, first: int = 1, numbers: Sequence[int] = ()
) -> list[Block]:
    """Return a grid as blocks: its title rows, its cells, the rest as furniture.

    Args:
        rows: the cells, merged ones already spread (`copy` on all but the first).
        place: how locators begin (« tableau 1 », « feuille « Contributions » »).
        first: the number of the first row.
        numbers: the row numbers, when they do not simply follow each other.
    """
    numbers = numbers or range(first, first + len(rows))
    where = [f"{place}, ligne {n}" if place else f"ligne {n}" for n in numbers]
    header = _header_row(rows)
    if _is_form(rows, header):
        return _form_blocks(rows, where)
    if header is None:
        return _without_header(rows, where)
    roles = _roles_of_columns(rows, header)
    blocks = [
        Block("furniture", text, locator=where[index])
        for index in range(header)
        if (text := _row_text(rows[index]))
    ]
    blocks.append(Block("furniture", _row_text(rows[header]), locator=where[header]))
    names = [cell.text for cell in rows[header]]
    part = ""
    for index in range(header + 1, len(rows)):
        part = _row_text(rows[index]) if _is_part(rows[index]) else part
        blocks.extend(_row_blocks(rows[index], names, roles, where[index], part))
    return blocks


def _is_part(row: Sequence[Cell]) -> bool:
    """Tell a row merged from side to side, the title of the rows under it, from a statement."""
    text = row[0].text if row else ""
    merged = len(row) > 1 and not row[0].copy and all(cell.copy for cell in row[1:])
    return merged and 0 < len(text.split()) <= 12 and text[-1] not in ".!?;"


def _is_form(rows: Rows, header: int | None) -> bool:
    """Tell a grid whose names stand in the first column (« Freins | … »), one a row."""
    if max(map(len, rows)) > 3:
        return False
    named = [row for row in rows if row and row[0].text and any(c.text for c in row[1:])]
    known = [row for row in named if column_role(row[0].text)]
    said = [row for row in known if column_role(row[0].text) in ("tag", "text")]
    across = 0
    if header is not None:
        across = sum(bool(column_role(cell.text)) for cell in rows[header] if not cell.copy)
    return len(known) > across and len(said) >= 2 and len(known) > 0.5 * len(named)


def _form_blocks(rows: Rows, where: list[str]) -> list[Block]:
    """Return a grid read down its first column: who, where and when, then what was said."""
    names = [row[0].text if row else "" for row in rows]
    roles = [column_role(name) for name in names]
    known = dict.fromkeys(_CONTEXT, "")
    for row, role in zip(rows, roles, strict=True):
        if role in known and not known[role]:
            known[role] = " ".join(cell.text for cell in row[1:] if not cell.copy)
    blocks = []
    for row, name, role, locator in zip(rows, names, roles, where, strict=True):
        said = role in ("tag", "text") and len(row) > 1
        cells = [cell for cell in (row[1:] if said else row) if cell.text and not cell.copy]
        if said and row[0].text:
            blocks.append(Block("furniture", name, locator=locator))
        for cell in cells:
            if said and _says_something(cell, "text"):
                column = name if role == "tag" else known["nature"]
                texts = cell_statements(cell)
                blocks += [_cell(text, column, known, locator) for text in texts]
            else:
                blocks.append(Block("furniture", cell.text, locator=locator))
    return blocks


def _row_text(row: Sequence[Cell]) -> str:
    return " | ".join(cell.text for cell in row if cell.text and not cell.copy)


def _header_row(rows: Rows) -> int | None:
    """Return the row that names the columns: the one whose cells the lexicon knows best."""
    best, best_score = None, 0.0
    for index, row in enumerate(rows[:_SEARCHED_ROWS]):
        filled = [cell for cell in row if cell.text and not cell.copy]
        if len(filled) < 2 and not (len(filled) == 1 and max(map(len, rows)) == 1):
            continue
        known = sum(bool(column_role(cell.text)) for cell in filled)
        marked = sum(cell.header for cell in filled)
        short = all(len(cell.text.split()) <= (30 if _asks(cell.text) else 8) for cell in filled)
        score = known + 0.5 * (marked == len(filled))
        enough = known >= min(2, len(filled)) or (known == 1 and len(filled) <= 3)
        if short and (enough or marked == len(filled)) and score > best_score:
            best, best_score = index, score
    return best


def _asks(name: str) -> bool:
    """Tell a column named by what its cells answer."""
    return is_question(name) or name.rstrip().endswith(":")


def _roles_of_columns(rows: Rows, header: int) -> list[str]:
    roles = [column_role(cell.text) for cell in rows[header]]
    body = [row for row in rows[header + 1 :] if not _is_part(row)]
    for column, role in enumerate(roles):
        values = [row[column].text for row in body if column < len(row) and row[column].text]
        words = sum(len(value.split()) for value in values) / max(1, len(values))
        if role in ("nature", "theme") and words > 9:
            roles[column] = "tag"
        if role == "tag" and is_question(rows[header][column].text) and _is_closed(values, words):
            roles[column] = ""
            continue
        if role == "" and words >= 5 and any(re.search("[a-zà-ÿ]{3}", v) for v in values):
            roles[column] = "tag"
    if "tag" in roles and "text" not in roles and roles[0] == "" and len(rows[header]) > 1:
        roles[0] = "theme"
    return roles


def _is_closed(values: Sequence[str], words: float) -> bool:
    """Tell the answers to a closed question (a district, an age, « plutôt satisfait »)."""
    few = len(values) >= _LEAST_CLOSED and len(set(values)) <= 0.4 * len(values)
    return words < 2.5 or (few and words <= 8)


def _row_blocks(
    row: Sequence[Cell], names: list[str], roles: list[str], where: str, part: str
) -> list[Block]:
    """Return the blocks of one row: its statements with who, what and where, then the rest.

    `part` is the title of the part of the grid it is in: its theme, where no column says one.
    """
    if _is_part(row):
        return [Block("furniture", part, locator=where)]
    known = dict.fromkeys(_CONTEXT, "")
    for cell, role in zip(row, roles, strict=False):
        if role in known and not known[role]:
            known[role] = cell.text
    known["theme"] = known["theme"] or part
    if re.fullmatch("[1-4]", known["round_table"]):
        known["round_table"] = f"TR{known['round_table']}"
    blocks, rest = [], []
    for position, cell in enumerate(row):
        role = roles[position] if position < len(roles) else ""
        if not cell.text or role in known:
            continue
        if role in ("text", "tag") and not cell.copy and _says_something(cell, role):
            column = names[position]
            if role == "text" and (part or {"nature", "theme"} & set(roles)):
                column = known["nature"]
            blocks += [_cell(text, column, known, where) for text in cell_statements(cell)]
        elif not cell.copy:
            rest.append(cell.text)
    if not blocks:
        rest = [cell.text for cell in row if cell.text and not cell.copy]
    if rest:
        blocks.append(Block("furniture", " | ".join(rest), locator=where))
    return blocks


def _says_something(cell: Cell, role: str) -> bool:
    if re.sub(r"[\s.!]+", " ", fold(cell.text)).strip() in _no_answers():
        return False
    words = re.findall(r"[^\W\d_]{2,}", cell.text)
    return len(words) >= (1 if role == "text" else 2)


def _cell(text: str, column: str, known: dict[str, str], where: str) -> Block:
    return Block(
        "cell",
        text,
        heading=known["theme"],
        column=column,
        speaker=known["speaker"],
        role=known["role"],
        locator=where,
        city=known["city"],
        date=known["date"],
        round_table=known["round_table"],
    )


def cell_statements(cell: Cell) -> list[str]:
    """Return the bullets of a cell, or its lines; what follows a whole sentence stays with it."""
    statements: list[str] = []
    for piece in cell.pieces:
        lines = [line for line in piece.split("\n") if line.strip()]
        if any(BULLET.match(line) for line in lines):
            statements += [normalise(line.text) for line in logical_lines(lines)]
            continue
        if len(lines) > 1 and all(NUMBER.match(line) for line in lines):
            statements += [normalise(NUMBER.sub("", line, count=1)) for line in lines]
            continue
        for number, line in enumerate(lines):
            text = normalise(line)
            if number and (re.search(r"[.!?…:,;»\"]$", statements[-1]) or text[0].islower()):
                statements[-1] += f" {text}"
            elif text:
                statements.append(text)
    return [text for text in statements if text]


def _without_header(rows: Rows, where: list[str]) -> list[Block]:
    """Return a grid whose columns have no names: prose cells, the first column as their subject."""
    blocks = []
    for row, locator in zip(rows, where, strict=True):
        cells = [cell for cell in row if cell.text and not cell.copy]
        subject = cells[0].text if len(cells) > 1 and len(cells[0].text.split()) <= 8 else ""
        for cell in cells[1:] if subject else cells:
            if _is_prose(cell.text) or BULLET.match(cell.pieces[0]):
                blocks += [
                    Block("cell", text, heading=subject, locator=locator)
                    for text in cell_statements(cell)
                ]
                continue
            blocks.append(Block("furniture", cell.text, locator=locator))
        if subject:
            blocks.append(Block("furniture", subject, locator=locator))
    return blocks


def _is_prose(text: str) -> bool:
    return len(text.split()) >= 6 and not re.search(r"\s[;|]\s.*\s[;|]\s", text)


def is_people(rows: Rows) -> bool:
    """Tell a list of participants: its header names people and no column holds their words."""
    header = _header_row(rows)
    if header is None:
        return False
    roles = [column_role(cell.text) for cell in rows[header] if cell.text]
    return (
        bool(roles)
        and all(role in (*_PEOPLE, "city", "") for role in roles)
        and any(role in _PEOPLE for role in roles)
    )


def as_furniture(rows: Rows, *, place: str) -> list[Block]:
    """Return every row as one block of furniture."""
    return [
        Block("furniture", text, locator=f"{place}, ligne {number}")
        for number, row in enumerate(rows, 1)
        if (text := _row_text(row))
    ]


def spread(rows: Sequence[Sequence[tuple[Cell, int, int]]]) -> list[list[Cell]]:
    """Return rows of (cell, colspan, rowspan) as a full grid, merged cells copied."""
    grid: list[list[Cell]] = []
    pending: dict[int, tuple[Cell, int]] = {}
    for row in rows:
        line: list[Cell] = []
        carried = dict(pending)
        pending.clear()
        for cell, columns, height in row:
            _carry(line, carried, pending)
            for offset in range(min(columns, 200)):
                copied = replace(cell, copy=cell.copy or offset > 0)
                if height > 1:
                    pending[len(line)] = (replace(cell, copy=True), height - 1)
                line.append(copied)
        _carry(line, carried, pending)
        grid.append(line)
    return grid


def _carry(
    line: list[Cell], carried: dict[int, tuple[Cell, int]], pending: dict[int, tuple[Cell, int]]
) -> None:
    """Append to `line` the cells that merged ones above reach down to, from its current end."""
    while (held := carried.pop(len(line), None)) is not None:
        cell, left = held
        if left > 1:
            pending[len(line)] = (cell, left - 1)
        line.append(cell)
