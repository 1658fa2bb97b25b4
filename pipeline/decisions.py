"""What analysts decided: files of data/decisions, read and applied over the model, never changed.

A decision follows its statement by content: the text decides, so that it survives a new order,
a corrected neighbour or a new city. Everything that cannot be applied is reported with its file and
row. Any CSV (comma, semicolon, tab; UTF-8, Windows or Mac encodings) or XLSX workbook is read.
"""

import csv
import hashlib
import io
import zipfile
from pathlib import Path

import pandas as pd
from charset_normalizer import from_bytes
from openpyxl.utils.exceptions import InvalidFileException

from pipeline import french
from pipeline.contract import TAGS, UserError

COLUMNS = ("file", "row", "statement_id", "path", "text", "tag")
_NAMES = {
    "statement_id": ("statement_id", "id", "identifiant"),
    "path": ("path", "document", "fichier", "chemin"),
    "text": ("text", "texte", "enonce", "verbatim"),
    "tag": ("tag_corrige", "nature corrigee", "etiquette corrigee", "decision", "correction"),
}
_LABELS = {
    **{tag: tag for tag in TAGS},
    "constats": "constat",
    "freins": "frein",
    "obstacle": "frein",
    "frein / obstacle": "frein",
    "bonne pratique": "bonne_pratique",
    "bonnes pratiques": "bonne_pratique",
    "propositions": "proposition",
    "hors-champ": "autre",
    "hors champ": "autre",
}


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
    """Return the decisions of `folder` and the problems met.

    Decisions: file, row (as a spreadsheet numbers it), statement_id, path, text, tag. Rows whose
    decision is empty are left out. Problems: file, row, statement_id, problem (a French sentence).
    """
    found, problems = [], []
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.xlsx")]):
        if path.name.startswith((".", "~$")):
            continue
        try:
            rows = _rows(path)
        except UserError as error:
            problems.append((path.name, 0, "", str(error)))
            continue
        for row in rows.itertuples(index=False):
            tag = _LABELS.get(french.fold(row.tag))
            if tag:
                found.append((*row[:-1], tag))
            else:
                problems.append(
                    (
                        row.file,
                        row.row,
                        row.statement_id,
                        f"L'étiquette « {row.tag} » n'existe pas : écrivez {', '.join(TAGS)}.",
                    )
                )
    return pd.DataFrame(found, columns=list(COLUMNS)), problem_table(problems)


def problem_table(problems: list[tuple[str, int, str, str]]) -> pd.DataFrame:
    """Return problems (file, row, statement_id, problem) as a table, in the order of files."""
    table = pd.DataFrame(problems, columns=["file", "row", "statement_id", "problem"])
    return table.astype({"row": int}).sort_values(["file", "row"], kind="stable", ignore_index=True)


def _rows(path: Path) -> pd.DataFrame:
    """Return the rows of one file that hold a decision, with the columns of `COLUMNS`."""
    raw = read_csv_any(path) if path.suffix == ".csv" else _read_workbook(path)
    folded = {french.fold(str(column)): column for column in raw.columns}
    columns = {
        ours: next((folded[name] for name in names if name in folded), None)
        for ours, names in _NAMES.items()
    }
    if columns["tag"] is None or (columns["statement_id"] is None and columns["text"] is None):
        raise UserError(
            f"{path} : il faut une colonne « tag_corrige » et une colonne « statement_id » ou "
            "« text » ; renommez vos colonnes."
        )
    rows = pd.DataFrame(
        {ours: raw[name].str.strip() if name else "" for ours, name in columns.items()},
        index=raw.index,
    )
    rows.insert(0, "file", path.name)
    rows.insert(1, "row", rows.index + 2)
    return rows.loc[rows["tag"] != "", list(COLUMNS)]


def _read_workbook(path: Path) -> pd.DataFrame:
    """Return the first sheet that has a decision column (else the first sheet), as text."""
    try:
        sheets = pd.read_excel(path, sheet_name=None, dtype=str, keep_default_na=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise UserError(
            f"{path} ne s'ouvre pas ({error}) : enregistrez-le de nouveau en .xlsx ou .csv."
        ) from error
    for sheet in sheets.values():
        if any(french.fold(str(column)) in _NAMES["tag"] for column in sheet.columns):
            return sheet.fillna("").astype(str)
    return next(iter(sheets.values())).fillna("").astype(str)


def content_key(text: str) -> str:
    """Return the same key for texts that differ by case, accents, spaces or apostrophes only."""
    return hashlib.sha256(french.fold(french.normalise(text)).encode()).hexdigest()[:16]


def resolve(decisions: pd.DataFrame, statements: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tag decided for each statement (statement_id, tag), and what does not apply.

    A decision with a text goes to the statements of that content: in its document when it names
    one, else the statement of its id, else all of them. Without a text, its statement_id decides.
    Orphans (no such statement) and conflicts (two tags for one statement: none is applied) are
    problems: file, row, statement_id, problem.
    """
    keys = statements["text"].map(content_key)
    same_content = dict(iter(statements.groupby(keys.to_numpy(), sort=False)))
    known = set(statements["statement_id"])
    applied, problems = [], []
    for row in decisions.itertuples(index=False):
        targets = _targets(row.statement_id, row.path, row.text, same_content, known)
        applied += [(target, row.tag, row.file, row.row) for target in targets]
        if not targets:
            problems.append((row.file, row.row, row.statement_id, _orphan(row.text)))
    table = pd.DataFrame(applied, columns=["statement_id", "tag", "file", "row"])
    several = table.groupby("statement_id")["tag"].transform("nunique") > 1
    problems += [
        (c.file, c.row, c.statement_id, _conflict(table, c.statement_id))
        for c in table[several].itertuples(index=False)
    ]
    decided = table.loc[~several, ["statement_id", "tag"]].drop_duplicates("statement_id")
    return decided.sort_values("statement_id", ignore_index=True), problem_table(problems)


def _targets(
    statement_id: str,
    path: str,
    text: str,
    same_content: dict[str, pd.DataFrame],
    known: set[str],
) -> list[str]:
    if not text:
        return [statement_id] if statement_id in known else []
    same = same_content.get(content_key(text))
    if same is None:
        return []
    if path:
        same = same[same["path"] == path]
    ids = same["statement_id"].tolist()
    return [statement_id] if statement_id in ids else ids


def _orphan(text: str) -> str:
    shown = f" « {text[:60]}{'…' if len(text) > 60 else ''} »" if text else ""
    return f"L'énoncé{shown} n'existe plus ou a changé : décidez de nouveau ou ôtez la ligne."


def _conflict(table: pd.DataFrame, statement_id: str) -> str:
    own = table[table["statement_id"] == statement_id]
    said = " ; ".join(f"{r.tag} ({r.file}, ligne {r.row})" for r in own.itertuples(index=False))
    return f"Deux décisions se contredisent, aucune n'est appliquée : {said}."


def theme_names(taken: pd.DataFrame) -> pd.DataFrame:
    """Return the names analysts gave themes (theme_id, label)."""
    rows = taken[taken["kind"] == "thème"] if "kind" in taken else taken.iloc[:0].assign(value="")
    return rows[["statement_id", "value"]].set_axis(["theme_id", "label"], axis=1)


def pairs(taken: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:  # noqa: ARG001
    """Return the pairs analysts judged: obstacle_id, answer_id, verdict (confirmée, refusée)."""
    columns = {"statement_id": "obstacle_id", "other_id": "answer_id", "value": "verdict"}
    rows = taken[taken["kind"] == "paire"] if "kind" in taken else taken.iloc[:0]
    return rows.reindex(columns=list(columns)).rename(columns=columns)
