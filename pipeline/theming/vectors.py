"""Statement vectors: what a statement is about, as numbers that can be compared.

Views are joined: the concepts a statement names and those its words are close to, meanings
(vectors of the content words, the rare ones weighing more), the words themselves (latent
semantics) and, for those who have a model, a sentence encoder. Headings and neighbouring
statements are context.
"""

import importlib
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from pipeline import french
from pipeline.contract import UserError
from pipeline.parameters import Between
from pipeline.theming import concepts as thesauri
from pipeline.theming.content_words import term_lists

_ENOUGH_WORDS = 5  # content words, and one more, from which a text says clearly what it is about
_ALLUSIVE = 0.6  # how clear a text without any concept is, beside one that names some
_SMOOTHING = 1e-3  # « a » of Arora et al. 2017; their results hardly change between 1e-4 and 1e-3


def meaning_view(terms: list[list[str]], *, model: str) -> np.ndarray:
    """Return the rarity-weighted mean of the unit word vectors of each text, common part removed.

    Smooth inverse frequency: Arora, Liang & Ma, « A simple but tough-to-beat baseline for
    sentence embeddings », ICLR 2017. Rows are unit length, or zero for a text without known word.
    """
    counts = Counter(term for text in terms for term in text)
    total = max(sum(counts.values()), 1)
    known = french.word_vectors(sorted(counts), model=model)
    rarity = {t: _SMOOTHING / (_SMOOTHING + n / total) for t, n in counts.items()}
    width = french.load_spacy(model).vocab.vectors_length or 1
    view = np.zeros((len(terms), width))
    for row, text in enumerate(terms):
        weighted = [known[t] * rarity[t] for t in text if t in known]
        if weighted:
            view[row] = np.mean(weighted, axis=0)
    if len(terms) > 2 and view.any():
        common = TruncatedSVD(1, random_state=0).fit(view).components_
        view = view - view @ common.T @ common
    return normalize(view)


def latent_view(terms: list[list[str]], *, dimensions: int, seed: int) -> np.ndarray:
    """Return the latent semantic analysis of the texts (Deerwester et al. 1990), unit rows."""
    minimum = 2 if len(terms) >= 30 else 1
    vectorizer = TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=minimum)
    if not any(count >= minimum for count in Counter(t for x in terms for t in set(x)).values()):
        return np.zeros((len(terms), 1))
    matrix = vectorizer.fit_transform(terms)
    size = min(dimensions, *(n - 1 for n in matrix.shape))
    if size < 1:
        return normalize(matrix.toarray())
    return normalize(TruncatedSVD(size, random_state=seed).fit_transform(matrix))


def add_neighbours(view: np.ndarray, statements: pd.DataFrame, *, weight: float) -> np.ndarray:
    """Return each vector with its neighbours' in the same document mixed in, unit rows.

    In: rows as long as what they say is clear (`clarity`), in reading order. The statement just
    before and after count for `weight`, the next ones for less than half; across a heading they
    count for half. An allusion takes its subject from around, a clear statement gives its own.
    """
    mixed = view.copy()
    documents = statements["doc_id"].to_numpy()
    sections = statements["section"].to_numpy()
    for distance, share in ((1, weight), (2, 0.4 * weight)):
        here = np.arange(len(view) - distance)
        there = here + distance
        same = (documents[here] == documents[there]).astype(float)
        factor = share * same * np.where(sections[here] == sections[there], 1.0, 0.5)
        mixed[here] += factor[:, None] * view[there]
        mixed[there] += factor[:, None] * view[here]
    return normalize(mixed)


def clarity(terms: list[list[str]], spoken_of: list[Counter[str]]) -> np.ndarray:
    """Return how clearly each text says what it is about (0 to 1): « Cela ne suffit pas », little.

    A text of few content words says little, and less when it names no concept.
    """
    words = np.array([min(1.0, (len(text) + 1) / _ENOUGH_WORDS) for text in terms])
    return words * np.array([1.0 if named else _ALLUSIVE for named in spoken_of])


def trust_headings(own: np.ndarray, titles: np.ndarray, headings: np.ndarray) -> np.ndarray:
    """Return how far each row's heading speaks for it: its cosine with the mean row under it.

    In: unit rows of the statements, of their headings (zero for a heading on no subject), and the
    heading of each row. « Ce que disent les parents » over everything a meeting said counts
    little; « Travail d'intérêt général » over what it announces counts much.
    """
    groups = np.unique(headings, return_inverse=True)[1]
    means = np.zeros((groups.max() + 1, own.shape[1]))
    np.add.at(means, groups, own)
    return np.clip((normalize(means)[groups] * titles).sum(axis=1), 0, 1)


def encoder_view(texts: list[str], *, embedding: str) -> np.ndarray:
    """Return unit sentence vectors by a model on this machine, `sentence-transformers:<folder>`.

    Raises UserError when the name is another, the folder is not there, or the library is not
    installed. Nothing is downloaded: a folder is asked for, not a name.
    """
    kind, _, folder = embedding.partition(":")
    if kind != "sentence-transformers" or not Path(folder).is_dir():
        raise UserError(
            f"params.yaml, vectors.embedding vaut « {embedding} » : écrivez "
            "« sentence-transformers:<dossier> », où <dossier> contient le modèle et existe sur "
            "cette machine, ou « » (rien) pour s'en passer."
        )
    try:
        library = importlib.import_module("sentence_transformers")
    except ImportError:
        raise UserError(
            "La bibliothèque sentence-transformers n'est pas installée : lancez "
            "« .venv/bin/pip install sentence-transformers », ou videz vectors.embedding dans "
            "params.yaml."
        ) from None
    model = library.SentenceTransformer(folder, device="cpu", local_files_only=True)
    return normalize(np.asarray(model.encode(texts, show_progress_bar=False), dtype=float))


def statement_vectors(
    statements: pd.DataFrame,
    tokens: pd.DataFrame,
    *,
    model: str,
    meaning_weight: Annotated[float, Between(0, 10)],
    latent_dimensions: Annotated[int, Between(2, 1000)],
    concepts: str,
    concept_weight: Annotated[float, Between(0, 10)],
    related_weight: Annotated[float, Between(0, 10)],
    embedding: str,
    embedding_weight: Annotated[float, Between(0, 10)],
    heading_weight: Annotated[float, Between(0, 1)],
    neighbour_weight: Annotated[float, Between(0, 1)],
    seed: int,
) -> np.ndarray:
    """Return one unit vector per statement, in the order of `statements` (n × dimensions).

    In: `statements` and their `tokens`. The heading above counts when it names a concept: « Premier
    tour de parole » would make a theme of what it happens to stand over. A statement without any
    content word takes its neighbours' vector, or zero. With `neighbour_weight` 0 a statement and
    its heading speak for themselves alone.
    """
    if statements.empty:
        return np.zeros((0, 1))
    ordered = statements.sort_values(["doc_id", "position"])
    headings = sorted(set(ordered["heading"]))
    place = {heading: row for row, heading in enumerate(headings)}
    above = ordered["heading"].map(place).to_numpy()
    titles = french.parse(headings, model=model)
    tokens = tokens.rename(columns={"statement_id": "row"})
    known = thesauri.thesaurus(concepts)
    named, in_titles = thesauri.find(tokens, known), thesauri.find(titles, known)
    terms = term_lists(ordered["statement_id"], tokens)
    terms += term_lists(pd.Series(range(len(headings))), titles)
    spoken_of = [named.get(i, Counter()) for i in ordered["statement_id"]]
    spoken_of += [in_titles.get(row, Counter()) for row in range(len(headings))]
    views = [
        concept_weight * thesauri.concept_view(spoken_of, concepts),
        related_weight * thesauri.related_view(terms, concepts, model=model),
        meaning_weight * meaning_view(terms, model=model),
        latent_view(terms, dimensions=latent_dimensions, seed=seed),
    ]
    if embedding:
        texts = [*ordered["text"], *headings]
        views.append(embedding_weight * encoder_view(texts, embedding=embedding))
    joined = normalize(np.hstack(views))
    named_above = np.array([bool(spoken_of[len(ordered) + row]) for row in above])
    own, title = joined[: len(ordered)], joined[len(ordered) :][above] * named_above[:, None]
    trust = heading_weight * trust_headings(own, title, above)
    clear = clarity(terms[: len(ordered)], spoken_of[: len(ordered)])
    vectors = clear[:, None] * normalize(own + trust[:, None] * title)
    vectors = add_neighbours(vectors, ordered, weight=neighbour_weight)
    return pd.DataFrame(vectors, index=ordered.index).loc[statements.index].to_numpy()


def own_vectors(statements: pd.DataFrame, tokens: pd.DataFrame, **language: Any) -> np.ndarray:
    """Return one unit vector per statement read alone, without its heading and neighbours.

    In: as `statement_vectors`, with the same parameters.
    """
    alone = language | {"neighbour_weight": 0.0, "heading_weight": 0.0}
    return statement_vectors(statements, tokens, **alone)
