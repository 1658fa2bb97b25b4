"""Subtitles of recordings (.vtt, .srt): cues of the same speaker joined into turns."""

import functools
import html
import re
from dataclasses import dataclass, replace

from pipeline.french import fold, lexicon, normalise
from pipeline.readers.block import Block, Unreadable
from pipeline.readers.plain import decode

_TIMING = re.compile(r"^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,]\d{1,3})?\s*-->")
_VOICE = re.compile(r"<v(?:\.[\w.]+)?\s+([^>]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|\{\\[^}]*\}|<\d[\d:.]*>")
_ROLLING = re.compile(r"<\d\d:\d\d[\d:.]*><c")
_NAME = r"[^\W\d_][\w.’'-]*(?:[ \u00a0\u202f][\w.’'-]+){0,5}"
_LABEL = re.compile(
    rf"^\s*(?:[-–—]\s*|>>\s*)?\[?(?P<name>{_NAME})\]?\s*(?:\((?P<role>[^()]{{2,80}})\))?\s*:\s+(?P<words>.*)$",
    re.DOTALL,
)
_BRACKETED = re.compile(
    rf"^\s*\[(?P<name>(?=[^\W\d_a-z])(?:{_NAME}))(?:\s*[,(]\s*(?P<role>[^\]()]{{2,80}})\)?)?\]\s*:?\s*(?P<words>\S.*)$",
    re.DOTALL,
)
_SOUND = re.compile(r"(?:rire|musique|applaudi|silence|pause|inaudible|brouhaha|bruit|coupure)")
_ROLE = re.compile(r"^(?P<name>.*?)\s*(?:\((?P<role>[^()]+)\)|,\s*(?P<other>.+))?\s*$")
_COMMON = re.compile(r"^(?:[a-zà-ÿ]|C['’]est|Alors|Donc|Mais|Oui|Non|Je |On |Il |Elle |Voilà)")


_LEAST_LABELLED = 6
_ALL_LABELLED = 0.9  # share of labelled cues from which every « Nom : » names who speaks


@dataclass(frozen=True)
class _Cue:
    time: str
    speaker: str
    role: str
    text: str
    sure: bool  # the file itself marks the voice; a « Nom : » may be words


def read(data: bytes) -> list[Block]:
    """Return the turns of a transcript, each with the time of its first cue.

    Headers and NOTE blocks come first, as furniture: they often name the meeting and its date.
    Raises Unreadable when the file holds no timed cue.
    """
    text, _ = decode(data)
    furniture: list[Block] = []
    cues: list[_Cue] = []
    for part in re.split(r"\n[ \t]*\n+", text.strip("\n")):
        lines = part.split("\n")
        at = next((i for i, line in enumerate(lines) if _TIMING.match(line)), None)
        if at is None and cues and not re.match(r"(?:NOTE|STYLE|REGION)\b", part):
            cues += _spoken(cues[-1].time, _without_timing(lines))
            continue
        if at is None:
            furniture += _outside(part)
            continue
        cues += _cues(lines[at:])
    if _ROLLING.search(text):
        cues = _unrolled(cues)
    if not cues:
        raise Unreadable(
            "corrompu",
            "Aucun minutage lisible dans ces sous-titres : exportez la transcription à nouveau.",
        )
    return furniture + _turns(_trusted(cues))


def _without_timing(lines: list[str]) -> str:
    """Return what is said in a part whose time cannot be read: it goes on from the cue before."""
    return "\n".join(line for line in lines if "->" not in line and not line.strip().isdigit())


def _outside(part: str) -> list[Block]:
    """Return what stands outside cues: the title after WEBVTT, notes; styles are dropped."""
    if part.startswith(("STYLE", "REGION")):
        return []
    text = normalise(re.sub(r"^(?:WEBVTT|NOTE)\b[ \t]*-?[ \t]*", "", part))
    return [Block("furniture", text, locator="en-tête")] if text else []


def _cues(lines: list[str]) -> list[_Cue]:
    """Return the cues of a part; a part without blank lines may hold several."""
    cues: list[_Cue] = []
    starts = [i for i, line in enumerate(lines) if _TIMING.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = _TIMING.match(lines[start])
        hours, minutes, seconds = match[1] or "0", match[2], match[3]
        time = f"{int(hours):02d}:{int(minutes):02d}:{seconds}"
        payload = lines[start + 1 : end]
        if end < len(lines) and payload and payload[-1].strip().isdigit():
            payload = payload[:-1]
        cues += _spoken(time, "\n".join(payload))
    return cues


def _spoken(time: str, payload: str) -> list[_Cue]:
    """Return the words of one cue, cut where another voice begins."""
    pieces = _VOICE.split(payload)
    cues = []
    if pieces[0].strip():
        cues += [_labelled(time, line) for line in _voices_by_line(pieces[0])]
    for name, words in zip(pieces[1::2], pieces[2::2], strict=True):
        who = _ROLE.match(html.unescape(name).strip())
        role = who["role"] or who["other"] or ""
        cues.append(_Cue(time, who["name"], role, _clean(words), sure=True))
    return [cue for cue in cues if cue.text]


def _voices_by_line(payload: str) -> list[str]:
    """Return a payload cut at lines that open with a dash: one voice each."""
    lines = payload.strip().split("\n")
    starts = [i for i, line in enumerate(lines) if re.match(r"\s*(?:[-–—]\s|>>)", line)]
    if len(starts) > 1 and starts[0] == 0:
        ends = [*starts[1:], len(lines)]
        return [" ".join(lines[a:b]) for a, b in zip(starts, ends, strict=True)]
    return [" ".join(lines)]


def _unrolled(cues: list[_Cue]) -> list[_Cue]:
    """Return automatic captions without the words of the previous cue they show again."""
    kept: list[_Cue] = []
    shown: list[str] = []
    for cue in cues:
        words = cue.text.split()
        again = max(n for n in range(len(words) + 1) if n == 0 or shown[-n:] == words[:n])
        if words[again:]:
            kept.append(replace(cue, text=" ".join(words[again:])))
        shown = (shown + words[again:])[-200:]
    return kept


def _clean(text: str) -> str:
    return normalise(html.unescape(_TAG.sub("", text)))


def _labelled(time: str, payload: str) -> _Cue:
    text = _clean(payload)
    bracketed = _BRACKETED.match(text)
    if bracketed and not _SOUND.match(fold(bracketed["name"])):
        return _Cue(time, bracketed["name"], bracketed["role"] or "", bracketed["words"], sure=True)
    match = _LABEL.match(text)
    if match and not _COMMON.match(match["name"]) and _is_name(match["name"]):
        return _Cue(time, match["name"], match["role"] or "", match["words"], sure=False)
    if match and match["name"].isupper():
        return _Cue(time, match["name"], match["role"] or "", match["words"], sure=False)
    return _Cue(time, "", "", re.sub(r"^(?:[-–—]|>>)\s*", "", text), sure=False)


def _is_name(name: str) -> bool:
    return name[0].isupper() and len(name.split()) <= 6


def _trusted(cues: list[_Cue]) -> list[_Cue]:
    """Return the cues with labels that occur once, among labels that recur, put back as words.

    « Résultat : on a fermé. » opens a sentence; « Mme Orval : … » opens many.
    """
    names = [cue.speaker for cue in cues if cue.speaker]
    if len(names) >= max(_LEAST_LABELLED, _ALL_LABELLED * len(cues)):
        return cues
    lower = {
        name for name in names if not all(w[0].isupper() for w in re.split(r"[\s-]+", name) if w)
    }
    doubtful = {
        n
        for n in names
        if names.count(n) == 1 and (n in lower or (" " not in n and not _is_someone(n)))
        if not n.isupper()
    }
    return [
        replace(cue, speaker="", role="", text=f"{cue.speaker} : {cue.text}")
        if cue.speaker in doubtful and not cue.role and not cue.sure
        else cue
        for cue in cues
    ]


@functools.cache
def _first_names() -> frozenset[str]:
    return frozenset(fold(row["first_name"]) for row in lexicon("first_names") if not row["word"])


@functools.cache
def _functions() -> frozenset[str]:
    kinds = ("function", "moderator")
    return frozenset(row["form"] for row in lexicon("speaker_titles") if row["kind"] in kinds)


def _is_someone(name: str) -> bool:
    """Tell « Solène » and « Habitant » from « Résultat »."""
    return fold(name) in _first_names() or fold(name) in _functions()


def _turns(cues: list[_Cue]) -> list[Block]:
    """Return consecutive cues of one speaker as one turn; a cue without label goes on."""
    turns: list[Block] = []
    roles: dict[str, str] = {}
    for cue in cues:
        if cue.role:
            roles.setdefault(cue.speaker, cue.role)
        if turns and cue.speaker in ("", turns[-1].speaker):
            turns[-1] = replace(turns[-1], text=f"{turns[-1].text} {cue.text}")
        else:
            turns.append(Block("turn", cue.text, speaker=cue.speaker, locator=cue.time))
    return [replace(turn, role=roles.get(turn.speaker, "")) for turn in turns]
