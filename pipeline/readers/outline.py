"""The order of a document: headings above blocks, speakers out of their words, front matter aside.

Readers of documents give blocks in order; what they have in common is worked out here.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from pipeline.dates import find_dates
from pipeline.french import fold, lexicon, normalise
from pipeline.readers.block import Block, plain
from pipeline.readers.lines import NUMBER
from pipeline.readers.speakers import name_speakers, timed, with_names_alone

# « Le 8 octobre 2024 à 18 h, salle Aragon. », « 46 personnes présentes. »
_OPENS_WITH_DATE = re.compile(
    r"^(?:le )?(?:(?:lun|mar|mercre|jeu|vendre|same)di |dimanche )?"
    r"\d{1,2}(?:er)? [a-z]{3,9}\.? \d{4}\b"
    r"|^(?:environ |pres de )?\d+ (?:personne|participant|participante|habitant|present)s?"
    r"(?: present\w*)?\.?$"
)
_SENTENCE = re.compile(r"[.!?…]\s*[»”\")]?$")
_FRONT_BLOCKS = 12
_TOP_BLOCKS = 2  # where a line that begins with a small letter may still be about the document
_LEAST_CONTENTS = 2  # headings announced one after the other
_BUTTON_WORDS = 5
_LAST_BLOCKS = 4  # where a signature stands
_CAPTION = re.compile(
    r"^(?:Tableau|Figure|Graphique|Carte|Photo|Illustration|Schéma)\s+(?:n°\s*)?\d+\s*[:–—.-]"
)

_PAGE = re.compile(
    r"\bpage\s+\d{1,3}(?:\s*(?:/|sur|de)\s*\d{1,3})?$|\s[–-]\s*\d{1,3}/\d{1,3}$", re.IGNORECASE
)


def outline(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks with heading, section, speaker and role, participants made furniture."""
    kept = [replace(block, text=normalise(block.text)) for block in blocks]
    kept = [block for block in kept if plain(block.text).strip()]
    kept = _set_contents_aside(_set_participants_aside(_set_title_block_aside(timed(kept))))
    return name_speakers(_under_headings(with_names_alone(kept)))


@functools.cache
def _front_words(kind: str) -> tuple[str, ...]:
    return tuple(row["form"] for row in lexicon("front_matter") if row["kind"] == kind)


def _announces(text: str, kind: str) -> str:
    """Return how `text` announces front matter of this kind: "alone", "inline" or ""."""
    folded = fold(plain(text)).strip(" *_.,")
    for form in _front_words(kind):
        rest = folded.removeprefix(form)
        if rest == folded:
            continue
        if re.fullmatch(r"\s*(?:\([^)]*\))?\s*:?", rest):
            return "alone"
        if re.match(r"\s*(?:\([^)]*\))?\s*:", rest):
            return "inline"
    return ""


def _set_participants_aside(blocks: list[Block]) -> list[Block]:
    """Return the blocks with attendance lists and tables of contents as furniture."""
    result, listing = [], False
    for block in blocks:
        found = _announces(block.text, "participants") or _announces(block.text, "contents")
        if block.kind in ("furniture", "turn"):
            result.append(block)
            continue
        if found and block.kind in ("heading", "paragraph", "item"):
            listing = found == "alone"
            result.append(replace(block, kind="furniture", level=0))
            continue
        listing = listing and block.kind != "heading" and not _is_prose(block)
        result.append(replace(block, kind="furniture") if listing else block)
    return result


def _set_contents_aside(blocks: list[Block]) -> list[Block]:
    """Return the blocks, those that only announce headings to come as furniture.

    Several in a row are a table of contents, whatever its title and without one.
    """
    to_come = Counter(_unnumbered(b.text) for b in blocks if b.kind == "heading")
    result: list[Block] = []
    run: list[int] = []
    for block in [*blocks, Block("end", "")]:
        if block.kind == "heading":
            to_come[_unnumbered(block.text)] -= 1
        if block.kind in ("item", "paragraph") and to_come[_unnumbered(block.text)] > 0:
            run.append(len(result))
        else:
            if len(run) >= _LEAST_CONTENTS:
                for index in run:
                    result[index] = replace(result[index], kind="furniture", level=0)
            run = []
        result.append(block)
    return result[:-1]


def _unnumbered(text: str) -> str:
    """Return a heading's words, without its number or what leads to its page."""
    text = re.sub(r"[\s.…_]*\d*$", "", NUMBER.sub("", plain(text)))
    return fold(text).strip(" :.")


def _is_prose(block: Block) -> bool:
    text = plain(block.text)
    return block.kind == "paragraph" and len(text.split()) > 12 and bool(_SENTENCE.search(text))


def _set_title_block_aside(blocks: list[Block]) -> list[Block]:
    """Return the blocks with what surrounds the text as furniture.

    At the top: letterhead, date, place, author. Anywhere: captions, « Rapporteur : … », page notes.
    """
    result, seen, signed = [], 0, False
    start = _first_headed(blocks)
    for index, block in enumerate(blocks):
        if block.kind in ("item", "turn", "cell") or _is_prose(block):
            seen = _FRONT_BLOCKS
        seen += block.kind != "furniture"
        text = plain(block.text)
        opens = len(text.split()) <= 14 and _opens(text)
        small = len(text.split()) <= 25 and bool(
            _announces(text, "anywhere") or _CAPTION.match(text)
        )
        signed = signed or _announces(text, "closing") == "alone"
        courtesy = len(text.split()) <= 40 and fold(text).startswith(_front_words("courtesy"))
        left = len(blocks) - index
        signed = signed or courtesy or (left <= _LAST_BLOCKS and _signs(text))
        front = seen <= _FRONT_BLOCKS and (
            _is_front_line(text) or _is_letterhead(text, index, start)
        )
        bare = not re.search(r"[^\W\d_]{2}", text) or bool(_PAGE.search(text))
        signature = signed and len(text.split()) <= 8 and not _SENTENCE.search(text)
        signature = signature or courtesy or (left <= 2 and _names_author(text))
        aside = block.kind == "paragraph" and (small or front or bare or signature)
        aside = aside or (block.kind in ("paragraph", "item") and opens)
        aside = aside or (block.kind == "heading" and _announces(text, "anywhere") == "alone")
        result.append(replace(block, kind="furniture") if aside else block)
    return result


def _opens(text: str) -> bool:
    """Tell a short line that begins as bylines and dates of publication do, or a button."""
    folded = fold(text).strip("*_ ")
    button = len(text.split()) <= _BUTTON_WORDS and folded.startswith(_front_words("button"))
    return button or folded.startswith(_front_words("opening"))


def _signs(text: str) -> bool:
    """Tell « Le secrétaire, » and « La secrétaire de séance, Anne Orval »: no verb follows."""
    folded = fold(text).strip(" .")
    if folded.startswith("fait a ") and find_dates(text):
        return True
    for form in _front_words("signature"):
        rest = folded.removeprefix(form)
        if rest != folded and (rest in ("", ",") or (rest[0] in ", " and _are_names(text, form))):
            return True
    return False


def _names_author(text: str) -> bool:
    """Tell « P. Orval, responsable du service habitat » at the very end of a document."""
    name, _, role = text.partition(",")
    words = name.split()
    initial = bool(words) and bool(re.fullmatch(r"[A-ZÉ]\.(?:-?[A-ZÉ]\.)?|M\.|Mme", words[0]))
    named = initial and 2 <= len(words) <= 4 and all(word[0].isupper() for word in words)
    return named and len(role.split()) <= 10 and not _SENTENCE.search(text)


def _are_names(text: str, form: str) -> bool:
    rest = re.sub(
        r"^\W*(?:l[ae]|les)\s+(?:president|maire|secretaire|directeur|directrice)\w*",
        "",
        fold(text)[len(form) :],
    )
    words = re.findall(r"[^\W\d_][\w'’-]*", text[len(text) - len(rest) :])
    return 1 <= len(words) <= 4 and all(word[0].isupper() for word in words)


def _first_headed(blocks: list[Block]) -> int:
    """Return where the text begins: its first turn or heading with prose or a list under it.

    A date or a place may stand between the two.
    """
    said = [
        (index, block)
        for index, block in enumerate(blocks)
        if block.kind != "furniture"
        and not (block.kind == "paragraph" and _is_front_line(plain(block.text)))
    ]
    turns = [index for index, block in said if block.kind == "turn"]
    if turns:
        return turns[0]
    for (index, block), (_, following) in pairwise(said):
        if block.kind == "heading" and (following.kind in ("item", "cell") or _is_prose(following)):
            return index
    return 0


def _is_letterhead(text: str, index: int, start: int) -> bool:
    told = text[:1].islower() and index >= _TOP_BLOCKS
    if index >= start or told or _announces(text, "participants"):
        return False
    return len(text.split()) <= 14 and not _SENTENCE.search(text)


def _is_front_line(text: str) -> bool:
    words = len(text.split())
    if _announces(text, "label") or (words <= 14 and _OPENS_WITH_DATE.match(fold(text))):
        return True
    if words > 30 or _SENTENCE.search(text):
        return False
    if fold(text).startswith(_front_words("address")):
        return True
    return bool(find_dates(text)) or bool(
        re.search(r"\b\d{1,2}\s?h\s?(?:\d\d)?\b.*(?:-|–|à|->)", text)
    )


def _under_headings(blocks: list[Block]) -> list[Block]:
    """Return the blocks, each knowing the nearest heading above it and the path to it."""
    path: list[tuple[int, str]] = []
    result = []
    for block in blocks:
        if block.kind == "heading":
            while path and path[-1][0] >= block.level:
                path.pop()
        own = [block.heading] if block.heading else []
        section = " › ".join([text for _, text in path] + own)
        heading = block.heading or (path[-1][1] if path else "")
        result.append(replace(block, heading=heading, section=section))
        if block.kind == "heading":
            path.append((block.level, plain(block.text)))
    return result
