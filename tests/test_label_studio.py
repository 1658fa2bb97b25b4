"""Label Studio: our tasks are of its format, its exports become decisions."""

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT

from pipeline import contract, label_studio
from pipeline.analysts import decision_files
from pipeline.contract import TAGS, UserError

CONFIG = ET.parse(ROOT / "pipeline" / "templates" / "label_studio.xml").getroot()  # noqa: S314


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    blank = dict.fromkeys(contract.TABLES["statements"].columns, "")
    texts = ["Bonjour à tous.", "Il manque des agents, il faut recruter.", "Merci."]
    statements = [
        blank
        | {"statement_id": f"a:{n}", "doc_id": "a", "path": "A/a.txt", "city": "A", "position": n}
        | {"text": text}
        for n, text in enumerate(texts, 1)
    ]
    tags = [
        {f"p_{tag}": 0.2 for tag in TAGS}
        | {"statement_id": f"a:{n}", "tag": "bonne_pratique", "second_tag": second, "cues": ""}
        | {"confidence": 0.51239, "origin": "modele", "review": True}
        for n, second in ((1, ""), (2, "frein"), (3, ""))
    ]
    return (
        contract.check("statements", pd.DataFrame(statements)),
        contract.check("tags", pd.DataFrame(tags)),
    )


def annotate(task: dict, *results: dict, **more: object) -> dict:
    """Return a task as Label Studio exports it (JSON) once annotated."""
    annotation = {
        "id": 31,
        "completed_by": {"id": 1, "email": "camille@ville.example", "first_name": ""},
        "result": [
            {"id": "Xy", "to_name": "text", "origin": "manual", **result} for result in results
        ],
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2024-05-13T08:00:00.000000Z",
        "updated_at": "2024-05-14T08:00:00.000000Z",
        "lead_time": 4.2,
    }
    return task | {"id": 7, "inner_id": 1, "project": 2, "annotations": [annotation | more]}


def choice(name: str, *words: str) -> dict:
    return {"from_name": name, "type": "choices", "value": {"choices": list(words)}}


def area(name: str, text: str) -> dict:
    return {"from_name": name, "type": "textarea", "value": {"text": [text]}}


def test_tasks_are_what_label_studio_imports() -> None:
    """Data holds what the configuration shows; predictions use its controls and its choices."""
    made = label_studio.tasks(*tables())
    shown = {
        node.get("value")[1:] for node in CONFIG.iter() if node.get("value", "").startswith("$")
    }
    allowed = {
        node.get("name"): {choice.get("value") for choice in node}
        for node in CONFIG.iter("Choices")
    }
    assert [task["data"]["text"] for task in made] == tables()[0]["text"].tolist()
    for task in made:
        assert shown <= set(task["data"])
        assert set(task) == {"data", "predictions"}
        (prediction,) = task["predictions"]
        assert (prediction["score"], prediction["model_version"]) == (0.5124, "modele")
        for result in prediction["result"]:
            assert (result["type"], result["to_name"]) == ("choices", "text")
            assert set(result["value"]["choices"]) <= allowed[result["from_name"]]
    assert made[1]["data"]["before"] == "Bonjour à tous."
    assert len(made[1]["predictions"][0]["result"]) == 2
    json.dumps(made)


def test_the_configuration_offers_what_we_read() -> None:
    """Every control of the configuration has its column, every choice is understood."""
    controls = {n.get("name"): n for n in CONFIG.iter() if n.tag in ("Choices", "TextArea")}
    assert set(controls) == set(label_studio.CONTROLS)
    for kind, name in (("tag", "nature"), ("action", "action")):
        offered = {node.get("value") for node in controls[name]}
        assert offered == set(decision_files.choices(kind).values())


def test_annotations_become_decisions(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nature, second nature, cut, author and day come through; skipped annotations do not."""
    made = label_studio.tasks(*tables())
    cut = "Il manque des agents, | il faut recruter."
    annotated = [
        annotate(made[0], choice("nature", "hors-champ"), completed_by=3),
        annotate(
            made[1],
            choice("nature", "frein"),
            choice("seconde_nature", "proposition"),
            choice("action", "scinder"),
            area("decoupage", cut),
            area("commentaire", "deux idées"),
        ),
        annotate(made[2], choice("nature", "constat"), was_cancelled=True),
    ]
    Path("annoté.json").write_text(json.dumps(annotated), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["label_studio", "--import", "annoté.json"])
    label_studio.main()
    taken, problems = decision_files.read(contract.DECISIONS)
    assert problems.empty
    shown = taken[["statement_id", "kind", "value", "author", "date"]].to_numpy().tolist()
    assert shown == [
        ["a:1", "nature", "autre", "Label Studio 3", "2024-05-14"],
        ["a:2", "nature", "frein", "camille@ville.example", "2024-05-14"],
        ["a:2", "seconde nature", "proposition", "camille@ville.example", "2024-05-14"],
        ["a:2", "action", "scinder", "camille@ville.example", "2024-05-14"],
    ]
    assert taken["pieces"].iloc[-1] == cut
    assert taken["text"].iloc[-1] == tables()[0]["text"][1]
    assert set(taken["comment"]) == {"", "deux idées"}
    before = (contract.DECISIONS / "annoté.csv").read_bytes()
    with pytest.raises(UserError, match="existe déjà"):
        label_studio.main()
    assert (contract.DECISIONS / "annoté.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"a": 1}', "une liste de tâches"),
        ('[{"image": "x.png"}]', "pas de texte"),
        ("pas du json", "JSON lisible"),
        ("[]", "aucune annotation"),
        (None, "n'existe pas"),
    ],
)
def test_what_is_no_export_is_refused(project, monkeypatch, content, said) -> None:
    """Anything else is named in one sentence, and nothing is written."""
    if content is not None:
        Path("x.json").write_text(content, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["label_studio", "--import", "x.json"])
    with pytest.raises(UserError, match=said):
        label_studio.main()
    assert not (contract.DECISIONS / "x.csv").exists()


def test_an_export_never_replaces_a_file(project, monkeypatch) -> None:
    """The command writes the tasks of the tables, once."""
    for name, table in zip(("statements", "tags"), tables(), strict=True):
        contract.write(name, table)
    monkeypatch.setattr(sys, "argv", ["label_studio", "--export", "tâches.json"])
    label_studio.main()
    assert len(json.loads(Path("tâches.json").read_text(encoding="utf-8"))) == 3
    with pytest.raises(UserError, match="existe déjà"):
        label_studio.main()
