"""Tests of what is said to have changed: told once, and the same when run again."""

import json

from test_digest import SAID, SETTINGS, tables

from pipeline import digest
from pipeline.digests import changes


def run(said: list, kept: dict) -> digest.Digest:
    """Return the content of a run, given what the run before kept."""
    return digest.assemble(tables(said), {}, SETTINGS, kept)


def kept(said: list, before: dict | None = None) -> dict:
    """Return what a run keeps, as the next one reads it."""
    return json.loads(json.dumps(run(said, before or {}).summary))


def test_the_first_run_has_nothing_to_compare():
    """Without an earlier summary, no change is told."""
    assert run(SAID, {}).changes == ()


def test_new_things_are_told():
    """A city, a theme and statements that were not there are named and counted."""
    more = [*SAID, ("Lestac", "TR4", "T3", "frein", "Personne n’y va.")]
    assert run(more, kept(SAID)).changes == (
        "1 document nouveau.",
        "Ville nouvelle\u202f: Lestac.",
        "5 freins (4 auparavant).",
        "Thème nouveau\u202f: «\u202fPrésence & nuit T3\u202f».",
    )


def test_running_again_tells_the_same():
    """A second run on the same files compares with the same earlier run."""
    more = [*SAID, ("Lestac", "TR4", "T3", "frein", "Personne n’y va.")]
    first = kept(more, kept(SAID))
    assert run(more, first).changes == run(more, kept(SAID)).changes
    assert kept(more, first) == first


def test_what_goes_is_told_too():
    """A city, a theme, a decision and a document that are gone or changed are told."""
    before = kept(SAID)["current"]
    after = {
        "documents": dict.fromkeys(list(before["documents"])[:2], "other"),
        "cities": before["cities"][:2],
        "counts": before["counts"],
        "decided": 3,
        "themes": {"T1": "Présence & nuit T1"},
    }
    assert changes.changes(before, after, frozenset()) == (
        "1 document retiré et 2 documents modifiés.",
        f"Ville retirée\u202f: {before['cities'][2]}.",
        "3 décisions d’analystes (0 auparavant).",
        "Thème disparu\u202f: «\u202fPrésence & nuit T2\u202f».",
    )


def test_a_kept_theme_may_change_its_name():
    """A theme that the table says is kept is neither new nor gone under another name."""
    before = kept(SAID)["current"]
    after = before | {"themes": {"T1": "Nuits", "T2": "Présence & nuit T2"}}
    assert changes.changes(before, after, frozenset({"T1"})) == (
        "Ni les documents, ni les thèmes, ni les décisions n’ont changé.",
    )


def test_a_summary_of_another_form_is_forgotten():
    """What an older program kept does not stop the run: nothing is compared."""
    assert run(SAID, {"current": {"documents": [["a", "b"]]}}).changes == ()
