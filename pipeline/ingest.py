"""Documents as cities send them (data/raw) → what was read, block by block, and what was refused.

Nothing is guessed in silence: a file is either read or rejected with a reason, and a date or round
table that the document does not say is left empty and said in its `warnings`.
"""

import difflib
import hashlib
import tempfile
import unicodedata
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated

import pandas as pd

from pipeline import dates, french, metadata
from pipeline.contract import CACHE, RAW, TABLES, UserError, run, write
from pipeline.dates import date_of_cell
from pipeline.document_map import code_version, map_documents
from pipeline.french import slug
from pipeline.parameters import Between, params
from pipeline.readers import Block, Reading, Unreadable, ocr
from pipeline.readers.plain import decode
from pipeline.readers.sandbox import Limits, sandbox
from pipeline.readers.spreadsheets import csv_rows

SOURCES = "sources.csv"
NOTICE = "avertissement.txt"
_CLOSED = "fermé : "
_BROKEN_LINK = (
    f"{_CLOSED}Ce lien ne mène plus à aucun fichier : remplacez-le par le document lui-même."
)
_LINKED_FOLDER = (
    f"{_CLOSED}Ce dossier n'est qu'un lien, qui n'est pas suivi : copiez le dossier lui-même."
)
_NO_FILE = f"{_CLOSED}Ce n'est pas un fichier ordinaire : remplacez-le par le document lui-même."
_BLOCK_FIELDS = [field.name for field in fields(Block)]
_SYSTEM_FILES = {".ds_store", "thumbs.db", "desktop.ini", ".gitkeep", ".gitignore", "icon\r"}
_SOURCE_COLUMNS = {"path": "path", "chemin": "path", "fichier": "path", "ville": "city",
                   "city": "city", "date": "date", "table-ronde": "round_table",
                   "round-table": "round_table", "tr": "round_table"}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A file under data/raw: where it is, its path in the tables (POSIX, NFC), its content."""

    file: Path
    path: str
    sha256: str


Task = tuple[str, str, Limits, int]
# What depends on the machine's load as much as on the file: tried again at the next run.
_PASSING = ("trop_long", "trop_lourd", "lecture_interrompue", "illisible")


def main() -> None:
    """Read data/raw and write the tables `read_documents`, `rejected` and `blocks`."""
    tables = ingest(RAW, CACHE / "read", **params("ingest", ingest))
    for name, frame in tables.items():
        write(name, frame)


def ingest(
    raw: Path,
    cache: Path,
    *,
    max_megabytes: Annotated[int, Between(1, 2000)],
    max_seconds: Annotated[int, Between(1, 3600)],
    max_memory_mb: Annotated[int, Between(200, 1_000_000)],
    max_characters: Annotated[int, Between(1_000, 1_000_000_000)],
    ocr_seconds: Annotated[int, Between(0, 36_000)],
    workers: Annotated[int, Between(1, 64)],
) -> dict[str, pd.DataFrame]:
    """Return the tables `read_documents`, `rejected` and `blocks` of the files under `raw`.

    Args:
        raw: the folder of city folders, with or without sources.csv.
        cache: where the reading of each file is kept, by content.
        max_megabytes: above which size a file is refused.
        max_seconds: after which time the reading of a file is given up.
        max_memory_mb: memory above which it is given up, where the system can limit it.
        max_characters: text above which a document is refused.
        ocr_seconds: time given to character recognition of a scanned PDF, where this machine can
            do it (see `readers/ocr.py`); 0: never.
        workers: how many processes read.

    Raises UserError when there is nothing to read or when sources.csv is wrong.
    """
    files = find_files(raw)
    sources = read_sources(raw, [found.path for found in files])
    rejected = [row for found in files if (row := _misplaced(found))]
    misplaced = {row["path"] for row in rejected}
    kept = [found for found in files if found.path not in misplaced]
    limits = Limits(max_megabytes, max_seconds, max_memory_mb, max_characters)
    ocr_seconds = ocr_seconds if ocr.available() else 0
    items = [
        (f"{found.sha256} {found.file.suffix.lower()} {limits} {ocr_seconds}",
         (str(found.file), found.file.suffix, limits, ocr_seconds))
        for found in kept
    ]  # fmt: skip
    version = code_version(*_code())
    readings = map_documents(
        read_one, items, cache, version=version, workers=workers, label="Lecture des documents"
    )
    documents, blocks = [], []
    for found, reading in zip(kept, readings, strict=True):
        frame = pd.read_parquet(reading)
        if reason := frame.loc[0, "reason"]:
            rejected.append(
                {"path": found.path, "reason": reason, "detail": frame.loc[0, "detail"]}
            )
            if reason in _PASSING:
                reading.unlink()
            continue
        document, rows = _described(found, frame, sources.get(found.path, {}))
        document["notice"] = read_notice(raw / found.path.split("/")[0])
        documents.append(document)
        blocks.extend(rows)
    _mark_duplicates(documents)
    return {
        "read_documents": _table("read_documents", documents),
        "rejected": _table("rejected", rejected),
        "blocks": _table("blocks", blocks),
    }


def _mark_duplicates(documents: list[dict]) -> None:
    """Fill `duplicate_of`: the same bytes as another file, the shortest name being the first."""
    first_of: dict[str, str] = {}
    for document in sorted(documents, key=lambda d: (len(d["path"]), d["path"])):
        first = first_of.setdefault(document["sha256"], document["doc_id"])
        document["duplicate_of"] = "" if first == document["doc_id"] else first


def _table(name: str, rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(TABLES[name].columns))


def _code() -> list[Path]:
    """Return the files that decide how a document is read."""
    package = Path(french.__file__).parent
    lexicons = (
        "column_names",
        "first_names",
        "front_matter",
        "months",
        "no_answers",
        "speaker_titles",
    )
    return [
        *sorted((package / "readers").glob("*.py")),
        Path(dates.__file__),
        Path(french.__file__),
        *(package / "lexicons" / f"{name}.csv" for name in lexicons),
    ]


def find_files(raw: Path) -> list[Found]:
    """Return every file under `raw` but sources.csv, README and notices, sorted by path.

    Raises UserError when there is none.
    """
    files = []
    for file in sorted(raw.rglob("*")) if raw.is_dir() else []:
        path = unicodedata.normalize("NFC", file.relative_to(raw).as_posix())
        top = "/" not in path
        if top and (path == SOURCES or path.lower().startswith("readme")):
            continue
        if top and file.name.lower() in _SYSTEM_FILES:
            continue
        if path.count("/") == 1 and file.name == NOTICE:
            continue
        if content := _content(file):
            files.append(Found(file, path, content))
    if not files:
        raise UserError(
            f"Aucun document à lire : déposez au moins un document dans {raw.as_posix()}/<ville>/, "
            "un dossier par ville."
        )
    return sorted(files, key=lambda found: found.path)


def _content(file: Path) -> str:
    """Return the hash of a file's content, why it cannot be opened, or "" for an open folder."""
    try:
        if file.is_dir():
            next(file.iterdir(), None)
            return _LINKED_FOLDER if file.is_symlink() else ""
        if not file.exists():
            return _BROKEN_LINK
        if not file.is_file():
            return _NO_FILE
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        what = "dossier" if file.is_dir() else "fichier"
        return (
            f"{_CLOSED}Le {what} ne peut pas être ouvert ({error.strerror}) : "
            "vérifiez ses droits d'accès."
        )


def read_notice(folder: Path) -> str:
    """Return what `avertissement.txt` in a city's folder asks to show on every page, or ""."""
    file = folder / NOTICE
    return french.normalise(decode(file.read_bytes())[0]) if file.exists() else ""


def _misplaced(found: Found) -> dict[str, str] | None:
    """Return the rejection of a file that is no document or in no city's folder, else None."""
    name = found.file.name
    if name.lower() in _SYSTEM_FILES or name.startswith(("~$", "._", ".~lock")):
        detail = "Fichier caché ou temporaire du système : rien à faire, vous pouvez le supprimer."
        return {"path": found.path, "reason": "fichier_systeme", "detail": detail}
    if found.sha256.startswith(_CLOSED):
        detail = found.sha256.removeprefix(_CLOSED)
        return {"path": found.path, "reason": "illisible", "detail": detail}
    if "/" not in found.path:
        detail = (
            "Le fichier n'est dans aucun dossier de ville : déplacez-le dans data/raw/<ville>/."
        )
        return {"path": found.path, "reason": "sans_ville", "detail": detail}
    return None


def read_one(task: Task) -> pd.DataFrame:
    """Return one document's blocks, or one row with the reason of its refusal.

    The columns are those of Block, then format, encoding, guessed, reason, detail. It depends on
    the file's content only, and runs in any process.
    """
    try:
        reading = _reading(*task)
    except Unreadable as refusal:
        row = dict.fromkeys(_BLOCK_FIELDS, "") | {"level": 0}
        row |= {"format": "", "encoding": "", "guessed": False}
        return pd.DataFrame([row | {"reason": refusal.code, "detail": refusal.detail}])
    frame = pd.DataFrame([asdict(block) for block in reading.blocks], columns=_BLOCK_FIELDS)
    return frame.assign(
        format=reading.format,
        encoding=reading.encoding,
        guessed=reading.guessed,
        reason="",
        detail="",
    )


def _reading(file: str, suffix: str, limits: Limits, ocr_seconds: int) -> Reading:
    try:
        return sandbox(limits).read(Path(file), suffix)
    except Unreadable as refusal:
        if refusal.code != "pdf_numerise" or not ocr_seconds:
            raise
        with tempfile.TemporaryDirectory() as folder:
            recognised = Path(folder) / "reconnu.pdf"
            if not ocr.recognise(Path(file), recognised, seconds=ocr_seconds):
                raise
            reading = sandbox(limits).read(recognised, ".pdf")
        return replace(reading, encoding=ocr.ENCODING)


def _described(
    found: Found, frame: pd.DataFrame, source: dict[str, str]
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Return a document's row of `read_documents` and its rows of `blocks`."""
    blocks = [Block(**row) for row in frame[_BLOCK_FIELDS].to_dict("records")]
    folder = found.path.split("/")[0]
    city = source.get("city") or metadata.city_name(folder)
    title = metadata.title_of(blocks)
    date = source.get("date") or metadata.find_date(found.path, title, blocks)
    table = source.get("round_table") or metadata.find_round_table(found.path, title, blocks)
    tables = metadata.round_tables_of_blocks(blocks, table)
    if source.get("round_table"):
        tables = [""] * len(blocks)
    days = [date_of_cell(block.date) for block in blocks]
    date = date or _only(days)
    if (
        not table
        and (shared := _only(tables))
        and all(
            t or b.kind in ("furniture", "heading") for t, b in zip(tables, blocks, strict=True)
        )
    ):
        table, tables = shared, [""] * len(blocks)
    identifier = hashlib.sha256(found.path.encode()).hexdigest()[:8]
    doc_id = f"{slug(city) or 'ville'}-{identifier}"
    rows = [
        asdict(block)
        | {
            "doc_id": doc_id,
            "block": number,
            "city": "" if slug(block.city) == slug(city) else metadata.city_name(block.city),
            "date": "" if day == date else day,
            "round_table": own,
        }
        for number, (block, day, own) in enumerate(zip(blocks, days, tables, strict=True), 1)
    ]
    document = {
        "doc_id": doc_id,
        "path": found.path,
        "city": city,
        "date": date,
        "round_table": table,
        "format": frame.loc[0, "format"],
        "sha256": found.sha256,
        "title": title,
        "encoding": frame.loc[0, "encoding"],
        "characters": sum(len(block.text) for block in blocks),
        "duplicate_of": "",
        "notice": "",
        "warnings": _warnings(found, frame, date or any(days), table or any(tables)),
    }
    return document, rows


def _only(values: list[str]) -> str:
    """Return the one value that is not empty, or "" if there are none or several."""
    distinct = {value for value in values if value}
    return distinct.pop() if len(distinct) == 1 else ""


def _warnings(found: Found, frame: pd.DataFrame, date: object, table: object) -> str:
    """Return what the analyst should know of a document that was read, in French sentences."""
    sentences = []
    suffix = found.file.suffix.lower().removeprefix(".")
    real = frame.loc[0, "format"]
    if suffix not in (real, {"html": "htm", "md": "markdown"}.get(real), "text", "tsv", "xhtml"):
        sentences.append(f"Extension .{suffix} trompeuse : c'est un fichier {real}, lu comme tel.")
    if frame.loc[0, "encoding"] == ocr.ENCODING:
        sentences.append("Texte reconnu sur des pages numérisées (OCR) : relisez-le.")
    if frame.loc[0, "guessed"]:
        sentences.append(f"Encodage deviné ({frame.loc[0, 'encoding']}) : vérifiez les accents.")
    if lost := int((frame["text"] == "[page sans texte]").sum()):
        sentences.append(f"{lost} page(s) numérisée(s) sans texte : leur contenu n'est pas lu.")
    if not date:
        sentences.append("Date introuvable : indiquez-la dans data/raw/sources.csv.")
    if not table:
        sentences.append("Table ronde introuvable : indiquez-la dans data/raw/sources.csv.")
    return " ".join(sentences)


def read_sources(raw: Path, paths: list[str]) -> dict[str, dict[str, str]]:
    """Return what sources.csv says of each path: city, date (ISO), round_table.

    Raises UserError for a file, city, date or round table that does not exist.
    """
    file = raw / SOURCES
    if not file.exists():
        return {}
    rows, numbers = csv_rows(file.read_bytes())
    if not rows:
        return {}
    names = [_SOURCE_COLUMNS.get(slug(name), "") for name in rows[0]]
    if "path" not in names:
        raise UserError(f"{file} : la colonne « path » manque ; ajoutez-la en première ligne.")
    folders = {path.split("/")[0] for path in paths if "/" in path}
    cities = {slug(folder): metadata.city_name(folder) for folder in sorted(folders)}
    sources = {}
    for row, number in zip(rows[1:], numbers[1:], strict=True):
        said = {n: v for n, v in zip(names, row, strict=False) if n and v}
        if "path" not in said:
            continue
        where = f"{file}, ligne {number}"
        path = _known_path(said.pop("path"), paths, where)
        sources[path] = _checked(said, cities, where)
    return sources


def _known_path(path: str, paths: list[str], where: str) -> str:
    path = unicodedata.normalize("NFC", path).replace("\\", "/").removeprefix("./")
    path = path.removeprefix("data/raw/")
    if path not in paths:
        close = difflib.get_close_matches(path, paths, n=1)
        hint = f"vouliez-vous dire « {close[0]} » ?" if close else "corrigez ou ôtez cette ligne."
        raise UserError(f"{where} : le fichier « {path} » n'existe pas dans data/raw ; {hint}")
    return path


def _checked(said: dict[str, str], cities: dict[str, str], where: str) -> dict[str, str]:
    if city := said.get("city"):
        if slug(city) not in cities:
            close = difflib.get_close_matches(slug(city), cities, n=1, cutoff=0.5)
            hint = f"vouliez-vous dire « {cities[close[0]]} » ?" if close else "corrigez-la."
            raise UserError(f"{where} : la ville « {city} » n'a pas de dossier ; {hint}")
        said["city"] = unicodedata.normalize("NFC", city)
    if date := said.get("date"):
        said["date"] = date_of_cell(date)
        if not said["date"]:
            raise UserError(f"{where} : la date « {date} » n'est pas lisible ; écrivez 2024-03-12.")
    if table := said.get("round_table"):
        found = metadata.find_round_tables(table, subject=True)
        if len(found) != 1 and table not in "1234":
            raise UserError(
                f"{where} : la table ronde « {table} » est inconnue ; écrivez TR1, TR2, TR3 ou TR4."
            )
        said["round_table"] = found[0] if found else f"TR{table}"
    return said


if __name__ == "__main__":
    run(main)
