"""Compare cities: what each raised, how widely, what sets one apart, with small numbers in mind.

The unit of the contract is city × theme × tag: a count, its denominator, a share with its
interval, a test against the other cities and the q-value that corrects for all the tests made.
Statements of one document hang together: `group_tests.py` draws whole documents.
"""

from typing import Annotated

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from pipeline import contract, group_tests, workbooks
from pipeline.contract import PROCESSED, TAGS, run
from pipeline.parameters import Between, params
from pipeline.theming import content_words

_INFORMATIVE = TAGS[:4]
_ANSWERS = ("bonne_pratique", "proposition")
_PRIOR = 500  # pseudo-words shared out like the whole corpus, for the words of a city
_CLEAR = 1.96  # z-score from which a word or a theme is told to set a city apart
_LEAST_SAID = 3  # statements, in two documents at least, for a word to set a city apart
_WORDS_A_CITY = 20


def gather(
    statements: pd.DataFrame, tags: pd.DataFrame, statement_themes: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per statement that says something: id, city, theme_id, tag, round table.

    « autre » and the statements without theme are left out, and what a city sent a second time.
    `original` is the statement whose text it repeats nearly word for word, else its own id.
    """
    cities = statements.set_index("statement_id")["city"]
    ids, none = statements["statement_id"], pd.Series("", index=statements.index)
    again = statements["copy_of"].map(cities) == statements["city"]
    repeats = statements.get("repeats", none)
    rows = statements.assign(original=repeats.where(repeats != "", ids))[~again]
    rows = rows[["statement_id", "city", "round_table", "doc_id", "copy_of", "original"]]
    rows = rows.merge(tags[["statement_id", "tag"]], validate="1:1")
    rows = rows.merge(statement_themes[["statement_id", "theme_id"]], validate="1:1")
    return rows[(rows["tag"] != "autre") & (rows["theme_id"] != "")].reset_index(drop=True)


def compare(
    rows: pd.DataFrame,
    themes: pd.DataFrame,
    *,
    interval_level: Annotated[float, Between(0.5, 0.999)],
    least_denominator: Annotated[int, Between(1)],
    draws: Annotated[int, Between(99)],
    seed: int,
) -> pd.DataFrame:
    """Return `city_theme_tag`: every city × theme × tag, zeros included.

    `n` statements of the city carry the theme and the tag, of `denominator` statements of the
    city with that tag, in `documents` documents. The interval is exact, on a sample size divided
    by the design effect. The test deals the documents of the theme's round table again among the
    cities; there is none (empty) when the city or the others have fewer than two documents or
    `least_denominator` statements there: `wording` is what may be said then. q-values by Benjamini
    & Hochberg (1995) over all tests made.
    """
    cities = sorted(rows["city"].unique())
    keys = ["city", "theme_id", "tag"]
    every = pd.MultiIndex.from_product(
        [cities, sorted(themes["theme_id"]), _INFORMATIVE], names=keys
    )
    table = pd.DataFrame(index=every).reset_index()
    counted = rows.groupby(keys).agg(
        n=("statement_id", "size"),
        documents=("doc_id", "nunique"),
        statement_ids=("statement_id", " ".join),
    )
    table = table.merge(counted, how="left", on=keys)
    table[["n", "documents"]] = table[["n", "documents"]].fillna(0).astype(int)
    table["statement_ids"] = table["statement_ids"].fillna("")
    by_theme = table.groupby(["theme_id", "tag"])["n"]
    table["denominator"] = table.groupby(["city", "tag"])["n"].transform("sum")
    table["cities_raising"] = by_theme.transform(lambda counts: int((counts > 0).sum()))
    table["cities"] = len(cities)
    table["theme"] = table["theme_id"].map(themes.set_index("theme_id")["label"])
    table["share"] = table["n"] / table["denominator"].where(table["denominator"] > 0)
    effects = _design_effects(rows)
    bounds = []
    for row in table.itertuples():
        effect = effects.get((row.theme_id, row.tag), 1.0)
        n, total = row.n / effect, row.denominator / effect
        bounds.append(group_tests.interval(n, total, level=interval_level))
    table["interval_low"], table["interval_high"] = (
        zip(*bounds, strict=True) if bounds else ([], [])
    )
    table["interval"] = [f"[{low:.2f} ; {high:.2f}]" for low, high in bounds]
    tested = _tests(rows, themes, least_denominator, draws, seed)
    table["p_value"] = [
        tested.get((row.city, row.theme_id, row.tag), np.nan) for row in table.itertuples()
    ]
    table["wording"] = [_wording(row) for row in table.itertuples()]
    return _with_q_values(table)


def _wording(row: tuple) -> str:
    """Return what may be said of a count of any size: « évoqué à Vaubrune, dans 2 documents »."""
    if row.n == 0:
        return f"non évoqué à {row.city}"
    where = "un document" if row.documents == 1 else f"{row.documents} documents"
    reach = f"partagé par {row.cities_raising} villes sur {row.cities}"
    if row.cities_raising == 1:
        reach = "dans aucune autre ville" if row.cities > 1 else "seule ville entendue"
    return f"évoqué à {row.city}, dans {where} ; {reach}"


def _counts(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the statements of each document (city, doc_id) by theme × tag, and by tag."""
    units = ["city", "doc_id"]
    counted = rows.assign(counted=1)
    counts = counted.pivot_table(
        "counted", index=units, columns=["theme_id", "tag"], aggfunc="sum", fill_value=0
    )
    totals = counted.pivot_table("counted", index=units, columns="tag", aggfunc="sum")
    return counts.sort_index(axis=1), totals


def _design_effects(rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    if rows.empty:
        return {}
    counts, totals = _counts(rows)
    totals = totals.fillna(0)
    cities = counts.index.get_level_values("city").to_numpy()
    return {
        (theme_id, tag): group_tests.design_effect(
            counts[theme_id, tag].to_numpy(), totals[tag].to_numpy(), cities
        )
        for theme_id, tag in counts.columns
    }


def _tests(
    rows: pd.DataFrame, themes: pd.DataFrame, least: int, draws: int, seed: int
) -> dict[tuple[str, str, str], float]:
    """Return the p-values (city, theme_id, tag) of the tests there is enough for."""
    home = rows["theme_id"].map(_round_tables(themes))
    found: dict[tuple[str, str, str], float] = {}
    for name, group in rows.groupby(home, sort=True):
        inside = group if name == "" else rows[rows["round_table"] == name]
        if inside["city"].nunique() < 2:
            continue
        counts, totals = _counts(inside)
        counts = counts[[c for c in counts.columns if c[0] in set(group["theme_id"])]]
        totals = totals.fillna(0)[[tag for _, tag in counts.columns]].to_numpy()
        cities = counts.index.get_level_values("city").to_numpy()
        p_values = group_tests.permutation_p_values(
            counts.to_numpy(), totals, cities, draws=draws, seed=seed
        )
        for city, row in p_values.items():
            own = totals[cities == city].sum(axis=0)
            enough = (own >= least) & (totals.sum(axis=0) - own >= least)
            for (theme_id, tag), p_value, several in zip(counts.columns, row, enough, strict=True):
                if several and np.isfinite(p_value):
                    found[city, theme_id, tag] = float(p_value)
    return found


def _round_tables(themes: pd.DataFrame) -> dict[str, str]:
    known = themes["round_table"] if "round_table" in themes else [""] * len(themes)
    return dict(zip(themes["theme_id"], known, strict=True))


def _with_q_values(table: pd.DataFrame) -> pd.DataFrame:
    tested = table["p_value"].notna()
    table["test"] = np.where(tested, "permutation des documents", "effectif insuffisant")
    table["q_value"] = np.nan
    if tested.any():
        table.loc[tested, "q_value"] = false_discovery_control(table.loc[tested, "p_value"])
    numbers = ["share", "interval_low", "interval_high", "p_value", "q_value"]
    table[numbers] = table[numbers].astype(float).round(4)
    return table


def across_cities(rows: pd.DataFrame, themes: pd.DataFrame, *, cities: int) -> pd.DataFrame:
    """Return `themes_across_cities`: « soulevé dans k villes sur n », theme by theme, tag by tag.

    `reach` says whether all the cities raised it, several, or one alone (never « toutes » when
    there is only one city). `n` counts statements, `texts` those left once each campaign of
    copied and pasted statements is one.
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
                "texts": group["original"].nunique(),
                "cities_raising": len(raising),
                "cities": cities,
                "raised_in": "; ".join(raising),
                "reach": "toutes" if len(raising) == cities > 1 else reach,
                "statement_ids": " ".join(group["statement_id"]),
            }
        )
    return pd.DataFrame(table, columns=list(contract.TABLES["themes_across_cities"].columns))


def distinctive(rows: pd.DataFrame, themes: pd.DataFrame, tokens: pd.DataFrame) -> pd.DataFrame:
    """Return `city_distinctive`: the words and themes that set each city apart from the others.

    In: `gather`'s rows, the themes, the tokens (statement_id, text, lemma, pos). A statement
    counts a word once. Only what `_LEAST_SAID` statements and two documents of the city hold, and
    whose z-score is clear, is told, the clearest first. Columns: city, kind (mot, thème), term, n,
    documents, elsewhere, log_odds, z_score, statement_ids.
    """
    kept = tokens[tokens["statement_id"].isin(rows["statement_id"])]
    words = kept[["statement_id"]].assign(term=content_words.content_terms(kept))
    words = words[words["term"] != ""].drop_duplicates().assign(kind="mot")
    labels = dict(zip(themes["theme_id"], themes["label"], strict=True))
    said = rows[["statement_id"]].assign(term=rows["theme_id"].map(labels), kind="thème")
    found = []
    for kind, terms in (("mot", words), ("thème", said)):
        table = terms.merge(rows[["statement_id", "city", "doc_id"]], on="statement_id")
        found += _set_apart(table.sort_values(["city", "term", "statement_id"]), kind)
    return pd.DataFrame(found, columns=list(contract.TABLES["city_distinctive"].columns))


def _set_apart(table: pd.DataFrame, kind: str) -> list[tuple]:
    counts = table.assign(counted=1).pivot_table(
        "counted", index="term", columns="city", aggfunc="sum", fill_value=0
    )
    if counts.shape[1] < 2 or len(counts) < 2:
        return []
    everywhere = counts.sum(axis=1).to_numpy(dtype=float)
    prior = min(_PRIOR, everywhere.sum()) * everywhere / everywhere.sum()
    found = []
    for city in counts.columns:
        own = counts[city].to_numpy(dtype=float)
        ratios, scores = group_tests.log_odds(own, everywhere - own, prior)
        here = table[table["city"] == city].groupby("term")
        documents, ids = here["doc_id"].nunique(), here["statement_id"].agg(" ".join)
        of_city = [
            (
                city,
                kind,
                term,
                int(n),
                int(documents[term]),
                int(total - n),
                round(float(ratio), 4),
                round(float(score), 4),
                ids[term],
            )
            for term, n, total, ratio, score in zip(
                counts.index, own, everywhere, ratios, scores, strict=True
            )
            if score >= _CLEAR and n >= _LEAST_SAID and documents[term] >= 2
        ]
        found += sorted(of_city, key=lambda row: (-row[7], row[2]))[:_WORDS_A_CITY]
    return found


def open_obstacles(rows: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Return `open_obstacles`: themes whose obstacles no practice or proposal answers elsewhere.

    One row a theme where a city raises obstacles and no other city than those raising them says
    what works or what to do: theme_id, theme, n, raised_in, answered_in (the same cities, or
    nowhere), statement_ids.
    """
    labels = dict(zip(themes["theme_id"], themes["label"], strict=True))
    found = []
    for theme_id, group in rows.groupby("theme_id", sort=True):
        obstacles = group[group["tag"] == "frein"]
        answered = sorted(group.loc[group["tag"].isin(_ANSWERS), "city"].unique())
        alone = obstacles[[set(answered) <= {city} for city in obstacles["city"]]]
        if len(alone):
            raising = "; ".join(sorted(alone["city"].unique()))
            ids = " ".join(alone["statement_id"])
            found.append(
                (theme_id, labels[theme_id], len(alone), raising, "; ".join(answered), ids)
            )
    return pd.DataFrame(found, columns=list(contract.TABLES["open_obstacles"].columns))


def main() -> None:
    """Read statements, tags and themes; write the comparison as CSV tables and a workbook."""
    statements, themes = contract.read("statements"), contract.read("themes")
    rows = gather(statements, contract.read("tags"), contract.read("statement_themes"))
    heard = rows[rows["copy_of"] == ""]
    tables = {
        "city_theme_tag": compare(rows, themes, **params("compare", compare)),
        "themes_across_cities": across_cities(heard, themes, cities=statements["city"].nunique()),
        "city_distinctive": distinctive(heard, themes, contract.read("tokens")),
        "open_obstacles": open_obstacles(heard, themes),
    }
    for name, table in tables.items():
        contract.write(name, table)
    sheets = workbooks.comparison_sheets({name: contract.read(name) for name in tables})
    contract.replace(PROCESSED / "comparaison.xlsx", lambda path: workbooks.save(sheets, path))


if __name__ == "__main__":
    run(main)
