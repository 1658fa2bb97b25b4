"""Attendance lists: « Présents : … », columns of names, and the pieces between their commas."""

import functools
import re
from collections.abc import Iterable

from pipeline.french import fold, lexicon
from pipeline.masking.name_words import contexts, key_of


def fold_same_length(text: str) -> str:
    """Return `text` folded, each character for one, so that offsets stay those of the text."""
    folded = [fold(c) or c for c in text]
    return "".join(f if len(f) == 1 else f[0] for f in folded)


@functools.cache
def list_label() -> re.Pattern[str]:
    """Return what announces names at the head of a folded text: « presents : », « contact : »."""
    labels = {r["form"] for r in lexicon("front_matter") if r["kind"] == "participants"}
    labels |= {r["form"] for r in lexicon("front_matter") if r["kind"] in ("label", "anywhere")
               and r["form"] not in contexts("libelle_sans_nom")}  # fmt: skip
    either = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    return re.compile(rf"\s*[-–•*]?\s*(?:{either})(?:\s*\([^)]*\))?\s*:\s*")


def is_list_heading(text: str) -> bool:
    """Tell whether a heading or column announces names: « Présents », « Nom et prénom »."""
    plain = re.sub(r"[\s:]+$", "", fold(text))
    labels = {r["form"] for r in lexicon("front_matter") if r["kind"] == "participants"}
    return plain in labels or key_of(plain) in contexts("colonne")


def pieces(text: str, start: int) -> Iterable[tuple[int, int]]:
    """Return the (start, end) of what stands between commas, semicolons, brackets, dashes."""
    depth = 0
    place = start
    for i, c in enumerate(text[start:], start):
        if c in ",;/|\n(:•" or (c in "-–" and text[i - 1 : i].isspace()):
            if depth == 0:
                yield place, i
            depth += c == "("
            place = i + 1
        elif c == ")":
            depth = max(depth - 1, 0)
            place = i + 1
    if depth == 0:
        yield place, len(text.rstrip(". "))
