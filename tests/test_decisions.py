"""Analysts' decisions follow the content, in any order of files, and never vanish silently."""

import pandas as pd
import pytest

from pipeline.analysts import decision_files, decisions

STATEMENTS = pd.DataFrame(
    [
        ("a:0001", "A", "A/cr.docx", 1, "Les délais sont trop longs."),
        ("a:0002", "A", "A/cr.docx", 2, "Le référent répond dans l’heure."),
        ("b:0001", "B", "B/notes.txt", 1, "Les délais sont trop longs."),
        (
            "b:0002",
            "B",
            "B/notes.txt",
            2,
            "Une brigade de nuit a été créée en 2021, et cela marche.",
        ),
    ],
    columns=["statement_id", "city", "path", "position", "text"],
)


def taken(*rows: dict) -> pd.DataFrame:
    """Return decisions as `decision_files.read` gives them, from what differs."""
    blank = dict.fromkeys(decision_files.COLUMNS, "")
    full = [
        blank | {"file": "d.csv", "row": n, "kind": "nature", "value": "frein"} | row
        for n, row in enumerate(rows, 2)
    ]
    return pd.DataFrame(full, columns=list(decision_files.COLUMNS))


def test_the_new_name_of_a_theme_keeps_the_one_it_had():
    """A name comes with the identifier and the label the analyst saw."""
    row = {"kind": "thème", "statement_id": "tr1-01", "text": "Nuit", "value": "La nuit"}
    names = decisions.theme_names(taken(row, row | {"statement_id": "tr1-02", "value": "Jour"}))
    assert names[["theme_id", "label", "previous"]].to_numpy().tolist() == [
        ["tr1-01", "La nuit", "Nuit"],
        ["tr1-02", "Jour", "Nuit"],
    ]


def test_two_names_for_a_theme_are_settled_by_date_only():
    """Undated, neither is applied and both are told; dated, the latest wins."""
    row = {"kind": "thème", "statement_id": "tr1-01", "value": "Nuit"}
    other = row | {"value": "Soir"}
    assert decisions.theme_names(taken(row, other)).empty
    said = decisions.theme_problems(taken(row, other))
    assert said["row"].tolist() == [2, 3]
    assert "Nuit (d.csv, ligne 2)\u202f; Soir (d.csv, ligne 3)" in said["problem"][0]
    dated = taken(row | {"date": "2024-06-01"}, other | {"date": "2024-05-01"})
    assert decisions.theme_names(dated)["label"].tolist() == ["Nuit"]
    assert decisions.theme_problems(dated).empty


PAIR = {
    "kind": "paire",
    "value": "confirmée",
    "statement_id": "a:0009",
    "city": "A",
    "text": "Les délais sont trop longs.",
    "other_text": "Une brigade de nuit a été créée en 2021 et cela marche.",
    "other_path": "B/notes.txt",
}


def test_a_pair_is_found_by_the_content_of_both():
    """Renumbered, or corrected by a comma, both statements are found again."""
    found = decisions.pairs(taken(PAIR), STATEMENTS)
    assert found[["obstacle_id", "answer_id", "verdict"]].to_numpy().tolist() == [
        ["a:0001", "b:0002", "confirmée"]
    ]
    assert "a été corrigé" in found["remark"][0]


@pytest.mark.parametrize("change", [{"other_text": "Disparue."}, {"text": "Disparu."}])
def test_a_pair_that_lost_a_statement_is_told(change):
    """Half a pair is not applied."""
    rows = taken(PAIR | change)
    assert decisions.pairs(rows, STATEMENTS).empty
    (said,) = decisions.pair_problems(rows, STATEMENTS)["problem"]
    assert "a disparu ou a changé" in said


def test_contradictory_verdicts_are_told():
    """Confirmed here and refused there, without dates: neither."""
    rows = taken(PAIR, PAIR | {"value": "refusée"})
    assert decisions.pairs(rows, STATEMENTS).empty
    assert len(decisions.pair_problems(rows, STATEMENTS)) == 2


NO_REWRITE = pd.DataFrame(columns=["former_id", "path", "city", "position", "text", "statement_id"])


def natures(*rows: dict, statements=STATEMENTS) -> tuple[dict[str, str], list[str]]:
    decided, problems = decisions.tags(taken(*rows), statements, NO_REWRITE)
    return dict(zip(decided["statement_id"], decided["value"], strict=True)), [*problems["problem"]]


def test_the_content_decides_over_the_identifier():
    """When identifiers moved, the decision follows the text."""
    row = {"statement_id": "a:0001", "text": "LE RÉFÉRENT répond dans l'heure."}
    assert natures(row) == ({"a:0002": "frein"}, [])


@pytest.mark.parametrize(
    ("row", "decided"),
    [
        ({}, ["a:0001", "b:0001"]),
        ({"city": "b"}, ["b:0001"]),
        ({"statement_id": "b:0001"}, ["b:0001"]),
        ({"path": "A/cr.docx"}, ["a:0001"]),
        ({"path": "A/cr renommé.docx"}, ["a:0001"]),
        ({"statement_id": "a:0001", "path": "B/notes.txt"}, ["b:0001"]),
    ],
)
def test_identical_statements(row, decided):
    """City, document or identifier tell identical statements apart; otherwise all are meant."""
    assert list(natures(row | {"text": "Les délais sont trop longs."})[0]) == decided


def test_another_city_does_not_inherit_a_decision():
    """A new city that says the same words was not judged: the decision stays where it was."""
    row = {"city": "A", "path": "A/cr.docx", "text": "Les délais sont trop longs."}
    assert list(natures(row)[0]) == ["a:0001"]
    decided, problems = natures(row, statements=STATEMENTS[STATEMENTS["city"] == "B"])
    assert decided == {}
    assert len(problems) == 1


def test_cities_of_one_document_are_told_apart():
    """Two cities say the same words in one document: the decision is for its own."""
    both = STATEMENTS.iloc[[0, 2]].assign(path="national/cr.docx")
    row = {"path": "national/cr.docx", "city": "B", "text": "Les délais sont trop longs."}
    assert list(natures(row, statements=both)[0]) == ["b:0001"]


def test_neighbours_tell_repeated_statements_apart():
    """Said twice in a document and renumbered, it is the one with the same neighbours."""
    texts = ["Un.", "Oui.", "Deux.", "Oui.", "Trois."]
    rows = [(f"a:{n}", "A", "A/x.txt", n, text) for n, text in enumerate(texts)]
    repeated = pd.DataFrame(rows, columns=STATEMENTS.columns)
    row = {"path": "A/x.txt", "text": "Oui.", "before": "Deux.", "after": "Trois."}
    assert list(natures(row, statements=repeated)[0]) == ["a:3"]
    assert list(natures(row | {"before": "", "after": ""}, statements=repeated)[0]) == [
        "a:1",
        "a:3",
    ]


@pytest.mark.parametrize(
    ("seen", "followed"),
    [
        ("Une brigade de nuit a ete créé en 2021 et cela marche", True),
        ("Une brigade de nuit a été créée en 2020, et cela marche.", False),
        ("Une brigade de nuit n'a été créée en 2021, et cela marche.", False),
        ("Une brigade de jour existe.", False),
    ],
)
def test_a_corrected_spelling_is_followed_not_a_changed_meaning(seen, followed):
    """Ninety per cent alike, the same figures and negations, one candidate: it is the statement."""
    row = {"path": "B/notes.txt", "city": "B", "text": seen}
    decided, problems = natures(row)
    assert (decided == {"b:0002": "frein"}) is followed
    assert ("a disparu ou a changé" in "".join(problems)) is not followed


def test_two_statements_alike_are_not_guessed():
    """Where a corrected text may have become two statements, the analyst decides again."""
    rows = [
        (f"a:{n}", "A", "A/x", n, f"La ville manque d’agents la nui{c}.")
        for n, c in enumerate("ts")
    ]
    alike = pd.DataFrame(rows, columns=STATEMENTS.columns)
    decided, problems = natures(
        {"path": "A/x", "text": "La ville manque d'agents la nuiit."}, statements=alike
    )
    assert decided == {}
    assert "plusieurs lui ressemblent" in problems[0]


def test_an_identifier_alone_decides():
    """Without a text the identifier is all there is; unknown, it is told."""
    assert natures({"statement_id": "a:0002"})[0] == {"a:0002": "frein"}
    assert len(natures({"statement_id": "a:0099"})[1]) == 1


def test_conflicts_are_reported_and_not_applied():
    """Two natures for one statement: neither wins, both rows are named; twice the same is fine."""
    row = {"statement_id": "a:0001"}
    same = {"statement_id": "a:0002"}
    decided, problems = natures(row, row | {"value": "constat", "file": "e.csv"}, same, same)
    assert decided == {"a:0002": "frein"}
    assert len(problems) == 2
    assert "frein (d.csv, ligne 2)\u202f; constat (e.csv, ligne 3)" in problems[0]


@pytest.mark.parametrize(
    ("dates", "kept"),
    [
        (("2024-05-01", "2024-05-02"), "constat"),
        (("", "2024-05-02"), None),
        (("2024-05-02", "2024-05-02"), None),
    ],
)
def test_the_latest_wins_only_when_all_say_when(dates, kept):
    """Dates settle a conflict when every row has one and one nature is the latest."""
    row = {"statement_id": "a:0001"}
    first, second = row | {"date": dates[0]}, row | {"date": dates[1], "value": "constat"}
    assert natures(first, second)[0].get("a:0001") == kept


def test_order_of_files_and_statements_does_not_matter():
    """Shuffled decisions on shuffled statements give the same table."""
    rows = taken({"text": "Les délais sont trop longs."}, PAIR, {"statement_id": "a:0002"})
    straight = decisions.tags(rows, STATEMENTS, NO_REWRITE)[0]
    again = decisions.tags(rows.iloc[::-1], STATEMENTS.iloc[::-1], NO_REWRITE)[0]
    pd.testing.assert_frame_equal(straight, again)


def test_a_second_nature_alone_leaves_the_first():
    """It is written beside the model's tag; equal to it, or « aucune », there is none."""
    tags = pd.DataFrame(
        {
            "statement_id": ["a", "b", "c"],
            "tag": "constat",
            "second_tag": ["", "frein", "frein"],
            "confidence": 0.4,
            "review": True,
        }
    )
    decided = pd.DataFrame(
        [
            ("a", "seconde nature", "proposition"),
            ("b", "seconde nature", ""),
            ("c", "nature", "frein"),
        ],
        columns=["statement_id", "kind", "value"],
    )
    obeyed = decisions.obey(tags, decided)
    assert obeyed["tag"].tolist() == ["constat", "constat", "frein"]
    assert obeyed["second_tag"].tolist() == ["proposition", "", ""]
    assert obeyed["origin"].tolist() == ["modele", "modele", "analyste"]
    assert obeyed["review"].tolist() == [True, True, False]
    assert tags["tag"].tolist() == ["constat"] * 3


LESSON = {"text": "Il manque des agents.", "heading": "Freins", "before": "Bonjour."}
NO_TEXT = pd.Series(dtype=str)


def test_the_tagger_learns_from_decisions():
    """A nature is a training statement with its heading, its neighbours and its weight."""
    statements, labels = decisions.training_rows(taken(LESSON, LESSON), NO_TEXT, weight=3.0)
    assert statements[["heading", "text", "before"]].to_numpy().tolist() == [
        ["Freins", "Il manque des agents.", "Bonjour."]
    ]
    assert labels[["tag", "weight"]].to_numpy().tolist() == [["frein", 3.0]]
    assert labels["statement_id"].tolist() == statements["statement_id"].tolist()


@pytest.mark.parametrize(
    ("rows", "kept_out", "weight"),
    [
        ((LESSON,), pd.Series(["IL MANQUE des agents."]), 3.0),
        ((LESSON, LESSON | {"value": "constat"}), NO_TEXT, 3.0),
        ((LESSON | {"kind": "action", "value": "exclure"},), NO_TEXT, 3.0),
        (({"statement_id": "a:0001"},), NO_TEXT, 3.0),
        ((LESSON,), NO_TEXT, 0.0),
        ((), NO_TEXT, 3.0),
    ],
)
def test_what_teaches_nothing(rows, kept_out, weight):
    """Evaluation texts, contradictions, actions, missing texts, a weight of 0."""
    statements, labels = decisions.training_rows(taken(*rows), kept_out, weight=weight)
    assert statements.empty
    assert labels.empty
    assert (statements["position"].dtype, labels["weight"].dtype) == (int, float)
