"""Stage tag: each statement gets a tag, its probabilities, its reasons, or the analyst's decision.

Also the command `python -m pipeline.tag --input in.csv --output out.csv`, for any text: same
model, same code.
"""

import argparse
from pathlib import Path
from typing import Annotated

import pandas as pd

from pipeline import contract, french
from pipeline.analysts import decisions
from pipeline.contract import UserError, run
from pipeline.parameters import Between, params
from pipeline.tagging import features, tagger
from pipeline.tagging.tagger import Tagger


def tag(
    statements: pd.DataFrame,
    tokens: pd.DataFrame,
    decided: pd.DataFrame,
    trained: Tagger,
    *,
    heading_trust: Annotated[float, Between(0.2, 0.99)],
    second_threshold: Annotated[float, Between(0.05, 0.5)],
) -> pd.DataFrame:
    """Return the table tags: one row a statement, the analyst's tag in place of the model's.

    `statements` and `tokens` as in contract.py; `decided` as `decisions.tags` gives it. A decided
    tag has confidence 1 and is not to be reviewed; the model's probabilities and reasons are kept.
    """
    tags = tagger.predict(
        trained,
        statements,
        tokens,
        heading_trust=heading_trust,
        second_threshold=second_threshold,
    )
    return decisions.obey(tags, decided)


def tag_texts(
    rows: pd.DataFrame, trained: Tagger, *, heading_trust: float, second_threshold: float
) -> pd.DataFrame:
    """Return the columns of table tags for texts of any origin, in their order, after `id`.

    `rows`: id, text and optionally heading, doc, position. Without doc, a text has no neighbours,
    unless positions say that the rows follow each other.
    """
    statements = _as_statements(rows)
    tokens = features.parse(statements, model=trained.linear.model)
    nothing = pd.DataFrame({"statement_id": [], "kind": [], "value": []}, dtype=str)
    tags = tag(
        statements,
        tokens,
        nothing,
        trained,
        heading_trust=heading_trust,
        second_threshold=second_threshold,
    )
    tags = tags[list(contract.TABLES["tags"].columns)].drop(columns="statement_id")
    tags.insert(0, "id", rows["id"].to_numpy())
    return tags


def _as_statements(rows: pd.DataFrame) -> pd.DataFrame:
    number = pd.Series(range(len(rows)), index=rows.index)
    names = number.map("{:08}".format)
    together = "" if "position" in rows.columns else names
    position = number
    if "position" in rows.columns:
        position = pd.to_numeric(rows["position"], errors="coerce").fillna(number)
    return pd.DataFrame(
        {
            "statement_id": names,
            "doc_id": rows["doc"] if "doc" in rows.columns else together,
            "position": position,
            "heading": rows["heading"].map(french.normalise) if "heading" in rows.columns else "",
            "text": rows["text"].map(french.normalise),
        },
        index=rows.index,
    ).reset_index(drop=True)


def read_texts(path: Path) -> pd.DataFrame:
    """Return the rows of a CSV to tag; raises UserError when the file or a column is missing."""
    if not path.is_file():
        raise UserError(f"Le fichier {path} n'existe pas : vérifiez son nom et son dossier.")
    rows = decisions.read_csv_any(path)
    rows = rows.rename(columns={c: c.lower() for c in rows.columns})
    missing = [column for column in ("id", "text") if column not in rows.columns]
    if missing:
        raise UserError(
            f"{path} : colonnes manquantes « {' », « '.join(missing)} » (en-têtes lus : "
            f"{', '.join(rows.columns)}) ; renommez vos colonnes en id, text."
        )
    return rows


def _tag_file(source: Path, target: Path) -> None:
    rows = read_texts(source)
    tags = tag_texts(rows, tagger.load(tagger.FOLDER), **params("tag", tag))
    contract.replace(
        target, lambda path: tags.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    )


def main() -> None:
    """Tag the statements of the pipeline or, with --input and --output, the texts of a file."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.tag", description=__doc__)
    parser.add_argument("--input", type=Path, help="CSV : id, text, [heading, doc, position]")
    parser.add_argument("--output", type=Path, help="CSV à écrire : id et les étiquettes")
    asked = parser.parse_args()
    if bool(asked.input) != bool(asked.output):
        raise UserError("Donnez --input et --output ensemble, ou aucun des deux.")
    if asked.input:
        _tag_file(asked.input, asked.output)
        return
    statements = contract.read("statements")
    taken, _ = decisions.read(contract.DECISIONS)
    decided, _ = decisions.tags(taken, statements, contract.read("rewrites"))
    trained = tagger.load(tagger.FOLDER)
    tags = tag(statements, contract.read("tokens"), decided, trained, **params("tag", tag))
    contract.write("tags", tags)


if __name__ == "__main__":
    run(main)
