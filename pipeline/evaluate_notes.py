"""Stage evaluate_notes: round-table notes from end to end, as files come in and tags go out.

The documents of data/gold/notes are read, cut and tagged as any city's; a statement the chain does
not find as the author wrote it counts as wrong. Its README gives the score of the first reading.
"""

import json
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

from pipeline import contract, evaluate_reading, ingest, segment
from pipeline.contract import TAGS, UserError, run
from pipeline.evaluate import evaluate, read_tagged
from pipeline.parameters import params
from pipeline.scoring import tag_scores
from pipeline.tag import tag, tag_texts
from pipeline.tagging import tagger

GOLD = Path("data/gold/notes")
SCORES = contract.INTERIM / "scores_notes.json"
_COLUMNS = ("doc", "position", "heading", "explicit_heading", "text", "tag_a", "tag_b")


def read_gold(folder: Path) -> pd.DataFrame:
    """Return the statements of `folder`/statements.csv, with the tags of author and second reader.

    Raises UserError when the file or a column is missing, or a tag is unknown.
    """
    path = folder / "statements.csv"
    if not path.exists():
        raise UserError(f"{path} manque : reprenez le dossier du dépôt.")
    return read_tagged(path, _COLUMNS)


def matched(gold: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """Return the tag that each statement of `gold` (doc, text) got, empty where it was not found.

    `found`: path, text, tag, in the order of the documents. Two statements are the same when their
    words are; each one serves once, in order.
    """
    waiting: dict[tuple[str, str], deque[str]] = defaultdict(deque)
    for path, text, given in found[["path", "text", "tag"]].itertuples(index=False):
        waiting[path, evaluate_reading.same_words(text)].append(given)
    keys = zip(gold["doc"], gold["text"].map(evaluate_reading.same_words), strict=True)
    queues = (waiting[key] for key in keys)
    return pd.Series([own.popleft() if own else "" for own in queues], index=gold.index)


def compare(
    gold: pd.DataFrame, found: pd.DataFrame, *, resamples: int, level: float, seed: int
) -> dict[str, Any]:
    """Return the scores of the tags of `found` (path, text, tag) on `gold` (as `read_gold`).

    Against the author's tag; macro-F1 of all statements, of those under headings that announce
    their tag (`explicit`) and of the others (`implicit`), intervals over documents. No heading
    announces « autre »: `explicit` also has the mean of the four tags that one does.
    """
    tags = matched(gold, found)
    truth, predicted = tag_scores.codes(gold["tag_a"]), tag_scores.codes(tags)
    doc = pd.factorize(gold["doc"])[0]
    explicit = (gold["explicit_heading"] == "1").to_numpy()
    read = (tags != "").to_numpy()

    def scores(kept: np.ndarray) -> dict[str, Any]:
        own = (truth[kept], predicted[kept], doc[kept])
        bootstrap = {"resamples": resamples, "level": level, "seed": seed}
        return {"statements": int(kept.sum()), **tag_scores.scores(*own, **bootstrap)}

    under_headings = scores(explicit)
    announced = [under_headings["f1"][name]["f1"] for name in TAGS if name != "autre"]
    return {
        "documents": int(gold["doc"].nunique()),
        "matched": float(read.mean()),
        "extra": float((len(found) - read.sum()) / len(gold)),
        "readers_kappa": float(cohen_kappa_score(gold["tag_a"], gold["tag_b"])),
        **scores(np.ones(len(gold), dtype=bool)),
        "explicit": under_headings | {"announced_macro_f1": float(np.mean(announced))},
        "implicit": scores(~explicit),
        "matched_only": scores(read),
    }


def main() -> None:
    """Read and tag the documents of data/gold/notes, and write how right the tags are."""
    settings = {key: params("evaluate", evaluate)[key] for key in ("resamples", "level", "seed")}
    gold = read_gold(GOLD)
    reading, cutting = params("ingest", ingest.ingest), params("segment", segment.segment)
    statements, _ = evaluate_reading.read_folder(
        GOLD / "documents", reading=reading, cutting=cutting
    )
    rows = statements.rename(columns={"statement_id": "id", "doc_id": "doc"})
    tags = tag_texts(rows, tagger.load(tagger.FOLDER), **params("tag", tag))
    found = statements.assign(tag=tags["tag"].to_numpy())
    scores = {"notes": tag_scores.rounded(compare(gold, found, **settings))}
    text = json.dumps(scores, ensure_ascii=False, indent=2) + "\n"
    contract.replace(SCORES, lambda path: path.write_text(text, encoding="utf-8"))


if __name__ == "__main__":
    run(main)
