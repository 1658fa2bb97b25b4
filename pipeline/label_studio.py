"""To and from Label Studio, for those who tag there: its JSON tasks, and decisions out of them.

`python -m pipeline.label_studio --export tâches.json` writes every statement with its context and
the model's prediction. `--import annoté.json` turns an export of Label Studio (« JSON ») into a new
file of data/decisions, never over an existing one. The labelling configuration to paste there is
`templates/label_studio.xml`. Format: Label Studio documentation, « Label Studio JSON format of
annotated tasks » and « Import pre-annotated data into Label Studio ».
"""

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import contract, dates
from pipeline.analysts import decision_files
from pipeline.contract import UserError, run

# Names of the controls in templates/label_studio.xml.
_NATURE, _SECOND = "nature", "seconde_nature"
CONTROLS = {
    _NATURE: "Nature corrigée",
    _SECOND: "Seconde nature corrigée",
    "action": "Action",
    "decoupage": "Texte à découper",
    "commentaire": "Commentaire",
}
_GIVEN = {
    "text": "Énoncé",
    "before": "Énoncé précédent",
    "after": "Énoncé suivant",
    "heading": "Titre",
    "city": "Ville",
    "path": "Document",
    "locator": "Emplacement",
    "statement_id": "statement_id",
}


def tasks(statements: pd.DataFrame, tags: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one task a statement, in the order of documents: data and the model's prediction.

    The prediction is the likeliest tag of the model and, where there is one, its second; its score
    is the confidence. A decided statement is exported with its decision as the prediction.
    """
    rows = statements.sort_values(["doc_id", "position"])
    rows = rows.assign(
        before=rows.groupby("doc_id")["text"].shift(1, fill_value=""),
        after=rows.groupby("doc_id")["text"].shift(-1, fill_value=""),
    ).merge(tags, on="statement_id", validate="1:1")
    names = decision_files.choices("tag")
    found = []
    for row in rows.to_dict("records"):
        result = [_choice(_NATURE, names[row["tag"]])]
        if row["second_tag"]:
            result.append(_choice(_SECOND, names[row["second_tag"]]))
        prediction = {"model_version": row["origin"], "score": round(row["confidence"], 4)}
        data = {name: row[name] for name in _GIVEN} | {"date": row["date"]}
        found.append({"data": data, "predictions": [prediction | {"result": result}]})
    return found


def _choice(control: str, word: str) -> dict[str, Any]:
    return {
        "id": control,
        "from_name": control,
        "to_name": "text",
        "type": "choices",
        "value": {"choices": [word]},
    }


def decisions_of(annotated: object, source: str) -> pd.DataFrame:
    """Return the decisions of a Label Studio export, in the columns of review.xlsx.

    One row an annotation that is neither skipped nor empty, with its author and date; two
    annotators who disagree are two rows. Raises UserError, naming `source`, for anything else than
    a list of tasks that hold our data.
    """
    if not isinstance(annotated, list) or not all(isinstance(task, dict) for task in annotated):
        raise UserError(
            f"{source} n'est pas un export JSON de Label Studio (une liste de tâches) : exportez "
            "au format « JSON », pas « JSON-MIN » ni « CSV »."
        )
    rows = []
    for task in annotated:
        data = task.get("data")
        if not isinstance(data, dict) or not isinstance(data.get("text"), str):
            raise UserError(
                f"{source} : une tâche n'a pas de texte dans « data » ; importez dans Label Studio "
                "le fichier fait par « --export »."
            )
        given = {ours: str(data.get(name, "")) for name, ours in _GIVEN.items()}
        for annotation in task.get("annotations") or []:
            said = {} if annotation.get("was_cancelled") else _said(annotation)
            if said:
                rows.append(given | said | _signature(annotation))
    columns = [*_GIVEN.values(), *CONTROLS.values(), "Auteur", "Décidé le"]
    return pd.DataFrame(rows, columns=columns).fillna("")


def _said(annotation: dict[str, Any]) -> dict[str, str]:
    """Return what an annotation decides: column → cell."""
    said = {}
    for result in annotation.get("result") or []:
        column, value = CONTROLS.get(result.get("from_name")), result.get("value") or {}
        words = value.get("choices") or value.get("text") or []
        words = [words] if isinstance(words, str) else words
        if column and words:
            said[column] = " ".join(map(str, words))
    return said


def _signature(annotation: dict[str, Any]) -> dict[str, str]:
    """Return who annotated, as Label Studio names them (an e-mail or a number), and the day."""
    who = annotation.get("completed_by")
    if isinstance(who, dict):
        who = who.get("email") or who.get("id")
    when = annotation.get("updated_at") or annotation.get("created_at") or ""
    author = f"Label Studio {who}" if isinstance(who, int) else str(who or "")
    return {"Auteur": author, "Décidé le": dates.date_of_cell(str(when)[:10])}


def _import(source: Path) -> Path:
    """Write the decisions of an export as a new CSV of data/decisions; return its path."""
    target = contract.DECISIONS / f"{source.stem}.csv"
    if target.exists():
        raise UserError(f"{target} existe déjà : renommez {source.name}, rien n'est remplacé.")
    try:
        annotated = json.loads(source.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UserError(f"Le fichier {source} n'existe pas : vérifiez son nom.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(
            f"{source} n'est pas un JSON lisible ({error}) : exportez-le de nouveau."
        ) from error
    rows = decisions_of(annotated, source.name)
    if rows.empty:
        raise UserError(f"{source} ne contient aucune annotation : rien n'est écrit.")
    contract.replace(target, lambda path: rows.to_csv(path, index=False, lineterminator="\n"))
    return target


def main() -> None:
    """Export the statements for Label Studio, or import what was annotated there."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.label_studio", description=__doc__)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--export", type=Path, help="le fichier JSON à écrire")
    way.add_argument("--import", type=Path, dest="source", help="l'export JSON de Label Studio")
    asked = parser.parse_args()
    if asked.source:
        print(f"Décisions écrites dans {_import(asked.source)} ; lancez « make repro ».")
        return
    if asked.export.exists():
        raise UserError(f"{asked.export} existe déjà : choisissez un autre nom.")
    found = tasks(contract.read("statements"), contract.read("tags"))
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    contract.replace(asked.export, lambda path: path.write_text(text, encoding="utf-8"))


if __name__ == "__main__":
    run(main)
