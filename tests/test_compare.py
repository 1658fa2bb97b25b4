"""Counts, shares, intervals and tests between cities."""

import pandas as pd
import pytest
from conftest import expected

from pipeline import compare, contract

OPTIONS = {"interval_level": 0.95, "least_denominator": 8}


def hand_made() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return statements, tags, themes and membership written by hand: one theme a round table."""
    statements = expected("statements").merge(expected("tags"))
    statements["statement_id"] = [f"s{row}" for row in range(len(statements))]
    statements = statements.assign(doc_id=statements["path"], copy_of="")
    tags = statements[["statement_id", "tag"]]
    membership = statements[["statement_id"]].assign(theme_id=statements["round_table"].str.lower())
    themes = pd.DataFrame({"theme_id": ["tr1", "tr4"], "label": ["Police", "Prévention"]})
    return statements, tags, themes, membership


def test_the_miniature_consultation() -> None:
    """City × theme × tag: the counts a person finds by hand, zeros included."""
    statements, tags, themes, membership = hand_made()
    table = compare.compare(compare.gather(statements, tags, membership), themes, **OPTIONS)
    wanted = expected("comparison")
    keys = ["city", "theme_id", "tag"]
    found = table.set_index(keys).loc[pd.MultiIndex.from_frame(wanted[keys])].reset_index()
    columns = list(wanted.columns)
    pd.testing.assert_frame_equal(found[columns], wanted, check_dtype=False)
    assert len(table) == len(wanted)


def test_every_count_can_be_traced() -> None:
    """A count is the number of statement ids beside it, and they carry that theme and tag."""
    statements, tags, themes, membership = hand_made()
    table = compare.compare(compare.gather(statements, tags, membership), themes, **OPTIONS)
    facts = statements.merge(tags).merge(membership).set_index("statement_id")
    for row in table.itertuples():
        ids = row.statement_ids.split()
        assert len(ids) == row.n
        for statement_id in ids:
            fact = facts.loc[statement_id]
            assert (fact["city"], fact["theme_id"], fact["tag"]) == (
                row.city,
                row.theme_id,
                row.tag,
            )


@pytest.mark.parametrize(
    ("n", "denominator", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 3, 0.0, 0.7076), (3, 3, 0.2924, 1.0), (5, 10, 0.1871, 0.8129)],
)
def test_exact_interval(n: int, denominator: int, low: float, high: float) -> None:
    """Clopper-Pearson's tables, down to nothing out of nothing."""
    assert compare.interval(n, denominator, level=0.95) == pytest.approx((low, high), abs=1e-4)


def corpus(counts: dict[tuple[str, str], int]) -> pd.DataFrame:
    rows = [(city, theme) for (city, theme), n in counts.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["city", "theme_id"])
    ids = [f"s{i}" for i in range(len(frame))]
    return frame.assign(statement_id=ids, tag="frein", round_table="TR1", copy_of="")


THEMES = pd.DataFrame({"theme_id": ["a", "b"], "label": ["A", "B"]})


def test_a_clear_contrast_is_found_and_a_small_one_is_not_tested() -> None:
    """Fisher's test speaks where there is enough, and holds its tongue where there is not."""
    found = compare.compare(
        corpus({("V", "a"): 20, ("V", "b"): 5, ("W", "a"): 5, ("W", "b"): 20}), THEMES, **OPTIONS
    )
    row = found[(found["city"] == "V") & (found["theme_id"] == "a") & (found["tag"] == "frein")]
    assert row["q_value"].item() < 0.01
    small = compare.compare(corpus({("V", "a"): 3, ("W", "b"): 3}), THEMES, **OPTIONS)
    assert small["p_value"].isna().all()
    assert set(small["test"]) == {"effectif insuffisant"}


def test_one_city_is_compared_with_nobody() -> None:
    """A single city has counts and no test, and nothing is « shared by all »."""
    rows = corpus({("V", "a"): 12})
    assert compare.compare(rows, THEMES, **OPTIONS)["p_value"].isna().all()
    assert set(compare.across_cities(rows, THEMES, cities=1)["reach"]) == {"une seule"}


def test_reach() -> None:
    """« Soulevé dans k villes sur n », shared by all, several, or one city's own."""
    rows = corpus({("V", "a"): 1, ("W", "a"): 2, ("V", "b"): 1})
    table = compare.across_cities(rows, THEMES, cities=2).set_index("theme_id")
    assert table.loc["a", ["cities_raising", "reach", "raised_in"]].tolist() == [
        2,
        "toutes",
        "V; W",
    ]
    assert table.loc["b", ["cities_raising", "reach"]].tolist() == [1, "une seule"]


def test_nothing_to_compare() -> None:
    """A corpus where nothing informs the commission gives empty tables with their columns."""
    rows = corpus({})
    for name, table in (
        ("city_theme_tag", compare.compare(rows, THEMES, **OPTIONS)),
        ("themes_across_cities", compare.across_cities(rows, THEMES, cities=0)),
    ):
        assert contract.check(name, table).empty
