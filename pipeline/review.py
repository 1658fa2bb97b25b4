"""What an analyst should look at next: the most doubtful statements, spread over the corpus."""

from typing import Annotated

import numpy as np
import pandas as pd

from pipeline import contract, workbooks
from pipeline.contract import PROCESSED, TAGS, Between, params, run

CORRECTION = "Nature corrigée"
COMMENT = "Commentaire"


def choose(
    statements: pd.DataFrame,
    tags: pd.DataFrame,
    *,
    most: Annotated[int, Between(1, 100_000)],
) -> pd.DataFrame:
    """Return the statements to look at, the one worth most first, with their context.

    What a correction is worth: how close the two likeliest tags are, times how rare the tag is
    in the corpus. To spread the work, the documents take turns. Decided statements and copies
    are left out.
    """
    rows = statements.sort_values(["doc_id", "position"])
    rows = rows.assign(
        before=rows.groupby("doc_id")["text"].shift(1, fill_value=""),
        after=rows.groupby("doc_id")["text"].shift(-1, fill_value=""),
    )
    rows = rows.merge(tags, on="statement_id", validate="1:1")
    rows = rows[(rows["origin"] != "analyste") & (rows["copy_of"] == "")]
    chances = rows[[f"p_{tag}" for tag in TAGS]].to_numpy()
    ordered = chances.argsort(axis=1, kind="stable")
    top = np.sort(chances, axis=1)
    margin = top[:, -1] - top[:, -2]
    rarity = 1 - rows["tag"].map(rows["tag"].value_counts(normalize=True)).astype(float)
    rows = rows.assign(
        worth=((1 - margin) * rarity).round(4),
        other=[TAGS[place] for place in ordered[:, -2]],
    )
    rows = rows.sort_values(["worth", "statement_id"], ascending=[False, True])
    turn = rows.groupby("doc_id").cumcount()
    rows = rows.assign(turn=turn).sort_values(
        ["turn", "worth"], ascending=[True, False], kind="stable"
    )
    return rows.head(most).reset_index(drop=True)


def sheet(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the sheet of `review.xlsx`, its French headings and an empty column to fill."""
    return pd.DataFrame(
        {
            "statement_id": chosen["statement_id"],
            "Énoncé": chosen["text"],
            "Nature proposée": chosen["tag"],
            "Autre possibilité": chosen["other"],
            CORRECTION: "",
            COMMENT: "",
            "Confiance": chosen["confidence"],
            "Indices": chosen["cues"],
            "Titre": chosen["heading"],
            "Énoncé précédent": chosen["before"],
            "Énoncé suivant": chosen["after"],
            "Ville": chosen["city"],
            "Table ronde": chosen["round_table"],
            "Document": chosen["path"],
            "Emplacement": chosen["locator"],
        }
    )


def main() -> None:
    """Read statements and tags; write review.xlsx."""
    chosen = choose(contract.read("statements"), contract.read("tags"), **params("review", choose))
    sheets = {"À vérifier": sheet(chosen)}
    choices = {CORRECTION: TAGS}
    contract.replace(
        PROCESSED / "review.xlsx", lambda path: workbooks.save(sheets, path, choices=choices)
    )


if __name__ == "__main__":
    run(main)
