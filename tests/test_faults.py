# ruff: noqa: E501 - bad files are clearer on one line
"""Bad files, really bad: each is read in full or refused with its reason, and stops no other.

| fault | test |
|---|---|
| 1 password (and an owner's only: read), 3 truncated, 4 bomb, 5-6 entities, 7 extension, 11 empty, 15 depth | here, `test_readers.py` |
| 2 scanned | `test_readers.py`, `test_ocr.py` |
| 8 encodings, 9 newlines, 10 controls and surrogates, 13 long line, 14 runs, 30 right-to-left, 36 csv, 37 cues | here |
| 12 size, 29 NFD; links that lead nowhere, pipes, folders and files that are closed | here |
| 16-17 duplicates, 20 unknown city, 28 names | `test_ingest.py`, `test_segment.py` |
| 18 copies | `test_campaigns.py` |
| 19, 21 missing folders, no city | `test_preflight.py` |
| 22 formulas | `test_review.py`; 23 injection: `test_digest.py` |
| 24-27 killed, full disk, two runs, read-only; 33 locale, 34 no HOME, 35 no network, 38 outputs edited | `test_machine_faults.py` |
| 31-32 one city, few statements | `test_compare.py`, `test_themes.py` |
"""

import hashlib
import io
import os
import re
import unicodedata
import zipfile
from pathlib import Path

import pytest
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
        (b"Un fait \xed\xa0\x80l\xc3\xa0.\n", ".txt", ["Un fait \ufffdlà."]),
        (b"<p>Un fait &#xD83D;ici.</p>", ".html", ["Un fait �ici."]),
        (rb"{\rtf1\ansi Un fait \u-10179?\u-8704? ici.\par}", ".rtf", ["Un fait 😀 ici."]),
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
    (city / "ailleurs").symlink_to(project)
    os.mkfifo(city / "tuyau.txt")
    with (city / "énorme.txt").open("wb") as huge:
        huge.truncate(51_000_000)
    ingest.main()
    assert contract.read("read_documents")[["path", "city"]].values.tolist() == [
        ["Évreux/réunion.txt", "Évreux"]
    ]
    rejected = contract.read("rejected").set_index("path")["reason"].to_dict()
    assert rejected == {
        "Évreux/coupé.pdf": "corrompu", "Évreux/vide.docx": "vide", "Évreux/énorme.txt": "trop_gros",
        "Évreux/lien.txt": "illisible", "Évreux/ailleurs": "illisible", "Évreux/tuyau.txt": "illisible",
    }  # fmt: skip
    details = contract.read("rejected")["detail"]
    assert details.str.contains("remplacez-le par le document lui-même").sum() == 2
    assert details.str.endswith(".").all()


# The padding of passwords in the PDF reference (7.6.3.3, algorithm 2).
_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def encrypted(data: bytes, *, user: bytes, owner: bytes) -> bytes:
    """Return a PDF as protected by its two passwords (standard handler, revision 2)."""

    def md5(text: bytes) -> bytes:
        return hashlib.md5(text).digest()  # noqa: S324

    def padded(word: bytes) -> bytes:
        return (word + _PADDING)[:32]

    rights, name = (-64).to_bytes(4, "little", signed=True), b"0123456789abcdef"
    held = _rc4(md5(padded(owner))[:5], padded(user))
    key = md5(padded(user) + held + rights + name)[:5]

    def stream(match: re.Match[bytes]) -> bytes:
        number = int(match[1])
        own = md5(key + number.to_bytes(3, "little") + b"\0\0")[:10]
        return match[0].replace(match[2], _rc4(own, match[2]))

    data = re.sub(rb"(\d+) 0 obj\n[^\n]*\nstream\n(.*?)\nendstream", stream, data, flags=re.DOTALL)
    guard = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -64 /O <%s> /U <%s> >> /ID [<%s> <%s>]" % (
        *(part.hex().encode() for part in (held, _rc4(key, _PADDING), name, name)),
    )
    return data.replace(b"trailer << ", b"trailer << " + guard + b" ")


def test_only_a_password_to_open_is_a_refusal() -> None:
    """A PDF whose password only forbids changes is read; one that must be opened is refused."""
    page = pdf([(72, 700, 11, "Les agents attendent une réponse.")])
    assert texts(encrypted(page, user=b"", owner=b"mairie"), ".pdf") == [
        "Les agents attendent une réponse."
    ]
    with pytest.raises(Unreadable) as refused:
        read(encrypted(page, user=b"secret", owner=b"mairie"), ".pdf", max_megabytes=5)
    assert refused.value.code == "pdf_mot_de_passe"
