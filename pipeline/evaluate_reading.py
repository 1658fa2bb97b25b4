"""Statements as the chain reads them, against those a person copied from the same documents.

The documents of data/gold/reading are files of every format in lots, each written after the
readers were mended on the lots before it; its README gives the score of the first reading.
"""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import contract, ingest, segment
from pipeline.contract import UserError, run
from pipeline.french import fold, normalise
from pipeline.parameters import params

GOLD = Path("data/gold/reading")
SCORES = contract.INTERIM / "scores_reading.json"
_BESIDE = ("heading", "speaker")
_WORD = re.compile(r"\w+|->|→|=>")


def same_words(text: str) -> str:
    """Return what two copies of a statement share when only case, accents or signs differ."""
    return " ".join(_WORD.findall(fold(text)))


def compare(
    wanted: pd.DataFrame, found: pd.DataFrame, documents: pd.DataFrame, read: pd.DataFrame
) -> dict[str, float]:
    """Return how much of `wanted` is in `found` (path, text, heading, speaker), each used once.

    `documents` (path, city, date, round_table) is what a person reads of each file, `read` what
    the chain reads. Shares are of the statements a person copied; `extra` are those nobody did.
    `heading` and `speaker` are shares of the statements beside which a person wrote one: those
    found, in their words, with the same one. A column nobody filled is left out.
    """
    exact = _common(wanted[["path", "text"]], found[["path", "text"]])
    words = _common(
        wanted[["path"]].assign(text=wanted["text"].map(same_words)),
        found[["path"]].assign(text=found["text"].map(same_words)),
    )
    scores: dict[str, float] = {
        "documents": len(documents),
        "statements": len(wanted),
        "exact": round(exact / len(wanted), 4),
        "same_words": round(words / len(wanted), 4),
        "extra": round((len(found) - words) / len(wanted), 4),
    }
    both = documents.merge(read, on="path", how="left", suffixes=("", "_read"))
    for name in ("city", "date", "round_table"):
        said = both[both[name] != ""]
        scores[name] = round(float((said[name] == said[f"{name}_read"]).mean()), 4)
    beside = _matched(wanted, found)
    for name in _BESIDE:
        said = beside[beside[name] != ""]
        if len(said):
            right = said[name].map(same_words) == said[f"{name}_read"].map(same_words)
            scores[name] = round(float(right.mean()), 4)
    return scores


def _matched(wanted: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return `wanted` with the heading and speaker of the statement found for each, else empty.

    The same words said twice in a document are matched in their order.
    """
    sides = []
    for frame in (wanted, found):
        side = frame[["path", *_BESIDE]].assign(words=frame["text"].map(same_words))
        sides.append(side.assign(turn=side.groupby(["path", "words"]).cumcount()))
    both = sides[0].merge(
        sides[1], how="left", on=["path", "words", "turn"], suffixes=("", "_read")
    )
    return both.fillna("")


def _common(wanted: pd.DataFrame, found: pd.DataFrame) -> int:
    pairs = Counter(wanted.itertuples(index=False, name=None))
    return (pairs & Counter(found.itertuples(index=False, name=None))).total()


def measure(gold: Path) -> dict[str, dict[str, float]]:
    """Return the scores of each lot of documents under `gold`, and of all lots together."""
    if not (gold / "statements.csv").exists():
        raise UserError(f"{gold / 'statements.csv'} manque : reprenez le dossier du dépôt.")
    wanted, documents = (
        pd.read_csv(gold / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("statements", "documents")
    )
    lots = sorted(set(documents["lot"]))
    settings = {
        "reading": params("ingest", ingest.ingest),
        "cutting": params("segment", segment.segment),
    }
    tables = []
    for lot in lots:
        frames = read_folder(gold / "documents" / f"lot-{lot}", **settings)
        tables.append([frame.assign(path=f"{lot}/" + frame["path"]) for frame in frames])
    found, read = (pd.concat(parts, ignore_index=True) for parts in zip(*tables, strict=True))
    wanted["text"] = wanted["text"].map(normalise)
    for frame in (wanted, documents):
        frame["path"] = frame["lot"] + "/" + frame["path"]
    scores = {}
    for lot in sorted(set(documents["lot"])):
        scores[f"lot_{lot}"] = compare(
            *(frame[frame["path"].str.startswith(f"{lot}/")]
              for frame in (wanted, found, documents, read))
        )  # fmt: skip
    return {"reading": {"all": compare(wanted, found, documents, read)} | scores}


def read_folder(
    folder: Path, *, reading: Mapping[str, Any], cutting: Mapping[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the statements and the documents the chain makes of a folder of cities.

    `reading` and `cutting` are the parameters of the stages ingest and segment.
    """
    with tempfile.TemporaryDirectory() as cache:
        tables = ingest.ingest(folder, Path(cache), **reading)
    statements = segment.segment(tables["read_documents"], tables["blocks"], **cutting)
    return statements, tables["read_documents"]


def main() -> None:
    """Read the documents of data/gold/reading and write their scores."""
    scores = measure(GOLD)
    text = json.dumps(scores, ensure_ascii=False, indent=2) + "\n"
    contract.replace(SCORES, lambda path: path.write_text(text, encoding="utf-8"))


if __name__ == "__main__":
    run(main)
