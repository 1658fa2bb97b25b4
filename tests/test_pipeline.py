"""The whole chain on the miniature consultation, as DVC runs it, and what it promises."""

import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from conftest import copy_settings, expected, run_chain

from pipeline import contract


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def there(done: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where the chain has run, as the current folder; not to be changed."""
    monkeypatch.chdir(done)
    return done


@pytest.fixture
def again(done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as the current folder, to run the chain again in."""
    shutil.copytree(done, tmp_path / "again")
    monkeypatch.chdir(tmp_path / "again")
    return tmp_path / "again"


def test_every_file_of_the_contract_is_there(there: Path) -> None:
    """Tables, workbooks and pages, all non-empty, and one page a theme."""
    for name, table in contract.TABLES.items():
        assert table.path.exists(), name
    for name in ("comparaison.xlsx", "review.xlsx", "digests/index.html", "digests/synthese.docx"):
        assert (contract.PROCESSED / name).stat().st_size > 1000
    pages = {path.stem for path in (contract.PROCESSED / "digests" / "themes").glob("*.html")}
    assert pages == set(contract.read("themes")["theme_id"])


def test_nothing_is_lost_between_files_and_themes(there: Path) -> None:
    """Files = documents + rejected; each statement has one tag and one place among themes."""
    raw = {p.relative_to(contract.RAW).as_posix() for p in contract.RAW.rglob("*") if p.is_file()}
    documents, rejected = contract.read("documents"), contract.read("rejected")
    assert set(documents["path"]) | set(rejected["path"]) == raw
    ids = contract.read("statements")["statement_id"].tolist()
    assert contract.read("tags")["statement_id"].tolist() == ids
    assert contract.read("statement_themes")["statement_id"].tolist() == ids
    assert documents["statements"].sum() == len(ids)


def test_tags_are_those_a_person_gives_more_often_than_not(there: Path) -> None:
    """On short notes mostly under explicit headings, four tags in five at least are right."""
    found = contract.read("statements").merge(contract.read("tags"), on="statement_id")
    both = found.merge(expected("tags"), on=["path", "position"], suffixes=("", "_wanted"))
    assert len(both) == len(found)
    assert (both["tag"] == both["tag_wanted"]).mean() >= 0.8


def test_matches_cross_cities(there: Path) -> None:
    """An obstacle of one city meets an answer of the other, and both are statements."""
    cities = contract.read("statements").set_index("statement_id")["city"]
    matches = contract.read("matches")
    assert not matches.empty
    ours, theirs = cities[matches["obstacle_id"]], cities[matches["answer_id"]]
    assert (ours.to_numpy() != theirs.to_numpy()).all()


def test_pages_need_nothing_from_outside(there: Path) -> None:
    """They open from a USB key: no address, French declared, no script but the explorer's own."""
    for page in (contract.PROCESSED / "digests").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert '<html lang="fr"' in text
        loaded = re.findall(r"""(?:src|href)=["']([^"'#]+)""", text)
        assert [link for link in loaded if re.match(r"\w+:|//", link)] == []
        assert ("<script" in text) == (page.name == "explorer.html")


def test_a_second_run_gives_the_same_bytes(again: Path, done: Path) -> None:
    """Same inputs, same outputs, to the last byte, even from nothing and in another folder."""
    for folder in (contract.PROCESSED, contract.CACHE):
        shutil.rmtree(folder)
    run_chain()
    first, second = contents(done / "data" / "processed"), contents(contract.PROCESSED)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_an_analyst_has_the_last_word(again: Path) -> None:
    """A tag chosen in review.xlsx and saved in data/decisions replaces the model's, and stays."""
    book = openpyxl.load_workbook(contract.PROCESSED / "review.xlsx")
    sheet = book.active
    headings = [cell.value for cell in sheet[1]]
    chosen = sheet.cell(2, headings.index("statement_id") + 1).value
    sheet.cell(2, headings.index("Nature corrigée") + 1).value = "Proposition "
    decision = contract.DECISIONS / "ma relecture.xlsx"
    book.save(decision)
    before = decision.read_bytes()
    run_chain()
    tag = contract.read("tags").set_index("statement_id").loc[chosen]
    assert (tag["tag"], tag["origin"], bool(tag["review"])) == ("proposition", "analyste", False)
    assert decision.read_bytes() == before
    rows = openpyxl.load_workbook(contract.PROCESSED / "review.xlsx").active.iter_rows()
    assert chosen not in {cell.value for row in rows for cell in row}


def test_a_new_city_leaves_the_others_statements_alone(again: Path) -> None:
    """Adding a city is adding a folder; what the others said keeps its id and its words."""
    before = contract.read("statements")
    folder = contract.RAW / "L'Haÿ les Roses"
    folder.mkdir()
    (folder / "notes TR1.txt").write_text("- Deux agents manquent la nuit.", encoding="utf-8")
    read_before = {path.name for path in (contract.CACHE / "read").iterdir()}
    run_chain()
    after = contract.read("statements")
    kept = after[after["city"] != "L'Haÿ les Roses"].reset_index(drop=True)
    assert len(after) == len(before) + 1
    assert kept.equals(before)
    assert len({path.name for path in (contract.CACHE / "read").iterdir()} - read_before) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_a_tiny_corpus_goes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained_model: Path, number: int
) -> None:
    """One statement, or three, in one city without a round table: pages, no crash."""
    copy_settings(tmp_path, trained_model)
    folder = tmp_path / "data" / "raw" / "Évry"
    folder.mkdir(parents=True)
    lines = [
        "Les vols augmentent ici.",
        "Il manque deux agents la nuit.",
        "Créer une brigade de nuit.",
    ]
    notes = "\n".join(f"- {line}" for line in lines[:number])
    (folder / "notes.txt").write_text(notes, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    run_chain()
    assert contract.read("statements")["text"].tolist() == lines[:number]
    assert "Évry" in (contract.PROCESSED / "digests" / "index.html").read_text(encoding="utf-8")
