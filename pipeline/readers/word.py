"""Word documents (.docx), turned into the HTML that `markup` walks, by what their styles mean."""

import io
import re
import zipfile
from collections.abc import Iterator

import mammoth
from lxml import etree, html

from pipeline.readers.block import Block
from pipeline.readers.markup import walk

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Word names its styles in the language of whoever wrote the document.
_STYLES = [
    "p[style-name='Title'] => h1:fresh",
    "p[style-name='Titre'] => h1:fresh",
    "p[style-name='Subtitle'] => p.subtitle:fresh",
    "p[style-name='Sous-titre'] => p.subtitle:fresh",
    *(f"p[style-name='Titre {n}'] => h{n + 1}:fresh" for n in range(1, 6)),
    *(f"p[style-name='Heading {n}'] => h{n + 1}:fresh" for n in range(1, 6)),
    *(f"p[style-name='heading {n}'] => h{n + 1}:fresh" for n in range(1, 6)),
    "p[style-name^='List Bullet'] => ul > li:fresh",
    "p[style-name^='List Number'] => ol > li:fresh",
    "p[style-name^='Liste à puces'] => ul > li:fresh",
    "p[style-name^='Liste à numéros'] => ol > li:fresh",
    "p[style-name^='toc '] => p.toc:fresh",
    "p[style-name^='TM '] => p.toc:fresh",
]
_HEADING = re.compile(r"(?:heading|titre) ([1-9])$", re.IGNORECASE)
_LIST = re.compile(r"(?:list (?:bullet|number)|liste à (?:puces|numéros))", re.IGNORECASE)
_DEEPEST = 6
_LONGEST_CHAIN = 12


def read(data: bytes) -> list[Block]:
    """Return the blocks of a Word document; tracked deletions are dropped, insertions kept."""
    result = mammoth.convert_to_html(
        io.BytesIO(data),
        style_map="\n".join([*_STYLES, *_own_styles(data)]),
        convert_image=mammoth.images.img_element(lambda _: {"src": ""}),
    )
    return walk(html.document_fromstring(f"<html><body>{result.value}</body></html>"))


def _own_styles(data: bytes) -> Iterator[str]:
    """Yield what a document's own styles mean: a city's template has its « Intertitre »."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "word/styles.xml" not in archive.namelist():
            return
        root = etree.fromstring(archive.read("word/styles.xml"))
    styles = {
        style.get(f"{_W}styleId"): style
        for style in root.iter(f"{_W}style")
        if style.get(f"{_W}type") == "paragraph"
    }
    for style in styles.values():
        name = _value(style, "name")
        own = not _HEADING.match(name) and not _LIST.match(name)
        if own and "\n" not in name and (meaning := _meaning(style, styles)):
            escaped = name.replace("\\", "\\\\").replace("'", "\\'")
            yield f"p[style-name='{escaped}'] => {meaning}"


def _meaning(style: etree._Element, styles: dict[str, etree._Element]) -> str:
    """Return the HTML of a style that is a heading, a list or bold, by itself or by its bases."""
    bold: bool | None = None
    for _ in range(_LONGEST_CHAIN):
        name = _value(style, "name")
        level = _value(style, f"pPr/{_W}outlineLvl")
        if heading := _HEADING.match(name):
            return f"h{min(_DEEPEST, int(heading[1]) + 1)}:fresh"
        if level.isdigit() and int(level) < _DEEPEST:
            return f"h{min(_DEEPEST, int(level) + 2)}:fresh"
        if _LIST.match(name):
            return "ul > li:fresh"
        mark = style.find(f"{_W}rPr/{_W}b")
        if bold is None and mark is not None:
            bold = mark.get(f"{_W}val") not in ("0", "false")
        base = styles.get(_value(style, "basedOn"))
        if base is None:
            break
        style = base
    return "p > strong:fresh" if bold else ""


def _value(style: etree._Element, path: str) -> str:
    found = style.find(f"{_W}{path}")
    return found.get(f"{_W}val", "") if found is not None else ""
