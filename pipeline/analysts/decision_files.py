"""The files of data/decisions: any CSV or workbook an analyst saved, as one table of decisions.

Nothing is looked up here and nothing is ever written there: what a decision applies to is found in
`decisions.py`. Column names and values are those of `lexicons/decision_words.csv`, in any case,
with or without accents.
"""

import csv
import difflib
import functools
import io
import zipfile
from pathlib import Path

import pandas as pd
from charset_normalizer import from_bytes
from openpyxl.utils.exceptions import InvalidFileException

from pipeline import dates, french
from pipeline.contract import UserError

# One row a decision; what a kind does not use is empty.
COLUMNS = (
    *("file", "sheet", "row", "kind", "value", "author", "date", "comment"),
    *("statement_id", "path", "city", "text", "before", "after", "heading", "pieces"),
    *("other_id", "other_path", "other_city", "other_text"),
)
PROBLEM_COLUMNS = ("file", "sheet", "row", "statement_id", "problem")
# kind → the column that holds the decision, and those that say what it is about.
_KINDS = {
    "nature": ("tag", ("statement_id", "text")),
    "seconde nature": ("second_tag", ("statement_id", "text")),
    "action": ("action", ("statement_id", "text")),
    "thème": ("new_label", ("theme_id",)),
    "paire": ("verdict", ("obstacle_id", "obstacle")),
}
_HEADER_WITHIN = 10  # rows: a title above the headings is passed over
_CLOSE_ENOUGH = 0.88
_DELIMITED = (".csv", ".tsv", ".txt")  # « Texte Unicode » of Excel is a .txt
_NOT_DECISIONS = (".md", "")


def read_csv_any(path: Path) -> pd.DataFrame:
    """Return a CSV as text columns, whatever its delimiter (`,` `;` tab) and encoding.

    Raises UserError when it is empty or no table.
    """
    raw = path.read_bytes()
    text = _decode(raw)
    if not text.strip():
        raise UserError(f"{path} est vide : remettez-y une ligne d'en-têtes et des énoncés.")
    first = text.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = pd.read_csv(
            io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False, index_col=False
        )
    except (pd.errors.ParserError, csv.Error) as error:
        raise UserError(
            f"{path} n'est pas un tableau lisible ({error}) : enregistrez-le en CSV UTF-8."
        ) from error
    return rows.rename(columns=str.strip).fillna("")


def _decode(raw: bytes) -> str:
    """Return text from UTF-8 when it is valid, else from the likeliest of the usual encodings."""
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return raw.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        guess = from_bytes(raw, cp_isolation=["cp1252", "mac_roman"]).best()
        return str(guess) if guess else raw.decode("latin-1")


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the decisions of `folder`, one row each (`COLUMNS`), and the problems met.

    `kind` is nature, seconde nature, action, thème or paire; `value` a tag of the contract (or ""
    for no second tag), exclure/scinder/fusionner, a theme's new label, confirmée/refusée. For a
    theme, statement_id and text are its id and the label it had; for a pair, the obstacle's, and
    the other_* columns the answer's. `row` is numbered as a spreadsheet does. Cells left empty
    decide nothing. Problems: `PROBLEM_COLUMNS`.
    """
    found: list[dict[str, object]] = []
    problems: list[tuple[str, str, int, str, str]] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        inside = path.relative_to(folder)
        name = inside.as_posix()
        hidden = any(part.startswith((".", "~$")) for part in inside.parts)
        if hidden or path.suffix.lower() in _NOT_DECISIONS:
            continue
        try:
            sheets = _sheets(path)
        except UserError as error:
            problems.append((name, "", 0, "", str(error)))
            continue
        for sheet, table in sheets.items():
            _read_sheet(name, sheet, table, found, problems)
    taken = pd.DataFrame([dict.fromkeys(COLUMNS, "") | row for row in found], columns=list(COLUMNS))
    return taken, problem_table(problems)


def problem_table(problems: list[tuple[str, str, int, str, str]]) -> pd.DataFrame:
    """Return problems (`PROBLEM_COLUMNS`) as a table, in the order of files."""
    table = pd.DataFrame(problems, columns=list(PROBLEM_COLUMNS))
    order = ["file", "sheet", "row"]
    return table.astype({"row": int}).sort_values(order, kind="stable", ignore_index=True)


@functools.cache
def _words(kind: str) -> dict[str, str]:
    rows = french.lexicon("decision_words")
    return {french.slug(row["word"]): row["means"] for row in rows if row["kind"] == kind}


def choices(kind: str) -> dict[str, str]:
    """Return what may be written for a tag, an action or a verdict: our value → its word."""
    rows = [row for row in french.lexicon("decision_words") if row["kind"] == kind]
    return {row["means"]: row["word"] for row in reversed(rows)}


def _sheets(path: Path) -> dict[str, pd.DataFrame]:
    """Return the sheets of one file that hold a column of decisions, as text (`_named` columns)."""
    if path.suffix.lower() not in (*_DELIMITED, ".xlsx"):
        raise UserError(
            f"{path.name} n'est ni un .xlsx ni un .csv : enregistrez-le sous l'un de ces formats."
        )
    if path.suffix.lower() in _DELIMITED:
        raw = read_csv_any(path)
        raw.index = raw.index + 2
        sheets = {"": raw}
    else:
        sheets = _read_workbook(path)
    named = {name: _named(table) for name, table in sheets.items()}
    kept = {name: table for name, table in named.items() if _decides(table.columns)}
    if not kept:
        raise UserError(
            f"{path.name} : il faut une colonne « Nature corrigée » (ou « Action », « Nouveau "
            "nom », « Verdict ») et une colonne « statement_id » ou « Énoncé » ; reprenez les "
            "en-têtes de review.xlsx."
        )
    return kept


def _decides(columns: pd.Index) -> bool:
    return any(
        value in columns and any(key in columns for key in keys) for value, keys in _KINDS.values()
    )


def _read_workbook(path: Path) -> dict[str, pd.DataFrame]:
    """Return every sheet as text; its headings are in the first rows, under a title or not."""
    try:
        sheets = pd.read_excel(
            path, sheet_name=None, header=None, dtype=str, keep_default_na=False, engine="openpyxl"
        )
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise UserError(
            f"{path.name} ne s'ouvre pas ({error}) : enregistrez-le de nouveau en .xlsx ou .csv."
        ) from error
    tables = {}
    for name, cells in sheets.items():
        cells = cells.fillna("").astype(str)
        for place in range(min(_HEADER_WITHIN, len(cells))):
            table = cells.iloc[place + 1 :].set_axis(cells.iloc[place].str.strip(), axis=1)
            table.index = table.index + 1
            if _decides(_named(table.head(0)).columns):
                tables[str(name)] = table
                break
    return tables


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns we know under our names; for two of the same meaning, the plainer name.

    A heading is known as written in the lexicon, else followed by something (« Nature corrigée
    par Paul »), else misspelt by a letter or two.
    """
    known = _words("column")
    slugs = [french.slug(str(column)) for column in table.columns]
    names = list(known)
    chosen: dict[str, tuple[int, int]] = {}
    for place, slug in enumerate(slugs):
        close = difflib.get_close_matches(slug, names, n=1, cutoff=_CLOSE_ENOUGH)
        longer = [name for name in names if len(name) > 4 and slug.startswith(f"{name}-")]
        match = slug if slug in known else (longer or close or [""])[-1]
        if not match:
            continue
        rank = names.index(match) + (0 if slug in known else len(names))
        if known[match] not in chosen or rank < chosen[known[match]][0]:
            chosen[known[match]] = (rank, place)
    columns = {ours: table.iloc[:, place] for ours, (_, place) in chosen.items()}
    return pd.DataFrame(columns, index=table.index).fillna("").astype(str)


def _read_sheet(
    file: str,
    sheet: str,
    table: pd.DataFrame,
    found: list[dict[str, object]],
    problems: list[tuple[str, str, int, str, str]],
) -> None:
    table = table.apply(lambda column: column.str.strip())
    for number, cells in table.iterrows():
        where = {"file": file, "sheet": sheet, "row": int(number)}
        common = where | {
            "author": cells.get("author", ""),
            "date": dates.date_of_cell(cells.get("date", "")),
            "comment": cells.get("comment", ""),
        }
        for kind, (column, keys) in _KINDS.items():
            said = cells.get(column, "")
            if not said:
                continue
            about = _about(kind, cells)
            value, problem = _value(column, said)
            if not any(cells.get(key, "") for key in keys):
                problem = (
                    "La ligne ne dit pas de quoi elle parle : gardez l'identifiant ou le texte."
                )
            if problem:
                problems.append((file, sheet, int(number), str(about["statement_id"]), problem))
            else:
                found.append({**common, "kind": kind, "value": value, **about})


def _about(kind: str, cells: pd.Series) -> dict[str, str]:
    """Return what a decision of this kind is about, from the cells of its row."""
    if kind == "thème":
        return {"statement_id": cells.get("theme_id", ""), "text": cells.get("theme", "")}
    if kind == "paire":
        ours = {"statement_id": "obstacle_id", "text": "obstacle"}
        ours |= {"path": "obstacle_path", "city": "obstacle_city"}
        ours |= {"other_id": "answer_id", "other_text": "answer"}
        ours |= {"other_path": "answer_path", "other_city": "answer_city"}
        return {name: cells.get(column, "") for name, column in ours.items()}
    names = ("statement_id", "path", "city", "text", "before", "after", "heading", "pieces")
    return {name: cells.get(name, "") for name in names}


def _value(column: str, said: str) -> tuple[str, str]:
    """Return what a cell decides, and the problem (a French sentence) if it decides nothing."""
    if column == "new_label":
        return french.normalise(said), ""
    kind = "tag" if column == "second_tag" else column
    allowed = _words(kind) | (_words("second_tag") if column == "second_tag" else {})
    slug = french.slug(said)
    if slug in allowed:
        return allowed[slug], ""
    words = ", ".join(f"« {word} »" for word in sorted(choices(kind).values()))
    name = {"tag": "L'étiquette", "action": "L'action", "verdict": "Le verdict"}[kind]
    return "", f"{name} « {said} » n'existe pas : écrivez {words}."
