"""Tests of what the numbers are made to say: contrasts, findings and key points."""

import pandas as pd
import pytest

from pipeline.digests import content


def compared(*rows: tuple[str, str, int, int, float]) -> pd.DataFrame:
    """Return comparison rows from (city, tag, n, denominator, q_value)."""
    return pd.DataFrame(rows, columns=["city", "tag", "n", "denominator", "q_value"])


CLEAR = compared(("A", "frein", 9, 10, 0.01), ("B", "frein", 1, 20, 0.01))
CHANCE = compared(("A", "frein", 5, 10, 0.9), ("B", "frein", 9, 20, 0.9))
SMALL = compared(("A", "frein", 1, 10, 0.01), ("B", "frein", 0, 20, 0.01))
FEW = compared(("A", "frein", 1, 10, 0.01), ("B", "frein", 1, 20, 0.01))
UNTESTED = compared(("A", "frein", 5, 5, float("nan")), ("B", "frein", 1, 1, float("nan")))
ALONE = compared(("A", "frein", 9, 10, 0.01))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (CLEAR, ["À A, ce thème pèse plus", "À B, ce thème pèse moins"]),
        (CHANCE, ["Aucune différence"]),
        (SMALL, ["A est la seule ville à soulever ce thème."]),
        (FEW, ["Freins évoqués à A et à B."]),
        (UNTESTED, ["Trop peu d’énoncés"]),
        (ALONE, []),
    ],
    ids=["clear", "chance", "small", "few", "untested", "one city"],
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
    [(CLEAR, "C’est à A que"), (CHANCE, ""), (UNTESTED, ""), (SMALL, ""), (compared(), "")],
    ids=["clear", "chance", "untested", "one city raises it", "no row"],
)
def test_a_chart_states_a_finding_only_when_there_is_one(rows, expected):
    """A chart's title names a city only where the theme clearly weighs more."""
    found = content.finding(rows, max_q_value=0.1).title
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


def theme_row(**known: object) -> tuple:
    """Return a row of `themes`."""
    return pd.DataFrame([{"stability": 0.9} | known]).itertuples().__next__()


def heard(documents: int, doubtful: int) -> pd.DataFrame:
    """Return twelve informing statements of some documents, the first ones doubtful."""
    return pd.DataFrame(
        {
            "doc_id": [f"d{n % documents}" for n in range(12)],
            "review": [n < doubtful for n in range(12)],
        }
    )


@pytest.mark.parametrize(
    ("row", "counted", "expected"),
    [
        (theme_row(), heard(4, 2), []),
        (theme_row(stability=0.3), heard(4, 2), ["Regroupement fragile"]),
        (theme_row(stability=0.3, fragile=False), heard(4, 2), []),
        (theme_row(fragile=True), heard(4, 2), ["Regroupement fragile"]),
        (theme_row(), heard(1, 2), ["Ce thème repose sur un seul document."]),
        (theme_row(), heard(2, 2), ["Ce thème repose sur deux documents seulement."]),
        (theme_row(), heard(4, 9), ["9 énoncés sur 12 portent la mention"]),
        (theme_row(), heard(4, 0).iloc[:0], []),
    ],
)
def test_what_is_fragile_is_said(row, counted, expected):
    """Unstable grouping (the table's own word first), few documents, more doubt than usual."""
    said = content.fragile(row, counted, 0.6, fragile_stability=0.5)
    assert len(said) == len(expected)
    assert all(sentence.startswith(start) for sentence, start in zip(said, expected, strict=True))
