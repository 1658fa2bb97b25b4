"""Stage train: data/training → the tagger, and how well it predicts passages it has not seen."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

from pipeline import contract, french
from pipeline.analysts import decisions
from pipeline.contract import TAGS, UserError, run
from pipeline.parameters import Between, params
from pipeline.tagging import features, learning_curves, linear_model, sequence_network, tagger
from pipeline.tagging.tagger import Tagger

TRAINING = Path("data/training")
GOLD = Path("data/gold")
REPORT = contract.INTERIM / "training.json"
_LEAST_OF_A_REGISTER = 100  # statements, for its score to mean something
_REQUIRED = ("doc", "position", "heading", "text")


def read_training(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the statements and labels of every CSV file of `folder`.

    Statements: statement_id, doc_id, position, heading, text, register (empty when the file does
    not say it); labels: statement_id, tag, weight.
    A file has doc, position, heading, text and either `tag`, or `tag_a` and `tag_b`, one for each
    reader, who share the weight of the statement. Raises UserError naming the file at fault.
    """
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise UserError(f"Aucun fichier .csv dans {folder} : remettez ceux du dépôt.")
    statements, labels = zip(*(_read_file(path) for path in paths), strict=True)
    return pd.concat(statements, ignore_index=True), pd.concat(labels, ignore_index=True)


def _read_file(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    readers = [c for c in ("tag", "tag_a", "tag_b") if c in rows.columns]
    missing = [c for c in _REQUIRED if c not in rows.columns] + ([] if readers else ["tag"])
    if missing:
        raise UserError(f"{path} : colonnes manquantes {', '.join(missing)} ; ajoutez-les.")
    statements = pd.DataFrame(
        {
            "statement_id": [f"{path.stem}-{number:05}" for number in range(1, len(rows) + 1)],
            "doc_id": path.stem + "/" + rows["doc"],
            "position": rows["position"].astype(int),
            "heading": rows["heading"],
            "text": rows["text"].map(french.normalise),
            "register": rows["register"] if "register" in rows.columns else "",
        }
    )
    labels = pd.concat(
        pd.DataFrame(
            {"statement_id": statements["statement_id"], "tag": rows[c], "weight": 1 / len(readers)}
        )
        for c in readers
    )
    wrong = labels.loc[~labels["tag"].isin(TAGS), "tag"]
    if len(wrong):
        raise UserError(
            f"{path} : étiquette inconnue « {wrong.iloc[0]} » ; écrivez {', '.join(TAGS)}."
        )
    return statements, labels.reset_index(drop=True)


def evaluation_texts(folder: Path) -> pd.Series:
    """Return the texts of the evaluation, without their tags: no decision on them is learnt."""
    paths = [*sorted(folder.glob("statements_*.csv")), *folder.glob("notes/statements.csv")]
    tables = [pd.read_csv(path, usecols=["text"], dtype=str) for path in paths]
    return pd.concat([pd.DataFrame({"text": []}, dtype=str), *tables])["text"].fillna("")


def train(
    statements: pd.DataFrame,
    tokens: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    model: str,
    sif: Annotated[float, Between(1e-6, 1)],
    min_df: Annotated[int, Between(1, 50)],
    neighbour_weight: Annotated[float, Between(0, 5)],
    sentence_weight: Annotated[float, Between(0, 20)],
    c_logistic: Annotated[float, Between(1e-3, 1e3)],
    c_svm: Annotated[float, Between(1e-3, 1e3)],
    svm_sharpness: Annotated[float, Between(0, 10)],
    network_members: Annotated[int, Between(1, 20)],
    network_size: Annotated[int, Between(4, 512)],
    network_epochs: Annotated[int, Between(1, 100)],
    network_min_df: Annotated[int, Between(1, 1000)],
    network_dropout: Annotated[float, Between(0, 0.9)],
    network_rate: Annotated[float, Between(1e-5, 0.1)],
    context_weight: Annotated[float, Between(0, 5)],
    context_reach: Annotated[float, Between(0.5, 20)],
    folds: Annotated[int, Between(2, 20)],
    seed: int,
    precision_target: Annotated[float, Between(0.5, 0.999)],
    workers: Annotated[int, Between(1, 64)],
) -> tuple[Tagger, dict[str, Any]]:
    """Return the tagger trained on all statements, and its scores on passages left out.

    `statements` and `labels` as `read_training` returns them; `tokens` of these statements
    (statement_id and the columns of `french.parse`).
    """
    fit_linear = partial(
        linear_model.fit,
        model=model,
        sif=sif,
        min_df=min_df,
        neighbour_weight=neighbour_weight,
        sentence_weight=sentence_weight,
        c_logistic=c_logistic,
        c_svm=c_svm,
        svm_sharpness=svm_sharpness,
        seed=seed,
    )
    fit_network = partial(
        sequence_network.fit,
        size=network_size,
        epochs=network_epochs,
        min_df=network_min_df,
        dropout=network_dropout,
        learning_rate=network_rate,
        seed=seed,
    )
    description = features.describe(statements, tokens)
    counts = features.count(
        description, model=model, sentence_weight=sentence_weight, min_df=min_df
    )
    trained, held_out = tagger.fit(
        statements,
        description,
        counts,
        labels,
        fit_linear=fit_linear,
        fit_network=fit_network,
        model=model,
        network_members=network_members,
        context_weight=context_weight,
        context_reach=context_reach,
        folds=folds,
        seed=seed,
        precision_target=precision_target,
        workers=workers,
    )
    scores = held_out_scores(trained, held_out, labels)
    scores["by_register"] = by_register(statements, held_out, labels)
    scores |= learning_curves.curves(
        statements, counts, labels, fit_linear=fit_linear, folds=folds, seed=seed, workers=workers
    )
    return trained, scores


def by_register(
    statements: pd.DataFrame, held_out: pd.DataFrame, labels: pd.DataFrame
) -> dict[str, dict[str, float]]:
    """Return statements and macro-F1 (on statements whose readers agree) of each large register."""
    predicted = held_out[[f"p_{tag}" for tag in TAGS]].to_numpy().argmax(axis=1)
    targets = tagger.soft_targets(held_out["statement_id"], labels)
    table = pd.DataFrame(
        {"register": statements["register"], "truth": targets.argmax(axis=1), "guess": predicted}
    )[(targets == 1).any(axis=1)]
    return {
        str(register): {
            "statements": len(own),
            "macro_f1": round(
                float(f1_score(own["truth"], own["guess"], average="macro", zero_division=0)), 4
            ),
        }
        for register, own in table.groupby("register", sort=True)
        if register and len(own) >= _LEAST_OF_A_REGISTER
    }


def held_out_scores(
    trained: Tagger, held_out: pd.DataFrame, labels: pd.DataFrame
) -> dict[str, Any]:
    """Return macro-F1 on all tags given and on those all readers gave, by tag, and coverage."""
    probabilities = held_out[[f"p_{tag}" for tag in TAGS]].to_numpy()
    targets = tagger.soft_targets(held_out["statement_id"], labels)
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    agreed = (targets == 1).any(axis=1)
    truth = targets.argmax(axis=1)
    accepted = confidence >= trained.review_below
    right = targets[np.arange(len(targets)), predicted] > 0
    by_tag = f1_score(
        truth[agreed], predicted[agreed], labels=range(len(TAGS)), average=None, zero_division=0
    )
    return {
        "statements": len(held_out),
        "agreed_share": round(float(agreed.mean()), 4),
        "macro_f1_agreed": round(float(by_tag.mean()), 4),
        "f1_agreed": {tag: round(float(f), 4) for tag, f in zip(TAGS, by_tag, strict=True)},
        "macro_f1_all": round(_against_readers(predicted, held_out["statement_id"], labels), 4),
        "language_model": trained.linear.model,
        "blend": list(trained.blend),
        "temperature": trained.temperature,
        "review_below": trained.review_below,
        "accepted_share": round(float(accepted.mean()), 4),
        "accepted_precision": round(float(right[accepted].mean()), 4) if accepted.any() else None,
    }


def _against_readers(predicted: np.ndarray, ids: pd.Series, labels: pd.DataFrame) -> float:
    """Return the macro-F1 on all statements, each reader's tag counting for its weight."""
    guess = pd.Series(np.array(TAGS)[predicted], index=ids.to_numpy())
    return float(
        f1_score(
            labels["tag"],
            guess.loc[labels["statement_id"]],
            labels=list(TAGS),
            average="macro",
            sample_weight=labels["weight"],
            zero_division=0,
        )
    )


def main() -> None:
    """Read data/training and the decisions, train, keep the tagger and its scores."""
    settings = params("train", train)
    statements, labels = read_training(TRAINING)
    taken, _ = decisions.read(contract.DECISIONS)
    learning = params("decisions", decisions.training_rows)
    lessons, decided = decisions.training_rows(taken, evaluation_texts(GOLD), **learning)
    lessons = lessons.reindex(columns=statements.columns, fill_value="")
    statements = pd.concat([statements, lessons], ignore_index=True)
    labels = pd.concat([labels, decided], ignore_index=True)
    tokens = features.parse(statements, model=settings["model"])
    trained, scores = train(statements, tokens, labels, **settings)
    tagger.save(trained, tagger.FOLDER)
    text = json.dumps(scores, ensure_ascii=False, indent=2) + "\n"
    contract.replace(REPORT, lambda path: path.write_text(text, encoding="utf-8"))


if __name__ == "__main__":
    run(main)
