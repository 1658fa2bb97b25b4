"""The explorer: one page that holds every statement and lets a reader filter, search and follow.

The page is a single file, without server or address, that works from a USB key: the statements
are data in it, never markup, and its one script (`templates/explorer.js`) shows them.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from pipeline.contract import TAGS
from pipeline.digests import prose, quotes
from pipeline.french import fold, lexicon

TEMPLATES = Path(__file__).parents[1] / "templates"
_STATEMENT = (
    "id", "text", "city", "table", "tag", "second", "theme", "confidence", "review", "analyst",
    "date", "path", "place", "role", "heading", "reasons", "document", "copy", "odds",
)  # fmt: skip
_LEAST_GAP = 0.14  # between the centres of two themes, in a map one unit wide
_SPREADING_STEPS = 200


def page(tables: Mapping[str, pd.DataFrame], environment: Environment, **shared: Any) -> bytes:
    """Return `explorer.html`, UTF-8.

    `tables` holds statements, tags, statement_themes, themes, matches and vectors; `environment`
    is the templates' own, `shared` what every page is given (title, notice, navigation). The
    policy in the page allows its style and its script by their hash, and nothing else.
    """
    data = embedded(content(tables))
    script = (TEMPLATES / "explorer.js").read_text(encoding="utf-8")
    own_style = (TEMPLATES / "explorer.css").read_text(encoding="utf-8")
    style = environment.globals["style"] + Markup(own_style)  # noqa: S704  our own file
    template = environment.get_template("explorer.html.j2")
    return template.render(
        **shared,
        root="",
        page="explorer.html",
        data=data,
        script=Markup(script),  # noqa: S704  our own file
        style=style,
        style_hash=_hash(style),
        script_hash=_hash(script),
        all_tags=TAGS,
        facets=_facets(tables),
    ).encode()


def _hash(text: str) -> Markup:
    digest = hashlib.sha256(text.encode()).digest()
    return Markup(f"sha256-{base64.b64encode(digest).decode()}")  # noqa: S704  letters and digits


def embedded(value: Any) -> Markup:
    """Return `value` as JSON that no browser can take for markup, whatever a statement says."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  its signs were just escaped


def _facets(tables: Mapping[str, pd.DataFrame]) -> dict[str, list[tuple[str, str]]]:
    """Return what the filters offer, (value, label) pairs in order."""
    statements, themes = tables["statements"], tables["themes"]
    named = [row["id"] for row in lexicon("round_table_labels")]
    found = sorted(set(statements["round_table"]), key=lambda t: (t not in named, t))
    ordered = themes.sort_values(["round_table", "theme_id"])
    return {
        "city": [(city, city) for city in sorted(set(statements["city"]), key=fold)],
        "table": [(table, prose.round_table(table)) for table in found],
        "theme": [(row.theme_id, prose.typeset(row.label)) for row in ordered.itertuples()],
        "tag": [(tag, prose.tag_heading(tag)) for tag in TAGS],
    }


def content(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return all the page shows, as plain data: facets, statements row by row, answers, map.

    A statement is a row of the columns named in `columns`; cities, tables, tags and themes are
    given by their place in their facet (-1: no theme), documents by their rank, so that
    neighbouring rows of one document are a statement's context. `answers` maps an obstacle's row
    to the rows that answer it, best first, with their score in per cent.
    """
    facets = _facets(tables)
    place = {name: {value: i for i, (value, _) in enumerate(own)} for name, own in facets.items()}
    frame = quotes.facts(tables["statements"], tables["tags"], tables["statement_themes"])
    more = ["statement_id", "second_tag", "cues", *(f"p_{tag}" for tag in TAGS)]
    frame = frame.merge(tables["tags"][more], on="statement_id", validate="1:1")
    documents = {doc: rank for rank, doc in enumerate(dict.fromkeys(frame["doc_id"]))}
    rows = [
        [
            row.statement_id,
            prose.typeset(row.text),
            place["city"][row.city],
            place["table"][row.round_table],
            place["tag"][row.tag],
            place["tag"].get(row.second_tag, -1),
            place["theme"].get(row.theme_id, -1),
            round(100 * row.confidence),
            int(row.review),
            int(row.origin == "analyste"),
            prose.date(row.date),
            prose.typeset(row.path),
            prose.typeset(row.locator),
            prose.capital(prose.typeset(row.role)),
            prose.typeset(row.heading),
            prose.typeset(row.cues),
            documents[row.doc_id],
            int(row.copy_of != ""),
            [round(100 * getattr(row, f"p_{tag}")) for tag in TAGS],
        ]
        for row in frame.itertuples()
    ]
    spots = theme_map(tables, [theme for theme, _ in facets["theme"]])
    tables_of = tables["themes"].set_index("theme_id")["round_table"]
    return {
        "columns": list(_STATEMENT),
        "cities": [label for _, label in facets["city"]],
        "tables": [{"id": value, "label": label} for value, label in facets["table"]],
        "tags": [{"id": t, "one": _name(t, 1), "many": _name(t, 2)} for t in TAGS],
        "themes": [
            {
                "id": theme,
                "label": label,
                "table": place["table"].get(tables_of[theme], -1),
                "x": x,
                "y": y,
            }
            for (theme, label), (x, y) in zip(facets["theme"], spots, strict=True)
        ],
        "statements": rows,
        "answers": _answers(tables["matches"], frame["statement_id"]),
    }


def _name(tag: str, value: int) -> str:
    return prose.count_tag(value, tag).split(" ", 1)[1]


def _answers(matches: pd.DataFrame, ids: pd.Series) -> dict[str, list[list[int]]]:
    row_of = {statement: row for row, statement in enumerate(ids)}
    found: dict[str, list[list[int]]] = {}
    for match in matches.sort_values(["obstacle_id", "rank"]).itertuples():
        if match.obstacle_id in row_of and match.answer_id in row_of:
            pair = [row_of[match.answer_id], round(100 * match.score)]
            found.setdefault(str(row_of[match.obstacle_id]), []).append(pair)
    return found


def theme_map(
    tables: Mapping[str, pd.DataFrame], theme_ids: Sequence[str]
) -> list[tuple[float, float]]:
    """Return where each theme stands on a map one unit wide: the closer, the more alike.

    Classical scaling of the cosine distances between theme centres: Torgerson, « Multidimensional
    scaling: I. Theory and method », Psychometrika 17, 1952. Themes that would overlap are then
    pushed apart.
    """
    if len(theme_ids) < 2:
        return [(0.5, 0.5)] * len(theme_ids)
    members = tables["statement_themes"].merge(tables["vectors"], on="statement_id")
    view = np.array(members["vector"].tolist(), dtype=float)
    rank = members["theme_id"].map({theme: i for i, theme in enumerate(theme_ids)})
    centres = np.zeros((len(theme_ids), view.shape[1] if view.ndim == 2 else 1))
    for i in range(len(theme_ids)):
        inside = (rank == i).to_numpy()
        if inside.any():
            centres[i] = view[inside].mean(axis=0)
    lengths = np.linalg.norm(centres, axis=1, keepdims=True)
    centres = np.divide(centres, lengths, out=np.zeros_like(centres), where=lengths > 0)
    spots = _classical_scaling(2 - 2 * centres @ centres.T)
    return [(round(float(x), 4), round(float(y), 4)) for x, y in _spread(spots)]


def _classical_scaling(squared: np.ndarray) -> np.ndarray:
    """Return n × 2 coordinates whose distances are closest to `squared` distances (n × n)."""
    centring = np.eye(len(squared)) - 1 / len(squared)
    values, vectors = np.linalg.eigh(-centring @ squared @ centring / 2)
    best = np.argsort(values)[::-1][:2]
    axes = vectors[:, best] * np.sqrt(np.clip(values[best], 0, None))
    # An eigenvector has no sign of its own: without this, the map could flip between machines.
    strongest = axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])]
    return axes * np.where(strongest < 0, -1, 1)


def _spread(spots: np.ndarray) -> np.ndarray:
    """Return coordinates between 0 and 1, pushed apart until none is nearer than the least gap."""
    gap = min(_LEAST_GAP, 0.8 / np.sqrt(len(spots)))
    extent = np.ptp(spots, axis=0)
    spots = (spots - spots.min(axis=0)) / np.where(extent > 0, extent, 1)
    for _ in range(_SPREADING_STEPS):
        apart = spots[:, None] - spots[None]
        distance = np.linalg.norm(apart, axis=2)
        np.fill_diagonal(distance, np.inf)
        if (distance >= gap).all():
            break
        # Two themes at the same spot part along an angle of their own.
        angle = np.arange(len(spots))[:, None] - np.arange(len(spots))[None]
        aside = np.dstack([np.cos(angle), np.sin(angle)]) * np.sign(angle)[..., None]
        direction = np.where(
            distance[..., None] > 1e-9, apart / np.maximum(distance, 1e-9)[..., None], aside
        )
        push = np.clip(gap - distance, 0, None)[..., None] / 2
        spots = np.clip(spots + (direction * push).sum(axis=1), 0, 1)
    return spots
