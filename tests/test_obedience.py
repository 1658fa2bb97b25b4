"""From review.xlsx to the next run: the analyst's decisions, end to end, through real programs."""

import os
import shutil
import subprocess
import unicodedata
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from conftest import run_chain
from openpyxl.worksheet.worksheet import Worksheet

from pipeline import contract, review
from pipeline.analysts import decision_files

SOFFICE = shutil.which("soffice")


@pytest.fixture
def again(done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project where the chain has run, as the current folder."""
    shutil.copytree(done, tmp_path / "again")
    monkeypatch.chdir(tmp_path / "again")
    return tmp_path / "again"


def row_of(sheet: Worksheet, column: str, value: str) -> int:
    place = [cell.value for cell in sheet[1]].index(column) + 1
    return next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, place).value == value)


def fill(sheet: Worksheet, row: int, **answers: str) -> None:
    headings = [cell.value for cell in sheet[1]]
    for name, value in answers.items():
        sheet.cell(row, headings.index(name.replace("_", " ")) + 1).value = value


def answer(name: str = "relecture de Camille.xlsx") -> dict[str, str]:
    """Fill in review.xlsx as an analyst would; return the statement of each decision."""
    book = openpyxl.load_workbook(contract.PROCESSED / "review.xlsx")
    sheet = book["À relire"]
    # Positions are those of the documents, so that the statement before another is known.
    rows = contract.read("statements").sort_values(["path", "position"])
    listed = {
        sheet.cell(r, 1).value: r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 1).value
    }
    own = rows[rows["text"].isin(listed) & ~rows["text"].duplicated(keep=False)]
    later = own[own["position"] > 1]["text"].tolist()
    merged = later[-1]
    free = [text for text in own["text"] if text != merged]
    before = rows["text"].shift()[rows["text"] == merged].iloc[0]
    free = [text for text in free if text != before]
    long = max(free, key=len)
    retagged, excluded = [text for text in free if text != long][:2]
    who = {"Auteur": "C. D.", "Décidé_le": "14/05/2024", "Commentaire": "relu"}
    fill(sheet, listed[retagged], Nature_corrigée="Bonne pratique", **who)
    fill(sheet, listed[retagged], Seconde_nature_corrigée="frein")
    fill(sheet, listed[excluded], Action="exclure", **who)
    words = long.split()
    cut = f"{' '.join(words[:3])} | {' '.join(words[3:])}"
    fill(sheet, listed[long], Action="scinder", Texte_à_découper=cut, **who)
    fill(sheet, listed[merged], Action="fusionner avec le précédent", **who)
    book.save(contract.DECISIONS / name)
    texts = {"retagged": retagged, "excluded": excluded, "split": long, "merged": merged}
    return texts | {"before": before}


def check(texts: dict[str, str]) -> None:
    """Every decision of `answer` holds in the tables of today."""
    problems = contract.read("decision_problems")
    assert problems.empty, problems["problem"].tolist()
    statements = contract.read("statements")
    said = statements["text"].tolist()
    tags = contract.read("tags").set_index("statement_id")
    (name,) = statements.loc[statements["text"] == texts["retagged"], "statement_id"]
    assert tags.loc[name, ["tag", "second_tag", "origin"]].tolist() == [
        *("bonne_pratique", "frein", "analyste"),
    ]
    assert texts["excluded"] not in said
    assert contract.read("excluded")["text"].tolist() == [texts["excluded"]]
    words = texts["split"].split()
    assert texts["split"] not in said
    assert {" ".join(words[:3]), " ".join(words[3:])} <= set(said)
    assert f"{texts['before']} {texts['merged']}" in said
    for _, document in statements.groupby("doc_id"):
        ordered = document.sort_values("statement_id")["position"].tolist()
        assert ordered == list(range(1, len(document) + 1))
    ids = statements["statement_id"].tolist()
    assert contract.read("tags")["statement_id"].tolist() == ids
    assert contract.read("statement_themes")["statement_id"].tolist() == ids
    applied = contract.read("decisions_applied")
    kinds = ["exclure", "fusionner", "nature", "scinder", "seconde nature"]
    assert sorted(applied["kind"]) == kinds
    assert set(applied["author"] + applied["date"] + applied["comment"]) == {"C. D.2024-05-14relu"}


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_decisions_are_obeyed_and_survive(again: Path) -> None:
    """Retag, split, merge and exclude hold, twice the same bytes, and through a changed corpus."""
    texts = answer()
    before = bytes_of(contract.DECISIONS)
    run_chain()
    check(texts)
    first = bytes_of(contract.PROCESSED)
    run_chain()
    changed = {n for n, b in bytes_of(contract.PROCESSED).items() if first[n] != b}
    assert changed <= {"theme_changes.csv"}  # says what is new since the previous run
    # A new city, a statement more at the top of every text file, and files sent under new names.
    folder = contract.RAW / "nouvelle-ville"
    folder.mkdir()
    (folder / "notes TR1.txt").write_text(
        f"- {texts['retagged']}\n- Une autre remarque.", encoding="utf-8"
    )
    for path in sorted(contract.RAW.rglob("*.txt")):
        if path.parent != folder:
            path.write_text(
                f"- Un énoncé de plus au début du document.\n{path.read_text(encoding='utf-8')}",
                encoding="utf-8",
            )
    for path in sorted(contract.RAW.rglob("*.md")):
        path.rename(path.with_name(f"{path.stem} corrigé.md"))
    run_chain()
    statements = contract.read("statements")
    is_new = statements["path"].str.startswith("nouvelle-ville/")
    new, kept = statements[is_new], statements[~is_new]
    tags = contract.read("tags").set_index("statement_id")
    assert tags.loc[new["statement_id"], "origin"].tolist() == ["modele"] * 2
    contract.write("statements", kept)
    for name in ("tags", "statement_themes"):
        table = contract.read(name)
        contract.write(name, table[table["statement_id"].isin(kept["statement_id"])])
    check(texts)
    assert bytes_of(contract.DECISIONS) == before


def convert(path: Path, to: str, folder: Path) -> Path:
    """Let LibreOffice open a file and save it in another format."""
    env = os.environ | {"HOME": str(folder.parent / "profil")}
    command = [SOFFICE, "--headless", "--convert-to", to, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120, env=env)  # noqa: S603
    return folder / f"{path.stem}.{to.split(':')[0]}"


def said(folder: Path) -> pd.DataFrame:
    taken, problems = decision_files.read(folder)
    assert problems.empty, problems["problem"].tolist()
    return taken.drop(columns=["file", "sheet"])


SEMICOLON_CP1252 = "csv:Text - txt - csv (StarCalc):59,34,1"


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) n'est pas installé")
@pytest.mark.parametrize("route", [["xlsx"], ["csv"], ["ods", "xlsx"], [SEMICOLON_CP1252]])
def test_libreoffice_round_trips_say_the_same(again: Path, tmp_path: Path, route) -> None:
    """Saved by LibreOffice as .xlsx, .csv, .ods then .xlsx, or Windows `;` CSV: same decisions."""
    answer("relecture.xlsx")
    wanted = said(contract.DECISIONS)
    path = contract.DECISIONS / "relecture.xlsx"
    for step, to in enumerate(route):
        folder = tmp_path / f"étape {step}"
        folder.mkdir()
        path = convert(path, to, folder)
    if SEMICOLON_CP1252 in route:
        assert b"\xc9nonc\xe9;" in path.read_bytes()  # really Windows-1252
    pd.testing.assert_frame_equal(said(path.parent), wanted)


def test_what_spreadsheets_do_to_tables_changes_nothing(again: Path, tmp_path: Path) -> None:
    """Other names, other order, spaces, decomposed accents, dropped columns: same decisions."""
    texts = answer("relecture.xlsx")
    wanted = said(contract.DECISIONS)
    table = pd.read_excel(contract.DECISIONS / "relecture.xlsx", dtype=str, keep_default_na=False)
    table = table.fillna("").sort_values("Énoncé", ascending=False)
    table = table[table.columns[::-1]].drop(columns=["Confiance", "statement_id", "Thème"])
    table = table.rename(columns={"Énoncé": "VERBATIM ", "Nature corrigée": "nature_corrigee"})
    table = table.map(lambda text: f"  {unicodedata.normalize('NFD', text)} ")
    (tmp_path / "autre").mkdir()
    table.to_csv(tmp_path / "autre" / "x.csv", sep=";", index=False, encoding="utf-8-sig")
    found = said(tmp_path / "autre")
    order = ["kind", "text"]
    shown = ["kind", "value", "text", "before", "pieces", "author", "date"]
    pd.testing.assert_frame_equal(
        found.map(lambda v: unicodedata.normalize("NFC", str(v))).sort_values(
            order, ignore_index=True
        )[shown],
        wanted.sort_values(order, ignore_index=True)[shown],
    )
    shutil.move(tmp_path / "autre" / "x.csv", contract.DECISIONS / "relecture.csv")
    (contract.DECISIONS / "relecture.xlsx").unlink()
    run_chain()
    check(texts)


def test_themes_and_pairs_reach_their_stages(again: Path) -> None:
    """A new name and a verdict written in review.xlsx come out as the stages will read them."""
    book = openpyxl.load_workbook(contract.PROCESSED / "review.xlsx")
    themes, pairs = book[review.SHEETS[1]], book[review.SHEETS[2]]
    fill(themes, 2, Nouveau_nom="Un nom de commission")
    fill(pairs, 2, Verdict="refusée")
    asked = {cell.value: pairs.cell(2, cell.column).value for cell in pairs[1]}
    book.save(contract.DECISIONS / "noms.xlsx")
    taken, problems = decision_files.read(contract.DECISIONS)
    assert problems.empty
    found = review.decisions.pairs(taken, contract.read("statements"))
    assert found[["obstacle_id", "answer_id", "verdict"]].to_numpy().tolist() == [
        [asked["Identifiant du frein"], asked["Identifiant de la réponse"], "refusée"]
    ]
    names = review.decisions.theme_names(taken)
    themes_now = contract.read("themes").set_index("theme_id")["label"]
    assert names["label"].tolist() == ["Un nom de commission"]
    assert names["previous"].tolist() == [themes_now[names["theme_id"][0]]]
