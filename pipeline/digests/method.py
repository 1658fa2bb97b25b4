"""What a digest rests on, as plain data: files, tags and doubts, measured quality, settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline import __version__
from pipeline.contract import TAGS
from pipeline.digests import prose, sentences
from pipeline.digests.quotes import cities
from pipeline.french import lexicon


@dataclass(frozen=True)
class File:
    """One file read: where it comes from, how many statements it gave.

    `kept` is the share of its signs that are in them, empty when nothing was read.
    """

    city: str
    path: str
    format: str
    date: str
    round_table: str
    statements: int
    kept: str
    duplicate_of: str
    warnings: str


@dataclass(frozen=True)
class TagShare:
    """How many statements bear a tag, how many are doubtful, how many a person decided."""

    tag: str
    n: int
    doubtful: int
    corrected: int


@dataclass(frozen=True)
class Coverage:
    """What one city sent to one round table: documents and statements, zeros included."""

    city: str
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Method:
    """The content of the page on method and coverage."""

    files_sentence: str
    dates_sentence: str
    coverage: tuple[Coverage, ...]
    files: tuple[File, ...]
    rejected: tuple[tuple[str, str], ...]
    tags: tuple[TagShare, ...]
    unthemed: int
    themes_sentence: str
    theme_changes: tuple[tuple[str, str], ...]
    copies: int
    quality: tuple[tuple[str, str], ...]
    checked_sentence: str
    version: str
    settings: tuple[tuple[str, str], ...]


def method(
    tables: Mapping[str, pd.DataFrame],
    facts: pd.DataFrame,
    metrics: Mapping[str, Any],
    settings: Mapping[str, Any],
    commit: str,
) -> Method:
    """Return the page's content.

    `tables` holds documents, rejected, coverage, excluded, themes and theme_changes.

    `facts` are the statements with tag and theme.

    `commit` names the state of the project that made the digests, or is empty. Statements are
    counted as read, copies included, so that the totals meet the files' own.
    """
    documents, rejected = tables["documents"], tables["rejected"]
    duplicated = int((documents["duplicate_of"] != "").sum())
    informing = facts[facts["tag"] != "autre"]
    return Method(
        files_sentence=sentences.files_read(len(documents), len(rejected), duplicated),
        dates_sentence=sentences.dates(
            sorted(set(documents["date"]) - {""}), int((documents["date"] == "").sum())
        ),
        coverage=coverage(facts, documents),
        files=files(documents, facts, tables["coverage"]),
        rejected=tuple(
            (prose.typeset(row.path), prose.typeset(row.detail or row.reason))
            for row in rejected.itertuples()
        ),
        tags=tuple(_tag_share(facts, tag) for tag in TAGS),
        unthemed=int((facts["theme_id"] == "").sum()),
        themes_sentence=_themes_held(tables["theme_changes"]),
        theme_changes=theme_changes(tables["theme_changes"], tables["themes"]),
        copies=int((facts["copy_of"] != "").sum()),
        quality=quality(metrics),
        checked_sentence=sentences.checked(
            len(informing),
            int(informing["review"].sum()),
            int((facts["origin"] == "analyste").sum()),
            len(tables["excluded"]),
        ),
        version=sentences.version(__version__, commit),
        settings=settings_said(settings),
    )


def coverage(facts: pd.DataFrame, documents: pd.DataFrame) -> tuple[Coverage, ...]:
    """Return city by city the (documents, statements) each round table rests on.

    The last cell counts what names no round table. Statements are those that inform.
    """
    known = [row["id"] for row in lexicon("round_table_labels")]
    said = facts[facts["tag"] != "autre"]
    where = said["round_table"].where(said["round_table"].isin(known), "")
    grouped = said.assign(table=where).groupby(["city", "table"])["doc_id"]
    files, counts = grouped.nunique(), grouped.size()
    return tuple(
        Coverage(
            city,
            tuple(
                (int(files.get((city, table), 0)), int(counts.get((city, table), 0)))
                for table in (*known, "")
            ),
        )
        for city in cities(documents, facts)
    )


def files(documents: pd.DataFrame, facts: pd.DataFrame, covered: pd.DataFrame) -> tuple[File, ...]:
    """Return the files read, by city and path; a duplicate names the file it repeats.

    The round tables are the document's, or else those of its statements.
    """
    said = facts[facts["round_table"] != ""].groupby("doc_id")["round_table"].unique()
    read = covered[covered["read"] > 0].set_index("doc_id")
    share = (read["kept"] / read["read"]).to_dict()
    path_of = documents.set_index("doc_id")["path"].to_dict()
    return tuple(
        File(
            city=row.city,
            path=prose.typeset(row.path),
            format=row.format.lstrip("."),
            date=prose.date(row.date) or "inconnue",
            round_table=prose.round_tables(
                [row.round_table] if row.round_table else said.get(row.doc_id, [])
            ),
            statements=row.statements,
            kept=prose.percent(share[row.doc_id]) if row.doc_id in share else "",
            duplicate_of=prose.typeset(path_of.get(row.duplicate_of, row.duplicate_of)),
            warnings=prose.typeset(row.warnings),
        )
        for row in documents.sort_values(["city", "path"]).itertuples()
    )


def theme_changes(log: pd.DataFrame, themes: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Return the (label, what happened) of each theme that is not just what it was.

    On a first run every theme is new: that is said in a sentence, not theme by theme.
    """
    if (log["status"] == "new").all():
        return ()
    label_of = themes.set_index("theme_id")["label"].to_dict()
    moved = log[log["status"] != "kept"]
    return tuple(
        (prose.typeset(label_of.get(row.theme_id, row.label)), prose.typeset(row.detail))
        for row in moved.sort_values(["status", "theme_id"]).itertuples()
    )


def _themes_held(log: pd.DataFrame) -> str:
    found = log["status"].value_counts()
    kept, new, gone = (int(found.get(status, 0)) for status in ("kept", "new", "retired"))
    return sentences.themes_held(kept, new, len(log) - kept - new - gone, gone)


def _tag_share(facts: pd.DataFrame, tag: str) -> TagShare:
    tagged = facts[facts["tag"] == tag]
    corrected = int((tagged["origin"] == "analyste").sum())
    return TagShare(tag, len(tagged), int(tagged["review"].sum()), corrected)


def quality(metrics: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the (label, figure) pairs that `metrics.json` holds and `quality_labels.csv` names.

    A figure without a label of ours, or that is no number, is left out: none is shown raw.
    """
    found = (
        (prose.typeset(row["label"]), _figure(metrics, row["key"].split("."), row["kind"]))
        for row in lexicon("quality_labels")
    )
    return tuple((label, figure) for label, figure in found if figure)


def _figure(metrics: Mapping[str, Any], path: Sequence[str], kind: str) -> str:
    where: Any = metrics
    for part in path[:-1]:
        where = where.get(part) if isinstance(where, Mapping) else None
    if not isinstance(where, Mapping):
        return ""
    key = path[-1]
    value, low, high = (where.get(key + end) for end in ("", "_low", "_high"))
    if isinstance(value, Mapping):
        low, high = value.get("low", value.get("bas")), value.get("high", value.get("haut"))
        value = next((value[k] for k in ("f1", "macro_f1", "value", "part") if k in value), None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    write = prose.percent if kind == "share" else prose.decimal
    return sentences.score(value, low, high, write)


def settings_said(settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the (label, value) pairs of the digest's settings, in French."""
    return tuple(
        (prose.typeset(row["label"]), str(settings[row["name"]]).replace(".", ","))
        for row in lexicon("setting_labels")
        if row["name"] in settings
    )
