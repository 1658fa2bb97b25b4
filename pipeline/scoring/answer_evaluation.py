"""Whether answers from elsewhere are found: judged pairs, rankings and their figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline import match
from pipeline.contract import UserError
from pipeline.scoring import theme_scores

_ANSWERS = ("bonne_pratique", "proposition")
_OFFERED = 3


@dataclass(frozen=True)
class Judged:
    """Which rows are obstacles and possible answers, which answer which, and the judged pairs.

    `right` is obstacles × answers; `pair_rows` and `pair_columns` are places in it.
    """

    obstacles: np.ndarray
    answers: np.ndarray
    right: np.ndarray
    pair_rows: np.ndarray
    pair_columns: np.ndarray
    pair_labels: np.ndarray


def judged_answers(statements: pd.DataFrame, pairs: pd.DataFrame) -> Judged:
    """Return the obstacles, the possible answers and what the judged pairs say of them."""
    tags = statements["tag"]
    obstacles, answers = np.flatnonzero(tags == "frein"), np.flatnonzero(tags.isin(_ANSWERS))
    ids = statements["statement_id"]
    rows = pd.Index(ids.iloc[obstacles]).get_indexer(pairs["obstacle_id"])
    columns = pd.Index(ids.iloc[answers]).get_indexer(pairs["answer_id"])
    if (rows < 0).any() or (columns < 0).any():
        odd = pairs[(rows < 0) | (columns < 0)].iloc[0]
        raise UserError(
            f"Paires de réponses : {odd['obstacle_id']} doit être un frein, et "
            f"{odd['answer_id']} une bonne pratique ou une proposition ; corrigez les paires."
        )
    label = pairs["label"].to_numpy()
    right = np.zeros((len(obstacles), len(answers)), dtype=bool)
    right[rows[label == 1], columns[label == 1]] = True
    return Judged(obstacles, answers, right, rows, columns, label)


def rival_scores(
    statements: pd.DataFrame, judged: Judged, labels: np.ndarray, view: np.ndarray
) -> np.ndarray:
    """Return obstacles × answers: half the cosine, half being in the same theme.

    0 between two statements of one city: an answer comes from elsewhere.
    """
    cities = statements["city"].to_numpy()
    here, there = judged.obstacles, judged.answers
    cosines = np.clip(view[here] @ view[there].T, 0, 1)
    same = (labels[here][:, None] == labels[there]) & (labels[there] != "")
    return np.where(cities[here][:, None] != cities[there], (cosines + same) / 2, 0)


def our_scores(
    statements: pd.DataFrame,
    judged: Judged,
    labels: np.ndarray,
    view: np.ndarray,
    alone: np.ndarray,
    *,
    settings: Mapping[str, Any],
) -> np.ndarray:
    """Return obstacles × answers: the score of the stage `match`, 0 where it offers nothing.

    `view` and `alone`: the vectors of the statements in their context and read alone.
    """
    ids = statements[["statement_id"]]
    offered = match.match(
        statements,
        statements[["statement_id", "tag"]],
        ids.assign(theme_id=labels),
        ids.assign(vector=list(view), own=list(alone)),
        **settings,
    )
    scores = np.zeros(judged.right.shape)
    known = statements["statement_id"]
    rows = pd.Index(known.iloc[judged.obstacles]).get_indexer(offered["obstacle_id"])
    columns = pd.Index(known.iloc[judged.answers]).get_indexer(offered["answer_id"])
    scores[rows, columns] = offered["score"]
    return scores


def answer_figures(
    statements: pd.DataFrame, judged: Judged, scores: np.ndarray, **drawn: Any
) -> dict[str, float]:
    """Return how well answers are found and told from non-answers, each figure with its interval.

    recall_at_3: share of the answers that exist among the three offered (out of three at most);
    hit_at_3: share of obstacles with one answer at least among the three; auc: on judged pairs.
    """
    documents = statements["doc_id"].to_numpy()[judged.obstacles]
    recall = theme_scores.recall_at(scores, judged.right, most=_OFFERED)
    answered = ~np.isnan(recall)
    recall = recall[answered]
    pair_scores = scores[judged.pair_rows, judged.pair_columns]
    return {
        **theme_scores.named(
            "recall_at_3",
            *theme_scores.interval(lambda r: recall[r].mean(), documents[answered], **drawn),
        ),
        **theme_scores.named(
            "hit_at_3",
            *theme_scores.interval(lambda r: (recall[r] > 0).mean(), documents[answered], **drawn),
        ),
        **theme_scores.named(
            "auc",
            *theme_scores.interval(
                lambda r: theme_scores.auc(judged.pair_labels[r], pair_scores[r]),
                documents[judged.pair_rows],
                **drawn,
            ),
        ),
    }


def our_answers(
    statements: pd.DataFrame, judged: Judged, scores: np.ndarray, offered: np.ndarray
) -> dict[str, Any]:
    """Return whether our scores are chances, as given and once fitted on the other cities' pairs.

    `scores`: every pair scored; `offered`: what the settings let through. Also the share of
    obstacles left without any answer, among those that have one and those that have none.
    """
    cities = statements["city"].to_numpy()
    pairs = np.column_stack(
        [
            cities[judged.obstacles[judged.pair_rows]],
            cities[judged.answers[judged.pair_columns]],
        ]
    )
    pair_scores = scores[judged.pair_rows, judged.pair_columns]
    fitted = theme_scores.cross_fitted(judged.pair_labels, pair_scores, pairs)
    silent, answered = (offered <= 0).all(axis=1), judged.right.any(axis=1)
    return {
        "pairs": len(judged.pair_labels),
        "right_pairs": int(judged.pair_labels.sum()),
        "obstacles_with_answer": int(answered.sum()),
        "obstacles_without": int((~answered).sum()),
        "as_given": theme_scores.calibration(judged.pair_labels, pair_scores),
        "fitted_on_other_cities": theme_scores.calibration(judged.pair_labels, fitted),
        "silent_with_answer": float(silent[answered].mean()),
        "silent_without": float(silent[~answered].mean()),
    }
