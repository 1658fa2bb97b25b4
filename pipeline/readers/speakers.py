"""Who says what: labels, names over turns or alone on a line, taken out of the words they speak."""

import functools
import re
from collections import Counter
from dataclasses import replace

from pipeline.french import fold, lexicon
from pipeline.readers.block import BOLD, PLAIN, Block, plain
from pipeline.readers.grid import column_role
from pipeline.readers.lines import STAMP

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
_LEAST_NAMED = 2  # lines that name someone and nothing else


def timed(blocks: list[Block]) -> list[Block]:
    """Return a transcript's blocks as turns, the time each begins with as its place."""
    blocks = _with_names_over(blocks)
    stamps = [STAMP.match(plain(block.text)) for block in blocks]
    if sum(map(bool, stamps)) < max(3, 0.4 * len(blocks)):
        return blocks
    return [
        replace(
            block, kind="turn", text=plain(block.text)[stamp.end() :], level=0,
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
    named = [_NAME_AND_TIME.match(plain(block.text).strip()) for block in blocks]
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


def with_names_alone(blocks: list[Block]) -> list[Block]:
    """Return the blocks, those under a line that only names someone (« Mme Orval ») as hers.

    Minutes of a council do so; a list of people, name after name, is left as it is.
    """
    people = " ".join(plain(b.text) for b in blocks if b.kind == "furniture")
    named = [
        _person_alone(plain(block.text), people)
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


def name_speakers(blocks: list[Block]) -> list[Block]:
    """Return the blocks with « Mme X (rôle) : … » split into speaker, role and words."""
    people = " ".join(plain(b.text) for b in blocks if b.kind == "furniture")
    counts = Counter(
        match["name"].strip()
        for block in blocks
        if block.kind in ("paragraph", "turn", "item")
        and (match := _LABEL.match(plain(block.text)))
    )
    result = []
    for block in blocks:
        named = block
        if block.kind in ("paragraph", "item", "cell", "turn") and not block.speaker:
            named = _named(block, people, counts)
        result.append(replace(named, text=plain(named.text).strip()))
    return result


def _named(block: Block, people: str, counts: Counter[str]) -> Block:
    bold = _BOLD_LABEL.match(block.text)
    if bold and (bold["sign"] or ":" in block.text.partition(PLAIN)[0]):
        name, role = _split_role(bold["name"], bold["role"] or bold["role2"] or "")
        if _is_person(name, people) or (len(name.split()) <= 10 and _is_function(name)):
            return replace(block, text=bold["words"], speaker=name, role=role)
    quote = _ATTRIBUTED.match(plain(block.text))
    if quote:
        name, role = _split_role(quote["name"], "")
        return replace(block, text=quote["words"], speaker=name, role=role)
    match = _LABEL.match(plain(block.text))
    if not match or _reports_speech(match["name"]):
        return block
    name, role = _split_role(match["name"], match["role"] or "")
    repeated = counts[match["name"].strip()] >= 3 and block.kind != "item"
    topic = block.kind == "item" and name.isupper()  # « CAF : … » is about it as often as by it
    if (_is_person(name, people) and not topic) or (repeated and _looks_named(name)):
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
