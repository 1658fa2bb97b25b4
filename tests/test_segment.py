"""Cutting blocks into statements."""

import re

import pandas as pd
import pytest
from conftest import expected
from hypothesis import given
from hypothesis import strategies as st

from pipeline import contract, french, segment

LIMITS = {"min_words": 3, "max_words": 45}
ALL = LIMITS | {"copy_least_words": 8, "copy_likeness": 0.8, "resent_share": 0.9}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Les vols montent. Les moyens baissent.", ["Les vols montent.", "Les moyens baissent."]),
        ("M. Tassigny et Mme. Orvault partagent ce constat.", None),
        ("L'art. 40 du code s'impose à l'agent.", None),
        ("La circulaire n° 12 du 3 mars 2022 est restée sans effet.", None),
        (
            "Le pb. Principal vient du logiciel, cf. Annexe 2.",
            ["Le pb.", "Principal vient du logiciel, cf. Annexe 2."],
        ),
        ("Il a dit : « On attend. Rien ne vient. » et il est parti.", None),
        ("Le dispositif (voir p. 12. Il date de 2019) est connu.", None),
        ("Quel délai ? Trois mois !", ["Quel délai ?", "Trois mois !"]),
        ("Le taux atteint 3.5 % et 1.200 plaintes.", None),
        ("1. Ouvrir la maison de quartier le soir.", None),
        ("J. Delbarde préside la séance.", None),
        ("Écoles, bailleurs, etc. Tous ont signé.", ["Écoles, bailleurs, etc.", "Tous ont signé."]),
        ("On attend… Rien ne vient.", ["On attend…", "Rien ne vient."]),
        ("elle dit « non. puis elle part", None),
        (
            "Il demande « un cadre. Le préfet refuse.",
            ["Il demande « un cadre.", "Le préfet refuse."],
        ),
        ("Effectif : 12. En 2019, il était de 20.", ["Effectif : 12.", "En 2019, il était de 20."]),
    ],
)
def test_sentences(text: str, expected: list[str] | None) -> None:
    """A full stop ends a sentence only where a reader would stop; None: nothing is cut."""
    assert segment.sentences(text) == (expected or [text])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("euh, les délais sont trop longs", "Les délais sont trop longs"),
        ("les délais, euh, sont trop longs", "Les délais, sont trop longs"),
        ("je je crois que le le parquet répond", "Je crois que le parquet répond"),
        ("parce que je, je peux dire", "Parce que je peux dire"),
        ("que l'assurance, euh, l'assurance paie", "Que l'assurance paie"),
        ("quatorze mois, euh quatorze mois et demi", "Quatorze mois et demi"),
        ("on pourrait, euh, on pourrait ouvrir le soir", "On pourrait ouvrir le soir"),
        ("bonjour à tous, euh, on commence", "Bonjour à tous, on commence"),
        ("le local est fermé. [pause]", "Le local est fermé."),
        ("c'est [PERSONNE_3] qui répond", "C'est [PERSONNE_3] qui répond"),
        ("nous nous voyons le lundi", "Nous nous voyons le lundi"),
        ("vous vous plaignez du bruit", "Vous vous plaignez du bruit"),
        ("c'est c'est long", "C'est long"),
        ("il y a beaucoup, beaucoup de bruit", "Il y a beaucoup, beaucoup de bruit"),
        ("le maire et le préfet", "Le maire et le préfet"),
        ("Heureusement, le bailleur est là", "Heureusement, le bailleur est là"),
    ],
)
def test_clean_speech(said: str, kept: str) -> None:
    """Hesitations and stammers go; words that only look like them stay."""
    assert segment.clean_speech(said) == kept


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (
            "- manque d'agents la nuit\n- local fermé depuis mars",
            "cell",
            ["manque d'agents la nuit", "local fermé depuis mars"],
        ),
        (
            "Un premier constat partagé\nUn second constat isolé",
            "cell",
            ["Un premier constat partagé", "Un second constat isolé"],
        ),
        (
            "Une phrase coupée en\ndeux lignes de cellule",
            "cell",
            ["Une phrase coupée en deux lignes de cellule"],
        ),
        (
            "D'accord. On signe la convention en juin.",
            "paragraph",
            ["D'accord. On signe la convention en juin."],
        ),
        (
            "On signe la convention en juin. Voilà.",
            "paragraph",
            ["On signe la convention en juin. Voilà."],
        ),
        (
            "pb recrutement -> PM partent au bout de 2 ans",
            "item",
            ["pb recrutement -> PM partent au bout de 2 ans"],
        ),
        ("———", "paragraph", []),
        ("Oui.", "turn", ["Oui."]),
    ],
)
def test_split_block(text: str, kind: str, expected: list[str]) -> None:
    """Bullets and lines of a cell are statements; a fragment joins its neighbour."""
    assert segment.split_block(text, kind, **LIMITS) == expected


def test_endless_speech_is_cut_at_its_connectives() -> None:
    """A spoken sentence without punctuation becomes ideas, and every word stays, in order."""
    speech = (
        "On a perdu deux agents en janvier sur le secteur de la gare et on nous demande encore de "
        "couvrir la nuit et du coup les équipes sont à bout sauf que personne à la préfecture ne "
        "veut entendre que le service tourne avec la moitié des postes depuis bientôt deux années"
    )
    pieces = segment.split_block(speech, "turn", min_words=4, max_words=30)
    assert len(pieces) > 1
    assert " ".join(pieces).lower().split() == speech.lower().split()


@given(st.text(max_size=200), st.sampled_from(["paragraph", "item", "cell"]))
def test_no_word_is_lost(text: str, kind: str) -> None:
    """Every letter and digit of a block with letters is in one of its statements, in order."""
    pieces = segment.split_block(text, kind, **LIMITS)
    words = re.compile(r"[^\W\d_]")
    if pieces:
        assert words.findall(" ".join(pieces)) == words.findall(french.normalise(text))
    else:
        assert not words.search(french.normalise(text))


def documents(**changes: str) -> pd.DataFrame:
    row = dict.fromkeys(contract.TABLES["read_documents"].columns, "")
    row |= {"doc_id": "a", "path": "v/a.txt", "city": "V", "characters": 1} | changes
    return pd.DataFrame([row])


def blocks(*rows: dict) -> pd.DataFrame:
    empty = dict.fromkeys(contract.TABLES["blocks"].columns, "") | {"doc_id": "a", "level": 0}
    return pd.DataFrame([empty | {"block": i} | row for i, row in enumerate(rows, 1)])


def test_headings_and_furniture_give_no_statement() -> None:
    """A heading is context and page furniture is not said by anyone."""
    table = segment.segment(
        documents(),
        blocks(
            {"kind": "heading", "text": "Freins"},
            {"kind": "item", "text": "Deux postes restent vacants.", "heading": "Freins"},
            {"kind": "furniture", "text": "Page 2 sur 4 du compte rendu"},
        ),
        **ALL,
    )
    assert table["text"].tolist() == ["Deux postes restent vacants."]
    assert table["heading"].tolist() == ["Freins"]
    assert table["statement_id"].tolist() == ["a:0001"]


def test_what_a_block_says_of_itself_wins_over_its_document() -> None:
    """A grid may hold several cities, dates and round tables."""
    block = {"kind": "cell", "text": "Deux postes restent vacants.", "column": "Frein"}
    block |= {"city": "W", "date": "2024-01-02", "round_table": "TR2", "heading": "Grille"}
    row = segment.segment(documents(round_table="TR1"), blocks(block), **ALL).iloc[0]
    assert (row["city"], row["date"], row["round_table"]) == ("W", "2024-01-02", "TR2")
    assert row["heading"] == "Frein"


def test_a_file_sent_twice_speaks_once() -> None:
    """The same city's copy gives nothing; another city's says which statements it repeats."""
    both = pd.concat([documents(), documents(doc_id="b", duplicate_of="a")])
    line = {"kind": "item", "text": "Deux postes restent vacants."}
    said = pd.concat([blocks(line), blocks(line).assign(doc_id="b")])
    assert segment.segment(both, said, **ALL)["doc_id"].tolist() == ["a"]
    both.loc[both["doc_id"] == "b", "city"] = "W"
    table = segment.segment(both, said, **ALL)
    assert table["copy_of"].tolist() == ["", "a:0001"]


def test_a_document_saved_anew_speaks_once() -> None:
    """A .docx and its .pdf are one document, whoever sent them; what one adds stays its own."""
    lines = [{"kind": "item", "text": f"Le point numéro {n} reste ouvert."} for n in range(10)]
    both = pd.concat([documents(), documents(doc_id="b", path="w/CR final.pdf", city="W")])
    own = {"kind": "item", "text": "Une remarque ajoutée ensuite."}
    said = pd.concat([blocks(*lines), blocks(*lines[:9], own).assign(doc_id="b")])
    table = segment.segment(both, said, **ALL)
    assert table["copy_of"].tolist() == [""] * 10 + [f"a:{n:04d}" for n in range(1, 10)] + [""]
    counted = segment.count_statements(both, table)
    assert counted["duplicate_of"].tolist() == ["", "a"]
    other = pd.concat([blocks(*lines), blocks(*lines[:5], own).assign(doc_id="b")])
    assert set(segment.segment(both, other, **ALL)["copy_of"]) == {""}


def test_the_miniature_consultation(consultation) -> None:
    """From files to statements: exactly what a careful person wrote down, with its place."""
    from pipeline import ingest, pseudonymise

    ingest.main()
    pseudonymise.main()
    segment.main()
    statements = contract.read("statements")
    columns = list(expected("statements").columns)
    found = statements.sort_values(["path", "position"], ignore_index=True)
    pd.testing.assert_frame_equal(found[columns], expected("statements"), check_dtype=False)
    assert (found["locator"] != "").all()
    wanted = expected("documents")
    read = contract.read("documents").sort_values("path", ignore_index=True)
    pd.testing.assert_frame_equal(read[list(wanted.columns)], wanted, check_dtype=False)
    tokens = contract.read("tokens")
    assert set(tokens["statement_id"]) == set(found["statement_id"])
