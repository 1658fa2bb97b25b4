"""Statements as analysts want them cut: excluded, split in pieces, merged with the one before.

Every word kept is the source's: a cut is a place in the statement, never a new wording. What leaves
the table of statements is listed, with who decided it. Nothing is read or written here.
"""

import difflib
import re
import string
from dataclasses import dataclass, field

import pandas as pd

from pipeline import contract, french
from pipeline.analysts import decisions
from pipeline.analysts.decisions import Problem, Row

_LETTER = re.compile(r"[^\W\d_]")
_SAME_TEXT = 0.9

Statement = dict[str, object]


@dataclass
class Rewriting:
    """The statements being rewritten, and what became of those that were."""

    statements: list[Statement]
    rewrites: list[dict[str, object]] = field(default_factory=list)
    excluded: list[dict[str, object]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def rewrite(
    statements: pd.DataFrame, taken: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the statements rewritten, the tables rewrites and excluded, and the problems.

    In: `statements` (contract.py) as cut by the program and the decisions (`decision_files`). A
    piece of …:0012 is …:0012a, …:0012b; a merged statement keeps the first identifier; the others
    keep theirs, and positions stay 1, 2, 3… in each document. Decisions on pieces or merged
    statements apply in their turn. Exact texts are found first, corrected ones after.
    """
    table = statements.sort_values(["doc_id", "position"], kind="stable")
    work = Rewriting(table.to_dict("records"))
    pending = list(taken[taken["kind"] == "action"].itertuples(index=False))
    exactly = True
    while pending:
        where = decisions.index(_table(work.statements, statements))
        found = [(d, *_find(d, where, exactly=exactly)) for d in pending]
        claims = [(t, _claim(d), d, remark) for d, targets, remark in found for t in targets]
        if claims:
            settled, conflicts = decisions.settle(claims)
            work.problems += conflicts
            _apply(work, {target: (d, remark) for target, _, d, remark in settled})
        elif not exactly:
            break
        pending = [d for d, targets, _ in found if not targets]
        exactly = bool(claims)
    work.problems += _unapplied(work, pending, statements)
    rows = _table(work.statements, statements)
    rows["position"] = rows.groupby("doc_id").cumcount() + 1
    rows.loc[~rows["copy_of"].isin(rows["statement_id"]), "copy_of"] = ""
    if not work.rewrites:
        rows = statements
    rewrites = pd.DataFrame(work.rewrites, columns=list(contract.TABLES["rewrites"].columns))
    return (
        rows,
        rewrites.drop_duplicates(list(contract.TABLES["rewrites"].key), ignore_index=True),
        pd.DataFrame(work.excluded, columns=list(contract.TABLES["excluded"].columns)),
        decisions.problem_table(work.problems),
    )


def _table(rows: list[Statement], like: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(like.columns)).astype(like.dtypes.to_dict())


def _find(decision: Row, where: decisions.Index, *, exactly: bool) -> tuple[list[str], str]:
    """Return the statements of a decision; to merge, only where the one before is as it was seen.

    A merge seen after another decision waits until that one is applied.
    """
    targets, remark = decisions.find(decision, where, exactly=exactly)
    if decision.value == "fusionner" and decision.before:
        texts = where.statements["before"]
        targets = [t for t in targets if _same_text(decision.before, texts[where.by_id[t]])]
    return targets, remark


def _same_text(seen: str, text: str) -> bool:
    same = decisions.content_key(seen) == decisions.content_key(text)
    return same or decisions.similarity(seen, text) >= _SAME_TEXT


def _claim(decision: Row) -> str:
    """Return what a decision does: two cuts at different places are different decisions."""
    cut = decisions.content_key(decision.pieces) if decision.value == "scinder" else ""
    return f"{decision.value}\0{cut}"


def _unapplied(work: Rewriting, pending: list[Row], statements: pd.DataFrame) -> list[Problem]:
    """Return why decisions found nothing; one that repeats what was done is no problem."""
    before = decisions.index(statements)
    done = {(r["former_id"], r["action"]) for r in work.rewrites}
    left = {statement["statement_id"] for statement in work.statements}
    problems = []
    for decision in pending:
        targets, why = decisions.find(decision, before)
        if targets and all((target, decision.value) in done for target in targets):
            continue
        if any(target in left for target in targets):
            why = "L'énoncé précédent n'est plus celui que vous aviez vu\u202f: décidez de nouveau."
        elif targets:
            why = "L'énoncé est déjà exclu, scindé ou fusionné\u202f: ôtez l'une des décisions."
        problems.append(decisions.problem(decision, why))
    return problems


def _apply(work: Rewriting, decided: dict[str, tuple[Row, str]]) -> None:
    """Apply the decisions of one round, in the order of statements."""
    kept: list[Statement] = []
    previous: Statement | None = None
    gone = False  # the statement just before was excluded
    for statement in work.statements:
        decision, remark = decided.get(str(statement["statement_id"]), (None, ""))
        before = previous if previous and previous["doc_id"] == statement["doc_id"] else None
        previous = statement
        action = decision.value if decision else ""
        if action == "exclure":
            _exclude(work, statement, decision, remark)
            gone = True
            continue
        pieces = cut(str(statement["text"]), decision.pieces) if action == "scinder" else []
        why = ""
        if action == "scinder" and not pieces:
            why = (
                "Le texte à découper ne se retrouve pas dans l'énoncé\u202f: placez seulement des "
                "barres « | » entre ses morceaux, sans changer les mots."
            )
        if action == "fusionner":
            why = _why_not_merge(statement, before, gone=gone)
        if why:
            work.problems.append(decisions.problem(decision, why))
        if pieces:
            news = _pieces(statement, pieces)
            kept += news
            _record(work, statement, news, decision, remark)
        elif action == "fusionner" and not why:
            kept[-1] = _merge(work, kept[-1], statement, decision, remark)
        else:
            kept.append(statement)
        gone = False
    work.statements = kept


def cut(text: str, marked: str) -> list[str]:
    """Return the pieces of `text` cut where `marked`, the same text, has bars « | ».

    The pieces are those of `text`, word for word, even where `marked` differs by a correction.
    Nothing when there is no cut, when a piece has no letter, or when the texts differ too much.
    """
    parts = [part for part in map(french.normalise, marked.split("|")) if part]
    whole = " ".join(parts)
    if len(parts) < 2 or not _same_text(whole, text):
        return []
    blocks = difflib.SequenceMatcher(None, whole, text, autojunk=False).get_matching_blocks()
    places, start = [0], 0
    for part in parts[:-1]:
        start += len(part) + 1
        block = next(b for b in reversed(blocks) if b.a <= start)
        places.append(min(block.b + start - block.a, len(text)))
    ends = [*places[1:], len(text)]
    pieces = [text[a:b].strip() for a, b in zip(places, ends, strict=True)]
    sound = all(_LETTER.search(piece) for piece in pieces) and places == sorted(places)
    return pieces if sound and len(pieces) <= len(string.ascii_lowercase) else []


def _pieces(statement: Statement, pieces: list[str]) -> list[Statement]:
    copied = statement["copy_of"]
    return [
        statement
        | {
            "statement_id": f"{statement['statement_id']}{letter}",
            "text": piece,
            "copy_of": f"{copied}{letter}" if copied else "",
        }
        for letter, piece in zip(string.ascii_lowercase, pieces, strict=False)
    ]


def _why_not_merge(statement: Statement, before: Statement | None, *, gone: bool) -> str:
    """Return why a statement cannot join the one before it ("" when it can)."""
    if before is None:
        return "L'énoncé est le premier de son document\u202f: rien à quoi le joindre."
    if gone:
        return "L'énoncé précédent est exclu\u202f: rien à quoi joindre celui-ci."
    if before["city"] != statement["city"]:
        return "L'énoncé précédent est d'une autre ville\u202f: ils restent séparés."
    return ""


def _merge(
    work: Rewriting, first: Statement, second: Statement, decision: Row, remark: str
) -> Statement:
    places = dict.fromkeys([str(first["locator"]), str(second["locator"])])
    merged = first | {
        "text": f"{first['text']} {second['text']}",
        "locator": "\u202f; ".join(filter(None, places)),
    }
    known = {(r["former_id"], r["text"]) for r in work.rewrites}
    _record(work, second, [merged], decision, remark)
    if (first["statement_id"], first["text"]) not in known:
        _record(work, first, [merged], None, "")
    return merged


def _exclude(work: Rewriting, statement: Statement, decision: Row, remark: str) -> None:
    _record(work, statement, [], decision, remark)
    names = ("statement_id", "path", "city", "locator", "text")
    who = ("file", "sheet", "row", "author", "date", "comment")
    row = {n: statement[n] for n in names} | {n: getattr(decision, n) for n in who}
    work.excluded.append(row)


def _record(
    work: Rewriting, former: Statement, news: list[Statement], decision: Row | None, remark: str
) -> None:
    """Note what a statement became; what had become this one follows."""
    ids = [str(new["statement_id"]) for new in news] or [""]
    after = " | ".join(str(new["text"]) for new in news)
    moved = []
    for row in work.rewrites:
        if row["statement_id"] == former["statement_id"] and ids != [former["statement_id"]]:
            moved += [row | {"statement_id": name} for name in ids]
        else:
            moved.append(row)
    about = {name: former[name] for name in ("path", "city", "position", "text")}
    about |= {"after": after, "remark": remark}
    who = {"action": "", "file": "", "sheet": "", "row": 0, "author": "", "date": ""}
    if decision:
        names = ("file", "sheet", "row", "author", "date")
        who = {"action": decision.value} | {n: getattr(decision, n) for n in names}
    moved += [
        {"former_id": former["statement_id"], **about, **who, "statement_id": name} for name in ids
    ]
    work.rewrites = moved
