"""Small SVG charts for the digests: bars side by side, and a city × tag heat table.

Each is one self-contained element with role="img", a title that states a finding, a description,
and a number on every mark, so that nothing rests on colour alone. Fills are attributes (they work
without any style sheet) and classes (a page may adapt them to a dark background).
"""

import textwrap
from collections.abc import Mapping, Sequence
from html import escape

# Okabe and Ito (2008), Color Universal Design: told apart by all kinds of colour vision;
# the blue and the orange are darkened to contrast 3:1 with white.
COLOURS = {
    "constat": "#5f6b76",
    "frein": "#b8460b",
    "bonne_pratique": "#00775a",
    "proposition": "#1f5f9e",
}
INK, MUTED, PAPER = "#1c2733", "#55616d", "#ffffff"
HEAT = "#1f5f9e"
WIDTH = 480


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 13,
    anchor: str = "start",
    fill: str = INK,
    name: str = "ink",
    bold: bool = False,
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" '
        f'class="{name}"{weight}>{escape(text)}</text>'
    )


def _rect(
    x: float, y: float, width: float, height: float, *, fill: str, name: str, opacity: float = 1
) -> str:
    shade = f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:.1f}" height="{height:g}" rx="2" '
        f'fill="{fill}" class="{name}"{shade}/>'
    )


def _svg(name: str, title: str, description: str, height: float, marks: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height:g}" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="system-ui, sans-serif">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{"".join(marks)}</svg>'
    )


def bars(
    rows: Sequence[tuple[str, Mapping[str, int]]],
    columns: Mapping[str, str],
    *,
    name: str,
    title: str,
    description: str,
) -> str:
    """Return one row of horizontal bars for each label, one column for each series.

    `rows` are (label, series → count), the label followed by a line break and a note if any;
    `columns` series → heading. All columns share one scale,
    so that any two bars compare; a zero is written, not drawn. `name` makes the ids unique.
    """
    step = WIDTH / len(columns)
    largest = max((counts.get(key, 0) for _, counts in rows for key in columns), default=0) or 1
    marks, y = [], 40.0
    for index, (key, heading) in enumerate(columns.items()):
        for line, word in enumerate(textwrap.wrap(heading, 13)):
            x, height = index * step, 14 + 17 * line
            marks.append(_text(x, height, word, fill=COLOURS[key], name=key, bold=True))
    for label, counts in rows:
        marks.append(_rect(0, y, WIDTH, 1, fill="#d5dae0", name="rule"))
        named, _, note = label.partition("\n")
        for line in textwrap.wrap(named, 62) or [""]:
            y += 20
            marks.append(_text(0, y, line, size=14))
        if note:
            y += 17
            marks.append(_text(0, y, note, size=12, fill=MUTED, name="muted"))
        y += 9
        for index, key in enumerate(columns):
            marks += _bar(index * step, y, step, counts.get(key, 0), largest, key)
        y += 24
    return _svg(name, title, description, y + 4, marks)


def _bar(x: float, y: float, step: float, value: int, largest: int, key: str) -> list[str]:
    width = (step - 40) * value / largest
    label = _text(
        x + width + (6 if value else 0),
        y + 13,
        str(value),
        fill=INK if value else MUTED,
        name="ink" if value else "muted",
        bold=bool(value),
    )
    return (
        [_rect(x, y, max(width, 2), 16, fill=COLOURS[key], name=key), label] if value else [label]
    )


def heat(
    rows: Sequence[tuple[str, Mapping[str, tuple[int, float]]]],
    columns: Mapping[str, str],
    *,
    name: str,
    title: str,
    description: str,
) -> str:
    """Return a table of shaded cells: `rows` are (city, series → (count, share)).

    The shade follows the share (0 to the largest shown), the number written is the count.
    """
    left, cell = 132, 32
    step = (WIDTH - left) / len(columns)
    largest = max((share for _, cells in rows for _, share in cells.values()), default=0) or 1
    marks = []
    for index, heading in enumerate(columns.values()):
        for line, word in enumerate(textwrap.wrap(heading, 13)):
            marks.append(_text(left + (index + 0.5) * step, 16 + 17 * line, word, anchor="middle"))
    y = 44.0
    for label, cells in rows:
        lines = textwrap.wrap(label, 18) or [""]
        height = max(cell, 17 * len(lines) + 8)
        for line, word in enumerate(lines):
            offset = height / 2 + 5 + 17 * (line - (len(lines) - 1) / 2)
            marks.append(_text(0, y + offset, word, size=14))
        for index, key in enumerate(columns):
            count, share = cells.get(key, (0, 0.0))
            marks += _cell(left + index * step, y, step - 4, height - 4, count, share / largest)
        y += height
    return _svg(name, title, description, y + 2, marks)


def _cell(x: float, y: float, width: float, height: float, count: int, weight: float) -> list[str]:
    middle, base = x + width / 2, y + height / 2 + 5
    if not count:
        return [
            _rect(x, y, width, height, fill="#eef1f4", name="empty"),
            _text(middle, base, "0", anchor="middle", fill=MUTED, name="muted"),
        ]
    # From 0.12 to 0.62 the dark figures keep more than 4.5:1 on the shade.
    return [
        _rect(x, y, width, height, fill=PAPER, name="paper"),
        _rect(x, y, width, height, fill=HEAT, name="heat", opacity=0.12 + 0.5 * weight),
        _text(middle, base, str(count), anchor="middle", bold=True, name="on-light"),
    ]
