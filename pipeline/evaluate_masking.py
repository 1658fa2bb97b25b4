"""Stage evaluate_masking: the pseudonyms on sentences where personal data were planted.

`data/gold/personal_data/sentences.csv` marks what is personal (`{personne:Orvalec}`) and traps that
must stay (`{ville:Lille}`). A sentence without a document is read alone, so that no name is helped
by another mention of it. The rules were written against « mise au point »; each « essai » was
written by someone who had not seen them, and scored before its faults were looked at: that first
reading is kept in `first_readings.csv` and published beside today's scores.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from scipy.stats import binomtest

from pipeline import contract, pseudonymise
from pipeline.analysts import decision_files
from pipeline.contract import UserError, run
from pipeline.masking import personal_data
from pipeline.parameters import Between, params

GOLD = Path("data/gold/personal_data/sentences.csv")
FIRST_READINGS = Path("data/gold/personal_data/first_readings.csv")
SCORES = contract.INTERIM / "scores_personal_data.json"
PERSONAL = {"personne": "PERSONNE", "courriel": "COURRIEL", "telephone": "TELEPHONE", "nir": "NIR",
            "iban": "IBAN", "plaque": "PLAQUE", "adresse": "ADRESSE"}  # fmt: skip
TRAPS = ("ville", "institution", "role", "loi", "lieu", "sigle", "mot")
_MARK = re.compile(r"\{(\w+):([^{}]*)\}")
_FIRST_COLUMNS = ("half", "date", "kind", "found", "total")
_COLUMNS = ("id", "half", "register", "marked", "doc")


@dataclass(frozen=True)
class Planted:
    """A sentence without its marks, and what they said: (start, end, kind)."""

    text: str
    marks: list[tuple[int, int, str]]


def main() -> None:
    """Mask the planted sentences and write the scores."""
    gold = read_gold(GOLD)
    sentences = [unmark(marked) for marked in gold["marked"]]
    texts = [s.text for s in sentences]
    spans = predicted(texts, list(gold["doc"]), **params("pseudonymise", pseudonymise.recognise))
    metrics = evaluate(
        gold, sentences, spans, read_first(FIRST_READINGS), **params("evaluate_masking", evaluate)
    )
    text = json.dumps(metrics, ensure_ascii=False, indent=2) + "\n"
    contract.replace(SCORES, lambda path: path.write_text(text, encoding="utf-8"))


def read_gold(path: Path) -> pd.DataFrame:
    """Return the planted sentences: id, half (the lot), register, marked, doc ("": read alone).

    Raises UserError naming the file and the first unknown mark or missing column.
    """
    rows = decision_files.read_csv_any(path)
    if missing := [column for column in _COLUMNS if column not in rows.columns]:
        raise UserError(f"{path} : colonnes manquantes {', '.join(missing)} ; ajoutez-les.")
    for row in rows.itertuples():
        for kind, _ in _MARK.findall(row.marked):
            if kind not in PERSONAL and kind not in TRAPS:
                raise UserError(f"{path}, {row.id} : marque inconnue « {kind} » ; corrigez-la.")
    return rows


def read_first(path: Path) -> pd.DataFrame:
    """Return what the first reading of each lot found: half, date, kind, found, total (whole).

    Raises UserError naming the file when a column is missing or a count is none.
    """
    rows = decision_files.read_csv_any(path)
    if missing := [column for column in _FIRST_COLUMNS if column not in rows.columns]:
        raise UserError(f"{path} : colonnes manquantes {', '.join(missing)} ; ajoutez-les.")
    for row in rows.itertuples():
        if not (row.found.isdigit() and row.total.isdigit() and int(row.found) <= int(row.total)):
            raise UserError(
                f"{path}, {row.half}, {row.kind} : « {row.found} » sur « {row.total} » n'est pas "
                "un compte ; corrigez-le."
            )
    return rows.astype({"found": int, "total": int})


def unmark(marked: str) -> Planted:
    """Return a marked sentence as a text and the places of its marks."""
    text, marks, end = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[end : match.start()]
        marks.append((len(text), len(text) + len(match[2]), match[1]))
        text += match[2]
        end = match.end()
    return Planted(text + marked[end:], marks)


def predicted(
    texts: list[str], docs: list[str], *, model: str, workers: int
) -> list[list[tuple[int, int, str]]]:
    """Return what the stage masks in each text: (start, end, kind).

    `docs`: the document of each text; those of one document are masked together, as by the stage,
    and one without a document ("") is read alone.
    """
    doc_ids = [doc or f"p-{i:04d}" for i, doc in enumerate(docs)]
    blocks = pd.DataFrame({"doc_id": doc_ids, "text": texts})
    blocks = blocks.assign(block=1, heading="", section="", column="", speaker="")
    seen = pseudonymise.recognise(blocks, model=model, workers=workers)
    found_in: list[list[tuple[int, int, str]]] = [[] for _ in texts]
    for doc, rows in blocks.groupby("doc_id"):
        document = pd.DataFrame(
            [{"doc_id": doc, "path": "essai/essai.txt", "city": "", "title": "", "notice": ""}]
        )
        vocabulary = pseudonymise.vocabulary_of(document, [], model=model)
        here = {key: spans for key, spans in seen.items() if key[0] == doc}
        found = pseudonymise.find_people(document, rows, here, vocabulary, [])
        for row, text in rows["text"].items():
            data = personal_data.find(text)
            people = pseudonymise.spans_of_people(text, doc, found, data)
            found_in[row] = sorted(
                [(d.start, d.end, d.kind) for d in data]
                + [(m.start, m.end, "PERSONNE") for m in people]
            )
    return found_in


def evaluate(
    gold: pd.DataFrame,
    sentences: list[Planted],
    spans: list[list[tuple[int, int, str]]],
    first: pd.DataFrame,
    *,
    level: Annotated[float, Between(0.5, 0.999)],
) -> dict[str, Any]:
    """Return recall and precision by kind, and the traps left alone, for each lot and for all.

    `first`: what first readings found (see `read_first`), given under « premiere_lecture ».

    A datum is found when every letter and digit of it is masked; what is masked is right when it
    touches a datum. Intervals: Wilson, 1927, « Probable inference, the law of succession ».
    """
    halves = {
        "tout": gold["half"] != "",
        **{h: gold["half"] == h for h in sorted(set(gold["half"]))},
    }
    metrics = {}
    for name, chosen in halves.items():
        pairs = [(s, p) for s, p, c in zip(sentences, spans, chosen, strict=True) if c]
        metrics[name] = {"phrases": len(pairs), **_scores(pairs, level)}
        readings = first[first["half"] == name]
        if len(readings):
            metrics[name]["premiere_lecture"] = {
                row.kind: {"date": row.date, **_share_of(row.found, row.total, level)}
                for row in readings.itertuples()
            }
    return {"pseudonymes": metrics}


def _scores(
    pairs: list[tuple[Planted, list[tuple[int, int, str]]]], level: float
) -> dict[str, Any]:
    recall, precision, kept = {}, {}, {}
    for mark, kind in PERSONAL.items():
        recall[mark] = _share(
            (_is_masked(s.text, a, b, p) for s, p in pairs for a, b, k in s.marks if k == mark),
            level,
        )
        precision[mark] = _share(
            (_touches(x, y, s) for s, p in pairs for x, y, k in p if k == kind), level
        )
    for trap in TRAPS:
        kept[trap] = _share(
            (not _covered(a, b, p) for s, p in pairs for a, b, k in s.marks if k == trap), level
        )
    return {"rappel": recall, "precision": precision, "intacts": kept}


def _share(outcomes: Iterable[bool], level: float) -> dict[str, float | int]:
    values = list(outcomes)
    return _share_of(sum(values), len(values), level) if values else {"n": 0}


def _share_of(found: int, total: int, level: float) -> dict[str, float | int]:
    interval = binomtest(found, total).proportion_ci(level, method="wilson")
    return {
        "n": total,
        "part": round(found / total, 4),
        "bas": round(float(interval.low), 4),
        "haut": round(float(interval.high), 4),
    }


def _is_masked(text: str, start: int, end: int, spans: list[tuple[int, int, str]]) -> bool:
    return all(any(a <= i < b for a, b, _ in spans) for i in range(start, end) if text[i].isalnum())


def _covered(start: int, end: int, spans: list[tuple[int, int, str]]) -> bool:
    return any(a < end and start < b for a, b, _ in spans)


def _touches(start: int, end: int, sentence: Planted) -> bool:
    return any(a < end and start < b for a, b, k in sentence.marks if k in PERSONAL)


if __name__ == "__main__":
    run(main)
