"""Tests of the workbook: one sheet a table, nothing a spreadsheet would run, the same bytes."""

import io
import zipfile

import openpyxl
import pytest
from test_digest import CORPORA, SAID, SETTINGS, tables

from pipeline import digest
from pipeline.digests import restitution_sheets

HOSTILE = '=HYPERLINK("http://x") <script> {{7*7}} & \u202eretourné @SUM(1) +1 -1'


def written(said: list = SAID) -> bytes:
    """Return the workbook of a corpus."""
    found = tables(said)
    return restitution_sheets.workbook(digest.assemble(found, {}, SETTINGS), found)


@pytest.fixture(scope="module")
def book():
    """The workbook of a corpus with a statement that looks like a formula."""
    said = [*SAID, ("Vaubrune", "TR1", "T1", "frein", HOSTILE)]
    return openpyxl.load_workbook(io.BytesIO(written(said)))


def test_one_sheet_a_table_with_header_and_filters(book):
    """The sheets of the issue, each with a frozen header row and filters."""
    assert book.sheetnames == [
        "Synthèse", "Thèmes", "Ville × thème", "Énoncés", "Rapprochements", "Documents",
        "Fichiers refusés",
    ]  # fmt: skip
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref
        assert all(cell.value for cell in sheet[1])


def test_every_statement_is_there_with_its_source(book):
    """One row a statement, nature, theme, city, table, date, document and place included."""
    rows = list(book["Énoncés"].values)
    assert len(rows) == 1 + len(SAID) + 1
    found = dict(zip(rows[0], rows[1], strict=True))
    assert all(found[name] for name in ("Énoncé", "Nature", "Ville", "Document", "Endroit"))


def test_no_cell_is_a_formula_or_a_link(book):
    """A statement that begins with « = » stays a text."""
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert not any("\u202e" in str(cell.value) for cell in cells)


@pytest.mark.parametrize("name", CORPORA)
def test_corner_cases_open_and_keep_their_bytes(name):
    """Every corner case opens; two runs write the same archive."""
    data = written(CORPORA[name])
    assert data == written(CORPORA[name])
    assert openpyxl.load_workbook(io.BytesIO(data))["Énoncés"].max_row == 1 + len(CORPORA[name])
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
