"""An obstacle in one city, an answer from another."""

import numpy as np
import pandas as pd

from pipeline import contract, match

OPTIONS = {"answers_per_obstacle": 2, "same_theme_bonus": 0.3, "least_score": 0.2}


def corpus(rows: list[tuple]) -> tuple[pd.DataFrame, ...]:
    """Return the four tables from (id, city, tag, theme, angle in degrees)."""
    frame = pd.DataFrame(rows, columns=["statement_id", "city", "tag", "theme_id", "angle"])
    frame = frame.assign(text="texte " + frame["statement_id"], copy_of="")
    radians = np.radians(frame["angle"].astype(float))
    vectors = [[float(np.cos(a)), float(np.sin(a))] for a in radians]
    return frame, frame, frame, frame[["statement_id"]].assign(vector=vectors)


def matched(rows: list[tuple], **changes: float) -> pd.DataFrame:
    return contract.check("matches", match.match(*corpus(rows), **(OPTIONS | changes)))


def test_the_closest_answers_of_other_cities_come_first() -> None:
    """Never the same city, never a constat; best first, no more than asked."""
    found = matched(
        [
            ("f", "V", "frein", "t", 0),
            ("own", "V", "bonne_pratique", "t", 0),
            ("fact", "W", "constat", "t", 0),
            ("far", "W", "proposition", "t", 70),
            ("near", "W", "bonne_pratique", "t", 10),
            ("mid", "X", "proposition", "t", 40),
        ]
    )
    assert found["answer_id"].tolist() == ["near", "mid"]
    assert found["rank"].tolist() == [1, 2]
    assert (found["obstacle_city"] != found["answer_city"]).all()


def test_the_same_theme_counts() -> None:
    """Of two answers alike, the one of the obstacle's theme wins."""
    rows = [
        ("f", "V", "frein", "t", 0),
        ("a", "W", "proposition", "u", 30),
        ("b", "W", "proposition", "t", -30),
    ]
    assert matched(rows)["answer_id"].tolist() == ["b", "a"]


def test_no_answer_is_better_than_a_false_one() -> None:
    """Under the least score nothing is offered."""
    rows = [("f", "V", "frein", "t", 0), ("a", "W", "proposition", "u", 89)]
    assert matched(rows).empty


def test_the_same_answer_copied_is_offered_once() -> None:
    """Two statements with the same words are one answer."""
    statements, *rest = corpus(
        [("f", "V", "frein", "t", 0)] + [(i, "W", "proposition", "t", 5) for i in "ab"]
    )
    statements["text"] = "les mêmes mots"
    assert match.match(statements, *rest, **OPTIONS)["answer_id"].tolist() == ["a"]


def test_without_obstacle_or_without_answer() -> None:
    """An empty table with its columns."""
    assert matched([("a", "W", "proposition", "u", 0)]).empty
    assert matched([("f", "W", "frein", "u", 0)]).empty
