"""Which statements a digest quotes, with their sources: balanced choices, pairs, full lists."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from pipeline.digests import prose
from pipeline.french import fold


@dataclass(frozen=True)
class Quote:
    """One statement ready to show; `text` is typeset, `statement_id` leads to its source."""

    statement_id: str
    text: str
    tag: str
    city: str
    round_table: str
    date: str
    path: str
    place: str
    role: str
    theme_id: str
    doubtful: bool
    copy: bool

    @property
    def source(self) -> str:
        """Return who and where, without any name: role, city, round table, date, file, place."""
        known = (self.role, self.city, self.round_table, self.date, self.path, self.place)
        return ", ".join(part for part in known if part)


@dataclass(frozen=True)
class Pair:
    """An obstacle and the closest answers other cities give."""

    obstacle: Quote
    answers: tuple[Quote, ...]


def facts(
    statements: pd.DataFrame, tags: pd.DataFrame, statement_themes: pd.DataFrame
) -> pd.DataFrame:
    """Return the statements with their tag and theme, one row each, in reading order."""
    columns = ["statement_id", "tag", "confidence", "origin", "review"]
    frame = statements.merge(tags[columns], on="statement_id", validate="1:1")
    frame = frame.merge(
        statement_themes[["statement_id", "theme_id", "score"]], on="statement_id", validate="1:1"
    )
    return frame.sort_values(["city", "path", "position", "statement_id"], ignore_index=True)


def cities(documents: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """Return every city in alphabetical order: those that sent a document, and those that a
    document of another names in a column. `frame` are the facts.
    """
    return sorted({*documents["city"], *frame["city"]}, key=lambda city: (fold(city), city))


def quotes(frame: pd.DataFrame) -> dict[str, Quote]:
    """Return every statement of `facts` as a quote, by statement_id, in the same order."""
    return {
        row.statement_id: Quote(
            statement_id=row.statement_id,
            text=prose.quoted(row.text),
            tag=row.tag,
            city=row.city,
            round_table=prose.round_table(row.round_table),
            date=prose.date(row.date) or "date inconnue",
            path=prose.typeset(row.path),
            place=prose.typeset(row.locator),
            role=prose.capital(prose.typeset(row.role)),
            theme_id=row.theme_id,
            doubtful=bool(row.review),
            copy=bool(row.copy_of),
        )
        for row in frame.itertuples()
    }


def balanced(frame: pd.DataFrame, limit: int) -> list[str]:
    """Return up to `limit` statement_ids, spread over cities, then documents and round tables.

    Each pick takes the least quoted city, then document, then round table; within these, the
    surest statement (checked by an analyst, not doubtful, most confident, closest to its theme).
    Statements said twice, word for word, are quoted once.
    """
    frame = frame[frame["copy_of"] == ""]
    frame = frame[~frame["text"].map(fold).duplicated()]
    rows = list(frame.itertuples())
    seen: Counter[tuple[str, str]] = Counter()
    picked: list[str] = []

    def rank(row: tuple) -> tuple:
        spread = [seen[key] for key in _places(row)]
        sure = (row.origin != "analyste", bool(row.review), -row.confidence, -row.score)
        return (*spread, *sure, row.statement_id)

    while rows and len(picked) < limit:
        best = min(rows, key=rank)
        rows.remove(best)
        picked.append(best.statement_id)
        seen.update(_places(best))
    return picked


def _places(row: tuple) -> tuple[tuple[str, str], ...]:
    return ("city", row.city), ("document", row.doc_id), ("round table", row.round_table)


def pairs(
    matches: pd.DataFrame, frame: pd.DataFrame, by_id: dict[str, Quote], *, limit: int, answers: int
) -> tuple[Pair, ...]:
    """Return up to `limit` obstacles of one theme (`frame`) with `answers` answers each.

    The obstacles are spread over cities like the quotes, the best matched first. An answer whose
    tag is doubtful is shown only where there is no other, and its obstacle comes last.
    """
    known = matches[matches["answer_id"].isin(by_id) & matches["obstacle_id"].isin(by_id)]
    known = known.sort_values(["obstacle_id", "rank"])
    best = known.groupby("obstacle_id")["score"].max()
    candidates = frame[frame["statement_id"].isin(best.index)]
    of_obstacle = known.groupby("obstacle_id")["answer_id"].agg(list)
    unsure = [
        all(by_id[answer].doubtful for answer in of_obstacle[obstacle])
        for obstacle in candidates["statement_id"]
    ]
    candidates = candidates.assign(
        confidence=candidates["statement_id"].map(best),
        review=candidates["review"] | pd.Series(unsure, index=candidates.index, dtype=bool),
    )
    found = []
    for obstacle in balanced(candidates, limit):
        offered = [by_id[answer] for answer in of_obstacle[obstacle]]
        sure = [answer for answer in offered if not answer.doubtful]
        found.append(Pair(by_id[obstacle], tuple((sure or offered)[:answers])))
    return tuple(found)


def without_answer(
    unanswered: pd.DataFrame, frame: pd.DataFrame, by_id: dict[str, Quote]
) -> tuple[Quote, ...]:
    """Return the obstacles of `frame` that have no answer in any other city, in its order."""
    alone = set(unanswered["obstacle_id"])
    return tuple(by_id[i] for i in frame["statement_id"] if i in alone)


def listing(by_id: dict[str, Quote], ids: Iterable[str]) -> dict[str, dict[str, tuple[Quote, ...]]]:
    """Return all statements of a theme: tag → city → quotes, hors-champ last."""
    found: dict[str, dict[str, list[Quote]]] = {tag: {} for tag in (*prose.KEY_TAGS, "autre")}
    for statement_id in ids:
        quote = by_id[statement_id]
        found[quote.tag].setdefault(quote.city, []).append(quote)
    return {
        tag: {city: tuple(group) for city, group in of_tag.items()}
        for tag, of_tag in found.items()
        if of_tag
    }
