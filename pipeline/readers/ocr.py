"""Character recognition of scanned PDFs, by programs of this machine, when it has them.

OCRmyPDF and Tesseract with its French data (Debian: ocrmypdf, tesseract-ocr-fra) are not part of
the installation; without them a scanned PDF is refused, which says what to do.
"""

import functools
import shutil
import subprocess
from pathlib import Path

ENCODING = "ocr"  # what a document says of its encoding when its text was recognised


@functools.cache
def available() -> bool:
    """Tell whether this machine has OCRmyPDF, and Tesseract with French."""
    programs = [shutil.which(name) for name in ("ocrmypdf", "tesseract")]
    if not all(programs):
        return False
    known = subprocess.run(  # noqa: S603  a program found on this machine, no text of a document
        [programs[1], "--list-langs"], capture_output=True, text=True, check=False
    )
    return "fra" in known.stdout.split()


def recognise(scanned: Path, target: Path, *, seconds: int) -> bool:
    """Write `target`, the same PDF with its recognised text; tell whether it could be done.

    Pages are straightened and turned upright. Given up after `seconds`.
    """
    command = [shutil.which("ocrmypdf") or "ocrmypdf", "--language", "fra", "--quiet"]
    command += ["--output-type", "pdf", "--rotate-pages", "--deskew", "--jobs", "1"]
    try:
        done = subprocess.run(  # noqa: S603  file names are arguments, not a shell's words
            [*command, "--", str(scanned.absolute()), str(target)],
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and target.exists()
