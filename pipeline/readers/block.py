"""The unit every reader yields, a block of a document, and the one way to refuse a document."""

import re
from dataclasses import dataclass

# Signs no document uses, with which a reader marks bold words.
BOLD, PLAIN = "⟦", "⟧"


@dataclass(frozen=True)
class Block:
    """One paragraph, list item, cell, spoken turn, heading or piece of page furniture.

    The fields are the text columns of the table `blocks` (see contract.py). `city`, `date` and
    `round_table` are only filled when the block itself says so (a column of a spreadsheet).
    """

    kind: str
    text: str
    level: int = 0
    heading: str = ""
    section: str = ""
    column: str = ""
    speaker: str = ""
    role: str = ""
    locator: str = ""
    city: str = ""
    date: str = ""
    round_table: str = ""


class Unreadable(Exception):  # noqa: N818 - it is a verdict on a document, not an error of ours
    """A document that cannot be read: a code for the tables, a French sentence for the analyst."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def plain(text: str) -> str:
    """Return `text` without the marks of its bold words."""
    return re.sub(f"[{BOLD}{PLAIN}]", "", text)
