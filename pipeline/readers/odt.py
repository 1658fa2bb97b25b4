"""OpenDocument texts (.odt), turned into the HTML that `markup` walks."""

import io
from collections.abc import Iterator

from lxml import etree, html
from odfdo import Document

from pipeline.readers.block import Block
from pipeline.readers.markup import walk

_NS = {
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
}
# Comments, deleted text and what the document computes about itself are not its words.
_DROPPED = {"tracked-changes", "annotation", "annotation-end", "sequence-decls", "forms",
            "variable-decls", "user-field-decls", "bookmark-ref"}  # fmt: skip
_CONTAINERS = {"section", "list-header", "index-body", "text-box", "frame", "body", "custom-shape",
               "g", "rect", "numbered-paragraph"}  # fmt: skip
_INDEXES = {"table-of-content", "alphabetical-index", "illustration-index", "table-index"}
_FRAMES = ("frame", "custom-shape", "g", "rect")
_MAX_REPEATED = 100


def read(data: bytes) -> list[Block]:
    """Return the blocks of an OpenDocument text; tracked deletions are dropped."""
    document = Document(io.BytesIO(data))
    content = etree.fromstring(document.get_part("content.xml").serialize())
    styles = etree.fromstring(document.get_part("styles.xml").serialize())
    text = content.find(".//office:body/office:text", _NS)
    body = html.Element("body")
    _Converter(_bold_styles(content, styles), _parents(content, styles)).children(text, body)
    root = html.Element("html")
    root.append(body)
    return walk(root)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _get(element: etree._Element, prefix: str, name: str) -> str:
    return element.get(f"{{{_NS[prefix]}}}{name}", "")


def _bold_styles(*trees: etree._Element) -> set[str]:
    found = set()
    for tree in trees:
        for style in tree.iter(f"{{{_NS['style']}}}style"):
            weights = style.xpath(".//@fo:font-weight", namespaces=_NS)
            if "bold" in weights or "700" in weights:
                found.add(_get(style, "style", "name"))
    return found


def _parents(*trees: etree._Element) -> dict[str, str]:
    return {
        _get(style, "style", "name"): _get(style, "style", "parent-style-name")
        for tree in trees
        for style in tree.iter(f"{{{_NS['style']}}}style")
    }


class _Converter:
    """The styles of one document, and its elements turned into HTML with them."""

    def __init__(self, bold: set[str], parents: dict[str, str]) -> None:
        self.bold = bold
        self.parents = parents
        self.notes = 0

    def children(self, source: etree._Element, target: etree._Element) -> None:
        for child in source:
            self.block(child, target)

    def block(self, element: etree._Element, target: etree._Element) -> None:
        name = _name(element)
        if name in _DROPPED or not name:
            return
        if name == "h":
            level = min(6, int(_get(element, "text", "outline-level") or 1) + 1)
            self.inline(element, etree.SubElement(target, f"h{level}"))
        elif name == "p":
            self.paragraph(element, target)
        elif name == "list":
            self.list(element, target)
        elif name == "table":
            self.table(element, target)
        elif name in _INDEXES:
            self.children(element, etree.SubElement(target, "nav"))
        elif name in _CONTAINERS:
            self.children(element, target)

    def paragraph(self, element: etree._Element, target: etree._Element) -> None:
        style = self.root_style(_get(element, "text", "style-name"))
        if style in ("Title", "Titre"):
            paragraph = etree.SubElement(target, "h1")
        elif style.startswith("Heading"):
            paragraph = etree.SubElement(target, "h2")
        else:
            paragraph = etree.SubElement(target, "p")
        if self.is_bold(_get(element, "text", "style-name")) and paragraph.tag == "p":
            paragraph = etree.SubElement(paragraph, "strong")
        self.inline(element, paragraph)
        for box in _outermost(element, ("text-box", "custom-shape")):
            self.children(box, etree.SubElement(target, "div"))

    def root_style(self, name: str) -> str:
        """Return the named style an automatic one (P12) comes from."""
        while (
            name
            and name not in ("Title", "Subtitle")
            and self.parents.get(name)
            and name[1:].isdigit()
        ):
            name = self.parents[name]
        return name

    def is_bold(self, name: str) -> bool:
        """Tell whether a style, or one it comes from, sets its words in bold."""
        seen: set[str] = set()
        while name and name not in seen:
            if name in self.bold:
                return True
            seen.add(name)
            name = self.parents.get(name, "")
        return False

    def list(self, element: etree._Element, target: etree._Element) -> None:
        items = etree.SubElement(target, "ul")
        for child in element:
            if _name(child) in ("list-item", "list-header"):
                self.children(child, etree.SubElement(items, "li"))

    def table(self, element: etree._Element, target: etree._Element) -> None:
        table = etree.SubElement(target, "table")
        headers = element.find("table:table-header-rows", _NS)
        for row in element.iter(f"{{{_NS['table']}}}table-row"):
            if next(row.iterancestors(f"{{{_NS['table']}}}table")) is not element:
                continue
            line = etree.SubElement(table, "tr")
            tag = "th" if headers is not None and headers in row.iterancestors() else "td"
            for cell in row:
                if _name(cell) == "table-cell":
                    self.cell(cell, line, tag)

    def cell(self, cell: etree._Element, line: etree._Element, tag: str) -> None:
        repeated = int(_get(cell, "table", "number-columns-repeated") or 1)
        for _ in range(min(repeated, _MAX_REPEATED)):
            td = etree.SubElement(line, tag)
            for side in ("columns", "rows"):
                spanned = _get(cell, "table", f"number-{side}-spanned")
                if spanned:
                    td.set("colspan" if side == "columns" else "rowspan", spanned)
            self.children(cell, td)

    def inline(self, source: etree._Element, target: etree._Element) -> None:
        _append(target, source.text)
        for child in source:
            name = _name(child)
            if name == "s":
                _append(target, " " * int(_get(child, "text", "c") or 1))
            elif name == "tab":
                _append(target, " ")
            elif name == "line-break":
                etree.SubElement(target, "br")
            elif name == "note":
                self.note(child, target)
            elif name and name not in _DROPPED and name not in _FRAMES:
                bold = name == "span" and _get(child, "text", "style-name") in self.bold
                self.inline(child, etree.SubElement(target, "strong" if bold else "span"))
            _append(target, child.tail)

    def note(self, element: etree._Element, target: etree._Element) -> None:
        """Add a call and its note at the end of the page, as `markup` expects them."""
        self.notes += 1
        call = etree.SubElement(target, "a", href=f"#footnote-{self.notes}")
        call.text = str(self.notes)
        top = next((a for a in target.iterancestors("body")), target)
        body = element.find("text:note-body", _NS)
        note = etree.SubElement(top, "div", id=f"footnote-{self.notes}")
        if body is not None:
            note.text = " ".join("".join(p.itertext()) for p in body)


def _outermost(element: etree._Element, names: tuple[str, ...]) -> Iterator[etree._Element]:
    """Yield the descendants of these names that are in no other of them."""
    for child in element:
        if _name(child) in names:
            yield child
        elif _name(child) not in _DROPPED and _name(child) != "note":
            yield from _outermost(child, names)


def _append(target: etree._Element, text: str | None) -> None:
    if not text:
        return
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text
