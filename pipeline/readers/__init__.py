"""Reading the files cities send: one module a format family, one function for all of them.

`read` looks at the bytes rather than at the extension, refuses what cannot be read with a reason
the analyst can act on, and lets no parser's failure stop the run.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.readers import markup, odt, pdf, plain, rtf, spreadsheets, subtitles, word
from pipeline.readers.block import Block, Unreadable
from pipeline.readers.outline import outline

__all__ = ["SUPPORTED", "Block", "Reading", "Unreadable", "check_size", "read"]

_READERS: dict[str, Callable[[bytes], list[Block]]] = {
    ".docx": word.read,
    ".odt": odt.read,
    ".rtf": rtf.read,
    ".pdf": pdf.read,
    ".html": markup.read_html,
    ".md": markup.read_markdown,
    ".txt": plain.read,
    ".csv": spreadsheets.read_csv,
    ".xlsx": spreadsheets.read_xlsx,
    ".vtt": subtitles.read,
    ".srt": subtitles.read,
}
_SAME = {".htm": ".html", ".xhtml": ".html", ".markdown": ".md", ".text": ".txt", ".tsv": ".csv"}
_TEXT_FORMATS = (".html", ".md", ".txt", ".csv", ".vtt", ".srt")
_ALREADY_STRUCTURED = (".csv", ".xlsx", ".vtt", ".srt")
SUPPORTED = (*_READERS, *_SAME)

_ZIP_MEMBERS = {
    "word/document.xml": ".docx",
    "xl/workbook.xml": ".xlsx",
    "content.xml": ".odt",
}
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_CERTAIN = ("utf-8", "utf-16", "utf-16-le", "utf-16-be")
_MEGABYTE = 1_000_000
# Characters; no language model reads longer texts in reasonable time (spaCy refuses a million).
_LONGEST_BLOCK = 20_000
_MAX_RATIO = 200


@dataclass(frozen=True)
class Reading:
    """What reading one file gave: its true format, the encoding of its text, its blocks."""

    format: str
    encoding: str
    guessed: bool
    blocks: list[Block]


def read(data: bytes, suffix: str, *, max_megabytes: int) -> Reading:
    """Return the blocks of a document given its bytes and the extension of its name.

    Raises Unreadable, with a code and a French sentence, when there is nothing to read.
    """
    check_size(len(data), max_megabytes)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("vide", "Le fichier est vide : demandez-le à nouveau à la ville.")
    kind = _true_format(data, _SAME.get(suffix.lower(), suffix.lower()))
    if kind in (".docx", ".xlsx", ".odt"):
        _check_archive(data, max_megabytes)
    blocks = _parsed(data, kind)
    if kind not in _ALREADY_STRUCTURED:
        blocks = outline(blocks)
    if not any(block.kind not in ("furniture", "heading") for block in blocks):
        raise Unreadable(
            "vide",
            "Aucun texte exploitable dans ce fichier : vérifiez qu'il contient bien des propos.",
        )
    blocks = [piece for block in blocks for piece in _cut(block)]
    encoding, guessed = "", False
    if kind in _TEXT_FORMATS:
        _, encoding = markup.decode_html(data) if kind == ".html" else plain.decode(data)
        guessed = encoding not in _CERTAIN
    return Reading(kind.removeprefix("."), encoding, guessed, blocks)


def _cut(block: Block) -> list[Block]:
    """Return an endless block as several, cut at spaces; every other block as it is."""
    pieces, text = [], block.text
    while len(text) > _LONGEST_BLOCK:
        at = max(text.rfind(sign, 0, _LONGEST_BLOCK) for sign in (". ", " ")) + 1 or _LONGEST_BLOCK
        pieces.append(replace(block, text=text[:at].strip()))
        text = text[at:].strip()
    return [*pieces, replace(block, text=text)] if pieces else [block]


def check_size(size: int, max_megabytes: int) -> None:
    """Raise Unreadable when a file of `size` bytes is larger than what is read."""
    if size > max_megabytes * _MEGABYTE:
        raise Unreadable(
            "trop_gros",
            f"Le fichier pèse {size / _MEGABYTE:.0f} Mo, plus que la limite de {max_megabytes} Mo "
            ": découpez-le, ou relevez ingest.max_megabytes dans params.yaml.",
        )


def _parsed(data: bytes, kind: str) -> list[Block]:
    try:
        return list(_READERS[kind](data))
    except (Unreadable, MemoryError):
        raise
    except RecursionError:
        raise Unreadable(
            "trop_profond",
            "Le document imbrique trop de niveaux : copiez son texte dans un nouveau fichier.",
        ) from None
    except Exception as error:  # any failure of a parser becomes a refusal, shown to the analyst
        raise Unreadable(
            "corrompu",
            f"Le fichier est illisible ou abîmé ({type(error).__name__}) : ouvrez-le, "
            "enregistrez-le à nouveau, ou demandez une autre copie.",
        ) from error


def _true_format(data: bytes, suffix: str) -> str:
    """Return the format the first bytes tell, else the extension's; refuse what is not read."""
    head = data[:1024]
    if b"%PDF-" in head:
        return ".pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zip_format(data, suffix)
    if head.lstrip().startswith(b"{\\rtf"):
        return ".rtf"
    if head.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("mot_de_passe", _PROTECTED)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _refuse(suffix, "un ancien format de Microsoft Office ou un fichier protégé")
    if head.startswith(_IMAGES):
        return _refuse(suffix, "une image")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"webvtt"):
        return ".vtt"
    if text.startswith((b"<!doctype html", b"<html")):
        return ".html"
    if suffix in _TEXT_FORMATS:
        return suffix
    if suffix in _READERS:
        raise Unreadable(
            "corrompu",
            f"Le contenu n'est pas celui d'un fichier {suffix} : demandez une autre copie.",
        )
    return _refuse(suffix, "")


def _zip_format(data: bytes, suffix: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Unreadable(
            "corrompu",
            "Le fichier est tronqué ou abîmé : demandez une autre copie à la ville.",
        ) from None
    for member, kind in _ZIP_MEMBERS.items():
        if member in names and (kind != ".odt" or b"opendocument.text" in data[:200]):
            return kind
    if "content.xml" in names and suffix == ".odt":
        return ".odt"
    return _refuse(suffix, "une archive ou un document d'un autre type")


_PROTECTED = "Le fichier est protégé par un mot de passe : enregistrez-le sans mot de passe."
_ADVICE = {
    ".doc": "ouvrez-le et enregistrez-le en .docx.",
    ".xls": "ouvrez-le et enregistrez-le en .xlsx.",
    ".ods": "ouvrez-le et enregistrez-le en .xlsx ou .csv.",
    ".ppt": "exportez-le en PDF.",
    ".pptx": "exportez-le en PDF.",
    ".odp": "exportez-le en PDF.",
    ".pages": "exportez-le en .docx.",
    ".zip": "décompressez-le dans le dossier de la ville.",
    ".eml": "enregistrez le texte du message en .txt ou .html.",
    ".msg": "enregistrez le texte du message en .txt ou .html.",
}


def _refuse(suffix: str, found: str) -> str:
    advice = _ADVICE.get(
        suffix, "enregistrez son texte en .docx, .odt, .pdf (avec texte), .txt ou .xlsx."
    )
    what = f" ({found})" if found else ""
    name = f"Le format {suffix}" if suffix else "Un fichier sans extension"
    raise Unreadable("format_non_pris_en_charge", f"{name} n'est pas lu{what} : {advice}")


def _check_archive(data: bytes, max_megabytes: int) -> None:
    """Refuse a zip bomb and any DTD (entities) before a parser opens the archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        total = sum(member.file_size for member in members)
        if total > max_megabytes * _MEGABYTE * 10 or total > max(len(data), 100_000) * _MAX_RATIO:
            raise Unreadable(
                "trop_gros",
                f"Décompressé, le fichier pèserait {total / _MEGABYTE:.0f} Mo : c'est anormal ; "
                "demandez une autre copie ou copiez son texte dans un nouveau fichier.",
            )
        if any(member.flag_bits & 1 for member in members):
            raise Unreadable("mot_de_passe", _PROTECTED)
        if "META-INF/manifest.xml" in archive.namelist():
            with archive.open("META-INF/manifest.xml") as file:
                if b"encryption-data" in file.read(_MEGABYTE):
                    raise Unreadable("mot_de_passe", _PROTECTED)
        for member in members:
            if member.filename.endswith((".xml", ".rels")):
                with archive.open(member) as file:
                    start = file.read(4096)
                if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                    raise Unreadable(
                        "corrompu",
                        "Le fichier contient une déclaration interdite (DTD) : ouvrez-le et "
                        "enregistrez-le à nouveau.",
                    )
