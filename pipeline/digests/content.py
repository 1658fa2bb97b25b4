"""What a digest says, as plain data that any format renders: counts, quotes, contrasts, pairs.

Numbers come from the comparison tables, texts from the statements; nothing is written here that
is not a verbatim or a template of `prose.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.digests import prose, sentences
from pipeline.digests.quotes import Pair, Quote, balanced, listing, pairs, without_answer
from pipeline.french import fold, lexicon

_FEW_DOCUMENTS = 3  # a theme heard in fewer says little beyond them


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
class Finding:
    """Where a theme clearly weighs more than elsewhere: a title, a sentence, the q-value.

    Both texts are empty where it weighs nowhere more than chance would have it.
    """

    title: str = ""
    sentence: str = ""
    q_value: float = 1.0


@dataclass(frozen=True)
class Theme:
    """All a theme's page shows; `grid` is city → tag → cell, `listing` tag → city → quotes.

    `unanswered` are the obstacles no other city has any answer to.
    """

    theme_id: str
    label: str
    keywords: str
    round_table: str
    counts: dict[str, int]
    cities: tuple[str, ...]
    cities_by_tag: dict[str, tuple[str, ...]]
    all_cities: int
    size_sentence: str
    evidence: str
    fragile: tuple[str, ...]
    grid: dict[str, dict[str, Cell]]
    finding: Finding
    contrasts: tuple[str, ...]
    quotes: dict[str, tuple[Quote, ...]]
    chosen: dict[str, str]
    pairs: tuple[Pair, ...]
    pairs_sentence: str
    unanswered: tuple[Quote, ...]
    unanswered_sentence: str
    listing: dict[str, dict[str, tuple[Quote, ...]]]

    @property
    def total(self) -> int:
        """Return the number of statements that inform, copies counted once."""
        return sum(self.counts[tag] for tag in prose.KEY_TAGS)

    @property
    def answers(self) -> int:
        """Return the number of good practices and proposals."""
        return sum(self.counts[tag] for tag in prose.ANSWER_TAGS)

    @property
    def reach(self) -> str:
        """Return « soulevé dans k villes sur n »."""
        return sentences.reach(self.cities, self.all_cities)

    @property
    def where(self) -> str:
        """Return « 4 villes sur 5 », « les 5 villes » or the one city."""
        return sentences.where(self.cities, self.all_cities)

    @property
    def rests_on(self) -> str:
        """Return the number of cities, round tables and documents, as a sentence."""
        return sentences.rests_on(self.evidence)

    @property
    def summary(self) -> str:
        """Return the counts by tag, as a sentence."""
        return prose.sentence(prose.tag_counts(self.counts))


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
        return sentences.round_table_said(self.documents, self.cities, self.counts)


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


def finding(rows: pd.DataFrame, *, max_q_value: float) -> Finding:
    """Return where a theme weighs more than elsewhere, most clearly.

    What one city alone raised is no comparison: it is told as such elsewhere.
    """
    if rows.loc[rows["n"] > 0, "city"].nunique() < 2:
        return Finding()
    clear = rows[(rows["q_value"] <= max_q_value) & (rows["n"] > 0)]
    for row in clear.sort_values(["q_value", "city", "tag"]).itertuples():
        n, denominator = _elsewhere(rows, row)
        if row.n * denominator > n * row.denominator:
            return Finding(
                sentences.heat_title(row.tag, row.city, row.n, row.denominator),
                sentences.parting(row.tag, row.city, (row.n, row.denominator), (n, denominator)),
                float(row.q_value),
            )
    return Finding()


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
    raising = rows.loc[rows["n"] > 0, "city"].unique()
    if rows["city"].nunique() < 2:
        return ()
    if len(raising) == 1:
        return (sentences.only_raised(raising[0]),)
    large = [tag for tag in prose.KEY_TAGS if counts[tag] >= small_count]
    measured = [
        sentence for tag in large for sentence in _measured(rows[rows["tag"] == tag], max_q_value)
    ]
    if large and not measured:
        tested = rows.loc[rows["tag"].isin(large), "q_value"].notna().any()
        measured = [sentences.no_contrast(tested=bool(tested))]
    located = [
        sentences.evoked(
            tag, counts[tag], sorted(rows[(rows["tag"] == tag) & (rows["n"] > 0)]["city"], key=fold)
        )
        for tag in prose.KEY_TAGS
        if 0 < counts[tag] < small_count
    ]
    return (*measured, *located)


def _measured(of_tag: pd.DataFrame, max_q_value: float) -> list[str]:
    return [
        sentences.contrast(row.tag, row.city, (row.n, row.denominator), _elsewhere(of_tag, row))
        for row in of_tag[of_tag["q_value"] <= max_q_value].itertuples()
    ]


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
    fragile_stability: float,
) -> Theme:
    """Return one theme's content; `row` is its row of `themes`, `frame` all the facts."""
    everything, frame = frame, frame[frame["theme_id"] == row.theme_id]
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
    usual = float(informing(everything)["review"].mean())
    counted = informing(frame)
    alone = without_answer(tables["unanswered"], frame, by_id)
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
        size_sentence=sentences.theme_size(counts, total),
        evidence=_evidence(counted),
        fragile=fragile(row, counted, usual, fragile_stability=fragile_stability),
        grid=cells,
        finding=finding(rows, max_q_value=max_q_value),
        contrasts=contrasts(rows, counts, small_count=small_count, max_q_value=max_q_value),
        quotes=picked,
        chosen={tag: sentences.chosen(len(q), counts[tag], tag) for tag, q in picked.items()},
        pairs=matched,
        pairs_sentence=sentences.pairs_shown(len(matched), int(answered.sum()), counts["frein"]),
        unanswered=alone if len(cities) > 1 else (),
        unanswered_sentence=sentences.without_answer(len(alone), counts["frein"]),
        listing=listing(by_id, frame["statement_id"]),
    )


def _evidence(counted: pd.DataFrame) -> str:
    held = counted.loc[counted["round_table"] != "", ["city", "round_table"]].drop_duplicates()
    return sentences.evidence(counted["city"].nunique(), len(held), counted["doc_id"].nunique())


def fragile(
    row: tuple, counted: pd.DataFrame, usual: float, *, fragile_stability: float
) -> tuple[str, ...]:
    """Return what a reader should hold against a theme, a sentence each; none when it is solid.

    `row` is its row of `themes`; `counted` its informing statements, `usual` the share
    of doubtful statements in all themes. A theme is fragile when the
    table says so (`fragile`), or else when its stability is under `fragile_stability`.
    """
    if counted.empty:
        return ()
    documents = counted["doc_id"].nunique()
    doubtful = int(counted["review"].sum())
    most = max(usual, 0.5) * len(counted)
    weak = getattr(row, "fragile", row.stability < fragile_stability)
    found = [
        sentences.unstable(row.stability) if weak else "",
        sentences.few_documents(documents) if documents < _FEW_DOCUMENTS else "",
        sentences.doubtful(doubtful, len(counted)) if doubtful > most else "",
    ]
    return tuple(sentence for sentence in found if sentence)


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
