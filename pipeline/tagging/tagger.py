"""The tagger: what it learns, how it predicts, why it chose a tag, and how it is kept on disk.

A linear model of all that `features.py` sees and a network that reads the statements in their order
(`sequence_network.py`) add up their log-odds. The sum is lent between neighbours, calibrated, and
moved by the heading when it announces a tag.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from pipeline import contract
from pipeline.contract import TAGS, UserError
from pipeline.tagging import features, lessons, linear_model, reasons, sequence_network
from pipeline.tagging.features import Counts, Description, Encoder
from pipeline.tagging.lessons import FitLinear, FitNetwork, Lesson, Texts
from pipeline.tagging.linear_model import Linear
from pipeline.tagging.sequence_network import Network, Words

FOLDER = contract.INTERIM / "tagger"
_ACCEPTED_AT_LEAST = 50
_NEVER_SURE = 1.01
_LOT = 1000  # statements read together
_LOTS_AT_ONCE = 2


@dataclass(frozen=True)
class Tagger:
    """A trained tagger: its two models and what each weighs in the sum of their log-odds, how
    neighbours lend to each other, its calibration.
    """

    linear: Linear
    network: Network
    blend: tuple[float, float]
    prior: np.ndarray
    context_weight: float
    context_reach: float
    temperature: float
    review_below: float


# One thread: several would sum in an order that varies.
@threadpool_limits.wrap(limits=1)
def fit(
    statements: pd.DataFrame,
    description: Description,
    counts: Counts,
    labels: pd.DataFrame,
    *,
    fit_linear: FitLinear,
    fit_network: FitNetwork,
    model: str,
    network_members: int,
    context_weight: float,
    context_reach: float,
    folds: int,
    seed: int,
    precision_target: float,
    workers: int,
) -> tuple[Tagger, pd.DataFrame]:
    """Return the tagger trained on all statements, and what it predicts for those left out.

    `statements`: statement_id, doc_id, position, heading, text; `description` and `counts`: what
    is seen of them; `labels`: statement_id, tag, weight, several rows for a statement whose readers
    disagree; a statement counts for the sum of its weights. `fit_linear` and `fit_network` are the
    `fit` of the two models, settings given. Documents are left out whole, in `folds` parts; the
    blend of the two models, the temperature, and the confidence below which a tag is to be
    reviewed, come from these held-out predictions (statement_id, p_<tag>). The network has one
    member there, `network_members` in the end. `workers` processes learn at once.
    """
    statements = statements.reset_index(drop=True)
    targets = soft_targets(statements["statement_id"], labels)
    strength = labels.groupby("statement_id")["weight"].sum()
    weighted = targets * strength.loc[statements["statement_id"]].to_numpy()[:, None]
    words = _words(description, counts, model)
    texts = Texts(counts, weighted, fit_linear, words, fit_network)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    parts = list(splitter.split(statements, targets.argmax(axis=1), statements["doc_id"]))
    whole = Lesson(np.arange(len(statements)), network_members, keep=True)
    learning = lessons.learn(
        texts, [whole, *(Lesson(known, 1) for known, _ in parts)], workers=workers
    )
    progress = iter(tqdm(learning, "Apprentissage", folds + 1, unit="part", disable=None))
    final = next(progress)  # first, as the longest
    by_linear, by_network = np.zeros(targets.shape), np.zeros(targets.shape)
    for (_, left_out), learnt in zip(parts, progress, strict=True):
        by_linear[left_out] = learnt.by_linear[left_out]
        by_network[left_out] = learnt.by_network[left_out]
    blend = _best_blend(by_linear, by_network, targets)
    blended = blend[0] * by_linear + blend[1] * by_network
    prior = softmax(blended, axis=1).mean(axis=0)
    lent = _lend(statements, blended, prior, weight=context_weight, reach=context_reach)
    temperature = _best_temperature(lent, targets)
    held_out = softmax(lent / temperature, axis=1)
    review_below = review_threshold(held_out, targets, precision_target)
    settings = (blend, prior, context_weight, context_reach, temperature, review_below)
    return Tagger(final.linear, final.network, *settings), _probability_table(statements, held_out)


def _words(description: Description, counts: Counts, model: str) -> Words:
    passages = sequence_network.cut_passages(description.documents)
    return sequence_network.read_words(
        description.tokens,
        description.meanings,
        passages,
        model=model,
        states=counts.states,
        extra=counts.sentences,
    )


def _best_blend(first: np.ndarray, second: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    """Return what each model's log-odds weigh in their sum, to lose least on the readers' tags."""

    def loss(weights: np.ndarray) -> float:
        odds = weights[0] * first + weights[1] * second
        return -float((targets * log_softmax(odds, axis=1)).mean())

    found = minimize(loss, x0=(0.5, 0.5), bounds=((0, 3), (0, 3)), method="L-BFGS-B")
    return round(float(found.x[0]), 4), round(float(found.x[1]), 4)


def soft_targets(ids: pd.Series, labels: pd.DataFrame) -> np.ndarray:
    """Return one row a statement, one column a tag: the share of its readers' weight."""
    wide = labels.pivot_table(index="statement_id", columns="tag", values="weight", aggfunc="sum")
    wide = wide.reindex(index=ids, columns=list(TAGS)).fillna(0.0).to_numpy()
    return wide / wide.sum(axis=1, keepdims=True)


def _lend(
    statements: pd.DataFrame,
    log_odds: np.ndarray,
    prior: np.ndarray,
    *,
    weight: float,
    reach: float,
) -> np.ndarray:
    """Return log-odds moved by what the statements around, under the same heading, seem to be.

    Each neighbour counts exp(-distance / `reach`); one prior is added to their mean, so that a
    lone neighbour moves little. `weight` 0 leaves everything as it was.
    """
    passage = pd.factorize(statements["doc_id"] + "\0" + statements["heading"])[0]
    order = np.lexsort((statements["position"].to_numpy(), passage))
    group, near = passage[order], softmax(log_odds[order], axis=1)
    total = np.tile(prior, (len(order), 1))
    mass = np.ones((len(order), 1))
    for distance in range(1, min(int(4 * reach) + 1, len(order))):
        same = (group[distance:] == group[:-distance])[:, None] * np.exp(-distance / reach)
        total[distance:] += same * near[:-distance]
        total[:-distance] += same * near[distance:]
        mass[distance:] += same
        mass[:-distance] += same
    moved = log_odds.copy()
    moved[order] += weight * np.log(total / mass / prior)
    return moved


def _best_temperature(log_odds: np.ndarray, targets: np.ndarray) -> float:
    """Return the temperature whose probabilities lose least on the readers' tags.

    Guo et al., 2017, « On Calibration of Modern Neural Networks ».
    """

    def loss(temperature: float) -> float:
        return -float((targets * log_softmax(log_odds / temperature, axis=1)).sum())

    return round(float(minimize_scalar(loss, bounds=(0.2, 5), method="bounded").x), 4)


def review_threshold(probabilities: np.ndarray, targets: np.ndarray, precision: float) -> float:
    """Return the lowest confidence above which the share of right tags reaches `precision`.

    A tag is right when one of the statement's readers gave it. When no 50 statements reach the
    target, every tag is to be reviewed (a threshold above 1).
    """
    confidence = probabilities.max(axis=1)
    right = targets[np.arange(len(targets)), probabilities.argmax(axis=1)] > 0
    order = np.argsort(-confidence, kind="stable")
    precisions = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.nonzero(precisions[_ACCEPTED_AT_LEAST - 1 :] >= precision)[0]
    if len(enough) == 0:
        return _NEVER_SURE
    return round(float(confidence[order][enough[-1] + _ACCEPTED_AT_LEAST - 1]), 4)


def _probability_table(statements: pd.DataFrame, probabilities: np.ndarray) -> pd.DataFrame:
    columns = {f"p_{tag}": probabilities[:, i].round(4) for i, tag in enumerate(TAGS)}
    return pd.DataFrame({"statement_id": statements["statement_id"].to_numpy(), **columns})


@threadpool_limits.wrap(limits=1)
def predict(
    tagger: Tagger,
    statements: pd.DataFrame,
    tokens: pd.DataFrame,
    *,
    heading_trust: float,
    second_threshold: float,
) -> pd.DataFrame:
    """Return the tags of `statements` (statement_id, doc_id, position, heading, text), in order.

    Columns: statement_id, tag, second_tag (when its probability reaches `second_threshold`),
    confidence, p_<tag>, cues (the reasons, in French), review. `heading_trust` is the share of
    statements under « Freins » that are indeed freins: by Bayes' rule it fixes what a heading
    weighs against the wording, whatever the corpus. An empty statement is « autre ». Documents are
    taken whole, lot after lot, two at a time: memory is bounded.
    """
    if statements.empty:
        return _decide(_probability_table(statements, np.zeros((0, len(TAGS)))), tagger, 1).assign(
            cues=pd.Series(dtype=str)
        )
    statements = statements.reset_index(drop=True)
    lot_of = statements["doc_id"].map(_lots(statements["doc_id"]))
    lot_of_token = tokens["statement_id"].map(
        pd.Series(lot_of.to_numpy(), index=statements["statement_id"])
    )
    lots = [
        (own, tokens[lot_of_token == lot]) for lot, own in statements.groupby(lot_of, sort=True)
    ]
    one = partial(
        _predict_lot, tagger, heading_trust=heading_trust, second_threshold=second_threshold
    )
    # The sentence encoder, which takes most of the time, lets another lot be described meanwhile.
    with ThreadPoolExecutor(_LOTS_AT_ONCE) as pool:
        return pd.concat(pool.map(lambda lot: one(*lot), lots)).sort_index()


def _lots(doc_ids: pd.Series) -> pd.Series:
    """Return the number of the lot of each document: whole documents, about `_LOT` statements."""
    sizes = doc_ids.value_counts(sort=False)
    return (sizes.cumsum() - 1) // _LOT


def _predict_lot(
    tagger: Tagger,
    statements: pd.DataFrame,
    tokens: pd.DataFrame,
    *,
    heading_trust: float,
    second_threshold: float,
) -> pd.DataFrame:
    rows = statements.index
    statements = statements.reset_index(drop=True)
    description = features.describe(statements, tokens)
    counts = features.count(
        description,
        model=tagger.linear.model,
        sentence_weight=tagger.linear.sentence_weight,
        names=tagger.linear.encoder.names,
    )
    matrix = linear_model.stack(tagger.linear, counts)
    words_read = _words(description, counts, tagger.linear.model)
    blended = tagger.blend[0] * linear_model.log_odds(tagger.linear, matrix)
    blended += tagger.blend[1] * sequence_network.predict(tagger.network, words_read)
    lent = _lend(
        statements,
        blended,
        tagger.prior,
        weight=tagger.context_weight,
        reach=tagger.context_reach,
    )
    announced = [features.heading_tags(heading) for heading in statements["heading"]]
    bonus = np.array([heading_log_odds(tags, heading_trust) for tags in announced])
    probabilities = softmax(lent / tagger.temperature + bonus.reshape(len(lent), len(TAGS)), axis=1)
    empty = (statements["text"].str.strip() == "").to_numpy()
    probabilities[empty] = [float(tag == "autre") for tag in TAGS]
    table = _decide(_probability_table(statements, probabilities), tagger, second_threshold)
    chosen = table["tag"].map(TAGS.index).to_numpy()
    lemmas = slice(0, len(tagger.linear.encoder.names["lemma"]))
    words = reasons.strongest_words(
        tagger.linear.encoder,
        tagger.linear.coefficients[lemmas],
        matrix[:, lemmas],
        chosen,
        model=tagger.linear.model,
    )
    table["cues"] = [
        "énoncé vide"
        if empty[i]
        else reasons.sentence(
            statements["heading"][i] if tag in announced[i] else "",
            [shown for _, own, shown in description.cues[i] if own == tag],
            words[i],
        )
        for i, tag in enumerate(table["tag"])
    ]
    return table.set_axis(rows)


def heading_log_odds(announced: tuple[str, ...], trust: float) -> np.ndarray:
    """Return what a heading adds to each tag: log P(heading's tags) under `trust`, else nothing."""
    if not announced:
        return np.zeros(len(TAGS))
    others = len(TAGS) - len(announced)
    return np.array(
        [
            np.log(trust / len(announced) if tag in announced else (1 - trust) / others)
            for tag in TAGS
        ]
    )


def _decide(table: pd.DataFrame, tagger: Tagger, second_threshold: float) -> pd.DataFrame:
    probabilities = table[[f"p_{tag}" for tag in TAGS]].to_numpy()
    names = np.array(TAGS)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    rows = np.arange(len(table))
    second = probabilities[rows, order[:, 1]]
    table["tag"] = names[order[:, 0]]
    table["second_tag"] = np.where(second >= second_threshold, names[order[:, 1]], "")
    table["confidence"] = probabilities[rows, order[:, 0]]
    table["review"] = table["confidence"] < tagger.review_below
    return table


def save(tagger: Tagger, folder: Path) -> None:
    """Write the tagger as `tagger.json` and `tagger.npz`: no pickle, the same bytes every time."""
    linear, encoder = tagger.linear, tagger.linear.encoder
    described = {
        "tags": list(TAGS),
        "model": linear.model,
        "sif": linear.sif,
        "neighbour_weight": linear.neighbour_weight,
        "sentence_weight": linear.sentence_weight,
        "network_names": tagger.network.names,
        "network_sizes": [tagger.network.width, tagger.network.extra, tagger.network.size],
        "network_members": len(tagger.network.members),
        "blend": list(tagger.blend),
        "context_weight": tagger.context_weight,
        "context_reach": tagger.context_reach,
        "temperature": tagger.temperature,
        "review_below": tagger.review_below,
        "frequencies": encoder.frequencies,
        "sentence_width": encoder.sentence_width,
        "vocabularies": {view: names.tolist() for view, names in encoder.names.items()},
    }
    arrays = {
        "coefficients": linear.coefficients,
        "intercepts": linear.intercepts,
        "prior": tagger.prior,
        "common": encoder.common,
        **{f"rarities_{view}": rarities for view, rarities in encoder.rarities.items()},
        **{
            f"network_{member}_{key}": weights
            for member, own in enumerate(tagger.network.members)
            for key, weights in own.items()
        },
    }
    text = json.dumps(described, ensure_ascii=False, indent=0)
    contract.replace(folder / "tagger.json", lambda path: path.write_text(text, encoding="utf-8"))
    contract.replace(folder / "tagger.npz", lambda path: np.savez_compressed(path, **arrays))


def load(folder: Path) -> Tagger:
    """Return the tagger kept in `folder`; raises UserError when it has not been trained yet."""
    if not (folder / "tagger.json").exists() or not (folder / "tagger.npz").exists():
        raise UserError(
            f"Le modèle manque ({folder}) : lancez « make repro », qui l'entraîne une fois."
        )
    described = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
    with np.load(folder / "tagger.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    if tuple(described["tags"]) != TAGS:
        raise UserError(f"Le modèle de {folder} a d'autres étiquettes : relancez « make repro ».")
    names = {v: np.array(own, dtype=object) for v, own in described["vocabularies"].items()}
    rarities = {view: arrays[f"rarities_{view}"] for view in names}
    learned = (described["frequencies"], arrays["common"], described["sentence_width"])
    encoder = Encoder(names, rarities, *learned)
    linear = Linear(
        encoder,
        arrays["coefficients"],
        arrays["intercepts"],
        *(described[key] for key in ("model", "sif", "neighbour_weight", "sentence_weight")),
    )
    members = [
        {
            name.removeprefix(f"network_{member}_"): weights
            for name, weights in arrays.items()
            if name.startswith(f"network_{member}_")
        }
        for member in range(described["network_members"])
    ]
    network = Network(described["network_names"], *described["network_sizes"], members)
    settings = ("context_weight", "context_reach", "temperature", "review_below")
    return Tagger(
        linear,
        network,
        tuple(described["blend"]),
        arrays["prior"],
        *(described[key] for key in settings),
    )
