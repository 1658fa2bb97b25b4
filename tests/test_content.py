"""Tests of what the numbers are made to say: contrasts, findings and key points."""

import pandas as pd
import pytest

from pipeline import content


def compared(*rows: tuple[str, str, int, int, float]) -> pd.DataFrame:
    """Return comparison rows from (city, tag, n, denominator, q_value)."""
    return pd.DataFrame(rows, columns=["city", "tag", "n", "denominator", "q_value"])


CLEAR = compared(("A", "frein", 9, 10, 0.01), ("B", "frein", 1, 20, 0.01))
CHANCE = compared(("A", "frein", 5, 10, 0.9), ("B", "frein", 9, 20, 0.9))
SMALL = compared(("A", "frein", 1, 10, 0.01), ("B", "frein", 0, 20, 0.01))
UNTESTED = compared(("A", "frein", 5, 5, float("nan")), ("B", "frein", 1, 1, float("nan")))
ALONE = compared(("A", "frein", 9, 10, 0.01))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (CLEAR, ["À A, ce thème pèse plus", "À B, ce thème pèse moins"]),
        (CHANCE, ["Aucune différence"]),
        (SMALL, ["Frein évoqué à A."]),
        (UNTESTED, ["Trop peu d’énoncés"]),
        (ALONE, []),
    ],
    ids=["clear", "chance", "small", "untested", "one city"],
)
def test_contrasts_say_no_more_than_the_numbers(rows, expected):
    """A difference is stated only when tested and clear; small counts are only located."""
    counts = dict.fromkeys(("constat", "bonne_pratique", "proposition"), 0)
    counts["frein"] = int(rows["n"].sum())
    said = content.contrasts(rows, counts, small_count=3, max_q_value=0.1)
    assert [sentence[: len(start)] for sentence, start in zip(said, expected, strict=True)] == (
        expected
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(CLEAR, "C’est à A que"), (CHANCE, ""), (UNTESTED, ""), (compared(), "")],
    ids=["clear", "chance", "untested", "no row"],
)
def test_a_chart_states_a_finding_only_when_there_is_one(rows, expected):
    """A chart's title names a city only where the theme clearly weighs more."""
    found = content.finding(rows, max_q_value=0.1).title
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)
