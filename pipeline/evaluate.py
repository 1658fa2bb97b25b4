"""Stage evaluate: the tagger on statements two people tagged, against simple baselines.

What is in data/gold serves for nothing else: no word, no setting is chosen on it.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from pipeline import contract
from pipeline.analysts import decisions
from pipeline.contract import TAGS, UserError, run
from pipeline.parameters import Between, params
from pipeline.scoring import evaluation_plots, tag_scores
from pipeline.tag import tag, tag_texts
from pipeline.tagging import tagger

GOLD = Path("data/gold")
METRICS = contract.PROCESSED / "metrics.json"
TRAINING = contract.INTERIM / "training.json"
PLOTS = contract.PROCESSED / "plots"
_COLUMNS = ("id", "doc", "position", "heading", "text", "tag_a", "tag_b")


def read_gold(folder: Path) -> pd.DataFrame:
    """Return the statements of every `statements_*.csv` of `folder`, with both annotators' tags.

    Columns: id, doc, position, heading, text, tag_a, tag_b, register (empty when not given); doc
    is prefixed by the file.
    Raises UserError naming the file where a column is missing or a tag unknown.
    """
    paths = sorted(folder.glob("statements_*.csv"))
    if not paths:
        raise UserError(f"Aucun fichier statements_*.csv dans {folder} : remettez ceux du dépôt.")
    return pd.concat([_read_file(path) for path in paths], ignore_index=True)


def _read_file(path: Path) -> pd.DataFrame:
    rows = read_tagged(path, _COLUMNS)
    register = rows["register"] if "register" in rows.columns else ""
    return rows[list(_COLUMNS)].assign(doc=path.stem + "/" + rows["doc"], register=register)


def read_tagged(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a file that two readers tagged (tag_a, tag_b among its `columns`).

    Raises UserError naming the file when a column is missing or a tag is unknown.
    """
    rows = decisions.read_csv_any(path)
    missing = [column for column in columns if column not in rows.columns]
    if missing:
        raise UserError(f"{path} : colonnes manquantes {', '.join(missing)} ; ajoutez-les.")
    given = pd.concat([rows["tag_a"], rows["tag_b"]])
    if not given.isin(TAGS).all():
        wrong = given[~given.isin(TAGS)].iloc[0]
        raise UserError(f"{path} : étiquette inconnue « {wrong} » ; écrivez {', '.join(TAGS)}.")
    return rows


def evaluate(
    gold: pd.DataFrame,
    tags: pd.DataFrame,
    *,
    resamples: Annotated[int, Between(10, 100_000)],
    level: Annotated[float, Between(0.5, 0.999)],
    baseline_folds: Annotated[int, Between(2, 50)],
    calibration_bins: Annotated[int, Between(2, 50)],
    precision_wanted: Annotated[float, Between(0.5, 0.999)],
    seed: int,
) -> dict[str, Any]:
    """Return the scores of `tags` on `gold`, rounded to 4 decimals, as metrics.json holds them.

    `gold`: doc, text, tag_a, tag_b; `tags`: tag, confidence, review, p_<tag>, in the same order.
    The headline macro-F1 is on all statements against the first annotator; intervals resample
    documents. Raises ValueError when the two tables differ in length.
    """
    if len(gold) != len(tags):
        raise ValueError(f"{len(gold)} gold statements, {len(tags)} tags")
    first, second = (tag_scores.codes(gold[column]) for column in ("tag_a", "tag_b"))
    predicted = tag_scores.codes(tags["tag"])
    agreed = first == second
    bootstrap = {"resamples": resamples, "level": level, "seed": seed}
    doc = pd.factorize(gold["doc"])[0]
    main_scores = tag_scores.scores(first, predicted, doc, **bootstrap)
    agreed_scores = tag_scores.scores(first[agreed], predicted[agreed], doc[agreed], **bootstrap)
    against_second = tag_scores.scores(second, predicted, doc, **bootstrap)
    right = predicted == first
    metrics = {
        "statements": len(gold),
        "documents": int(gold["doc"].nunique()),
        "agreed_statements": int(agreed.sum()),
        **main_scores,
        "agreed": agreed_scores,
        "second_annotator": {k: v for k, v in against_second.items() if k != "f1"},
        "annotators_macro_f1": float(tag_scores.f1(tag_scores.confusion(first, second)).mean()),
        "annotators_kappa": float(cohen_kappa_score(first, second)),
        "kappa": float(cohen_kappa_score(first, predicted)),
        "kappa_second_annotator": float(cohen_kappa_score(second, predicted)),
        "baselines": baselines(gold["text"], first, doc, folds=baseline_folds, seed=seed),
        "accuracy": float(right.mean()),
        "top_two_accuracy": _top_two(tags, first),
        "by_register": _by_register(gold, first, predicted),
        **_selective(tags, right, agreed),
        "coverage_at_precision": coverage_at(
            tags["confidence"].to_numpy(), right, precision_wanted
        ),
        "coverage_at_precision_agreed": coverage_at(
            tags["confidence"].to_numpy()[agreed], right[agreed], precision_wanted
        ),
        "calibration_error": calibration_error(
            tags["confidence"].to_numpy(), right, bins=calibration_bins
        ),
    }
    return {"tagger": tag_scores.rounded(metrics)}


def baselines(
    texts: pd.Series, truth: np.ndarray, doc: np.ndarray, *, folds: int, seed: int
) -> dict[str, float]:
    """Return the macro-F1 of the commonest tag, and of TF-IDF + logistic regression.

    The regression is cross-validated within the gold statements, documents left out whole.
    """
    commonest = np.full(len(truth), np.bincount(truth).argmax())
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
    )
    parts = GroupKFold(min(folds, len(np.unique(doc))), shuffle=True, random_state=seed)
    predicted = cross_val_predict(model, texts, truth, groups=doc, cv=parts)
    return {
        "majority": float(tag_scores.f1(tag_scores.confusion(truth, commonest)).mean()),
        "tfidf_logistic_regression": float(
            tag_scores.f1(tag_scores.confusion(truth, predicted)).mean()
        ),
    }


def _by_register(
    gold: pd.DataFrame, truth: np.ndarray, predicted: np.ndarray
) -> dict[str, dict[str, float]]:
    """Return statements and macro-F1 of each register the gold files name."""
    registers = gold["register"].to_numpy() if "register" in gold.columns else np.array([])
    return {
        str(name): {
            "statements": int((registers == name).sum()),
            "macro_f1": float(
                tag_scores.f1(
                    tag_scores.confusion(truth[registers == name], predicted[registers == name])
                ).mean()
            ),
        }
        for name in np.unique(registers)
        if name
    }


def _top_two(tags: pd.DataFrame, truth: np.ndarray) -> float:
    order = np.argsort(-tags[[f"p_{name}" for name in TAGS]].to_numpy(), axis=1, kind="stable")
    return float((order[:, :2] == truth[:, None]).any(axis=1).mean())


def _selective(
    tags: pd.DataFrame, right: np.ndarray, agreed: np.ndarray
) -> dict[str, float | None]:
    """Return the share of tags not marked for review, and how many of these are right."""
    sure = ~tags["review"].to_numpy()
    return {
        "accepted_share": float(sure.mean()),
        "accepted_precision": float(right[sure].mean()) if sure.any() else None,
        "accepted_precision_agreed": (
            float(right[sure & agreed].mean()) if (sure & agreed).any() else None
        ),
    }


def coverage_curve(confidence: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """Return (share of statements tagged, surest first; share of right tags among them)."""
    ordered = right[np.argsort(-confidence, kind="stable")]
    precision = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    steps = range(max(len(ordered) // 20, 1), len(ordered) + 1)
    return [(n / len(ordered), float(precision[n - 1])) for n in steps]


def coverage_at(confidence: np.ndarray, right: np.ndarray, precision: float) -> float:
    """Return the largest share of statements, surest first, tagged right at `precision` or more."""
    ordered = right[np.argsort(-confidence, kind="stable")]
    reached = np.nonzero(np.cumsum(ordered) / np.arange(1, len(ordered) + 1) >= precision)[0]
    return float((reached[-1] + 1) / len(ordered)) if len(reached) else 0.0


def calibration_error(confidence: np.ndarray, right: np.ndarray, *, bins: int) -> float:
    """Return the expected calibration error: |share right - mean confidence|, mean over bins.

    Naeini, Cooper and Hauskrecht, 2015, with `bins` of equal width.
    """
    table = pd.DataFrame({"confidence": confidence, "right": right})
    means = table.groupby(_bins(confidence, bins)).agg(["mean", "size"])
    gaps = (means["right", "mean"] - means["confidence", "mean"]).abs()
    return float((gaps * means["right", "size"]).sum() / len(table))


def _bins(confidence: np.ndarray, bins: int) -> np.ndarray:
    return np.minimum((confidence * bins).astype(int), bins - 1)


def reliability(confidence: np.ndarray, right: np.ndarray, *, bins: int) -> pd.DataFrame:
    """Return, for each bin of confidence met: mean confidence, share right, statements."""
    table = pd.DataFrame({"confidence": confidence, "right": right.astype(float)})
    grouped = table.groupby(_bins(confidence, bins))
    return grouped.agg(
        confidence=("confidence", "mean"), right=("right", "mean"), statements=("right", "size")
    ).reset_index(drop=True)


def drawings(
    gold: pd.DataFrame, tags: pd.DataFrame, training: Mapping[str, Any], *, bins: int
) -> dict[str, str]:
    """Return the drawings of the evaluation, as SVG by file name.

    `training` holds the curves of the stage train: learning_curve, decisions_gain.
    """
    truth, predicted = tag_scores.codes(gold["tag_a"]), tag_scores.codes(tags["tag"])
    confidence = tags["confidence"].to_numpy()
    learning = [(row["statements"], row["macro_f1"]) for row in training["learning_curve"]]
    gains = [(row["decisions"], row["macro_f1"]) for row in training["decisions_gain"]]
    line = evaluation_plots.line
    return {
        "confusion": evaluation_plots.confusion(tag_scores.confusion(truth, predicted)),
        "reliability": evaluation_plots.reliability(
            reliability(confidence, truth == predicted, bins=bins)
        ),
        "coverage": line(
            coverage_curve(confidence, truth == predicted),
            "Justesse selon la part d'énoncés étiquetés",
            "Part des énoncés étiquetés, les plus sûrs d'abord",
            "Part d'étiquettes justes",
        ),
        "learning": line(
            learning,
            "Ce que gagne le modèle linéaire avec plus de textes",
            "Énoncés d'apprentissage",
            "Macro-F1",
        ),
        "decisions": line(
            gains,
            "Ce que gagne le modèle linéaire avec des décisions d'analyste",
            "Décisions sur un genre de document nouveau (simulées)",
            "Macro-F1",
        ),
    }


def other_scores() -> dict[str, Any]:
    """Return what the other evaluations wrote (reading, notes, themes…), so far as they ran."""
    found: dict[str, Any] = {}
    for path in sorted(contract.INTERIM.glob("scores_*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Tag the gold statements as any text, score them, write metrics.json and the drawings."""
    settings = params("evaluate", evaluate)
    gold = read_gold(GOLD)
    trained = tagger.load(tagger.FOLDER)
    training = json.loads(TRAINING.read_text(encoding="utf-8"))
    tags = tag_texts(gold, trained, **params("tag", tag))
    metrics = evaluate(gold, tags, **settings) | {"training": training} | other_scores()
    text = json.dumps(metrics, ensure_ascii=False, indent=2) + "\n"
    contract.replace(METRICS, lambda path: path.write_text(text, encoding="utf-8"))
    drawn = drawings(gold, tags, training, bins=settings["calibration_bins"])
    for name, drawing in drawn.items():
        contract.replace(
            PLOTS / f"{name}.svg", lambda path, d=drawing: path.write_text(d, encoding="utf-8")
        )


if __name__ == "__main__":
    run(main)
