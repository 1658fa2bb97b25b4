"""The methods we compare ourselves with do what their authors say, on texts where it shows."""

import numpy as np
import pytest

from pipeline.scoring import theme_baselines
from pipeline.scoring.theme_baselines import Corpus

SUBJECTS = (
    ["tribunal", "juge", "audience", "peine", "greffe"],
    ["lampadaire", "éclairage", "allée", "parc", "ampoule"],
    ["élève", "collège", "professeur", "cours", "classe"],
)


def obvious(each: int = 20) -> tuple[Corpus, np.ndarray]:
    """Return three subjects that share no word but one, and the true subject of each text."""
    generator = np.random.default_rng(0)
    lemmas = [
        [*generator.choice(words, 3, replace=False).tolist(), "ville"]
        for words in SUBJECTS
        for _ in range(each)
    ]
    truth = np.repeat(np.arange(len(SUBJECTS)), each)
    means = np.eye(len(SUBJECTS), 8)[truth] + generator.normal(0, 0.05, (len(truth), 8))
    return Corpus([" ".join(words) for words in lemmas], lemmas, means), truth


def same_groups(labels: np.ndarray, truth: np.ndarray) -> bool:
    return len({*zip(labels, truth, strict=True)}) == len(set(labels)) == len(set(truth))


@pytest.mark.parametrize("name", ["bertopic", "bertopic_kmeans", "nmf", "lda", "reinert"])
def test_each_method_separates_obvious_subjects(name):
    """Three subjects without a common word but one are told apart, with no text left out."""
    corpus, truth = obvious()
    labels, view = getattr(theme_baselines, name)(corpus, len(SUBJECTS), seed=1)
    assert same_groups(labels, truth)
    assert len(view) == len(truth)
    assert not np.isnan(view).any()


def test_reinert_leaves_out_a_statement_without_kept_lemma():
    """A statement whose words are met nowhere else has no class."""
    corpus, truth = obvious()
    alone = Corpus([*corpus.texts, "x"], [*corpus.lemmas, ["unique"]], np.eye(61, 8))
    labels, _ = theme_baselines.reinert(alone, len(SUBJECTS), seed=1)
    assert labels[-1] == -1
    assert same_groups(labels[:-1], truth)


def test_reinert_stops_when_nothing_is_left_to_cut():
    """Identical statements make one class, however many are asked for."""
    corpus = Corpus(["a"] * 10, [["juge", "peine"]] * 10, np.zeros((10, 3)))
    labels, _ = theme_baselines.reinert(corpus, 5, seed=1)
    assert set(labels) == {0}


def test_a_cut_is_the_best_of_all_cuts():
    """Swapping repairs what the first factor misplaces: no other cut has a larger chi²."""
    table = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]], float)
    right = theme_baselines.cut(table, seed=0)
    assert right.tolist() in ([False] * 3 + [True] * 2, [True] * 3 + [False] * 2)
    assert theme_baselines.cut(table[:1], seed=0) is None
