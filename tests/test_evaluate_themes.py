"""The corpora of themes are clean, their readers strict, and the table of methods complete."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from conftest import CONSULTATION, ROOT

from pipeline import evaluate_themes
from pipeline.contract import TAGS, UserError
from pipeline.scoring import answer_evaluation, evaluation_plots, theme_baselines

GOLD = ROOT / "data" / "gold"
RUN = 8  # words: six are often a set phrase (« à la sortie de l'école »)
SETTINGS = {"resamples": 10, "level": 0.95, "seed": 1}


@pytest.fixture(scope="module", params=evaluate_themes.CORPORA)
def gold(request) -> tuple[pd.DataFrame, pd.DataFrame]:
    written, judged, _ = evaluate_themes.CORPORA[request.param]
    return evaluate_themes.read_gold(GOLD / written, GOLD / judged)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}


def shingles(text: str) -> set[str]:
    joined = " ".join(words(text))
    return {joined[i : i + 5] for i in range(len(joined) - 4)}


@pytest.mark.parametrize(
    ("name", "least", "cities", "sharing"),
    [("themes", 600, 6, 4), ("themes_2", 600, 6, 4), ("themes_3", 360, 5, 3)],
)
def test_the_corpus_is_as_large_and_varied_as_it_says(name, least, cities, sharing):
    """So many statements and cities, at least six sub-themes a round table, in most cities."""
    written, judged, _ = evaluate_themes.CORPORA[name]
    statements, _ = evaluate_themes.read_gold(GOLD / written, GOLD / judged)
    themed = statements[statements["theme"] != ""]
    assert len(themed) >= least
    assert statements["city"].nunique() == cities
    assert (themed.groupby("round_table")["theme"].nunique() >= 6).all()
    assert len(themed[["theme", "round_table"]].drop_duplicates()) == themed["theme"].nunique()
    assert (themed.groupby("theme")["city"].nunique() >= sharing).all()
    assert set(statements["tag"]) == set(TAGS)
    assert (statements["theme"] == "").mean() < 0.1


def test_ids_positions_and_documents_hold_together(gold):
    """Ids are unique, positions 1, 2, 3…, and a document has one city, date and round table."""
    statements, _ = gold
    assert statements["statement_id"].is_unique
    for _, rows in statements.groupby("doc_id"):
        assert rows["position"].tolist() == list(range(1, len(rows) + 1))
        assert len(rows[["city", "date", "round_table"]].drop_duplicates()) == 1
        assert 8 <= len(rows) <= 30


def test_no_statement_is_near_another():
    """No two statements, of one corpus or two, share eight words in a row, nor a third of their
    letter sequences.
    """
    texts = [
        text
        for written, judged, _ in evaluate_themes.CORPORA.values()
        for text in evaluate_themes.read_gold(GOLD / written, GOLD / judged)[0]["text"]
    ]
    seen: dict[tuple[str, ...], int] = {}
    for number, text in enumerate(texts):
        for sequence in runs(text):
            assert seen.setdefault(sequence, number) == number, text
    parts = [shingles(text) for text in texts]
    sizes = [len(part) for part in parts]
    for a, b in combinations(range(len(texts)), 2):
        if min(sizes[a], sizes[b]) * 3 >= max(sizes[a], sizes[b]) > 0:
            common = len(parts[a] & parts[b])
            assert common * 3 <= sizes[a] + sizes[b] - common, (texts[a], texts[b])


def test_no_statement_comes_from_what_we_learn_or_show(gold):
    """No eight words in a row of the training, of the other gold set or of the demo's texts."""
    learned = [*sorted((ROOT / "data/training").glob("*.csv")), GOLD / "statements_dev.csv"]
    others = pd.concat([pd.read_csv(path, keep_default_na=False)["text"] for path in learned])
    shown = [
        path.read_text(encoding="utf-8", errors="ignore")
        for folder in (ROOT / "data/raw", CONSULTATION / "raw")
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".md", ".txt", ".csv", ".html", ".htm", ".vtt", ".srt"}
    ]
    known = set().union(*(runs(text) for text in [*others, *shown]))
    shared = [text for text in gold[0]["text"] if runs(text) & known]
    assert shared == []


def test_pairs_are_judged_between_two_cities(gold):
    """An obstacle here, an answer or not from another city, each pair once, enough of both."""
    statements, pairs = gold
    city = statements.set_index("statement_id")["city"]
    assert (city[pairs["obstacle_id"]].to_numpy() != city[pairs["answer_id"]].to_numpy()).all()
    assert not pairs.duplicated(["obstacle_id", "answer_id"]).any()
    assert (pairs["label"] == 1).sum() >= 60
    assert (pairs["label"] == 0).sum() >= 60
    assert pairs.loc[pairs["label"] == 1, "obstacle_id"].nunique() >= 50
    theme = statements.set_index("statement_id")["theme"]
    same = theme[pairs["obstacle_id"]].to_numpy() == theme[pairs["answer_id"]].to_numpy()
    assert ((pairs["label"] == 0) & same).sum() >= 60


def test_faults_are_named(gold, tmp_path):
    """An unknown tag, an unknown statement or a missing file are said with the file."""
    statements, pairs = gold
    written, judged = tmp_path / "themes.csv", tmp_path / "pairs.csv"
    statements.assign(tag="truc").to_csv(written, index=False)
    pairs.to_csv(judged, index=False)
    with pytest.raises(UserError, match="tag « truc »"):
        evaluate_themes.read_gold(written, judged)
    statements.head(5).to_csv(written, index=False)
    with pytest.raises(UserError, match="n'est pas dans"):
        evaluate_themes.read_gold(written, judged)
    with pytest.raises(UserError, match="manque"):
        evaluate_themes.read_gold(tmp_path / "none.csv", judged)


@pytest.fixture(scope="module")
def metrics() -> dict:
    """The evaluation, quick, with the truth itself in the place of our themes and scores."""
    statements, pairs = evaluate_themes.read_gold(GOLD / "themes.csv", GOLD / "answer_pairs.csv")
    statements = statements[statements["round_table"] == "TR4"].reset_index(drop=True)
    known = set(statements["statement_id"])
    pairs = pairs[pairs["obstacle_id"].isin(known) & pairs["answer_id"].isin(known)]
    pairs = pairs.reset_index(drop=True)
    lemmas = [words(text) for text in statements["text"]]
    means = np.random.default_rng(0).normal(size=(len(statements), 12))
    corpus = theme_baselines.Corpus(statements["text"].tolist(), lemmas, means)
    truth = statements["theme"].to_numpy(str)

    def ours(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return truth[rows], np.ones((len(rows), 1))

    def scored(judged: answer_evaluation.Judged, *_: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return judged.right * 0.9, judged.right * 0.9

    return {"themes": evaluate_themes.evaluate(statements, pairs, corpus, ours, scored, **SETTINGS)}


def test_the_table_of_methods_is_complete(metrics):
    """Every method has every figure with its interval, and stands in the table and the plot."""
    methods = metrics["themes"]["methods"]
    assert set(methods) == set(evaluation_plots.METHODS)
    for figures in methods.values():
        for name in evaluate_themes.FIGURES:
            assert all(f"{name}{end}" in figures for end in ("", "_low", "_high"))
    shown = evaluate_themes.table(metrics)
    assert shown["méthode"].tolist() == [evaluation_plots.METHODS[name] for name in methods]
    assert set(shown["corpus"]) == {"premier corpus"}
    assert not shown.isna().any().any()
    root = ET.fromstring(evaluation_plots.methods({"premier corpus": methods}))  # noqa: S314 - our own drawing
    assert root.find("{http://www.w3.org/2000/svg}title").text


def test_the_truth_scores_one_and_other_methods_less(metrics):
    """Given the truth, every figure is at its best: what is below 1 elsewhere is the method's."""
    methods = metrics["themes"]["methods"]
    for name in ("ami", "ami_within", "kept", "stability_ami", "recall_at_3", "auc"):
        assert methods["restitution"][name] == pytest.approx(1)
        assert all(methods[other][name] < 1 for other in ("nmf", "reinert", "bertopic_kmeans"))
    assert metrics["themes"]["answers"]["silent_without"] == 1
    assert metrics["themes"]["answers"]["silent_with_answer"] == 0
