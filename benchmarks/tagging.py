"""How fast statements are tagged, part by part: `.venv/bin/python benchmarks/tagging.py`.

Needs a trained tagger (`make repro`). Reads the first statements of data/training, two lots of
them, so that lots overlap as in the stage. Wall time depends on what else runs; the time of the
processor, all threads together, and the shares of the parts do not: compare these.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from pipeline import french, train
from pipeline.encoder import sentences
from pipeline.parameters import params
from pipeline.tag import tag
from pipeline.tagging import features, tagger

STATEMENTS = 2000
Result = TypeVar("Result")


def timed(name: str, work: Callable[[], Result]) -> tuple[Result, float, float]:
    """Return what `work` does, its wall and processor times in seconds; print statements/s."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{name:<28}{STATEMENTS / wall:>10.0f}{STATEMENTS / processor:>14.0f}")
    return result, wall, processor


def main() -> None:
    """Print statements a second of each part, then of the parse and the stage together."""
    trained = tagger.load(tagger.FOLDER)
    model = trained.linear.model
    statements = train.read_training(train.TRAINING)[0].head(STATEMENTS)
    few, settings = statements.head(20), params("tag", tag)
    tagger.predict(trained, few, features.parse(few, model=model), **settings)  # everything loaded
    print(f"{STATEMENTS} énoncés, {model}\n{'':<28}{'par seconde':>10}{'de calcul':>13}")
    tokens, parse_wall, parse_processor = timed(
        "analyse grammaticale", lambda: features.parse(statements, model=model)
    )
    described, _, _ = timed("description", lambda: features.describe(statements, tokens))
    words = [[token.text for token in own] for own in described.tokens]
    timed(
        "encodeur de phrases",
        lambda: sentences.read(described.texts, words, encoder=french.encoder_of(model)),
    )
    _, wall, processor = timed(
        "étape tag", lambda: tagger.predict(trained, statements, tokens, **settings)
    )
    both, all_processor = parse_wall + wall, parse_processor + processor
    print(f"{'analyse + étape tag':<28}{STATEMENTS / both:>10.0f}", end="")
    print(f"{STATEMENTS / all_processor:>14.0f}")


if __name__ == "__main__":
    main()
