"""Tests of the PDF: tagged, in French, its texts inert, and the same bytes on each run."""

import json

import pypdfium2
import pytest
from test_digest import CORPORA, SAID, SETTINGS, tables

from pipeline import digest
from pipeline.digests import pdf_document
from pipeline.digests.synthesis import Bullet, Figure, Grid, Heading, Paragraph, Verbatim

N = "\u202f"
HOSTILE = '<script>alert(1)</script> {{7*7}} #read("/etc/passwd") =cmd() & $x^2$ *gras* \\ @x'


def text_of(data: bytes) -> str:
    """Return all the text of a PDF, spaces made one."""
    paper = pypdfium2.PdfDocument(data)
    pages = [page.get_textpage().get_text_bounded() for page in paper]
    return " ".join(" ".join(pages).split())


def printed(*blocks: object) -> bytes:
    """Return the PDF of some blocks."""
    return pdf_document.document("Essai", list(blocks))


def test_the_file_says_it_is_accessible():
    """PDF/UA-1 identifier, structure tree, language, title: what a screen reader needs."""
    data = digest.digest(tables(), {}, **SETTINGS)["synthese.pdf"]
    assert data.startswith(b"%PDF-1.7")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Marked true", b"pdfuaid:part", b"/Outlines"):
        assert mark in data, mark
    assert b"/Lang (fr-FR)" in data or b"/Lang(fr-FR)" in data
    assert b"/DisplayDocTitle true" in data
    paper = pypdfium2.PdfDocument(data)
    assert paper.is_tagged()
    assert paper.get_metadata_dict()["Title"] == SETTINGS["title"]
    titles = [mark.get_title() for mark in paper.get_toc()]
    assert {"À retenir", "Ville par ville", "Méthode et couverture"} <= set(titles)


def test_statements_are_never_markup():
    """Whatever a statement holds is printed as it was said: typst never reads it as source."""
    data = printed(
        Heading(1, HOSTILE), Paragraph(HOSTILE), Bullet(HOSTILE, HOSTILE),
        Verbatim(HOSTILE, HOSTILE, HOSTILE, doubtful=True),
        Grid(HOSTILE, (HOSTILE, "n"), ((HOSTILE, HOSTILE),), (3, 1)),
    )  # fmt: skip
    assert text_of(data).count("{{7*7}}") >= 8
    assert text_of(data).count("<script>alert(1)</script>") >= 8


def test_right_to_left_marks_do_not_reach_the_page():
    """A mark that would turn a text around is dropped with the other invisible ones."""
    said = [*SAID, ("Vaubrune", "TR1", "T1", "frein", "Le \u202eretourné\u202c reste.")]
    text = text_of(
        digest.digest(tables(said), {}, **SETTINGS | {"synthesis_quotes": 9})["synthese.pdf"]
    )
    assert "Le retourné reste." in text


def test_signs_without_a_shape_are_shown_as_a_box():
    """An emoji or an ideogram does not stop the run, and leaves a visible trace."""
    data = printed(Heading(1, "Un"), Paragraph("avant 😀 中 après"))
    assert "avant □ □ après" in text_of(data)


def test_a_drawing_has_its_words():
    """A chart carries its alternative text, and becomes a bitmap for Word."""
    square = '<rect width="5" height="5"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{square}</svg>'
    data = printed(Heading(1, "Un"), Figure(svg, "Le titre", "Ce qu’on y voit"))
    assert b"/Alt" in data
    assert pdf_document.raster(svg).startswith(b"\x89PNG")
    assert pdf_document.raster(svg) == pdf_document.raster(svg)


@pytest.mark.parametrize("name", CORPORA)
def test_corner_cases_are_printed(name):
    """Every corner case gives a PDF that says what it rests on, twice the same."""
    whole = digest.assemble(tables(CORPORA[name]), {}, SETTINGS)
    blocks = digest.synthesis.blocks(whole, quotes=1, pairs=1, chart_themes=8)
    data = pdf_document.document(whole.title, blocks)
    assert "Cette restitution repose sur" in text_of(data)
    assert data == pdf_document.document(whole.title, blocks)


def test_word_and_pdf_say_the_same():
    """Both are rendered from one list of blocks: each heading of one is in the other."""
    written = digest.digest(tables(), {}, **SETTINGS)
    whole = digest.assemble(tables(), {}, SETTINGS)
    blocks = digest.synthesis.blocks(whole, quotes=1, pairs=1, chart_themes=8)
    in_pdf = text_of(written["synthese.pdf"])
    for block in blocks:
        if isinstance(block, Heading):
            assert " ".join(block.text.split()) in in_pdf
    assert json.loads(written["summary.json"]) == whole.summary
