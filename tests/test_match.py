"""An obstacle in one city, an answer from another."""

import numpy as np
import pandas as pd
import pytest

from pipeline import contract, match

OPTIONS = {
    "answers_per_obstacle": 2,
    "context_weight": 0.7,
    "embedding": "",
    "embedding_weight": 1.0,
    "theme_weight": 0.15,
    "round_table_weight": 0.2,
    "intercept": -4.0,
    "slope": 4.0,
    "least_score": 0.2,
}


def corpus(rows: list[tuple]) -> tuple[pd.DataFrame, ...]:
    """Return the four tables from (id, city, tag, theme, angle in degrees)."""
    frame = pd.DataFrame(rows, columns=["statement_id", "city", "tag", "theme_id", "angle"])
    frame = frame.assign(text="texte " + frame["statement_id"], copy_of="", round_table="TR1")
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


def test_what_the_statements_say_themselves_dominates() -> None:
    """The neighbour of a likely answer is no answer; a statement on the same thing is."""
    statements, tags, members, vectors = corpus(
        [
            ("f", "V", "frein", "t", 0),
            ("a", "W", "proposition", "t", 10),
            ("b", "W", "proposition", "t", 30),
        ]
    )
    own = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    found = match.match(statements, tags, members, vectors.assign(own=own), **OPTIONS)
    assert found["answer_id"].tolist()[0] == "b"


def test_an_analysts_verdict_wins() -> None:
    """A confirmed pair comes first, however unlike; a refused one is never offered again."""
    tables = corpus(
        [
            ("f", "V", "frein", "t", 0),
            ("near", "W", "proposition", "t", 5),
            ("far", "X", "proposition", "u", 90),
        ]
    )
    pairs = [("f", "near", "refusée"), ("f", "far", "confirmée"), ("gone", "far", "confirmée")]
    judged = pd.DataFrame(pairs, columns=["obstacle_id", "answer_id", "verdict"])
    found = contract.check("matches", match.match(*tables, judged, **OPTIONS))
    assert found[["answer_id", "score", "origin"]].to_numpy().tolist() == [["far", 1.0, "analyste"]]


def test_an_obstacle_nobody_answers_is_said() -> None:
    """Every obstacle has answers or a line that says it has none."""
    tables = corpus(
        [
            ("f", "V", "frein", "t", 0),
            ("lone", "V", "frein", "u", 90),
            ("a", "W", "proposition", "t", 5),
        ]
    )
    matches = match.match(*tables, **OPTIONS)
    closest = match.match(*tables, **(OPTIONS | {"least_score": 0.0}))
    table = match.unanswered(
        *tables[:1],
        tables[0][["statement_id", "tag"]],
        tables[0][["statement_id", "theme_id"]],
        matches,
        closest,
    )
    table = contract.check("unanswered", table)
    assert table["obstacle_id"].tolist() == ["lone"]
    assert 0 < table["best_score"].item() < OPTIONS["least_score"]


def test_calibrated_scores_are_the_shares_of_right_pairs() -> None:
    """Where six pairs in ten of a likeness are answers, the score says 0.6."""
    generator = np.random.default_rng(0)
    alike = generator.uniform(0, 2, 4000)
    truth = 1 / (1 + np.exp(-(-3 + 2.5 * alike)))
    right = (generator.uniform(size=4000) < truth).astype(int)
    assert match.calibrate(alike, right) == (
        pytest.approx(-3, abs=0.3),
        pytest.approx(2.5, abs=0.3),
    )
