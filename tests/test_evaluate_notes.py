"""Stage evaluate_notes: a statement counts once, unfound ones are wrong, headings apart."""

import json

import pandas as pd
import pytest
from conftest import ROOT

from pipeline import evaluate_notes
from pipeline.contract import UserError

SETTINGS = {"resamples": 50, "level": 0.95, "seed": 1}


def _gold(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    gold = pd.DataFrame(rows, columns=["doc", "text", "tag_a", "explicit_heading"])
    return gold.assign(tag_b=gold["tag_a"])


def _found(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["path", "text", "tag"])


def test_statements_meet_by_their_words_each_used_once():
    """Case and signs aside, in the same document, in order; what is not found has no tag."""
    gold = _gold(
        ("a", "RAS", "autre", "0"), ("a", "RAS", "constat", "0"), ("b", "RAS", "autre", "0")
    )
    found = _found(("a", "ras.", "autre"), ("a", "Ras", "frein"), ("a", "RAS", "constat"))
    assert evaluate_notes.matched(gold, found).tolist() == ["autre", "frein", ""]


def test_an_unfound_statement_is_wrong():
    """Half of the freins are not found: recall is a half, precision whole."""
    rows = [("a", f"énoncé {tag} {i}", tag, "1") for tag in evaluate_notes.TAGS for i in range(2)]
    gold = _gold(*rows)
    found = _found(*((doc, text, tag) for doc, text, tag, _ in rows if text != "énoncé frein 1"))
    scores = evaluate_notes.compare(gold, found, **SETTINGS)
    assert scores["f1"]["frein"]["f1"] == pytest.approx(2 / 3)
    assert scores["f1"]["constat"]["f1"] == 1
    assert scores["matched"] == 0.9
    assert scores["matched_only"]["macro_f1"] == 1


def test_explicit_headings_are_scored_apart():
    """An error under no heading leaves the score under explicit headings whole."""
    tags = evaluate_notes.TAGS
    rows = [("a", f"dit {tag}", tag, "1") for tag in tags] + [("a", "autre chose", "frein", "0")]
    found = _found(*((doc, text, tag) for doc, text, tag, _ in rows[:-1]), (*rows[-1][:2], "autre"))
    scores = evaluate_notes.compare(_gold(*rows), found, **SETTINGS)
    assert scores["explicit"]["macro_f1"] == 1
    assert scores["explicit"]["statements"] == 5
    assert scores["macro_f1"] < 1


def test_gold_files_are_read_strictly(tmp_path):
    """A missing file, column or tag is named."""
    with pytest.raises(UserError, match=r"statements.csv manque"):
        evaluate_notes.read_gold(tmp_path)
    path = tmp_path / "statements.csv"
    path.write_text("doc,text\na,b\n", encoding="utf-8")
    with pytest.raises(UserError, match="colonnes manquantes position"):
        evaluate_notes.read_gold(tmp_path)
    header = ",".join(evaluate_notes._COLUMNS)
    path.write_text(f"{header}\na,1,,0,texte,truc,autre\n", encoding="utf-8")
    with pytest.raises(UserError, match="étiquette inconnue « truc »"):
        evaluate_notes.read_gold(tmp_path)


def test_our_notes_are_sound():
    """Every document has statements and every statement a document; two readers, all tags."""
    gold = evaluate_notes.read_gold(ROOT / evaluate_notes.GOLD)
    folder = ROOT / evaluate_notes.GOLD / "documents"
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(gold["doc"]) == files
    assert set(gold["tag_a"]) == set(evaluate_notes.TAGS)


@pytest.mark.slow
def test_the_stage_reads_tags_and_scores(done, tmp_path, monkeypatch):
    """From files to figures: most statements are found, and the scores are written."""
    monkeypatch.chdir(done)
    monkeypatch.setattr(evaluate_notes, "GOLD", ROOT / evaluate_notes.GOLD)
    monkeypatch.setattr(evaluate_notes, "SCORES", tmp_path / "scores_notes.json")
    evaluate_notes.main()
    scores = json.loads((tmp_path / "scores_notes.json").read_text(encoding="utf-8"))["notes"]
    assert scores["statements"] == 473
    assert scores["matched"] > 0.8
