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
from pipeline.readers.block import Block
from pipeline.readers.grid import column_role
from pipeline.readers.lines import NUMBER, STAMP

# Signs no document uses, with which a reader marks bold words.
BOLD, PLAIN = "⟦", "⟧"
_MARKS = re.compile(f"[{BOLD}{PLAIN}]")

_LABEL = re.compile(
    r"^(?P<name>[^:()«»!?;]{2,90}?)\s*(?:\((?P<role>[^()]{2,90})\))?\s*:\s+(?P<words>\S.*)$",
    re.DOTALL,
)
_BOLD_LABEL = re.compile(
    rf"^{BOLD}(?P<name>[^:({PLAIN}]{{2,90}}?)\s*(?:\((?P<role>[^()]{{2,90}})\))?\s*:?\s*{PLAIN}"
    r"(?:\s*\((?P<role2>[^()]{2,90})\))?\s*(?P<sign>[:–—-])?\s*(?P<words>\S.*)$",
    re.DOTALL,
)
# « On ne voit plus personne. » — Nadia, habitante
_ATTRIBUTED = re.compile(
    r"^[«“]\s*(?P<words>[^«»“”]{12,})\s*[»”]\s*[—–]\s*(?P<name>[^\d«».!?:;]{2,60}?)\.?$"
)
_SENTENCE = re.compile(r"[.!?…]\s*[»”\")]?$")
_FRONT_BLOCKS = 12
_TOP_BLOCKS = 4  # where a line that begins with a small letter may still be about the document
_LEAST_NAMED = 2  # lines that name someone and nothing else
_LEAST_CONTENTS = 2  # headings announced one after the other
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
    kept = [block for block in kept if _MARKS.sub("", block.text).strip()]
    kept = _set_contents_aside(_set_participants_aside(_set_title_block_aside(_timed(kept))))
    return _name_speakers(_under_headings(_with_names_alone(kept)))


def _timed(blocks: list[Block]) -> list[Block]:
    """Return a transcript's blocks as turns, the time each begins with as its place."""
    blocks = _with_names_over(blocks)
    stamps = [STAMP.match(_plain(block.text)) for block in blocks]
    if sum(map(bool, stamps)) < max(3, 0.4 * len(blocks)):
        return blocks
    return [
        replace(
            block, kind="turn", text=_plain(block.text)[stamp.end() :], level=0,
            locator=f"{block.locator}, {stamp['time']}",
        )
        if stamp and block.kind in ("paragraph", "item", "heading")
        else block
        for block, stamp in zip(blocks, stamps, strict=True)
    ]  # fmt: skip


_NAME_AND_TIME = re.compile(
    r"^(?P<name>[^\W\d_][^\d:;.!?]{1,60}?)[\s,–-]+[\[(]?(?P<time>(?:\d{1,2}:)?\d{1,2}:\d{2})[\])]?$"
)


def _with_names_over(blocks: list[Block]) -> list[Block]:
    """Return the blocks, those under a line « Claire Morel   0:03 » as turns of that person."""
    named = [_NAME_AND_TIME.match(_plain(block.text).strip()) for block in blocks]
    if sum(map(bool, named)) < 3:
        return blocks
    result, speaker, time = [], "", ""
    for block, match in zip(blocks, named, strict=True):
        if match and block.kind != "turn":
            speaker, time = match["name"].strip(), match["time"]
            result.append(replace(block, kind="furniture"))
        elif speaker and block.kind in ("paragraph", "item", "heading"):
            place = f"{block.locator}, {time}"
            result.append(replace(block, kind="turn", speaker=speaker, level=0, locator=place))
        else:
            result.append(block)
    return result


def _with_names_alone(blocks: list[Block]) -> list[Block]:
    """Return the blocks, those under a line that only names someone (« Mme Orval ») as hers.

    Minutes of a council do so; a list of people, name after name, is left as it is.
    """
    people = " ".join(_plain(b.text) for b in blocks if b.kind == "furniture")
    named = [
        _person_alone(_plain(block.text), people)
        if block.kind in ("heading", "paragraph") and not block.speaker
        else None
        for block in blocks
    ]
    heads = [
        index
        for index, (who, following) in enumerate(zip(named, [*blocks[1:], None], strict=True))
        if who and following and following.kind in ("paragraph", "item") and not named[index + 1]
    ]
    if len(heads) < _LEAST_NAMED:
        return blocks
    result, who = [], ("", "")
    for index, block in enumerate(blocks):
        if index in heads:
            who = named[index]
            result.append(replace(block, kind="furniture", level=0))
            continue
        if block.kind == "heading":
            who = ("", "")
        spoken = block.kind in ("paragraph", "item") and not block.speaker
        name, role = who if spoken else (block.speaker, block.role)
        result.append(replace(block, speaker=name, role=role))
    return result


def _person_alone(text: str, people: str) -> tuple[str, str] | None:
    """Return the name and role of a line that holds nothing else, else None."""
    match = re.fullmatch(
        r"(?P<name>[^:()]{2,60}?)\s*(?:\((?P<role>[^()]{2,80})\))?\s*:?", text.strip()
    )
    if not match or _SENTENCE.search(text):
        return None
    name, role = _split_role(match["name"], match["role"] or "")
    titled = fold(name).partition(" ")[0] in _speaker_words("title")
    known = bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", people)) and len(name.split()) > 1
    return (name, role) if (titled or known) and _is_person(name, people) else None


def _plain(text: str) -> str:
    return _MARKS.sub("", text)


@functools.cache
def _front_words(kind: str) -> tuple[str, ...]:
    return tuple(row["form"] for row in lexicon("front_matter") if row["kind"] == kind)


def _announces(text: str, kind: str) -> str:
    """Return how `text` announces front matter of this kind: "alone", "inline" or ""."""
    folded = fold(_plain(text)).strip(" *_.,")
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
    text = re.sub(r"[\s.…_]*\d*$", "", NUMBER.sub("", _plain(text)))
    return fold(text).strip(" :.")


def _is_prose(block: Block) -> bool:
    text = _plain(block.text)
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
        text = _plain(block.text)
        opens = len(text.split()) <= 14 and _opens(text)
        small = len(text.split()) <= 25 and bool(
            _announces(text, "anywhere") or _CAPTION.match(text)
        )
        signed = signed or _announces(text, "closing") == "alone"
        signed = signed or (len(blocks) - index <= _LAST_BLOCKS and _signs(text))
        front = seen <= _FRONT_BLOCKS and (
            _is_front_line(text) or _is_letterhead(text, index, start)
        )
        bare = not re.search(r"[^\W\d_]{2}", text) or bool(_PAGE.search(text))
        signature = signed and len(text.split()) <= 8 and not _SENTENCE.search(text)
        aside = block.kind == "paragraph" and (small or front or bare or signature)
        aside = aside or (block.kind in ("paragraph", "item") and opens)
        aside = aside or (block.kind == "heading" and _announces(text, "anywhere") == "alone")
        result.append(replace(block, kind="furniture") if aside else block)
    return result


def _opens(text: str) -> bool:
    """Tell a short line that begins as bylines, dates of publication and buttons do."""
    return fold(text).strip("*_ ").startswith(_front_words("opening"))


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


def _are_names(text: str, form: str) -> bool:
    words = re.findall(r"[^\W\d_][\w'’-]*", text)[len(form.replace("'", " ").split()) :]
    return 1 <= len(words) <= 4 and all(word[0].isupper() for word in words)


def _first_headed(blocks: list[Block]) -> int:
    """Return where the text begins: its first turn or heading with prose or a list under it.

    A date or a place may stand between the two.
    """
    said = [
        (index, block)
        for index, block in enumerate(blocks)
        if block.kind != "furniture"
        and not (block.kind == "paragraph" and _is_front_line(_plain(block.text)))
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
    if _announces(text, "label"):
        return True
    if words > 30 or _SENTENCE.search(text):
        return False
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
            path.append((block.level, _plain(block.text)))
    return result


def _name_speakers(blocks: list[Block]) -> list[Block]:
    """Return the blocks with « Mme X (rôle) : … » split into speaker, role and words."""
    people = " ".join(_plain(b.text) for b in blocks if b.kind == "furniture")
    counts = Counter(
        match["name"].strip()
        for block in blocks
        if block.kind in ("paragraph", "turn", "item")
        and (match := _LABEL.match(_plain(block.text)))
    )
    result = []
    for block in blocks:
        named = block
        if block.kind in ("paragraph", "item", "cell", "turn") and not block.speaker:
            named = _named(block, people, counts)
        result.append(replace(named, text=_plain(named.text).strip()))
    return result


def _named(block: Block, people: str, counts: Counter[str]) -> Block:
    bold = _BOLD_LABEL.match(block.text)
    if bold and (bold["sign"] or ":" in block.text.partition(PLAIN)[0]):
        name, role = _split_role(bold["name"], bold["role"] or bold["role2"] or "")
        if _is_person(name, people) or (len(name.split()) <= 10 and _is_function(name)):
            return replace(block, text=bold["words"], speaker=name, role=role)
    quote = _ATTRIBUTED.match(_plain(block.text))
    if quote:
        name, role = _split_role(quote["name"], "")
        return replace(block, text=quote["words"], speaker=name, role=role)
    match = _LABEL.match(_plain(block.text))
    if not match or _reports_speech(match["name"]):
        return block
    name, role = _split_role(match["name"], match["role"] or "")
    repeated = counts[match["name"].strip()] >= 3 and block.kind != "item"
    if _is_person(name, people) or (repeated and _looks_named(name)):
        return replace(block, text=match["words"], speaker=name, role=role)
    return block


def _split_role(name: str, role: str) -> tuple[str, str]:
    """Return « M. X, directeur » as name and role."""
    name = name.strip(" -–—,")
    if not role and "," in name:
        name, _, role = name.partition(",")
    return name.strip(), role.strip()


def _reports_speech(label: str) -> bool:
    """Tell « Mme X, cheffe de service, présente le plan : … » from a label with a long role."""
    parts = [part.strip() for part in label.split(",")]
    if len(parts) < 3:
        return False
    completes = re.match(r"\w+(?:é|ée|és|ées)\b|en charge|chez|pour", parts[-1])
    return not (completes or _is_function(parts[-1]) or parts[-1][:1].isupper())


@functools.cache
def _speaker_words(kind: str) -> frozenset[str]:
    return frozenset(row["form"] for row in lexicon("speaker_titles") if row["kind"] == kind)


def _first_word(name: str) -> str:
    return re.sub(r"^(?:(?:le|la|les|un|une)\s+|l')", "", fold(name)).partition(" ")[0]


def _is_person(name: str, people: str) -> bool:
    """Tell whether a label names someone: a title and a name, a moderator, or a participant."""
    words = name.split()
    if not words or len(words) > 7 or column_role(name) == "tag":
        return False
    first = fold(words[0])
    if first in _speaker_words("title"):
        return len(words) >= 2 and words[1][:1].isupper()
    if _first_word(name) in _speaker_words("moderator"):
        return len(words) <= 4
    if (
        name[0].isupper()
        and len(words) <= 3
        and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", people)
    ):
        return True
    return name[0].isupper() and _is_function(name) and _is_linked(name)


def _is_function(name: str) -> bool:
    first = _first_word(name)
    return first in _speaker_words("function") or first in _speaker_words("title")


def _is_linked(name: str) -> bool:
    """Tell a function's name from a sentence: its second word completes the first."""
    rest = re.sub(r"^(?:le|la|l')\s*", "", fold(name)).split()[1:]
    link = (
        r"(?:de|du|des|d'\w*|en|a|au|aux|a|et|la|charge|chargee|delegue|deleguee|adjoint|adjointe)"
    )
    return not rest or bool(re.match(f"^{link}$", rest[0])) or name.split()[-1][0].isupper()


def _looks_named(name: str) -> bool:
    words = [word for word in re.split(r"[\s-]+", name) if word]
    return len(words) <= 4 and all(word[0].isupper() for word in words)
