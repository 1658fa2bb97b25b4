"""Themes of corpora large and tiny: nobody left out, names one can read, the same every time."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import concepts, contract, french, theme_labels, themes, vectors

MODEL = "fr_core_news_md"
VECTORS = {
    "concepts": "concepts",
    "concept_weight": 1.0,
    "model": MODEL,
    "meaning_weight": 0.6,
    "latent_dimensions": 20,
    "neighbour_weight": 0.5,
    "seed": 1,
}
OPTIONS = {
    "statements_per_theme": 8,
    "most_themes": 6,
    "smallest_corpus": 12,
    "least_likeness": 0.1,
    "stability_samples": 5,
    "seed": 1,
}
SUBJECTS = {
    "cameras": [
        "Les caméras de vidéoprotection couvrent la gare.",
        "Le centre de vidéoprotection visionne les images des caméras.",
        "Les images de vidéoprotection manquent aux enquêteurs.",
        "Trois caméras nouvelles filment la place du marché.",
        "Les opérateurs de vidéoprotection signalent les bagarres filmées.",
        "La réquisition des images de caméras prend deux jours.",
        "Une caméra en panne reste sans image tout l'été.",
        "Les images des caméras aident les patrouilles.",
    ],
    "parents": [
        "Les parents viennent aux ateliers de parentalité du collège.",
        "Un café des parents aide les familles isolées.",
        "Les familles ne répondent pas aux courriers du collège.",
        "La parentalité fait peur à des parents épuisés.",
        "Les mères seules élèvent leurs enfants sans relais familial.",
        "Le collège invite les parents des élèves absents.",
        "Des ateliers de parentalité ouvrent dans chaque centre social.",
        "Les parents demandent un soutien éducatif pour leurs enfants.",
    ],
}


def spoken_of(tokens: pd.DataFrame) -> dict:
    """Return the concepts of each statement."""
    return concepts.find(
        tokens.rename(columns={"statement_id": "row"}), concepts.thesaurus("concepts")
    )


def corpus(texts: list[str], **columns: object) -> tuple[pd.DataFrame, ...]:
    """Return statements, tokens, tags, vectors and concepts of these texts."""
    empty = dict.fromkeys(contract.TABLES["statements"].columns, "")
    statements = pd.DataFrame(
        [
            empty | {"statement_id": f"d:{i:04d}", "doc_id": f"d{i}", "position": 1, "text": text}
            for i, text in enumerate(texts)
        ],
        columns=list(empty),
    ).assign(**columns)
    tokens = french.parse(texts, model=MODEL)
    ids = statements["statement_id"].to_numpy()
    tokens = tokens.assign(statement_id=ids[tokens.pop("row").astype(int)])
    tags = statements[["statement_id"]].assign(tag="constat")
    view = vectors.statement_vectors(statements, tokens, **VECTORS)
    return statements, tokens, tags, view, spoken_of(tokens)


def test_two_subjects_make_two_themes_with_their_names() -> None:
    """Statements on cameras and on parents part, and the labels say which is which."""
    texts = [text for pair in zip(*SUBJECTS.values(), strict=True) for text in pair]
    statements, tokens, tags, view, named = corpus(texts, round_table="TR1")
    found, members = themes.find_themes(statements, tokens, tags, view, named, **OPTIONS)
    assert len(found) == 2
    camera = members["theme_id"][0]
    right = [(m == camera) == (i % 2 == 0) for i, m in enumerate(members["theme_id"])]
    assert sum(right) >= 14
    labels = french.fold(" ".join(found["label"] + " " + found["keywords"]))
    assert "parent" in labels
    assert "image" in labels or "camera" in labels or "video" in labels


def test_the_same_corpus_gives_the_same_themes_whatever_its_order() -> None:
    """Reordering the rows changes neither the themes nor who belongs to them."""
    texts = SUBJECTS["cameras"] + SUBJECTS["parents"]
    statements, tokens, tags, _, named = corpus(texts, round_table="TR1")

    def run(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        view = vectors.statement_vectors(rows, tokens, **VECTORS)
        found, members = themes.find_themes(rows, tokens, tags, view, named, **OPTIONS)
        return found, members.sort_values("statement_id", ignore_index=True)

    first, again = run(statements), run(statements)
    pd.testing.assert_frame_equal(first[0], again[0])
    pd.testing.assert_frame_equal(first[1], again[1])


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 11, 12, 16])
def test_a_corpus_of_any_size_has_a_row_for_each_statement(number: int) -> None:
    """Nothing, one, three or thirty statements: each has one row, and themes are well formed."""
    texts = (SUBJECTS["cameras"] + SUBJECTS["parents"])[:number]
    found, members = themes.find_themes(*corpus(texts), **OPTIONS)
    assert len(contract.check("statement_themes", members)) == number
    found = contract.check("themes", found)
    assert set(members["theme_id"]) - {""} <= set(found["theme_id"])
    assert found["label"].is_unique
    assert (found["label"].str.len() > 0).all()
    if 0 < number < OPTIONS["smallest_corpus"]:
        assert len(found) == 1


def test_statements_without_content_are_left_without_theme() -> None:
    """« Oui. » belongs nowhere, and says so."""
    statements, tokens, tags, view, named = corpus([*SUBJECTS["cameras"], "Oui.", "!"])
    _, members = themes.find_themes(statements, tokens, tags, view, named, **OPTIONS)
    assert members["theme_id"].tolist()[-2:] == ["", ""]
    assert (members["theme_id"] != "").sum() == len(SUBJECTS["cameras"])


def test_identical_statements_do_not_break_clustering() -> None:
    """A copy-paste campaign: thirty times the same sentence is one theme's matter."""
    found, members = themes.find_themes(*corpus(SUBJECTS["cameras"][:1] * 30), **OPTIONS)
    assert len(members) == 30
    assert len(found) >= 1


def test_round_tables_have_their_own_themes_and_strays_join_the_nearest() -> None:
    """A statement without a round table joins the theme it is closest to, in any of them."""
    texts = [*SUBJECTS["cameras"], *SUBJECTS["parents"], "La caméra filme, les images servent."]
    tables = ["TR1"] * 8 + ["TR4"] * 8 + [""]
    found, members = themes.find_themes(*corpus(texts, round_table=tables), **OPTIONS)
    assert found["theme_id"].tolist() == ["tr1-01", "tr4-01"]
    assert members["theme_id"].iloc[-1] == "tr1-01"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=8))
def test_wild_texts_never_break_the_stage(texts: list[str]) -> None:
    """Whatever was typed, every statement has its row."""
    texts = [french.normalise(text) for text in texts]
    _, members = themes.find_themes(*corpus(texts), **OPTIONS)
    assert len(members) == len(texts)


def test_stability_tells_firm_clusters_from_arbitrary_ones() -> None:
    """Two distant groups are found again; a blob cut in two is not."""
    generator = np.random.default_rng(0)
    apart = np.vstack([generator.normal(0, 0.1, (30, 2)), generator.normal(9, 0.1, (30, 2))])
    halves = np.repeat([0, 1], 30)
    firm = themes.stability(apart, halves, samples=10, seed=0)
    blob = generator.normal(0, 1, (60, 2))
    loose = themes.stability(blob, generator.permutation(halves), samples=10, seed=0)
    assert min(firm.values()) == 1
    assert max(loose.values()) < 0.7


def test_noun_phrases_are_written_as_people_wrote_them() -> None:
    """Phrases keep their link words and number; function words are no term."""
    tokens = french.parse(
        ["Le centre de supervision et la convention de coordination."], model=MODEL
    )
    terms, written = theme_labels.noun_phrases(tokens.assign(statement_id="s"))
    assert "convention de coordination" in {written[t] for t in terms["s"]}
    assert "le" not in written.values()


def test_no_word_is_read_twice_in_a_label() -> None:
    """A label joins two different things."""
    ranked = [("centre_supervision", 3.0), ("centre", 2.0), ("image", 1.0)]
    written = {"centre_supervision": "centre de supervision", "centre": "centre", "image": "images"}
    label = theme_labels.choose_label(
        ranked, written, {"centre_supervision": 2, "centre": 3, "image": 2}
    )
    assert label == "Centre de supervision et images"


def test_a_concept_names_the_theme_it_fills() -> None:
    """A concept most statements of a cluster speak of, and few others, comes first."""
    spoken = [["Caméras"], ["Caméras", "Budget"], ["Caméras"], ["Budget"], ["Parents"], ["Parents"]]
    names = theme_labels.name_by_concept(spoken, np.array([0, 0, 0, 1, 1, 1]), least_share=0.5)
    assert names == {0: ["Caméras"], 1: ["Parents"]}
