"""Statement vectors: what a statement is about, as numbers that can be compared.

Views are joined: the concepts a statement names and those its words are close to, meanings
(vectors of the content words, the rare ones weighing more), the words themselves (latent
semantics) and, if its weight is not 0, a sentence encoder. Headings and neighbouring
statements are context.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from pipeline import french
from pipeline.parameters import Between
from pipeline.theming import concepts as thesauri
from pipeline.theming.content_words import term_lists
from pipeline.theming.sentence_view import sentence_view

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
    before and after count for `weight`, the next ones for less than half, in the same section:
    a heading changes the subject. An allusion takes its subject from around, a clear statement
    gives its own.
    """
    mixed = view.copy()
    documents = statements["doc_id"].to_numpy()
    sections = statements["section"].to_numpy()
    for distance, share in ((1, weight), (2, 0.4 * weight)):
        here = np.arange(len(view) - distance)
        there = here + distance
        same = (documents[here] == documents[there]) & (sections[here] == sections[there])
        factor = share * same
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


@dataclass(frozen=True)
class Views:
    """Three vectors a statement (n × dimensions each), row for row with the statements.

    `alone`: what it says itself, unit or zero. `headed`: with its heading, as long as what it
    says is clear (0 to 1). `context`: with its neighbours too, unit or zero.
    """

    alone: np.ndarray
    headed: np.ndarray
    context: np.ndarray

    def rows(self, rows: np.ndarray) -> "Views":
        """Return the views of some statements, by their numbers."""
        return Views(self.alone[rows], self.headed[rows], self.context[rows])


def statement_views(
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
) -> Views:
    """Return the vectors of each statement, in the order of `statements`.

    In: `statements` and their `tokens`. The heading above counts when it names a concept: « Premier
    tour de parole » would make a theme of what it happens to stand over. A statement without any
    content word takes its neighbours' vector, or zero.
    """
    if statements.empty:
        return Views(*(np.zeros((0, 1)) for _ in range(3)))
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
        views.append(embedding_weight * sentence_view(texts, embedding=embedding))
    joined = normalize(np.hstack(views))
    named_above = np.array([bool(spoken_of[len(ordered) + row]) for row in above])
    own, title = joined[: len(ordered)], joined[len(ordered) :][above] * named_above[:, None]
    trust = heading_weight * trust_headings(own, title, above)
    clear = clarity(terms[: len(ordered)], spoken_of[: len(ordered)])
    headed = clear[:, None] * normalize(own + trust[:, None] * title)
    context = add_neighbours(headed, ordered, weight=neighbour_weight)
    back = pd.Series(range(len(ordered)), index=ordered.index).loc[statements.index].to_numpy()
    return Views(own, headed, context).rows(back)
