"""What has changed since the restitution before: a summary kept from one run to the next.

The stage keeps two summaries, the last one and the one before. Running again on the same tables
gives the same pages: the last summary is then compared with the one before, as the first time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.digests import prose, sentences
from pipeline.digests.content import Theme
from pipeline.digests.quotes import cities

_FORM = 1  # to be raised when `summary` changes: older ones cannot be compared


def summary(
    facts: pd.DataFrame, documents: pd.DataFrame, themes: Sequence[Theme]
) -> dict[str, Any]:
    """Return what a later run will be compared with, as plain data that JSON can hold."""
    informing = facts[(facts["tag"] != "autre") & (facts["copy_of"] == "")]
    return {
        "documents": dict(sorted(zip(documents["path"], documents["sha256"], strict=True))),
        "cities": cities(documents, facts),
        "counts": {tag: int((informing["tag"] == tag).sum()) for tag in prose.KEY_TAGS},
        "decided": int((facts["origin"] == "analyste").sum()),
        "themes": {theme.theme_id: theme.label for theme in themes},
    }


def rotate(kept: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return the two summaries to keep: `current`, and the one it is compared with.

    `kept` is what the last run kept, or nothing; what another form of summary kept is forgotten.
    """
    if kept.get("form") != _FORM:
        kept = {}
    same = kept.get("current") == current
    previous = kept.get("previous" if same else "current", {})
    return {"form": _FORM, "previous": previous, "current": current}


def changes(
    previous: Mapping[str, Any], current: Mapping[str, Any], kept_themes: frozenset[str]
) -> tuple[str, ...]:
    """Return a sentence for each thing that changed; none without a `previous` summary.

    A theme is known by its name, or by its identifier when it is one of `kept_themes`.
    """
    if not previous:
        return ()
    before, after = previous["documents"], current["documents"]
    modified = sum(after[path] != digest for path, digest in before.items() if path in after)
    said = [
        sentences.documents_changed(
            len(after.keys() - before.keys()), len(before.keys() - after.keys()), modified
        ),
        sentences.names_changed(
            "Ville nouvelle", "Villes nouvelles", _new(previous["cities"], current["cities"])
        ),
        sentences.names_changed(
            "Ville retirée", "Villes retirées", _new(current["cities"], previous["cities"])
        ),
        sentences.counts_changed(previous["counts"], current["counts"]),
        sentences.decisions_changed(previous["decided"], current["decided"]),
    ]
    old, new = previous["themes"], current["themes"]
    appeared = [
        label
        for identifier, label in new.items()
        if label not in old.values() and not (identifier in kept_themes and identifier in old)
    ]
    gone = [
        label
        for identifier, label in old.items()
        if label not in new.values() and not (identifier in kept_themes and identifier in new)
    ]
    quoted = [[prose.quoted(label) for label in labels] for labels in (appeared, gone)]
    said.append(sentences.names_changed("Thème nouveau", "Thèmes nouveaux", quoted[0]))
    said.append(sentences.names_changed("Thème disparu", "Thèmes disparus", quoted[1]))
    return tuple(sentence for sentence in said if sentence) or (sentences.NOTHING_CHANGED,)


def _new(before: Sequence[str], after: Sequence[str]) -> list[str]:
    return [name for name in after if name not in before]
