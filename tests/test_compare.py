"""Counts, shares, intervals and tests between cities."""

import pandas as pd
from conftest import expected

from pipeline import compare, contract

OPTIONS = {"interval_level": 0.95, "least_denominator": 8, "draws": 499, "seed": 1}


def hand_made() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return statements, tags, themes and membership written by hand: one theme a round table."""
    statements = expected("statements").merge(expected("tags"))
    statements["statement_id"] = [f"s{row}" for row in range(len(statements))]
    statements = statements.assign(doc_id=statements["path"], copy_of="", repeats="")
    tags = statements[["statement_id", "tag"]]
    membership = statements[["statement_id"]].assign(theme_id=statements["round_table"].str.lower())
    themes = pd.DataFrame({"theme_id": ["tr1", "tr4"], "label": ["Police", "Prévention"]})
    return statements, tags, themes, membership


def test_the_miniature_consultation() -> None:
    """City × theme × tag: the counts a person finds by hand, zeros included."""
    statements, tags, themes, membership = hand_made()
    table = compare.compare(compare.gather(statements, tags, membership), themes, **OPTIONS)
    wanted = expected("comparison")
    keys = ["city", "theme_id", "tag"]
    found = table.set_index(keys).loc[pd.MultiIndex.from_frame(wanted[keys])].reset_index()
    columns = list(wanted.columns)
    pd.testing.assert_frame_equal(found[columns], wanted, check_dtype=False)
    assert len(table) == len(wanted)


def test_every_count_can_be_traced() -> None:
    """A count is the number of statement ids beside it, and they carry that theme and tag."""
    statements, tags, themes, membership = hand_made()
    table = compare.compare(compare.gather(statements, tags, membership), themes, **OPTIONS)
    facts = statements.merge(tags).merge(membership).set_index("statement_id")
    for row in table.itertuples():
        ids = row.statement_ids.split()
        assert len(ids) == row.n
        for statement_id in ids:
            fact = facts.loc[statement_id]
            assert (fact["city"], fact["theme_id"], fact["tag"]) == (
                row.city,
                row.theme_id,
                row.tag,
            )


def corpus(counts: dict[tuple[str, str], int], documents: int = 1) -> pd.DataFrame:
    """Return rows of (city, theme) → how many, dealt in turn to the documents of the city."""
    rows = [(city, theme) for (city, theme), n in counts.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["city", "theme_id"])
    ids = [f"s{i}" for i in range(len(frame))]
    turn = (frame.groupby(["city", "theme_id"]).cumcount() % documents).astype(str)
    frame = frame.assign(statement_id=ids, tag="frein", round_table="TR1", copy_of="")
    frame["original"] = frame["statement_id"]
    return frame.assign(doc_id=frame["city"] + turn)


THEMES = pd.DataFrame({"theme_id": ["a", "b"], "label": ["A", "B"]})


def test_a_clear_contrast_is_found_and_a_small_one_is_not_tested() -> None:
    """Many documents that agree speak; one document a city, however long, does not."""
    counts = {("V", "a"): 48, ("V", "b"): 12, ("W", "a"): 12, ("W", "b"): 48}
    found = compare.compare(corpus(counts, documents=6), THEMES, **OPTIONS)
    row = found[(found["city"] == "V") & (found["theme_id"] == "a") & (found["tag"] == "frein")]
    assert row["q_value"].item() < 0.02
    assert row["documents"].item() == 6
    small = compare.compare(corpus(counts, documents=1), THEMES, **OPTIONS)
    assert small["p_value"].isna().all()
    assert set(small["test"]) == {"effectif insuffisant"}
    words = small.set_index(["city", "theme_id", "tag"])["wording"]
    assert words["V", "a", "frein"] == "évoqué à V, dans un document ; partagé par 2 villes sur 2"
    assert words["V", "a", "constat"] == "non évoqué à V"


def test_what_sets_a_city_apart_is_said_in_several_documents() -> None:
    """A theme one city repeats stands out; the same in a single document does not."""
    counts = {("V", "a"): 20, ("V", "b"): 2, ("W", "a"): 2, ("W", "b"): 20}
    tokens = pd.DataFrame(columns=["statement_id", "text", "lemma", "pos"], dtype=str)
    found = compare.distinctive(corpus(counts, documents=2), THEMES, tokens)
    assert list(found[["city", "kind", "term"]].itertuples(index=False, name=None)) == [
        ("V", "thème", "A"),
        ("W", "thème", "B"),
    ]
    assert [len(ids.split()) for ids in found["statement_ids"]] == found["n"].tolist()
    assert compare.distinctive(corpus(counts), THEMES, tokens).empty


def test_words_that_set_a_city_apart() -> None:
    """The words of a city's statements, once a statement, with the statements that say them."""
    rows = corpus({("V", "a"): 12, ("W", "a"): 12}, documents=2)
    tokens = pd.DataFrame(
        [
            (i, word, word, "NOUN")
            for i, city in zip(rows["statement_id"], rows["city"], strict=True)
            for word in (["plage", "plage", "caméra"] if city == "V" else ["quai", "caméra"])
        ],
        columns=["statement_id", "text", "lemma", "pos"],
    )
    found = compare.distinctive(rows, THEMES, tokens)
    assert found["term"].tolist() == ["plage", "quai"]
    assert found["n"].tolist() == [12, 12]


def test_obstacles_no_other_city_answers() -> None:
    """A city's own proposal is no answer from elsewhere; another city's is."""
    rows = corpus({("V", "a"): 2, ("W", "b"): 1})
    own = rows.iloc[:1].assign(statement_id="p", tag="proposition")
    alone = compare.open_obstacles(pd.concat([rows, own]), THEMES)
    assert alone["theme_id"].tolist() == ["a", "b"]
    assert alone["answered_in"].tolist() == ["V", ""]
    other = own.assign(city="W")
    assert compare.open_obstacles(pd.concat([rows, other]), THEMES)["theme_id"].tolist() == ["b"]


def test_one_city_is_compared_with_nobody() -> None:
    """A single city has counts and no test, and nothing is « shared by all »."""
    rows = corpus({("V", "a"): 12})
    assert compare.compare(rows, THEMES, **OPTIONS)["p_value"].isna().all()
    assert set(compare.across_cities(rows, THEMES, cities=1)["reach"]) == {"une seule"}


def test_reach() -> None:
    """« Soulevé dans k villes sur n », shared by all, several, or one city's own."""
    rows = corpus({("V", "a"): 1, ("W", "a"): 2, ("V", "b"): 1})
    table = compare.across_cities(rows, THEMES, cities=2).set_index("theme_id")
    assert table.loc["a", ["cities_raising", "reach", "raised_in"]].tolist() == [
        2,
        "toutes",
        "V; W",
    ]
    assert table.loc["b", ["cities_raising", "reach"]].tolist() == [1, "une seule"]


def test_what_was_sent_twice_counts_once() -> None:
    """A document counts once nationally, once in a city that sent it twice; campaigns show."""
    rows = [("V1", "V", "", ""), ("V2", "V", "V1", "V1"), ("V3", "V", "", "V1"),
            ("W1", "W", "V1", "V1"), ("W2", "W", "", "")]  # fmt: skip
    statements = pd.DataFrame(rows, columns=["statement_id", "city", "copy_of", "repeats"])
    statements = statements.assign(round_table="TR1", doc_id=statements["statement_id"])
    said = statements[["statement_id"]]
    gathered = compare.gather(statements, said.assign(tag="frein"), said.assign(theme_id="a"))
    by_city = compare.compare(gathered, THEMES, **OPTIONS).set_index(["city", "theme_id", "tag"])
    assert by_city["n"]["V", "a", "frein"] == 2
    assert by_city["n"]["W", "a", "frein"] == 2
    heard = gathered[gathered["copy_of"] == ""]
    national = compare.across_cities(heard, THEMES, cities=2).iloc[0]
    assert (national["n"], national["texts"]) == (3, 2)
    assert national["raised_in"] == "V; W"


def test_nothing_to_compare() -> None:
    """A corpus where nothing informs the commission gives empty tables with their columns."""
    rows = corpus({})
    for name, table in (
        ("city_theme_tag", compare.compare(rows, THEMES, **OPTIONS)),
        ("themes_across_cities", compare.across_cities(rows, THEMES, cities=0)),
        ("open_obstacles", compare.open_obstacles(rows, THEMES)),
    ):
        assert contract.check(name, table).empty
