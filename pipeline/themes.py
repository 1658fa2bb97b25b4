"""Group the statements of each round table into themes, with labels a person would write.

BERTopic is given our own statement vectors and a clustering many draws vote on, so that nothing is
downloaded or left out by chance. Themes are matched to those of the previous run
(`theme_registry.py`), and keep their ids and labels.
"""

import logging
import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import numpy as np
import pandas as pd
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.dimensionality import BaseDimensionalityReduction
from bertopic.vectorizers import ClassTfidfTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize
from tqdm import tqdm

from pipeline import contract, french
from pipeline.analysts import decisions
from pipeline.contract import DECISIONS, run
from pipeline.parameters import Between, params
from pipeline.theming import (
    concepts,
    content_words,
    succession,
    theme_labels,
    theme_registry,
    vectors,
)
from pipeline.theming.consensus import Consensus

_KEYWORDS = 8
_FEWEST_KEYWORDS = 3
_TERMS = 40
_LEAST_SHARE = 0.12  # of a theme's statements, for a concept to name it
_SMALLEST_THEME = 4  # statements; fewer join the nearest theme or none
_MOST_ROWS = 6000  # voted on at once: memory grows with their square; the others join the nearest
_MOST_UNTHEMED = 0.1  # share of statements with content that may be left without theme

Ranked = list[tuple[str, float]]


def rank_terms(
    view: np.ndarray, documents: list[str], clustering: Consensus
) -> tuple[np.ndarray, dict[int, Ranked]]:
    """Return the cluster of each row and each cluster's terms, the most telling first.

    In: n × dimensions vectors, and for each row the terms that speak for it, joined by spaces.
    The terms are ranked by BERTopic's class-based TF-IDF (Grootendorst 2022), which sets each
    cluster against the others. A single cluster's terms are ranked by their frequency.
    """
    if clustering.most < 2:
        return np.zeros(len(view), dtype=int), {0: _frequent(documents)}
    model = BERTopic(
        embedding_model=BaseEmbedder(),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=clustering,
        vectorizer_model=CountVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False),
        ctfidf_model=ClassTfidfTransformer(bm25_weighting=True, reduce_frequent_words=True),
        top_n_words=_TERMS,
    )
    model.fit(documents, embeddings=view)
    labels = clustering.labels_
    topics = dict(zip(labels.tolist(), model.topics_, strict=True))
    if len(topics) == 1:
        return labels, {0: _frequent(documents)}
    return labels, {label: model.get_topic(topic) for label, topic in sorted(topics.items())}


def _frequent(documents: list[str]) -> Ranked:
    counts = Counter(term for document in documents for term in set(document.split()))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_TERMS]
    return [(term, float(n)) for term, n in ranked]


def group_rows(round_tables: np.ndarray, usable: np.ndarray) -> dict[str, np.ndarray]:
    """Return the usable rows of each round table, to be clustered apart.

    Rows without a round table are left for the nearest theme, unless they are the most numerous:
    then they make a group of their own, named "".
    """
    groups = {
        name: np.flatnonzero(usable & (round_tables == name))
        for name in sorted(set(round_tables[usable]))
    }
    named = sum(len(rows) for name, rows in groups.items() if name)
    if len(groups.get("", ())) <= named:
        groups.pop("", None)
    return groups


def first_of_same(statements: pd.DataFrame, usable: np.ndarray) -> np.ndarray:
    """Return, for each row, the row that speaks for all those of its round table that say the same.

    The same: the same words, whatever their order, case, accents, figures and punctuation. A
    usable row speaks for the others, the one of lowest statement_id.
    """
    rows = statements[["round_table", "statement_id"]].reset_index(drop=True)
    rows["words"] = [
        " ".join(sorted(set(re.findall(r"[^\W\d_]+", french.fold(text)))))
        for text in statements["text"]
    ]
    rows["place"], rows["mute"] = np.arange(len(rows)), ~usable
    ordered = rows.sort_values(["mute", "statement_id"])
    first = ordered.groupby(["round_table", "words"])["place"].transform("first").sort_index()
    return first.where(rows["words"] != "", rows["place"]).to_numpy()


def assign(
    view: np.ndarray, centres: np.ndarray, allowed: np.ndarray, clustered: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the theme of each row (its index) and its cosine with the theme's centre.

    In: unit vectors (n × d), unit centres (k × d), the themes each row may join (n × k), and the
    theme clustering already gave a row, or -1.
    """
    cosines = view @ centres.T
    nearest = np.where(allowed, cosines, -np.inf).argmax(axis=1)
    chosen = np.where(clustered >= 0, clustered, nearest)
    return chosen, cosines[np.arange(len(view)), chosen]


def find_themes(
    statements: pd.DataFrame,
    tokens: pd.DataFrame,
    tags: pd.DataFrame,
    views: vectors.Views,
    spoken_of: Mapping[str, Mapping[str, float]],
    registry: pd.DataFrame | None = None,
    *,
    draws: Annotated[int, Between(10, 1000)],
    fewest: Annotated[float, Between(0.1, 10)],
    most: Annotated[float, Between(0.1, 10)],
    most_themes: Annotated[int, Between(1, 100)],
    smallest_corpus: Annotated[int, Between(2)],
    least_likeness: Annotated[float, Between(0, 1)],
    fragile_below: Annotated[float, Between(0, 1)],
    memory: Annotated[float, Between(0, 1)],
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the `themes` and the `statement_themes` of a corpus of any size.

    In: statements, their tokens, tags, views (row for row with `statements`), the concepts each
    speaks of (`concepts.weigh`, or `concepts.find`), and the themes of the previous run, if any.
    What says something to the commission (not « autre », not a copy) is clustered within its round
    table, then read again in its document (`succession.follow`); the rest joins the nearest theme.
    A statement without any content word, or whose cosine with its theme is below `least_likeness`
    (at most a tenth of them), is left without theme: every
    statement has one row. The themes have three more columns than the contract: `fragile` (its
    statements meet in less than `fragile_below` of the draws), `earlier` and `shared`
    (`theme_registry.settle`). The order of the rows of `statements` changes nothing.
    """
    order = statements["statement_id"].argsort().to_numpy()
    statements, views = statements.iloc[order].reset_index(drop=True), views.rows(order)
    view = views.context
    registry = theme_registry.empty() if registry is None else registry
    before = theme_registry.recall(registry, statements)
    terms, written = theme_labels.noun_phrases(tokens)
    documents = np.array([" ".join(terms.get(i, ())) for i in statements["statement_id"]], object)
    concerned = tags.set_index("statement_id")["tag"].reindex(statements["statement_id"]) != "autre"
    has_content = np.linalg.norm(view, axis=1) > 0
    worded = np.array([bool(document) for document in documents], dtype=bool)
    usable = concerned.to_numpy() & has_content & worded & (statements["copy_of"] == "").to_numpy()
    same = first_of_same(statements, usable)
    usable &= same == np.arange(len(statements))
    found: list[dict[str, Any]] = []
    clustered = np.full(len(statements), -1)
    groups = group_rows(statements["round_table"].to_numpy(), usable)
    for name, every in tqdm(groups.items(), desc="Thèmes", disable=None):
        rows = _some(every, seed)
        known = before.iloc[rows].astype("category").cat
        known = np.where(before.iloc[rows] == "", -1, known.codes)
        root = math.sqrt(len(rows) / 2)
        upper = max(2, min(round(most * root), most_themes))
        clustering = Consensus(
            fewest=max(2, min(round(fewest * root), upper)),
            most=1 if len(rows) < smallest_corpus or most_themes == 1 else upper,
            draws=draws,
            seed=seed,
            known=known,
            memory=memory,
            read_again=partial(
                _read_again, views.headed[rows], statements.iloc[rows], known if memory else None
            ),
        )
        labels, ranked = rank_terms(view[rows], list(documents[rows]), clustering)
        firmness = getattr(clustering, "firmness_", {})
        labels = _without_crumbs(labels)
        speaking = [spoken_of.get(i, {}) for i in statements["statement_id"].iloc[rows]]
        concepts_of = theme_labels.concept_scores(speaking, labels, least_share=_LEAST_SHARE)
        for label in sorted(set(labels[labels >= 0].tolist())):
            inside = rows[labels == label]
            clustered[inside] = len(found)
            support = Counter(term for d in documents[inside] for term in set(d.split()))
            found.append(
                {
                    "round_table": name,
                    "stability": round(firmness.get(label, 1.0), 4),
                    "concepts": concepts_of[label],
                    "phrase": theme_labels.choose_label(ranked[label], written, support),
                    "keywords": theme_labels.keywords(
                        ranked[label], written, support, most=_KEYWORDS, fewest=_FEWEST_KEYWORDS
                    ),
                    "centre": view[inside].mean(axis=0),
                }
            )
    clustered = np.where(usable, clustered, clustered[same])
    themes, membership = _tables(
        statements, view, has_content, found, clustered, least_likeness, registry
    )
    themes["fragile"] = themes["stability"].astype(float) < fragile_below
    return themes, membership.iloc[np.argsort(order)].reset_index(drop=True)


def _read_again(
    headed: np.ndarray, statements: pd.DataFrame, known: np.ndarray | None, labels: np.ndarray
) -> np.ndarray:
    """Return the labels once documents are read again; where memory counts, what it kept stays.

    A statement whose cluster is the heir of its earlier theme was read again in that earlier run.
    """
    places = succession.Places(
        *(statements[c].to_numpy() for c in ("doc_id", "section", "position"))
    )
    if known is None or not (known >= 0).any():
        held = np.zeros(len(labels), dtype=bool)
    else:
        met = np.zeros((known.max() + 1, labels.max() + 1))
        np.add.at(met, (known[known >= 0], labels[known >= 0]), 1)
        held = (known >= 0) & (met.argmax(axis=1)[known] == labels)
    return succession.follow(labels, headed, places, held=held)


def _some(rows: np.ndarray, seed: int) -> np.ndarray:
    if len(rows) <= _MOST_ROWS:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, size=_MOST_ROWS, replace=False))


def _without_crumbs(labels: np.ndarray) -> np.ndarray:
    """Return the labels, -1 for clusters too small to be a theme, unless all are."""
    sizes = np.bincount(labels)
    large = sizes[labels] >= min(_SMALLEST_THEME, sizes.max())
    return np.where(large, labels, -1)


def _tables(
    statements: pd.DataFrame,
    view: np.ndarray,
    has_content: np.ndarray,
    found: list[dict[str, Any]],
    clustered: np.ndarray,
    least_likeness: float,
    registry: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    membership = pd.DataFrame(
        {"statement_id": statements["statement_id"], "theme_id": "", "score": 0.0}
    )
    columns = [*contract.TABLES["themes"].columns, "fragile", "earlier", "shared"]
    if not found:
        return pd.DataFrame(columns=columns), membership
    themes = pd.DataFrame(found)
    own = statements["round_table"].to_numpy()[:, None] == themes["round_table"].to_numpy()
    allowed = own | ~own.any(axis=1, keepdims=True)
    centres = normalize(np.array(themes["centre"].tolist()))
    chosen, score = assign(view, centres, allowed, clustered)
    fits = has_content & ((clustered >= 0) | _alike_enough(score, has_content, least_likeness))
    chosen = np.where(fits, chosen, -1)
    keys = theme_registry.keys(statements).to_numpy()
    members = [set(keys[chosen == theme]) for theme in range(len(themes))]
    settled = theme_registry.settle(members, themes["round_table"], themes["keywords"], registry)
    themes = themes.join(settled)
    themes["label"] = _labels(themes, registry)
    logged = theme_registry.as_logged(settled, members, registry)
    themes[list(logged.columns)] = logged
    membership["theme_id"] = np.where(fits, themes["theme_id"].to_numpy()[chosen], "")
    membership["score"] = np.where(fits, score, 0.0).round(4)
    themes["size"] = themes["theme_id"].map(membership["theme_id"].value_counts()).fillna(0)
    themes["keywords"] = themes["keywords"].map("; ".join)
    themes = themes.assign(fragile=False).astype({"size": int})[columns]
    return themes.sort_values("theme_id", ignore_index=True), membership


def _alike_enough(score: np.ndarray, has_content: np.ndarray, least: float) -> np.ndarray:
    """Return which rows are like enough a theme; at most a tenth of those with content are not."""
    spread = np.sort(score[has_content])
    allowed = int(_MOST_UNTHEMED * len(spread))
    limit = min(least, float(spread[allowed])) if len(spread) else least
    return score >= limit


def _labels(themes: pd.DataFrame, registry: pd.DataFrame) -> list[str]:
    """Return a label for each theme, no two alike.

    The one it had, a concept, a concept and what sets the theme apart, or key phrases.
    """
    earlier = dict(zip(registry["theme_id"], registry["label"], strict=True))
    kept = [earlier[row.theme_id] if row.status == "kept" else "" for row in themes.itertuples()]
    open_themes = [row for row, label in enumerate(kept) if not label]
    given = theme_labels.allot([themes["concepts"][row] for row in open_themes], kept)
    for row, label in zip(open_themes, given, strict=True):
        kept[row] = label
    for row in open_themes:
        if not kept[row]:
            words = themes["keywords"][row]
            wanted = [
                *theme_labels.qualified(themes["concepts"][row], words),
                themes["phrase"][row],
                *(theme_labels.sentence(words[:n]) for n in range(2, len(words) + 1)),
                *(f"Thème sans mot dominant {n}" for n in range(1, len(themes) + 1)),
            ]
            kept[row] = next(label for label in wanted if label and label not in kept)
    return kept


def concepts_of(
    statements: pd.DataFrame, tokens: pd.DataFrame, thesaurus: str, *, model: str
) -> Mapping[str, Mapping[str, float]]:
    """Return the concepts each statement speaks of and how much: statement_id → concept → weight.

    In: statements, their tokens, the name of the thesaurus ("" for none), the language model.
    """
    rows, ids = tokens.rename(columns={"statement_id": "row"}), statements["statement_id"]
    return concepts.weigh(
        concepts.find(rows, concepts.thesaurus(thesaurus)),
        dict(zip(ids, content_words.term_lists(ids, rows), strict=True)),
        thesaurus,
        model=model,
    )


def main() -> None:
    """Read statements, tokens and tags; write their vectors, the themes, and who belongs where."""
    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    statements, tokens = contract.read("statements"), contract.read("tokens")
    language = params("vectors", vectors.statement_views)
    views = vectors.statement_views(statements, tokens, **language)
    spoken_of = concepts_of(statements, tokens, language["concepts"], model=language["model"])
    registry = theme_registry.read()
    themes, membership = find_themes(
        statements,
        tokens,
        contract.read("tags"),
        views,
        spoken_of,
        registry,
        **params("themes", find_themes),
    )
    names = decisions.theme_names(decisions.read(DECISIONS)[0])
    log = theme_registry.changes(registry, themes)
    registry = theme_registry.update(registry, themes, membership, statements)
    themes = theme_registry.with_names(themes.drop(columns=["earlier", "shared"]), names)
    rounded = {"vector": views.context, "own": views.alone}
    rounded = {name: values.astype("float32").tolist() for name, values in rounded.items()}
    contract.write("vectors", statements[["statement_id"]].assign(**rounded))
    contract.write("themes", themes)
    contract.write("statement_themes", membership)
    contract.write("theme_changes", log)
    contract.write("theme_registry", registry)


if __name__ == "__main__":
    run(main)
