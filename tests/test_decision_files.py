"""Files of decisions: any spreadsheet an analyst saves says the same thing, and none is changed."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline import french
from pipeline.analysts import decision_files
from pipeline.contract import TAGS, UserError


def _write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    (folder / name).write_bytes(text.encode(encoding))


def _said(folder: Path) -> list[tuple[str, str, str]]:
    taken, problems = decision_files.read(folder)
    assert problems.empty, problems["problem"].tolist()
    return list(taken[["kind", "text", "value"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_delimiter_and_encoding(tmp_path, encoding, delimiter):
    """French Excel, LibreOffice and plain CSV say the same thing."""
    rows = [("Énoncé", "Nature corrigée"), ("Le référent répond dans l’heure.", "Bonne pratique")]
    _write(tmp_path, "d.csv", "\n".join(delimiter.join(row) for row in rows), encoding)
    assert _said(tmp_path) == [("nature", "Le référent répond dans l’heure.", "bonne_pratique")]


def test_subfolders_and_text_files_count(tmp_path):
    """Decisions put away in a folder, or saved as « Texte Unicode », are decisions."""
    (tmp_path / "mai").mkdir()
    (tmp_path / ".cache").mkdir()
    _write(tmp_path / ".cache", "backend.xml", "?")
    _write(tmp_path / "mai", "d.txt", "Énoncé\tNature corrigée\nA.\tfrein\n", "utf-16")
    assert _said(tmp_path) == [("nature", "A.", "frein")]
    assert decision_files.read(tmp_path)[0]["file"].tolist() == ["mai/d.txt"]


def test_every_decision_of_a_row_is_read(tmp_path):
    """A nature, a second one and an action are three decisions, with who, when and why."""
    head = "Énoncé;Nature corrigée;Seconde nature;Action;Auteur;Décidé le;Commentaire;Ville"
    _write(tmp_path, "d.csv", f"{head}\nA.;frein;Aucune;Exclure;C. D.;14/05/2024;relu;Évry\n")
    taken, problems = decision_files.read(tmp_path)
    assert problems.empty
    assert taken[["kind", "value"]].to_numpy().tolist() == [
        ["nature", "frein"],
        ["seconde nature", ""],
        ["action", "exclure"],
    ]
    assert set(taken["author"] + taken["date"] + taken["comment"] + taken["city"]) == {
        "C. D.2024-05-14reluÉvry"
    }


def test_a_workbook_with_a_title_and_other_sheets(tmp_path):
    """Sheets without decisions and titles above the headings are passed over; rows are theirs."""
    with pd.ExcelWriter(tmp_path / "revue.xlsx") as book:
        pd.DataFrame({"Mode d'emploi": ["Corrigez."]}).to_excel(
            book, sheet_name="Lire", index=False
        )
        table = pd.DataFrame({"Énoncé": ["A.", "B."], "NATURE CORRIGEE ": [" Frein ", None]})
        table.to_excel(book, sheet_name="Énoncés", index=False, startrow=2)
    taken, problems = decision_files.read(tmp_path)
    assert problems.empty
    assert taken[["sheet", "row", "text", "value"]].to_numpy().tolist() == [
        ["Énoncés", 4, "A.", "frein"]
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "Nature corrigée",
        "nature_corrigee",
        "Nature corrigée (CD)",
        "Natures corrigées",
        "tag_corrige",
        "Décision",
    ],
)
def test_headings_renamed_a_little(tmp_path, heading):
    """Case, accents, a note in brackets or a plural do not hide a column."""
    _write(tmp_path, "d.csv", f"Nature proposée;{heading};Énoncé\nconstat;frein;A.\n")
    assert _said(tmp_path) == [("nature", "A.", "frein")]


@pytest.mark.parametrize(
    ("label", "tag"),
    [("hors-champ", "autre"), ("BONNE PRATIQUE", "bonne_pratique"), ("Freins", "frein")],
)
def test_french_labels(tmp_path, label, tag):
    """Analysts write labels as they read them."""
    _write(tmp_path, "d.csv", f"statement_id,tag_corrige\ns1,{label}\n")
    assert _said(tmp_path) == [("nature", "", tag)]


def test_theme_names_and_pairs_have_their_sheets(tmp_path):
    """The sheets of review.xlsx for themes and pairs are read with the one for statements."""
    with pd.ExcelWriter(tmp_path / "revue.xlsx") as book:
        themes = {"Identifiant du thème": ["tr1-01"], "Nom actuel": ["Nuit"]}
        pd.DataFrame(themes | {"Nouveau nom": ["La nuit"]}).to_excel(book, sheet_name="a")
        pair = {"Frein": ["A."], "Réponse": ["B."], "Ville de la réponse": ["Évry"]}
        pd.DataFrame(pair | {"Verdict": ["oui"]}).to_excel(book, sheet_name="b")
    taken, problems = decision_files.read(tmp_path)
    assert problems.empty
    theme, pair = taken.itertuples(index=False)
    assert (theme.kind, theme.statement_id, theme.text, theme.value) == (
        *("thème", "tr1-01", "Nuit", "La nuit"),
    )
    assert (pair.kind, pair.text, pair.other_text, pair.other_city, pair.value) == (
        *("paire", "A.", "B.", "Évry", "confirmée"),
    )


def test_what_cannot_be_read_is_named(tmp_path):
    """A misspelt tag, a wrong table, a broken workbook, an .ods: each is told, the rest goes on."""
    _write(tmp_path, "a.csv", "statement_id,tag_corrige\ns1,obstacles majeurs\ns2,frein\n,frein\n")
    _write(tmp_path, "b.csv", "nom,avis\nx,y\n")
    _write(tmp_path, "c.xlsx", "pas un classeur")
    _write(tmp_path, "d.ods", "?")
    _write(tmp_path, "vide.csv", "")
    _write(tmp_path, "README.md", "mode d'emploi")
    _write(tmp_path, ".~lock.a.csv#", "")
    taken, problems = decision_files.read(tmp_path)
    assert taken["statement_id"].tolist() == ["s2"]
    said = dict(
        zip(zip(problems["file"], problems["row"], strict=True), problems["problem"], strict=True)
    )
    assert list(said) == [
        ("a.csv", 2),
        ("a.csv", 4),
        ("b.csv", 0),
        ("c.xlsx", 0),
        ("d.ods", 0),
        ("vide.csv", 0),
    ]
    assert "« obstacles majeurs » n'existe pas" in said["a.csv", 2]
    assert "« bonne pratique »" in said["a.csv", 2]
    assert "identifiant ou le texte" in said["a.csv", 4]
    assert ".xlsx ni un .csv" in said["d.ods", 0]


def test_nothing_decided(tmp_path):
    """No folder, no file: no decision and no problem."""
    assert _said(tmp_path / "absent") == []


def test_files_are_left_as_they_are(tmp_path):
    """Reading decisions never rewrites them."""
    _write(tmp_path, "d.csv", "statement_id;tag_corrige\ns1;frein\n", "cp1252")
    before = (tmp_path / "d.csv").read_bytes()
    _said(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"d.csv": before}


def test_an_empty_csv_is_refused(tmp_path):
    """An empty file is named, with what to do."""
    _write(tmp_path, "vide.csv", "")
    with pytest.raises(UserError, match=r"vide\.csv est vide"):
        decision_files.read_csv_any(tmp_path / "vide.csv")


def test_cells_keep_commas_and_line_breaks(tmp_path):
    """Quoted cells keep delimiters and « NA » stays a text."""
    _write(tmp_path, "d.csv", 'id;text\n1;"a ; b, c\nd"\n2;NA\n')
    assert decision_files.read_csv_any(tmp_path / "d.csv")["text"].tolist() == ["a ; b, c\nd", "NA"]


@pytest.mark.parametrize("row", french.lexicon("decision_words"), ids=lambda row: row["word"])
def test_every_word_of_the_lexicon_is_understood(tmp_path, row):
    """The example of each row, put in a file, is read as the row says."""
    slug = french.slug(row["example"].split(" : ")[0])
    assert slug == french.slug(row["word"])
    if row["kind"] == "tag":
        assert row["means"] in TAGS
    if row["kind"] == "column":
        table = pd.DataFrame([["x"]], columns=[row["word"]])
        assert decision_files._named(table).columns.tolist() == [row["means"]]
