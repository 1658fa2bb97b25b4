"""Tests of what the numbers are made to say: contrasts, findings and key points."""

import pandas as pd
import pytest
from test_digest import SAID, SETTINGS, tables

from pipeline import content, digest


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
    found = content.finding(rows, max_q_value=0.1)
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


def key_points(said: list) -> dict[str, list[str]]:
    """Return heading → the labels of its themes, for a corpus."""
    whole = digest.assemble(tables(said), {}, SETTINGS)
    return {
        group.heading: [theme.theme_id for theme, _ in group.points] for group in whole.key_points
    }


def test_key_points_sort_themes_by_what_they_show():
    """Shared by all, obstacles without answers, practices, and what one city alone raised."""
    said = [*SAID, ("Vaubrune", "TR4", "T3", "constat", "Un sujet à nous.")]
    assert key_points(said) == {
        "Soulevés dans toutes les villes": ["T1"],
        "Des freins qui attendent des réponses": ["T1"],
        "Des pratiques qui existent déjà": ["T1"],
        "Ce qu’une seule ville soulève": ["T3"],
    }


def test_one_city_has_no_comparison_to_remember():
    """With one city, nothing is said to be shared nor particular."""
    assert key_points([line for line in SAID if line[0] == "Vaubrune"]) == {}
