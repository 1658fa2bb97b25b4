# ruff: noqa: E501 - bad files are clearer on one line
"""A parser that hangs, swells or dies costs its own document only; the next one is read."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

from pipeline.readers import Unreadable
from pipeline.readers.sandbox import Limits, Sandbox

GENEROUS = Limits(megabytes=50, seconds=120, memory_mb=2_000, characters=1_000_000)
NOTE = "Les halls sont occupés tous les soirs de la semaine."


@pytest.fixture
def note(tmp_path: Path) -> Path:
    file = tmp_path / "note.txt"
    file.write_text(NOTE, encoding="utf-8")
    return file


@pytest.fixture
def heavy(tmp_path: Path) -> Path:
    """A Word document that takes seconds and hundreds of megabytes."""
    file = tmp_path / "lourd.docx"
    paragraph = f"<w:p><w:r><w:t>{NOTE}</w:t></w:r></w:p>"
    start = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, text in (
            ("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
            ("_rels/.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'),
            ("word/document.xml", f"{start}<w:body>{paragraph * 60_000}</w:body></w:document>"),
        ):  # fmt: skip
            archive.writestr(name, text)
    file.write_bytes(out.getvalue())
    return file


def refusal(sandbox: Sandbox, file: Path) -> Unreadable:
    with pytest.raises(Unreadable) as refused:
        sandbox.read(file, file.suffix)
    assert refused.value.detail.endswith(".")
    return refused.value


def limited(**changes: int) -> Sandbox:
    return Sandbox(Limits(**(GENEROUS.__dict__ | changes)))


def test_one_child_serves_many_documents_and_limits_hold(note: Path, heavy: Path) -> None:
    """Time, memory and text limits each refuse with their reason; the note is read after each."""
    # Python tells a lack of memory, a parser in C dies of it: either way the document is refused.
    for sandbox, codes, parameter in (
        (limited(seconds=2), ("trop_long",), "max_seconds"),
        (limited(memory_mb=150), ("trop_lourd", "lecture_interrompue"), "max_memory_mb"),
    ):
        sandbox.read(note, ".txt")
        refused = refusal(sandbox, heavy)
        assert refused.code in codes
        assert parameter in refused.detail
        assert sandbox.read(note, ".txt").blocks[0].text == NOTE
        sandbox.close()
    few = limited(characters=10)
    assert refusal(few, note).code == "trop_gros"
    few.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_child_that_is_killed_is_replaced(note: Path, heavy: Path) -> None:
    """What a crash of a parser in C or the system's memory killer would do."""
    sandbox = limited()
    sandbox.read(note, ".txt")
    child = sandbox.pid
    threading.Thread(target=lambda: (time.sleep(0.5), os.kill(child, signal.SIGKILL))).start()
    assert refusal(sandbox, heavy).code == "lecture_interrompue"
    assert sandbox.read(note, ".txt").blocks[0].text == NOTE
    assert sandbox.pid != child
    sandbox.close()


def test_a_script_without_main_guard_can_read(note: Path) -> None:
    """A notebook or a short script reads documents as well: the child does not run it again."""
    script = note.parent / "script.py"
    script.write_text(
        "from pathlib import Path\n"
        "from pipeline.readers.sandbox import Limits, sandbox\n"
        f"made = sandbox(Limits(50, 60, 2000, 1000))\nprint(len(made.read(Path({str(note)!r}), '.txt').blocks))\n"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, script], cwd=note.parent, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout == "1\n", done.stderr
