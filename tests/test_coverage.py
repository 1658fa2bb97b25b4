"""Every sign read is kept or dropped for a reason: nothing is lost in silence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contract, coverage, ingest, segment
from pipeline.french import normalise
from pipeline.readers import Unreadable, read

REASONS = ["headings", "furniture", "hesitations", "marks", "duplicate"]
SIGNS = "abé É'’.,;:!?…-–•*+/()[]0129\n\r\t\x00\u200b«» |=_#<>&"


def test_the_sums_add_up(consultation) -> None:
    """Read = kept + dropped for each document, nothing is negative, and a sentence says it."""
    copy = consultation / "data" / "raw" / "valombre"
    first = next(path for path in sorted(copy.iterdir()) if path.suffix == ".txt")
    (copy / f"{first.stem} (copie).txt").write_bytes(first.read_bytes())
    ingest.main()
    segment.main()
    table = contract.read("coverage")
    assert (table["read"] == table[["kept", *REASONS]].sum(axis=1)).all()
    assert (table[["kept", *REASONS]] >= 0).all().all()
    assert set(table["doc_id"]) == set(contract.read("documents")["doc_id"])
    assert (table["duplicate"] > 0).sum() == 1
    assert table["sentence"].str.startswith("Sur ").all()


@given(st.text(st.sampled_from(SIGNS) | st.characters(), max_size=300))
def test_normalisation_never_fails_and_is_stable(text: str) -> None:
    """Any text becomes one printable line, and normalising it again changes nothing."""
    once = normalise(text)
    assert normalise(once) == once
    assert "\n" not in once
    assert once.isprintable() or once == ""


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from(SIGNS), max_size=60), max_size=12))
def test_every_letter_of_a_note_is_in_a_block(lines: list[str]) -> None:
    """Letters and digits of a typed note are all in its blocks, furniture included."""
    source = "\n".join(lines)
    try:
        blocks = read(source.encode(), ".txt", max_megabytes=1).blocks
    except Unreadable:
        return
    shown = "".join(f"{b.speaker}{b.role}{b.text}" for b in blocks)
    for letter in "abé":
        assert shown.count(letter) >= source.count(letter)


@pytest.mark.parametrize("kind", ["paragraph", "item", "cell", "turn"])
@given(text=st.text(st.sampled_from(SIGNS + "euh je je"), max_size=200))
def test_segmentation_never_adds_a_sign(kind: str, text: str) -> None:
    """Statements hold no more signs than their block: what is missing can be counted."""
    pieces = segment.split_block(text, kind, min_words=3, max_words=45)
    assert sum(map(coverage.signs, pieces)) <= coverage.signs(text)
