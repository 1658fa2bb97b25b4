"""Tests of the explorer's content: every statement, as data, and a map that says how themes lie."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from test_digest import SETTINGS, tables

from pipeline import contract, digest
from pipeline.digests import explorer


@pytest.fixture(scope="module")
def consulted() -> dict[str, pd.DataFrame]:
    return tables()


@pytest.fixture(scope="module")
def page(consulted: dict[str, pd.DataFrame]) -> str:
    return digest.digest(consulted, {}, **SETTINGS)["explorer.html"].decode()


def test_no_statement_is_missing_and_each_keeps_its_source(
    consulted: dict[str, pd.DataFrame],
) -> None:
    """Each statement is one row, with its city, document, place, tag and theme."""
    shown = explorer.content(consulted)
    rows = [dict(zip(shown["columns"], row, strict=True)) for row in shown["statements"]]
    statements = consulted["statements"].set_index("statement_id")
    tags = consulted["tags"].set_index("statement_id")["tag"]
    assert {row["id"] for row in rows} == set(statements.index)
    for row in rows:
        said = statements.loc[row["id"]]
        assert shown["cities"][row["city"]] == said["city"]
        assert row["path"] == said["path"]
        assert row["place"] == said["locator"]
        assert shown["tags"][row["tag"]]["id"] == tags[row["id"]]
        assert len(row["odds"]) == len(contract.TAGS)


def test_answers_lead_from_an_obstacle_to_other_cities(consulted: dict[str, pd.DataFrame]) -> None:
    """Every pair of `matches` is there, best first, between rows of two cities."""
    shown = explorer.content(consulted)
    city = shown["columns"].index("city")
    found = 0
    for obstacle, answers in shown["answers"].items():
        scores = [score for _, score in answers]
        assert scores == sorted(scores, reverse=True)
        for row, _ in answers:
            assert shown["statements"][row][city] != shown["statements"][int(obstacle)][city]
            found += 1
    assert found == len(consulted["matches"])


def test_a_statement_is_data_never_markup(page: str) -> None:
    """What looks like a script or a template stays text, inside the page's data only."""
    assert "<script>alert" not in page
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    texts = [row[1] for row in json.loads(data[1])["statements"]]
    assert any("<script>alert(1)</script> & {{7*7}} =cmd()" in text for text in texts)


@pytest.mark.parametrize("text", ["</script>", "<!--", "a\u2028b", "&amp;", "{{7*7}}", "é « »"])
def test_embedded_json_reads_back_and_closes_no_script(text: str) -> None:
    """The JSON in the page is the value, and holds none of the signs that end a script."""
    written = str(explorer.embedded({"t": text}))
    assert json.loads(written) == {"t": text}
    assert not set(written) & set("<>&\u2028\u2029")


def test_the_page_stands_alone(page: str) -> None:
    """One file: no address, no file loaded, and a policy that allows its own style and script."""
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
    assert not re.search(r"<(link|img|iframe)\b|<script[^>]+src=", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert "default-src 'none'" in policy
    assert policy.count("sha256-") == 2
    assert "unsafe" not in policy


def _tables_of_vectors(vectors: dict[str, list[list[float]]]) -> dict[str, pd.DataFrame]:
    rows = [(f"{t}:{i}", t, v) for t, own in vectors.items() for i, v in enumerate(own)]
    frame = pd.DataFrame(rows, columns=["statement_id", "theme_id", "vector"])
    return {
        "statement_themes": frame[["statement_id", "theme_id"]],
        "vectors": frame[["statement_id", "vector"]],
    }


def test_like_themes_are_close_on_the_map_and_none_overlaps() -> None:
    """Themes whose centres are near lie near; no two discs share a spot; all fit the map."""
    near = {"a": [[1.0, 0.1, 0.0]], "b": [[1.0, 0.2, 0.0]], "c": [[0.0, 0.1, 1.0]]}
    spots = np.array(explorer.theme_map(_tables_of_vectors(near), ["a", "b", "c"]))
    apart = np.linalg.norm(spots[:, None] - spots[None], axis=2)
    assert apart[0, 1] < apart[0, 2]
    assert apart[0, 1] > 0.05
    assert ((spots >= 0) & (spots <= 1)).all()


@pytest.mark.parametrize("themes", [[], ["a"], ["a", "b"], list("abcdefghijklmnop")])
def test_a_map_of_any_number_of_themes(themes: list[str]) -> None:
    """No theme, one, or many with the same centre: a spot each, all different."""
    same = {theme: [[1.0, 0.0]] for theme in themes}
    spots = explorer.theme_map(_tables_of_vectors(same), themes)
    assert len(set(spots)) == len(themes)


def test_the_same_tables_give_the_same_page(consulted: dict[str, pd.DataFrame], page: str) -> None:
    """Byte for byte."""
    assert digest.digest(consulted, {}, **SETTINGS)["explorer.html"].decode() == page
