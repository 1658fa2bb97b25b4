"""A mistake is told before the run, in one French line."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import preflight
from pipeline.contract import UserError
from pipeline.parameters import PARAMS


def test_an_empty_folder_says_where_to_put_the_documents(project: Path) -> None:
    """An empty data/raw, and one with empty city folders, are told the same way."""
    (project / "data" / "raw" / "le-havre").mkdir()
    with pytest.raises(UserError, match="dossier par ville"):
        preflight.check_inputs()


def test_missing_folders_are_made(project: Path) -> None:
    """A ZIP without data/raw is not a traceback; decisions have their folder."""
    (project / "data" / "raw").rmdir()
    with pytest.raises(UserError, match="data/raw est vide"):
        preflight.check_inputs()
    assert (project / "data" / "decisions").is_dir()


def test_a_corpus_passes(consultation: Path) -> None:
    """With documents, and our params.yaml, there is nothing to say."""
    preflight.check_params()
    preflight.check_inputs()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("themes: [", "syntaxe"),
        ("", "vide ou mal formé"),
        ("segment: {}\n", "la section « "),
    ],
)
def test_a_broken_params_file_is_told(project: Path, content: str, said: str) -> None:
    """DVC would say it in English, or not at all."""
    PARAMS.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=said):
        preflight.check_params()


def test_the_command_prints_one_line_and_stops_make(project: Path) -> None:
    """What the analyst sees when data/raw is empty: one line, no traceback, exit code 1."""
    command = [sys.executable, "-m", "pipeline.preflight"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 1
    assert done.stderr.startswith("Erreur : data/raw est vide")
    assert done.stderr.count("\n") == 1


def test_without_git_dvc_is_told_to_do_without(project: Path) -> None:
    """A project downloaded as a ZIP runs; one with .git keeps dvc's use of it."""
    (project / ".dvc").mkdir()
    (project / ".dvc" / "config").touch()
    preflight.without_git()
    assert "no_scm" in (project / ".dvc" / "config.local").read_text(encoding="utf-8")
    (project / ".dvc" / "config.local").unlink()
    (project / ".git").mkdir()
    preflight.without_git()
    assert not (project / ".dvc" / "config.local").exists()
