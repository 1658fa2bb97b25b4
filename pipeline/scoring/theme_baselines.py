"""The methods our themes are compared with: BERTopic as it comes, NMF, LDA, Reinert's classes.

Each takes what it needs of the same statements and a number of themes, and returns the theme of
each statement (-1: none) and a view (one vector each) in which two statements can be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from bertopic import BERTopic
from bertopic.backend import BaseEmbedder
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import NMF, PCA, LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd
from spacy.lang.fr.stop_words import STOP_WORDS

from pipeline import french

_OPEN_CLASSES = ("NOUN", "PROPN", "VERB", "ADJ")
_BERTOPIC_COMPONENTS = 5  # of BERTopic's default reduction
_BERTOPIC_LEAST = 10  # statements of a topic, by BERTopic's default
_REINERT_LEAST = 3  # statements a lemma must be in, as Reinert's Alceste and IRaMuTeQ ask
_SPECIFIC = 3.84  # chi² with one degree of freedom, 5 %
_MOST_PASSES = 20

Found = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Corpus:
    """What the methods read of n statements: their texts, their lemmas and their mean vectors."""

    texts: Sequence[str]
    lemmas: Sequence[list[str]]
    means: np.ndarray

    def part(self, rows: np.ndarray) -> "Corpus":
        """Return the statements of some rows (their numbers)."""
        return Corpus(
            [self.texts[row] for row in rows], [self.lemmas[row] for row in rows], self.means[rows]
        )


def read_corpus(texts: Sequence[str], tokens: pd.DataFrame, *, model: str) -> Corpus:
    """Return what the methods need of `texts`, given their tokens (`row`: the text's number).

    The mean vector is spaCy's own, over every token; the lemmas are those of nouns, verbs and
    adjectives that are not in spaCy's list of French stop words.
    """
    vocab = french.load_spacy(model).vocab
    width = vocab.vectors_length or 1
    means = np.zeros((len(texts), width))
    lemmas: list[list[str]] = [[] for _ in texts]
    for row, words in tokens.groupby("row"):
        means[row] = np.mean([vocab[word].vector for word in words["text"]], axis=0)
        open_words = words[words["pos"].isin(_OPEN_CLASSES)]
        lemmas[row] = [
            lemma
            for lemma in open_words["lemma"]
            if len(lemma) > 2 and lemma.isalpha() and lemma not in STOP_WORDS
        ]
    return Corpus(list(texts), lemmas, means)


def bertopic(corpus: Corpus, number: int, *, seed: int) -> Found:
    """BERTopic (Grootendorst 2022) with its default parts; it chooses how many themes itself.

    UMAP, which this project does not install, gives way to a principal component analysis.
    """
    del number, seed
    return _bertopic(corpus, HDBSCAN(min_cluster_size=_BERTOPIC_LEAST, copy=True))


def bertopic_kmeans(corpus: Corpus, number: int, *, seed: int) -> Found:
    """BERTopic with k-means, as its manual advises those who want no statement left out."""
    return _bertopic(corpus, KMeans(number, n_init=3, random_state=seed))


def _bertopic(corpus: Corpus, clustering: HDBSCAN | KMeans) -> Found:
    size = min(_BERTOPIC_COMPONENTS, len(corpus.texts), corpus.means.shape[1])
    model = BERTopic(
        embedding_model=BaseEmbedder(),
        umap_model=PCA(size, svd_solver="covariance_eigh"),
        hdbscan_model=clustering,
    )
    labels = model.fit(list(corpus.texts), embeddings=corpus.means).topics_
    return np.array(labels), normalize(corpus.means)


def nmf(corpus: Corpus, number: int, *, seed: int) -> Found:
    """Non-negative matrix factorisation (Lee and Seung 1999) of TF-IDF; the heaviest topic wins."""
    weights = TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=2)
    matrix = weights.fit_transform(corpus.lemmas)
    model = NMF(min(number, *matrix.shape), init="nndsvda", random_state=seed, max_iter=300)
    topics = model.fit_transform(matrix)
    return np.where(topics.any(axis=1), topics.argmax(axis=1), -1), normalize(topics)


def lda(corpus: Corpus, number: int, *, seed: int) -> Found:
    """Latent Dirichlet allocation (Blei, Ng and Jordan 2003) of lemmas; the likeliest topic wins.

    A statement without any counted lemma has no topic.
    """
    counts = CountVectorizer(analyzer=list, min_df=2).fit_transform(corpus.lemmas)
    model = LatentDirichletAllocation(number, max_iter=30, random_state=seed)
    topics = model.fit_transform(counts)
    worded = np.asarray(counts.sum(axis=1)).ravel() > 0
    return np.where(worded, topics.argmax(axis=1), -1), normalize(topics) * worded[:, None]


def reinert(corpus: Corpus, number: int, *, seed: int) -> Found:
    """Descending hierarchical classification of statements by their lemmas.

    M. Reinert, « Une méthode de classification descendante hiérarchique : application à l'analyse
    lexicale par contexte », Les cahiers de l'analyse des données 8 (2), 1983. The largest class is
    cut in two, where the chi² of the two halves is the largest along the first factor of a
    correspondence analysis; statements then change sides as long as it grows; each half keeps
    the lemmas that are not specific to the other. Statements without a kept lemma have no class.
    """
    counts = CountVectorizer(analyzer=set, min_df=min(_REINERT_LEAST, len(corpus.lemmas)))
    table = counts.fit_transform(corpus.lemmas).toarray().astype(float)
    labels = np.where(table.any(axis=1), 0, -1)
    kept = {0: np.arange(table.shape[1])}
    final: set[int] = set()
    while len(kept) < number and len(final) < len(kept):
        largest = min(kept.keys() - final, key=lambda name: (-(labels == name).sum(), name))
        rows = np.flatnonzero(labels == largest)
        right = cut(table[np.ix_(rows, kept[largest])], seed=seed)
        if right is None:
            final.add(largest)
            continue
        new = len(kept)
        labels[rows[right]] = new
        kept[largest], kept[new] = _share_lemmas(table, rows, right, kept[largest])
    return labels, normalize(table)


def cut(table: np.ndarray, *, seed: int) -> np.ndarray | None:
    """Return which rows of a table (0 or 1) make the second half, or None: there are not two.

    A row or column without any count takes no part in the choice of the cut.
    """
    lemmas = table[:, table.any(axis=0)]
    full = np.flatnonzero(lemmas.any(axis=1))
    lemmas = lemmas[full]
    if len(np.unique(lemmas, axis=0)) < 2:
        return None
    order = np.argsort(_first_factor(lemmas, seed=seed), kind="stable")
    totals = lemmas.sum(axis=0)
    before = np.cumsum(lemmas[order], axis=0)[:-1]
    place = int(np.argmax(_chi2(before, totals)))
    right = np.zeros(len(full), dtype=bool)
    right[order[place + 1 :]] = True
    _swap(lemmas, right, totals)
    sides = np.zeros(len(table), dtype=bool)
    sides[full[right]] = True
    return sides


def _first_factor(table: np.ndarray, *, seed: int) -> np.ndarray:
    """Return the rows' coordinates on the first factor of a correspondence analysis."""
    share = table / table.sum()
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    expected = np.outer(rows, columns)
    left, _, _ = randomized_svd((share - expected) / np.sqrt(expected), 1, random_state=seed)
    return left[:, 0] / np.sqrt(rows)


def _chi2(half: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Return the chi² of the two-row tables made of `half` and of the rest of `totals`."""
    rest = totals - half
    size, other = half.sum(axis=-1), rest.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = half / size[..., None] - rest / other[..., None]
        chi2 = size * other * (gap**2 / totals).sum(axis=-1)
    return np.nan_to_num(chi2)


def _swap(table: np.ndarray, right: np.ndarray, totals: np.ndarray) -> None:
    """Move rows, one by one, to the side where the chi² is larger, until none moves."""
    half = table[right].sum(axis=0)
    best = _chi2(half, totals)
    for _ in range(_MOST_PASSES):
        moved = False
        for row, counts in enumerate(table):
            changed = half - counts if right[row] else half + counts
            chi2 = _chi2(changed, totals)
            if chi2 > best * (1 + 1e-9):
                right[row] = not right[row]
                half, best, moved = changed, chi2, True
        if not moved:
            return


def _share_lemmas(
    table: np.ndarray, rows: np.ndarray, right: np.ndarray, kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lemmas each half keeps: all but those significantly more frequent in the other."""
    left_counts = table[np.ix_(rows[~right], kept)].sum(axis=0)
    right_counts = table[np.ix_(rows[right], kept)].sum(axis=0)
    here, there = (~right).sum(), right.sum()
    seen = left_counts + right_counts
    absent = here + there - seen
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = left_counts * (there - right_counts) - right_counts * (here - left_counts)
        chi2 = np.nan_to_num((here + there) * gap**2 / (here * there * seen * absent))
    more_left = gap > 0
    return kept[~((chi2 > _SPECIFIC) & ~more_left)], kept[~((chi2 > _SPECIFIC) & more_left)]
