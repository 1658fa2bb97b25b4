"""Clusters that many draws agree on, how many of them, and how firm each is.

One clustering of short texts is a matter of luck. Many, of different subsamples and numbers of
clusters, vote: two statements are as close as the share of draws that put them together.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

_SHARE = 0.8  # of the rows, in each draw
_DIMENSIONS = 60  # of what k-means sees; more is noise on a few hundred short texts
_SAME = 0.01  # two numbers of clusters whose agreement differs less are as good: the smaller wins


class Consensus:
    """A clustering scikit-learn or BERTopic can call: evidence accumulation over draws.

    Fred & Jain, « Combining multiple clusterings using evidence accumulation », IEEE PAMI 27,
    2005; Monti et al., « Consensus clustering », Machine Learning 52, 2003. Each draw is a k-means
    of four fifths of the rows with a number of clusters between `fewest` and `most`; rows are then
    joined by average linkage on how often they met, and the number of clusters is the one that
    agrees best with the draws (mean adjusted Rand index, Hubert & Arabie 1985).

    `known` gives the earlier cluster of a row, or -1: it votes with weight `memory` between 0 and
    1; where every row is known, and they are neither too few clusters nor too many, nobody moves.
    `read_again`, where given, is told the labels and returns those to keep.
    After `fit`: `labels_` (one per row, from 0) and `firmness_` (per cluster, from 0 to 1: the
    mean share of draws where two of its rows met).
    """

    def __init__(
        self,
        *,
        fewest: int,
        most: int,
        draws: int,
        seed: int,
        known: np.ndarray | None = None,
        memory: float = 0.0,
        read_again: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        self.fewest, self.most, self.draws, self.seed = fewest, most, draws, seed
        self.known, self.memory, self.read_again = known, memory, read_again

    def fit(self, view: np.ndarray, y: object = None) -> "Consensus":  # noqa: ARG002
        """Cluster the rows of `view` (n × dimensions)."""
        samples = self._draw(compress(view))
        together = meetings(len(view), samples)
        numbers = self._numbers(len(view))
        if self._remembers() and len(numbers) == 1 and (self.known >= 0).all():
            self.labels_ = np.unique(self.known, return_inverse=True)[1]
        else:
            self.labels_ = _best_cut(self._remember(together), samples, numbers)
        if self.read_again is not None:
            self.labels_ = self.read_again(self.labels_)
        self.firmness_ = {
            cluster: firmness(together, self.labels_ == cluster)
            for cluster in sorted(set(self.labels_.tolist()))
        }
        return self

    def predict(self, view: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Return the labels of the rows `fit` was given (BERTopic asks for this method)."""
        return self.labels_

    def _numbers(self, rows: int) -> range:
        """Return the numbers of clusters to choose from; the earlier number, where there is one."""
        most = max(1, min(self.most, rows))
        fewest = min(self.fewest, most)
        if self._remembers():
            before = len(set(self.known[self.known >= 0].tolist()))
            if fewest <= before <= most:
                return range(before, before + 1)
        return range(fewest, most + 1)

    def _draw(self, view: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        generator = np.random.default_rng(self.seed)
        found = []
        for _ in range(self.draws):
            size = max(2, round(_SHARE * len(view)))
            rows = np.sort(generator.choice(len(view), size=min(size, len(view)), replace=False))
            number = int(generator.integers(self.fewest, self.most + 1))
            different = len(np.unique(view[rows].round(6), axis=0))
            means = KMeans(
                min(number, different), n_init=2, random_state=int(generator.integers(2**31))
            )
            found.append((rows, means.fit_predict(view[rows])))
        return found

    def _remembers(self) -> bool:
        return self.known is not None and self.memory > 0

    def _remember(self, together: np.ndarray) -> np.ndarray:
        if not self._remembers():
            return together
        both = (self.known >= 0)[:, None] & (self.known >= 0)[None, :]
        before = self.known[:, None] == self.known[None, :]
        mixed = (1 - self.memory) * together + self.memory * before
        return np.where(both, mixed, together)


def compress(view: np.ndarray) -> np.ndarray:
    """Return the rows in fewer dimensions, distances kept but for the least of them."""
    if len(view) < 3:
        return view
    centred = view - view.mean(axis=0)
    spread, axes = np.linalg.eigh(centred.T @ centred)
    order = np.argsort(-spread)[:_DIMENSIONS]
    return centred @ axes[:, order]


def meetings(rows: int, samples: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return, for two rows, the share of the draws holding both that put them together (n × n)."""
    drawn = np.zeros((rows, len(samples)), dtype=np.float32)
    offsets = np.cumsum([0, *(int(labels.max()) + 1 for _, labels in samples)])
    put = np.zeros((rows, int(offsets[-1])), dtype=np.float32)
    for sample, (inside, labels) in enumerate(samples):
        drawn[inside, sample] = 1
        put[inside, offsets[sample] + labels] = 1
    both = drawn @ drawn.T
    return np.divide(put @ put.T, both, out=np.zeros_like(both), where=both > 0)


def firmness(together: np.ndarray, inside: np.ndarray) -> float:
    """Return the mean share of draws where two different rows of a cluster met (0 to 1)."""
    size = int(inside.sum())
    if size < 2:
        return 0.0
    block = together[np.ix_(inside, inside)]
    return float((block.sum() - np.trace(block)) / (size * (size - 1)))


def _best_cut(
    closeness: np.ndarray, samples: list[tuple[np.ndarray, np.ndarray]], numbers: range
) -> np.ndarray:
    chosen, agreement = np.zeros(len(closeness), dtype=int), -math.inf
    if len(closeness) < 2 or numbers[-1] < 2:
        return chosen
    distance = 1 - closeness.astype(float)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), method="average")
    for number in numbers:
        labels = fcluster(tree, number, criterion="maxclust") - 1
        score = float(np.mean([adjusted_rand_score(labels[r], found) for r, found in samples]))
        if score > agreement + _SAME:
            chosen, agreement = labels, score
    return chosen
