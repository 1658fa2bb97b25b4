"""Whatever a document says, in any format: it is read, and no letter of it goes uncounted.

Wild texts are written to real files by the libraries people use, then read and segmented. A letter
or digit of the source is in a statement, or in a heading, a name or a piece of furniture that
`coverage.csv` counts.
"""

import csv
import html
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable

import openpyxl
import pandas as pd
import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odfdo import Cell, List, Paragraph, Row, Table
from odfdo import Document as OdfDocument
from test_readers import pdf
from test_segment import ALL

from pipeline import contract, coverage, segment
from pipeline.french import normalise
from pipeline.readers import Block, Unreadable, read
from pipeline.readers.lines import NUMBER, STAMP

# A Word document takes half a second to write.
EXAMPLES = {".docx": 12}
_SIGNS = "  ,;:.!?…()«»“”\"'’-–—/%°€&+=*#|<>[]_@ \u00a0\u202f"
_EVERYWHERE = "aàbcçdeéèêfghiîjlmnoôœprstuùûvxyzABDELMPRÉÀ0123456789\ufb01"
_WORLD = "سلامגשΩяß漢字👍🏽e\u0301\u200bㅎञ"
_SAID = re.compile(r"[^\W_]")
_LETTER = re.compile(r"[^\W\d_]")


def letters(text: str, sign: re.Pattern[str] = _SAID) -> list[str]:
    """Return the letters and digits of a text, without the accents that may join or leave them."""
    return sign.findall(unicodedata.normalize("NFD", normalise(text)))


def told(alphabet: str) -> st.SearchStrategy[list[str]]:
    """Lists of texts in these signs, without the list numbers and times readers take off."""
    text = st.text(st.sampled_from(alphabet), min_size=1, max_size=60).map(
        lambda drawn: re.sub(r"\s+", " ", drawn).strip()
    )
    words = text.filter(
        lambda drawn: _SAID.search(drawn) and not NUMBER.match(drawn) and not STAMP.match(drawn)
    )
    return st.lists(words, min_size=1, max_size=6)


WILD = told(_EVERYWHERE + _SIGNS + _WORLD)
TYPED = told(_EVERYWHERE.replace("\ufb01", "") + _SIGNS)  # what one byte and PDF fonts can write
PLAIN = told(_EVERYWHERE + " ,;.!?«»’é" + _WORLD)  # without the signs that are marks in Markdown


def txt(texts: list[str]) -> bytes:
    return "\n\n".join(texts).encode()


def one_byte(texts: list[str]) -> bytes:
    return ("Déjà là, à côté : été, forêt, où, ça.\r\n" + "\r\n".join(texts)).encode("cp1252")


def markdown(texts: list[str]) -> bytes:
    return ("# Titre\n\n" + "\n\n".join(f"- {text}" for text in texts)).encode()


def page(texts: list[str]) -> bytes:
    told = [html.escape(text) for text in texts]
    table = "".join(f"<tr><td>Lieu</td><td>{text}</td></tr>" for text in told)
    items = "".join(f"<li>{text}</li>" for text in told)
    prose = "".join(f"<p>{text}</p>" for text in told)
    return f"<html><body>{prose}<ul>{items}</ul><table>{table}</table></body></html>".encode()


def docx(texts: list[str]) -> bytes:
    document = Document()
    for text in texts:
        document.add_paragraph(text)
        document.add_paragraph(text, style="List Bullet")
    table = document.add_table(len(texts) + 1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Thème", "Freins"
    for row, text in enumerate(texts, 1):
        table.cell(row, 1).text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def odt(texts: list[str]) -> bytes:
    document = OdfDocument("text")
    document.body.clear()
    for text in texts:
        document.body.append(Paragraph(text))
    document.body.append(List(texts))
    table = Table("Grille")
    for text in ("Freins", *texts):
        row = Row()
        row.append_cell(Cell("Lieu" if text != "Freins" else "Thème"))
        row.append_cell(Cell(text))
        table.append_row(row)
    document.body.append(table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def rtf(texts: list[str]) -> bytes:
    def escaped(text: str) -> str:
        units = text.encode("utf-16-le")
        numbers = (int.from_bytes(units[i : i + 2], "little") for i in range(0, len(units), 2))
        return "".join(f"\\u{n - 65536 if n > 32767 else n}?" for n in numbers)

    return ("{\\rtf1\\ansi " + "".join(f"{escaped(text)}\\par " for text in texts) + "}").encode()


def printed(texts: list[str]) -> bytes:
    return pdf([(72, 750 - 30 * row, 11, text) for row, text in enumerate(texts)])


def sheet(texts: list[str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerows([("Ville", "Verbatim"), *(("Le Brumois", text) for text in texts)])
    return out.getvalue().encode("utf-8-sig")


def workbook(texts: list[str]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Thème", "Freins"])
    for text in texts:
        book.active.append(["Accueil", ""])
        book.active.cell(book.active.max_row, 2).value = f"{text}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def subtitles(texts: list[str]) -> bytes:
    cues = "\n\n".join(
        f"00:00:{n:02d}.000 --> 00:00:{n:02d}.900\n<v Anne Orval>{html.escape(text)}</v>"
        for n, text in enumerate(texts)
    )
    return f"WEBVTT\n\n{cues}\n".encode()


def srt(texts: list[str]) -> bytes:
    return "\n\n".join(
        f"{n}\n00:00:{n:02d},000 --> 00:00:{n:02d},900\n{html.escape(text)}"
        for n, text in enumerate(texts, 1)
    ).encode()


@pytest.mark.parametrize(
    ("write", "suffix", "drawn", "times"),
    [
        (txt, ".txt", WILD, 1),
        (one_byte, ".txt", TYPED, 1),
        (markdown, ".md", PLAIN, 1),
        (page, ".html", WILD, 3),
        (docx, ".docx", WILD, 3),
        (odt, ".odt", WILD, 3),
        (rtf, ".rtf", WILD, 1),
        (printed, ".pdf", TYPED, 1),
        (sheet, ".csv", WILD, 1),
        (workbook, ".xlsx", WILD, 1),
        (subtitles, ".vtt", WILD, 1),
        (srt, ".srt", WILD, 1),
    ],
)
def test_every_letter_is_counted(
    write: Callable[[list[str]], bytes], suffix: str, drawn: st.SearchStrategy, times: int
) -> None:
    """No exception but « nothing to read », and no letter lost between the file and coverage."""

    @settings(
        max_examples=EXAMPLES.get(suffix, 60), deadline=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @given(drawn)
    def holds(texts: list[str]) -> None:
        try:
            blocks = read(write(texts), suffix, max_megabytes=5).blocks
        except Unreadable as refusal:
            assert refusal.code == "vide"
            return
        source = Counter(letters(" ".join(texts)))
        for letter in source:
            source[letter] *= times
        said = " ".join(f"{b.text} {b.speaker} {b.role} {b.column} {b.city}" for b in blocks)
        assert not source - Counter(letters(said))
        check_coverage(blocks)

    holds()


def check_coverage(blocks: list[Block]) -> None:
    """What was read is kept or counted for a reason; statements hold their blocks' letters."""
    document = dict.fromkeys(contract.TABLES["read_documents"].columns, "")
    documents = pd.DataFrame([document | {"doc_id": "a", "path": "v/a", "city": "V"}])
    rows = [vars(block) | {"doc_id": "a", "block": n} for n, block in enumerate(blocks, 1)]
    frame = pd.DataFrame(rows, columns=list(contract.TABLES["blocks"].columns))
    statements = segment.segment(documents, frame, **ALL)
    row = coverage.measure(documents, frame, statements).iloc[0]
    counts = row[["kept", "headings", "furniture", "hesitations", "marks", "duplicate"]]
    assert (counts >= 0).all()
    assert counts.sum() == row["read"]
    spoken = frame["kind"] == "turn"
    told = " ".join(frame["text"][~spoken & ~frame["kind"].isin(("heading", "furniture"))])
    kept = " ".join(statements["text"][statements["kind"] != "turn"])
    assert letters(kept, _LETTER) == letters(told, _LETTER)
