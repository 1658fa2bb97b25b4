"""Group the statements of each round table into themes, with labels a person would write.

BERTopic is given our own statement vectors and scikit-learn's k-means, so that nothing is
downloaded, drawn without a seed, or left out.
"""

import logging
from collections import Counter
from typing import Annotated, Any

import numpy as np
import pandas as pd
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from bertopic.dimensionality import BaseDimensionalityReduction
from bertopic.vectorizers import ClassTfidfTransformer
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize
from tqdm import tqdm

from pipeline import concepts, contract, theme_labels, vectors
from pipeline.contract import Between, params, run

_KEYWORDS = 8
_TERMS = 30
_LEAST_SHARE = 0.12  # of a theme's statements, for a concept to name it

Ranked = list[tuple[str, float]]


def cluster(
    view: np.ndarray, documents: list[str], *, number: int, seed: int
) -> tuple[np.ndarray, dict[int, Ranked]]:
    """Return the cluster of each row and each cluster's terms, the most telling first.

    In: n × dimensions vectors, and for each row the terms that speak for it, joined by spaces.
    The terms are ranked by BERTopic's class-based TF-IDF (Grootendorst 2022), which sets each
    cluster against the others. A single cluster's terms are ranked by their frequency.
    """
    if number == 1:
        counts = Counter(term for document in documents for term in set(document.split()))
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_TERMS]
        return np.zeros(len(view), dtype=int), {0: [(term, float(n)) for term, n in ranked]}
    model = BERTopic(
        embedding_model=BaseEmbedder(),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=KMeans(number, n_init=10, random_state=seed),
        vectorizer_model=CountVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False),
        ctfidf_model=ClassTfidfTransformer(bm25_weighting=True, reduce_frequent_words=True),
        top_n_words=_TERMS,
    )
    labels = np.array(model.fit(documents, embeddings=view).topics_)
    return labels, {label: model.get_topic(label) for label in sorted(set(labels))}


def stability(view: np.ndarray, labels: np.ndarray, *, samples: int, seed: int) -> dict[int, float]:
    """Return, for each cluster, how well it is found again in subsamples (0 to 1).

    Mean over subsamples of four fifths of the rows of the best Jaccard similarity between the
    cluster and those found in the subsample: C. Hennig, « Cluster-wise assessment of cluster
    stability », Computational Statistics & Data Analysis 52, 2007.
    """
    names = sorted(set(labels.tolist()))
    if len(names) < 2:
        return dict.fromkeys(names, 1.0)
    generator = np.random.default_rng(seed)
    found: dict[int, list[float]] = {label: [] for label in names}
    for _ in range(samples):
        rows = np.sort(generator.choice(len(view), size=int(0.8 * len(view)), replace=False))
        again = KMeans(len(names), n_init=3, random_state=seed).fit_predict(view[rows])
        for label, scores in found.items():
            inside = labels[rows] == label
            if inside.any():
                scores.append(max(_jaccard(inside, again == other) for other in set(again)))
    return {label: float(np.mean(scores)) for label, scores in found.items()}


def _jaccard(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


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
    view: np.ndarray,
    spoken_of: dict[str, Counter[str]],
    *,
    statements_per_theme: Annotated[int, Between(3)],
    most_themes: Annotated[int, Between(1, 50)],
    smallest_corpus: Annotated[int, Between(2)],
    least_likeness: Annotated[float, Between(0, 1)],
    stability_samples: Annotated[int, Between(1, 500)],
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the `themes` and the `statement_themes` of a corpus of any size.

    In: statements, their tokens, tags, vectors (row for row with `statements`) and the concepts
    each speaks of. What says
    something to the commission (not « autre », not a copy) is clustered within its round table;
    the rest joins the nearest theme. A statement without any content word, or whose cosine with
    its theme is below `least_likeness`, is left without theme: every statement has one row.
    """
    terms, written = theme_labels.noun_phrases(tokens)
    documents = np.array([" ".join(terms.get(i, ())) for i in statements["statement_id"]], object)
    kept = tags.set_index("statement_id")["tag"].reindex(statements["statement_id"]) != "autre"
    has_content = np.linalg.norm(view, axis=1) > 0
    worded = np.array([bool(document) for document in documents], dtype=bool)
    usable = kept.to_numpy() & has_content & worded & (statements["copy_of"] == "").to_numpy()
    found: list[dict[str, Any]] = []
    clustered = np.full(len(statements), -1)
    groups = group_rows(statements["round_table"].to_numpy(), usable)
    for name, rows in tqdm(groups.items(), desc="Thèmes", disable=None):
        number = 1
        if len(rows) >= smallest_corpus:
            different = len(np.unique(view[rows].round(6), axis=0))
            number = max(2, round(len(rows) / statements_per_theme))
            number = min(number, most_themes, different)
        labels, ranked = cluster(view[rows], list(documents[rows]), number=number, seed=seed)
        named = theme_labels.name_by_concept(
            [spoken_of.get(i, ()) for i in statements["statement_id"].iloc[rows]],
            labels,
            least_share=_LEAST_SHARE,
        )
        held = stability(view[rows], labels, samples=stability_samples, seed=seed)
        for label in sorted(ranked, key=lambda k: (-(labels == k).sum(), k)):
            inside = rows[labels == label]
            clustered[inside] = len(found)
            support = Counter(term for d in documents[inside] for term in set(d.split()))
            found.append(
                {
                    "round_table": name,
                    "stability": round(held[label], 4),
                    "names": [
                        *named[label],
                        theme_labels.choose_label(ranked[label], written, support),
                    ],
                    "keywords": theme_labels.keywords(ranked[label], written, most=_KEYWORDS),
                    "centre": view[inside].mean(axis=0),
                }
            )
    return _tables(statements, view, has_content, found, clustered, least_likeness)


def _tables(
    statements: pd.DataFrame,
    view: np.ndarray,
    has_content: np.ndarray,
    found: list[dict[str, Any]],
    clustered: np.ndarray,
    least_likeness: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    membership = pd.DataFrame(
        {"statement_id": statements["statement_id"], "theme_id": "", "score": 0.0}
    )
    columns = list(contract.TABLES["themes"].columns)
    if not found:
        return pd.DataFrame(columns=columns), membership
    tables = pd.Series([theme["round_table"] for theme in found])
    ids = (
        tables.str.lower().replace("", "theme")
        + "-"
        + (tables.groupby(tables).cumcount() + 1).map("{:02d}".format)
    )
    own = statements["round_table"].to_numpy()[:, None] == tables.to_numpy()[None, :]
    allowed = own | ~own.any(axis=1, keepdims=True)
    centres = normalize(np.array([theme["centre"] for theme in found]))
    chosen, score = assign(view, centres, allowed, clustered)
    fits = has_content & (score >= least_likeness)
    membership["theme_id"] = np.where(fits, ids.to_numpy()[chosen], "")
    membership["score"] = np.where(fits, score, 0.0).round(4)
    themes = pd.DataFrame(found).assign(theme_id=ids, status="new")
    themes["label"] = _distinct(themes["names"], themes["keywords"])
    themes["keywords"] = themes["keywords"].map("; ".join)
    themes["size"] = themes["theme_id"].map(membership["theme_id"].value_counts()).fillna(0)
    return themes[columns].astype({"size": int}), membership


def _distinct(names: pd.Series, keywords: pd.Series) -> list[str]:
    """Return a label for each theme: the first of its names that no other theme has taken.

    When all are taken, the first is told apart by a keyword.
    """
    taken: dict[str, None] = {}
    for candidates, words in zip(names, keywords, strict=True):
        wanted = [name for name in candidates if name] or ["Thème sans mot dominant"]
        told_apart = [f"{wanted[0]} ({word})" for word in words]
        numbered = [f"{wanted[0]} ({n})" for n in range(2, len(names) + 2)]
        every = [*wanted, *told_apart, *numbered]
        taken[next(name for name in every if name not in taken)] = None
    return list(taken)


def main() -> None:
    """Read statements, tokens and tags; write their vectors, the themes, and who belongs where."""
    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    statements, tokens = contract.read("statements"), contract.read("tokens")
    language = params("vectors", vectors.statement_vectors)
    view = vectors.statement_vectors(statements, tokens, **language)
    terms = concepts.thesaurus(language["concepts"])
    spoken_of = concepts.find(tokens.rename(columns={"statement_id": "row"}), terms)
    themes, membership = find_themes(
        statements, tokens, contract.read("tags"), view, spoken_of, **params("themes", find_themes)
    )
    rounded = view.astype("float32").tolist()
    contract.write("vectors", statements[["statement_id"]].assign(vector=rounded))
    contract.write("themes", themes)
    contract.write("statement_themes", membership)


if __name__ == "__main__":
    run(main)
