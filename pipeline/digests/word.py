"""The digest as a Word document: real styles, French language, the same bytes on each run."""

import datetime
import io
import zipfile
from collections.abc import Sequence

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph as Line

from pipeline.digests import prose
from pipeline.digests.pdf_document import raster
from pipeline.digests.synthesis import (  # fmt: skip
    MUTED,
    NOTICE,
    PLAIN,
    Block,
    Bullet,
    Contents,
    Figure,
    Grid,
    Heading,
    Paragraph,
    Verbatim,
)

# Word and ZIP want a date; a fixed one keeps the bytes the same from run to run.
EPOCH = datetime.datetime(2000, 1, 1)
ACCENT, GREY = RGBColor(0x0F, 0x4C, 0x5C), RGBColor(0x55, 0x61, 0x6D)
WARNING = RGBColor(0x8A, 0x3B, 0x00)
_STYLES = {NOTICE: "Intense Quote", PLAIN: "Normal", MUTED: "Muted"}
_CONTENTS_DEPTH = 2


def document(title: str, notice: str, blocks: Sequence[Block]) -> bytes:
    """Return the .docx: title, table of contents, then the blocks of the synthesis in order."""
    paper = docx.Document()
    _prepare(paper, title, notice)
    paper.add_paragraph(title, style="Title")
    headings = [block for block in blocks if isinstance(block, Heading)]
    number = 0
    for block in blocks:
        if isinstance(block, Contents):
            _contents(paper, headings)
        elif isinstance(block, Heading):
            _heading(paper, block, number)
            number += 1
        else:
            _block(paper, block)
    return _fixed(paper)


def _prepare(paper: Document, title: str, notice: str) -> None:
    properties = paper.core_properties
    properties.title, properties.author = title, "Restitution"
    properties.subject, properties.language = "Restitution de concertation", "fr-FR"
    properties.comments = notice
    properties.last_modified_by, properties.revision = "Restitution", 1
    properties.created = properties.modified = EPOCH
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2)
    _styles(paper)
    section.header.paragraphs[0].add_run(title)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("Page ")
    _field(footer, "PAGE")
    footer.add_run(" sur ")
    _field(footer, "NUMPAGES")


def _styles(paper: Document) -> None:
    defaults = paper.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for language in defaults.findall(qn("w:lang")):
        defaults.remove(language)
    language = OxmlElement("w:lang")
    for name in ("val", "eastAsia"):
        language.set(qn(f"w:{name}"), "fr-FR")
    language.set(qn("w:bidi"), "ar-SA")
    defaults.append(language)
    sizes = {
        "Normal": 11,
        "Title": 26,
        "Heading 1": 18,
        "Heading 2": 14,
        "Heading 3": 12,
        "Quote": 11,
    }
    for name, size in sizes.items():
        style = paper.styles[name]
        style.font.size = Pt(size)
        _font(style, "Calibri" if name == "Normal" else "Georgia")
        style.font.color.rgb = (
            ACCENT if name not in ("Normal", "Quote") else RGBColor(0x1C, 0x27, 0x33)
        )
    paper.styles["Quote"].paragraph_format.left_indent = Cm(0.8)
    paper.styles["Quote"].paragraph_format.keep_with_next = True
    paper.styles["Quote"].paragraph_format.space_after = Pt(2)
    paper.styles["Intense Quote"].font.color.rgb = WARNING
    for border in paper.styles["Table Grid"].element.iter():
        if border.get(qn("w:color")):
            border.set(qn("w:color"), "B9B2A3")
    caption = paper.styles["Caption"]
    caption.font.color.rgb, caption.font.size, caption.font.bold = ACCENT, Pt(10), True
    for name, based_on, indent in (
        ("Source", "Normal", 0.8), ("Muted", "Normal", 0), ("toc 1", "Normal", 0),
        ("toc 2", "Normal", 0.6), ("TOC Heading", "Heading 1", 0),
    ):  # fmt: skip
        if name not in [style.name for style in paper.styles]:
            known = name.lower().startswith("toc")
            paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=known)
        style = paper.styles[name]
        style.base_style = paper.styles["Normal" if based_on == "Normal" else based_on]
        style.paragraph_format.left_indent = Cm(indent)
        style.paragraph_format.space_after = Pt(2)
    for name in ("Source", "Muted", "Header", "Footer"):
        paper.styles[name].font.color.rgb, paper.styles[name].font.size = GREY, Pt(9)
    # Out of the outline: a table of contents does not list itself.
    outline = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), "9")
    paper.styles["TOC Heading"].element.get_or_add_pPr().append(outline)
    paper.styles["TOC Heading"].font.color.rgb = ACCENT


def _font(style: ParagraphStyle, name: str) -> None:
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _field(paragraph: Line, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _contents(paper: Document, headings: Sequence[Heading]) -> None:
    """Write a table of contents that is complete without any update: links, no page numbers."""
    paper.add_paragraph("Sommaire", style="TOC Heading")
    shown = [(n, h) for n, h in enumerate(headings) if h.level <= _CONTENTS_DEPTH]
    for place, (number, heading) in enumerate(shown):
        line = paper.add_paragraph(style=f"toc {heading.level}")
        if place == 0:
            _mark(line, "begin")
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f' TOC \\o "1-{_CONTENTS_DEPTH}" \\h \\z \\n '
            line.add_run()._r.append(instruction)
            _mark(line, "separate")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), _anchor(number))
        link.set(qn("w:history"), "1")
        run = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = heading.text
        run.append(text)
        link.append(run)
        line._p.append(link)
        if place == len(shown) - 1:
            _mark(line, "end")


def _mark(paragraph: Line, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)


def _anchor(number: int) -> str:
    return f"_Toc{number + 1:08}"


def _heading(paper: Document, heading: Heading, number: int) -> None:
    paragraph = paper.add_heading(heading.text, heading.level)
    for name in ("w:bookmarkStart", "w:bookmarkEnd"):
        mark = OxmlElement(name)
        mark.set(qn("w:id"), str(number + 1))
        if name.endswith("Start"):
            mark.set(qn("w:name"), _anchor(number))
            paragraph._p.insert(1, mark)
        else:
            paragraph._p.append(mark)


def _block(paper: Document, block: Block) -> None:
    match block:
        case Paragraph(text=text, kind=kind):
            paper.add_paragraph(text, style=_STYLES[kind])
        case Bullet(strong=strong, text=text):
            point = paper.add_paragraph(style="List Bullet")
            if strong:
                point.add_run(strong).bold = True
                point.add_run(f"{prose.NARROW}: ")
            point.add_run(text)
        case Verbatim():
            _verbatim(paper, block)
        case Grid():
            _table(paper, block)
        case Figure():
            _figure(paper, block)


def _verbatim(paper: Document, verbatim: Verbatim) -> None:
    if verbatim.lead:
        lead = paper.add_paragraph()
        lead.paragraph_format.keep_with_next = True
        lead.add_run(verbatim.lead).bold = True
    paragraph = paper.add_paragraph(verbatim.text, style="Quote")
    if verbatim.doubtful:
        paragraph.add_run(" (à vérifier)").bold = True
    paper.add_paragraph(verbatim.source, style="Source")


def _figure(paper: Document, figure: Figure) -> None:
    title = paper.add_paragraph(figure.title, style="Caption")
    title.paragraph_format.keep_with_next = True
    picture = io.BytesIO(raster(figure.svg))
    shape = paper.add_picture(picture, width=Cm(16))
    properties = shape._inline.docPr
    properties.set("descr", figure.alternative)
    properties.set("title", figure.title)


def _table(paper: Document, grid: Grid) -> None:
    caption = paper.add_paragraph(grid.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    table = paper.add_table(rows=1, cols=len(grid.headings), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, grid.widths, strict=True):
        column.width = Cm(width)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for line, texts in enumerate((grid.headings, *grid.rows)):
        row = table.rows[0] if line == 0 else table.add_row()
        whole = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().insert(0, whole)
        for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = Cm(grid.widths[column])
            _write(cell, text, right=column > 0, bold=line == 0 or column == 0)
    paper.add_paragraph()


def _write(cell: _Cell, text: str, *, right: bool, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(2)
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(9), bold
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _fixed(paper: Document) -> bytes:
    """Return the document with every zip entry dated the same, in the same order."""
    written, fixed = io.BytesIO(), io.BytesIO()
    paper.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return fixed.getvalue()
