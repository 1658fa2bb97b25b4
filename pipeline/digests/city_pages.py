"""What a city's page says: what it raised, what it alone raised, who could help it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.digests import prose, sentences
from pipeline.digests.content import Theme, tag_totals
from pipeline.digests.method import File
from pipeline.digests.quotes import Pair, Quote, balanced, cities, pairs, without_answer
from pipeline.french import fold, slug


@dataclass(frozen=True)
class City:
    """All a city's page shows; counts are the city's own, copies included.

    `alone` are (tag, themes) that no other city raised with that tag; `distinct` the themes that
    weigh more here than elsewhere, with the sentence that says so; `helpers` are (city, number of
    obstacles of this city it has an answer to), the most helpful first; `answered` how many of its
    `obstacles` have one anywhere; `unanswered` those no other city has any answer to.
    """

    city: str
    slug: str
    documents: int
    statements: int
    counts: dict[str, int]
    lead: str
    files: tuple[File, ...]
    themes: tuple[Theme, ...]
    only_here: tuple[Theme, ...]
    alone: tuple[tuple[str, tuple[Theme, ...]], ...]
    shared: tuple[Theme, ...]
    distinct: tuple[tuple[Theme, str], ...]
    helpers: tuple[tuple[str, int], ...]
    obstacles: int
    answered: int
    unanswered: tuple[Quote, ...]
    unanswered_sentence: str
    needs: tuple[Pair, ...]
    offers: tuple[Pair, ...]
    offers_sentence: str

    @property
    def needs_sentence(self) -> str:
        """Return how many obstacles have an answer elsewhere, and how many `needs` shows."""
        return self.needs_said(len(self.needs))

    def needs_said(self, shown: int) -> str:
        """Return the same where only `shown` of them are."""
        return sentences.needs(shown, self.answered, self.obstacles)

    def total(self, theme: Theme) -> int:
        """Return the city's informing statements in a theme."""
        return sum(cell.n for cell in theme.grid[self.city].values())


def slugs(cities: Iterable[str]) -> dict[str, str]:
    """Return a file name for each city, never twice the same, whatever its letters."""
    found: dict[str, str] = {}
    for city in cities:
        name = slug(city) or "ville"
        number = 2
        while name in found.values():
            name, number = f"{slug(city) or 'ville'}-{number}", number + 1
        found[city] = name
    return found


def city_pages(
    frame: pd.DataFrame,
    by_id: Mapping[str, Quote],
    themes: Sequence[Theme],
    tables: Mapping[str, pd.DataFrame],
    files: Sequence[File],
    *,
    limit: int,
    answers: int,
    max_q_value: float,
) -> tuple[City, ...]:
    """Return every city's page, in alphabetical order; `frame` are the facts.

    `limit` bounds the obstacles shown with up to `answers` answers each, in either direction.
    """
    names = cities(tables["documents"], frame)
    called = slugs(names)
    matches = tables["matches"]
    matches = matches[matches["obstacle_id"].isin(by_id) & matches["answer_id"].isin(by_id)]
    pages = []
    for city in names:
        own = frame[frame["city"] == city]
        said = own[own["tag"] != "autre"]
        here = [t for t in themes if city in t.cities]
        here.sort(key=lambda t, city=city: (-sum(c.n for c in t.grid[city].values()), t.theme_id))
        asked = matches[matches["obstacle_city"] == city]
        given = matches[(matches["answer_city"] == city) & (matches["rank"] == 1)]
        obstacles = int(((own["tag"] == "frein") & (own["copy_of"] == "")).sum())
        counts = tag_totals(said)
        heard = {prose.typeset(path) for path in own["path"]}
        sent = tuple(file for file in files if file.city == city or file.path in heard)
        alone = without_answer(tables["unanswered"], own, by_id)
        needs = pairs(asked, own, by_id, limit=limit, answers=answers)
        offers = _offers(given, frame, by_id, limit=limit)
        pages.append(
            City(
                city=city,
                slug=called[city],
                documents=len(sent),
                statements=len(said),
                counts=counts,
                lead=sentences.city_said(
                    len(sent), said.loc[said["round_table"] != "", "round_table"].nunique(), counts
                ),
                files=sent,
                themes=tuple(here),
                only_here=tuple(t for t in here if len(t.cities) == 1 < t.all_cities),
                alone=_alone(here, city),
                shared=tuple(t for t in here if len(t.cities) == t.all_cities > 1),
                distinct=_distinct(city, here, tables["city_theme_tag"], max_q_value),
                helpers=_helpers(asked),
                obstacles=obstacles,
                answered=asked["obstacle_id"].nunique(),
                unanswered=alone,
                unanswered_sentence=sentences.without_answer(len(alone), obstacles),
                needs=needs,
                offers=offers,
                offers_sentence=sentences.offers(
                    given["answer_id"].nunique(),
                    given["obstacle_id"].nunique(),
                    sorted(given["obstacle_city"].unique(), key=fold),
                ),
            )
        )
    return tuple(pages)


def _alone(here: Sequence[Theme], city: str) -> tuple[tuple[str, tuple[Theme, ...]], ...]:
    """Return the tags this city alone used, in themes that others raised otherwise."""
    found = (
        (
            tag,
            tuple(t for t in here if len(t.cities) > 1 and t.cities_by_tag[tag] == (city,)),
        )
        for tag in prose.KEY_TAGS
    )
    return tuple((tag, themes) for tag, themes in found if themes)


def _distinct(
    city: str, here: Sequence[Theme], compared: pd.DataFrame, max_q_value: float
) -> tuple[tuple[Theme, str], ...]:
    """Return, clearest first, one sentence for each theme that weighs more here than elsewhere."""
    of_city = {theme.theme_id: theme for theme in here}
    rows = compared[(compared["city"] == city) & (compared["q_value"] <= max_q_value)]
    found: dict[str, tuple[Theme, str]] = {}
    for row in rows.sort_values(["q_value", "theme_id", "tag"]).itertuples():
        others = compared[
            (compared["theme_id"] == row.theme_id)
            & (compared["tag"] == row.tag)
            & (compared["city"] != city)
        ]
        n, denominator = int(others["n"].sum()), int(others["denominator"].sum())
        heavier = row.n * denominator > n * row.denominator
        if heavier and row.theme_id in of_city and row.theme_id not in found:
            said = sentences.weighs_more(row.tag, (row.n, row.denominator), (n, denominator))
            found[row.theme_id] = of_city[row.theme_id], said
    return tuple(found.values())


def _helpers(asked: pd.DataFrame) -> tuple[tuple[str, int], ...]:
    answered = asked.groupby("answer_city")["obstacle_id"].nunique()
    return tuple(
        sorted(
            ((city, int(n)) for city, n in answered.items()),
            key=lambda found: (-found[1], fold(found[0])),
        )
    )


def _offers(
    given: pd.DataFrame, frame: pd.DataFrame, by_id: Mapping[str, Quote], *, limit: int
) -> tuple[Pair, ...]:
    """Return obstacles of other cities with the answer of this one, each answer once."""
    best = given.sort_values(["score", "obstacle_id"], ascending=[False, True])
    best = best.drop_duplicates("answer_id").set_index("obstacle_id")
    elsewhere = frame[frame["statement_id"].isin(best.index)]
    doubtful = [by_id[best["answer_id"][i]].doubtful for i in elsewhere["statement_id"]]
    elsewhere = elsewhere.assign(
        confidence=elsewhere["statement_id"].map(best["score"]),
        review=elsewhere["review"] | pd.Series(doubtful, index=elsewhere.index, dtype=bool),
    )
    return tuple(
        Pair(by_id[obstacle], (by_id[best["answer_id"][obstacle]],))
        for obstacle in balanced(elsewhere, limit)
    )
