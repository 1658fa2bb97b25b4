"""Stage evaluate: scores computed by hand on tiny tables, honest intervals, drawings that open."""

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from pipeline import evaluate
from pipeline.contract import TAGS, UserError
from pipeline.scoring import evaluation_plots

SETTINGS = {
    "resamples": 200,
    "level": 0.95,
    "baseline_folds": 3,
    "calibration_bins": 10,
    "precision_wanted": 0.9,
    "seed": 1,
}


def _gold() -> pd.DataFrame:
    tags = list(TAGS) * 6
    return pd.DataFrame(
        {
            "doc": [f"d{i // 5}" for i in range(30)],
            "text": [f"énoncé {tag} numéro {i}" for i, tag in enumerate(tags)],
            "tag_a": tags,
            "tag_b": [*tags[:29], "constat"],
        }
    )


def _tags(gold: pd.DataFrame, wrong: int = 0) -> pd.DataFrame:
    given = gold["tag_a"].tolist()
    given[:wrong] = ["autre"] * wrong
    table = pd.DataFrame({"tag": given, "confidence": 0.8, "review": False})
    for tag in TAGS:
        table[f"p_{tag}"] = np.where(table["tag"] == tag, 0.8, 0.05)
    return table


def test_a_perfect_tagger():
    """All right: F1 of 1 everywhere, and the error of calibration is what confidence lacks."""
    gold = _gold()
    found = evaluate.evaluate(gold, _tags(gold), **SETTINGS)["tagger"]
    assert (found["macro_f1"], found["macro_f1_low"], found["macro_f1_high"]) == (1, 1, 1)
    assert found["calibration_error"] == 0.2
    assert found["agreed_statements"] == 29
    assert found["coverage_at_precision"] == 1
    assert 0.9 < found["annotators_macro_f1"] < 1


def test_errors_lower_the_score_within_the_interval():
    """Errors lower macro-F1, and the interval holds the estimate."""
    gold = _gold()
    found = evaluate.evaluate(gold, _tags(gold, wrong=4), **SETTINGS)["tagger"]
    assert found["macro_f1_low"] < found["macro_f1"] < found["macro_f1_high"]
    assert found["f1"]["constat"]["f1"] == round(2 * 5 / (5 + 6), 4)
    assert found["f1"]["autre"]["f1"] == round(2 * 6 / (6 + 10), 4)
    assert found["accuracy"] == round(26 / 30, 4)


def test_baselines():
    """The commonest tag scores a fifth of its own F1; words that give the tag away score 1."""
    gold = _gold()
    found = evaluate.evaluate(gold, _tags(gold), **SETTINGS)["tagger"]["baselines"]
    assert found["majority"] == round(2 * 6 / (6 + 30) / 5, 4)
    assert found["tfidf_logistic_regression"] == 1


def test_same_seed_same_figures():
    """Intervals are drawn, but the same ones every time."""
    gold = _gold()
    tags = _tags(gold, wrong=3)
    assert evaluate.evaluate(gold, tags, **SETTINGS) == evaluate.evaluate(gold, tags, **SETTINGS)


def test_tables_of_different_lengths_are_refused():
    """A tag for another statement is an error, not a score."""
    gold = _gold()
    with pytest.raises(ValueError, match="30 gold statements, 29 tags"):
        evaluate.evaluate(gold, _tags(gold).head(29), **SETTINGS)


@pytest.mark.parametrize(
    ("confidence", "right", "error"),
    [
        ([0.75, 0.75, 0.75, 0.75], [1, 1, 1, 0], 0.0),
        ([0.9, 0.9], [1, 0], 0.4),
        ([1.0, 0.2], [1, 0], 0.1),
    ],
)
def test_calibration_error(confidence, right, error):
    """The gap between confidence and justness, weighted by how many statements have it."""
    found = evaluate.calibration_error(np.array(confidence), np.array(right, bool), bins=10)
    assert found == pytest.approx(error)


@pytest.mark.parametrize(
    ("right", "coverage"), [([1, 1, 0, 1], 0.5), ([0, 1, 1, 1], 0.0), ([1, 1, 1, 1], 1.0)]
)
def test_coverage_at_a_precision(right, coverage):
    """Surest first, as far as the share of right tags holds."""
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    assert evaluate.coverage_at(confidence, np.array(right, bool), 0.9) == coverage


def test_gold_files_are_read_strictly(tmp_path):
    """A missing column or an unknown tag names the file."""
    (tmp_path / "statements_g.csv").write_text("id,doc,text\n1,d,a\n", encoding="utf-8")
    with pytest.raises(UserError, match="colonnes manquantes position"):
        evaluate.read_gold(tmp_path)
    header = "id,doc,position,heading,text,tag_a,tag_b"
    (tmp_path / "statements_g.csv").write_text(f"{header}\n1,d,1,,a,truc,autre\n", encoding="utf-8")
    with pytest.raises(UserError, match="étiquette inconnue « truc »"):
        evaluate.read_gold(tmp_path)


def test_drawings_are_svg_without_outside_resource():
    """The drawings parse, have a title, hold their figures and call nothing outside."""
    counts = np.arange(25).reshape(5, 5)
    curve = pd.DataFrame({"confidence": [0.4, 0.9], "right": [0.5, 0.9], "statements": [10, 20]})
    line = evaluation_plots.line([(100, 0.4), (200, 0.55)], "Gain", "Énoncés", "Macro-F1")
    assert ">0,550</text>" in line
    for drawing in (evaluation_plots.confusion(counts), evaluation_plots.reliability(curve), line):
        root = ET.fromstring(drawing)  # noqa: S314 - our own drawing
        assert root.find("{http://www.w3.org/2000/svg}title").text
        assert "href" not in drawing
    assert ">24</text>" in evaluation_plots.confusion(counts)


def test_coverage_curve_ends_on_accuracy():
    """The whole set tagged is the right end: its precision is plain accuracy."""
    right = np.array([True] * 30 + [False] * 10)
    curve = evaluate.coverage_curve(np.linspace(0.9, 0.3, 40), right)
    assert curve[0] == (0.05, 1.0)
    assert curve[-1] == (1.0, 0.75)


def test_registers_are_scored_apart_when_the_gold_names_them():
    """A register of errors only scores 0, the others keep their own score; no name, no score."""
    gold = _gold().assign(register=["notes"] * 5 + ["presse"] * 25)
    tags = _tags(gold)
    tags.loc[:4, "tag"] = ["frein", "constat", "autre", "bonne_pratique", "proposition"]
    found = evaluate.evaluate(gold, tags, **SETTINGS)["tagger"]["by_register"]
    assert found["presse"] == {"statements": 25, "macro_f1": 1.0}
    assert found["notes"]["macro_f1"] < 0.5
    assert evaluate.evaluate(_gold(), _tags(_gold()), **SETTINGS)["tagger"]["by_register"] == {}


def test_every_drawing_of_the_stage_is_made():
    """Confusion, reliability, coverage, learning and decisions, from gold, tags and training."""
    gold = _gold()
    training = {
        "learning_curve": [{"statements": 100, "macro_f1": 0.4}],
        "decisions_gain": [{"decisions": 0, "macro_f1": 0.4}, {"decisions": 50, "macro_f1": 0.5}],
    }
    drawn = evaluate.drawings(gold, _tags(gold), training, bins=10)
    assert set(drawn) == {"confusion", "reliability", "coverage", "learning", "decisions"}
