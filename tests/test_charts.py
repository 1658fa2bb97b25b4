"""Tests of the charts: what they tell without colour, and that texts stay texts."""

import xml.etree.ElementTree as ET

import pytest

from pipeline.digests import charts

COLUMNS = {"constat": "Constats", "frein": "Freins"}
SVG = "{http://www.w3.org/2000/svg}"


def bars(rows: list) -> ET.Element:
    """Return a bar chart, parsed."""
    drawn = charts.bars(rows, COLUMNS, name="x", title="Un < deux", description="Voir.")
    return ET.fromstring(drawn)  # noqa: S314  our own output


def heat(rows: list) -> ET.Element:
    """Return a heat table, parsed."""
    drawn = charts.heat(rows, COLUMNS, name="x", title="Un < deux", description="Voir.")
    return ET.fromstring(drawn)  # noqa: S314  our own output


def texts(svg: ET.Element) -> list[str]:
    """Return the texts a reader sees, in order."""
    return [node.text for node in svg.iter(f"{SVG}text")]


@pytest.mark.parametrize("svg", [bars([("A", {"frein": 3})]), heat([("A", {"frein": (3, 0.5)})])])
def test_charts_have_a_title_and_a_description(svg):
    """A screen reader hears an image, its finding, its description."""
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "x-title x-desc"
    assert [node.text for node in svg[:2]] == ["Un < deux", "Voir."]
    assert [node.get("id") for node in svg[:2]] == ["x-title", "x-desc"]


@pytest.mark.parametrize(
    ("svg", "expected"),
    [
        (bars([("A", {"constat": 12, "frein": 3})]), ["Constats", "Freins", "A", "12", "3"]),
        (bars([("A", {})]), ["Constats", "Freins", "A", "0", "0"]),
        (bars([]), ["Constats", "Freins"]),
        (heat([("A", {"frein": (3, 0.5)})]), ["Constats", "Freins", "A", "0", "3"]),
        (heat([]), ["Constats", "Freins"]),
    ],
)
def test_every_mark_bears_its_number(svg, expected):
    """Numbers are written beside or in each mark, zeros too."""
    assert texts(svg) == expected


def test_bars_share_one_scale():
    """A bar twice as long stands for twice as many, in any column."""
    svg = bars([("A", {"constat": 4, "frein": 2}), ("B", {"constat": 0, "frein": 1})])
    widths = [
        float(node.get("width")) for node in svg.iter(f"{SVG}rect") if node.get("class") != "rule"
    ]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.2)
    assert widths[1] == pytest.approx(2 * widths[2], abs=0.2)


def test_long_labels_are_whole():
    """A long label goes to the next line; nothing of it is lost."""
    label = "Coordination entre la police municipale et les services de l’État " * 3
    for svg in (bars([(label, {})]), heat([(label, {})])):
        assert label.strip() in " ".join(texts(svg))


def test_texts_are_escaped():
    """Markup in a label is text."""
    assert "<script>" in texts(bars([("<script>", {})]))


def test_taller_for_more_rows():
    """The drawing grows with its rows, so that none is hidden."""
    heights = [float(bars([("A", {})] * n).get("viewBox").split()[3]) for n in (1, 2, 3)]
    assert heights == sorted(set(heights))
