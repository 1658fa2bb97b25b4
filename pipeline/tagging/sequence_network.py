"""A small network that reads the statements of a passage in their order, word by word.

Each word (its vector, its state in the sentence encoder, and the names grammar and meanings give
it) passes through a bidirectional recurrent layer; attention gathers the words of a statement; a
second recurrent layer reads the statements of the passage and gives each one the scores of its five
tags, decided together.
Yang et al., 2016, « Hierarchical Attention Networks for Document Classification », in thinc, which
comes with spaCy; the recurrent layer is ours because thinc's is ten times slower on a processor.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import log_softmax, softmax
from thinc.api import (
    Adam,
    Dropout,
    LayerNorm,
    Linear,
    Maxout,
    Model,
    NumpyOps,
    ParametricAttention,
    chain,
    concatenate,
    get_current_ops,
    reduce_max,
    reduce_sum,
    set_current_ops,
    with_array,
    zero_init,
)
from thinc.types import Ragged

from pipeline import french
from pipeline.tagging import grammar
from pipeline.tagging.grammar import Token
from pipeline.tagging.network_layers import beside, both_ways, embed

_PASSAGE = 14  # statements read together at most: that of the longest training passages
_BATCH = 6  # passages
_WARM_UP = 50  # steps
_HEADS = 2  # of attention


@dataclass(frozen=True)
class Words:
    """The words of statements: for each, the row of its vector and the columns of its names.

    `starts` has one more entry than statements; `marks` holds one list of names a word, `states`
    one row a word (what it means where it stands), `extra` one row a statement (a sentence
    vector), both of width 0 when there is no sentence encoder.
    """

    starts: np.ndarray
    vectors: np.ndarray
    vector_of: np.ndarray
    marks: list[list[str]]
    passages: list[np.ndarray]
    states: np.ndarray
    extra: np.ndarray

    @property
    def width(self) -> int:
        """Numbers that are read of a word: those of its vector, those of its state."""
        return self.vectors.shape[1] + self.states.shape[1]


@dataclass(frozen=True)
class Network:
    """A trained network: the names it knows, its sizes, and the weights of each of its members.

    Members differ by their random start only; their log-probabilities are averaged.
    """

    names: list[str]
    width: int
    extra: int
    size: int
    members: list[dict[str, np.ndarray]]


def read_words(
    parsed: Sequence[Sequence[Token]],
    meanings: Sequence[Sequence[tuple[str, ...]]],
    passages: list[np.ndarray],
    *,
    model: str,
    states: np.ndarray,
    extra: np.ndarray,
) -> Words:
    """Return what the network reads of statements: tokens, their meanings, rows of each passage.

    `states` has one row a token, `extra` one a statement.
    """
    marks = [m for t, s in zip(parsed, meanings, strict=True) for m in grammar.word_marks(t, s)]
    forms = [t.text.lower() for tokens in parsed for t in tokens]
    known, rows = np.unique(np.array(forms, dtype=object), return_inverse=True)
    vectors = french.word_vectors(known, model=model)
    width = french.load_spacy(model).vocab.vectors_length
    table = np.array([vectors.get(word, np.zeros(width)) for word in known], dtype=np.float32)
    starts = np.concatenate([[0], np.cumsum([len(tokens) for tokens in parsed])])
    return Words(starts, table, rows, marks, passages, states, extra.astype(np.float32))


def cut_passages(documents: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the rows of each document cut into passages of equal length, `_PASSAGE` at most."""
    return [
        part for rows in documents for part in np.array_split(rows, -(-len(rows) // _PASSAGE) or 1)
    ]


def _columns(marks: list[list[str]], names: Sequence[str]) -> sparse.csr_matrix:
    """Return one row a word, one column a name, 1 where the word bears it."""
    number = {name: i for i, name in enumerate(names)}
    found = [[number[name] for name in own if name in number] for own in marks]
    indices = np.array([column for own in found for column in own], dtype=np.int32)
    pointers = np.concatenate([[0], np.cumsum([len(own) for own in found])]).astype(np.int32)
    ones = np.ones(len(indices), dtype=np.float32)
    return sparse.csr_matrix((ones, indices, pointers), shape=(len(marks), len(names)))


def fit(
    words: Words,
    targets: np.ndarray,
    rows: np.ndarray,
    *,
    members: int,
    size: int,
    epochs: int,
    min_df: int,
    dropout: float,
    learning_rate: float,
    seed: int,
) -> Network:
    """Return the network trained on the passages that lie wholly within `rows`.

    `targets`: one row a statement, the weight of its readers for each tag; every tag weighs the
    same in all. `size` is the width of the layers; names borne by fewer than `min_df` words are
    ignored. Same arguments, same weights.
    """
    kept = np.zeros(len(targets), dtype=bool)
    kept[rows] = True
    inside = np.repeat(kept, np.diff(words.starts))
    borne = Counter(n for own, yes in zip(words.marks, inside, strict=True) if yes for n in own)
    names = sorted(name for name, n in borne.items() if n >= min_df)
    columns = _columns(words.marks, names)
    passages = [p for p in words.passages if kept[p].all()]
    sizes = (words.width, words.extra.shape[1], size)
    trained = []
    for member in range(members):
        with _own_randomness(seed + member):
            parts = _build(len(names), *sizes, dropout=dropout)
            _learn(parts, words, columns, targets, passages, epochs, learning_rate)
        trained.append(_weights(parts))
    return Network(names, *sizes, trained)


def predict(network: Network, words: Words) -> np.ndarray:
    """Return the log-probabilities of the tags, one row a statement: the mean of the members."""
    columns = _columns(words.marks, network.names)
    total = np.zeros((len(words.starts) - 1, _TAGS))
    for weights in network.members:
        sizes = (network.width, network.extra, network.size)
        parts = _build(len(network.names), *sizes, dropout=0.0)
        _set_weights(parts, weights)
        for start in range(0, len(words.passages), 4 * _BATCH):
            batch = words.passages[start : start + 4 * _BATCH]
            scores, _ = _forward(parts, words, columns, batch, learning=False)
            total[np.concatenate(batch)] += log_softmax(scores.astype(float), axis=1)
    return total / max(len(network.members), 1)


@contextmanager
def _own_randomness(seed: int) -> Iterator[None]:
    """Let thinc draw from `seed`, then give the process its random state back."""
    state = np.random.get_state()
    np.random.seed(seed % 2**32)
    try:
        yield
    finally:
        np.random.set_state(state)


_TAGS = 5
_Parts = list[Model]


def _build(names: int, width: int, extra: int, size: int, *, dropout: float) -> _Parts:
    """Return the layers: names of words, vectors of words, words, pooling, statements."""
    before = get_current_ops()
    # Numpy's own products are twice as fast as those of blis on these small matrices.
    set_current_ops(NumpyOps(use_blis=False))
    try:
        middle, both = size * 3 // 2, 2 * size
        words = chain(
            with_array(chain(LayerNorm(middle), Dropout(dropout))),
            both_ways(size, middle),
            with_array(Dropout(dropout)),
        )
        heads = [chain(ParametricAttention(both), reduce_sum()) for _ in range(_HEADS)]
        pool = concatenate(*heads, reduce_max())
        pooled = (_HEADS + 1) * both + extra
        gather = Maxout(both, pooled, nP=2, normalize=True, dropout=dropout)
        score = Linear(_TAGS, 2 * both, init_W=zero_init)
        passage = chain(with_array(gather), beside(both_ways(size, both)), with_array(score))
        parts = [
            embed(middle, names, spread=0.17),
            embed(middle, width, spread=(12 / width) ** 0.5),
            words,
            pool,
            passage,
        ]
        for part, inputs in zip(parts, (0, 0, middle, both, pooled), strict=True):
            part.initialize(Ragged(np.zeros((2, inputs), np.float32), np.array([1, 1], "i")))
        return parts
    finally:
        set_current_ops(before)


def _nodes(parts: _Parts) -> Iterator[tuple[str, Model, str]]:
    for i, part in enumerate(parts):
        for j, node in enumerate(part.walk()):
            for name in node.param_names:
                yield f"{i}-{j}-{name}", node, name


def _weights(parts: _Parts) -> dict[str, np.ndarray]:
    return {key: node.get_param(name) for key, node, name in _nodes(parts)}


def _set_weights(parts: _Parts, weights: dict[str, np.ndarray]) -> None:
    for key, node, name in _nodes(parts):
        node.set_param(name, weights[key])


def _forward(
    parts: _Parts,
    words: Words,
    columns: sparse.csr_matrix,
    batch: list[np.ndarray],
    *,
    learning: bool,
    kept: float = 1.0,
) -> tuple[np.ndarray, Callable[[np.ndarray], None]]:
    """Return the scores of the statements of some passages, and how their gradient goes back.

    A share `kept` of the words keeps its vector, of the names its weight: the rest is blanked.
    """
    name, project, read, pool, decide = parts
    rows = np.concatenate(batch)
    own = np.concatenate([np.arange(words.starts[r], words.starts[r + 1]) for r in rows])
    names = columns[own]
    vectors = np.hstack([words.vectors[words.vector_of[own]], words.states[own]])
    if kept < 1:
        vectors = vectors * (np.random.random((len(own), 1)) < kept).astype(np.float32)
        names.data = names.data * (np.random.random(len(names.data)) < kept)
        names.data = names.data.astype(np.float32)
    lengths = np.diff(words.starts)[rows].astype("i")
    statements = np.array([len(p) for p in batch], "i")
    named, back_names = name(names, learning)
    meant, back_vectors = project(vectors, learning)
    hidden, back_read = read(Ragged(named + meant, lengths), learning)
    pooled, back_pool = pool(hidden, learning)
    whole = np.ascontiguousarray(np.hstack([pooled, words.extra[rows]]))
    scores, back_decide = decide(Ragged(whole, statements), learning)

    def back(gradient: np.ndarray) -> None:
        upper = back_decide(Ragged(gradient.astype(np.float32), statements)).data
        own_part = np.ascontiguousarray(upper[:, : pooled.shape[1]])
        lower = back_read(back_pool(own_part)).data
        back_names(lower)
        back_vectors(lower)

    return scores.data, back


_KEPT = 0.9
_CUT = 0.3


def _learn(
    parts: _Parts,
    words: Words,
    columns: sparse.csr_matrix,
    targets: np.ndarray,
    passages: list[np.ndarray],
    epochs: int,
    learning_rate: float,
) -> None:
    """Train the layers in place; the step grows over the first steps, then shrinks to nothing.

    A third of the passages is cut in two, elsewhere each time, so that short ones are known too.
    """
    rows = np.concatenate(passages)
    scale = 1 / np.maximum(targets[rows].mean(axis=0) * _TAGS, 1e-3)
    optimiser = Adam(learning_rate, L2=1e-4, L2_is_weight_decay=True, grad_clip=1.0)
    steps = epochs * -(-len(passages) // _BATCH)
    step = 0
    for _ in range(epochs):
        order = np.random.permutation(len(passages))
        for start in range(0, len(order), _BATCH):
            batch = [part for i in order[start : start + _BATCH] for part in _cut(passages[i])]
            step += 1
            pace = min(step / _WARM_UP, 1) * max(1 - step / steps, 0.02)
            optimiser.learn_rate = learning_rate * pace
            scores, back = _forward(parts, words, columns, batch, learning=True, kept=_KEPT)
            truth = targets[np.concatenate(batch)]
            strength = truth.sum(axis=1, keepdims=True)
            gap = softmax(scores.astype(float), axis=1) * strength - truth
            back(gap * (truth @ scale)[:, None] / strength / len(truth))
            for part in parts:
                part.finish_update(optimiser)


def _cut(passage: np.ndarray) -> list[np.ndarray]:
    if len(passage) < 2 or np.random.random() >= _CUT:
        return [passage]
    return np.split(passage, [np.random.randint(1, len(passage))])
