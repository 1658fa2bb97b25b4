"""What more texts, or an analyst's decisions, would bring: measured on training passages left out.

The linear model alone is trained here, a dozen times: the whole tagger would take an hour. Its
scores are lower than the tagger's; how they grow is what these figures tell.
"""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from pipeline.contract import TAGS
from pipeline.tagging import tagger
from pipeline.tagging.features import Counts
from pipeline.tagging.tagger import FitLinear

_SHARES = (0.125, 0.25, 0.5, 1.0)
_DECISIONS = (0, 50, 100, 200)
_FOLDS_MEASURED = 2
_REGISTERS_MEASURED = 2
_LEAST_TO_LEARN_FROM = 20  # statements
_LEAST_OF_A_REGISTER = 250  # statements: two hundred to decide upon and others to test


@threadpool_limits.wrap(limits=1)
def curves(
    statements: pd.DataFrame,
    counts: Counts,
    labels: pd.DataFrame,
    *,
    fit_linear: FitLinear,
    folds: int,
    seed: int,
) -> dict[str, list[dict[str, Any]]]:
    """Return `learning_curve` (statements, macro_f1) and `decisions_gain` (decisions, macro_f1).

    `statements` (with their register), `counts`, `labels` and `fit_linear` as `tagger.fit` has
    them. Scores are on statements whose readers agree. Decisions are simulated on a register left
    out of training, as a new kind of document would be: whole documents are decided, others of the
    same register are tested.
    """
    targets = tagger.soft_targets(statements["statement_id"], labels)
    docs = pd.factorize(statements["doc_id"])[0]
    random = np.random.default_rng(seed)

    def score(known: np.ndarray, tested: np.ndarray) -> float:
        odds = fit_linear(counts, targets, known)[1][tested]
        agreed = (targets[tested] == 1).any(axis=1)
        truth, guess = targets[tested].argmax(axis=1)[agreed], odds.argmax(axis=1)[agreed]
        tags = range(len(TAGS))
        return float(f1_score(truth, guess, labels=tags, average="macro", zero_division=0))

    by_share = []
    parts = list(GroupKFold(folds, shuffle=True, random_state=seed).split(docs, groups=docs))
    for share in _SHARES:
        found = []
        for known, tested in parts[:_FOLDS_MEASURED]:
            own = random.permutation(np.unique(docs[known]))
            kept = known[np.isin(docs[known], own[: max(int(share * len(own)), 1)])]
            if len(kept) >= _LEAST_TO_LEARN_FROM:
                found.append((len(kept), score(kept, tested)))
        if found:
            by_share.append(np.mean(found, axis=0))
    gains = _decisions(statements["register"].to_numpy(), docs, score, random)
    return {
        "learning_curve": [
            {"statements": int(size), "macro_f1": round(float(f1), 4)} for size, f1 in by_share
        ],
        "decisions_gain": gains,
    }


def _decisions(
    registers: np.ndarray, docs: np.ndarray, score: Any, random: np.random.Generator
) -> list[dict[str, Any]]:
    sizes = pd.Series(registers[registers != ""]).value_counts()
    large = sizes[sizes >= _LEAST_OF_A_REGISTER].sort_index().sort_values(kind="stable")
    found: dict[int, list[float]] = {n: [] for n in _DECISIONS}
    for register in large.index[:_REGISTERS_MEASURED]:
        inside = registers == register
        own = random.permutation(np.unique(docs[inside]))
        order = np.concatenate([np.flatnonzero(inside & (docs == doc)) for doc in own])
        decidable, tested = order[: max(_DECISIONS)], order[max(_DECISIONS) :]
        for n, scores in found.items():
            known = np.concatenate([np.flatnonzero(~inside), decidable[:n]])
            scores.append(score(known, tested))
    return [
        {"decisions": n, "macro_f1": round(float(np.mean(scores)), 4)}
        for n, scores in found.items()
        if scores
    ]
