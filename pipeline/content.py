"""What a digest says, as plain data that any format renders: counts, quotes, contrasts, pairs.

Numbers come from the comparison tables, texts from the statements; nothing is written here that
is not a verbatim or a template of `prose.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline import prose
from pipeline.french import fold, lexicon
from pipeline.method import Method
from pipeline.quotes import Pair, Quote, balanced, listing, pairs


@dataclass(frozen=True)
class Cell:
    """A count of one city, theme and tag, with its share and interval.

    `denominator` is the city's statements of that tag, all themes together.
    """

    n: int = 0
    denominator: int = 0
    share: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Theme:
    """All a theme's page shows; `grid` is city → tag → cell, `listing` tag → city → quotes."""

    theme_id: str
    label: str
    keywords: str
    round_table: str
    counts: dict[str, int]
    cities: tuple[str, ...]
    cities_by_tag: dict[str, tuple[str, ...]]
    all_cities: int
    size_sentence: str
    grid: dict[str, dict[str, Cell]]
    finding: str
    contrasts: tuple[str, ...]
    quotes: dict[str, tuple[Quote, ...]]
    chosen: dict[str, str]
    pairs: tuple[Pair, ...]
    pairs_sentence: str
    listing: dict[str, dict[str, tuple[Quote, ...]]]

    @property
    def total(self) -> int:
        """Return the number of statements that inform, copies counted once."""
        return sum(self.counts[tag] for tag in prose.KEY_TAGS)

    @property
    def reach(self) -> str:
        """Return « soulevé dans k villes sur n »."""
        return prose.reach(self.cities, self.all_cities)

    @property
    def summary(self) -> str:
        """Return the counts by tag, as a sentence."""
        return prose.sentence(prose.tag_counts(self.counts))


@dataclass(frozen=True)
class KeyPoints:
    """One group of « À retenir »: a heading, its (theme, sentence) points, or why there is none."""

    heading: str
    points: tuple[tuple[Theme, str], ...]
    empty: str


@dataclass(frozen=True)
class RoundTable:
    """One round table: what was said there and the themes it carries."""

    label: str
    counts: dict[str, int]
    cities: tuple[str, ...]
    documents: int
    themes: tuple[Theme, ...]

    @property
    def said(self) -> str:
        """Return what the round table gathered, as a sentence."""
        return prose.round_table_said(self.documents, self.cities, self.counts)


def grid(city_theme_tag: pd.DataFrame, cities: Sequence[str]) -> dict[str, dict[str, Cell]]:
    """Return city → tag → cell for one theme's rows; a pair without a row counts zero."""
    cells = {
        (row.city, row.tag): Cell(
            row.n, row.denominator, row.share, row.interval_low, row.interval_high
        )
        for row in city_theme_tag.itertuples()
        if row.denominator
    }
    return {
        city: {tag: cells.get((city, tag), Cell()) for tag in prose.KEY_TAGS} for city in cities
    }


def finding(rows: pd.DataFrame, *, max_q_value: float) -> str:
    """Return where a theme weighs more than elsewhere, most clearly; "" when nowhere does."""
    clear = rows[(rows["q_value"] <= max_q_value) & (rows["n"] > 0)]
    for row in clear.sort_values(["q_value", "city", "tag"]).itertuples():
        n, denominator = _elsewhere(rows, row)
        if row.n * denominator > n * row.denominator:
            return prose.heat_title(row.tag, row.city, row.n, row.denominator)
    return ""


def _elsewhere(rows: pd.DataFrame, row: tuple) -> tuple[int, int]:
    others = rows[(rows["tag"] == row.tag) & (rows["city"] != row.city)]
    return int(others["n"].sum()), int(others["denominator"].sum())


def contrasts(
    rows: pd.DataFrame, counts: dict[str, int], *, small_count: int, max_q_value: float
) -> tuple[str, ...]:
    """Return what tells cities apart on one theme, a sentence each.

    A tag found fewer than `small_count` times is only located (« évoqué à … »); the others are
    compared when their test, corrected for many comparisons, stays below `max_q_value`.
    """
    if rows["city"].nunique() < 2:
        return ()
    large = [tag for tag in prose.KEY_TAGS if counts[tag] >= small_count]
    measured = [
        sentence for tag in large for sentence in _measured(rows[rows["tag"] == tag], max_q_value)
    ]
    if large and not measured:
        tested = rows.loc[rows["tag"].isin(large), "q_value"].notna().any()
        measured = [prose.no_contrast(tested=bool(tested))]
    located = [
        prose.evoked(
            tag, counts[tag], sorted(rows[(rows["tag"] == tag) & (rows["n"] > 0)]["city"], key=fold)
        )
        for tag in prose.KEY_TAGS
        if 0 < counts[tag] < small_count
    ]
    return (*measured, *located)


def _measured(of_tag: pd.DataFrame, max_q_value: float) -> list[str]:
    return [
        prose.contrast(row.tag, row.city, (row.n, row.denominator), _elsewhere(of_tag, row))
        for row in of_tag[of_tag["q_value"] <= max_q_value].itertuples()
    ]


def key_points(themes: Sequence[Theme], *, limit: int, small_count: int) -> tuple[KeyPoints, ...]:
    """Return « À retenir »: what is shared, what has no answer, what exists, what one city says."""
    if not themes or themes[0].all_cities < 2:
        return ()
    size = {theme.theme_id: (-theme.total, theme.theme_id) for theme in themes}
    ordered = sorted(themes, key=lambda theme: size[theme.theme_id])
    shared = [t for t in ordered if len(t.cities) == t.all_cities]
    where = "Soulevés dans toutes les villes"
    if not shared:
        shared = [t for t in ordered if len(t.cities) > max(1, t.all_cities / 2)]
        where = "Soulevés dans la plupart des villes"
    unanswered = [
        t for t in ordered if t.counts["frein"] >= small_count and t.counts["frein"] > _answers(t)
    ]
    unanswered.sort(key=lambda t: (_answers(t) - t.counts["frein"], t.theme_id))
    practised = [t for t in ordered if t.counts["bonne_pratique"]]
    practised.sort(key=lambda t: (-t.counts["bonne_pratique"], t.theme_id))
    alone = [t for t in ordered if len(t.cities) == 1]
    return (
        _group(
            where,
            shared[:limit],
            lambda t: prose.shared_theme(len(t.cities), t.all_cities, t.counts),
            "Aucun thème n’est soulevé dans plus de la moitié des villes.",
        ),
        _group(
            "Des freins qui attendent des réponses",
            unanswered[:limit],
            lambda t: prose.open_obstacles(len(t.cities_by_tag["frein"]), t.counts),
            "Aucun thème ne compte nettement plus de freins que de réponses.",
        ),
        _group(
            "Des pratiques qui existent déjà",
            practised[:limit],
            lambda t: prose.known_answers(
                t.counts["bonne_pratique"], t.cities_by_tag["bonne_pratique"]
            ),
            "Aucune bonne pratique n’a été relevée.",
        ),
        _group(
            "Ce qu’une seule ville soulève",
            alone[:limit],
            lambda t: prose.one_city(t.cities[0], t.counts),
            "Aucun thème n’est propre à une seule ville.",
        ),
    )


def _answers(theme: Theme) -> int:
    return sum(theme.counts[tag] for tag in prose.ANSWER_TAGS)


def _group(
    heading: str, themes: Sequence[Theme], say: Callable[[Theme], str], empty: str
) -> KeyPoints:
    return KeyPoints(heading, tuple((theme, say(theme)) for theme in themes), empty)


@dataclass(frozen=True)
class City:
    """One city's share of the whole: documents, statements that inform, by tag."""

    city: str
    documents: int
    statements: int
    counts: dict[str, int]


@dataclass(frozen=True)
class Digest:
    """The whole content of a restitution, before any format."""

    title: str
    notice: str
    coverage: tuple[str, ...]
    key_points: tuple[KeyPoints, ...]
    round_tables: tuple[RoundTable, ...]
    themes: tuple[Theme, ...]
    cities: tuple[City, ...]
    unthemed: tuple[Quote, ...]
    method: Method


def informing(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the statements of `facts` that count in totals: not hors-champ, copies once."""
    return frame[(frame["tag"] != "autre") & (frame["copy_of"] == "")]


def tag_totals(frame: pd.DataFrame) -> dict[str, int]:
    """Return the number of statements of each informing tag, zeros included."""
    found = frame["tag"].value_counts()
    return {tag: int(found.get(tag, 0)) for tag in prose.KEY_TAGS}


def theme(
    row: tuple,
    frame: pd.DataFrame,
    by_id: dict[str, Quote],
    tables: Mapping[str, pd.DataFrame],
    *,
    cities: Sequence[str],
    total: int,
    quotes_per_tag: int,
    obstacles_per_theme: int,
    answers_per_obstacle: int,
    small_count: int,
    max_q_value: float,
) -> Theme:
    """Return one theme's content; `row` is its row of `themes`, `frame` all the facts."""
    frame = frame[frame["theme_id"] == row.theme_id]
    rows = tables["city_theme_tag"].query("theme_id == @row.theme_id and tag != 'autre'")
    across = tables["themes_across_cities"].query("theme_id == @row.theme_id").set_index("tag")["n"]
    counts = {tag: int(across.get(tag, 0)) for tag in prose.KEY_TAGS}
    cells = grid(rows, cities)
    picked = {
        tag: tuple(by_id[i] for i in balanced(frame[frame["tag"] == tag], quotes_per_tag))
        for tag in prose.KEY_TAGS
        if counts[tag]
    }
    matched = pairs(
        tables["matches"], frame, by_id, limit=obstacles_per_theme, answers=answers_per_obstacle
    )
    obstacles = tables["matches"]["obstacle_id"]
    answered = frame["statement_id"].isin(obstacles) & (frame["copy_of"] == "")
    return Theme(
        theme_id=row.theme_id,
        label=prose.typeset(row.label),
        keywords=prose.typeset(row.keywords.replace("; ", ", ")),
        round_table=row.round_table,
        counts=counts,
        cities=tuple(c for c in cities if any(cell.n for cell in cells[c].values())),
        cities_by_tag={tag: tuple(c for c in cities if cells[c][tag].n) for tag in prose.KEY_TAGS},
        all_cities=len(cities),
        size_sentence=prose.theme_size(counts, total),
        grid=cells,
        finding=finding(rows, max_q_value=max_q_value),
        contrasts=contrasts(rows, counts, small_count=small_count, max_q_value=max_q_value),
        quotes=picked,
        chosen={tag: prose.chosen(len(q), counts[tag], tag) for tag, q in picked.items()},
        pairs=matched,
        pairs_sentence=prose.pairs_shown(len(matched), int(answered.sum()), counts["frein"]),
        listing=listing(by_id, frame["statement_id"]),
    )


def round_tables(frame: pd.DataFrame, themes: Sequence[Theme]) -> tuple[RoundTable, ...]:
    """Return the round tables in order, those without one last, each with its themes by size."""
    counted = informing(frame)
    known = [row["id"] for row in lexicon("round_table_labels")]
    found = []
    for identifier in (*known, ""):
        ids = counted["round_table"]
        said = counted[ids == identifier if identifier else ~ids.isin(known)]
        carried = [
            t for t in themes if (t.round_table if t.round_table in known else "") == identifier
        ]
        if not said.empty or carried:
            found.append(
                RoundTable(
                    label=prose.round_table(identifier),
                    counts=tag_totals(said),
                    cities=tuple(sorted(said["city"].unique(), key=fold)),
                    documents=said["doc_id"].nunique(),
                    themes=tuple(sorted(carried, key=lambda t: (-t.total, t.theme_id))),
                )
            )
    return tuple(found)


def by_city(frame: pd.DataFrame, documents: pd.DataFrame) -> tuple[City, ...]:
    """Return each city's documents and informing statements (its own copies included)."""
    files = documents["city"].value_counts()
    said = frame[frame["tag"] != "autre"]
    return tuple(
        City(
            city,
            int(files[city]),
            int((said["city"] == city).sum()),
            tag_totals(said[said["city"] == city]),
        )
        for city in sorted(files.index, key=fold)
    )
