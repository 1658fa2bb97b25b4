"""Match each obstacle of a city with good practices and proposals heard in other cities.

The score of a pair is the probability that the second answers the first, as people judged it:
`python -m pipeline.match` applies a calibration written in params.yaml, `calibrate` makes one.
"""

from typing import Annotated

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from pipeline import contract, french
from pipeline.analysts import decisions
from pipeline.contract import DECISIONS, run
from pipeline.parameters import Between, params
from pipeline.theming.sentence_view import sentence_view

_ANSWERS = ("bonne_pratique", "proposition")
_NOBODY = "Aucune réponse trouvée dans une autre ville."


def likeness(
    rows: pd.DataFrame,
    own: np.ndarray,
    view: np.ndarray,
    sentence: np.ndarray,
    obstacles: np.ndarray,
    answers: np.ndarray,
    *,
    context_weight: float,
    embedding_weight: float,
    theme_weight: float,
    round_table_weight: float,
) -> np.ndarray:
    """Return how alike obstacles and answers are (obstacles × answers), before calibration.

    In: rows (round_table, theme_id), unit vectors of the statements alone, in their context and
    as whole sentences (of no dimension without an encoder), and places of obstacles and answers in
    them. The words and concepts of the two statements count for 1, what is said around them for
    `context_weight`: two statements of a theme are no answer to each other because they are
    neighbours. Two sentences that mean the same in other words count for `embedding_weight`.
    """
    theme, table = rows["theme_id"].to_numpy(), rows["round_table"].to_numpy()
    same_theme = (theme[obstacles][:, None] == theme[answers]) & (theme[answers] != "")
    same_table = (table[obstacles][:, None] == table[answers]) & (table[answers] != "")
    return (
        own[obstacles] @ own[answers].T
        + context_weight * (view[obstacles] @ view[answers].T)
        + embedding_weight * (sentence[obstacles] @ sentence[answers].T)
        + theme_weight * same_theme
        + round_table_weight * same_table
    )


def calibrate(alike: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Return the intercept and slope that turn a likeness into a probability of being an answer.

    In: likenesses of pairs people judged, and whether each is an answer (0 or 1). Logistic
    calibration: Platt, « Probabilistic outputs for support vector machines », 1999.
    """
    model = LogisticRegression(C=1e6).fit(np.asarray(alike)[:, None], right)
    return float(model.intercept_[0]), float(model.coef_[0, 0])


def match(
    statements: pd.DataFrame,
    tags: pd.DataFrame,
    statement_themes: pd.DataFrame,
    vectors: pd.DataFrame,
    judged: pd.DataFrame | None = None,
    *,
    answers_per_obstacle: Annotated[int, Between(1)],
    context_weight: Annotated[float, Between(0, 10)],
    embedding: str,
    embedding_weight: Annotated[float, Between(0, 10)],
    theme_weight: Annotated[float, Between(0, 10)],
    round_table_weight: Annotated[float, Between(0, 10)],
    intercept: float,
    slope: Annotated[float, Between(0, 100)],
    least_score: Annotated[float, Between(0, 1)],
) -> pd.DataFrame:
    """Return `matches`: for each obstacle the likeliest answers of other cities, best first.

    In: the four tables (`vectors` with the vector of each statement in its context and, in `own`,
    alone; without `own` the first serves twice), and the pairs analysts judged: obstacle_id,
    answer_id, verdict (confirmée, refusée). A confirmed pair comes first with the score 1, a
    refused one is never offered. `embedding` names the encoder that reads whole sentences, or is
    "". Answers under `least_score` are not offered, nor the same words twice: an obstacle may have
    no row. One more column than the contract, `origin` (modele or analyste). Ties go to the lower
    statement id.
    """
    columns = ["statement_id", "city", "round_table", "text", "copy_of"]
    rows = statements[columns].merge(tags[["statement_id", "tag"]], validate="1:1")
    rows = rows.merge(statement_themes[["statement_id", "theme_id"]], validate="1:1")
    verdicts = _verdicts(judged)
    confirmed = {i for pair, said in verdicts.items() if said == "confirmée" for i in pair}
    heard = (rows["copy_of"] == "") | rows["statement_id"].isin(confirmed)
    rows = rows[heard].sort_values("statement_id", ignore_index=True)
    vectors = vectors.set_index("statement_id").loc[rows["statement_id"]]
    obstacles = np.flatnonzero(rows["tag"] == "frein")
    answers = np.flatnonzero(rows["tag"].isin(_ANSWERS))
    if len(obstacles) == 0 or len(answers) == 0:
        return pd.DataFrame(columns=[*contract.TABLES["matches"].columns, "origin"])
    view = np.array(vectors["vector"].tolist())
    told = np.r_[obstacles, answers]
    read = sentence_view(rows["text"].iloc[told].tolist(), embedding=embedding)
    sentence = np.zeros((len(rows), read.shape[1]))
    sentence[told] = read
    alike = likeness(
        rows,
        np.array(vectors["own"].tolist()) if "own" in vectors else view,
        view,
        sentence,
        obstacles,
        answers,
        context_weight=context_weight,
        embedding_weight=embedding_weight,
        theme_weight=theme_weight,
        round_table_weight=round_table_weight,
    )
    scores = 1 / (1 + np.exp(-(intercept + slope * alike)))
    city = rows["city"].to_numpy()
    elsewhere = city[obstacles][:, None] != city[answers]
    scores = np.where(elsewhere, scores.round(4), -1)
    order = {i: place for place, i in enumerate(rows["statement_id"].iloc[answers])}
    asked = {i: place for place, i in enumerate(rows["statement_id"].iloc[obstacles])}
    origin = np.full(scores.shape, "modele", dtype=object)
    for (obstacle, answer), verdict in sorted(verdicts.items()):
        if obstacle in asked and answer in order and elsewhere[asked[obstacle], order[answer]]:
            cell = asked[obstacle], order[answer]
            scores[cell], origin[cell] = (1.0 if verdict == "confirmée" else -1.0), "analyste"
    found = _offer(rows, obstacles, answers, scores, origin, answers_per_obstacle, least_score)
    return pd.DataFrame(found, columns=[*contract.TABLES["matches"].columns, "origin"])


def _verdicts(judged: pd.DataFrame | None) -> dict[tuple[str, str], str]:
    if judged is None:
        return {}
    pairs = zip(judged["obstacle_id"], judged["answer_id"], strict=True)
    return dict(zip(pairs, judged["verdict"], strict=True))


def _offer(
    rows: pd.DataFrame,
    obstacles: np.ndarray,
    answers: np.ndarray,
    scores: np.ndarray,
    origin: np.ndarray,
    most: int,
    least_score: float,
) -> list[dict[str, object]]:
    words = rows["text"].map(french.fold).to_numpy()
    found: list[dict[str, object]] = []
    for row, obstacle in enumerate(obstacles):
        offered: set[str] = set()
        sure = origin[row] == "analyste"
        for place in np.lexsort((np.arange(len(answers)), ~sure, -scores[row])):
            answer, score = answers[place], scores[row, place]
            if score < least_score or len(offered) == most:
                break
            if words[answer] in offered:
                continue
            offered.add(words[answer])
            found.append(
                {
                    "obstacle_id": rows["statement_id"].iloc[obstacle],
                    "answer_id": rows["statement_id"].iloc[answer],
                    "rank": len(offered),
                    "score": score,
                    "answer_tag": rows["tag"].iloc[answer],
                    "obstacle_city": rows["city"].iloc[obstacle],
                    "answer_city": rows["city"].iloc[answer],
                    "origin": origin[row, place],
                }
            )
    return found


def unanswered(
    statements: pd.DataFrame,
    tags: pd.DataFrame,
    statement_themes: pd.DataFrame,
    matches: pd.DataFrame,
    closest: pd.DataFrame,
) -> pd.DataFrame:
    """Return `unanswered`: every obstacle without an answer, said so.

    In: the tables of `match`, what it offered, and the closest answer of each obstacle, however
    unlikely (`match` with `least_score` 0), whose score is `best_score`. Copies are left out.
    """
    columns = ["statement_id", "city", "copy_of"]
    rows = statements[columns].merge(tags[["statement_id", "tag"]], validate="1:1")
    rows = rows.merge(statement_themes[["statement_id", "theme_id"]], validate="1:1")
    rows = rows[(rows["tag"] == "frein") & (rows["copy_of"] == "")]
    rows = rows[~rows["statement_id"].isin(matches["obstacle_id"])]
    best = closest[closest["rank"] == 1].set_index("obstacle_id")["score"]
    scores = pd.to_numeric(rows["statement_id"].map(best)).fillna(0.0)
    columns = {"statement_id": "obstacle_id", "city": "obstacle_city", "theme_id": "theme_id"}
    return rows[list(columns)].rename(columns=columns).assign(best_score=scores, detail=_NOBODY)


def main() -> None:
    """Read statements, tags, themes, vectors and judged pairs; write matches and unanswered."""
    statements, tags, members = (
        contract.read(name) for name in ("statements", "tags", "statement_themes")
    )
    view, settings = contract.read("vectors"), params("match", match)
    judged = decisions.pairs(decisions.read(DECISIONS)[0], statements)
    closest = match(statements, tags, members, view, judged, **settings | {"least_score": 0.0})
    matches = closest[closest["score"] >= settings["least_score"]]
    contract.write("matches", matches)
    contract.write("unanswered", unanswered(statements, tags, members, matches, closest))


if __name__ == "__main__":
    run(main)
