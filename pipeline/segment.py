"""Segment blocks into statements (énoncés), one complete idea each, and parse them.

A statement is a sentence, a bullet, or an idea of a spoken turn. It keeps the document, heading,
speaker and place of its block. What analysts decided to exclude, split or merge is applied last
(`rewrite.py`).
"""

import re
from collections import Counter
from typing import Annotated

import pandas as pd

from pipeline import contract, coverage, document_map, french
from pipeline.analysts import decisions, rewrite
from pipeline.campaigns import copies, resent
from pipeline.contract import run
from pipeline.parameters import Between, params

_CONTEXT = ["doc_id", "path", "speaker", "role", "section", "locator", "kind"]
# A sentence ends at . ! ? … (and the quotes or brackets that close it) before a space and what
# can begin a sentence.
_END = re.compile(r"[.!?…]+(?:\s?[»”\"')\]])*(?=\s+[«“\"'(\[]?\s*[A-ZÀ-ÖØ-ÞŒ0-9])")
_LAST_WORD = re.compile(r"([^\W\d_]+|\d+)\.$")
_BULLET = re.compile(r"(?:^|\n)\s*(?:[-–—•▪●◦·*‣➢✓]|->|→)\s+|\n\s*\d{1,2}[.)]\s+")
_LETTER = re.compile(r"[^\W\d_]")
# « je je », « je, je », « c'est c'est »: small words said twice; « beaucoup, beaucoup » is meant.
_STAMMER = re.compile(
    r"\b((?:[^\W\d_]{1,2}['’])?(?:[^\W\d_]{1,4}|depuis|comme|quand|avant|après|entre|notre|votre"
    r"|leurs|cette|parce|celle|celui|ceux))(?:,?\s+\1)+(?![\w'’])",
    re.IGNORECASE,
)
# « on pourrait, on pourrait ouvrir », « l'assurance, euh, l'assurance »: the same words again.
_PAUSE = "\x1f"
_RESTART = re.compile(r"\b((?:[\w'’]+\s+){1,2}[\w'’]+),?\s+\1(?![\w'’])", re.IGNORECASE)
_RESTART_AFTER_PAUSE = re.compile(
    rf"\b((?:[\w'’]+\s+){{0,2}}[\w'’]+),?\s*(?:{_PAUSE}[\s,]*)+\1(?![\w'’])", re.IGNORECASE
)
# [pause], (rires): what the transcriber added; pseudonyms such as [PERSONNE_3] stay.
_STAGE_DIRECTION = re.compile(
    r"[\[(](?:pause|silence|rires?|inaudible|brouhaha|applaudissements)[\])]", re.IGNORECASE
)
# These are repeated rightly: « nous nous voyons », « vous vous plaignez », « et ça, ça marche ».
_REFLEXIVE = {"nous", "vous"}
_OPEN, _CLOSE = "«(“[", "»)”]"


def sentences(text: str) -> list[str]:
    """Return the sentences of one French paragraph, on one line.

    Abbreviations (`lexicons/abbreviations.csv`), initials, ordinals and what stands inside
    quotation marks or brackets do not end a sentence.
    """
    cuts = [end.end() for end in _END.finditer(text) if _ends_sentence(text, end)]
    pieces = [text[a:b].strip() for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return [piece for piece in pieces if piece]


def _ends_sentence(text: str, end: re.Match[str]) -> bool:
    before, after = text[: end.end()], text[end.end() :]
    pairs = zip(_OPEN, _CLOSE, strict=True)
    missing = [close for opening, close in pairs if before.count(opening) > before.count(close)]
    # An unclosed quotation only holds the sentence together if it does close further on.
    if missing and all(close in after for close in missing):
        return False
    if end.group().strip(" »”\"')]") != ".":
        return True
    word = _LAST_WORD.search(before.rstrip(" »”\"')]"))
    if word is None:
        return True
    known = {row["abbreviation"].lower() for row in french.lexicon("abbreviations")}
    last = word.group(1)
    is_initial = len(last) == 1 and last.isupper()
    numbers_a_list = last.isdigit() and word.start() == 0
    follows_etc = last.lower() == "etc"
    return follows_etc or not (last.lower() in known or is_initial or numbers_a_list)


def clean_speech(text: str) -> str:
    """Return a spoken turn without hesitations (« euh ») and stammered repetitions (« je je »)."""
    forms = sorted((row["form"] for row in french.lexicon("hesitations")), key=len, reverse=True)
    pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?!\w)\s*(?:…|\.\.\.)?"
    text = re.sub(pattern, _PAUSE, text, flags=re.IGNORECASE)
    text = _RESTART_AFTER_PAUSE.sub(r"\1", text)
    text = re.sub(rf"(,?)\s*{_PAUSE}\s*(,?)", _close_pause, text)
    text = _STAGE_DIRECTION.sub(" ", text)
    text = _RESTART.sub(r"\1", _STAMMER.sub(_first_of_repetition, text))
    text = re.sub(r"\s+([,.])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,")
    first = text[:1].upper()
    return first + text[1:] if len(first) == 1 else text  # a capital ß is two letters


def _close_pause(match: re.Match[str]) -> str:
    return ", " if match.group(1) and match.group(2) else " "


def _first_of_repetition(match: re.Match[str]) -> str:
    word = match.group(1).lower()
    meant = word in _REFLEXIVE or (word == "ça" and "," in match.group())
    return match.group() if meant else match.group(1)


def _cut_long_speech(sentence: str, max_words: int) -> list[str]:
    """Cut an unpunctuated spoken sentence at its connectives, keeping every word."""
    words = len(sentence.split())
    if words <= max_words:
        return [sentence]
    connectives = "|".join(re.escape(r["connective"]) for r in french.lexicon("spoken_connectives"))
    middle = len(sentence) / 2
    places = [
        m.start() for m in re.finditer(rf"(?<=[\s,])(?:{connectives})\b", sentence, re.IGNORECASE)
    ]
    places = [p for p in places if min(len(sentence[:p].split()), len(sentence[p:].split())) >= 5]
    if not places:
        return [sentence]
    cut = min(places, key=lambda place: (abs(place - middle), place))
    left, right = sentence[:cut].rstrip(), sentence[cut:]
    return _cut_long_speech(left, max_words) + _cut_long_speech(right, max_words)


def _join_fragments(pieces: list[str], min_words: int) -> list[str]:
    """Join a fragment too short to stand alone (« D'accord. ») to what follows, else precedes."""
    joined: list[str] = []
    held = ""
    for piece in pieces:
        piece = f"{held} {piece}".strip()
        held = ""
        words = len(re.findall(r"\w+", piece))
        asks = piece.endswith("?") and words > 1
        if (words < min_words and not asks) or not _LETTER.search(piece):
            held = piece
        else:
            joined.append(piece)
    if held and joined:
        joined[-1] = f"{joined[-1]} {held}"
    elif held:
        joined.append(held)
    return joined


def split_block(text: str, kind: str, *, min_words: int, max_words: int) -> list[str]:
    """Return the statements of one block; every word of it is in one of them.

    Lines and bullets inside a cell are cut first, then sentences; a spoken turn is cleaned of its
    hesitations and its endless sentences are cut at connectives. A block without any letter
    gives nothing.
    """
    parts = _BULLET.split(text) if kind in ("cell", "item") else [text]
    if kind == "cell":
        parts = [line for part in parts for line in _logical_lines(part)]
    statements: list[str] = []
    for part in parts:
        line = french.normalise(part)
        pieces = sentences(line)
        if kind == "turn":
            pieces = [clean_speech(piece) for piece in pieces]
            pieces = [cut for piece in pieces for cut in _cut_long_speech(piece, max_words)]
        statements += _join_fragments([piece for piece in pieces if piece], min_words)
    return [statement for statement in statements if _LETTER.search(statement)]


def _logical_lines(text: str) -> list[str]:
    """Return the lines of a cell, a wrapped line rejoined to the one it continues."""
    lines: list[str] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        continues = lines and line[0].islower() and lines[-1][-1] not in ".;:!?"
        if continues:
            lines[-1] = f"{lines[-1]} {line}"
        else:
            lines.append(line)
    return lines


def segment(
    documents: pd.DataFrame,
    blocks: pd.DataFrame,
    *,
    min_words: Annotated[int, Between(1, 10)],
    max_words: Annotated[int, Between(10, 500)],
    copy_least_words: Annotated[int, Between(3, 100)],
    copy_likeness: Annotated[float, Between(0.5, 1)],
    resent_share: Annotated[float, Between(0.5, 1)],
) -> pd.DataFrame:
    """Return the statements of all documents, in order.

    In: `read_documents` and `blocks`. Out: `statements`. A second copy of a file sent by the
    same city gives no statement; sent by another city, or saved anew (a .docx and its .pdf), it
    keeps its own, which say in `copy_of` which statement they repeat. `repeats` names the first
    of the statements that say the same in nearly the same words, wherever they come from, and
    `copies` counts them all.
    """
    documents = documents.set_index("doc_id")
    rows = []
    for doc_id, group in blocks.groupby("doc_id", sort=True):
        document = documents.loc[doc_id]
        original = document["duplicate_of"]
        if original and documents.loc[original, "city"] == document["city"]:
            continue
        position = 0
        for block in group.sort_values("block").itertuples():
            if block.kind in ("heading", "furniture"):
                continue
            for text in split_block(
                block.text, block.kind, min_words=min_words, max_words=max_words
            ):
                position += 1
                rows.append(_statement(doc_id, document, block, position, text, original))
    _mark_resent(rows, resent_share)
    texts = [row["text"] for row in rows]
    firsts = copies(texts, least_words=copy_least_words, likeness=copy_likeness)
    sizes = Counter(firsts)
    for row, first in zip(rows, firsts, strict=True):
        own = rows[first]["statement_id"]
        row["repeats"] = "" if own == row["statement_id"] else own
        row["copies"] = sizes[first]
    columns = [*contract.TABLES["statements"].columns, "repeats", "copies"]
    return pd.DataFrame(rows, columns=columns)


def _mark_resent(rows: list[dict[str, object]], share: float) -> None:
    """Fill `copy_of` in documents that are others saved anew, the shortest name being the first."""
    by_document: dict[tuple[int, str], list[dict[str, object]]] = {}
    for row in rows:
        if not row["copy_of"]:
            by_document.setdefault((len(row["path"]), row["path"]), []).append(row)
    documents = [by_document[name] for name in sorted(by_document)]
    again = resent([[row["text"] for row in said] for said in documents], share=share)
    for (document, place), (original, first) in again.items():
        documents[document][place]["copy_of"] = documents[original][first]["statement_id"]


def _statement(
    doc_id: str, document: pd.Series, block: tuple, position: int, text: str, original: str
) -> dict[str, object]:
    return {
        "statement_id": f"{doc_id}:{position:04d}",
        "doc_id": doc_id,
        "path": document["path"],
        "city": block.city or document["city"],
        "date": block.date or document["date"],
        "round_table": block.round_table or document["round_table"],
        "speaker": block.speaker,
        "role": block.role,
        "heading": block.column or block.heading,
        "section": block.section,
        "locator": block.locator,
        "position": position,
        "kind": block.kind,
        "text": text,
        "copy_of": f"{original}:{position:04d}" if original else "",
    }


def parse_document(item: tuple[tuple[str, ...], str]) -> pd.DataFrame:
    """Return the tokens of one document's statements; the item is (texts, spaCy model)."""
    texts, model = item
    return french.parse(texts, model=model)


def parse(statements: pd.DataFrame, *, model: str, workers: int) -> pd.DataFrame:
    """Return the `tokens` of all statements, parsed document by document through the cache."""
    groups = [group for _, group in statements.groupby("doc_id", sort=True)]
    items = [("\n".join(g["text"]), (tuple(g["text"]), model)) for g in groups]
    paths = document_map.map_documents(
        parse_document,
        items,
        contract.CACHE / "tokens",
        version=document_map.code_version(french),
        workers=workers,
        label="Analyse grammaticale",
    )
    tables = []
    for group, path in zip(groups, paths, strict=True):
        tokens = pd.read_parquet(path)
        ids = group["statement_id"].to_numpy()
        tables.append(tokens.assign(statement_id=ids[tokens["row"]]).drop(columns="row"))
    columns = list(contract.TABLES["tokens"].columns)
    return pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)


def count_statements(documents: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """Return the `documents` table: what was read, with the number of statements of each.

    A document most of whose statements repeat another's says so in `duplicate_of`.
    """
    counts = statements["doc_id"].value_counts()
    copied = statements[statements["copy_of"] != ""]
    originals = (
        copied["copy_of"].str.replace(r":.*", "", regex=True).groupby(copied["doc_id"]).first()
    )
    found = documents["doc_id"].map(lambda doc_id: originals.get(doc_id, ""))
    return documents.assign(
        statements=documents["doc_id"].map(counts).fillna(0).astype(int),
        duplicate_of=documents["duplicate_of"].where(documents["duplicate_of"] != "", found),
    )


def main() -> None:
    """Read what pseudonymise wrote, write documents, statements as analysts want them, tokens."""
    documents, blocks = contract.read("masked_documents"), contract.read("masked_blocks")
    said = segment(documents, blocks, **params("segment", segment))
    taken, _ = decisions.read(contract.DECISIONS)
    statements, rewrites, excluded, problems = rewrite.rewrite(said, taken)
    tokens = parse(statements, **params("language", parse))
    contract.write("documents", count_statements(documents, statements))
    contract.write("statements", statements)
    contract.write("rewrites", rewrites)
    contract.write("excluded", excluded)
    contract.write("rewrite_problems", problems)
    contract.write("coverage", coverage.measure(documents, blocks, said))
    contract.write("tokens", tokens)


if __name__ == "__main__":
    run(main)
