# ruff: noqa: E501 - bad files are clearer on one line
"""Bad files, really bad: each is read in full or refused with its reason, and stops no other.

| fault | test |
|---|---|
| 1 password, 2 scanned, 3 truncated, 4 bomb, 5-6 entities, 7 extension, 11 empty, 12 size, 15 depth | `test_readers.py`, and here for the encrypted, cut and laughing ones |
| 8 encodings, 9 newlines, 10 controls, 13 long line, 14 runs, 30 right-to-left, 36 csv, 37 cues | here |
| 16-17 duplicates, 19-21 folders, 28 names | `test_ingest.py`, `test_preflight.py` |
| 18 copies | `test_campaigns.py` |
| 24-27 killed, full disk, two runs, read-only; 29 NFD; 33 locale | here |
| 22-23 injection | `test_digest.py`, workbooks; 31-32 one city, few statements: `test_compare.py`, `test_themes.py` |
"""

import errno
import io
import os
import subprocess
import sys
import time
import unicodedata
import zipfile
from pathlib import Path

import pytest
from conftest import CONSULTATION, ROOT, copy_settings
from test_readers import docx, pdf

from pipeline import contract, ingest
from pipeline.readers import Unreadable, read

ENTITIES = "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">{ENTITIES}]><x>&i;</x>'


def texts(data: bytes, suffix: str) -> list[str]:
    return [b.text for b in read(data, suffix, max_megabytes=5).blocks if b.kind != "furniture"]


def archive(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "suffix", "code"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), ".docx", "mot_de_passe"),
        (
            archive(mimetype="application/vnd.oasis.opendocument.text", content_dot_xml="?",
                    **{"META-INF__manifest_dot_xml": "<m:encryption-data/>"}),
            ".odt", "mot_de_passe",
        ),
        (docx(lambda d: d.add_paragraph("Un propos."))[:5000], ".docx", "corrompu"),
        (rb"{\rtf1\ansi Le texte \par Le reste est", ".rtf", "corrompu"),
        (archive(word__document_dot_xml=LAUGHS), ".docx", "corrompu"),
        (b"<html><body>" + b"<ul><li>" * 5000 + b"fond", ".html", "trop_profond"),
    ],
)  # fmt: skip
def test_refused_with_a_reason(data: bytes, suffix: str, code: str) -> None:
    """Protected, cut, laughing and bottomless files are refused, in French."""
    with pytest.raises(Unreadable) as refused:
        read(data, suffix, max_megabytes=5)
    assert refused.value.code == code
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("data", "suffix", "expected"),
    [
        (b"Un fait.\r\n\r\nDeux faits.\r\rTrois.\n", ".txt", ["Un fait.", "Deux faits.", "Trois."]),
        (b"Les\x00 fa\x07its   sont\x1b l\xc3\xa0.", ".txt", ["Les fa its sont là."]),
        ("- déjà là\n- à côté\n".encode() + "- mêlé à côté\n".encode("cp1252"), ".txt",
         ["déjà là", "à côté", "mêlé à côté"]),
        (("Un fait " + "…" * 20_000 + " puis " + "_" * 20_000 + " ici.").encode(), ".txt",
         ["Un fait ……… puis ___ ici."]),
        ("Il a dit « سلام » 👍🏽 puis merci.".encode(), ".txt", ["Il a dit « سلام » 👍🏽 puis merci."]),
        (b'Ville;Verbatim\nA;Un propos;et sa suite\nB;"Jamais ferm\xc3\xa9\nC;Le dernier propos\nNA;Un vrai propos\n',
         ".csv", ["Un propos;et sa suite", "Jamais fermé", "Le dernier propos", "Un vrai propos"]),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nUn fait,\n\n00:xx --> 00:04.000\nsa suite.\n\nEt la fin.\n",
         ".vtt", ["Un fait, sa suite. Et la fin."]),
    ],
)  # fmt: skip
def test_read_without_losing_a_word(data: bytes, suffix: str, expected: list[str]) -> None:
    """Mixed newlines, controls, mixed encodings, runs, scripts, ragged rows, broken cues."""
    assert texts(data, suffix) == expected


def test_an_endless_line_is_cut() -> None:
    """A line of more than a million signs reaches no language model whole, and keeps its words."""
    found = texts(b"un mot " * 200_000, ".txt")
    assert max(map(len, found)) <= 20_000
    assert " ".join(found).split() == ["un", "mot"] * 200_000


def test_bad_files_stop_no_other(project: Path) -> None:
    """Beside a good note, every bad file is listed with its reason; names from macOS are NFC."""
    city = project / "data" / "raw" / unicodedata.normalize("NFD", "Évreux")
    city.mkdir()
    name = unicodedata.normalize("NFD", "réunion.txt")
    (city / name).write_text("Les halls sont occupés chaque soir.", encoding="utf-8")
    (city / "coupé.pdf").write_bytes(pdf([(72, 700, 11, "Un propos.")])[:200])
    (city / "vide.docx").write_bytes(b"")
    (city / "lien.txt").symlink_to(project / "absent.txt")
    ingest.main()
    assert contract.read("read_documents")[["path", "city"]].values.tolist() == [
        ["Évreux/réunion.txt", "Évreux"]
    ]
    rejected = contract.read("rejected").set_index("path")["reason"].to_dict()
    assert {Path(path).suffix for path in rejected} >= {".pdf", ".docx"}


def start(folder: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.ingest"], cwd=folder, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def outputs(folder: Path) -> dict[str, bytes]:
    found = (folder / "data" / "interim").glob("*.parquet")
    return {path.name: path.read_bytes() for path in found}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_then_run_twice_at_once(tmp_path: Path) -> None:
    """After a kill at any moment and two runs at once, in locale C, tables are those of one run."""
    copy_settings(tmp_path)
    raw = tmp_path / "data" / "raw"
    for city in CONSULTATION.joinpath("raw").iterdir():
        (raw / city.name).mkdir()
        for file in city.iterdir():
            (raw / city.name / file.name).write_bytes(file.read_bytes())
    for wait in (0.5, 3):
        killed = start(tmp_path)
        time.sleep(wait)
        killed.kill()
        killed.communicate()
    both = [start(tmp_path, LC_ALL="C"), start(tmp_path)]
    for process in both:
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors
    first = outputs(tmp_path)
    assert start(tmp_path).wait(timeout=200) == 0
    assert outputs(tmp_path) == first
    assert len(first) == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [(errno.ENOSPC, "disque est plein"), (errno.EACCES, "droits"), (errno.EROFS, "droits")],
)
def test_what_cannot_be_written_is_said_in_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    error: int, words: str,
) -> None:  # fmt: skip
    """A full disk or a read-only folder ends a stage with one French line, and no half file."""
    city = project / "data" / "raw" / "v"
    city.mkdir()
    (city / "note.txt").write_text("Les halls sont occupés chaque soir.", encoding="utf-8")

    def refuse(*_: object) -> None:
        raise OSError(error, os.strerror(error), "data/interim")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(SystemExit):
        contract.run(ingest.main)
    message = capsys.readouterr().err.strip().split("\n")[-1]
    assert message.startswith("Erreur : ")
    assert words in message
    assert not outputs(project)
