"""Tests of which statements are quoted: balance first, then certainty, never twice the same."""

import pandas as pd
import pytest

from pipeline.digests import quotes


def facts(*rows: tuple) -> pd.DataFrame:
    """Return facts from (statement_id, city, doc_id, confidence, review, origin, copy_of, text)."""
    names = ["statement_id", "city", "doc_id", "confidence", "review", "origin", "copy_of", "text"]
    return pd.DataFrame(rows, columns=names).assign(round_table="TR1", score=0.5)


def row(
    statement_id: str, city: str = "A", doc: str = "d", confidence: float = 0.5, **changes: object
):
    """Return one row of `facts`, ordinary but for its changes."""
    said = {"review": False, "origin": "modele", "copy_of": "", "text": statement_id} | changes
    return (statement_id, city, doc, confidence, *said.values())


@pytest.mark.parametrize(
    ("rows", "limit", "expected"),
    [
        ([row("1", confidence=0.4), row("2", confidence=0.9)], 1, ["2"]),
        ([row("1", confidence=0.9), row("2", confidence=0.8), row("3", "B")], 2, ["1", "3"]),
        ([row("1", doc="d", confidence=0.9), row("2", confidence=0.8), row("3", doc="e")], 2,
         ["1", "3"]),
        ([row("1", confidence=0.9, review=True), row("2")], 1, ["2"]),
        ([row("1", confidence=0.9), row("2", origin="analyste")], 1, ["2"]),
        ([row("1", text="Pareil."), row("2", text="PAREIL."), row("3")], 3, ["1", "3"]),
        ([row("1", "B", copy_of="0"), row("2")], 2, ["2"]),
        ([row("2"), row("1")], 1, ["1"]),
        ([row("1")], 5, ["1"]),
        ([row("1")], 0, []),
        ([], 3, []),
    ],
    ids=["surest", "another city", "another document", "not doubtful", "checked by a person",
         "said twice", "copies", "ties by id", "fewer than asked", "none asked", "none at all"],
)  # fmt: skip
def test_balanced_choice(rows, limit, expected):
    """Cities then documents take turns; within one, the surest statement comes first."""
    assert quotes.balanced(facts(*rows), limit) == expected


def test_choice_does_not_depend_on_the_order_of_rows():
    """The same statements in another order give the same quotes."""
    rows = [row(str(n), "ABC"[n % 3], f"d{n % 4}", 0.5 + n % 5 / 10) for n in range(12)]
    assert quotes.balanced(facts(*rows), 6) == quotes.balanced(facts(*rows[::-1]), 6)


def test_copies_alone_give_nothing_to_quote():
    """When all there is repeats another city's file, nothing is quoted twice."""
    assert quotes.balanced(facts(row("1", copy_of="2")), 3) == []
