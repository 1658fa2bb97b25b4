"""Splitting, merging and excluding: no word is lost or invented, and all of it can be traced."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_decisions import taken

from pipeline import contract
from pipeline.analysts import decisions, rewrite

TEXTS = ["Bonjour à tous.", "Il manque des agents, il faut recruter.", "La nuit surtout.", "Merci."]


def corpus(*texts: str, doc: str = "a", city: str = "A") -> pd.DataFrame:
    rows = [
        dict.fromkeys(contract.TABLES["statements"].columns, "")
        | {"statement_id": f"{doc}:{n:04d}", "doc_id": doc, "path": f"{city}/{doc}", "city": city}
        | {"position": n, "text": text, "locator": f"l. {n}"}
        for n, text in enumerate(texts or TEXTS, 1)
    ]
    return contract.check("statements", pd.DataFrame(rows))


def act(value: str, text: str, **more: str) -> dict:
    return {"kind": "action", "value": value, "text": text, "city": "A", "path": "A/a", **more}


def run(*rows: dict, statements: pd.DataFrame | None = None):
    statements = corpus() if statements is None else statements
    out, rewrites, excluded, problems = rewrite.rewrite(statements, taken(*rows))
    contract.check("statements", out)
    contract.check("rewrites", rewrites)
    contract.check("excluded", excluded)
    return out, rewrites, excluded, problems["problem"].tolist()


CUT = act("scinder", TEXTS[1], pieces="Il manque des agents, | il faut recruter.")


def test_a_statement_is_split_where_the_bars_are():
    """The pieces take its place, with its identifier and a letter; the others keep theirs."""
    out, _, _, problems = run(CUT)
    assert problems == []
    assert out[["statement_id", "position", "text"]].to_numpy().tolist() == [
        ["a:0001", 1, TEXTS[0]],
        ["a:0002a", 2, "Il manque des agents,"],
        ["a:0002b", 3, "il faut recruter."],
        ["a:0003", 4, TEXTS[2]],
        ["a:0004", 5, TEXTS[3]],
    ]


def test_a_statement_joins_the_one_before():
    """The merged statement keeps the first identifier and both places."""
    out, _, _, problems = run(act("fusionner", TEXTS[2], before=TEXTS[1]))
    assert problems == []
    assert out["statement_id"].tolist() == ["a:0001", "a:0002", "a:0004"]
    assert out["text"][1] == f"{TEXTS[1]} {TEXTS[2]}"
    assert out["locator"][1] == "l. 2\u202f; l. 3"


def test_an_excluded_statement_is_listed_with_who_and_why():
    """It leaves the statements and nothing is lost."""
    out, _, excluded, _ = run(act("exclure", TEXTS[0], author="C. D.", comment="hors sujet"))
    assert out["position"].tolist() == [1, 2, 3]
    assert excluded[
        ["statement_id", "text", "file", "row", "author", "comment"]
    ].to_numpy().tolist() == [["a:0001", TEXTS[0], "d.csv", 2, "C. D.", "hors sujet"]]


def test_a_piece_can_be_excluded_or_merged_in_its_turn():
    """Decisions taken on what earlier ones made apply, in whatever order the rows come."""
    rows = (
        act("exclure", "il faut recruter."),
        act("fusionner", "La nuit surtout.", before="Il manque des agents,"),
        CUT,
    )
    out, _, excluded, problems = run(*rows)
    assert problems == []
    assert out["text"].tolist() == [TEXTS[0], "Il manque des agents, La nuit surtout.", TEXTS[3]]
    assert excluded["statement_id"].tolist() == ["a:0002b"]


def test_a_cut_follows_a_corrected_text():
    """The pieces are the source's words of today, cut where the analyst had cut."""
    out, rewrites, _, problems = run(
        CUT, statements=corpus("Il manque des agents ; il faut recruter !", doc="a")
    )
    assert problems == []
    assert out["text"].tolist() == ["Il manque des agents ;", "il faut recruter !"]
    assert rewrites["remark"].str.contains("a été corrigé").all()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (CUT | {"pieces": ""}, "barres « | »"),
        (CUT | {"pieces": "Il faut vingt agents. | Recrutons."}, "barres « | »"),
        (CUT | {"pieces": "Il manque des agents, il faut recruter | ."}, "barres « | »"),
        (act("fusionner", TEXTS[0]), "premier de son document"),
        (act("fusionner", TEXTS[2], before="Tout autre chose."), "n'est plus celui"),
        (act("exclure", "Disparu."), "a disparu ou a changé"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(row, said):
    """One French sentence, at the row, and the statements as they were."""
    out, _, _, problems = run(row)
    assert out.equals(corpus())
    assert len(problems) == 1
    assert said in problems[0]


def test_contradictory_actions_are_not_applied():
    """Excluded here, split there: neither, unless dates tell."""
    exclude = act("exclure", TEXTS[1])
    assert len(run(CUT, exclude)[3]) == 2
    out, _, _, problems = run(CUT | {"date": "2024-05-01"}, exclude | {"date": "2024-05-02"})
    assert problems == []
    assert TEXTS[1] not in out["text"].tolist()
    assert len(out) == 3


def test_a_nature_follows_the_pieces_unless_they_have_their_own():
    """A nature given to a statement goes to what it became; a piece's own nature wins."""
    nature = {"kind": "nature", "value": "frein", "text": TEXTS[1], "city": "A"}
    own = nature | {"value": "proposition", "text": "il faut recruter."}
    rows = taken(CUT, nature, own)
    out, rewrites, _, _ = rewrite.rewrite(corpus(), rows)
    decided, problems = decisions.tags(rows, out, rewrites)
    assert problems.empty
    assert decided[["statement_id", "value"]].to_numpy().tolist() == [
        ["a:0002a", "frein"],
        ["a:0002b", "proposition"],
    ]


def test_a_nature_on_an_excluded_statement_is_told_once_it_is_another_row():
    """Excluded and judged in one row: nothing to say; judged elsewhere: the row is named."""
    nature = {"kind": "nature", "value": "frein", "text": TEXTS[1], "city": "A", "row": 2}
    for row, told in ((2, 0), (9, 1)):
        rows = taken(act("exclure", TEXTS[1]) | {"row": 2}, nature | {"row": row})
        out, rewrites, _, _ = rewrite.rewrite(corpus(), rows)
        decided, problems = decisions.tags(rows, out, rewrites)
        assert decided.empty
        assert len(problems) == told


def test_copies_never_point_to_what_is_gone():
    """A file sent by two cities: each city's decision is its own, and `copy_of` stays true."""
    other = corpus(doc="b", city="B").assign(copy_of=corpus()["statement_id"])
    both = pd.concat([corpus(), other], ignore_index=True)
    out, _, _, _ = run(
        act("exclure", TEXTS[0]), CUT, CUT | {"city": "B", "path": "B/b"}, statements=both
    )
    copies = out[out["doc_id"] == "b"].set_index("statement_id")["copy_of"].to_dict()
    assert copies == {
        "b:0001": "",
        "b:0002a": "a:0002a",
        "b:0002b": "a:0002b",
        "b:0003": "a:0003",
        "b:0004": "a:0004",
    }


def test_without_decision_nothing_changes():
    """The same statements, in the same order."""
    out, rewrites, excluded, problems = run()
    assert out.equals(corpus())
    assert (len(rewrites), len(excluded), problems) == (0, 0, [])


ACTIONS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["exclure", "scinder", "fusionner"])),
    unique_by=lambda pair: pair[0],
    max_size=6,
)


@given(ACTIONS)
def test_every_word_is_in_a_statement_or_among_the_excluded(actions):
    """Whatever the decisions, words are neither lost nor doubled, in their order."""
    texts = [f"Mot{n} un{n}, mot{n}b deux{n}" for n in range(6)]
    rows = [act(do, texts[n], pieces=f"Mot{n} un{n}, | mot{n}b deux{n}") for n, do in actions]
    out, rewrites, excluded, _ = run(*rows, statements=corpus(*texts))
    order = " ".join(texts).split()
    kept, left = (" ".join(table["text"]).split() for table in (out, excluded))
    assert sorted(kept + left) == sorted(order)
    assert kept == [word for word in order if word in set(kept)]
    assert set(rewrites["statement_id"]) - {""} <= set(out["statement_id"])
