"""What subjects a statement speaks of, by a thesaurus: several words for one concept.

The thesaurus is a lexicon (`lexicons/concepts.csv` for urban security); another field of
consultation is another file of the same columns, named in params.yaml.

`python -m pipeline.theming.concepts` lists the frequent terms of the corpus that no concept covers:
what to add to the thesaurus next.
"""

import functools
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from pipeline import contract, french, parameters
from pipeline.contract import INTERIM, run
from pipeline.theming import content_words

_LEAST_STATEMENTS = 3  # a term said less often is not worth a row of the thesaurus
_CLOSEST = 3  # concepts a text is near without naming them
_BROADER_WEIGHT = 0.5  # two statements of neighbouring concepts are half as alike

# « délai d'audience », « délais de l'audience »: small words do not tell concepts apart.
_SMALL_WORDS = frozenset(
    ["a", "au", "aux", "d'", "de", "des", "du", "en", "et", "l'", "la", "le", "les", "un", "une"]
)

Term = tuple[str, ...]


def thesaurus(name: str) -> dict[str, list[tuple[Term, str]]]:
    """Return the terms of a thesaurus, by first word: [(words, concept), …], the longest first.

    In: the name of a lexicon with the columns term, kind, concept, broader; "" gives none.
    Words are folded and small words dropped; an acronym stays in capitals: « TIG », not « tige ».
    """
    terms: dict[str, list[tuple[Term, str]]] = defaultdict(list)
    for row in french.lexicon(name) if name else ():
        written = row["term"] if row["kind"] == "acronyme" else french.fold(row["term"])
        words = [word for word in _words(written) if word not in _SMALL_WORDS]
        if words:
            terms[words[0]].append((tuple(words), row["concept"]))
    return {word: sorted(found, key=lambda t: (-len(t[0]), t)) for word, found in terms.items()}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+'|\w+", text.replace("-", " "))


def find(tokens: pd.DataFrame, terms: dict[str, list[tuple[Term, str]]]) -> dict[str, Counter[str]]:
    """Return, for each text (column `row` of tokens), the concepts it names and how often.

    A word of a term is found as written, as its lemma or in the plural. The longest term wins
    where several begin at the same word, and each word serves once.
    """
    spelled = [
        (row, forms)
        for row, text, lemma, pos in zip(
            *(tokens[column] for column in ("row", "text", "lemma", "pos")), strict=True
        )
        if pos != "PUNCT"
        for forms in _spellings(text, lemma)
    ]
    return {
        row: Counter(concept for concept, *_ in _scan([forms for _, forms in words], terms))
        for row, words in itertools.groupby(spelled, key=lambda pair: pair[0])
    }


@functools.lru_cache(maxsize=100_000)  # the same words come back all the time
def _spellings(text: str, lemma: str) -> tuple[tuple[str, ...], ...]:
    """Return the forms of the words of a token, as terms are cut: « sous-effectif » is two."""
    words = []
    for piece in text.split("-"):
        folded = french.fold(piece)
        if folded and folded not in _SMALL_WORDS:
            singular = folded[:-1] if folded[-1] in ("s", "x") else folded
            base = french.fold(lemma) if piece == text else folded
            words.append((piece, folded, base, singular))
    return tuple(words)


def _scan(
    words: list[tuple[str, ...]], terms: dict[str, list[tuple[Term, str]]]
) -> list[tuple[str, int, int]]:
    """Return the concepts found, with the place of the first word and the number of words."""
    concepts: list[tuple[str, int, int]] = []
    place = 0
    while place < len(words):
        candidates = [term for form in dict.fromkeys(words[place]) for term in terms.get(form, ())]
        fitting = [(term, concept) for term, concept in candidates if _fits(term, words, place)]
        if fitting:
            term, concept = max(fitting, key=lambda pair: len(pair[0]))
            concepts.append((concept, place, len(term)))
            place += len(term)
        else:
            place += 1
    return concepts


def _fits(term: Term, words: list[tuple[str, ...]], place: int) -> bool:
    window = words[place : place + len(term)]
    return len(window) == len(term) and all(
        word in forms for word, forms in zip(term, window, strict=True)
    )


def broader(name: str) -> dict[str, str]:
    """Return the broader concept of each concept of a thesaurus, in alphabetical order."""
    rows = french.lexicon(name) if name else ()
    return dict(sorted({row["concept"]: row["broader"] for row in rows}.items()))


def concept_view(found: Sequence[Counter[str]], name: str) -> np.ndarray:
    """Return one row per text: its concepts and their broader ones, the rare ones weighing more.

    Rows are unit length, or zero for a text that names no concept (n × concepts).
    """
    columns = {concept: i for i, concept in enumerate(broader(name))}
    named = np.zeros((len(found), len(columns)))
    for row, concepts in enumerate(found):
        for concept, count in sorted(concepts.items()):
            named[row, columns[concept]] = np.log1p(count)
    view = _with_broader(named, name)
    rarity = np.log((1 + len(found)) / (1 + (view > 0).sum(axis=0)))
    return normalize(view * rarity) if view.size else np.zeros((len(found), 1))


def related_view(texts: list[list[str]], name: str, *, model: str) -> np.ndarray:
    """Return how close the words of each text are to each concept, named or not (n × concepts).

    In: the content terms of each text. A concept is the words of its terms and of their examples:
    « équipage » speaks of patrols even where no term is named. Explicit semantic analysis:
    Gabrilovich & Markovitch, IJCAI 2007, with the thesaurus in the place of an encyclopaedia.
    Rows are unit length, or zero.
    """
    if not name or not texts:
        return np.zeros((len(texts), 1))
    vectorizer, profiles = _profiles(name, model)
    return normalize(_with_broader((vectorizer.transform(texts) @ profiles.T).toarray(), name))


def weigh(
    found: dict[str, Counter[str]], texts: dict[str, list[str]], name: str, *, model: str
) -> dict[str, dict[str, float]]:
    """Return how much each text speaks of each concept: 1 when it names it, less when it is near.

    In: the concepts each text names, and its content terms, by id. The three concepts its words
    are closest to count for that closeness, from 0 to 1.
    """
    ids, columns = sorted(texts), list(broader(name))
    near = related_view([texts[i] for i in ids], name, model=model)[:, : len(columns)]
    weights: dict[str, dict[str, float]] = {}
    for row, i in enumerate(ids):
        closest = np.argsort(-near[row], kind="stable")[:_CLOSEST]
        weights[i] = {columns[c]: float(near[row, c]) for c in closest if near[row, c] > 0}
        weights[i] |= dict.fromkeys(found.get(i, ()), 1.0)
    return weights


@functools.lru_cache(maxsize=2)
def _profiles(name: str, model: str) -> tuple[TfidfVectorizer, np.ndarray]:
    """Return the fitted weighting of words and the profile of each concept, in order."""
    rows = french.lexicon(name)
    written = [row["term"] for row in rows] + [row["example"] for row in rows]
    read = content_words.term_lists(
        pd.Series(range(len(written))), french.parse(written, model=model)
    )
    words: dict[str, list[str]] = {concept: [] for concept in broader(name)}
    for row, text in zip([*rows, *rows], read, strict=True):
        words[row["concept"]] += text
    vectorizer = TfidfVectorizer(analyzer=list, sublinear_tf=True)
    return vectorizer, vectorizer.fit_transform(words.values())


def _with_broader(view: np.ndarray, name: str) -> np.ndarray:
    """Return the columns of the concepts followed by those of the broader ones."""
    parents = list(broader(name).values())
    columns = sorted(set(parents))
    belongs = np.array([[parent == column for column in columns] for parent in parents], float)
    return np.hstack([view, _BROADER_WEIGHT * view @ belongs]) if parents else view


def uncovered(tokens: pd.DataFrame, name: str, *, least: int) -> pd.DataFrame:
    """Return the frequent terms no concept covers: term, statements, example's statement_id.

    In: tokens (statement_id, token, text, lemma, pos). A term is a content word outside every
    term found in its statement; those of at least `least` statements are listed, the most
    frequent first.
    """
    known = thesaurus(name)
    tokens = tokens.assign(term=content_words.content_terms(tokens))
    seen: dict[str, list[str]] = defaultdict(list)
    for statement_id, group in tokens.groupby("statement_id", sort=True):
        spelled = [
            (term, forms)
            for text, lemma, pos, term in zip(
                *(group[column] for column in ("text", "lemma", "pos", "term")), strict=True
            )
            if pos != "PUNCT"
            for forms in _spellings(text, lemma)
        ]
        covered = {
            place + step
            for _, place, length in _scan([forms for _, forms in spelled], known)
            for step in range(length)
        }
        open_terms = {
            term for place, (term, _) in enumerate(spelled) if term and place not in covered
        }
        for term in sorted(open_terms):
            seen[term].append(str(statement_id))
    rows = [(term, len(ids), ids[0]) for term, ids in seen.items() if len(ids) >= least]
    table = pd.DataFrame(rows, columns=["term", "statements", "example"])
    return table.sort_values(["statements", "term"], ascending=[False, True], ignore_index=True)


def main() -> None:
    """Write data/interim/termes_sans_concept.csv: what the thesaurus does not know yet."""
    statements, tokens = contract.read("statements"), contract.read("tokens")
    name = parameters.load_params()["vectors"]["concepts"]
    table = uncovered(tokens, name, least=_LEAST_STATEMENTS)
    table["example"] = table["example"].map(statements.set_index("statement_id")["text"])
    path = INTERIM / "termes_sans_concept.csv"
    contract.replace(path, lambda p: table.to_csv(p, index=False, lineterminator="\n"))
    print(f"{len(table)} termes fréquents sans concept : {path}")


if __name__ == "__main__":
    run(main)
