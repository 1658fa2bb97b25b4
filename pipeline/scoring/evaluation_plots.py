"""Drawings of the evaluations, in SVG so that `dvc plots` shows them offline."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd

from pipeline.contract import TAGS

NAMES = {
    "constat": "Constat",
    "frein": "Frein",
    "bonne_pratique": "Bonne pratique",
    "proposition": "Proposition",
    "autre": "Hors-champ",
}
METHODS = {
    "restitution": "Restitution",
    "bertopic": "BERTopic tel quel",
    "bertopic_kmeans": "BERTopic à k-moyennes",
    "bertopic_kmeans_by_table": "BERTopic à k-moyennes, par table ronde",
    "nmf": "Factorisation (NMF)",
    "nmf_by_table": "Factorisation (NMF), par table ronde",
    "lda": "Allocation de Dirichlet (LDA)",
    "lda_by_table": "Allocation de Dirichlet (LDA), par table ronde",
    "reinert": "Reinert",
    "reinert_by_table": "Reinert, par table ronde",
}
FIGURES = {
    "ami": "information mutuelle ajustée",
    "ami_within": "information mutuelle par table ronde",
    "ami_within_allusive": "par table ronde, énoncés allusifs",
    "ami_within_plain": "par table ronde, énoncés ordinaires",
    "coverage": "part d'énoncés dans un thème",
    "coherence": "cohérence (NPMI)",
    "stability_ami": "stabilité, une ville ôtée (information mutuelle)",
    "stability_ari": "stabilité, une ville ôtée (Rand)",
    "kept": "énoncés restés dans leur thème, une ville ajoutée",
    "recall_at_3": "réponses trouvées parmi trois (rappel)",
    "hit_at_3": "freins avec une réponse parmi trois",
    "auc": "paires bien ordonnées (AUC)",
}
INK, MUTED, PAPER, FILL = "#1c2733", "#55616d", "#ffffff", "#1f5f9e"
_CELL, _LEFT, _TOP = 84, 130, 76
_DARK_ENOUGH = 0.55
_MARKED_POINTS = 12


def _text(x: float, y: float, text: str, *, anchor: str = "middle", fill: str = INK) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="13" text-anchor="{anchor}" fill="{fill}">'
        f"{escape(text)}</text>"
    )


def _svg(title: str, description: str, size: tuple[float, float], marks: Sequence[str]) -> str:
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="system-ui, sans-serif">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>'
        f"{''.join(marks)}</svg>\n"
    )


def confusion(counts: np.ndarray) -> str:
    """Return the confusion matrix (true tag in rows, model's in columns) with its counts."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    marks = [_text(_LEFT + 2.5 * _CELL, 24, "Étiquette du modèle", fill=MUTED)]
    marks.append(_text(_LEFT - 10, 56, "Annotateur", anchor="end", fill=MUTED))
    for i, tag in enumerate(TAGS):
        marks.append(_text(_LEFT + (i + 0.5) * _CELL, 56, NAMES[tag].split()[-1].capitalize()))
        marks.append(_text(_LEFT - 10, _TOP + (i + 0.5) * _CELL / 2 + 5, NAMES[tag], anchor="end"))
        for j in range(len(TAGS)):
            x, y = _LEFT + j * _CELL, _TOP + i * _CELL / 2
            marks.append(
                f'<rect x="{x}" y="{y:g}" width="{_CELL - 2}" height="{_CELL / 2 - 2:g}" '
                f'fill="{FILL}" fill-opacity="{max(shares[i, j], 0.04):.2f}"/>'
            )
            fill = PAPER if shares[i, j] > _DARK_ENOUGH else INK
            marks.append(_text(x + _CELL / 2, y + _CELL / 4 + 5, f"{int(counts[i, j])}", fill=fill))
    right = int(np.trace(counts))
    description = f"{right} énoncés sur {int(counts.sum())} ont l'étiquette de l'annotateur."
    size = (_LEFT + 5 * _CELL + 20, _TOP + 2.5 * _CELL + 20)
    return _svg("Étiquettes du modèle et de l'annotateur", description, size, marks)


def reliability(curve: pd.DataFrame) -> str:
    """Return the share of right tags against confidence; on the diagonal, confidence is honest.

    `curve`: confidence, right (shares from 0 to 1), statements, one row a bin.
    """
    left, top, side = 70, 20, 300
    marks = [
        f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="none" stroke="{MUTED}"/>',
        f'<line x1="{left}" y1="{top + side}" x2="{left + side}" y2="{top}" stroke="{MUTED}" '
        'stroke-dasharray="5 5"/>',
        _text(left + side / 2, top + side + 42, "Confiance annoncée", fill=MUTED),
        _text(left, 14, "Part d'étiquettes justes", fill=MUTED),
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        marks.append(_text(left + share * side, top + side + 20, f"{share:.0%}".replace("%", " %")))
        label = f"{share:.0%}".replace("%", " %")
        marks.append(_text(left - 8, top + (1 - share) * side + 5, label, anchor="end"))
    most = max(curve["statements"].max(), 1)
    for row in curve.itertuples(index=False):
        x, y = left + row.confidence * side, top + (1 - row.right) * side
        radius = 4 + 10 * (row.statements / most) ** 0.5
        marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{FILL}" '
            f'fill-opacity="0.75"><title>{row.statements} énoncés</title></circle>'
        )
    description = "Chaque disque est une tranche de confiance, sa taille le nombre d'énoncés."
    return _svg("Confiance et justesse", description, (left + side + 40, top + side + 60), marks)


def methods(figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return, for each method, its mutual information with the truth and its recall, as bars.

    `figures`: by title of corpus, then by method, `ami_within` and `recall_at_3` with their
    `_low` and `_high` bounds; every corpus has the same methods.
    """
    left, width, height = 350, 190, 30
    shown = [(title, figure) for figure in ("ami_within", "recall_at_3") for title in figures]
    marks = []
    for column, (title, figure) in enumerate(shown):
        origin = left + column * (width + 60)
        name_of = {"ami_within": "Information par table ronde", "recall_at_3": "Rappel à trois"}
        marks.append(_text(origin, 20, name_of[figure], anchor="start", fill=MUTED))
        marks.append(_text(origin, 38, title, anchor="start", fill=MUTED))
        for place, (name, own) in enumerate(figures[title].items()):
            y = 50 + place * height
            low, high = (min(max(own[f"{figure}_{end}"], 0), 1) for end in ("low", "high"))
            value = min(max(own[figure], 0), 1)
            if not column:
                marks.append(_text(left - 10, y + 15, METHODS[name], anchor="end"))
            marks.append(
                f'<rect x="{origin}" y="{y}" width="{value * width:.1f}" height="20" fill="{FILL}" '
                f'fill-opacity="{0.9 if not place else 0.45}"/>'
                f'<line x1="{origin + low * width:.1f}" y1="{y + 10}" '
                f'x2="{origin + high * width:.1f}" y2="{y + 10}" stroke="{INK}"/>'
            )
            label = f"{own[figure]:.2f}".replace(".", ",").replace("-", "−")
            marks.append(_text(origin + high * width + 8, y + 15, label, anchor="start"))
    size = (left + len(shown) * (width + 60) + 20, 60 + len(METHODS) * height)
    return _svg("Nos thèmes et ceux d'autres méthodes", "Le trait est l'intervalle.", size, marks)


def line(points: Sequence[tuple[float, float]], title: str, across: str, up: str) -> str:
    """Return a line through `points` (x ≥ 0, y from 0 to 1), its values written at each mark.

    `across` and `up` name the axes. More than a dozen points are drawn without marks.
    """
    left, top, width, height = 70, 30, 420, 260
    most = max((x for x, _ in points), default=1) or 1
    places = [(left + x / most * width, top + (1 - y) * height) for x, y in points]
    marks = [
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" '
        f'stroke="{MUTED}"/>',
        _text(left + width / 2, top + height + 46, across, fill=MUTED),
        _text(left, 18, up, anchor="start", fill=MUTED),
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        label = f"{share:.2f}".replace(".", ",")
        marks.append(_text(left - 8, top + (1 - share) * height + 5, label, anchor="end"))
        label = f"{share * most:.0%}".replace("%", " %") if most <= 1 else f"{share * most:.0f}"
        marks.append(_text(left + share * width, top + height + 22, label))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    marks.append(f'<polyline points="{path}" fill="none" stroke="{FILL}" stroke-width="2"/>')
    if len(points) <= _MARKED_POINTS:
        for (x, y), (_, value) in zip(places, points, strict=True):
            marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{FILL}"/>')
            marks.append(_text(x, y - 10, f"{value:.3f}".replace(".", ",")))
    description = f"{up} selon {across[0].lower()}{across[1:]}."
    return _svg(title, description, (left + width + 40, top + height + 60), marks)
