"""What the tagger sees of a statement: words, letters, grammar, cues, vectors and neighbours.

`describe` turns statements and their parsed tokens into named features, without learning anything;
`fit_encoder` and `encode` turn these names into numbers, with vocabularies, rarities and word
frequencies learned from the training statements only.
"""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.preprocessing import normalize
from tqdm import tqdm

from pipeline import french
from pipeline.encoder import sentences
from pipeline.tagging import grammar, semantics
from pipeline.tagging.grammar import Token

WORD_VIEWS = ("lemma", "shape", "char", "grammar", "previous", "next")
_LONGEST = 80  # words of a statement that the network reads
_NO_WORD = Token(0, "", "", "X", "", "ROOT", 0)


@dataclass(frozen=True)
class Description:
    """Statements as named features: for each sparse view, one list of names a statement.

    The view « word » holds the lower-case words that carry vectors; `previous` and `next` the rows
    of the neighbours in the same document (-1: none); `cues` the expressions found, with their tag;
    `tokens` and `meanings` what the network reads (one token at least), `documents` the rows of
    each, in order, and `texts` what a sentence encoder reads.
    """

    views: dict[str, list[list[str]]]
    previous: np.ndarray
    next: np.ndarray
    cues: list[list[tuple[str, str, str]]]
    tokens: list[list[Token]]
    meanings: list[list[tuple[str, ...]]]
    documents: list[np.ndarray]
    texts: list[str]


def parse(statements: pd.DataFrame, *, model: str) -> pd.DataFrame:
    """Return the tokens of `statements` (statement_id, text), keyed by statement_id."""
    texts = tqdm(statements["text"], desc="Analyse des phrases", unit="énoncé", disable=None)
    tokens = french.parse(texts, model=model)
    ids = statements["statement_id"].to_numpy()[tokens["row"].to_numpy(dtype=int)]
    return tokens.drop(columns="row").assign(statement_id=ids)


def describe(statements: pd.DataFrame, tokens: pd.DataFrame) -> Description:
    """Return the features of `statements` (statement_id, doc_id, position, text), in their order.

    `tokens` are theirs (statement_id, token, text, lemma, pos, morph, dep, head), in any order.
    """
    parsed = tokens_by_statement(statements["statement_id"], tokens)
    texts = [unnumbered(text) for text in statements["text"]]
    found = [find_cues(text) for text in texts]
    senses = [semantics.meanings(own) for own in parsed]
    marks = [
        grammar.marks(text, own, meanings)
        for text, own, meanings in zip(texts, parsed, senses, strict=True)
    ]
    for own, cues in zip(marks, found, strict=True):
        own += [f"indice {name}" for cue, tag, _ in cues for name in (tag, cue)]
    lemmas = [[t.lemma for t in own if t.pos != "PUNCT"] for own in parsed]
    previous, following = neighbours(statements)
    views = {
        "lemma": [ngrams(own, 1, 3) for own in lemmas],
        "shape": [ngrams(grammar.shape(own), 2, 4) for own in parsed],
        "char": [_characters(text) for text in texts],
        "grammar": marks,
        "previous": _borrow(marks, lemmas, previous),
        "next": _borrow(marks, lemmas, following),
        "word": [[t.text.lower() for t in own if t.pos != "PUNCT"] for own in parsed],
    }
    words = [own[:_LONGEST] or [_NO_WORD] for own in parsed]
    senses = [own[:_LONGEST] or [()] for own in senses]
    read = (words, senses, documents(statements), texts)
    return Description(views, previous, following, found, *read)


def tokens_by_statement(ids: pd.Series, tokens: pd.DataFrame) -> list[list[Token]]:
    """Return the tokens of each statement of `ids`, in their order, pseudonyms unnumbered."""
    ordered = tokens.sort_values(["statement_id", "token"], kind="stable")
    plain = {column: ordered[column].map(unnumbered) for column in ("text", "lemma")}
    rows = ordered.assign(**plain)[["statement_id", *Token._fields]]
    named = groupby(rows.itertuples(index=False, name=None), key=lambda row: row[0])
    groups = {name: [Token(*row[1:]) for row in own] for name, own in named}
    return [groups.get(name, []) for name in ids]


_PSEUDONYM = re.compile(r"\b([a-zà-ÿ]{3,})_\d+", re.IGNORECASE)


def unnumbered(text: str) -> str:
    """Return `text` with pseudonyms without their number, which says nothing of a statement."""
    return _PSEUDONYM.sub(r"\1", text) if "_" in text else text


def neighbours(statements: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the previous and next statements of the same document (-1: none)."""
    order = statements.reset_index(drop=True).sort_values(["doc_id", "position"], kind="stable")
    rows = order.index.to_numpy()
    same = order["doc_id"].to_numpy()[1:] == order["doc_id"].to_numpy()[:-1]
    previous = np.full(len(rows), -1)
    following = np.full(len(rows), -1)
    previous[rows[1:][same]] = rows[:-1][same]
    following[rows[:-1][same]] = rows[1:][same]
    return previous, following


def documents(statements: pd.DataFrame) -> list[np.ndarray]:
    """Return the rows of each document, in the order of their positions."""
    order = statements.reset_index(drop=True).sort_values(["doc_id", "position"], kind="stable")
    starts = np.flatnonzero(order["doc_id"].to_numpy()[1:] != order["doc_id"].to_numpy()[:-1]) + 1
    return np.split(order.index.to_numpy(), starts)


def _borrow(
    marks: list[list[str]], lemmas: list[list[str]], neighbour: np.ndarray
) -> list[list[str]]:
    return [[*marks[row], *lemmas[row]] if row >= 0 else ["bord"] for row in neighbour]


def ngrams(words: Sequence[str], low: int, high: int) -> list[str]:
    """Return the sequences of `low` to `high` words, edges marked with « ^ » and « $ »."""
    edged = ["^", *words, "$"]
    return [
        " ".join(edged[i : i + n])
        for n in range(low, high + 1)
        for i in range(len(edged) - n + 1)
        if n > 1 or 0 < i < len(edged) - 1
    ]


def _characters(text: str) -> list[str]:
    padded = f" {text.lower()} "
    return [padded[i : i + n] for n in range(2, 6) for i in range(len(padded) - n + 1)]


@functools.cache
def _cue_patterns() -> tuple[tuple[str, str, float, re.Pattern[str]], ...]:
    rows = french.lexicon("cues")
    return tuple((r["cue"], r["tag"], float(r["weight"]), _pattern(r["cue"])) for r in rows)


def _pattern(expression: str) -> re.Pattern[str]:
    """Return an expression as a pattern on folded text: whole words, « * » ends any word."""
    words = [re.escape(word).replace(r"\*", r"\w*") for word in french.fold(expression).split()]
    return re.compile(r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)")


def find_cues(text: str) -> list[tuple[str, str, str]]:
    """Return the cues of `lexicons/cues.csv` in `text`: (cue, tag, as written), heaviest first."""
    folded = french.fold(text)
    hits = [(c, pattern.search(folded)) for *c, pattern in _cue_patterns()]
    found = [(w, cue, tag, match.span()) for (cue, tag, w), match in hits if match]
    same = len(folded) == len(text)
    return [
        (cue, tag, text[slice(*span)].lower() if same else cue.replace("*", "…"))
        for _, cue, tag, span in sorted(found, key=lambda f: (-f[0], f[3], f[1]))
    ]


@functools.cache
def _heading_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = french.lexicon("tag_headings")
    return tuple(
        (
            re.compile(
                _pattern(r["heading"]).pattern + (r"\W*$" if r["place"] == "entier" else "")
            ),
            r["tag"],
        )
        for r in rows
    )


_NUMBERING = re.compile(
    r"^[\W\d_]*(?:[ivx]+\s*[.)–-]\s*)?"
    r"(?:l'|(?:les|nos|des|la|le|quelques|principaux|principales|autres)\s+)*"
)
_LEVELS = re.compile(r"\s*(?:[:–—|>]|\s-\s)\s*")
_COORDINATES = re.compile(r"\s*(?:[/,;&+]|\bet\b|\bou\b)\s*")
_HEADING_PARTS = 3


@functools.lru_cache(maxsize=4096)
def heading_tags(heading: str) -> tuple[str, ...]:
    """Return the tags a heading announces: « 2. Freins rencontrés » → frein; most announce none.

    The heading, or what follows « : » or a dash in it, must begin with (or be, as the lexicon says)
    an expression of `lexicons/tag_headings.csv`, numbering and articles apart; then what it joins
    to it with « et » or « / » may announce others. « Bilan et perspectives » announces nothing:
    most of what stands under it is the « bilan ».
    """
    found = []
    for level in _LEVELS.split(french.fold(heading)):
        parts = [_NUMBERING.sub("", part) for part in _COORDINATES.split(level)]
        announced = [_announced(part) for part in parts if part][:_HEADING_PARTS]
        if announced and announced[0]:
            found += [tag for tags in announced for tag in tags]
    return tuple(dict.fromkeys(found))


def _announced(start: str) -> list[str]:
    return [tag for pattern, tag in _heading_patterns() if pattern.match(start)]


@dataclass(frozen=True)
class Counts:
    """How often each name occurs in each statement: sorted names and a matrix for each view.

    `word_vectors` has one row for each name of the view « word » (zeros when it has no vector),
    `sentences` one for each statement and `states` one for each word the network reads, both of
    width 0 without a sentence encoder.
    """

    names: dict[str, np.ndarray]
    matrices: dict[str, sparse.csr_matrix]
    word_vectors: np.ndarray
    sentences: np.ndarray
    states: np.ndarray
    previous: np.ndarray
    next: np.ndarray


def count(
    description: Description,
    *,
    model: str,
    sentence_weight: float,
    min_df: int = 1,
    names: dict[str, np.ndarray] | None = None,
) -> Counts:
    """Return the counts of the given `names`, or of all that `min_df` statements have.

    The words that carry vectors are always those of the statements at hand. Sentence vectors are
    `sentence_weight` long.
    """
    vectorisers = {
        view: CountVectorizer(
            analyzer=list,
            lowercase=False,
            min_df=min_df if names is None and view != "word" else 1,
            vocabulary=names[view] if names is not None and view != "word" else None,
        )
        for view in description.views
    }
    # A vocabulary cannot be empty: a statement without words holds the empty word, of no vector.
    rows = {**description.views, "word": [own or [""] for own in description.views["word"]]}
    matrices = {view: v.fit_transform(rows[view]) for view, v in vectorisers.items()}
    found = {view: v.get_feature_names_out().astype(object) for view, v in vectorisers.items()}
    known = french.word_vectors(found["word"], model=model)
    width = french.load_spacy(model).vocab.vectors_length
    vectors = np.array([known.get(word, np.zeros(width)) for word in found["word"]])
    words = [[token.text for token in own] for own in description.tokens]
    encoded, states = sentences.read(description.texts, words, encoder=french.encoder_of(model))
    return Counts(
        found,
        matrices,
        vectors,
        encoded * np.float32(sentence_weight),
        states,
        description.previous,
        description.next,
    )


@dataclass(frozen=True)
class Encoder:
    """What is learned of the features: names and rarities of each view, word frequencies, the axis
    that all statements share, the width of sentence vectors (0 without a sentence encoder).
    """

    names: dict[str, np.ndarray]
    rarities: dict[str, np.ndarray]
    frequencies: dict[str, float]
    common: np.ndarray
    sentence_width: int


def fit_encoder(counts: Counts, rows: np.ndarray, *, min_df: int, sif: float) -> Encoder:
    """Learn names, rarities, word frequencies and the common axis from some rows of `counts`."""
    names, rarities = {}, {}
    for view in WORD_VIEWS:
        own = counts.matrices[view][rows]
        kept = np.bincount(own.indices, minlength=own.shape[1]) >= min_df
        names[view] = counts.names[view][kept]
        rarities[view] = TfidfTransformer().fit(own[:, kept]).idf_
    totals = np.asarray(counts.matrices["word"][rows].sum(axis=0)).ravel()
    frequencies = {
        word: float(n / totals.sum())
        for word, n in zip(counts.names["word"], totals, strict=True)
        if n >= min_df
    }
    raw = _weighted_means(counts, frequencies, sif)[rows]
    common = np.linalg.svd(raw, full_matrices=False)[2][0]
    return Encoder(names, rarities, frequencies, common, counts.sentences.shape[1])


def _weighted_means(counts: Counts, frequencies: dict[str, float], sif: float) -> np.ndarray:
    """Return rarity-weighted mean word vectors, one row a statement.

    Smooth inverse frequency: weight `sif` / (`sif` + frequency), frequencies from training
    (Arora, Liang and Ma, 2017, « A simple but tough-to-beat baseline for sentence embeddings »).
    """
    frequency = np.array([frequencies.get(word, 0.0) for word in counts.names["word"]])
    has_vector = counts.word_vectors.any(axis=1)
    weights = np.where(has_vector, sif / (sif + frequency), 0)
    words = counts.matrices["word"]
    known = np.maximum(words @ has_vector.astype(float), 1)
    return (words @ (counts.word_vectors * weights[:, None])) / known[:, None]


def encode(counts: Counts, encoder: Encoder, *, sif: float) -> dict[str, sparse.csr_matrix]:
    """Return one matrix a view (rows: statements), with the vectors of self, previous and next.

    Words and grammar: 1 + log count, times rarity, rows of length 1. Vectors: rarity-weighted
    means without their common axis, rows of length 1, zeros where there is no neighbour; then the
    sentence vectors, if any.
    """
    views = {view: _rarity_weighted(counts, encoder, view) for view in WORD_VIEWS}
    raw = _weighted_means(counts, encoder.frequencies, sif)
    own = normalize(raw - np.outer(raw @ encoder.common, encoder.common))
    own = np.hstack([own, counts.sentences])
    edged = np.vstack([own, np.zeros((1, own.shape[1]))])
    views["vector"] = sparse.csr_matrix(own)
    views["previous_vector"] = sparse.csr_matrix(edged[counts.previous])
    views["next_vector"] = sparse.csr_matrix(edged[counts.next])
    return views


def _rarity_weighted(counts: Counts, encoder: Encoder, view: str) -> sparse.csr_matrix:
    columns = np.searchsorted(counts.names[view], encoder.names[view])
    damped = counts.matrices[view][:, columns].astype(float)
    damped.data = 1 + np.log(damped.data)
    return normalize(damped @ sparse.diags(encoder.rarities[view]), copy=False)


def column_names(encoder: Encoder, views: Iterable[str]) -> list[tuple[str, str]]:
    """Return (view, name) of every column of the stacked `views`; vector axes have no name."""
    nameless = [""] * (len(encoder.common) + encoder.sentence_width)
    return [(view, name) for view in views for name in encoder.names.get(view, nameless)]
