"""The files of data/training: readable, tagged, without duplicates, leaks, or real people."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from sklearn.feature_extraction.text import CountVectorizer

from pipeline import evaluate, evaluate_notes, french
from pipeline.contract import TAGS
from pipeline.train import TRAINING, read_training

FILES = sorted((ROOT / TRAINING).glob("*.csv"))
_WORDS = r"[a-z0-9]+"
# Shared three-word runs over all those of two statements: 0.4 is the same formula (« Les idées ne
# manquent pas. »), 0.6 the same sentence with a word changed.
_NEAR = 0.5
_EMAIL = re.compile(r"[\w.-]+@[\w-]+\.\w{2,}")
# 01 70 00 00 00 is how a contact block is kept without its number.
_PHONE = re.compile(r"(?:\+33 ?|\b0)[1-9](?:[ .-]?\d{2}){4}\b")
_HIDDEN_PHONE = re.compile(r"(?:[ .-]?00){3}$")
_LINK = re.compile(r"https?://|www\.")
_POLITICIANS = (
    "attal|bardella|bayrou|belloubet|castaner|cazeneuve|ciotti|collomb|darmanin|dupond-moretti|"
    "estrosi|hidalgo|lecornu|le pen|macron|melenchon|pecresse|retailleau|"
    "sarkozy|taubira|wauquiez"
)


@pytest.fixture(scope="module")
def statements() -> pd.DataFrame:
    """Every training statement, as the stage `train` reads it."""
    return read_training(ROOT / TRAINING)[0]


def _runs(texts: pd.Series, length: int) -> CountVectorizer:
    """Return the word runs of `length` of each text (rows), counted once, as a sparse matrix."""
    counter = CountVectorizer(
        preprocessor=french.fold, token_pattern=_WORDS, ngram_range=(length, length), binary=True
    )
    return counter.fit_transform(texts).astype(np.int32)


def _nearest(texts: pd.Series, others: pd.Series | None = None) -> list[tuple[float, str, str]]:
    """Return the pairs of near-duplicates within `texts`, or between `texts` and `others`."""
    runs = _runs(texts if others is None else pd.concat([texts, others]), 3)
    size = np.asarray(runs.sum(axis=1)).ravel()
    left = runs[: len(texts)]
    right = left if others is None else runs[len(texts) :]
    shared = (left @ right.T).tocoo()
    keep = shared.row < shared.col if others is None else shared.data > 0
    row, column = shared.row[keep], shared.col[keep]
    size_of_right = size[column if others is None else column + len(texts)]
    union = size[row] + size_of_right - shared.data[keep]
    alike = shared.data[keep] / union
    # A short formula (« Article réservé aux abonnés ») is page furniture, not a duplicate.
    near = (alike > _NEAR) & (np.minimum(size[row], size_of_right) >= 3)
    found = texts.to_numpy()
    second = found if others is None else others.to_numpy()
    return [
        (round(float(a), 2), found[r], second[c])
        for a, r, c in zip(alike[near], row[near], column[near], strict=True)
    ]


def test_there_is_enough_to_learn_from(statements):
    """Several thousand statements, and 600 of them notes as cities write them."""
    counts = statements["statement_id"].str.rsplit("-", n=1).str[0].value_counts()
    assert len(statements) >= 7000
    assert counts["notes"] >= 600


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_positions_follow_each_other(path: Path):
    """Within a passage, statements are in order; one taken out (a duplicate) leaves one gap."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    for doc, passage in rows.groupby("doc", sort=False):
        index = passage.index.to_numpy()
        steps = np.diff(passage["position"].astype(int), prepend=0)
        assert (np.diff(index) == 1).all(), f"{doc} is in several pieces"
        assert set(steps) <= {1, 2}, f"{doc}: {passage['position'].tolist()}"
        assert (steps == 2).sum() <= 1, f"{doc}: {passage['position'].tolist()}"
    if "id" in rows:
        assert rows["id"].is_unique
        wanted = rows["doc"] + "-" + rows["position"].str.zfill(2)
        assert rows["id"].tolist() == wanted.tolist()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_statement_has_text_and_a_known_tag(path: Path):
    """No empty text, no tag outside the five, second tags included where a file has some."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert rows["text"].str.strip().ne("").all()
    for column in rows.columns.intersection(["tag", "tag_a", "tag_b"]):
        assert rows[column].isin(TAGS).all(), column
    for column in rows.columns.intersection(["second_tag_a", "second_tag_b"]):
        assert rows[column].isin([*TAGS, ""]).all(), column


def test_every_tag_is_well_represented_in_each_file(statements):
    """A file without one of the tags would teach that its register never has it."""
    labels = read_training(ROOT / TRAINING)[1]
    file = labels["statement_id"].str.rsplit("-", n=1).str[0]
    shares = pd.crosstab(file, labels["tag"], normalize="index")
    assert shares.columns.tolist() == sorted(TAGS)
    assert (shares > 0.05).all(axis=None), shares


def test_no_near_duplicate_inside_or_across_files(statements):
    """A sentence met twice would be counted twice, and flatter the scores on held-out passages."""
    assert _nearest(statements["text"]) == []


def test_nothing_of_the_evaluation_is_in_the_training(statements):
    """No statement of data/gold, nor any run of eight words of one, is learnt from."""
    gold = evaluate.read_gold(ROOT / evaluate.GOLD)["text"].map(french.normalise)
    assert _nearest(statements["text"], gold) == []
    runs = _runs(pd.concat([statements["text"], gold]), 8)
    in_training = np.asarray(runs[: len(statements)].sum(axis=0)).ravel() > 0
    in_gold = np.asarray(runs[len(statements) :].sum(axis=0)).ravel() > 0
    assert in_gold.any()
    assert not (in_training & in_gold).any()


def test_no_note_of_the_evaluation_is_in_the_training(statements):
    """No statement of data/gold/notes has a near-duplicate; one set phrase is common to both."""
    notes = evaluate_notes.read_gold(ROOT / evaluate_notes.GOLD)["text"].map(french.normalise)
    assert _nearest(statements["text"], notes) == []
    runs = _runs(pd.concat([statements["text"], notes]), 8)
    in_training = np.asarray(runs[: len(statements)].sum(axis=0)).ravel() > 0
    common = runs[len(statements) :][:, in_training].sum(axis=1)
    assert (np.asarray(common) > 0).sum() <= 1


def test_a_near_duplicate_is_seen():
    """What the two tests above rely on: one word changed is caught, another sentence is not."""
    sentence = "La patrouille de nuit ne passe plus dans la rue haute depuis le mois de juin."
    others = pd.Series([sentence.replace("juin", "mai"), "La rue haute est calme depuis juin."])
    assert [pair[2] for pair in _nearest(pd.Series([sentence]), others)] == [others[0]]
    assert len(_nearest(pd.concat([pd.Series([sentence]), others]))) == 1


def test_nobody_can_be_reached_or_recognised(statements):
    """No address, number or link of anyone, no known politician."""
    for text in statements["text"]:
        assert not _EMAIL.search(text), text
        assert not _LINK.search(text), text
        for number in _PHONE.findall(text):
            assert _HIDDEN_PHONE.search(number), text
        assert not re.search(rf"\b(?:{_POLITICIANS})\b", french.fold(text)), text


def test_the_datasheet_gives_the_true_counts():
    """The table of data/training/README.md: one line a file, its statements and passages."""
    text = (ROOT / TRAINING / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| `(\w+\.csv)` \| ([\d\s]+?) \| ([\d\s]+?)(?:,| \|)", text, re.MULTILINE)
    said = {name: tuple(int(re.sub(r"\s", "", n)) for n in counts) for name, *counts in lines}
    for path in FILES:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        assert said.get(path.name) == (len(rows), rows["doc"].nunique()), path.name
