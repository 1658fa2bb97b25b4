"""What tests share: the miniature consultation (two invented cities, four documents)."""

import shutil
import socket
from pathlib import Path

import pandas as pd
import pytest


ROOT = Path(__file__).parents[1]
CONSULTATION = Path(__file__).parent / "consultation"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves the machine: a test that opens a connection fails."""

    def refuse(*_: object) -> None:
        pytest.fail("this code tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder to work in: our params.yaml, no document."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    shutil.copy(ROOT / "dvc.yaml", tmp_path)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def consultation(project: Path) -> Path:
    """The project folder holding the miniature consultation."""
    shutil.copytree(CONSULTATION / "raw", project / "data" / "raw", dirs_exist_ok=True)
    return project


def expected(name: str) -> pd.DataFrame:
    """Return a table of the miniature consultation written by hand."""
    path = CONSULTATION / "expected" / f"{name}.csv"
    return pd.read_csv(path, keep_default_na=False)
