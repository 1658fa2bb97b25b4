"""Match each obstacle of a city with good practices and proposals heard in other cities."""

from typing import Annotated

import numpy as np
import pandas as pd

from pipeline import contract
from pipeline.contract import Between, params, run

_ANSWERS = ("bonne_pratique", "proposition")


def match(
    statements: pd.DataFrame,
    tags: pd.DataFrame,
    statement_themes: pd.DataFrame,
    vectors: pd.DataFrame,
    *,
    answers_per_obstacle: Annotated[int, Between(1, 20)],
    same_theme_bonus: Annotated[float, Between(0, 1)],
    least_score: Annotated[float, Between(0, 1)],
) -> pd.DataFrame:
    """Return `matches`: for each obstacle the closest answers of other cities, best first.

    The score is the cosine of the two statement vectors, from 0 to 1, raised by
    `same_theme_bonus` of what is left to 1 when both are in the same theme. Answers under
    `least_score` are not offered, nor copies of an answer already offered: an obstacle may
    have no row. Ties go to the lower statement id.
    """
    rows = statements[["statement_id", "city", "text", "copy_of"]].merge(
        tags[["statement_id", "tag"]], validate="1:1"
    )
    rows = rows.merge(statement_themes[["statement_id", "theme_id"]], validate="1:1")
    rows = rows[rows["copy_of"] == ""].sort_values("statement_id", ignore_index=True)
    view = np.array(vectors.set_index("statement_id").loc[rows["statement_id"], "vector"].tolist())
    obstacles = np.flatnonzero(rows["tag"] == "frein")
    answers = np.flatnonzero(rows["tag"].isin(_ANSWERS))
    if len(obstacles) == 0 or len(answers) == 0:
        return pd.DataFrame(columns=list(contract.TABLES["matches"].columns))
    scores = np.clip(view[obstacles] @ view[answers].T, 0, 1)
    city, theme, text = (rows[c].to_numpy() for c in ("city", "theme_id", "text"))
    shared = (theme[obstacles][:, None] == theme[answers]) & (theme[answers] != "")
    scores = np.where(shared, scores + same_theme_bonus * (1 - scores), scores)
    scores = np.where(city[obstacles][:, None] == city[answers], -1, scores).round(4)
    found = []
    for row, obstacle in enumerate(obstacles):
        offered: set[str] = set()
        for place in np.argsort(-scores[row], kind="stable"):
            answer = answers[place]
            if scores[row, place] < least_score or len(offered) == answers_per_obstacle:
                break
            if text[answer] in offered:
                continue
            offered.add(text[answer])
            found.append((obstacle, answer, len(offered), scores[row, place]))
    return pd.DataFrame(
        [
            {
                "obstacle_id": rows["statement_id"][obstacle],
                "answer_id": rows["statement_id"][answer],
                "rank": rank,
                "score": score,
                "answer_tag": rows["tag"][answer],
                "obstacle_city": city[obstacle],
                "answer_city": city[answer],
            }
            for obstacle, answer, rank, score in found
        ],
        columns=list(contract.TABLES["matches"].columns),
    )


def main() -> None:
    """Read statements, tags, themes and vectors; write matches.csv."""
    tables = (contract.read(n) for n in ("statements", "tags", "statement_themes", "vectors"))
    contract.write("matches", match(*tables, **params("match", match)))


if __name__ == "__main__":
    run(main)
