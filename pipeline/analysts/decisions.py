"""What analysts decided, found again in today's statements: tags, theme names, pairs, lessons.

A decision follows its statement by content: the text decides, then the city, the document, the
identifier and the neighbours, so that it survives a new order, a renumbering, a corrected file or a
new city. A text corrected by a letter or two is followed when only one statement resembles it.
Everything that cannot be applied is reported with its file and row. `decision_files.py` reads the
files, `rewrite.py` splits, merges and excludes.
"""

import difflib
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import pandas as pd

from pipeline import french
from pipeline.analysts.decision_files import problem_table, read, read_csv_any
from pipeline.parameters import Between

__all__ = ["problem_table", "read", "read_csv_any"]  # of decision_files, asked for here

_TOO_SHORT = 0.8  # no text so much shorter can be as alike; saves comparing it
_SAME_TEXT = 0.9  # similarity from which a text is the same one, corrected
# What a correction of spelling never changes: figures, and what negates.
_DECISIVE = re.compile(r"\d+|\b(?:ne|pas|plus|jamais|aucune?|sans|non|ni|sauf)\b|\bn'")
_GONE = "L'énoncé{} a disparu ou a changé : décidez de nouveau ou ôtez la ligne."
_SEVERAL = "L'énoncé{} a changé et plusieurs lui ressemblent : décidez de nouveau."

_ID = "statement_id"
_TAGGING = ("nature", "seconde nature")
_APPLIED = (_ID, "kind", "value", "remark", "file", "sheet", "row", "author", "date")

Row = tuple  # a row of decisions, as `itertuples` gives it
Problem = tuple[str, str, int, str, str]


def content_key(text: str) -> str:
    """Return the same key for texts that differ by case, accents, spaces or apostrophes only."""
    return hashlib.sha256(french.fold(french.normalise(text)).encode()).hexdigest()[:16]


def similarity(ours: str, theirs: str) -> float:
    """Return how alike two texts are, from 0 to 1; 0 when a figure or a negation differs.

    Ratcliff and Obershelp's ratio (difflib) on folded texts.
    """
    if 2 * min(len(ours), len(theirs)) < _TOO_SHORT * (len(ours) + len(theirs)):
        return 0.0
    a, b = french.fold(french.normalise(ours)), french.fold(french.normalise(theirs))
    if _DECISIVE.findall(a) != _DECISIVE.findall(b):
        return 0.0
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _SAME_TEXT:
        return 0.0
    return matcher.ratio()


@dataclass(frozen=True)
class Index:
    """Statements to look decisions up in: the table, its rows by content and by identifier."""

    statements: pd.DataFrame
    by_content: dict[str, list[int]]
    by_id: dict[str, int]


def index(statements: pd.DataFrame) -> Index:
    """Return an index of statements: statement_id, path, city, text, and their order in `path`."""
    order = [column for column in ("path", "position") if column in statements.columns]
    rows = statements.sort_values(order, kind="stable", ignore_index=True)
    same = rows["path"] == rows["path"].shift()
    rows = rows.assign(
        before=rows["text"].shift().where(same, ""),
        after=rows["text"].shift(-1).where(same.shift(-1, fill_value=False), ""),
    )
    by_content: dict[str, list[int]] = {}
    for place, text in enumerate(rows["text"]):
        by_content.setdefault(content_key(text), []).append(place)
    return Index(rows, by_content, {name: n for n, name in enumerate(rows["statement_id"])})


def find(decision: Row, where: Index, *, exactly: bool = False) -> tuple[list[str], str]:
    """Return the identifiers a decision is about, and a remark; no identifier: why, in French.

    With a text: the statements of that content in its city, then in its document if it is still
    there, then the one of its identifier, then those with the same neighbours; a statement said
    twice in a document is decided once. Failing that, unless `exactly`, the only one that
    resembles it in its document. Without a text, the identifier decides.
    """
    if not decision.text:
        known = decision.statement_id in where.by_id
        return ([decision.statement_id], "") if known else ([], _GONE.format(""))
    same = where.by_content.get(content_key(decision.text), [])
    places = _narrow(decision, [n for n in same if _same_city(decision, where, n)], where)
    if places:
        return [where.statements["statement_id"][n] for n in places], ""
    shown = f" «\u202f{_short(decision.text)}\u202f»"
    if exactly:
        return [], _GONE.format(shown)
    alike = _alike(decision, where)
    if len(alike) != 1:
        return [], (_SEVERAL if alike else _GONE).format(shown)
    text = where.statements["text"][alike[0]]
    remark = (
        f"Le texte a été corrigé depuis la décision, qui l'a suivi\u202f: «\u202f{text}\u202f»."
    )
    return [where.statements["statement_id"][alike[0]]], remark


def _narrow(decision: Row, places: list[int], where: Index) -> list[int]:
    rows = where.statements
    in_city = [n for n in places if french.slug(rows["city"][n]) == french.slug(decision.city)]
    places = in_city or places
    in_document = [n for n in places if rows["path"][n] == decision.path]
    places = in_document or places
    named = [n for n in places if rows["statement_id"][n] == decision.statement_id]
    if len(places) < 2 or named:
        return named or places
    if not (decision.before or decision.after):
        return places
    around = {
        n: sum(
            content_key(rows[side][n]) == content_key(getattr(decision, side))
            for side in ("before", "after")
        )
        for n in places
    }
    best = max(around.values())
    return [n for n in places if around[n] == best]


def _same_city(decision: Row, where: Index, place: int) -> bool:
    """Return whether a statement is of the decision's city, as its name or its folder says."""
    if decision.city and french.slug(where.statements["city"][place]) == french.slug(decision.city):
        return True
    folder = decision.path.split("/")[0]
    ours = where.statements["path"][place].split("/")[0]
    if decision.path:
        return french.slug(folder) == french.slug(ours)
    return not decision.city


def _alike(decision: Row, where: Index) -> list[int]:
    """Return what a corrected text may have become, in its document or, if gone, its city."""
    rows = where.statements
    if decision.path:
        near = rows.index[rows["path"] == decision.path].tolist()
        near = near or [n for n in rows.index if _same_city(decision, where, n)]
    elif decision.statement_id in where.by_id:
        near = [where.by_id[decision.statement_id]]
    else:
        return []
    return [n for n in near if similarity(decision.text, rows["text"][n]) >= _SAME_TEXT]


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def _place(decision: Row) -> str:
    sheet = f", feuille {decision.sheet}" if decision.sheet else ""
    return f"{decision.file}{sheet}, ligne {decision.row}"


def settle(
    claims: Iterable[tuple[str, str, Row, str]],
) -> tuple[list[tuple[str, str, Row, str]], list[Problem]]:
    """Return one claim a target (target, value, decision, remark), and the conflicts.

    When rows decide differently on a target, the latest wins if all are dated and one value alone
    is of the latest date; otherwise none is applied and each is a problem.
    """
    groups: dict[str, list[tuple[str, str, Row, str]]] = {}
    for claim in claims:
        groups.setdefault(claim[0], []).append(claim)
    settled, problems = [], []
    for target in sorted(groups):
        group = groups[target]
        latest = max(decision.date for _, _, decision, _ in group)
        last = [claim for claim in group if claim[2].date == latest]
        values = {value for _, value, _, _ in group}
        if len(values) == 1:
            settled.append(group[0])
        elif all(claim[2].date for claim in group) and len({claim[1] for claim in last}) == 1:
            older = [claim for claim in group if claim[1] != last[0][1]]
            over = "\u202f; ".join(f"{_said(v)} ({_place(d)})" for _, v, d, _ in older)
            remark = f"{last[0][3]} Plus récente, elle l'emporte sur\u202f: {over}.".strip()
            settled.append((*last[0][:3], remark))
        else:
            said = "\u202f; ".join(f"{_said(v)} ({_place(d)})" for _, v, d, _ in group)
            told = (
                f"Des décisions se contredisent, aucune n'est appliquée\u202f: {said}. "
                "Gardez-en une, ou datez-les toutes."
            )
            problems += [problem(decision, told) for _, _, decision, _ in group]
    return settled, problems


def _said(value: str) -> str:
    return value.split("\0")[0] or "aucune"


def problem(decision: Row, problem: str) -> Problem:
    return (decision.file, decision.sheet, decision.row, decision.statement_id, problem)


def tags(
    taken: pd.DataFrame, statements: pd.DataFrame, rewrites: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the natures decided, a row each, and the problems (`problem_table`).

    Out: statement_id, kind (nature or seconde nature), value, remark, file, sheet, row, author,
    date. `rewrites` (contract.py) tells what split and merged statements became: a nature decided
    on one of them goes to its pieces, unless they have their own.
    """
    today = index(statements)
    once = rewrites.drop(columns=_ID).drop_duplicates(["former_id", "text"])
    former = index(once.rename(columns={"former_id": _ID}))
    became = {name: sorted(set(g)) for name, g in rewrites.groupby("former_id")[_ID]}
    claims: dict[str, list[tuple[str, str, Row, str]]] = {"own": [], "inherited": []}
    problems = []
    for decision in taken[taken["kind"].isin(_TAGGING)].itertuples(index=False):
        targets, remark = find(decision, today, exactly=True)
        before = [] if targets else find(decision, former, exactly=True)[0]
        if not targets and not before:
            targets, remark = find(decision, today)
        inherited = [new for name in before for new in became[name]]
        if inherited and not any(inherited):
            if not _excludes(taken, decision):
                problems.append(problem(decision, "L'énoncé est exclu\u202f: ôtez cette ligne."))
        elif inherited:
            keys = [f"{new}\0{decision.kind}" for new in inherited if new]
            claims["inherited"] += [(key, decision.value, decision, "") for key in keys]
        elif targets:
            keys = [f"{target}\0{decision.kind}" for target in targets]
            claims["own"] += [(key, decision.value, decision, remark) for key in keys]
        else:
            problems.append(problem(decision, remark))
    decided = {key for key, *_ in claims["own"]}
    inherited = [claim for claim in claims["inherited"] if claim[0] not in decided]
    settled, conflicts = settle([*claims["own"], *inherited])
    rows = [
        (*target.split("\0"), value, remark, d.file, d.sheet, d.row, d.author, d.date)
        for target, value, d, remark in settled
    ]
    return pd.DataFrame(rows, columns=list(_APPLIED)), problem_table(problems + conflicts)


def _excludes(taken: pd.DataFrame, decision: Row) -> bool:
    """Return whether the row of a decision also excludes its statement."""
    same = (taken["file"] == decision.file) & (taken["sheet"] == decision.sheet)
    return bool((same & (taken["row"] == decision.row) & (taken["value"] == "exclure")).any())


def obey(tags: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """Return the table tags with the natures decided in place of the model's.

    `decided`: statement_id, kind, value. A decided nature has confidence 1, origin analyste, and
    is not to be reviewed; the model's probabilities and reasons are kept. A second nature decided
    alone leaves the rest.
    """
    tags = tags.copy()
    kinds = {kind: g.set_index("statement_id")["value"] for kind, g in decided.groupby("kind")}
    chosen = tags["statement_id"].map(kinds.get("nature", pd.Series(dtype=str)))
    settled = chosen.notna()
    tags["origin"] = settled.map({True: "analyste", False: "modele"})
    tags.loc[settled, "tag"] = chosen[settled]
    tags.loc[settled, "confidence"] = 1.0
    tags.loc[settled, "review"] = False
    second = tags["statement_id"].map(kinds.get("seconde nature", pd.Series(dtype=str)))
    tags.loc[second.notna(), "second_tag"] = second[second.notna()]
    tags.loc[tags["second_tag"] == tags["tag"], "second_tag"] = ""
    return tags


def theme_names(taken: pd.DataFrame) -> pd.DataFrame:
    """Return the names analysts gave themes: theme_id, label, previous, and who decided where.

    `previous` is the label the theme had when it was renamed ("" when the file does not say): an
    identifier that now has another label and other statements may no longer be the same theme.
    Contradictory names are left out (`theme_problems` tells them).
    """
    settled, _ = _settle_themes(taken)
    rows = [
        (target, value, d.text, d.file, d.sheet, d.row, d.author, d.date)
        for target, value, d, _ in settled
    ]
    columns = ["theme_id", "label", "previous", "file", "sheet", "row", "author", "date"]
    return pd.DataFrame(rows, columns=columns)


def theme_problems(taken: pd.DataFrame) -> pd.DataFrame:
    """Return the contradictory names of themes, as `problem_table` does."""
    return problem_table(_settle_themes(taken)[1])


def _settle_themes(taken: pd.DataFrame) -> tuple[list[tuple[str, str, Row, str]], list[Problem]]:
    rows = taken[taken["kind"] == "thème"]
    return settle((d.statement_id, d.value, d, "") for d in rows.itertuples(index=False))


def pairs(taken: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs analysts judged: obstacle_id, answer_id, verdict (confirmée or refusée).

    Also remark, file, sheet, row, author, date. Both statements are found by content, as tags are.
    A pair that lost one, and contradictory verdicts, are left out (`pair_problems` tells them).
    """
    settled, _ = _settle_pairs(taken, statements)
    rows = [
        (*target.split("\0"), value, remark, d.file, d.sheet, d.row, d.author, d.date)
        for target, value, d, remark in settled
    ]
    return pd.DataFrame(rows, columns=["obstacle_id", "answer_id", "verdict", *_APPLIED[3:]])


def pair_problems(taken: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts that do not apply, as `problem_table` does."""
    return problem_table(_settle_pairs(taken, statements)[1])


def _settle_pairs(
    taken: pd.DataFrame, statements: pd.DataFrame
) -> tuple[list[tuple[str, str, Row, str]], list[Problem]]:
    where = index(statements)
    claims, problems = [], []
    for decision in taken[taken["kind"] == "paire"].itertuples(index=False):
        answer = decision._replace(
            statement_id=decision.other_id,
            text=decision.other_text,
            path=decision.other_path,
            city=decision.other_city,
        )
        (ours, said), (theirs, also) = find(decision, where), find(answer, where)
        if ours and theirs:
            remark = f"{said} {also}".strip()
            claims += [
                (f"{a}\0{b}", decision.value, decision, remark) for a in ours for b in theirs
            ]
        else:
            problems.append(problem(decision, said if not ours else also))
    settled, conflicts = settle(claims)
    return settled, problems + conflicts


def training_rows(
    taken: pd.DataFrame, kept_out: pd.Series, *, weight: Annotated[float, Between(0, 20)]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the tagger learns from the natures decided: statements and labels.

    In the form of `train.read_training`; the statements have, besides, the texts `before` and
    `after` where the file gives them. They come from the files alone: a lesson outlives its
    document. Texts of `kept_out` (the evaluation's) and contradictory decisions teach nothing;
    a nature decided twice for the same words, in two documents, teaches once.
    """
    unseen = {content_key(text) for text in kept_out}
    rows = taken[(taken["kind"] == "nature") & (taken["text"] != "")]
    claims = (
        (content_key(d.text), d.value, d, "")
        for d in rows.sort_values(["file", "sheet", "row"]).itertuples(index=False)
    )
    lessons = [claim for claim in settle(claims)[0] if claim[0] not in unseen and weight > 0]
    statements = pd.DataFrame(
        [
            {
                "statement_id": f"decisions-{key}",
                "doc_id": f"decisions/{key}",
                "position": 1,
                "heading": french.normalise(d.heading),
                "text": french.normalise(d.text),
                "before": french.normalise(d.before),
                "after": french.normalise(d.after),
            }
            for key, _, d, _ in lessons
        ],
        columns=[_ID, "doc_id", "position", "heading", "text", "before", "after"],
    )
    labels = pd.DataFrame(
        [(f"decisions-{key}", value, weight) for key, value, _, _ in lessons],
        columns=[_ID, "tag", "weight"],
    )
    return statements.astype({"position": int}), labels.astype({"weight": float})
