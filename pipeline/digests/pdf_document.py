"""The synthesis as a tagged PDF (PDF/UA-1), typeset by typst; and drawings as bitmaps.

Texts reach typst as JSON data, never as source: no statement can be taken for markup. Only the
fonts that typst carries are used, so that the bytes are the same on every machine.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import typst

from pipeline.digests.synthesis import Block, Bullet

TEMPLATE = Path(__file__).parents[1] / "templates" / "synthese.typ"
# The font's sign for what it cannot show.
_UNKNOWN = "□"
# A PDF wants a date; a fixed one keeps the bytes the same from run to run.
_EPOCH = 946_684_800
# Beyond this code point, a character may be missing from the fonts typst carries.
_SURELY_DRAWN = 0x017F


def document(title: str, blocks: Sequence[Block]) -> bytes:
    """Return the PDF: tagged, in French, with bookmarks and a table of contents.

    A character that no font of typst's can draw (an emoji, Chinese) is shown as « □ »: PDF/UA
    refuses characters without a shape.
    """
    data = {"title": title, "blocks": _listed(blocks)}
    source = TEMPLATE.read_bytes()
    try:
        return _compile(source, data)
    except typst.TypstError:
        return _compile(source, _drawable(data))


def _listed(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return the blocks as JSON holds them, bullets that follow one another made one list."""
    found = []
    for together, group in groupby(blocks, key=lambda block: isinstance(block, Bullet)):
        if together:
            found.append({"block": "Bullets", "items": [asdict(bullet) for bullet in group]})
        else:
            found += [{"block": type(block).__name__, **asdict(block)} for block in group]
    return found


def raster(svg: str) -> bytes:
    """Return an SVG drawing as a PNG, 200 points an inch."""
    source = (
        '#set page(width: auto, height: auto, margin: 2pt)\n#set text(font: "Libertinus Serif")\n'
        '#image(bytes(sys.inputs.svg), format: "svg", width: 450pt)\n'
    )
    return typst.compile(
        source.encode(),
        format="png",
        ppi=200,
        ignore_system_fonts=True,
        sys_inputs={"svg": svg},
        timestamp=_EPOCH,
    )


def _compile(source: bytes, data: Any) -> bytes:
    return typst.compile(
        source,
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards="ua-1",
        timestamp=_EPOCH,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )


def _drawable(data: Any) -> Any:
    """Return `data` with the characters no font can draw replaced."""
    text = json.dumps(data, ensure_ascii=False)
    unusual = sorted({sign for sign in text if ord(sign) > _SURELY_DRAWN})
    missing = {ord(sign): _UNKNOWN for sign in unusual if not _draws(sign)}
    return json.loads(text.translate(missing))


def _draws(sign: str) -> bool:
    source = b'#set document(title: "x")\n#set text(lang: "fr")\n#sys.inputs.data'
    try:
        _compile(source, sign)
    except typst.TypstError:
        return False
    return True
