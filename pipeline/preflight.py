"""What is checked before a run, so that a mistake is told in French in one line, at once."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from pipeline import contract, parameters
from pipeline.analysts import decision_files
from pipeline.contract import RAW, UserError, run
from pipeline.parameters import PARAMS

_EDITED = (".xlsx", ".csv", ".docx", ".html")
_LEFT_BEHIND = 86_400  # seconds after which no run can still be writing a temporary file
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


def clear_left_behind() -> None:
    """Remove the temporary files that a run which was killed left a day ago or more."""
    for folder in (contract.INTERIM, contract.PROCESSED, contract.CACHE):
        for left in sorted(folder.rglob(".*-????????.*")):
            if time.time() - left.stat().st_mtime > _LEFT_BEHIND:
                left.unlink()


def check_outputs() -> None:
    """Raise UserError when decisions were written in review.xlsx itself, which a run replaces.

    Other sheets and texts changed since the chain wrote them (dvc.lock says with which hash) are
    named: they are about to be made again.
    """
    lock = Path("dvc.lock")
    stages = yaml.safe_load(lock.read_bytes())["stages"] if lock.exists() else {}
    outs = {out["path"]: out["md5"] for stage in stages.values() for out in stage.get("outs", [])}
    changed = [
        path
        for path, written in sorted(outs.items())
        if Path(path).suffix in _EDITED and Path(path).is_file() and _md5(Path(path)) != written
    ]
    for path in changed:
        if Path(path).name == "review.xlsx" and _decides(Path(path)):
            raise UserError(
                f"{path} porte des choix et serait remplacé : déplacez-le dans "
                f"{contract.DECISIONS.as_posix()}/, où ils seront appliqués, puis relancez."
            )
    if changed:
        names = ", ".join(changed)
        print(
            f"Modifiés depuis la dernière exécution, ils vont être refaits : {names}. Gardez "
            "ailleurs ce que vous y auriez écrit.",
            file=sys.stderr,
        )


def _md5(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _decides(file: Path) -> bool:
    """Tell whether someone wrote at least one decision in a workbook."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(file, folder)
        taken, problems = decision_files.read(Path(folder))
    return len(taken) + len(problems) > 0


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
    check_outputs()
    clear_left_behind()
    without_git()


if __name__ == "__main__":
    run(main)
