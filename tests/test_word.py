"""Tests of the Word document: structure, language, safety, and bytes that do not change."""

import io
import zipfile
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from test_digest import CORPORA, SAID, SETTINGS, tables

from pipeline import digest


def written(said: list = SAID) -> bytes:
    """Return the document made from a corpus."""
    return digest.digest(tables(said), {}, **SETTINGS)["synthese.docx"]


@pytest.fixture(scope="module")
def paper():
    """Return the document of the three cities, opened."""
    return docx.Document(io.BytesIO(written()))


def test_outline_uses_real_styles(paper):
    """Title, headings, bullets and quotes are Word's own styles: navigation and export work."""
    styles = [paragraph.style.name for paragraph in paper.paragraphs]
    assert styles[0] == "Title"
    assert {"Heading 1", "Heading 2", "Heading 3", "List Bullet", "Quote"} <= set(styles)
    levels = [int(name[-1]) for name in styles if name.startswith("Heading")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_language_title_and_author_are_set(paper):
    """Word reads and corrects it as French; no name of a person, no real date inside."""
    assert paper.core_properties.title == SETTINGS["title"]
    assert paper.core_properties.author == "Restitution"
    assert paper.core_properties.language == "fr-FR"
    assert paper.core_properties.created == paper.core_properties.modified
    assert 'w:val="fr-FR"' in paper.styles.element.xml


def test_tables_repeat_their_header(paper):
    """A table over two pages shows its header on both."""
    assert all("w:tblHeader" in table.rows[0]._tr.xml for table in paper.tables)


def test_no_empty_heading(paper):
    """Each heading is followed by something to read."""
    styles = [paragraph.style.name for paragraph in paper.paragraphs]
    for name, following in zip(styles, [*styles[1:], "Heading 1"], strict=True):
        if name.startswith("Heading"):
            deeper = following.startswith("Heading") and int(following[-1]) > int(name[-1])
            assert deeper or not following.startswith("Heading")


def test_same_bytes_on_each_run():
    """The archive holds no clock: entries have one fixed date."""
    data = written()
    assert data == written()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_characters_word_refuses_are_dropped():
    """Control characters, which would make Word ask for a repair, do not reach the document."""
    said = [
        *SAID,
        ("Vaubrune", "TR1", "T1", "proposition", "Un \x0bcorrespondant\x00 de nuit"),
    ]
    paper = docx.Document(io.BytesIO(written(said)))
    assert "Un correspondant de nuit" in "\n".join(p.text for p in paper.paragraphs)


def test_contents_are_complete_without_any_update(paper):
    """The table of contents lists every heading of levels 1 and 2, linked to its bookmark."""
    listed = [p for p in paper.paragraphs if p.style.name in ("toc 1", "toc 2")]
    headings = [p for p in paper.paragraphs if p.style.name in ("Heading 1", "Heading 2")]
    assert [p._p.xpath("string(.//w:hyperlink)") for p in listed] == [p.text for p in headings]
    anchors = [p._p.xpath("string(.//w:hyperlink/@w:anchor)") for p in listed]
    assert anchors == [p._p.xpath("string(./w:bookmarkStart/@w:name)") for p in headings]
    instructions = paper.element.xpath("//w:instrText")
    assert [i.text.split()[0] for i in instructions] == ["TOC"]
    kinds = [mark.get(qn("w:fldCharType")) for mark in paper.element.xpath("//w:fldChar")]
    assert kinds == ["begin", "separate", "end"]


def test_charts_have_their_words():
    """A picture carries an alternative text and a title; the page its number."""
    said = [*SAID, ("Vaubrune", "TR4", "T2", "frein", "Personne ne répond.")]
    document = docx.Document(io.BytesIO(written(said)))
    described = document.element.xpath("//wp:docPr/@descr")
    assert len(described) == 1
    assert described[0].startswith("Barres, par thème.")
    footer = document.sections[0].footer._element
    assert "PAGE" in footer.xpath("string(.//w:fldSimple/@w:instr)")


def test_statements_stay_text():
    """Markup, formulas and templates are written as they were said; turning marks are dropped."""
    hostile = '<w:p/> <script> {{7*7}} #read =cmd() & "x"'
    said = [row for row in SAID if row[3] != "bonne_pratique"]
    said.append(("Vaubrune", "TR1", "T1", "bonne_pratique", f"\u202e{hostile}\u202c"))
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(written(said))).paragraphs)
    assert hostile in text
    assert "\u202e" not in text


@pytest.mark.parametrize("name", CORPORA)
def test_corner_cases_open(name, tmp_path: Path):
    """Every corner case gives a document that opens and says what it rests on."""
    path = tmp_path / "synthese.docx"
    path.write_bytes(written(CORPORA[name]))
    text = "\n".join(p.text for p in docx.Document(str(path)).paragraphs)
    assert "Cette restitution repose sur" in text
    assert "nan" not in text
