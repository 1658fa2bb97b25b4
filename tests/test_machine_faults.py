# ruff: noqa: E501 - bad files are clearer on one line
"""A machine that fails: disk, rights, network, power; the next run is right, no half file is read.

Faults 24 to 27, 33 to 35 and 38 of the table of `test_faults.py`, on real processes and disks.
"""

import contextlib
import ctypes
import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import yaml
from conftest import CONSULTATION, ROOT, copy_settings

from pipeline import contract, preflight
from pipeline.contract import UserError
from pipeline.readers import read

try:
    import resource
except ImportError:
    resource = None

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, rights, mounts")
LINUX = sys.platform == "linux"
NOTE = "Les halls sont occupés chaque soir.\n"
# What a root user may do to files and folders whatever their rights, in Linux's numbering.
_DROP, _POWERS = 24, (1, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with the miniature consultation, for processes of its own."""
    copy_settings(tmp_path)
    shutil.copytree(CONSULTATION / "raw", tmp_path / "data" / "raw", dirs_exist_ok=True)
    return tmp_path


def start(
    folder: Path, *code: str, before: Callable[[], object] | None = None, **environment: str
) -> subprocess.Popen[str]:
    """Start the stage `ingest`, or other code, in a process of its own."""
    return subprocess.Popen(  # noqa: S603
        [sys.executable, *(code or ("-m", "pipeline.ingest"))], cwd=folder, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment, preexec_fn=before,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def end(process: subprocess.Popen[str]) -> str:
    """Return the last line a process that ends wrote on its error output."""
    _, errors = process.communicate(timeout=200)
    return errors.strip().split("\n")[-1]


def outputs(folder: Path) -> dict[str, bytes]:
    """Return the tables on disk that a stage reads: a hidden file is one no run finished."""
    found = (folder / "data" / "interim").glob("[!.]*")
    return {path.name: path.read_bytes() for path in found if path.is_file()}


DIES = """
import os, pathlib, signal, sys
left, rename = int(sys.argv[1]), pathlib.Path.replace
def replace(self, target):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)
pathlib.Path.replace = replace
from pipeline import ingest
ingest.main()
"""


@pytest.mark.slow
def test_killed_at_any_moment_then_run_twice_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before each file takes its place, then two runs at once, in locale C: same tables."""
    writes = 0
    while (process := start(folder, "-c", DIES, str(writes))) and end(process) == "":
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        writes += 1
    assert writes >= 3
    both = [start(folder, LC_ALL="C"), start(folder)]
    assert [end(process) for process in both] == ["", ""]
    assert [process.returncode for process in both] == [0, 0]
    first = outputs(folder)
    assert end(start(folder)) == ""
    assert outputs(folder) == first
    assert set(first) == {"blocks.parquet", "read_documents.parquet"}
    left = sorted((folder / "data").rglob(".*.parquet"))
    assert left
    os.utime(left[0], (0, 0))
    monkeypatch.chdir(folder)
    preflight.clear_left_behind()
    assert sorted((folder / "data").rglob(".*.parquet")) == left[1:]


@contextlib.contextmanager
def full_disk(folder: Path) -> Iterator[Callable[[], object] | None]:
    """Make `folder` a disk of a few pages where one may mount; yield what a process does first."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(folder)]
    if LINUX and subprocess.run(mount, check=False, capture_output=True).returncode == 0:  # noqa: S603
        try:
            yield None
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607
        return
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, hard))


@pytest.mark.slow
@pytest.mark.parametrize("filled", ["interim", "cache/read"])
def test_a_full_disk_is_said_and_the_next_run_is_right(folder: Path, filled: str) -> None:
    """A disk really full ends the stage with one French line and no half file."""
    words = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz     ", k=200_000))  # noqa: S311
    (folder / "data" / "raw" / "valombre" / "longue.txt").write_text(f"Note : {words}.")
    with full_disk(folder / "data" / filled) as before:
        process = start(folder, before=before)
        message = end(process)
        assert process.returncode == 1, message
        assert message.startswith("Erreur : Le disque est plein")
        assert "blocks.parquet" not in outputs(folder)
    assert end(start(folder)) == ""
    assert set(outputs(folder)) == {"blocks.parquet", "read_documents.parquet"}


def as_a_plain_user() -> None:
    """Give up, in a process about to begin, what lets root write in closed folders."""
    libc = ctypes.CDLL(None, use_errno=True)
    for power in _POWERS:
        libc.prctl(_DROP, power, 0, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["interim", "cache/read"])
def test_a_closed_folder_is_said(folder: Path, closed: str) -> None:
    """A folder one may not write in is named, with whose rights are missing, in one line."""
    if os.geteuid() == 0 and not LINUX:
        pytest.skip("root writes everywhere here")
    place = folder / "data" / closed
    place.mkdir(parents=True)
    place.chmod(0o555)
    process = start(folder, before=as_a_plain_user if LINUX else None)
    message = end(process)
    place.chmod(0o755)
    assert process.returncode == 1, message
    assert message.startswith("Erreur : Le dossier ou le fichier ne peut pas être écrit (")
    assert closed in message
    assert " par l'utilisateur " in message
    assert not outputs(folder)


@pytest.mark.slow
def test_closed_files_and_folders_are_listed(folder: Path) -> None:
    """What its rights keep from being read is refused by name; the others go through."""
    if os.geteuid() == 0 and not LINUX:
        pytest.skip("root reads everything here")
    city = folder / "data" / "raw" / "valombre"
    (city / "fermé.txt").write_text(NOTE)
    (city / "fermé.txt").chmod(0)
    (city / "annexes").mkdir()
    (city / "annexes" / "note.txt").write_text(NOTE)
    (city / "annexes").chmod(0)
    code = "from pipeline import contract, ingest; ingest.main(); print(*contract.read('rejected').reason)"
    process = start(folder, "-c", code, before=as_a_plain_user if LINUX else None)
    said, errors = process.communicate(timeout=200)
    (city / "annexes").chmod(0o755)
    assert process.returncode == 0, errors
    assert said.split() == ["illisible"] * 2


@pytest.mark.slow
def test_a_machine_without_home_or_network(folder: Path) -> None:
    """Reading, masking and parsing need no HOME to write in, and no network: here is none at all."""
    home = folder / "maison"
    home.mkdir(mode=0o555)
    stages = "ingest", "pseudonymise", "segment"
    code = f"from pipeline import {', '.join(stages)}; {'.main(); '.join(stages)}.main()"
    isolated = ["unshare", "--map-root-user", "--net"]
    alone = subprocess.run([*isolated, "true"], check=False, capture_output=True)  # noqa: S603
    command = [*(isolated if alone.returncode == 0 else []), sys.executable, "-c", code]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=200,
        env=environment | {"PYTHONPATH": str(ROOT), "HOME": str(home)},
        preexec_fn=as_a_plain_user if LINUX else None,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (folder / "data" / "processed" / "statements.parquet").exists()


FAR = "http://192.0.2.1/x"
SAID = "Les agents attendent."


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        (f'<html><link rel=stylesheet href="{FAR}"><script src="{FAR}"></script>'
         f'<iframe src="{FAR}"></iframe><body><img src="{FAR}"><p>{SAID}</p></body></html>', ".html"),
        (f'<!DOCTYPE html SYSTEM "{FAR}"><html><body><p>{SAID}</p></body></html>', ".html"),
        (f"![image]({FAR})\n\n{SAID}\n", ".md"),
        (rf'{{\rtf1\ansi{{\field{{\*\fldinst INCLUDEPICTURE "{FAR}"}}{{\fldrslt }}}}{SAID}\par}}', ".rtf"),
        (f'Ville;Verbatim\nV;"{SAID}"\nV;"=WEBSERVICE(""{FAR}"")"\n', ".csv"),
    ],
)  # fmt: skip
def test_no_document_makes_us_call_another_machine(
    text: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures, styles, frames, DTDs and formulas that lie elsewhere are not fetched."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("a name was looked up"))
    found = [b.text for b in read(text.encode(), suffix, max_megabytes=5).blocks]
    assert SAID in found


@pytest.mark.slow
def test_decisions_written_in_an_output_are_not_replaced(
    done: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """review.xlsx filled in where it lies stops the run and says where to put it."""
    for name in ("review.xlsx", "comparaison.xlsx"):
        (project / "data" / "processed").mkdir(exist_ok=True)
        shutil.copy(done / "data" / "processed" / name, project / "data" / "processed")
    review, comparison = (contract.PROCESSED / n for n in ("review.xlsx", "comparaison.xlsx"))
    outs = [
        {"path": path.as_posix(), "md5": hashlib.md5(path.read_bytes()).hexdigest()}  # noqa: S324
        for path in (review, comparison)
    ]
    Path("dvc.lock").write_text(yaml.safe_dump({"stages": {"review": {"outs": outs}}}))
    preflight.check_outputs()
    book = openpyxl.load_workbook(comparison)
    book.active["A1"] = "mes notes"
    book.save(comparison)
    preflight.check_outputs()
    assert "comparaison.xlsx" in capsys.readouterr().err
    book = openpyxl.load_workbook(review)
    sheet = book["À relire"]
    headings = [cell.value for cell in sheet[1]]
    sheet.cell(2, headings.index("Nature corrigée") + 1).value = "frein"
    book.save(review)
    with pytest.raises(UserError, match=r"déplacez-le dans data/decisions/"):
        preflight.check_outputs()
    shutil.move(review, contract.DECISIONS / "relecture.xlsx")
    preflight.check_outputs()
