"""What is checked before a run, so that a mistake is told in French in one line, at once."""

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from pipeline import contract, parameters
from pipeline.contract import RAW, UserError, run
from pipeline.parameters import PARAMS

_FREE_BYTES = 1_000_000_000  # DVC's cache doubles the data; below this a run may end half-way


def check_params() -> None:
    """Raise UserError unless params.yaml can be read and holds every section dvc.yaml names."""
    stages = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"]
    wanted = {name for stage in stages.values() for name in stage.get("params", [])}
    sections = parameters.load_params()
    missing = sorted(wanted - sections.keys())
    if missing:
        raise UserError(f"{PARAMS} : la section « {missing[0]} » manque ; reprenez celle du dépôt.")


def check_inputs() -> None:
    """Raise UserError unless data/raw holds at least one city folder."""
    RAW.mkdir(parents=True, exist_ok=True)
    contract.DECISIONS.mkdir(parents=True, exist_ok=True)
    cities = [folder for folder in RAW.iterdir() if folder.is_dir() and any(folder.rglob("*"))]
    if not cities:
        raise UserError(
            f"{RAW} est vide : déposez les documents reçus dans un dossier par ville, "
            f"par exemple {RAW}/le-havre/compte-rendu.docx, puis relancez « make repro »."
        )


def check_disk() -> None:
    """Raise UserError when the disk is nearly full."""
    free = shutil.disk_usage(".").free
    if free < _FREE_BYTES:
        raise UserError(
            f"Il reste {free // 1_000_000} Mo sur le disque : libérez au moins 1 Go, puis relancez."
        )


def without_git() -> None:
    """Tell DVC to do without git where there is none, as in a ZIP download."""
    if not Path(".git").exists():
        dvc = [sys.executable, "-m", "dvc", "config", "--local", "core.no_scm", "true"]
        subprocess.run(dvc, check=True)  # noqa: S603 - our own interpreter, fixed words


def main() -> None:
    """Run all the checks; the first fault ends with its message."""
    check_params()
    check_inputs()
    check_disk()
    without_git()


if __name__ == "__main__":
    run(main)
