"""Tables and parameters refuse what would break a later stage, in words one can act on."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import pytest

from pipeline import contract, parameters
from pipeline.contract import UserError
from pipeline.parameters import Between


def rejected(*paths: str) -> pd.DataFrame:
    return pd.DataFrame({"path": list(paths), "reason": "vide", "detail": "NA"})


def test_a_table_reads_back_as_it_was_written(project: Path) -> None:
    """Order by key, columns in order, and a text « NA » stays a text."""
    contract.write("rejected", rejected("b", "a")[["detail", "path", "reason"]])
    table = contract.read("rejected")
    assert list(table.columns) == ["path", "reason", "detail"]
    assert table["path"].tolist() == ["a", "b"]
    assert table["detail"].tolist() == ["NA", "NA"]


def test_writing_twice_gives_the_same_bytes(project: Path) -> None:
    """DVC re-runs what follows only when something really changed."""
    vectors = pd.DataFrame({"statement_id": ["b", "a"], "vector": [[0.5, 1.0], [1.0, 2.0]]})
    path = contract.TABLES["vectors"].path
    contract.write("vectors", vectors)
    first = path.read_bytes()
    contract.write("vectors", vectors.iloc[::-1])
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (rejected("a").drop(columns="detail"), "missing columns"),
        (rejected("a", "a"), "unique key"),
        (rejected("a").assign(detail=None), "no missing text"),
    ],
)
def test_a_wrong_table_is_not_written(project: Path, frame: pd.DataFrame, said: str) -> None:
    """The stage that made a wrong table stops, with the rule and the rows; nothing is written."""
    with pytest.raises(ValueError, match=said):
        contract.write("rejected", frame)
    assert not contract.TABLES["rejected"].path.exists()


def test_an_unknown_tag_is_refused(project: Path) -> None:
    """Only the five tags of the guide can enter a table."""
    row = dict.fromkeys(contract.TABLES["tags"].columns, 0.0)
    row |= {"statement_id": "a", "tag": "idée", "second_tag": "", "cues": "", "origin": "modele"}
    with pytest.raises(ValueError, match="idée"):
        contract.write("tags", pd.DataFrame([row]))


def test_a_killed_write_leaves_the_old_file(project: Path) -> None:
    """A table is whole or absent: the temporary file is removed and the old one stays."""
    contract.write("rejected", rejected("a"))
    path = contract.TABLES["rejected"].path

    def dies(temporary: Path) -> None:
        temporary.write_text("half")
        raise OSError

    with pytest.raises(OSError):
        contract.replace(path, dies)
    assert contract.read("rejected")["path"].tolist() == ["a"]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_missing_table_says_what_to_run(project: Path) -> None:
    """Someone who opens a notebook first is told to run the chain."""
    with pytest.raises(UserError, match="make repro"):
        contract.read("statements")


def stage(
    table: object, *, size: Annotated[int, Between(1, 9)], share: float, name: str, deep: bool
) -> None:
    """Stand for a stage."""


GOOD = {"size": "3", "share": "0.5", "name": "x", "deep": "true"}


def write_params(**changes: str) -> None:
    values = {key: value for key, value in (GOOD | changes).items() if value}
    lines = "".join(f"  {key}: {value}\n" for key, value in values.items())
    parameters.PARAMS.write_text(f"stage:\n{lines}", encoding="utf-8")


def test_params_are_the_keyword_only_names_of_the_stage(project: Path) -> None:
    """A good section is handed over as it is, a whole number being also a number."""
    write_params(share="1")
    assert parameters.params("stage", stage) == {"size": 3, "share": 1, "name": "x", "deep": True}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"size": ""}, "« size » manque"),
        ({"size": "", "sizes": "3"}, "vouliez-vous dire « size »"),
        ({"size": "beaucoup"}, "stage.size vaut « beaucoup » : mettez un nombre entier"),
        ({"size": "12"}, "entre 1 et 9"),
        ({"size": "true"}, "mettez un nombre entier"),
        ({"deep": "1"}, "mettez true ou false"),
        ({"other": "1"}, "« other » est inconnu"),
        ({"size": "[3"}, "syntaxe"),
    ],
)
def test_a_wrong_parameter_is_told_in_french(project: Path, changes: dict, said: str) -> None:
    """The message names the file, the parameter, and what to put there."""
    write_params(**changes)
    with pytest.raises(UserError, match=r"params\.yaml") as error:
        parameters.params("stage", stage)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_run_ends_a_user_error_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """The analyst reads one line, and the exit code stops DVC."""

    def main() -> None:
        raise UserError("déposez un document.")

    with pytest.raises(SystemExit) as ended:
        contract.run(main)
    assert ended.value.code == 1
    assert capsys.readouterr().err == "Erreur : déposez un document.\n"
