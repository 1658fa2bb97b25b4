"""Tests of character recognition, on a page of the demonstration turned into a picture."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest
from conftest import ROOT

from pipeline import contract, ingest, parameters
from pipeline.readers import ocr

PRINTED = ROOT / "data" / "raw" / "vaubrune" / "synthese_TR3_TR4.pdf"


def scan(source: Path, target: Path) -> None:
    """Write the first page of a PDF as a picture alone, as a scanner does."""
    page = pypdfium2.PdfDocument(source)[0]
    width, height = page.get_size()
    scanned = pypdfium2.PdfDocument.new()
    picture = pypdfium2.PdfImage.new(scanned)
    picture.set_bitmap(page.render(scale=200 / 72))
    picture.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
    sheet = scanned.new_page(width, height)
    sheet.insert_obj(picture)
    sheet.gen_content()
    scanned.save(target)


@pytest.fixture
def read(project: Path) -> Callable[..., dict[str, pd.DataFrame]]:
    """Read a project whose only document is a scanned page, with parameters changed."""
    city = project / "data" / "raw" / "belcourt"
    city.mkdir()
    scan(PRINTED, city / "rapport.pdf")

    def run(**changed: int) -> dict[str, pd.DataFrame]:
        settings = parameters.params("ingest", ingest.ingest) | changed
        return ingest.ingest(contract.RAW, contract.CACHE / "read", **settings)

    return run


def test_a_scanned_page_is_refused_with_advice(read) -> None:
    """Without recognition, the analyst is told what the file is and what to do."""
    refused = read(ocr_seconds=0)["rejected"]
    assert refused["reason"].tolist() == ["pdf_numerise"]
    assert "reconnaissance de caractères" in refused["detail"][0]


def test_recognition_that_fails_is_a_refusal(read, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that gives up costs the document, not the run."""
    monkeypatch.setattr(ocr, "available", lambda: True)
    monkeypatch.setattr(ocr, "recognise", lambda *_, **__: False)
    assert read(ocr_seconds=5)["rejected"]["reason"].tolist() == ["pdf_numerise"]


@pytest.mark.slow
@pytest.mark.skipif(not ocr.available(), reason="ocrmypdf et tesseract-ocr-fra non installés")
def test_a_scanned_page_is_recognised(read) -> None:
    """With the programs at hand, its words are read, and the analyst is asked to reread them."""
    tables = read(ocr_seconds=300)
    document = tables["read_documents"].iloc[0]
    assert document["encoding"] == ocr.ENCODING
    assert "relisez-le" in document["warnings"]
    printed = pypdfium2.PdfDocument(PRINTED)[0].get_textpage().get_text_range()
    words = set(unicodedata.normalize("NFC", printed).split())
    found = set(" ".join(tables["blocks"]["text"]).split())
    assert len(words & found) > 0.85 * len(words)
