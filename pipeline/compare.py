"""Compare cities: what each raised, how widely, what sets one apart, with small numbers in mind.

The unit of the contract is city × theme × tag: a count, its denominator, a share with its
interval, a test against the other cities and the q-value that corrects for all the tests made.
"""

from typing import Annotated

import numpy as np
import pandas as pd
from scipy.stats import beta, false_discovery_control, fisher_exact

from pipeline import contract, workbooks
from pipeline.contract import PROCESSED, TAGS, Between, params, run

_INFORMATIVE = TAGS[:4]


def interval(n: int, denominator: int, *, level: float) -> tuple[float, float]:
    """Return the exact interval of a share: Clopper & Pearson, Biometrika 26, 1934.

    It never promises more than it holds, even for 0 of 3; without any case it is 0 to 1.
    """
    if denominator == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, n, denominator - n + 1)) if n else 0.0
    high = float(beta.ppf(1 - tail, n + 1, denominator - n)) if n < denominator else 1.0
    return low, high


def gather(
    statements: pd.DataFrame, tags: pd.DataFrame, statement_themes: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per statement that says something: id, city, theme_id, tag, round table.

    « autre » and the statements without theme are left out.
    """
    rows = statements[["statement_id", "city", "round_table", "doc_id", "copy_of"]]
    rows = rows.merge(tags[["statement_id", "tag"]], validate="1:1")
    rows = rows.merge(statement_themes[["statement_id", "theme_id"]], validate="1:1")
    return rows[(rows["tag"] != "autre") & (rows["theme_id"] != "")].reset_index(drop=True)


def compare(
    rows: pd.DataFrame,
    themes: pd.DataFrame,
    *,
    interval_level: Annotated[float, Between(0.5, 0.999)],
    least_denominator: Annotated[int, Between(1)],
) -> pd.DataFrame:
    """Return `city_theme_tag`: every city × theme × tag, zeros included.

    `n` statements of the city carry the theme and the tag, of `denominator` statements of the
    city with that tag. The test is Fisher's exact test of the city's share against that of the
    other cities together, left out (empty) when one of the two has fewer than
    `least_denominator` statements; q-values by Benjamini & Hochberg (1995) over all tests made.
    """
    cities = sorted(rows["city"].unique())
    keys = ["city", "theme_id", "tag"]
    every = pd.MultiIndex.from_product(
        [cities, sorted(themes["theme_id"]), _INFORMATIVE], names=keys
    )
    table = pd.DataFrame(index=every).reset_index()
    counted = rows.groupby(keys)["statement_id"].agg(n="size", statement_ids=" ".join)
    table = table.merge(counted, how="left", on=keys)
    table["n"] = table["n"].fillna(0).astype(int)
    table["statement_ids"] = table["statement_ids"].fillna("")
    by_city = table.groupby(["city", "tag"])["n"]
    by_theme = table.groupby(["theme_id", "tag"])["n"]
    table["denominator"] = by_city.transform("sum")
    table["cities_raising"] = by_theme.transform(lambda counts: int((counts > 0).sum()))
    table["cities"] = len(cities)
    table["theme"] = table["theme_id"].map(themes.set_index("theme_id")["label"])
    table["share"] = table["n"] / table["denominator"].where(table["denominator"] > 0)
    others = by_theme.transform("sum") - table["n"]
    others_total = table.groupby("tag")["n"].transform("sum") - table["denominator"]
    cells = list(zip(table["n"], table["denominator"], others, others_total, strict=True))
    table["p_value"] = [_fisher(*cell, least_denominator) for cell in cells]
    bounds = [interval(n, total, level=interval_level) for n, total, *_ in cells]
    table["interval_low"], table["interval_high"] = (
        zip(*bounds, strict=True) if bounds else ([], [])
    )
    table["interval"] = [f"[{low:.2f} ; {high:.2f}]" for low, high in bounds]
    return _with_q_values(table)


def _with_q_values(table: pd.DataFrame) -> pd.DataFrame:
    tested = table["p_value"].notna()
    table["test"] = np.where(tested, "Fisher exact", "effectif insuffisant")
    table["q_value"] = np.nan
    if tested.any():
        table.loc[tested, "q_value"] = false_discovery_control(table.loc[tested, "p_value"])
    numbers = ["share", "interval_low", "interval_high", "p_value", "q_value"]
    table[numbers] = table[numbers].astype(float).round(4)
    return table


def _fisher(n: int, total: int, others: int, others_total: int, least: int) -> float:
    if min(total, others_total) < least or n + others == 0:
        return np.nan
    table = [[n, total - n], [others, others_total - others]]
    return float(fisher_exact(table).pvalue)


def across_cities(rows: pd.DataFrame, themes: pd.DataFrame, *, cities: int) -> pd.DataFrame:
    """Return `themes_across_cities`: « soulevé dans k villes sur n », theme by theme, tag by tag.

    `reach` says whether all the cities raised it, several, or one alone (never « toutes » when
    there is only one city).
    """
    labels = dict(zip(themes["theme_id"], themes["label"], strict=True))
    table = []
    for (theme_id, tag), group in rows.groupby(["theme_id", "tag"], sort=True):
        raising = sorted(group["city"].unique())
        reach = "plusieurs" if len(raising) > 1 else "une seule"
        table.append(
            {
                "theme_id": theme_id,
                "theme": labels[theme_id],
                "tag": tag,
                "n": len(group),
                "cities_raising": len(raising),
                "cities": cities,
                "raised_in": "; ".join(raising),
                "reach": "toutes" if len(raising) == cities > 1 else reach,
                "statement_ids": " ".join(group["statement_id"]),
            }
        )
    return pd.DataFrame(table, columns=list(contract.TABLES["themes_across_cities"].columns))


def main() -> None:
    """Read statements, tags and themes; write the comparison as CSV tables and a workbook."""
    statements, themes = contract.read("statements"), contract.read("themes")
    rows = gather(statements, contract.read("tags"), contract.read("statement_themes"))
    table = compare(rows, themes, **params("compare", compare))
    across = across_cities(rows[rows["copy_of"] == ""], themes, cities=statements["city"].nunique())
    contract.write("city_theme_tag", table)
    contract.write("themes_across_cities", across)
    sheets = workbooks.comparison_sheets(contract.read("city_theme_tag"), across)
    contract.replace(PROCESSED / "comparaison.xlsx", lambda path: workbooks.save(sheets, path))


if __name__ == "__main__":
    run(main)
