"""What passes between stages: tables with their columns, keys and allowed values.

Every stage reads and writes its tables here, so that a wrong table stops the stage that made it,
not the one that trips over it. Paths are relative to the current folder, the project's root.
"""

import errno
import getpass
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

TAGS = ("constat", "frein", "bonne_pratique", "proposition", "autre")
ROUND_TABLES = ("TR1", "TR2", "TR3", "TR4")
BLOCK_KINDS = ("heading", "paragraph", "item", "cell", "turn", "furniture")

RAW = Path("data/raw")
DECISIONS = Path("data/decisions")
INTERIM = Path("data/interim")
PROCESSED = Path("data/processed")
REGISTRY = Path("data/registry")
CACHE = Path("data/cache")


class UserError(Exception):
    """Something the analyst can mend; the message is one French sentence saying what and how."""


@dataclass(frozen=True)
class Table:
    """The description of one table: where it lives, its columns (name → type), key and rules."""

    path: Path
    key: tuple[str, ...]
    columns: dict[str, str]
    allowed: dict[str, tuple[str, ...]] = field(default_factory=dict)


# What ingest reads, and pseudonymise masks.
_READ_DOCUMENT = {
    "doc_id": "str",
    "path": "str",
    "city": "str",
    "date": "str",
    "round_table": "str",
    "format": "str",
    "sha256": "str",
    "title": "str",
    "encoding": "str",
    "characters": "int",
    "duplicate_of": "str",
    "notice": "str",
    "warnings": "str",
}
_BLOCK = {
    "doc_id": "str",
    "block": "int",
    "kind": "str",
    "level": "int",
    "text": "str",
    "heading": "str",
    "section": "str",
    "column": "str",
    "speaker": "str",
    "role": "str",
    "locator": "str",
    "city": "str",
    "date": "str",
    "round_table": "str",
}

TABLES: dict[str, Table] = {
    "read_documents": Table(INTERIM / "read_documents.parquet", ("doc_id",), _READ_DOCUMENT),
    "rejected": Table(
        PROCESSED / "rejected.csv", ("path",), {"path": "str", "reason": "str", "detail": "str"}
    ),
    "blocks": Table(INTERIM / "blocks.parquet", ("doc_id", "block"), _BLOCK, {"kind": BLOCK_KINDS}),
    "masked_documents": Table(INTERIM / "masked_documents.parquet", ("doc_id",), _READ_DOCUMENT),
    "masked_blocks": Table(
        INTERIM / "masked_blocks.parquet", ("doc_id", "block"), _BLOCK, {"kind": BLOCK_KINDS}
    ),
    "documents": Table(
        PROCESSED / "documents.parquet", ("doc_id",), {**_READ_DOCUMENT, "statements": "int"}
    ),
    "statements": Table(
        PROCESSED / "statements.parquet",
        ("statement_id",),
        {
            "statement_id": "str",
            "doc_id": "str",
            "path": "str",
            "city": "str",
            "date": "str",
            "round_table": "str",
            "speaker": "str",
            "role": "str",
            "heading": "str",
            "section": "str",
            "locator": "str",
            "position": "int",
            "kind": "str",
            "text": "str",
            "copy_of": "str",
            # and, when the chain made the table, repeats (a statement_id) and copies (see segment)
        },
    ),
    "coverage": Table(
        PROCESSED / "coverage.csv",
        ("doc_id",),
        {
            "doc_id": "str",
            "path": "str",
            "city": "str",
            "read": "int",
            "kept": "int",
            "headings": "int",
            "furniture": "int",
            "hesitations": "int",
            "marks": "int",
            "duplicate": "int",
            "sentence": "str",
        },
    ),
    "tokens": Table(
        INTERIM / "tokens.parquet",
        ("statement_id", "token"),
        {
            "statement_id": "str",
            "token": "int",
            "text": "str",
            "lemma": "str",
            "pos": "str",
            "morph": "str",
            "dep": "str",
            "head": "int",
        },
    ),
    "tags": Table(
        PROCESSED / "tags.parquet",
        ("statement_id",),
        {
            "statement_id": "str",
            "tag": "str",
            "second_tag": "str",
            "confidence": "float",
            **{f"p_{tag}": "float" for tag in TAGS},
            "cues": "str",
            "origin": "str",
            "review": "bool",
        },
        {"tag": TAGS, "second_tag": ("", *TAGS), "origin": ("modele", "analyste")},
    ),
    "rewrites": Table(
        INTERIM / "rewrites.parquet",
        ("former_id", "text", "statement_id"),
        {
            "former_id": "str",
            "path": "str",
            "city": "str",
            "position": "int",
            "text": "str",
            "statement_id": "str",
            "after": "str",
            "action": "str",
            "remark": "str",
            "file": "str",
            "sheet": "str",
            "row": "int",
            "author": "str",
            "date": "str",
        },
        {"action": ("", "exclure", "scinder", "fusionner")},
    ),
    "rewrite_problems": Table(
        INTERIM / "rewrite_problems.csv",
        ("file", "sheet", "row", "statement_id", "problem"),
        {"file": "str", "sheet": "str", "row": "int", "statement_id": "str", "problem": "str"},
    ),
    "excluded": Table(
        PROCESSED / "excluded.csv",
        ("statement_id",),
        {
            "statement_id": "str",
            "path": "str",
            "city": "str",
            "locator": "str",
            "text": "str",
            "file": "str",
            "sheet": "str",
            "row": "int",
            "author": "str",
            "date": "str",
            "comment": "str",
        },
    ),
    "decision_problems": Table(
        PROCESSED / "decision_problems.csv",
        ("file", "sheet", "row", "statement_id", "problem"),
        {"file": "str", "sheet": "str", "row": "int", "statement_id": "str", "problem": "str"},
    ),
    "decisions_applied": Table(
        PROCESSED / "decisions_applied.csv",
        ("file", "sheet", "row", "kind", "statement_id"),
        {
            "file": "str",
            "sheet": "str",
            "row": "int",
            "kind": "str",
            "statement_id": "str",
            "path": "str",
            "city": "str",
            "text": "str",
            "before": "str",
            "after": "str",
            "author": "str",
            "date": "str",
            "comment": "str",
            "remark": "str",
        },
    ),
    "vectors": Table(
        INTERIM / "vectors.parquet",
        ("statement_id",),
        {"statement_id": "str", "vector": "floats"},
    ),
    "themes": Table(
        PROCESSED / "themes.parquet",
        ("theme_id",),
        {
            "theme_id": "str",
            "label": "str",
            "keywords": "str",
            "size": "int",
            "stability": "float",
            "status": "str",
            "round_table": "str",
        },
        {"status": ("new", "kept", "split", "merged")},
    ),
    "theme_registry": Table(
        REGISTRY / "themes.csv",
        ("theme_id",),
        {
            "theme_id": "str",
            "round_table": "str",
            "label": "str",
            "keywords": "str",
            "state": "str",
            "status": "str",
            "earlier": "str",
            "shared": "int",
            "members": "str",
        },
        {"state": ("active", "retired")},
    ),
    "theme_changes": Table(
        PROCESSED / "theme_changes.csv",
        ("theme_id",),
        {
            "theme_id": "str",
            "label": "str",
            "status": "str",
            "earlier": "str",
            "shared": "int",
            "detail": "str",
        },
        {"status": ("new", "kept", "split", "merged", "retired")},
    ),
    "statement_themes": Table(
        PROCESSED / "statement_themes.parquet",
        ("statement_id",),
        {"statement_id": "str", "theme_id": "str", "score": "float"},
    ),
    "matches": Table(
        PROCESSED / "matches.csv",
        ("obstacle_id", "rank"),
        {
            "obstacle_id": "str",
            "answer_id": "str",
            "rank": "int",
            "score": "float",
            "answer_tag": "str",
            "obstacle_city": "str",
            "answer_city": "str",
        },
        {"answer_tag": ("bonne_pratique", "proposition")},
    ),
    "unanswered": Table(
        PROCESSED / "unanswered.csv",
        ("obstacle_id",),
        {
            "obstacle_id": "str",
            "obstacle_city": "str",
            "theme_id": "str",
            "best_score": "float",
            "detail": "str",
        },
    ),
    "city_theme_tag": Table(
        PROCESSED / "comparison" / "city_theme_tag.csv",
        ("city", "theme_id", "tag"),
        {
            "city": "str",
            "theme_id": "str",
            "theme": "str",
            "tag": "str",
            "n": "int",
            "denominator": "int",
            "share": "float",
            "interval": "str",
            "interval_low": "float",
            "interval_high": "float",
            "test": "str",
            "p_value": "float",
            "q_value": "float",
            "cities_raising": "int",
            "cities": "int",
            "statement_ids": "str",
            "documents": "int",
            "wording": "str",
        },
        {"tag": TAGS},
    ),
    "city_distinctive": Table(
        PROCESSED / "comparison" / "city_distinctive.csv",
        ("city", "kind", "term"),
        {
            "city": "str",
            "kind": "str",
            "term": "str",
            "n": "int",
            "documents": "int",
            "elsewhere": "int",
            "log_odds": "float",
            "z_score": "float",
            "statement_ids": "str",
        },
        {"kind": ("mot", "thème")},
    ),
    "open_obstacles": Table(
        PROCESSED / "comparison" / "open_obstacles.csv",
        ("theme_id",),
        {
            "theme_id": "str",
            "theme": "str",
            "n": "int",
            "raised_in": "str",
            "answered_in": "str",
            "statement_ids": "str",
        },
    ),
    "themes_across_cities": Table(
        PROCESSED / "comparison" / "themes_across_cities.csv",
        ("theme_id", "tag"),
        {
            "theme_id": "str",
            "theme": "str",
            "tag": "str",
            "n": "int",
            "texts": "int",
            "cities_raising": "int",
            "cities": "int",
            "raised_in": "str",
            "reach": "str",
            "statement_ids": "str",
        },
        {"tag": TAGS, "reach": ("toutes", "plusieurs", "une seule")},
    ),
}

_DTYPES = {"str": "str", "int": "int64", "float": "float64", "bool": "bool", "floats": "object"}


def check(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with the table's columns in order and sorted by its key.

    Raises ValueError naming the table, the rule and the first offending rows.
    """
    table = TABLES[name]
    missing = [column for column in table.columns if column not in frame.columns]
    if missing:
        raise ValueError(f"table {name}: missing columns {missing}")
    frame = frame[[*table.columns, *(c for c in frame.columns if c not in table.columns)]]
    frame = frame.astype({c: _DTYPES[t] for c, t in table.columns.items()})
    text = [c for c, t in table.columns.items() if t == "str"]
    for rule, bad in (
        ("no missing text", frame[text].isna().any(axis=1)),
        (f"unique key {table.key}", frame.duplicated(list(table.key), keep=False)),
        *((f"{c} in {v}", ~frame[c].isin(v)) for c, v in table.allowed.items()),
    ):
        if bad.any():
            raise ValueError(f"table {name}: {rule} broken by\n{frame[bad].head(3).to_string()}")
    return frame.sort_values(list(table.key), kind="stable", ignore_index=True)


def read(name: str) -> pd.DataFrame:
    """Return a checked table; raises UserError when the stage that makes it has not run."""
    table = TABLES[name]
    if not table.path.exists():
        raise UserError(
            f"Le fichier {table.path} manque : lancez « make repro » (ou « dvc repro »), "
            "qui exécute les étapes dans l'ordre."
        )
    if table.path.suffix == ".parquet":
        return check(name, pd.read_parquet(table.path))
    types = {column: _DTYPES[kind] for column, kind in table.columns.items()}
    text = {c: [] for c, kind in table.columns.items() if kind == "str"}
    numbers = {c: [""] for c in table.columns if c not in text}
    frame = pd.read_csv(
        table.path, dtype=types, keep_default_na=False, na_values={**text, **numbers}
    )
    return check(name, frame)


def write(name: str, frame: pd.DataFrame) -> None:
    """Check a table, then write it: temporary file, then rename, so no half is ever read."""
    table = TABLES[name]
    frame = check(name, frame)
    if table.path.suffix == ".parquet":
        replace(table.path, lambda path: frame.to_parquet(path, index=False))
    else:
        replace(table.path, lambda path: frame.to_csv(path, index=False, lineterminator="\n"))


def replace(path: Path, save: Callable[[Path], object]) -> None:
    """Let `save` write a temporary file beside `path`, then put it in place atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        save(temporary)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


_CLOSED = ("Le dossier ou le fichier ne peut pas être écrit", "vérifiez ses droits, puis relancez.")


_FULL = ("Le disque est plein", "libérez au moins 1 Go, puis relancez.")
_ADVICE = {
    errno.ENOSPC: _FULL,
    errno.EFBIG: _FULL,
    getattr(errno, "EDQUOT", errno.ENOSPC): _FULL,  # the user's share of it, on a shared machine
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.EROFS: _CLOSED,
}


def run(main: Callable[[], None]) -> None:
    """Run a stage's `main`; a UserError ends it with its one French line and exit code 1."""
    try:
        main()
    except UserError as error:
        print(f"Erreur : {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0)
        if advice is None:
            raise
        where = f" ({error.filename})" if error.filename else ""
        if advice is _CLOSED:
            where += f" par l'utilisateur {getpass.getuser()}"
        print(f"Erreur : {advice[0]}{where} : {advice[1]}", file=sys.stderr)
        sys.exit(1)
