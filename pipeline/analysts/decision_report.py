"""What became of the decisions: those applied, before and after, and those that could not be."""

import pandas as pd

from pipeline import contract
from pipeline.analysts import decision_files, decisions
from pipeline.analysts.decisions import Row
from pipeline.contract import TAGS

_COLUMNS = list(contract.TABLES["decisions_applied"].columns)
_WHO = ("file", "sheet", "row", "author", "date", "comment")


def problems(
    unread: pd.DataFrame,
    taken: pd.DataFrame,
    statements: pd.DataFrame,
    rewrites: pd.DataFrame,
    rewrite_problems: pd.DataFrame,
    themes: pd.DataFrame,
) -> pd.DataFrame:
    """Return `decision_problems`: what could not be read, found, or decided between, row by row.

    `unread` and `taken` come from `decisions.read`; the others are tables of contract.py.
    """
    names = decisions.theme_names(taken)
    lost = names[~names["label"].isin(themes["label"])]
    gone = [
        (row.file, row.sheet, row.row, row.theme_id, _lost_theme(row.label, row.previous))
        for row in lost.itertuples(index=False)
    ]
    tables = [
        unread,
        rewrite_problems,
        decisions.tags(taken, statements, rewrites)[1],
        decisions.theme_problems(taken),
        decisions.problem_table(gone),
        decisions.pair_problems(taken, statements),
    ]
    return decisions.problem_table(
        [row for table in tables for row in table.itertuples(index=False, name=None)]
    ).drop_duplicates(ignore_index=True)


def _lost_theme(label: str, previous: str) -> str:
    was = f" «\u202f{previous}\u202f»" if previous else ""
    return (
        f"Le thème{was} n'existe plus ou rassemble d'autres énoncés\u202f: le nom "
        f"«\u202f{label}\u202f» n'est pas donné. Renommez le thème d'aujourd'hui."
    )


def applied(
    taken: pd.DataFrame,
    statements: pd.DataFrame,
    tags: pd.DataFrame,
    rewrites: pd.DataFrame,
    themes: pd.DataFrame,
) -> pd.DataFrame:
    """Return `decisions_applied`: one row a decision and statement (or theme, or pair).

    `before` is what the program said (for a nature, the likeliest of the model's) or the text as
    it was read; `after` what the analyst made of it.
    """
    rows = [*_rewritten(taken, rewrites), *_tagged(taken, statements, tags, rewrites)]
    for name in decisions.theme_names(taken).itertuples(index=False):
        if name.label in set(themes["label"]):
            row = {"kind": "thème", "statement_id": name.theme_id, "text": name.previous}
            change = {"before": name.previous, "after": name.label}
            rows.append(row | change | _who(taken, name, "thème"))
    text = statements.set_index("statement_id")["text"]
    for pair in decisions.pairs(taken, statements).itertuples(index=False):
        row = {"kind": "paire", "statement_id": f"{pair.obstacle_id} {pair.answer_id}"}
        shown = f"{text[pair.obstacle_id]} → {text[pair.answer_id]}"
        row |= {"text": shown, "after": pair.verdict, "remark": pair.remark}
        rows.append(row | _who(taken, pair, "paire"))
    table = pd.DataFrame([dict.fromkeys(_COLUMNS, "") | row for row in rows], columns=_COLUMNS)
    return table.drop_duplicates(list(contract.TABLES["decisions_applied"].key), ignore_index=True)


def _who(taken: pd.DataFrame, decision: Row, kind: str) -> dict[str, object]:
    """Return who decided what a row of settled decisions says, where, when and why."""
    same = (taken["file"] == decision.file) & (taken["sheet"] == decision.sheet)
    same &= (taken["row"] == decision.row) & (taken["kind"] == kind)
    return taken.loc[same, list(_WHO)].iloc[0].to_dict()


def _rewritten(taken: pd.DataFrame, rewrites: pd.DataFrame) -> list[dict[str, object]]:
    return [
        {
            "kind": row.action,
            "statement_id": row.former_id,
            "path": row.path,
            "city": row.city,
            "text": row.text,
            "before": row.text,
            "after": row.after,
            "remark": row.remark,
        }
        | _who(taken, row, "action")
        for row in rewrites[rewrites["action"] != ""].itertuples(index=False)
    ]


def _tagged(
    taken: pd.DataFrame, statements: pd.DataFrame, tags: pd.DataFrame, rewrites: pd.DataFrame
) -> list[dict[str, object]]:
    labels = decision_files.choices("tag") | {"": "aucune"}
    about = statements.set_index("statement_id")[["path", "city", "text"]]
    chances = tags.set_index("statement_id")[[f"p_{tag}" for tag in TAGS]]
    guess = chances.idxmax(axis=1).str.removeprefix("p_")
    return [
        {
            "kind": row.kind,
            "statement_id": row.statement_id,
            **about.loc[row.statement_id].to_dict(),
            "before": labels[guess[row.statement_id]] if row.kind == "nature" else "",
            "after": labels[row.value],
            "remark": row.remark,
        }
        | _who(taken, row, row.kind)
        for row in decisions.tags(taken, statements, rewrites)[0].itertuples(index=False)
    ]
