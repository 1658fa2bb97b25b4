"""What an analyst should look at next, in the order worth most, and the workbook to answer in."""

import sys
from typing import Annotated

import numpy as np
import pandas as pd

from pipeline import contract, workbooks
from pipeline.analysts import decision_files, decision_report, decisions
from pipeline.contract import PROCESSED, TAGS, run
from pipeline.parameters import Between, params

SHEETS = ("À relire", "Thèmes", "Freins et réponses", "Mode d'emploi")
_NATURE, _SECOND, _ACTION, _VERDICT = (
    *("Nature corrigée", "Seconde nature corrigée", "Action", "Verdict"),
)
_SIGNED = ("Commentaire", "Auteur", "Décidé le")
TO_FILL = (_NATURE, _SECOND, _ACTION, "Texte à découper", "Nouveau nom", _VERDICT, *_SIGNED)
_RARE = 0.1  # share of the statements under which a tag is said to be rare
_PROBLEMS_SHOWN = 5
_HOW_TO = (
    "Ne remplissez que les colonnes en couleur ; une cellule vide ne décide rien.",
    "Nature corrigée : la nature juste, même si c'est celle proposée (elle est alors confirmée).",
    "Seconde nature corrigée : quand l'énoncé dit deux choses ; « aucune » pour l'ôter.",
    "Action « exclure » : l'énoncé ne compte plus ; il est listé dans excluded.csv.",
    "Action « scinder » : mettez une barre | à chaque coupe dans « Texte à découper », sans "
    "changer les mots. La nature choisie vaut pour tous les morceaux ; sans nature choisie, chacun "
    "aura sa ligne la fois d'après.",
    "Action « fusionner avec le précédent » : l'énoncé rejoint celui qui le précède.",
    "Feuille « Thèmes » : écrivez un nouveau nom.",
    "Feuille « Freins et réponses » : confirmez ou refusez la réponse proposée.",
    "Auteur et date (14/05/2024) : si deux décisions se contredisent, la plus récente l'emporte ; "
    "sans date, aucune n'est appliquée.",
    "Enregistrez dans data/decisions sous le nom de votre choix (.xlsx ou .csv), puis lancez "
    "« make repro ».",
    "Ce qui a été fait : decisions_applied.csv. Ce qui n'a pas pu l'être : decision_problems.csv.",
)


def choose(
    statements: pd.DataFrame,
    tags: pd.DataFrame,
    statement_themes: pd.DataFrame,
    vectors: pd.DataFrame,
    remade: frozenset[str],
    *,
    most: Annotated[int, Between(1, 100_000)],
    rarity_weight: Annotated[float, Between(0, 10)],
    influence_weight: Annotated[float, Between(0, 10)],
    small_cell: Annotated[int, Between(1, 100)],
    diversity: Annotated[float, Between(0, 1)],
    document_turns: Annotated[float, Between(0, 5)],
) -> pd.DataFrame:
    """Return the statements to look at, the one worth most first, with context and reasons.

    A correction is worth the doubt (how close the two likeliest tags are), raised where the tag is
    rare and where few statements make the figure of a city, theme and tag. One after another, each
    choice lowers the worth of what resembles it (maximal marginal relevance, Carbonell and
    Goldstein, 1998) and of its document. What splits and merges made (`remade`) counts as doubtful.
    Decided statements and copies are left out. `why` says it in French.
    """
    rows = statements.sort_values(["doc_id", "position"])
    rows = rows.assign(
        before=rows.groupby("doc_id")["text"].shift(1, fill_value=""),
        after=rows.groupby("doc_id")["text"].shift(-1, fill_value=""),
    )
    rows = rows.merge(tags, on="statement_id", validate="1:1")
    rows = rows.merge(statement_themes[["statement_id", "theme_id"]], validate="1:1")
    share = rows["tag"].map(rows["tag"].value_counts(normalize=True)).astype(float)
    cell = rows.groupby(["city", "theme_id", "tag"])["statement_id"].transform("size")
    counted = (rows["theme_id"] != "") & (rows["tag"] != "autre") & (cell <= small_cell)
    chances = rows[[f"p_{tag}" for tag in TAGS]].to_numpy()
    ordered, top = chances.argsort(axis=1, kind="stable"), np.sort(chances, axis=1)
    again = rows["statement_id"].isin(remade)
    doubt = np.where(again, 1.0, 1 - (top[:, -1] - top[:, -2]))
    raised = 1 + rarity_weight * (1 - share) + influence_weight * counted / cell
    rows = rows.assign(
        worth=(doubt * raised).round(4),
        likeliest=[TAGS[place] for place in ordered[:, -1]],
        chance=top[:, -1],
        other=[TAGS[place] for place in ordered[:, -2]],
        other_chance=top[:, -2],
        share=share,
        cell=np.where(counted, cell, 0),
        again=again,
    )
    open_ = rows[(rows["origin"] != "analyste") & (rows["copy_of"] == "")]
    open_ = open_.sort_values(["worth", "statement_id"], ascending=[False, True], ignore_index=True)
    picked = _spread(open_, vectors, most, diversity=diversity, document_turns=document_turns)
    chosen = open_.iloc[picked].reset_index(drop=True)
    return chosen.assign(why=[_why(row) for row in chosen.itertuples(index=False)])


def _spread(
    rows: pd.DataFrame,
    vectors: pd.DataFrame,
    most: int,
    *,
    diversity: float,
    document_turns: float,
) -> list[int]:
    """Return the rows picked one by one, each lowering what resembles it."""
    if rows.empty:
        return []
    view = np.array(vectors.set_index("statement_id").loc[rows["statement_id"], "vector"].tolist())
    worth, documents = rows["worth"].to_numpy(), rows["doc_id"].to_numpy()
    likeness, chosen_there = np.zeros(len(rows)), np.zeros(len(rows))
    free = np.ones(len(rows), dtype=bool)
    picked: list[int] = []
    while len(picked) < min(most, len(rows)):
        value = worth * (1 - diversity * likeness) / (1 + chosen_there) ** document_turns
        best = int(np.where(free, value, -1.0).round(6).argmax())
        picked.append(best)
        free[best] = False
        likeness = np.maximum(likeness, np.clip(view @ view[best], 0, 1))
        chosen_there += documents == documents[best]
    return picked


def _why(row: tuple) -> str:
    names = decision_files.choices("tag")
    first, second = names[row.likeliest], names[row.other]
    reasons = [
        "issu d'un découpage ou d'une fusion" if row.again else "",
        f"hésite entre {first} ({row.chance:.0%}) et {second} ({row.other_chance:.0%})",
        f"nature rare ({row.share:.0%} des énoncés)" if row.share < _RARE else "",
    ]
    if row.cell:
        alone = "seul énoncé" if row.cell == 1 else f"un des {row.cell} énoncés"
        reasons.append(f"{alone} de sa ville pour ce thème et cette nature")
    return "\u202f; ".join(filter(None, reasons)).replace("%", "\u202f%")


def sheet(chosen: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Return the sheet of statements, with French headings and the columns to fill."""
    names = decision_files.choices("tag")
    labels = dict(zip(themes["theme_id"], themes["label"], strict=True)) | {"": "sans thème"}
    return pd.DataFrame(
        {
            "Énoncé": chosen["text"],
            "Pourquoi le relire": chosen["why"],
            _NATURE: "",
            _SECOND: "",
            _ACTION: "",
            "Texte à découper": chosen["text"],
            **dict.fromkeys(_SIGNED, ""),
            "Nature proposée": chosen["likeliest"].map(names),
            "Confiance": chosen["chance"],
            "Autre possibilité": chosen["other"].map(names),
            "Confiance de l'autre": chosen["other_chance"],
            "Raisons du modèle": chosen["cues"],
            "Énoncé précédent": chosen["before"],
            "Énoncé suivant": chosen["after"],
            "Titre": chosen["heading"],
            "Qui parle": chosen["role"].where(chosen["role"] != "", chosen["speaker"]),
            "Thème": chosen["theme_id"].map(labels),
            "Ville": chosen["city"],
            "Table ronde": chosen["round_table"],
            "Date de la table ronde": chosen["date"],
            "Document": chosen["path"],
            "Emplacement": chosen["locator"],
            "statement_id": chosen["statement_id"],
        }
    )


def theme_sheet(themes: pd.DataFrame) -> pd.DataFrame:
    """Return the sheet where themes are renamed."""
    return pd.DataFrame(
        {
            "Nom actuel": themes["label"],
            "Nouveau nom": "",
            **dict.fromkeys(_SIGNED, ""),
            "Mots-clés": themes["keywords"],
            "Énoncés": themes["size"],
            "Table ronde": themes["round_table"],
            "Identifiant du thème": themes["theme_id"],
        }
    )


def pair_sheet(
    matches: pd.DataFrame, statements: pd.DataFrame, judged: pd.DataFrame, most: int
) -> pd.DataFrame:
    """Return the sheet where answers are confirmed or refused, without those already judged."""
    done = set(zip(judged["obstacle_id"], judged["answer_id"], strict=True))
    asked = zip(matches["obstacle_id"], matches["answer_id"], strict=True)
    rows = matches[np.array([pair not in done for pair in asked], dtype=bool)]
    rows = rows.sort_values(["rank", "score"], ascending=[True, False], kind="stable").head(most)
    about = statements.set_index("statement_id")
    ours, theirs = about.loc[rows["obstacle_id"]], about.loc[rows["answer_id"]]
    return pd.DataFrame(
        {
            "Frein": ours["text"].to_numpy(),
            "Ville du frein": ours["city"].to_numpy(),
            "Réponse": theirs["text"].to_numpy(),
            "Ville de la réponse": theirs["city"].to_numpy(),
            _VERDICT: "",
            **dict.fromkeys(_SIGNED, ""),
            "Nature de la réponse": rows["answer_tag"]
            .map(decision_files.choices("tag"))
            .to_numpy(),
            "Ressemblance": rows["score"].to_numpy(),
            "Document du frein": ours["path"].to_numpy(),
            "Document de la réponse": theirs["path"].to_numpy(),
            "Identifiant du frein": rows["obstacle_id"].to_numpy(),
            "Identifiant de la réponse": rows["answer_id"].to_numpy(),
        }
    )


def save(sheets: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> None:
    """Write `review.xlsx`: statements, themes, pairs, and how to use it."""
    how_to = pd.DataFrame({"Mode d'emploi": list(_HOW_TO)})
    tags = tuple(decision_files.choices("tag").values())
    choices = {
        _NATURE: tuple(sorted(tags)),
        _SECOND: (*sorted(tags), "aucune"),
        _ACTION: tuple(sorted(decision_files.choices("action").values())),
        _VERDICT: tuple(sorted(decision_files.choices("verdict").values())),
    }
    named = dict(zip(SHEETS, (*sheets, how_to), strict=True))
    contract.replace(
        PROCESSED / "review.xlsx",
        lambda path: workbooks.save(named, path, choices=choices, to_fill=TO_FILL),
    )


def _tell(problems: pd.DataFrame, applied: pd.DataFrame) -> None:
    for row in problems.head(_PROBLEMS_SHOWN).itertuples(index=False):
        place = f", ligne {row.row}" if row.row else ""
        print(f"{contract.DECISIONS / row.file}{place} : {row.problem}", file=sys.stderr)
    for name, table, said in (
        ("decisions_applied", applied, "Décisions appliquées"),
        ("decision_problems", problems, "Décisions non appliquées"),
    ):
        if len(table):
            path = contract.TABLES[name].path
            print(f"{said} : {len(table)} (voir {path}).", file=sys.stderr)


def main() -> None:
    """Read the tables and the decisions; write review.xlsx and what became of the decisions."""
    statements, tags = contract.read("statements"), contract.read("tags")
    themes, rewrites = contract.read("themes"), contract.read("rewrites")
    settings = params("review", choose)
    remade = frozenset(rewrites["statement_id"])
    members, view = contract.read("statement_themes"), contract.read("vectors")
    chosen = choose(statements, tags, members, view, remade, **settings)
    taken, unread = decisions.read(contract.DECISIONS)
    judged = decisions.pairs(taken, statements)
    pairs = pair_sheet(contract.read("matches"), statements, judged, settings["most"])
    save((sheet(chosen, themes), theme_sheet(themes), pairs))
    applied = decision_report.applied(taken, statements, tags, rewrites, themes)
    told = contract.read("rewrite_problems")
    problems = decision_report.problems(unread, taken, statements, rewrites, told, themes)
    contract.write("decisions_applied", applied)
    contract.write("decision_problems", problems)
    _tell(problems, applied)


if __name__ == "__main__":
    run(main)
