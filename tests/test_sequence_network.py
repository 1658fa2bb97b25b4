"""The network: gradients that are right, sequences that do not leak, same seed same weights."""

import dataclasses

import numpy as np
import pytest
from thinc.types import Ragged

from pipeline.tagging import network_layers, sequence_network
from pipeline.tagging.sequence_network import Words

SETTINGS = {
    "members": 1,
    "size": 8,
    "epochs": 12,
    "min_df": 1,
    "dropout": 0.1,
    "learning_rate": 0.01,
    "seed": 3,
}


def _layer(width: int) -> tuple:
    layer = network_layers.both_ways(4, width)
    np.random.seed(1)  # noqa: NPY002 - what thinc draws from
    layer.initialize()
    return layer


def test_the_gradient_of_the_recurrent_layer_is_its_slope():
    """Moving an input by a hair moves the output as the gradient says, for every input."""
    random = np.random.default_rng(0)
    layer, lengths = _layer(3), np.array([4, 2, 3], "i")
    inputs = random.normal(size=(9, 3)).astype(np.float32)
    wanted = random.normal(size=(9, 8)).astype(np.float32)

    def value(rows: np.ndarray) -> float:
        return float((layer(Ragged(rows, lengths), is_train=True)[0].data * wanted).sum())

    back = layer(Ragged(inputs, lengths), is_train=True)[1]
    gradient = back(Ragged(wanted, lengths)).data
    hair = 0.01
    for place in np.ndindex(inputs.shape):
        moved = inputs.copy()
        moved[place] += hair
        above = value(moved)
        moved[place] -= 2 * hair
        assert (above - value(moved)) / (2 * hair) == pytest.approx(gradient[place], abs=2e-3)


def test_sequences_do_not_leak_into_each_other():
    """A sequence gives the same states alone or among others of other lengths."""
    random = np.random.default_rng(0)
    layer = _layer(3)
    first, second = (random.normal(size=(n, 3)).astype(np.float32) for n in (5, 2))
    alone = layer.predict(Ragged(first, np.array([5], "i"))).data
    both = layer.predict(Ragged(np.vstack([second, first]), np.array([2, 5], "i"))).data
    np.testing.assert_allclose(both[2:], alone, atol=1e-6)


def _words(passages: int = 24) -> tuple[Words, np.ndarray]:
    """Passages of two statements of two words; the tag of each is told by its neighbour's name."""
    n = 2 * passages
    told = np.arange(n) % 5
    other = np.arange(n).reshape(-1, 2)[:, ::-1].ravel()
    marks = [[name] for row in other for name in (f"signe {told[row]}", "rien")]
    rows = [np.array([2 * i, 2 * i + 1]) for i in range(passages)]
    vectors = np.zeros((1, 3), np.float32)
    starts = np.arange(0, 2 * n + 1, 2)
    states, extra = np.zeros((2 * n, 0), np.float16), np.zeros((n, 0), np.float32)
    words = Words(starts, vectors, np.zeros(2 * n, int), marks, rows, states, extra)
    return words, np.eye(5)[told]


def test_it_learns_from_the_statement_beside():
    """When only the neighbour tells the tag, the network finds it."""
    words, targets = _words()
    settings = SETTINGS | {"epochs": 60, "dropout": 0.0}
    network = sequence_network.fit(words, targets, np.arange(len(targets)), **settings)
    right = sequence_network.predict(network, words).argmax(axis=1) == targets.argmax(axis=1)
    assert right.mean() > 0.8


def test_it_learns_from_what_a_word_means_where_it_stands():
    """When only the states of words in their sentence tell the tag, the network finds it."""
    words, targets = _words()
    told = np.repeat(targets, 2, axis=0).astype(np.float16)
    words = dataclasses.replace(words, marks=[["rien"]] * len(told), states=told)
    settings = SETTINGS | {"epochs": 60, "dropout": 0.0}
    network = sequence_network.fit(words, targets, np.arange(len(targets)), **settings)
    right = sequence_network.predict(network, words).argmax(axis=1) == targets.argmax(axis=1)
    assert right.mean() > 0.8


def test_same_seed_same_weights_and_the_process_keeps_its_own_draws():
    """Two trainings give the same bytes, and numpy's generator is left where it was."""
    words, targets = _words(6)
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = sequence_network.fit(words, targets, np.arange(len(targets)), **SETTINGS)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    second = sequence_network.fit(words, targets, np.arange(len(targets)), **SETTINGS)
    for one, two in zip(first.members, second.members, strict=True):
        assert all(one[key].tobytes() == two[key].tobytes() for key in one)


def test_members_are_averaged():
    """Two members answer the mean of what each answers alone."""
    words, targets = _words(6)
    settings = SETTINGS | {"members": 2, "epochs": 1}
    pair = sequence_network.fit(words, targets, np.arange(len(targets)), **settings)
    alone = [
        sequence_network.predict(
            sequence_network.Network(pair.names, pair.width, pair.extra, pair.size, [member]), words
        )
        for member in pair.members
    ]
    np.testing.assert_allclose(
        sequence_network.predict(pair, words), np.mean(alone, axis=0), atol=1e-9
    )


def test_long_documents_are_cut_evenly():
    """Every statement is in one passage, in order, none longer than those of training."""
    parts = sequence_network.cut_passages([np.arange(40), np.array([40])])
    assert np.concatenate(parts).tolist() == list(range(41))
    assert max(map(len, parts)) <= 14
    assert min(map(len, parts[:-1])) >= 13
