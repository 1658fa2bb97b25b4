"""Two linear models of different kinds over the same features, and their mean in log-odds.

The mean of a logistic regression and of a support vector machine is itself linear: one matrix of
coefficients holds both, predicts at once and gives exact reasons.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from pipeline.contract import TAGS
from pipeline.tagging import features
from pipeline.tagging.features import Counts, Encoder

VIEWS = (
    *("lemma", "shape", "char", "grammar", "vector"),
    *("previous", "next", "previous_vector", "next_vector"),
)
_SVM_VIEWS = ("lemma", "shape", "char", "grammar", "previous", "next")


@dataclass(frozen=True)
class Linear:
    """A linear model over stacked views: the encoder that makes them, and what they weigh.

    `coefficients` has one row a column of the views and one column a tag, in the order of TAGS.
    """

    encoder: Encoder
    coefficients: np.ndarray
    intercepts: np.ndarray
    model: str
    sif: float
    neighbour_weight: float
    sentence_weight: float


def fit(
    counts: Counts,
    targets: np.ndarray,
    rows: np.ndarray,
    *,
    model: str,
    sif: float,
    min_df: int,
    neighbour_weight: float,
    sentence_weight: float,
    c_logistic: float,
    c_svm: float,
    svm_sharpness: float,
    seed: int,
) -> tuple[Linear, np.ndarray]:
    """Return the linear model trained on some `rows`, and its log-odds for all rows of `counts`.

    `targets`: one row a statement, the weight of its readers for each tag; `sentence_weight` is the
    length of the sentence vectors of `counts`.
    """
    encoder = features.fit_encoder(counts, rows, min_df=min_df, sif=sif)
    blank = Linear(encoder, np.zeros(0), np.zeros(0), model, sif, neighbour_weight, sentence_weight)
    matrix = stack(blank, counts)
    strengths = (c_logistic, c_svm, svm_sharpness)
    linear = _fit_linear(blank, matrix[rows], targets[rows], strengths, seed)
    return linear, log_odds(linear, matrix)


def _fit_linear(
    blank: Linear,
    matrix: sparse.csr_matrix,
    targets: np.ndarray,
    strengths: tuple[float, float, float],
    seed: int,
) -> Linear:
    """Return `blank` with the mean log-odds of a logistic regression and a linear SVM.

    A statement with two tags counts as two rows that share its weight.
    """
    c_logistic, c_svm, svm_sharpness = strengths
    where, tag = np.nonzero(targets)
    weights = targets[where, tag]
    logistic = LogisticRegression(C=c_logistic, class_weight="balanced", max_iter=300, tol=1e-3)
    logistic.fit(matrix[where], tag, sample_weight=weights)
    seen = np.isin(_views_of_columns(blank), _SVM_VIEWS)
    svm = LinearSVC(C=c_svm, class_weight="balanced", random_state=seed)
    svm.fit(matrix[:, seen][where], tag, sample_weight=weights)
    coefficients = _by_tag(logistic.coef_.T, logistic.classes_, matrix.shape[1]) / 2
    coefficients[seen] += svm_sharpness / 2 * _by_tag(svm.coef_.T, svm.classes_, int(seen.sum()))
    intercepts = _by_tag(logistic.intercept_[None], logistic.classes_, 1)[0] / 2
    intercepts += svm_sharpness / 2 * _by_tag(svm.intercept_[None], svm.classes_, 1)[0]
    return replace(blank, coefficients=coefficients.astype(np.float32), intercepts=intercepts)


def _by_tag(columns: np.ndarray, classes: np.ndarray, height: int) -> np.ndarray:
    """Return the learned columns in the order of TAGS; a tag never seen keeps zero."""
    placed = np.zeros((height, len(TAGS)))
    placed[:, classes] = columns
    return placed


def stack(linear: Linear, counts: Counts) -> sparse.csr_matrix:
    """Return the views of `counts` side by side, as the model weighs them: one row a statement."""
    views = features.encode(counts, linear.encoder, sif=linear.sif)
    weighted = [
        views[view] * (linear.neighbour_weight if view.startswith(("previous", "next")) else 1)
        for view in VIEWS
    ]
    return sparse.hstack(weighted, format="csr")


def _views_of_columns(linear: Linear) -> np.ndarray:
    return np.array([view for view, _ in features.column_names(linear.encoder, VIEWS)])


def log_odds(linear: Linear, matrix: sparse.csr_matrix) -> np.ndarray:
    """Return log-probabilities of the tags for each row of the stacked views."""
    return log_softmax(matrix @ linear.coefficients + linear.intercepts, axis=1)
