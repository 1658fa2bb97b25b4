"""Themes keep their ids from one run to the next."""

import pandas as pd
import pytest

from pipeline import contract
from pipeline.theming import theme_registry


def registry(*themes: tuple[str, str, str], state: str = "active") -> pd.DataFrame:
    """Return a registry of (theme_id, keywords, members)."""
    rows = [
        {
            "theme_id": theme_id,
            "round_table": theme_id.split("-")[0].upper(),
            "label": f"Nom {theme_id}",
            "keywords": keywords,
            "state": state,
            "status": "new",
            "earlier": "",
            "shared": 0,
            "members": members,
        }
        for theme_id, keywords, members in themes
    ]
    return contract.check("theme_registry", pd.DataFrame(rows))


BEFORE = registry(("tr1-01", "caméras; images", "a b c d"), ("tr1-02", "parents", "e f g h"))


def settled(*themes: tuple[str, str], before: pd.DataFrame = BEFORE) -> list[tuple[str, str, str]]:
    """Return (theme_id, status, earlier) of themes found, given as (keywords, members)."""
    found = theme_registry.settle(
        [set(members.split()) for _, members in themes],
        ["TR1"] * len(themes),
        [keywords.split("; ") for keywords, _ in themes],
        before,
    )
    return list(found[["theme_id", "status", "earlier"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("themes", "expected"),
    [
        (
            [("parents", "e f g h x"), ("images", "a b c d y")],
            [("tr1-02", "kept", "tr1-02"), ("tr1-01", "kept", "tr1-01")],
        ),
        (
            [("images", "a b c d"), ("bus", "x y z")],
            [("tr1-01", "kept", "tr1-01"), ("tr1-03", "new", "")],
        ),
        (
            [("images", "a b c d e f g h")],
            [("tr1-01", "merged", "tr1-01 tr1-02")],
        ),
        (
            [("caméras; images", "a b"), ("nuit", "c d"), ("parents", "e f g h")],
            [
                ("tr1-01", "split", "tr1-01"),
                ("tr1-03", "split", "tr1-01"),
                ("tr1-02", "kept", "tr1-02"),
            ],
        ),
        ([], []),
    ],
)
def test_what_became_of_the_themes(themes: list, expected: list) -> None:
    """Reordered and grown, new, merged, split: each says where it comes from."""
    assert settled(*themes) == expected


def test_documents_rewritten_from_end_to_end_are_known_by_their_words() -> None:
    """Without a statement in common, the same keywords are the same theme."""
    assert settled(("caméras; images", "x y")) == [("tr1-01", "kept", "tr1-01")]
    assert settled(("vélos; bus", "x y")) == [("tr1-03", "new", "")]


def statements(texts: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"text": texts, "round_table": "TR1"})


def themes(*ids: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "theme_id": list(ids),
            "round_table": "TR1",
            "label": [f"Nom {i}" for i in ids],
            "keywords": [f"mot {i}" for i in ids],
            "status": "new",
            "earlier": "",
            "shared": 0,
        }
    )


def members(*ids: str) -> pd.DataFrame:
    return pd.DataFrame({"theme_id": list(ids)})


def test_a_city_that_leaves_and_comes_back_finds_its_theme_again() -> None:
    """The registry keeps what is absent; nothing of a text can be read in it."""
    both = statements(["Les caméras filment.", "Un café des parents."])
    first = theme_registry.update(
        theme_registry.empty(), themes("tr1-01", "tr1-02"), members("tr1-01", "tr1-02"), both
    )
    assert theme_registry.recall(first, both).tolist() == ["tr1-01", "tr1-02"]
    assert not first["members"].str.contains("caméra|parent").any()
    alone = theme_registry.update(first, themes("tr1-01"), members("tr1-01"), both.iloc[:1])
    assert alone["state"].tolist() == ["active", "retired"]
    assert theme_registry.settle(
        [set(theme_registry.keys(both.iloc[1:]))], ["TR1"], [["autre"]], alone
    )["theme_id"].tolist() == ["tr1-02"]


def test_the_log_names_what_is_no_longer_found() -> None:
    """Every theme found or lost has its line and its sentence."""
    found = themes("tr1-01").assign(status="kept", earlier="tr1-01", shared=4)
    log = contract.check("theme_changes", theme_registry.changes(BEFORE, found))
    assert log["status"].tolist() == ["kept", "retired"]
    assert "4 énoncés" in log["detail"][0]


def test_an_analysts_name_wins() -> None:
    """A name given wins; a theme of ours with the same name is told apart; an orphan is ignored."""
    names = pd.DataFrame({"theme_id": ["tr1-01", "tr9-09"], "label": ["Nom tr1-02", "Perdu"]})
    named = theme_registry.with_names(themes("tr1-01", "tr1-02"), names)
    assert named["label"].tolist() == ["Nom tr1-02", "Nom tr1-02 : mot tr1-02"]
    assert theme_registry.with_names(named, names.iloc[:0])["label"].equals(named["label"])
