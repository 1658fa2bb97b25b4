"""Stage evaluate_themes: our themes and answers against the truth, beside other methods.

The statements of data/gold/themes.csv have a true sub-theme, and answer_pairs.csv says which
good practices and proposals answer which obstacles. So do two other pairs of files, by other hands,
which nobody looked at before they were scored once (docs/decisions/0009).
"""

import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from pipeline import contract, french, match, themes
from pipeline.contract import ROUND_TABLES, TAGS, UserError, run
from pipeline.parameters import Between, params
from pipeline.scoring import answer_evaluation, evaluation_plots, theme_baselines, theme_scores
from pipeline.theming import vectors

GOLD = Path("data/gold")
CORPORA = {  # statements and pairs of each; the title of its figures
    "themes": ("themes.csv", "answer_pairs.csv", "premier corpus"),
    "themes_2": ("themes_2.csv", "answer_pairs_2.csv", "second corpus"),
    "themes_3": ("themes_3.csv", "answer_pairs_3.csv", "troisième corpus"),
}
SCORES = contract.INTERIM / "scores_themes.json"
TABLE = contract.PROCESSED / "themes_methods.csv"
PLOT = contract.PROCESSED / "themes_methods.svg"
WORDINGS = ("allusif", "ordinaire")
FIGURES = (
    "ami",
    "ami_within",
    "ami_within_allusive",
    "ami_within_plain",
    "coverage",
    "coherence",
    "stability_ami",
    "stability_ari",
    "kept",
    "recall_at_3",
    "hit_at_3",
    "auc",
)
_RIVALS: dict[str, Callable[..., theme_baselines.Found]] = {
    "bertopic": theme_baselines.bertopic,
    "bertopic_kmeans": theme_baselines.bertopic_kmeans,
    "nmf": theme_baselines.nmf,
    "lda": theme_baselines.lda,
    "reinert": theme_baselines.reinert,
}

OURS = "restitution"

Found = tuple[np.ndarray, np.ndarray]
Method = Callable[[np.ndarray], Found]


def read_gold(themes_file: Path, pairs_file: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the labelled statements, with the columns of `statements`, and the judged pairs.

    Raises UserError naming the file and its fault: missing, a column, a tag, an unknown statement.
    """
    columns = ["statement_id", "doc_id", "city", "round_table", "heading", "section", "position"]
    statements = _read(themes_file, [*columns, "text", "tag", "theme", "wording"])
    pairs = _read(pairs_file, ["obstacle_id", "answer_id", "label"])
    for column, allowed in (
        ("tag", TAGS),
        ("round_table", ROUND_TABLES),
        ("wording", WORDINGS),
    ):
        wrong = statements.loc[~statements[column].isin(allowed), column]
        if len(wrong):
            expected = ", ".join(allowed)
            raise UserError(f"{themes_file} : {column} « {wrong.iloc[0]} » ; écrivez {expected}.")
    named = pd.concat([pairs["obstacle_id"], pairs["answer_id"]])
    unknown = named[~named.isin(statements["statement_id"])]
    if len(unknown):
        raise UserError(
            f"{pairs_file} : l'énoncé « {unknown.iloc[0]} » n'est pas dans {themes_file} ; "
            "corrigez son identifiant."
        )
    statements["text"] = statements["text"].map(french.normalise)
    missing = [c for c in contract.TABLES["statements"].columns if c not in statements.columns]
    statements = statements.assign(**dict.fromkeys(missing, ""))
    return (
        statements.astype({"position": int}).sort_values("statement_id", ignore_index=True),
        pairs.astype({"label": int}),
    )


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    if not path.is_file():
        raise UserError(f"{path} manque : remettez celui du dépôt.")
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [column for column in columns if column not in rows.columns]
    if missing:
        raise UserError(f"{path} : colonnes manquantes {', '.join(missing)} ; ajoutez-les.")
    return rows


def our_themes(
    statements: pd.DataFrame,
    tokens: pd.DataFrame,
    rows: np.ndarray,
    *,
    language: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> Found:
    """Return the theme ("" : none) and the vector of some rows, as the stage `themes` finds them.

    The tags are the true ones: what is measured here is not the tagger.
    """
    part = statements.iloc[rows]
    words = tokens[tokens["statement_id"].isin(part["statement_id"])]
    views = vectors.statement_views(part, words, **language)
    named = themes.concepts_of(part, words, language["concepts"], model=language["model"])
    tags = part[["statement_id", "tag"]]
    _, membership = themes.find_themes(
        part.reset_index(drop=True), words, tags, views, named, **settings
    )
    found = membership.set_index("statement_id")["theme_id"]
    return found.loc[part["statement_id"]].to_numpy(str), views.context


def rival(
    name: str,
    corpus: theme_baselines.Corpus,
    tables: np.ndarray,
    numbers: Mapping[str, int],
    rows: np.ndarray,
    *,
    seed: int,
) -> Found:
    """Return the theme and the vector of some rows by one of the other methods.

    `tables`: the group of each row, to be clustered apart ("" : left without theme), and
    `numbers`: how many themes each group is cut into. Vectors of different groups share nothing.
    """
    labels = np.full(len(rows), "", dtype=object)
    blocks = []
    for table, number in numbers.items():
        inside = np.flatnonzero(tables[rows] == table)
        if not len(inside):
            continue
        found, view = _RIVALS[name](corpus.part(rows[inside]), number, seed=seed)
        labels[inside] = [f"{table}-{label}" if label >= 0 else "" for label in found]
        block = np.zeros((len(rows), view.shape[1]))
        block[inside] = view
        blocks.append(block)
    return labels.astype(str), np.hstack(blocks)


def all_methods(
    ours: Method,
    ours_found: np.ndarray,
    corpus: theme_baselines.Corpus,
    statements: pd.DataFrame,
    *,
    seed: int,
) -> dict[str, Method]:
    """Return each method by its name, cut into as many themes as ours, over all and by table."""
    kept = (statements["tag"] != "autre").to_numpy()
    tables = np.where(kept, statements["round_table"], "")
    whole = np.where(kept, "tout", "")
    by_table = {
        name: max(1, len(set(ours_found[tables == name]) - {""}))
        for name in ROUND_TABLES
        if (tables == name).any()
    }
    found: dict[str, Method] = {OURS: ours}
    for name in _RIVALS:
        number = {"tout": sum(by_table.values())}
        found[name] = partial(rival, name, corpus, whole, number, seed=seed)
        if name != "bertopic":  # it would find even less in a part
            found[f"{name}_by_table"] = partial(rival, name, corpus, tables, by_table, seed=seed)
    return found


def stability(
    method: Method, labels: np.ndarray, cities: np.ndarray, judged: np.ndarray
) -> pd.DataFrame:
    """Return, for each city left out, how alike the themes of the others' statements are.

    Columns: stability_ami, stability_ari, kept (share of statements in the same theme, when the
    city is added to the others).
    """
    rows_of = {}
    for city in np.unique(cities):
        rows = np.flatnonzero(cities != city)
        again, _ = method(rows)
        common = judged[rows]
        before, after = again[common], labels[rows][common]
        rows_of[city] = {
            "stability_ami": theme_scores.ami(before, after),
            "stability_ari": theme_scores.ari(before, after),
            "kept": theme_scores.kept_share(before, after),
        }
    return pd.DataFrame.from_dict(rows_of, orient="index")


def learned_words(statements: pd.DataFrame, words: list[list[str]]) -> dict[str, float]:
    """Return what a model taught the sub-themes by the other cities finds: what words can tell.

    Logistic regression on TF-IDF, within each round table, each city left out in turn. It has
    seen the truth, which no method of the table has: a mark on the scale, not a rival.
    """
    found = np.full(len(statements), "", dtype=object)
    tables = statements["round_table"].to_numpy()
    for table in np.unique(tables):
        rows = np.flatnonzero(tables == table)
        model = make_pipeline(
            TfidfVectorizer(analyzer=list, sublinear_tf=True),
            LogisticRegression(C=10, max_iter=1000),
        )
        found[rows] = cross_val_predict(
            model,
            [words[row] for row in rows],
            statements["theme"].iloc[rows],
            groups=statements["city"].iloc[rows],
            cv=LeaveOneGroupOut(),
        )
    truth = statements["theme"].to_numpy()
    scores = {"accuracy": float((found == truth).mean())}
    return scores | {
        name: theme_scores.ami_within(truth[rows], found[rows].astype(str), tables[rows])
        for name, rows in _parts(statements).items()
    }


def _parts(statements: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the rows each figure « within round tables » is counted on."""
    wording = statements["wording"].to_numpy()
    return {
        "ami_within": np.arange(len(statements)),
        "ami_within_allusive": np.flatnonzero(wording == "allusif"),
        "ami_within_plain": np.flatnonzero(wording == "ordinaire"),
    }


def grouping_figures(
    statements: pd.DataFrame, labels: np.ndarray, words: list[list[str]], **drawn: Any
) -> dict[str, float]:
    """Return how well labels find the true sub-themes again, each figure with its interval."""
    met = CountVectorizer(analyzer=set, binary=True).fit_transform(words)
    truth, tables = statements["theme"].to_numpy(), statements["round_table"].to_numpy()
    documents = statements["doc_id"].to_numpy()
    scores: dict[str, tuple[np.ndarray, Callable[[np.ndarray], float]]] = {
        "ami": (np.arange(len(truth)), lambda r: theme_scores.ami(truth[r], labels[r])),
        "coverage": (np.arange(len(truth)), lambda r: float((labels[r] != "").mean())),
        "coherence": (
            np.arange(len(truth)),
            lambda r: theme_scores.coherence(labels[r], met[r]),
        ),
    }
    for name, part in _parts(statements).items():
        scores[name] = (part, lambda r: theme_scores.ami_within(truth[r], labels[r], tables[r]))
    found: dict[str, float] = {}
    for name, (part, score) in scores.items():
        on_part = partial(_on, part, score)
        found |= theme_scores.named(name, *theme_scores.interval(on_part, documents[part], **drawn))
    return found


def _on(part: np.ndarray, score: Callable[[np.ndarray], float], rows: np.ndarray) -> float:
    return score(part[rows])


def evaluate(
    statements: pd.DataFrame,
    pairs: pd.DataFrame,
    corpus: theme_baselines.Corpus,
    ours: Method,
    score_answers: Callable[
        [answer_evaluation.Judged, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]
    ],
    *,
    resamples: Annotated[int, Between(10, 10_000)],
    level: Annotated[float, Between(0.5, 0.999)],
    seed: int,
) -> dict[str, Any]:
    """Return the figures of every method, whether our answers' scores are chances, and a mark.

    In: the statements and pairs of `read_gold`; the same statements as the other methods read
    them; our themes as a function of the rows to group; our scores of answers, given labels and
    vectors: every pair's, and those the settings let through. Figures have intervals, from halves
    of the documents; for stability, the extremes over the city left out.
    """
    everything = np.arange(len(statements))
    judged = answer_evaluation.judged_answers(statements, pairs)
    themed = (statements["theme"] != "").to_numpy()
    words = [corpus.lemmas[row] for row in np.flatnonzero(themed)]
    cities = statements["city"].to_numpy()
    drawn = {"resamples": resamples, "level": level, "seed": seed}
    found = ours(everything)
    scores, offered = score_answers(judged, *found)
    figures: dict[str, dict[str, float]] = {}
    methods = all_methods(ours, found[0], corpus, statements, seed=seed)
    for name, method in tqdm(methods.items(), desc="Méthodes", disable=None):
        labels, view = found if name == OURS else method(everything)
        ranking = (
            scores
            if name == OURS
            else answer_evaluation.rival_scores(statements, judged, labels, view)
        )
        held = stability(method, labels, cities, themed)
        figures[name] = {
            "themes": len(set(labels[themed]) - {""}),
            **grouping_figures(statements[themed], labels[themed], words, **drawn),
            **answer_evaluation.answer_figures(statements, judged, ranking, **drawn),
        }
        for column in held:
            spread = held[column]
            figures[name] |= theme_scores.named(column, spread.mean(), spread.min(), spread.max())
    return {
        "statements": len(statements),
        "documents": int(statements["doc_id"].nunique()),
        "sub_themes": int(statements.loc[themed, "theme"].nunique()),
        "methods": figures,
        "answers": answer_evaluation.our_answers(statements, judged, scores, offered),
        "words_learned": learned_words(statements[themed], words),
    }


def table(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a method and corpus, one column a figure: « 0,42 [0,35 ; 0,49] », in French.

    In: the figures of `evaluate` by name of corpus. The corpora stand side by side, method by
    method.
    """
    rows = []
    for name in evaluation_plots.METHODS:
        for corpus, found in metrics.items():
            figures = found["methods"][name]
            row = {
                "méthode": evaluation_plots.METHODS[name],
                "corpus": CORPORA[corpus][-1],
                "thèmes": str(figures["themes"]),
            }
            for figure in FIGURES:
                low, high = figures[f"{figure}_low"], figures[f"{figure}_high"]
                cell = f"{figures[figure]:.2f} [{low:.2f} ; {high:.2f}]"
                row[evaluation_plots.FIGURES[figure]] = cell.replace(".", ",").replace("-", "−")
            rows.append(row)
    return pd.DataFrame(rows)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(own) for key, own in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def score_corpus(
    statements: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    language: Mapping[str, Any],
    grouping: Mapping[str, Any],
    matching: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the figures of one corpus: parse it, group it, match it as the stages do.

    In: what `read_gold` returns, and the parameters of the stages `themes` (vectors and themes),
    `match` and `evaluate_themes`.
    """
    tokens = french.parse(statements["text"], model=language["model"])
    corpus = theme_baselines.read_corpus(
        statements["text"].tolist(), tokens, model=language["model"]
    )
    tokens = tokens.assign(statement_id=statements["statement_id"].to_numpy()[tokens["row"]])
    tokens = tokens.drop(columns="row")
    ours = partial(our_themes, statements, tokens, language=language, settings=grouping)
    every = matching | {"answers_per_obstacle": len(statements), "least_score": 0.0}
    alone = vectors.statement_views(statements, tokens, **language).alone

    def score_answers(
        judged: answer_evaluation.Judged, labels: np.ndarray, view: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        score = partial(answer_evaluation.our_scores, statements, judged, labels, view, alone)
        return score(settings=every), score(settings=matching)

    return evaluate(statements, pairs, corpus, ours, score_answers, **settings)


def main() -> None:
    """Group the labelled statements by each method, write the figures, their table and a plot."""
    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    chosen = {
        "language": params("vectors", vectors.statement_views),
        "grouping": params("themes", themes.find_themes),
        "matching": params("match", match.match),
        "settings": params("evaluate_themes", evaluate),
    }
    with threadpool_limits(1):  # small matrices: threads would wait for one another
        metrics = {
            name: _rounded(score_corpus(*read_gold(GOLD / written, GOLD / judged), **chosen))
            for name, (written, judged, _) in CORPORA.items()
        }
    text = json.dumps(metrics, ensure_ascii=False, indent=2) + "\n"
    rows = table(metrics)
    drawing = evaluation_plots.methods(
        {CORPORA[name][-1]: found["methods"] for name, found in metrics.items()}
    )
    contract.replace(SCORES, lambda path: path.write_text(text, encoding="utf-8"))
    contract.replace(TABLE, lambda path: rows.to_csv(path, index=False, lineterminator="\n"))
    contract.replace(PLOT, lambda path: path.write_text(drawing, encoding="utf-8"))


if __name__ == "__main__":
    run(main)
