"""The layers of the sequence network that thinc lacks, or has too slow: recurrent, sparse, beside.

Each function returns a thinc Model; weights are drawn from numpy's global generator, as thinc does.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import expit
from thinc.api import Model
from thinc.types import Ragged

_Step = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def recurrent(outputs: int, inputs: int, *, backwards: bool = False) -> Model:
    """Return a layer from sequences of `inputs` numbers to sequences of `outputs`, as Ragged.

    Gated recurrent unit (Cho et al., 2014, « Learning Phrase Representations using RNN
    Encoder-Decoder »), the reset gate applied after the product as in most libraries. `backwards`
    reads each sequence from its end.
    """

    def init(model: Model, X: object = None, Y: object = None) -> None:
        high = (3 / (inputs + outputs)) ** 0.5
        draw = np.random
        square = [np.linalg.qr(draw.normal(size=(outputs, outputs)))[0] for _ in range(3)]
        model.set_param("Wx", draw.uniform(-high, high, (inputs, 3 * outputs)).astype(np.float32))
        model.set_param("Wh", np.hstack(square).astype(np.float32))
        model.set_param("b", np.zeros(3 * outputs, np.float32))

    def forward(model: Model, sequences: Ragged, is_train: bool):
        return _forward(model, sequences, outputs, backwards=backwards)

    return Model("recurrent", forward, init=init, params={"Wx": None, "Wh": None, "b": None})


def _places(lengths: np.ndarray, *, backwards: bool) -> list[np.ndarray]:
    """Return, for each step, the rows read: one a sequence still going on, longest ones first."""
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    order = np.argsort(-lengths, kind="stable")
    starts, lengths = starts[order], lengths[order]
    going = [int((lengths > step).sum()) for step in range(int(lengths[0]))]
    if backwards:
        return [starts[:n] + lengths[:n] - 1 - step for step, n in enumerate(going)]
    return [starts[:n] + step for step, n in enumerate(going)]


def _forward(
    model: Model, sequences: Ragged, size: int, *, backwards: bool
) -> tuple[Ragged, Callable[[Ragged], Ragged]]:
    """Return the states after each step, and how their gradient goes back."""
    from_input, from_state = model.get_param("Wx"), model.get_param("Wh")
    gates, candidate = (
        np.ascontiguousarray(w) for w in (from_state[:, : 2 * size], from_state[:, 2 * size :])
    )
    given = sequences.data @ from_input + model.get_param("b")
    states = np.zeros((len(given), size), np.float32)
    places = _places(np.asarray(sequences.lengths), backwards=backwards)
    state = np.zeros((len(places[0]), size), np.float32)
    steps: list[_Step] = []
    for rows in places:
        before = state[: len(rows)]
        both = expit(given[rows, : 2 * size] + before @ gates)
        keep, reset = both[:, :size], both[:, size:]
        recalled = before @ candidate
        new = np.tanh(given[rows, 2 * size :] + reset * recalled)
        steps.append((rows, before, keep, reset, recalled, new))
        state = keep * before + (1 - keep) * new
        states[rows] = state

    def back(gradient: Ragged) -> Ragged:
        gaps, weights = _back(steps, gradient.data, gates, candidate)
        model.inc_grad("Wh", weights)
        model.inc_grad("Wx", sequences.data.T @ gaps)
        model.inc_grad("b", gaps.sum(axis=0))
        return Ragged(gaps @ from_input.T, sequences.lengths)

    return Ragged(states, sequences.lengths), back


def _back(
    steps: list[_Step], gradient: np.ndarray, gates: np.ndarray, candidate: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of what the input gives each gate, and of the weights on the state."""
    size = len(candidate)
    gaps = np.empty((len(gradient), 3 * size), np.float32)
    of_gates, of_candidate = np.zeros_like(gates), np.zeros_like(candidate)
    later = np.zeros((0, size), np.float32)
    for rows, before, keep, reset, recalled, new in reversed(steps):
        own = gradient[rows]
        own[: len(later)] += later
        of_new = own * (1 - keep) * (1 - new * new)
        of_recalled = of_new * reset
        of_both = np.hstack(
            [own * (before - new) * keep * (1 - keep), of_new * recalled * reset * (1 - reset)]
        )
        gaps[rows, : 2 * size] = of_both
        gaps[rows, 2 * size :] = of_new
        of_gates += before.T @ of_both
        of_candidate += before.T @ of_recalled
        later = own * keep + of_both @ gates.T + of_recalled @ candidate.T
    return gaps, np.hstack([of_gates, of_candidate])


def embed(outputs: int, inputs: int, *, spread: float) -> Model:
    """Return a layer without bias over sparse or dense rows, whose inputs need no gradient.

    Weights are drawn between -`spread` and `spread`.
    """

    def init(model: Model, X: object = None, Y: object = None) -> None:
        model.set_param(
            "W", np.random.uniform(-spread, spread, (inputs, outputs)).astype(np.float32)
        )

    def forward(model: Model, rows: np.ndarray, is_train: bool):
        weights = model.get_param("W")

        def back(gradient: np.ndarray) -> None:
            model.inc_grad("W", np.ascontiguousarray(rows.T @ gradient))

        return np.ascontiguousarray(rows @ weights), back

    return Model("embed", forward, init=init, params={"W": None})


def beside(layer: Model) -> Model:
    """Return a layer that gives its input beside the output of `layer`."""

    def init(model: Model, X: object = None, Y: object = None) -> None:
        layer.initialize(X)

    def forward(model: Model, inputs: Ragged, is_train: bool):
        width = inputs.data.shape[1]
        outputs, back_layer = layer(inputs, is_train)

        def back(gradient: Ragged) -> Ragged:
            through = back_layer(Ragged(gradient.data[:, width:], gradient.lengths)).data
            return Ragged(gradient.data[:, :width] + through, gradient.lengths)

        return Ragged(np.hstack([inputs.data, outputs.data]), inputs.lengths), back

    return Model("beside", forward, init=init, layers=[layer])


def both_ways(outputs: int, inputs: int) -> Model:
    """Return two recurrent layers, one reading forwards and one backwards, side by side."""
    ahead, behind = recurrent(outputs, inputs), recurrent(outputs, inputs, backwards=True)

    def init(model: Model, X: object = None, Y: object = None) -> None:
        ahead.initialize()
        behind.initialize()

    def forward(model: Model, sequences: Ragged, is_train: bool):
        first, back_first = ahead(sequences, is_train)
        last, back_last = behind(sequences, is_train)

        def back(gradient: Ragged) -> Ragged:
            one = back_first(Ragged(gradient.data[:, :outputs], gradient.lengths)).data
            two = back_last(Ragged(gradient.data[:, outputs:], gradient.lengths)).data
            return Ragged(one + two, gradient.lengths)

        return Ragged(np.hstack([first.data, last.data]), sequences.lengths), back

    return Model("both_ways", forward, init=init, layers=[ahead, behind])
