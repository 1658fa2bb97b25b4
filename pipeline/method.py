"""What a digest rests on, as plain data: files, tags and doubts, measured quality, settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline import __version__, prose
from pipeline.contract import TAGS


@dataclass(frozen=True)
class File:
    """One file read: where it comes from and how many statements it gave."""

    city: str
    path: str
    format: str
    date: str
    round_table: str
    statements: int
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
class Method:
    """The content of the page on method and coverage."""

    files_sentence: str
    files: tuple[File, ...]
    rejected: tuple[tuple[str, str], ...]
    tags: tuple[TagShare, ...]
    unthemed: int
    copies: int
    quality: tuple[tuple[str, str], ...]
    version: str
    settings: tuple[tuple[str, str], ...]


def method(
    documents: pd.DataFrame,
    rejected: pd.DataFrame,
    facts: pd.DataFrame,
    metrics: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> Method:
    """Return the page's content; `facts` are the statements with tag and theme.

    Statements are counted as read, copies included, so that the totals meet the files' own.
    """
    duplicated = int((documents["duplicate_of"] != "").sum())
    return Method(
        files_sentence=prose.files_read(len(documents), len(rejected), duplicated),
        files=files(documents, facts),
        rejected=tuple(
            (prose.typeset(row.path), prose.typeset(row.detail or row.reason))
            for row in rejected.itertuples()
        ),
        tags=tuple(_tag_share(facts, tag) for tag in TAGS),
        unthemed=int((facts["theme_id"] == "").sum()),
        copies=int((facts["copy_of"] != "").sum()),
        quality=quality(metrics),
        version=__version__,
        settings=tuple(
            (name, str(value).replace(".", ","))
            for name, value in settings.items()
            if not isinstance(value, str)
        ),
    )


def files(documents: pd.DataFrame, facts: pd.DataFrame) -> tuple[File, ...]:
    """Return the files read, by city and path; a duplicate names the file it repeats.

    The round tables are the document's, or else those of its statements.
    """
    said = facts[facts["round_table"] != ""].groupby("doc_id")["round_table"].unique()
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
            duplicate_of=prose.typeset(path_of.get(row.duplicate_of, row.duplicate_of)),
            warnings=prose.typeset(row.warnings),
        )
        for row in documents.sort_values(["city", "path"]).itertuples()
    )


def _tag_share(facts: pd.DataFrame, tag: str) -> TagShare:
    tagged = facts[facts["tag"] == tag]
    corrected = int((tagged["origin"] == "analyste").sum())
    return TagShare(tag, len(tagged), int(tagged["review"].sum()), corrected)


def quality(metrics: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the quality figures that `metrics.json` holds, in reading order, none invented."""
    tagger = metrics.get("tagger", {})
    tagger = tagger if isinstance(tagger, Mapping) else {}
    by_tag = tagger.get("f1", {}) if isinstance(tagger.get("f1"), Mapping) else {}
    named = [("Ensemble des cinq catégories", tagger, "macro_f1")]
    named += [(prose.tag_heading(tag), by_tag, tag) for tag in TAGS]
    named += [("Accord entre deux personnes, sur les mêmes énoncés", tagger, "annotators_macro_f1")]
    baselines = tagger.get("baselines", {})
    if isinstance(baselines, Mapping):
        named += [(f"Méthode de comparaison : {name}", baselines, name) for name in baselines]
    found = ((prose.typeset(label), _figure(where, key)) for label, where, key in named)
    return tuple((label, figure) for label, figure in found if figure)


def _figure(where: Mapping[str, Any], key: str) -> str:
    value = where.get(key)
    low, high = where.get(f"{key}_low"), where.get(f"{key}_high")
    if isinstance(value, Mapping):
        key = next((k for k in ("macro_f1", "f1", "value") if k in value), "")
        low, high = (value.get(f"{key}_{end}", value.get(end)) for end in ("low", "high"))
        value = value.get(key)
    return prose.score(value, low, high) if isinstance(value, int | float) else ""
