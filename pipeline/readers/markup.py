"""Markdown and HTML documents, and all those made HTML, read by one walker."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape

from lxml import etree, html
from markdown_it import MarkdownIt

from pipeline.readers import web_pages
from pipeline.readers.block import BOLD, PLAIN, Block, Unreadable
from pipeline.readers.grid import Cell, as_furniture, grid_blocks, is_people, spread
from pipeline.readers.lines import BULLET, join_lines, logical_lines
from pipeline.readers.plain import decode

_NOT_TEXT = {"script", "style", "noscript", "template", "svg", "head", "meta", "link", "select",
             "button", "form", "iframe", "object", "audio", "video", "map", "math", "input", "col",
             "colgroup", "textarea"}  # fmt: skip
_STRUCK = ("del", "s", "strike")
_BLOCKS = {"p", "div", "section", "article", "main", "ul", "ol", "li", "table", "blockquote", "dl",
           "dt", "dd", "pre", "figure", "details", "summary", "address", "center", "body", "hr",
           "h1", "h2", "h3", "h4", "h5", "h6", "thead", "tbody", "tr", "td", "th", "fieldset",
           *web_pages.TAGS}  # fmt: skip
_NOTE_LINK = re.compile(
    r"^#(?:footnote|endnote|_?ftn|_?edn|fn|note|sdfootnote|sdendnote|cite_note)"
)
_MAX_DEPTH = 200


def read_markdown(data: bytes) -> list[Block]:
    """Return the blocks of a Markdown document, tables included."""
    text, _ = decode(data)
    front = re.match(r"---\n(.*?)\n(?:---|\.\.\.)\n", text, flags=re.DOTALL)
    lines = front[1].split("\n") if front else []
    text, notes = _markdown_notes(text[front.end() :] if front else text)
    text = re.sub(r"(?m)^(\s*(?:[-*+]|\d+[.)])\s+)\[[ xX]\]\s+", r"\1", text)
    # « **Freins** » typed right under a list is a heading, not the end of its last item.
    text = re.sub(r"(?m)^(\*\*[^*\n]+\*\*[ \t]*:?[ \t]*)$", r"\n\1\n", text)
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    page = html.document_fromstring(f"<html><body>{rendered}{notes}</body></html>")
    return [Block("furniture", line, locator="en-tête") for line in lines] + walk(page)


def _markdown_notes(text: str) -> tuple[str, str]:
    """Return the text with its note calls as links, and its notes as HTML after it."""
    definition = re.compile(r"(?m)^\[\^([\w-]+)\]:[ \t]*(.*(?:\n(?:[ \t]+\S.*))*)")
    notes = "".join(
        f'<div id="fn{match[1]}">{escape(match[2])}</div>' for match in definition.finditer(text)
    )
    text = re.sub(r"\[\^([\w-]+)\](?!:)", r'<a href="#fn\1">\1</a>', definition.sub("", text))
    return text, notes


def decode_html(data: bytes) -> tuple[str, str]:
    """Return the text of a page and its encoding, as browsers understand its declaration."""
    declared = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", data[:4096], re.IGNORECASE)
    text, name = decode(data)
    if name.startswith("utf") or not declared:
        return text, name
    stated = declared[1].decode("ascii").lower()
    if stated in ("iso-8859-1", "iso-8859-15", "latin1", "windows-1252", "cp1252", "us-ascii"):
        return data.decode("cp1252", errors="replace").replace("\r\n", "\n"), "cp1252"
    return text, name


def read_html(data: bytes) -> list[Block]:
    """Return the blocks of a web page: the article if there is one, the rest as furniture."""
    text, _ = decode_html(data)
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    parser = html.HTMLParser(huge_tree=False)
    tree = html.document_fromstring(text, parser=parser)
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise Unreadable(
            "trop_profond",
            "La page imbrique trop de niveaux : copiez son texte dans un nouveau fichier.",
        )
    _read_styles(tree)
    return walk(tree)


def _read_styles(tree: etree._Element) -> None:
    """Make elements of what style sheets show as bold or as a title, as office software saves."""
    sheets = " ".join(style.text or "" for style in tree.iter("style"))
    bold = set(re.findall(r"\.([\w-]+)\s*\{[^}]*font-weight:\s*(?:bold|[6-9]00)", sheets))
    for element in tree.iter("span", "p"):
        classes = set((element.get("class") or "").split())
        inline = re.search(r"font-weight:\s*(?:bold|[6-9]00)", element.get("style") or "")
        if element.tag == "p":
            if {name.lower() for name in classes} & {"title", "msotitle"}:
                element.tag = "h1"
        elif inline or classes & bold:
            element.tag = "b"


@dataclass
class _Walk:
    """Where the walk is: paragraph and table numbers, notes, the element that holds the content."""

    notes: dict[str, str] = field(default_factory=dict)
    content: frozenset[etree._Element] = frozenset()
    around: frozenset[etree._Element] = frozenset()
    paragraphs: int = 0
    tables: int = 0

    def place(self) -> str:
        self.paragraphs += 1
        return f"§ {self.paragraphs}"


def walk(tree: etree._Element) -> list[Block]:
    """Return the blocks of an HTML tree, in order; locators are paragraph and table numbers."""
    state = _Walk()
    blocks = []
    title = tree.find(".//title")
    if title is not None and title.text and title.text.strip():
        blocks.append(Block("furniture", title.text, locator="titre"))
    stamps = [stamp.get("datetime")[:10] for stamp in tree.iter("time") if stamp.get("datetime")]
    blocks += [Block("furniture", stamp, locator="<time>") for stamp in stamps]
    body = tree.find("body") if tree.find("body") is not None else tree
    struck = [text for element in body.iter(*_STRUCK) if (text := _text(element))]
    state.notes = _take_notes(body)
    root = web_pages.content_root(body)
    state.around = web_pages.surroundings(body)
    state.content = frozenset(root.iterancestors()) | {root}
    blocks.extend(_children(body, state, 0, 0))
    blocks += [
        Block("paragraph", note, locator="note de bas de page") for note in state.notes.values()
    ]
    blocks += [Block("furniture", text, locator="texte supprimé") for text in struck]
    return blocks


def _take_notes(body: etree._Element) -> dict[str, str]:
    """Remove the footnotes gathered at the end and return them, to be put back where called."""
    notes = {}
    for item in list(body.iter("li", "div", "p", "aside")):
        name = item.get("id") or ""
        if name and _NOTE_LINK.match(f"#{name}") and not name.startswith("footnote-ref"):
            text = re.sub(r"\s*[↑↩]\ufe0e?\s*$", "", _text(item)).strip()
            notes[_note_key(name)] = re.sub(r"^\[?\d{1,3}[\].)]?\s+", "", text)
            item.drop_tree()
    return notes


def _note_key(name: str) -> str:
    """Return what a call and its note have in common: Word writes #_ftn1 and id=ftn1."""
    return re.sub(r"^_+|sym$", "", name)


def _children(
    element: etree._Element, state: _Walk, list_level: int, depth: int
) -> Iterator[Block]:
    """Yield the blocks of an element's children, runs of inline content as paragraphs."""
    if depth > _MAX_DEPTH:
        raise RecursionError
    inline: list[str] = [element.text or ""]
    called: list[str] = []
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _NOT_TEXT:
            inline.append(child.tail or "")
            continue
        if child.tag in _BLOCKS or _holds_blocks(child):
            yield from _paragraphs(element, inline, called, state, list_level)
            inline, called = [], []
            yield from _block(child, state, list_level, depth + 1)
        else:
            inline.append(_inline(child, called))
        inline.append(child.tail or "")
    yield from _paragraphs(element, inline, called, state, list_level)


def _holds_blocks(element: etree._Element) -> bool:
    return any(
        child.tag in _BLOCKS for child in element.iterdescendants() if isinstance(child.tag, str)
    )


def _block(element: etree._Element, state: _Walk, list_level: int, depth: int) -> Iterator[Block]:
    tag = element.tag
    outside = state.content and element not in state.content and not _inside(element, state)
    if web_pages.is_furniture(element) or element in state.around or outside:
        yield from _as_furniture(element)
    elif re.fullmatch("h[1-6]", tag):
        text = _text(element)
        if text.strip():
            yield Block("heading", text, level=int(tag[1]), locator=state.place())
    elif tag in ("ul", "ol"):
        yield from _children(element, state, list_level + 1, depth)
    elif tag == "table":
        yield from _table(element, state, list_level, depth)
    elif tag == "dt":
        yield Block("heading", _text(element), level=6, locator=state.place())
    elif tag == "pre":
        for line in logical_lines(_text(element).split("\n")):
            yield Block(line.kind, line.text, level=line.level, locator=state.place())
    elif tag == "blockquote":
        yield from _quote(element, state, list_level, depth)
    else:
        yield from _children(element, state, list_level, depth)


def _inside(element: etree._Element, state: _Walk) -> bool:
    """Tell whether an element lies in the content root (the deepest of the content's path)."""
    root = max(state.content, key=lambda e: sum(1 for _ in e.iterancestors()))
    return root in element.iterancestors()


def _as_furniture(element: etree._Element) -> Iterator[Block]:
    for text in re.split(r"\n+", _text(element, separator="\n")):
        if text.strip():
            yield Block("furniture", text.strip())


def _quote(element: etree._Element, state: _Walk, list_level: int, depth: int) -> Iterator[Block]:
    """Yield a quotation's paragraphs; who is cited under it becomes their speaker."""
    source = element.find(".//footer")
    source = source if source is not None else element.find(".//cite")
    name = ""
    if source is not None:
        name = _text(source).strip(" —–-\n\t")
        source.drop_tree()
    name, _, role = name.partition(", ")
    for block in _children(element, state, list_level, depth):
        text = re.sub(r"^\s*[«“\"]\s*(.*?)\s*[»”\"]\s*$", r"\1", block.text) if name else block.text
        yield Block(**{**block.__dict__, "text": text, "speaker": name, "role": role})


def _inline(element: etree._Element, called: list[str]) -> str:
    """Return an inline element as text, bold marked, note calls taken out and remembered."""
    if element.tag == "br":
        return "\n"
    if element.tag in _STRUCK:
        return ""
    href = element.get("href") or ""
    if (
        element.tag == "a"
        and _NOTE_LINK.match(href)
        and re.fullmatch(r"\W*\w{1,4}\W*", _text(element))
    ):
        called.append(_note_key(href[1:]))
        return ""
    if (
        element.tag == "sup"
        and not element.findall(".//a")
        and re.fullmatch(r"\s*[\[(]?\d{1,2}[\])]?\s*", _text(element))
        and element.getprevious() is None
        and not (element.getparent().text or "").strip()
    ):
        return ""
    parts = [_flat(element.text)]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _NOT_TEXT:
            parts += [_inline(child, called), _flat(child.tail)]
        else:
            parts.append(_flat(child.tail))
    text = "".join(parts)
    if element.tag in ("strong", "b") and text.strip():
        return f"{BOLD}{text}{PLAIN}"
    return text


def _flat(text: str | None) -> str:
    return re.sub(r"[\r\n\t]+", " ", text or "")


def _text(element: etree._Element, separator: str = " ") -> str:
    """Return the text of an element without what is not text, blocks kept apart."""
    parts: list[str] = []
    for node in element.iter():
        if (
            node is not element
            and isinstance(node.tag, str)
            and (node.tag in _BLOCKS or node.tag == "br")
        ):
            parts.append(separator)
        skipped = not isinstance(node.tag, str) or node.tag in _NOT_TEXT
        if not skipped:
            parts.append(node.text or "")
        if node is not element:
            parts.append(node.tail or "")
    text = "".join(parts)
    return text if separator == "\n" or element.tag == "pre" else re.sub(r"\s+", " ", text).strip()


def _paragraphs(
    element: etree._Element, inline: list[str], called: list[str], state: _Walk, list_level: int
) -> Iterator[Block]:
    """Yield gathered inline text as paragraphs or items, then the notes it calls."""
    inline = [part if part == "\n" else part.replace("\r", "") for part in inline]
    text = "".join(_flat(p) if "\n" in p and p != "\n" and not _has_break(p) else p for p in inline)
    for piece in _split_breaks(text):
        if not piece.strip(f" {BOLD}{PLAIN}\xa0"):
            continue
        yield _paragraph(element, piece, state, list_level)
    for name in called:
        if note := state.notes.pop(name, ""):
            yield Block("paragraph", note, locator=f"note de bas de page, § {state.paragraphs}")


def _has_break(part: str) -> bool:
    return BOLD in part and "\n" in part


def _paragraph(element: etree._Element, text: str, state: _Walk, list_level: int) -> Block:
    bullet = BULLET.match(text.replace(BOLD, ""))
    if list_level or bullet:
        text = BULLET.sub("", text, count=1)
        return Block("item", text, level=max(1, list_level), locator=state.place())
    stripped = text.strip()
    plain = re.sub(r"\s+", " ", stripped.replace(BOLD, "").replace(PLAIN, "")).strip()
    if re.search(r"\S ?[>›»] [^\s»][^.«]* [>›»] ", plain) or _mostly_links(element, plain):
        return Block("furniture", plain)
    all_bold = re.fullmatch(f"(?:{BOLD}[^{PLAIN}]*{PLAIN}\\s*)+", stripped)
    if all_bold and len(plain.split()) <= 14 and not re.search(r"[.;,!…]$", plain):
        return Block("heading", plain.rstrip(" :\xa0\u202f"), level=6, locator=state.place())
    return Block("paragraph", text, locator=state.place())


def _mostly_links(element: etree._Element, text: str) -> bool:
    links = sum(len(_text(link)) for link in element.iter("a"))
    others = len(text.split()) - sum(len(_text(link).split()) for link in element.iter("a"))
    several = len(list(element.iter("a"))) > 1
    return bool(text) and several and (links > 0.7 * len(text) or others <= 2)


def _split_breaks(text: str) -> list[str]:
    """Return text cut at line breaks, unless a line only continues the one before."""
    pieces: list[str] = []
    blank = False
    for line in text.split("\n"):
        if not line.strip():
            blank = bool(pieces)
            continue
        continues = pieces and not blank and re.match(r"\s*[a-zà-ÿ(,;]", line)
        if continues:
            pieces[-1] = join_lines(pieces[-1], line)
        else:
            pieces.append(line)
        blank = False
    return pieces


def _table(element: etree._Element, state: _Walk, list_level: int, depth: int) -> Iterator[Block]:
    """Yield a table's blocks; a table with one row or column only lays out a page."""
    trs = [tr for tr in element.iter("tr") if next(tr.iterancestors("table")) is element]
    cells = [[td for td in tr if td.tag in ("td", "th")] for tr in trs]
    nested = any(td.find(".//table") is not None for row in cells for td in row)
    if nested or len(cells) < 2 or max(map(len, cells)) < 2:
        for td in (td for row in cells for td in row):
            yield from _children(td, state, list_level, depth)
        return
    state.tables += 1
    place = f"tableau {state.tables}"
    rows = spread([[_cell(td) for td in row] for row in cells])
    caption = element.find("caption")
    if caption is not None and _text(caption):
        yield Block("furniture", _text(caption), locator=place)
    yield from (
        as_furniture(rows, place=place) if is_people(rows) else grid_blocks(rows, place=place)
    )


def _cell(td: etree._Element) -> tuple[Cell, int, int]:
    inner = _children(td, _Walk(), 0, 0)
    pieces = tuple(f"- {b.text}" if b.kind == "item" else b.text for b in inner)
    header = td.tag == "th" or (bool(pieces) and _all_bold(td))
    return Cell(pieces, header=header), _span(td, "colspan"), _span(td, "rowspan")


def _all_bold(td: etree._Element) -> bool:
    bold = "".join(_text(e) for e in td.iter("strong", "b"))
    return len(bold) >= len(_text(td)) > 0


def _span(td: etree._Element, name: str) -> int:
    value = td.get(name, "1")
    return min(int(value), 1000) if value.isdigit() and int(value) else 1
