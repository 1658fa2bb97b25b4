"""Which city, which day, which round table a document is about: read, never guessed.

City from the folder, date and round table from the file name, then the title and headings, then
the first lines. Two different answers in the same place are no answer.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from pipeline.dates import compact_dates, find_dates
from pipeline.french import fold, lexicon, slug
from pipeline.readers.block import Block

_SMALL = {"sur", "sous", "en", "de", "du", "des", "la", "le", "les", "et", "aux", "au", "a", "lez"}
_FIRST_BLOCKS = 12
_FIRST_CHARACTERS = 300
_FRONT_WORDS = 16


def city_name(folder: str) -> str:
    """Return how a city shows, from its folder: `le-havre` → Le Havre, « Évry » as written."""
    folder = unicodedata.normalize("NFC", folder).strip()
    if not re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", folder):
        return folder
    known = _city_names().get(slug(folder))
    if known:
        return known
    words = re.split(r"[-_]", folder)
    if words[0] in ("le", "la", "les") and len(words) > 1:
        return f"{words[0].capitalize()} {_hyphened(words[1:])}"
    return _hyphened(words)


@functools.cache
def _city_names() -> dict[str, str]:
    return {row["slug"]: row["name"] for row in lexicon("cities")}


def _hyphened(words: list[str]) -> str:
    shown = [w if i and w in _SMALL else w.capitalize() for i, w in enumerate(words)]
    joined = "-".join(shown)
    joined = re.sub(r"^L-(?=\w)", "L'", joined)
    return re.sub(r"-([DL])-(?=\w)", lambda m: f"-{m[1].lower()}'", joined)


def _dates_of_stem(name: str) -> list[str]:
    """Return the dates of one file or folder name, where spaces may stand between numbers."""
    stem = re.sub(r"(?<=\d) (?=\d)", "_", PurePosixPath(name).stem)
    return find_dates(stem) or compact_dates(stem.replace("_", " "))


def date_of_name(path: str) -> str:
    """Return the one date a file's name or its folders (below the city's) give, else ""."""
    for part in reversed(PurePosixPath(path).parts[1:]):
        dates = _dates_of_stem(part)
        if dates:
            return dates[0] if len(dates) == 1 else ""
    return ""


def find_date(path: str, title: str, blocks: Sequence[Block]) -> str:
    """Return a document's date: name, then title and headings, then first lines, then <time>."""
    if name_dates := _all_dates_of_name(path):
        return name_dates[0] if len(name_dates) == 1 else ""
    headings = [title, *(b.text for b in blocks if b.kind == "heading")]
    first = [b.text[:_FIRST_CHARACTERS] for b in _opening(blocks)]
    stamps = [b.text for b in blocks if b.locator == "<time>"]
    for texts in (headings, first, stamps):
        for text in texts:
            if dates := find_dates(text):
                return dates[0] if len(dates) == 1 else ""
    return ""


def _all_dates_of_name(path: str) -> list[str]:
    if dates := _dates_of_stem(PurePosixPath(path).name):
        return dates
    folder_date = date_of_name(path)
    return [folder_date] if folder_date else []


def _opening(blocks: Iterable[Block]) -> list[Block]:
    return [b for b in blocks if b.locator != "<time>"][:_FIRST_BLOCKS]


@functools.cache
def _round_table_forms(kind: str) -> tuple[tuple[str, str], ...]:
    rows = [row for row in lexicon("round_tables") if row["kind"] == kind]
    return tuple(sorted(((r["form"], r["round_table"]) for r in rows), key=lambda f: -len(f[0])))


@functools.cache
def _numbered_pattern() -> re.Pattern[str]:
    ranks, cardinals = (
        "|".join(re.escape(form) for form, _ in _round_table_forms(kind))
        for kind in ("rank", "cardinal")  # « quatre ateliers » are four, « atelier quatre » is one
    )
    tables = "|".join(re.escape(form) for form, _ in _round_table_forms("name"))
    numbers = rf"(?P<number>[1-4]|{ranks}|{cardinals})\b(?!\s*h)"
    return re.compile(
        rf"\b(?:{tables})\s*(?:n\s*°|no|numero)?\s*{numbers}(?P<more>(?:\s*(?:,|et|&|/|-)\s*[1-4]\b)*)"
        rf"|\btr\s*(?:n\s*°)?\s*(?P<tr>[1-4])(?P<more2>(?:\s*(?:,|et|&|/|-)\s*[1-4]\b)*)(?![\d])"
        rf"|\b(?P<rank>{ranks})\s+(?:et derniere\s+)?(?:{tables})\b"
    )


def find_round_tables(text: str, *, subject: bool) -> list[str]:
    """Return the round tables `text` names, in order: by number, else by theme.

    A theme's words (« police municipale ») count beside « table ronde » or « TR », or when
    `subject` says that the text is a title or file name, which states what a document is about.
    """
    folded = re.sub(r"[_\s]+", " ", _split_words(text))
    found = []
    for m in _numbered_pattern().finditer(folded):
        rank = m["number"] or m["rank"] or m["tr"]
        forms = dict((*_round_table_forms("rank"), *_round_table_forms("cardinal")))
        found.append(forms.get(rank, f"TR{rank}"))
        found += [f"TR{n}" for n in re.findall(r"[1-4]", (m["more"] or "") + (m["more2"] or ""))]
    if not found and (subject or _names_a_table(folded)):
        found = _themes(folded)
    return list(dict.fromkeys(found))


def _split_words(text: str) -> str:
    """Return `text` folded, « PoliceMunicipale » in two words."""
    return fold(
        re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", text).replace("_", " ").replace("-", " - ")
    ).replace(" - ", "-")


def _names_a_table(folded: str) -> bool:
    names = [form for form, _ in _round_table_forms("name")]
    return any(re.search(rf"\b{re.escape(form)}\b", folded) for form in names)


def _themes(folded: str) -> list[str]:
    found: list[tuple[int, str]] = []
    words = folded.replace("-", " ")
    for form, table in _round_table_forms("theme"):
        while match := re.search(rf"\b{re.escape(form)}\b", words):
            found.append((match.start(), table))
            words = words[: match.start()] + "#" * len(form) + words[match.end() :]
    return list(dict.fromkeys(table for _, table in sorted(found)))


def find_round_table(path: str, title: str, blocks: Sequence[Block]) -> str:
    """Return the one round table a document is about, or "" (none, or several)."""
    name = PurePosixPath(path).stem
    headings = [b.text for b in blocks if b.kind == "heading"]
    folders = " ".join(PurePosixPath(path).parts[1:-1])
    opening = " ".join(b.text[:_FIRST_CHARACTERS] for b in _opening(blocks))
    tries = (
        find_round_tables(name, subject=True),
        find_round_tables(folders, subject=True),
        find_round_tables(title, subject=True),
        _tables_of_headings(headings),
        find_round_tables(opening, subject=False),
        _tables_of_front(blocks),
    )
    for tables in tries:
        if tables:
            return tables[0] if len(tables) == 1 else ""
    return ""


def _tables_of_front(blocks: Sequence[Block]) -> list[str]:
    """Return the round tables the lines above the text name by a theme of several words.

    One word (« justice ») may belong to a place or a service; several name a subject.
    """
    found = []
    for block in _opening(blocks):
        if block.kind not in ("furniture", "heading", "paragraph"):
            break
        words = _split_words(block.text)
        if len(words.split()) <= _FRONT_WORDS:
            long = [f for f, _ in _round_table_forms("theme") if " " in f and f in words]
            found += [t for form in long for t in find_round_tables(form, subject=True)]
    return list(dict.fromkeys(found))


def _tables_of_headings(headings: Iterable[str]) -> list[str]:
    found = [t for heading in headings for t in find_round_tables(heading, subject=False)]
    return list(dict.fromkeys(found))


def round_tables_of_blocks(blocks: Sequence[Block], document: str) -> list[str]:
    """Return each block's round table where it differs from the document's, else "".

    A column rules its row; a heading « Table ronde 3 – … » rules until the next such heading, or
    until a heading above it. Headings that are nothing but a theme count when several do.
    """
    headings = [b.text for b in blocks if b.kind == "heading"]
    bare = {h: t[0] for h in headings if (t := _bare_theme(h))}
    bare = bare if len(set(bare.values())) > 1 else {}
    several = len(_tables_of_headings(headings)) > 1
    tables, ruling, level = [], "", 0
    for block in blocks:
        if block.kind == "heading":
            named = find_round_tables(block.text, subject=False) if not bare or several else []
            named = named or [bare[block.text]] if block.text in bare else named
            if len(named) == 1:
                ruling, level = named[0], block.level
            elif block.level < level:
                ruling = ""
        own = find_round_tables(block.round_table, subject=True)
        table = own[0] if len(own) == 1 else ruling
        tables.append("" if table == document else table)
    return tables


def _bare_theme(heading: str) -> list[str]:
    text = re.sub(r"^[\W\d]*(?:[ivx]+[.)])?\s*", "", fold(heading)).strip(" .:")
    forms = dict(_round_table_forms("theme"))
    text = re.sub(r"^(?:la|le|l'|les)\s*", "", text)
    return [forms[text]] if text in forms else []


def title_of(blocks: Sequence[Block]) -> str:
    """Return a document's title: its page title, its first top heading, else its first line."""
    for block in blocks:
        if block.locator == "titre":
            return block.text
    opening = [b for b in _opening(blocks) if b.locator != "<time>"]
    headings = [b for b in opening if b.kind == "heading"]
    if headings:
        top = min(b.level for b in headings)
        return next(b.text for b in headings if b.level == top)
    first = opening[0] if opening else None
    plain = first and first.kind in ("paragraph", "furniture") and " | " not in first.text
    return first.text[:_FIRST_CHARACTERS] if plain else ""
