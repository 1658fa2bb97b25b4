"""What more texts, or an analyst's decisions, would bring: measured on training passages left out.

The linear model alone is trained here, a dozen times: the whole tagger would take an hour. Its
scores are lower than the tagger's; how they grow is what these figures tell.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from pipeline.contract import TAGS
from pipeline.tagging import lessons, tagger
from pipeline.tagging.features import Counts
from pipeline.tagging.lessons import FitLinear, Lesson, Texts

_SHARES = (0.125, 0.25, 0.5, 1.0)
_DECISIONS = (0, 50, 100, 200)
_FOLDS_MEASURED = 2
_REGISTERS_MEASURED = 2
_LEAST_TO_LEARN_FROM = 20  # statements
_LEAST_OF_A_REGISTER = 250  # statements: two hundred to decide upon and others to test


def curves(
    statements: pd.DataFrame,
    counts: Counts,
    labels: pd.DataFrame,
    *,
    fit_linear: FitLinear,
    folds: int,
    seed: int,
    workers: int,
) -> dict[str, list[dict[str, Any]]]:
    """Return `learning_curve` (statements, macro_f1) and `decisions_gain` (decisions, macro_f1).

    `statements` (with their register), `counts`, `labels` and `fit_linear` as `tagger.fit` has
    them. Scores are on statements whose readers agree. Decisions are simulated on a register left
    out of training, as a new kind of document would be: whole documents are decided, others of the
    same register are tested. `workers` processes learn at once.
    """
    targets = tagger.soft_targets(statements["statement_id"], labels)
    docs = pd.factorize(statements["doc_id"])[0]
    random = np.random.default_rng(seed)

    trials = [
        *_shares(docs, folds, seed, random),
        *_decisions(statements["register"].to_numpy(), docs, random),
    ]
    learning = lessons.learn(
        Texts(counts, targets, fit_linear),
        [Lesson(known) for _, known, _ in trials],
        workers=workers,
    )
    rows = [
        (*name, _score(targets[tested], learnt.by_linear[tested]))
        for (name, _, tested), learnt in zip(trials, learning, strict=True)
    ]
    found = pd.DataFrame(rows, columns=["curve", "step", "size", "macro_f1"])
    means = found.groupby(["curve", "step"], sort=True)[["size", "macro_f1"]].mean().round(4)
    return {
        curve: [
            {size: int(row["size"]), "macro_f1": float(row["macro_f1"])}
            for _, row in means.loc[[curve]].iterrows()
        ]
        if curve in means.index
        else []
        for curve, size in (("learning_curve", "statements"), ("decisions_gain", "decisions"))
    }


Trial = tuple[tuple[str, int, int], np.ndarray, np.ndarray]


def _score(targets: np.ndarray, odds: np.ndarray) -> float:
    agreed = (targets == 1).any(axis=1)
    truth, guess = targets.argmax(axis=1)[agreed], odds.argmax(axis=1)[agreed]
    tags = range(len(TAGS))
    return float(f1_score(truth, guess, labels=tags, average="macro", zero_division=0))


def _shares(
    docs: np.ndarray, folds: int, seed: int, random: np.random.Generator
) -> Iterator[Trial]:
    """Return the trials of the learning curve: its name and step, rows to learn, rows to test."""
    parts = list(GroupKFold(folds, shuffle=True, random_state=seed).split(docs, groups=docs))
    for step, share in enumerate(_SHARES):
        for known, tested in parts[:_FOLDS_MEASURED]:
            own = random.permutation(np.unique(docs[known]))
            kept = known[np.isin(docs[known], own[: max(int(share * len(own)), 1)])]
            if len(kept) >= _LEAST_TO_LEARN_FROM:
                yield ("learning_curve", step, len(kept)), kept, tested


def _decisions(
    registers: np.ndarray, docs: np.ndarray, random: np.random.Generator
) -> Iterator[Trial]:
    """Return the trials of the decisions, alike."""
    sizes = pd.Series(registers[registers != ""]).value_counts()
    large = sizes[sizes >= _LEAST_OF_A_REGISTER].sort_index().sort_values(kind="stable")
    for register in large.index[:_REGISTERS_MEASURED]:
        inside = registers == register
        own = random.permutation(np.unique(docs[inside]))
        order = np.concatenate([np.flatnonzero(inside & (docs == doc)) for doc in own])
        decidable, tested = order[: max(_DECISIONS)], order[max(_DECISIONS) :]
        for step, n in enumerate(_DECISIONS):
            known = np.concatenate([np.flatnonzero(~inside), decidable[:n]])
            yield ("decisions_gain", step, n), known, tested
