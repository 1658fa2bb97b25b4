"""Stage leaks: the last one. No output may hold a personal datum; if one does, the chain stops.

Every file of data/processed is read as text, whatever its format, and searched for e-mails, phones,
NIR, IBAN, plates, addresses, and for the names of the key. The message says where and what kind,
never the datum itself.
"""

import functools
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import lxml.html
import pandas as pd
import pypdfium2
from lxml import etree

from pipeline import contract
from pipeline.contract import PROCESSED, UserError, run
from pipeline.masking import personal_data, pseudonyms
from pipeline.masking.name_words import Vocabulary, never_names
from pipeline.masking.people import Known, outside_places
from pipeline.masking.pseudonyms import KEY

_KIND_NAMES = {
    "PERSONNE": "nom de personne",
    "COURRIEL": "adresse électronique",
    "TELEPHONE": "numéro de téléphone",
    "NIR": "numéro de sécurité sociale",
    "IBAN": "coordonnées bancaires",
    "PLAQUE": "plaque d'immatriculation",
    "ADRESSE": "adresse postale",
}
# Columns made of what an analyst or DVC needs to find a file: the name of a file is not masked, the
# analyst is told to change it; a hash may look like anything.
_NOT_TEXT = {"path", "sha256", "file", "doc_id", "statement_id", "document", "fichier"}
_SHOWN = 5  # leaks named in the message


def main() -> None:
    """Search every output; raise UserError when something personal is found."""
    rows = pseudonyms.read_rows(KEY)
    leaks = find_leaks(PROCESSED, known_of_key(rows), file_names())
    if leaks:
        raise UserError(message(leaks))


def known_of_key(rows: list[dict[str, str]]) -> Known:
    """Return the names of the key that are looked for anywhere, none when it was destroyed."""
    names = {row["name"] for row in rows if row["anywhere"] and row["name"]}
    return Known({name: ("", name) for name in sorted(names)}, {})


def file_names() -> list[str]:
    """Return the paths of the documents read or refused, which outputs cite, the longest first."""
    paths: set[str] = set()
    for name in ("documents", "rejected"):
        if contract.TABLES[name].path.exists():
            paths |= set(contract.read(name)["path"])
    return sorted({*paths, *(Path(path).name for path in paths)}, key=lambda p: (-len(p), p))


def find_leaks(folder: Path, known: Known, citations: list[str]) -> Counter[tuple[str, str, str]]:
    """Return how many personal data each file holds: (file, place in it, kind) → count.

    `citations` are names of files, which pages cite and which are not searched.
    """
    leaks: Counter[tuple[str, str, str]] = Counter()
    cited = re.compile("|".join(map(re.escape, citations))) if citations else None
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        where = path.relative_to(folder).as_posix()
        for place, texts in _texts(path):
            for text in dict.fromkeys(texts):
                for kind in _kinds(cited.sub(" ", text) if cited else text, known):
                    leaks[where, place, kind] += 1
    return leaks


def _kinds(text: str, known: Known) -> Iterator[str]:
    yield from (datum.kind for datum in personal_data.find(text))
    if named := known.find(text):
        yield from ("PERSONNE" for _ in outside_places(text, named, _kept()))


@functools.cache
def _kept() -> Vocabulary:
    """Return what is never a name; no French dictionary, which would cost a language model."""
    return Vocabulary(frozenset(), never_names())


def _texts(path: Path) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield (place, texts) of a file: columns of a table, parts of an office document, a page."""
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".csv"):
        frame = pd.read_parquet(path) if suffix == ".parquet" else (
            pd.read_csv(path, dtype=str, keep_default_na=False))  # fmt: skip
        for column in frame.columns:
            values = frame[column]
            if column not in _NOT_TEXT and pd.api.types.is_string_dtype(values):
                yield f"colonne « {column} »", (v for v in values if not _is_number(v))
    elif suffix in (".xlsx", ".docx", ".odt", ".pptx"):
        with zipfile.ZipFile(path) as archive:
            for member in sorted(n for n in archive.namelist() if n.endswith(".xml")):
                yield member, _paragraphs(archive.read(member))
    elif suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as paper:
            for number, page in enumerate(paper, start=1):
                yield f"page {number}", page.get_textpage().get_text_bounded().splitlines()
    elif suffix in (".html", ".htm", ".svg"):
        page = lxml.html.fromstring(path.read_text(encoding="utf-8"))
        etree.strip_elements(page, "style", "script", with_tail=False)
        yield "page", [*page.itertext(), *_visible_attributes(page)]
    else:
        yield "texte", path.read_text(encoding="utf-8", errors="replace").splitlines()


def _paragraphs(xml: bytes) -> Iterator[str]:
    """Yield the text of each paragraph or cell, its runs joined: a name may be cut between them."""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, huge_tree=False))
    for element in root.iter():
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name in ("p", "si", "is"):
            yield "".join(element.itertext())
        elif name in ("title", "subject", "creator", "description", "keywords", "lastModifiedBy"):
            yield element.text or ""


def _visible_attributes(page: lxml.html.HtmlElement) -> Iterator[str]:
    for element in page.iter():
        if isinstance(element.tag, str):
            yield from (element.get(name, "") for name in ("title", "alt", "aria-label", "content"))


def _is_number(value: str) -> bool:
    return bool(re.fullmatch(r"[\d.,eE+\- ]*", value)) and len(value.replace(" ", "")) != 10


def message(leaks: Counter[tuple[str, str, str]]) -> str:
    """Return what the analyst reads: where, what kind, what to do; never the datum."""
    lines = [
        f"{PROCESSED / where} ({place}) : {_KIND_NAMES[kind]}"
        for where, place, kind in sorted(leaks)[:_SHOWN]
    ]
    more = f" et {len(leaks) - _SHOWN} autres endroits" if len(leaks) > _SHOWN else ""
    return (
        "des données personnelles restent dans les résultats, ne les diffusez pas. "
        f"{' ; '.join(lines)}{more}. Ajoutez le terme à data/privacy/a_masquer.csv (ou à "
        "data/privacy/a_ne_pas_masquer.csv s'il n'est pas personnel), puis relancez « make repro »."
    )


if __name__ == "__main__":
    run(main)
