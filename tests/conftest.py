"""What tests share: the miniature consultation (two invented cities, four documents)."""

import importlib
import shutil
import socket
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from pipeline import train

ROOT = Path(__file__).parents[1]
CONSULTATION = Path(__file__).parent / "consultation"
_DOCUMENTS_TO_LEARN_FROM = 80  # of data/training: enough for tests, trained in seconds


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves the machine: a test that opens a connection to another one fails."""
    connect = socket.socket.connect

    def refuse(own: socket.socket, address: object) -> None:
        # A browser is driven through this machine's own loopback.
        if isinstance(address, tuple) and address[0] in ("127.0.0.1", "::1", "localhost"):
            return connect(own, address)
        return pytest.fail("this code tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def expected(name: str) -> pd.DataFrame:
    """Return a table of the miniature consultation written by hand."""
    return pd.read_csv(CONSULTATION / "expected" / f"{name}.csv", keep_default_na=False)


def copy_settings(folder: Path, model: Path | None = None) -> None:
    """Give a folder our settings, and a trained model where one is needed."""
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, folder)
    (folder / "data" / "raw").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "decisions").mkdir(exist_ok=True)
    if model:
        shutil.copytree(model, folder / "data" / "interim" / "tagger")


def run_chain() -> None:
    """Run every stage in the order of dvc.yaml, except training (done once) and evaluations."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["stage"])  # not pytest's own arguments
        for stage in stages:
            if stage != "train" and not stage.startswith("evaluate"):
                importlib.import_module(f"pipeline.{stage}").main()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder to work in: our settings, no document."""
    copy_settings(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def consultation(project: Path) -> Path:
    """The project folder holding the miniature consultation."""
    shutil.copytree(CONSULTATION / "raw", project / "data" / "raw", dirs_exist_ok=True)
    return project


def _train_faster(path: Path) -> None:
    """Make training a matter of seconds: fewer folds, one network, read fewer times."""
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["train"] |= {"folds": 2, "network_members": 1, "network_epochs": 8, "workers": 1}
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


@pytest.fixture(scope="session")
def trained_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tagger trained once a session, by the stage itself, on part of the corpus."""
    folder = tmp_path_factory.mktemp("training")
    copy_settings(folder)
    _train_faster(folder / "params.yaml")
    (folder / "data" / "training").mkdir()
    for path in sorted((ROOT / "data" / "training").glob("*.csv")):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        few = rows["doc"].drop_duplicates().iloc[:_DOCUMENTS_TO_LEARN_FROM]
        rows[rows["doc"].isin(few)].to_csv(folder / "data" / "training" / path.name, index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        train.main()
    return folder / "data" / "interim" / "tagger"


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory, trained_model: Path) -> Path:
    """A project folder where the whole chain has run on the miniature consultation."""
    folder = tmp_path_factory.mktemp("project")
    copy_settings(folder, trained_model)
    shutil.copytree(CONSULTATION / "raw", folder / "data" / "raw", dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_chain()
    return folder
