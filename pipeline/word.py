"""The digest as a Word document: real styles, French language, the same bytes on each run."""

import datetime
import io
import zipfile
from collections.abc import Sequence

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from pipeline import prose
from pipeline.content import Digest, RoundTable, Theme
from pipeline.quotes import Pair, Quote

# Word and ZIP want a date; a fixed one keeps the bytes the same from run to run.
EPOCH = datetime.datetime(2000, 1, 1)
ACCENT, MUTED = RGBColor(0x0F, 0x4C, 0x5C), RGBColor(0x55, 0x61, 0x6D)
NOTICE = RGBColor(0x8A, 0x3B, 0x00)


def document(digest: Digest, *, quotes: int, pairs: int) -> bytes:
    """Return the .docx: key points, themes by round table, then the method.

    Each theme shows at most `quotes` quotes a tag and `pairs` obstacles with one answer.
    """
    paper = docx.Document()
    _prepare(paper, digest)
    paper.add_paragraph(digest.title, style="Title")
    if digest.notice:
        paper.add_paragraph(digest.notice, style="Intense Quote")
    for sentence in digest.coverage:
        paper.add_paragraph(sentence)
    _key_points(paper, digest)
    paper.add_heading("Les thèmes en un coup d’œil", 1)
    _overview(paper, digest.themes)
    for table in digest.round_tables:
        _round_table(paper, table, quotes=quotes, pairs=pairs)
    _method(paper, digest)
    return _fixed(paper)


def _prepare(paper: Document, digest: Digest) -> None:
    properties = paper.core_properties
    properties.title, properties.author = digest.title, "Restitution"
    properties.subject, properties.language = "Restitution de concertation", "fr-FR"
    properties.comments = digest.notice
    properties.last_modified_by, properties.revision = "Restitution", 1
    properties.created = properties.modified = EPOCH
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2)
    _styles(paper)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run(f"{digest.title} – ")
    _field(footer, "PAGE")


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
    paper.styles["Intense Quote"].font.color.rgb = NOTICE
    paper.styles["Caption"].font.color.rgb = MUTED
    paper.styles["Caption"].font.size = Pt(9)
    paper.styles["Caption"].font.bold = False


def _font(style: ParagraphStyle, name: str) -> None:
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _field(paragraph: Paragraph, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _key_points(paper: Document, digest: Digest) -> None:
    if not digest.key_points:
        return
    paper.add_heading("À retenir", 1)
    for group in digest.key_points:
        paper.add_heading(group.heading, 2)
        for theme, sentence in group.points:
            point = paper.add_paragraph(style="List Bullet")
            point.add_run(theme.label).bold = True
            point.add_run(f"{prose.NARROW}: {sentence}")
        if not group.points:
            paper.add_paragraph(group.empty)


def _overview(paper: Document, themes: Sequence[Theme]) -> None:
    if not themes:
        paper.add_paragraph(prose.NO_THEME)
        return
    headings = ("Thème", *(prose.tag_heading(tag) for tag in prose.KEY_TAGS), "Villes")
    rows = [
        (
            theme.label,
            *(prose.number(theme.counts[tag]) for tag in prose.KEY_TAGS),
            f"{len(theme.cities)} sur {theme.all_cities}",
        )
        for theme in themes
    ]
    _table(paper, headings, rows, widths=(4.9, 2.3, 1.9, 2.4, 3.1, 2))


def _table(
    paper: Document, headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
) -> None:
    table = paper.add_table(rows=1, cols=len(headings), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for line, texts in enumerate((headings, *rows)):
        cells = (table.rows[0] if line == 0 else table.add_row()).cells
        for column, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            cell.width = Cm(widths[column])
            _write(cell, text, right=column > 0, bold=line == 0 or column == 0)
    paper.add_paragraph()


def _write(cell: _Cell, text: str, *, right: bool, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(2)
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(9), bold
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _round_table(paper: Document, table: RoundTable, *, quotes: int, pairs: int) -> None:
    paper.add_heading(table.label, 1)
    paper.add_paragraph(table.said)
    for theme in table.themes:
        _theme(paper, theme, quotes=quotes, pairs=pairs)


def _theme(paper: Document, theme: Theme, *, quotes: int, pairs: int) -> None:
    paper.add_heading(theme.label, 2)
    paper.add_paragraph(prose.sentence(theme.reach))
    paper.add_paragraph(theme.size_sentence)
    for sentence in theme.contrasts:
        paper.add_paragraph(sentence, style="List Bullet")
    for tag, picked in theme.quotes.items():
        if picked:
            paper.add_heading(prose.tag_heading(tag, theme.counts[tag]), 3)
            for quote in picked[:quotes]:
                _quote(paper, quote)
    if theme.pairs[:pairs]:
        paper.add_heading("Un frein ici, une réponse là", 3)
        for pair in theme.pairs[:pairs]:
            _pair(paper, pair)


def _quote(paper: Document, quote: Quote) -> None:
    paragraph = paper.add_paragraph(quote.text, style="Quote")
    if quote.doubtful:
        paragraph.add_run(" (à vérifier)").bold = True
    source = paper.add_paragraph(quote.source, style="Caption")
    source.paragraph_format.left_indent = Cm(0.8)


def _pair(paper: Document, pair: Pair) -> None:
    for quote in (pair.obstacle, *pair.answers[:1]):
        label = f"{prose.tag_heading(quote.tag, 1)}, {prose.at(quote.city)}{prose.NARROW}:"
        lead = paper.add_paragraph()
        lead.paragraph_format.keep_with_next = True
        lead.add_run(label).bold = True
        _quote(paper, quote)


def _method(paper: Document, digest: Digest) -> None:
    paper.add_heading("Méthode et couverture", 1)
    paper.add_paragraph(digest.method.files_sentence)
    for path, detail in digest.method.rejected:
        point = paper.add_paragraph(style="List Bullet")
        point.add_run(path).bold = True
        point.add_run(f"{prose.NARROW}: {detail}")
    paper.add_paragraph(prose.HOW_TO_READ)
    for sentence in prose.LIMITS:
        paper.add_paragraph(sentence, style="List Bullet")
    for label, figure in digest.method.quality[:1]:
        paper.add_paragraph(prose.measured(label, figure))
    paper.add_paragraph(f"Restitution, version {digest.method.version}.")


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
