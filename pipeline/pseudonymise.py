"""Stage pseudonymise: personal data replaced by tags, before a text reaches any other stage.

What ingest read (data/interim) goes in; the same tables come out with `[PERSONNE_3]`,
`[COURRIEL_1]`… in place of the data. Roles, cities, institutions and laws stay. The key that tells
who is who is state, kept out of DVC: see docs/decisions/0005.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

import pandas as pd

from pipeline import contract
from pipeline.contract import UserError, run
from pipeline.masking import attendance, entities, people, personal_data, pseudonyms
from pipeline.masking.name_words import (
    Mention,
    Vocabulary,
    key_of,
    never_names,
    small_towns,
    without_articles,
)
from pipeline.masking.names import Reader
from pipeline.masking.people import Known, Place
from pipeline.masking.pseudonyms import KEY, Key
from pipeline.parameters import Between, params

TO_MASK = Path("data/privacy/a_masquer.csv")
TO_KEEP = Path("data/privacy/a_ne_pas_masquer.csv")
_TEXT_COLUMNS = ("text", "heading", "section", "column", "speaker", "role", "locator")
_DOCUMENT_COLUMNS = ("title", "notice")
_FILE_NAME_WARNING = (
    "Le nom du fichier contient le nom d'une personne, que les pages citeront : renommez-le."
)


def main() -> None:
    """Read what ingest wrote, write the masked tables and the key."""
    documents, blocks = contract.read("read_documents"), contract.read("blocks")
    key = Key(pseudonyms.read_rows(KEY))
    tables = pseudonymise(
        documents,
        blocks,
        key,
        to_mask=read_terms(TO_MASK),
        to_keep=read_terms(TO_KEEP),
        **params("pseudonymise", recognise),
    )
    # The key first: were the run cut here, the next one would give the same tags.
    pseudonyms.write_key(KEY, key)
    for name, frame in tables.items():
        contract.write(name, frame)


def read_terms(path: Path) -> list[str]:
    """Return the terms of one of the two lists an analyst edits (column « terme »).

    Raises UserError when the file has no such column; a file that is absent is an empty list.
    """
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8-sig")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = list(csv.DictReader(text.splitlines(), delimiter=delimiter))
    if rows and "terme" not in rows[0]:
        raise UserError(f"{path} : la colonne « terme » manque ; remettez-la en première ligne.")
    return [row["terme"].strip() for row in rows if (row["terme"] or "").strip()]


@dataclass
class Found:
    """What was found in the consultation: data with a shape, people by text, names to look for."""

    vocabulary: Vocabulary
    mentions: dict[tuple[str, str], list[Mention]]
    known: Known


def pseudonymise(
    documents: pd.DataFrame,
    blocks: pd.DataFrame,
    key: Key,
    *,
    to_mask: list[str],
    to_keep: list[str],
    model: str,
    workers: int,
) -> dict[str, pd.DataFrame]:
    """Return the tables `masked_documents` and `masked_blocks`; `key` is given the new tags.

    In: `read_documents`, `blocks`, the key of earlier runs, the analyst's two lists. Out: the same
    rows, in the same order, with every personal datum replaced by its tag.
    """
    seen = recognise(blocks, model=model, workers=workers)
    vocabulary = vocabulary_of(documents, to_keep, model=model)
    found = find_people(documents, blocks, seen, vocabulary, to_mask)
    places = {
        (row.doc_id, row.block): Place(row.doc_id, row.city or city)
        for row, city in zip(
            blocks.itertuples(),
            blocks["doc_id"].map(documents.set_index("doc_id")["city"]),
            strict=True,
        )
    }
    registry = people.Registry(_placed(documents, found.mentions), key.values)
    masker = _Masker(found, registry, key)
    masked_documents = documents.copy()
    masked_blocks = blocks.copy()
    by_doc = {doc: group.index for doc, group in blocks.groupby("doc_id")}
    for index, document in documents.iterrows():
        place = Place(document["doc_id"], document["city"])
        for column in _DOCUMENT_COLUMNS:
            masked_documents.loc[index, column] = masker.mask(document[column], place)
        if masker.names_someone(document["path"]):
            said = f"{document['warnings']} {_FILE_NAME_WARNING}".strip()
            masked_documents.loc[index, "warnings"] = said
        rows = by_doc.get(document["doc_id"], [])
        for column in _TEXT_COLUMNS:
            masked_blocks.loc[rows, column] = [
                masker.mask(text, places[document["doc_id"], number])
                for text, number in zip(
                    blocks.loc[rows, column], blocks.loc[rows, "block"], strict=True
                )
            ]
    return {"masked_documents": masked_documents, "masked_blocks": masked_blocks}


def recognise(
    blocks: pd.DataFrame, *, model: str, workers: Annotated[int, Between(1, 64)]
) -> dict[tuple[str, str], list[tuple[int, int, str]]]:
    """Return, for each (document, text), what the language model takes for persons or bodies.

    A span is (start, end, "PER" or "ORG").
    """
    texts = {doc: list(dict.fromkeys(group)) for doc, group in blocks.groupby("doc_id")["text"]}
    found: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    for doc, frame in entities.entities(texts, model=model, workers=workers).items():
        for row in frame[frame["label"].isin(("PER", "ORG"))].itertuples():
            found.setdefault((doc, texts[doc][row.row]), []).append((row.start, row.end, row.label))
    return found


def vocabulary_of(documents: pd.DataFrame, to_keep: Iterable[str], *, model: str) -> Vocabulary:
    """Return what is never a name: lexicons, cities of the consultation, the analyst's list."""
    own = set(documents["city"]) | {PurePosixPath(path).parts[0] for path in documents["path"]}
    keep = never_names() | without_articles(own | set(to_keep))
    return Vocabulary(entities.french_words(model) | small_towns(), keep)


def find_people(
    documents: pd.DataFrame,
    blocks: pd.DataFrame,
    seen: dict[tuple[str, str], list[tuple[int, int, str]]],
    vocabulary: Vocabulary,
    to_mask: Iterable[str],
) -> Found:
    """Return the people named in all the texts: by rules first, then by the language model.

    A word that texts use as a place (« à Corvillac »), or that the model takes for a body, is no
    guess, unless a title says that it is someone's name as well.
    """
    mentions: dict[tuple[str, str], list[Mention]] = {}
    bodies = {key: [(a, b) for a, b, kind in spans if kind == "ORG"] for key, spans in seen.items()}
    lists = {
        (row.doc_id, row.text)
        for row in blocks.itertuples()
        if attendance.is_list_heading(row.heading) or attendance.is_list_heading(row.column)
    }
    for key in dict.fromkeys(_texts(documents, blocks)):
        reader = Reader(key[1], vocabulary)
        mentions[key] = reader.mentions(listed=key in lists, bodies=bodies.get(key, ()))
    for doc, group in blocks.groupby("doc_id"):
        lines = [(doc, text) for text in group["text"]]
        begins = [attendance.begins_with_person(key[1], mentions[key]) for key in lines]
        for key, among in zip(lines, attendance.lines_among_names(begins), strict=True):
            if among:
                reader = Reader(key[1], vocabulary)
                mentions[key] = reader.mentions(
                    listed=key in lists, among=True, bodies=bodies.get(key, ())
                )
    sure = {m.last for found in mentions.values() for m in found if m.sure}
    places = people.place_evidence(blocks["text"]) - sure
    vocabulary = Vocabulary(vocabulary.words, vocabulary.keep | places)
    for key, found in mentions.items():
        mentions[key] = [m for m in found if m.sure or m.last not in places]
    for row in blocks.itertuples():
        if row.speaker:
            mentions[row.doc_id, row.speaker] = Reader(row.speaker, vocabulary).speaker()
    doubtful = people.weak_place_evidence(blocks["text"]) - sure
    guesses = Vocabulary(vocabulary.words, vocabulary.keep | doubtful)
    for (doc, text), spans in seen.items():
        people_seen = [(start, end) for start, end, kind in spans if kind == "PER"]
        mentions[doc, text] += Reader(text, guesses).recognised(people_seen)
    asked = [(Place("", ""), Mention(0, 0, "", key_of(term))) for term in to_mask]
    known = people.known_names(list(_placed(documents, mentions)), vocabulary)
    known.anywhere.update({mention.last: ("", mention.last) for _, mention in asked})
    return Found(vocabulary, mentions, known)


def _texts(documents: pd.DataFrame, blocks: pd.DataFrame) -> Iterable[tuple[str, str]]:
    for row in documents.itertuples():
        yield from ((row.doc_id, getattr(row, column)) for column in _DOCUMENT_COLUMNS)
    for column in _TEXT_COLUMNS:
        if column not in ("role", "locator"):
            yield from zip(blocks["doc_id"], blocks[column], strict=True)


def _placed(
    documents: pd.DataFrame, mentions: dict[tuple[str, str], list[Mention]]
) -> Iterable[tuple[Place, Mention]]:
    city = documents.set_index("doc_id")["city"]
    for (doc, _), found in mentions.items():
        for mention in found:
            yield Place(doc, city[doc]), mention


class _Masker:
    """Puts tags in texts, and remembers the texts it has masked."""

    def __init__(self, found: Found, registry: people.Registry, key: Key) -> None:
        self.found, self.registry, self.key = found, registry, key
        self._masked: dict[tuple[str, Place], str] = {}

    def mask(self, text: str, place: Place) -> str:
        """Return `text` with tags in place of personal data."""
        if (text, place) not in self._masked:
            self._masked[text, place] = self._mask(text, place)
        return self._masked[text, place]

    def _mask(self, text: str, place: Place) -> str:
        pieces, end = [], 0
        for span, tag in self._tagged(text, place):
            pieces += [text[end : span[0]], tag]
            end = span[1]
        return "".join([*pieces, text[end:]])

    def _tagged(self, text: str, place: Place) -> list[tuple[tuple[int, int], str]]:
        data = personal_data.find(text)
        found = [((d.start, d.end), self.key.tag(d.kind, d.value)) for d in data]
        for mention in spans_of_people(text, place.doc, self.found, data):
            value, same_as = self.registry.person(place, mention)
            tag = self.key.tag("PERSONNE", value, same_as=same_as,
                               name=" ".join(filter(None, (mention.first, mention.last))),
                               anywhere=mention.last in self.found.known.anywhere)  # fmt: skip
            found.append(((mention.start, mention.end), tag))
        return sorted(found)

    def names_someone(self, path: str) -> bool:
        """Tell whether a file's name holds the name of a person."""
        words = PurePosixPath(path).stem.replace("_", " ")
        return bool(
            self.found.known.find(words)
            or [m for m in Reader(words, self.found.vocabulary).mentions() if m.last]
        )


def spans_of_people(
    text: str, doc: str, found: Found, data: list[personal_data.Datum]
) -> list[Mention]:
    """Return the people to mask in a text: the longest name first, none inside other data.

    Names known from elsewhere are looked for everywhere but in the names of places (« rue Orval »).
    """
    own = found.mentions.get((doc, text), [])
    known = found.known.find(text, doc)
    if len(known) > len(own):
        known = people.outside_places(text, known, found.vocabulary)
    kept: list[Mention] = []
    free = [m for m in [*own, *known] if all(m.end <= d.start or m.start >= d.end for d in data)]
    for mention in sorted(free, key=lambda m: (m.start - m.end, m.start)):
        if all(mention.end <= k.start or mention.start >= k.end for k in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)


if __name__ == "__main__":
    run(main)
