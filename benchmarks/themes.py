"""How long the themes of 5,000 statements take, beside plain BERTopic in the same run.

`python -m benchmarks.themes` prints both times and their ratio: seconds depend on the machine, the
ratio hardly does. The statements are those of data/training, dealt to four round tables document
by document; both methods are given the same parsed words.
"""

import logging
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from pipeline import contract, french, themes
from pipeline.parameters import params
from pipeline.scoring import theme_baselines
from pipeline.theming import vectors
from pipeline.train import TRAINING, read_training

STATEMENTS = 5000


def statements() -> pd.DataFrame:
    """Return the first statements of data/training, with the columns of `statements`."""
    read = read_training(TRAINING)[0].head(STATEMENTS)
    blank = {c: "" for c in contract.TABLES["statements"].columns if c not in read.columns}
    table = pd.factorize(read["doc_id"])[0] % 4
    return read.assign(**blank).assign(
        round_table=np.array(contract.ROUND_TABLES)[table], position=read["position"].astype(int)
    )


def seconds(call: Callable[[], object]) -> float:
    """Return the processor time of a call: other programs of the machine do not count."""
    start = time.process_time()
    call()
    return time.process_time() - start


def main() -> None:
    """Print the seconds of our themes, of plain BERTopic, and their ratio."""
    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    said = statements()
    language = params("vectors", vectors.statement_views)
    read = french.parse(said["text"], model=language["model"])
    tokens = read.assign(statement_id=said["statement_id"].to_numpy()[read["row"]])
    tokens = tokens.drop(columns="row")
    tags = said[["statement_id"]].assign(tag="constat")

    def ours() -> None:
        views = vectors.statement_views(said, tokens, **language)
        named = themes.concepts_of(said, tokens, language["concepts"], model=language["model"])
        themes.find_themes(said, tokens, tags, views, named, **params("themes", themes.find_themes))

    def plain() -> None:
        corpus = theme_baselines.read_corpus(said["text"].tolist(), read, model=language["model"])
        theme_baselines.bertopic(corpus, 0, seed=0)

    with threadpool_limits(1):
        times = {"nos thèmes": seconds(ours), "BERTopic tel quel": seconds(plain)}
    for name, spent in times.items():
        print(f"{name} : {spent:.1f} s de processeur pour {len(said)} énoncés")
    mine, other = times.values()
    print(f"rapport : {mine / other:.1f}".replace(".", ","))


if __name__ == "__main__":
    main()
