"""Rich text (.rtf): striprtf gives the lines, the style sheet tells which are headings."""

import re
from collections.abc import Iterator
from dataclasses import replace

from striprtf.striprtf import rtf_to_text

from pipeline.readers.block import Block
from pipeline.readers.grid import Cell, grid_blocks
from pipeline.readers.lines import BULLET, logical_lines
from pipeline.readers.plain import blocks_of

# A private character that marks headings in the text striprtf returns.
_MARK = "\ue010"
_LONGEST_ROW = 40
_HEADING_STYLE = re.compile(
    r"\{\\s(\d+)[^{}]*?(?:\{[^{}]*\}[^{}]*?)*\b(?:heading|Titre|Title)\s?(\d?)\s*;\}",
    re.IGNORECASE,
)


def read(data: bytes) -> list[Block]:
    """Return the blocks of an RTF document; locators are paragraph numbers."""
    source = data.decode("cp1252", errors="replace")
    text = rtf_to_text(_mark_headings(source), errors="replace")
    paragraphs = [line for line in text.replace("\r", "").split("\n") if line.strip()]
    marked = any(_MARK in line for line in paragraphs)
    blocks: list[Block] = []
    rows: list[list[Cell]] = []
    tables = 0
    for number, line in _with_rows_joined(paragraphs):
        if line.endswith("|"):
            rows.append([Cell((cell,)) for cell in line.removesuffix("|").split("|")])
            continue
        if rows:
            tables += 1
            blocks.extend(grid_blocks(rows, place=f"tableau {tables}"))
            rows = []
        blocks.append(_paragraph(line, number))
    if rows:
        blocks.extend(grid_blocks(rows, place=f"tableau {tables + 1}"))
    return blocks if marked else _guess_headings(blocks)


def _with_rows_joined(paragraphs: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (number, line), the lines of a table row, which ends with « | », as one."""
    at = 0
    while at < len(paragraphs):
        end = at
        if "|" in paragraphs[at]:
            near = range(at, min(at + _LONGEST_ROW, len(paragraphs)))
            end = next((i for i in near if paragraphs[i].rstrip().endswith("|")), at)
        yield at + 1, "\n".join(paragraphs[at : end + 1]).rstrip()
        at = end + 1


def _mark_headings(source: str) -> str:
    """Return the RTF source with a private character at the start of each heading paragraph."""
    levels = {style: level or "0" for style, level in _HEADING_STYLE.findall(source)}
    for style, level in levels.items():
        source = re.sub(
            rf"(\\pard(?:\\[a-z]+-?\d*\s?)*?\\s{style}(?!\d)(?:\\[a-z]+-?\d*)*)\s?",
            lambda match, level=level: f"{match[1]} \\u{0xE010 - 65536}?{level}",
            source,
        )
    return source


def _paragraph(line: str, number: int) -> Block:
    locator = f"§ {number}"
    if _MARK in line:
        marked = line.partition(_MARK)[2]
        return Block("heading", marked[1:], level=1 + int(marked[0]), locator=locator)
    if BULLET.match(line):
        return Block("item", BULLET.sub("", line, count=1), level=1, locator=locator)
    return Block("paragraph", line, locator=locator)


def _guess_headings(blocks: list[Block]) -> list[Block]:
    """Return the blocks with headings guessed, for a document without heading styles."""
    if any(block.kind == "cell" for block in blocks):
        return blocks
    source: list[str] = []
    places: dict[int, str] = {}
    for block in blocks:
        item = block.kind == "item"
        source += [f"- {block.text}"] if item else ["", block.text, ""]
        places[len(source) if item else len(source) - 1] = block.locator
    guessed = blocks_of(logical_lines(source, wrapped=False), place="§")
    return [
        replace(block, locator=places.get(int(block.locator.split()[1]), block.locator))
        for block in guessed
    ]
