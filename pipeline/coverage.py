"""How much of each document is in its statements, and where the rest went.

Everything is counted in signs that are not spaces, over the text of the blocks as they were read
(names of speakers, which become metadata, are not counted): read = kept + all that was dropped.
"""

import re

import pandas as pd

from pipeline.french import normalise

_REASONS = {
    "headings": "d'intertitres (gardés comme contexte)",
    "furniture": "d'en-têtes, pieds de page, listes de présence et autres mentions",
    "hesitations": "d'hésitations et de répétitions orales",
    "marks": "de puces et de signes sans mots",
    "duplicate": "d'un document reçu deux fois",
}


def signs(text: str) -> int:
    """Return how many signs that are not spaces `text` holds, once normalised."""
    return len(re.sub(r"\s", "", normalise(text)))


def measure(
    documents: pd.DataFrame, blocks: pd.DataFrame, statements: pd.DataFrame
) -> pd.DataFrame:
    """Return the table `coverage`, from `read_documents`, `blocks` and `statements`.

    `duplicate` counts the whole text of a second copy sent by the same city, which is not kept.
    """
    kept = statements.groupby("doc_id")["text"].agg(lambda texts: sum(map(signs, texts)))
    spoken = statements[statements["kind"] == "turn"].groupby("doc_id")["text"]
    spoken = spoken.agg(lambda texts: sum(map(signs, texts)))
    read = blocks.assign(signs=blocks["text"].map(signs)).pivot_table(
        index="doc_id", columns="kind", values="signs", aggfunc="sum", fill_value=0
    )
    rows = []
    for document in documents.itertuples():
        of_kind = read.loc[document.doc_id].to_dict() if document.doc_id in read.index else {}
        row = {"read": sum(of_kind.values()), "kept": int(kept.get(document.doc_id, 0))}
        row |= dict.fromkeys(_REASONS, 0)
        if document.duplicate_of and not row["kept"]:
            row["duplicate"] = row["read"]
        else:
            row["headings"] = of_kind.get("heading", 0)
            row["furniture"] = of_kind.get("furniture", 0)
            said = of_kind.get("turn", 0)
            row["hesitations"] = said - int(spoken.get(document.doc_id, 0))
            row["marks"] = row["read"] - sum(row[name] for name in ("kept", *_REASONS))
        row["sentence"] = _sentence(row)
        rows.append({"doc_id": document.doc_id, "path": document.path, "city": document.city} | row)
    columns = ["doc_id", "path", "city", "read", "kept", *_REASONS, "sentence"]
    return pd.DataFrame(rows, columns=columns)


def _sentence(row: dict[str, int | str]) -> str:
    """Return what an analyst reads of one document."""
    if not row["read"]:
        return "Rien n'a été lu."
    share = 100 * row["kept"] / row["read"]
    said = (
        f"Sur {_number(row['read'])} signes lus, {_number(row['kept'])} ({share:.0f}\u202f%) sont "
    )
    said += "dans les énoncés"
    left = [f"{_number(row[name])} {words}" for name, words in _REASONS.items() if row[name]]
    return f"{said} ; les autres : {', '.join(left)}." if left else f"{said}."


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")
