"""Lessons: the two models trained on parts of the same texts, several parts at once.

Cross-validation and learning curves train twenty times on what is read once. Each process reads
it once too; a lesson gives the same result alone or beside others.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from pipeline.tagging import sequence_network
from pipeline.tagging.features import Counts
from pipeline.tagging.linear_model import Linear
from pipeline.tagging.sequence_network import Network, Words

FitLinear = Callable[[Counts, np.ndarray, np.ndarray], tuple[Linear, np.ndarray]]
FitNetwork = Callable[..., Network]


@dataclass(frozen=True)
class Texts:
    """What is learnt from: the statements as each model sees them, the weight of their tags.

    `fit_linear` and `fit_network` are the `fit` of the two models, settings given; without words
    the network learns nothing.
    """

    counts: Counts
    targets: np.ndarray
    fit_linear: FitLinear
    words: Words | None = None
    fit_network: FitNetwork | None = None


@dataclass(frozen=True)
class Lesson:
    """The rows to learn from, how many networks are averaged, whether the models are wanted."""

    rows: np.ndarray
    members: int = 0
    keep: bool = False


@dataclass(frozen=True)
class Learnt:
    """The log-odds of all rows by each model, and the models themselves if they were wanted."""

    by_linear: np.ndarray
    by_network: np.ndarray
    linear: Linear | None
    network: Network | None


def learn(texts: Texts, lessons: Sequence[Lesson], *, workers: int) -> Iterator[Learnt]:
    """Return what each lesson teaches, in order; `workers` processes share them."""
    if workers <= 1 or len(lessons) <= 1:
        yield from (_learn(texts, lesson) for lesson in lessons)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(workers, len(lessons)), mp_context=context, initializer=_hold, initargs=(texts,)
    ) as pool:
        yield from pool.map(_learn_held, lessons)


_held: list[Texts] = []  # in a process of `learn`: read once, not once a lesson


def _hold(texts: Texts) -> None:
    _held[:] = [texts]


def _learn_held(lesson: Lesson) -> Learnt:
    return _learn(_held[0], lesson)


# Several threads would only fight over small matrices, and sum in an order that varies.
@threadpool_limits.wrap(limits=1)
def _learn(texts: Texts, lesson: Lesson) -> Learnt:
    linear, by_linear = texts.fit_linear(texts.counts, texts.targets, lesson.rows)
    network, by_network = None, np.zeros_like(by_linear)
    if texts.fit_network and texts.words and lesson.members:
        network = texts.fit_network(texts.words, texts.targets, lesson.rows, members=lesson.members)
        by_network = sequence_network.predict(network, texts.words)
    models = (linear, network) if lesson.keep else (None, None)
    return Learnt(by_linear, by_network, *models)
