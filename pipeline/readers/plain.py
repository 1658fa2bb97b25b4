"""Plain text (.txt): its encoding, then its lines."""

import codecs
import re

from pipeline.readers.block import Block
from pipeline.readers.lines import Line, logical_lines

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ACCENTED = "éèêëàâäùûüîïôöçœæÉÈÊÀÂÇÔÎŒ«»’–—…°€"
_WEIGHT = {"é": 4, "è": 2, "à": 2, "ê": 2, "ç": 2}


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and its encoding: mark, then UTF-8, then the best-scoring French reading.

    The score counts letters and signs French uses, less those it does not; charset detectors made
    for all languages mistake short French notes for Central European ones.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _newlines(data.decode(name, errors="replace")), name.removesuffix("-sig")
    nulls = data[:2000].count(0)
    if nulls > len(data[:2000]) / 5:
        name = "utf-16-le" if data[1:2000:2].count(0) > data[0:2000:2].count(0) else "utf-16-be"
        return _newlines(data.decode(name, errors="replace")), name
    try:
        return _newlines(data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        return _newlines(join_surrogates(data.decode("utf-8", errors="surrogatepass"))), "utf-8"
    except UnicodeDecodeError:
        pass
    lines = data.splitlines(keepends=True)
    if sum(map(_is_utf8, lines)) > sum(not _is_ascii_or_utf8(line) for line in lines):
        return _newlines("".join(map(_patched, lines))), "utf-8 abîmé"
    text, name = _one_byte(data)
    return _newlines(text), name


def join_surrogates(text: str) -> str:
    """Return `text`, each pair of surrogates as the sign it stands for, a lone one as U+FFFD."""
    return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")


def _is_ascii_or_utf8(line: bytes) -> bool:
    return "\ufffd" not in line.decode("utf-8", errors="replace")


def _is_utf8(line: bytes) -> bool:
    """Tell a line with accents that are UTF-8, even if other bytes of it are not."""
    text = line.decode("utf-8", errors="replace")
    return sum(c > "\x7f" and c != "\ufffd" for c in text) > text.count("\ufffd")


def _patched(line: bytes) -> str:
    """Return a line of a file whose encodings are mixed, as UTF-8 where it is."""
    if _is_ascii_or_utf8(line):
        return line.decode("utf-8")
    return line.decode("utf-8", errors="replace") if _is_utf8(line) else _one_byte(line)[0]


def _one_byte(data: bytes) -> tuple[str, str]:
    """Return the best-scoring French reading, and its encoding, of what is not UTF-8."""
    readings = [
        (data.decode(name, errors="replace"), name) for name in ("cp1252", "mac_roman", "cp850")
    ]
    return max(readings, key=lambda reading: _frenchness(reading[0]))


def _frenchness(text: str) -> int:
    good = sum(text.count(c) * _WEIGHT.get(c, 1) for c in _ACCENTED)
    strange = sum(1 for c in text if ord(c) > 127 and c not in _ACCENTED and c != "\xa0")
    # « déjË », « ‚tÈ »: a capital accent between small letters is a wrong reading.
    inside = len(re.findall(r"[a-z][À-Þ]|[À-Þ][a-z]{2}[À-Þ]", text))
    return good - 3 * strange - 3 * inside


def _newlines(text: str) -> str:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\v\u2028\u2029\x85]", "\n", text).replace("\f", "\n\n").replace("\x00", "")


def read(data: bytes) -> list[Block]:
    """Return the blocks of a plain text file; locators are line numbers."""
    text, _ = decode(data)
    return blocks_of(logical_lines(text.split("\n")), place="ligne")


def blocks_of(lines: list[Line], place: str) -> list[Block]:
    """Return logical lines as blocks, the first line as title where it looks like one."""
    blocks = []
    for index, line in enumerate(lines):
        locator = f"{place} {line.number}"
        if index == 0 and line.kind != "item" and _is_title(line.text):
            blocks.append(Block("heading", line.text, level=1, locator=locator))
        else:
            blocks.append(Block(line.kind, line.text, level=line.level, locator=locator))
    return blocks


def _is_title(text: str) -> bool:
    header = re.match(r"(?:De|À|Cc|Objet|Envoyé|Date|Lieu|From|To|Sent|Subject)\s*:", text)
    return len(text.split()) <= 20 and not header and not re.search(r"[.;!?]$", text)
