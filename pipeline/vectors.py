"""Statement vectors: what a statement is about, as numbers that can be compared.

Two views are joined: meanings (vectors of the content words, the rare ones weighing more) and
the words themselves (latent semantics). Headings and neighbouring statements are context.
"""

from collections import Counter
from typing import Annotated

import numpy as np
import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from pipeline import concepts as thesauri
from pipeline import french
from pipeline.contract import Between

CONTENT_POS = frozenset({"NOUN", "ADJ", "VERB"})
_SMOOTHING = 1e-3  # « a » of Arora et al. 2017; their results hardly change between 1e-4 and 1e-3


def content_terms(tokens: pd.DataFrame) -> pd.Series:
    """Return, for each token, its content term or "" : a lemma, or an acronym as written.

    Names (they would make a theme of each city) and the lemmas of `lexicons/stop_words.csv`, which
    say nothing of a subject, are left out; acronyms (CLSPD) stay.
    """
    stop = {row["lemma"] for row in french.lexicon("stop_words")}
    text, lemma = tokens["text"], tokens["lemma"]
    acronym = text.str.fullmatch(r"[A-ZÉÈ]{2,7}") & ~tokens["pos"].isin(["DET", "ADP", "PRON"])
    content = tokens["pos"].isin(CONTENT_POS) & lemma.str.fullmatch(r"[^\W\d_][\w'’-]{2,}")
    keep = content & ~lemma.isin(stop) & ~text.str.lower().isin(stop)
    return lemma.where(keep, "").mask(acronym, text)


def term_lists(ids: pd.Series, tokens: pd.DataFrame) -> list[list[str]]:
    """Return the content terms of each text of `ids` (column `row` of tokens holds the id)."""
    terms = content_terms(tokens)
    found = terms[terms != ""].groupby(tokens["row"]).agg(list).to_dict()
    return [found.get(i, []) for i in ids]


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

    The statement just before and after count for `weight`, the next ones for less than half;
    across a heading they count for half.
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


def statement_vectors(
    statements: pd.DataFrame,
    tokens: pd.DataFrame,
    *,
    model: str,
    meaning_weight: Annotated[float, Between(0, 10)],
    latent_dimensions: Annotated[int, Between(2, 1000)],
    concepts: str,
    concept_weight: Annotated[float, Between(0, 10)],
    neighbour_weight: Annotated[float, Between(0, 1)],
    seed: int,
) -> np.ndarray:
    """Return one unit vector per statement, in the order of `statements` (n × dimensions).

    In: `statements` and their `tokens`; the words of the heading above are read with each
    statement. A statement without any content word takes its neighbours' vector, or zero.
    """
    if statements.empty:
        return np.zeros((0, 1))
    ordered = statements.sort_values(["doc_id", "position"])
    own = term_lists(ordered["statement_id"], tokens.rename(columns={"statement_id": "row"}))
    headings = sorted(set(ordered["heading"]))
    parsed = french.parse(headings, model=model)
    rows = pd.Series(range(len(headings)))
    heading_terms = dict(zip(headings, term_lists(rows, parsed), strict=True))
    terms = [t + heading_terms[h] for t, h in zip(own, ordered["heading"], strict=True)]
    terms_of_concepts = thesauri.thesaurus(concepts)
    named = thesauri.find(tokens.rename(columns={"statement_id": "row"}), terms_of_concepts)
    in_headings = thesauri.find(parsed, terms_of_concepts)
    spoken_of = [
        named.get(i, Counter()) + in_headings.get(headings.index(h), Counter())
        for i, h in zip(ordered["statement_id"], ordered["heading"], strict=True)
    ]
    views = [
        concept_weight * thesauri.concept_view(spoken_of, concepts),
        meaning_weight * meaning_view(terms, model=model),
        latent_view(terms, dimensions=latent_dimensions, seed=seed),
    ]
    vectors = add_neighbours(normalize(np.hstack(views)), ordered, weight=neighbour_weight)
    return pd.DataFrame(vectors, index=ordered.index).loc[statements.index].to_numpy()
