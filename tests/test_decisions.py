"""Analysts' decisions: read from any spreadsheet, follow the content, and never vanish silently."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline import decisions
from pipeline.contract import UserError

STATEMENTS = pd.DataFrame(
    [
        ("s1", "A/cr.docx", "Les délais sont trop longs."),
        ("s2", "A/cr.docx", "Le référent répond dans l’heure."),
        ("s3", "B/notes.txt", "Les délais sont trop longs."),
    ],
    columns=["statement_id", "path", "text"],
)


def _write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    (folder / name).write_bytes(text.encode(encoding))


def _decide(folder: Path) -> tuple[dict[str, str], list[str]]:
    taken, unread = decisions.read(folder)
    decided, unapplied = decisions.resolve(taken, STATEMENTS)
    found = dict(zip(decided["statement_id"], decided["tag"], strict=True))
    return found, [*unread["problem"], *unapplied["problem"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_delimiter_and_encoding(tmp_path, encoding, delimiter):
    """French Excel, LibreOffice and plain CSV say the same thing."""
    rows = [("Énoncé", "Nature corrigée"), ("Le référent répond dans l’heure.", "Bonne pratique")]
    _write(tmp_path, "d.csv", "\n".join(delimiter.join(row) for row in rows), encoding)
    assert _decide(tmp_path) == ({"s2": "bonne_pratique"}, [])


def test_a_workbook_with_another_sheet_first(tmp_path):
    """The sheet with a decision column is the one read; rows without decision are left out."""
    with pd.ExcelWriter(tmp_path / "revue.xlsx") as book:
        pd.DataFrame({"Mode d'emploi": ["Corrigez."]}).to_excel(
            book, sheet_name="Lire", index=False
        )
        table = pd.DataFrame({"statement_id": ["s1", "s2"], "tag_corrige": ["frein", None]})
        table.to_excel(book, sheet_name="Énoncés", index=False)
    assert _decide(tmp_path) == ({"s1": "frein"}, [])


@pytest.mark.parametrize(
    ("label", "tag"),
    [("hors-champ", "autre"), ("BONNE PRATIQUE", "bonne_pratique"), ("Freins", "frein")],
)
def test_french_labels(tmp_path, label, tag):
    """Analysts write labels as they read them."""
    _write(tmp_path, "d.csv", f"statement_id,tag_corrige\ns1,{label}\n")
    assert _decide(tmp_path)[0] == {"s1": tag}


def test_the_content_decides_over_the_identifier(tmp_path):
    """When identifiers moved, the decision follows the text."""
    _write(
        tmp_path,
        "d.csv",
        "statement_id,text,tag_corrige\ns1,LE RÉFÉRENT répond dans l'heure.,frein\n",
    )
    assert _decide(tmp_path) == ({"s2": "frein"}, [])


@pytest.mark.parametrize(
    ("row", "decided"),
    [
        (",,Les délais sont trop longs.", ["s1", "s3"]),
        ("s3,,Les délais sont trop longs.", ["s3"]),
        (",A/cr.docx,Les délais sont trop longs.", ["s1"]),
        ("s2,,", ["s2"]),
    ],
)
def test_identical_statements(tmp_path, row, decided):
    """Document or identifier tell identical statements apart; otherwise all are meant."""
    _write(tmp_path, "d.csv", f"statement_id,path,text,decision\n{row},frein\n")
    assert list(_decide(tmp_path)[0]) == decided


def test_orphans_are_reported_with_file_and_row(tmp_path):
    """A statement that is gone is a problem at its row, not an error."""
    _write(tmp_path, "d.csv", "statement_id,text,tag_corrige\ns1,Cet énoncé a disparu.,frein\n")
    taken, _ = decisions.read(tmp_path)
    decided, problems = decisions.resolve(taken, STATEMENTS)
    assert decided.empty
    assert problems[["file", "row"]].to_numpy().tolist() == [["d.csv", 2]]
    assert "Cet énoncé a disparu." in problems["problem"][0]


def test_conflicts_are_reported_and_not_applied(tmp_path):
    """Two tags for one statement in two files: neither wins, both rows are named."""
    _write(tmp_path, "a.csv", "statement_id,tag_corrige\ns1,frein\ns2,autre\n")
    _write(tmp_path, "b.csv", "statement_id,tag_corrige\ns1,constat\ns2,autre\n")
    decided, problems = _decide(tmp_path)
    assert decided == {"s2": "autre"}
    assert len(problems) == 2
    assert "frein (a.csv, ligne 2) ; constat (b.csv, ligne 2)" in problems[0]


def test_unknown_tags_and_unreadable_files_are_reported(tmp_path):
    """A misspelt tag, a file without the right columns and a broken workbook are all named."""
    _write(tmp_path, "a.csv", "statement_id,tag_corrige\ns1,obstacles majeurs\ns2,frein\n")
    _write(tmp_path, "b.csv", "nom,avis\nx,y\n")
    _write(tmp_path, "c.xlsx", "pas un classeur")
    _write(tmp_path, "README.md", "mode d'emploi")
    decided, problems = _decide(tmp_path)
    assert decided == {"s2": "frein"}
    assert [
        "obstacles majeurs" in problems[0],
        "b.csv" in problems[1],
        "c.xlsx" in problems[2],
    ] == [True] * 3


def test_nothing_decided(tmp_path):
    """No folder, no file: no decision and no problem."""
    assert _decide(tmp_path / "absent") == ({}, [])


def test_files_are_left_as_they_are(tmp_path):
    """Reading decisions never rewrites them."""
    _write(tmp_path, "d.csv", "statement_id;tag_corrige\ns1;frein\n", "cp1252")
    before = (tmp_path / "d.csv").read_bytes()
    _decide(tmp_path)
    assert (tmp_path / "d.csv").read_bytes() == before


def test_an_empty_csv_is_refused(tmp_path):
    """An empty file is named, with what to do."""
    _write(tmp_path, "vide.csv", "")
    with pytest.raises(UserError, match=r"vide\.csv est vide"):
        decisions.read_csv_any(tmp_path / "vide.csv")


def test_cells_keep_commas_and_line_breaks(tmp_path):
    """Quoted cells keep delimiters and « NA » stays a text."""
    _write(tmp_path, "d.csv", 'id;text\n1;"a ; b, c\nd"\n2;NA\n')
    assert decisions.read_csv_any(tmp_path / "d.csv")["text"].tolist() == ["a ; b, c\nd", "NA"]
