"""Reading is measured on documents of every format, against what a person copied from them."""

import json

import pandas as pd
import pytest
from conftest import ROOT

from pipeline import evaluate_reading
from pipeline.evaluate_reading import compare, same_words
from pipeline.readers import SUPPORTED

GOLD = ROOT / "data" / "gold" / "reading"


def test_each_statement_counts_once() -> None:
    """A wrong letter costs the exact copy, a wrong word both; what nobody copied is extra."""
    beside = {"path": "a", "heading": "", "speaker": ""}
    wanted = pd.DataFrame(beside | {"text": ["Un fait.", "Un frein !", "Un fait."]})
    found = pd.DataFrame(beside | {"text": ["Un fait.", "un frein", "Autre chose"]})
    documents = pd.DataFrame([{"path": "a", "city": "V", "date": "", "round_table": "TR1"}])
    read = documents.assign(round_table="TR2")
    scores = compare(wanted, found, documents, read)
    assert (scores["exact"], scores["same_words"], scores["extra"]) == (0.3333, 0.6667, 0.3333)
    assert (scores["city"], scores["round_table"]) == (1, 0)


def test_headings_and_speakers_are_those_of_the_statement() -> None:
    """A heading counts beside its own statement; one said twice is matched in order; none is 0."""
    columns = ["path", "text", "heading", "speaker"]
    wanted = [("a", "Un fait.", "Freins", "Mme A"), ("a", "Un fait.", "Pistes", ""),
              ("a", "Deux faits.", "Pistes", ""), ("a", "Trois.", "", "")]  # fmt: skip
    found = [("a", "Un fait", "FREINS :", "M. B"), ("a", "Un fait.", "Freins", ""),
             ("a", "Trois.", "Pistes", "")]  # fmt: skip
    documents = pd.DataFrame([{"path": "a", "city": "V", "date": "", "round_table": ""}])
    frames = (pd.DataFrame(rows, columns=columns) for rows in (wanted, found))
    scores = compare(*frames, documents, documents)
    assert (scores["heading"], scores["speaker"]) == (0.3333, 0.0)


def test_same_words_sees_words_and_arrows_only() -> None:
    """Case, accents and signs do not count; words, their order and arrows do."""
    assert same_words("PM -> PN : « pas d'accès »") == same_words("pm -> pn pas d’acces")
    assert same_words("PM -> PN") != same_words("PN -> PM")


def test_every_format_is_in_the_measure() -> None:
    """No format is left out of the documents people copied."""
    paths = pd.read_csv(GOLD / "documents.csv")["path"]
    formats = {f".{path.rsplit('.', 1)[1]}" for path in paths}
    assert {s for s in SUPPORTED if s not in (".xhtml", ".markdown", ".text", ".tsv")} <= formats


@pytest.mark.slow
def test_statements_come_out_as_a_person_copies_them(tmp_path, monkeypatch) -> None:
    """At least 98.5 % of the statements in their words, 90 % to the letter, cities always."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(evaluate_reading, "SCORES", tmp_path / "scores_reading.json")
    evaluate_reading.main()
    scores = json.loads((tmp_path / "scores_reading.json").read_text())["reading"]["all"]
    assert scores["same_words"] >= 0.985
    assert scores["exact"] >= 0.9
    assert scores["extra"] <= 0.02
    assert scores["city"] == 1
    assert scores["date"] >= 0.98
    assert scores["round_table"] >= 0.98
    assert scores["heading"] >= 0.95
    assert scores["speaker"] >= 0.95
