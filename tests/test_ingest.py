"""From data/raw to tables: every file is read or rejected, and says whence it comes."""

import shutil

import pytest

from pipeline.contract import UserError, check
from pipeline.ingest import ingest

LIMITS = {
    "max_megabytes": 5,
    "max_seconds": 60,
    "max_memory_mb": 1000,
    "max_characters": 1_000_000,
    "workers": 1,
}
NOTES = """Table ronde justice - 12 mars 2024

FREINS
- les suites données ne reviennent jamais en mairie
- aucun greffier le samedi
"""


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    (folder / "le-brumois").mkdir(parents=True)
    (folder / "le-brumois" / "notes.txt").write_text(NOTES, encoding="utf-8")
    return folder


@pytest.fixture
def tables(raw, tmp_path):
    def tables() -> dict:
        result = ingest(raw, tmp_path / "cache", **LIMITS)
        return {name: check(name, frame) for name, frame in result.items()}

    return tables


def test_a_document_is_described_and_its_blocks_kept(tables):
    """City from the folder, date and round table from the first lines, blocks in order."""
    result = tables()
    document = result["read_documents"].iloc[0]
    assert document[["path", "city", "date", "round_table", "format", "warnings"]].tolist() == [
        "le-brumois/notes.txt",
        "Le Brumois",
        "2024-03-12",
        "TR2",
        "txt",
        "",
    ]
    assert document["doc_id"].startswith("le-brumois-")
    items = result["blocks"].query("kind == 'item'")
    assert items["text"].tolist() == [
        "les suites données ne reviennent jamais en mairie",
        "aucun greffier le samedi",
    ]
    assert items[["heading", "locator"]].values.tolist() == [
        ["FREINS", "ligne 4"],
        ["FREINS", "ligne 5"],
    ]
    assert result["rejected"].empty


def test_every_other_file_is_rejected_with_a_reason(raw, tables):
    """Files in no city, system files, unread formats: all are listed, none stops the run."""
    (raw / "orphelin.txt").write_text("Un propos.")
    (raw / "README.md").write_text("Mode d'emploi")
    (raw / "le-brumois" / ".DS_Store").write_bytes(b"\0\0")
    (raw / "le-brumois" / "~$notes.docx").write_bytes(b"\0\0")
    (raw / "le-brumois" / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    rejected = tables()["rejected"].set_index("path")["reason"].to_dict()
    assert rejected == {
        "orphelin.txt": "sans_ville",
        "le-brumois/.DS_Store": "fichier_systeme",
        "le-brumois/~$notes.docx": "fichier_systeme",
        "le-brumois/photo.jpg": "format_non_pris_en_charge",
    }


def test_a_copy_knows_the_first(raw, tables):
    """The same content twice is read twice; the longer name is the copy."""
    (raw / "Évry").mkdir()
    shutil.copy(raw / "le-brumois" / "notes.txt", raw / "Évry" / "copie des notes.txt")
    documents = tables()["read_documents"].set_index("path")
    assert documents.loc["le-brumois/notes.txt", "duplicate_of"] == ""
    assert (
        documents.loc["Évry/copie des notes.txt", "duplicate_of"]
        == documents.loc["le-brumois/notes.txt", "doc_id"]
    )


def test_what_is_not_found_is_said(raw, tables):
    """A document without date or round table is read, with a warning for each."""
    (raw / "le-brumois" / "notes.txt").write_text(
        "Les halls sont occupés tous les soirs de la semaine."
    )
    warnings = tables()["read_documents"]["warnings"][0]
    assert "Date introuvable" in warnings
    assert "Table ronde introuvable" in warnings


def test_sources_override(raw, tables):
    """A row of sources.csv rules over what the document says."""
    (raw / "sources.csv").write_text(
        "path;ville;date;table_ronde\nle-brumois/notes.txt;Lé Brumois;13/03/2024;TR4\n",
        encoding="cp1252",
    )
    document = tables()["read_documents"].iloc[0]
    assert (document["date"], document["round_table"]) == ("2024-03-13", "TR4")
    assert document["city"] == "Lé Brumois"


def test_a_notice_goes_with_its_city(raw, tables):
    """avertissement.txt is shown with the city's documents and is not one of them."""
    (raw / "le-brumois" / "avertissement.txt").write_text("Fiction : tout est inventé.\n")
    documents = tables()["read_documents"]
    assert documents["notice"].tolist() == ["Fiction : tout est inventé."]
    assert documents["path"].tolist() == ["le-brumois/notes.txt"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("le-brumois/note.txt,,,", "vouliez-vous dire « le-brumois/notes.txt » ?"),
        ("le-brumois/notes.txt,Le Brumoi,,", "vouliez-vous dire « Le Brumois » ?"),
        ("le-brumois/notes.txt,Xyz,,", "« Xyz » n'a pas de dossier"),
        ("le-brumois/notes.txt,,hier,", "écrivez 2024-03-12"),
        ("le-brumois/notes.txt,,,TR9", "écrivez TR1, TR2, TR3 ou TR4"),
    ],
)
def test_a_wrong_row_of_sources_is_named(raw, tables, row, message):
    """One French line with the file, the line and what to do."""
    (raw / "sources.csv").write_text(f"path,ville,date,table_ronde\n{row}\n", encoding="utf-8")
    with pytest.raises(UserError) as error:
        tables()
    assert "sources.csv, ligne 2" in str(error.value)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_nothing_to_read_is_an_error(tmp_path):
    """An empty or missing data/raw says where to put documents."""
    with pytest.raises(UserError, match="déposez au moins un document"):
        ingest(tmp_path / "raw", tmp_path / "cache", **LIMITS)
