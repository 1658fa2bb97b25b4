"""The whole content of a restitution as plain data, before any format."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from tqdm import tqdm

from pipeline.digests import changes, content, prose, quotes, sentences
from pipeline.digests.city_pages import City, city_pages
from pipeline.digests.key_points import KeyPoints, key_points
from pipeline.digests.method import Method, method
from pipeline.french import fold

_PER_THEME = (
    "quotes_per_tag", "obstacles_per_theme", "answers_per_obstacle", "small_count", "max_q_value",
    "fragile_stability",
)  # fmt: skip


@dataclass(frozen=True)
class Digest:
    """All that the pages, the documents and the workbook say.

    `changes` are sentences, none without an earlier run; `summary` is what the next run will be
    compared with.
    """

    title: str
    notice: str
    coverage: tuple[str, ...]
    key_points: tuple[KeyPoints, ...]
    changes: tuple[str, ...]
    round_tables: tuple[content.RoundTable, ...]
    themes: tuple[content.Theme, ...]
    cities: tuple[City, ...]
    unthemed: tuple[quotes.Quote, ...]
    method: Method
    summary: dict[str, Any]


def assemble(
    tables: Mapping[str, pd.DataFrame],
    metrics: Mapping[str, Any],
    settings: Mapping[str, Any],
    kept: Mapping[str, Any] | None = None,
    commit: str = "",
) -> Digest:
    """Return the content of a restitution.

    `tables` are those the stage reads, `metrics` what evaluation measured, `settings` the stage's
    parameters, `kept` the summaries of earlier runs (`changes.rotate`), `commit` the state of the
    project's source. Matches under `least_pair_score` are left out everywhere.
    """
    matches = tables["matches"]
    tables = {**tables, "matches": matches[matches["score"] >= settings["least_pair_score"]]}
    facts = quotes.facts(tables["statements"], tables["tags"], tables["statement_themes"])
    by_id = quotes.quotes(facts)
    counted = content.informing(facts)
    cities = sorted(facts["city"].unique(), key=fold)
    per_theme = {name: settings[name] for name in _PER_THEME}
    themes = [
        content.theme(row, facts, by_id, tables, cities=cities, total=len(counted), **per_theme)
        for row in tqdm(list(tables["themes"].itertuples()), desc="Thèmes", disable=None)
    ]
    themes.sort(key=lambda theme: (-theme.total, theme.theme_id))
    rests_on = method(tables, facts, metrics, settings, commit=commit)
    now = changes.summary(facts, tables["documents"], themes)
    earlier = changes.rotate(kept or {}, now)
    steady = tables["themes"].loc[tables["themes"]["status"] != "new", "theme_id"]
    named = facts.loc[facts["round_table"] != "", "round_table"].nunique()
    aside, copies = facts["tag"] == "autre", (facts["copy_of"] != "") & (facts["tag"] != "autre")
    return Digest(
        title=prose.typeset(settings["title"]),
        notice=prose.typeset(" ".join(sorted(set(tables["documents"]["notice"]) - {""}))),
        coverage=(
            sentences.coverage(len(tables["documents"]), cities, named, len(facts)),
            sentences.informative(len(counted), int(aside.sum()), int(copies.sum())),
        ),
        key_points=key_points(
            themes, limit=settings["key_points"], small_count=settings["small_count"]
        ),
        changes=changes.changes(earlier["previous"], now, frozenset(steady)),
        round_tables=content.round_tables(facts, themes),
        themes=tuple(themes),
        cities=city_pages(
            facts,
            by_id,
            themes,
            tables,
            rests_on.files,
            limit=settings["obstacles_per_theme"],
            answers=settings["answers_per_obstacle"],
            max_q_value=settings["max_q_value"],
        ),
        unthemed=tuple(by_id[i] for i in facts.loc[facts["theme_id"] == "", "statement_id"]),
        method=rests_on,
        summary=earlier,
    )
