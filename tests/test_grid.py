"""Rows and columns become statements under the right heading, closed answers and titles aside."""

import pytest

from pipeline.readers import Block, read
from pipeline.readers.grid import Cell, column_role, grid_blocks


def statements(rows: list[list[str]]) -> list[tuple[str, str, str]]:
    """Return heading, column and text of the statements of a grid."""
    cells = [[Cell((text,)) if text else Cell() for text in row] for row in rows]
    return told(grid_blocks(cells, place="grille"))


def told(blocks: list[Block]) -> list[tuple[str, str, str]]:
    return [(b.heading, b.column, b.text) for b in blocks if b.kind == "cell"]


def test_open_questions_are_read_and_closed_ones_are_not() -> None:
    """An export of an online form: long questions name the columns, whatever follows « ? »."""
    questions = ["ID de la réponse", "Dans quel quartier habitez-vous ?",
                 "Êtes-vous satisfait de la présence policière ? [1 à 5]",
                 "Selon vous, quelles sont les principales difficultés ?"]  # fmt: skip
    rows = [["12", "Centre", "3", "Les terrasses sont bruyantes."],
            ["13", "Les Acacias", "2", "Le stationnement est anarchique."]]  # fmt: skip
    assert [text for _, _, text in statements([questions, *rows])] == [row[3] for row in rows]
    answers = ["Plutôt satisfait du service rendu", "Pas du tout satisfait du service"]
    closed = [["Êtes-vous satisfait du service ?", "Que proposez-vous pour demain ?"]]
    closed += [[answers[n % 2], f"Ouvrir le local numéro {n} le soir"] for n in range(6)]
    assert [text for _, _, text in statements(closed)] == [row[1] for row in closed[1:]]


def test_a_row_merged_from_side_to_side_is_the_theme_of_those_below() -> None:
    """It is no statement and does not make its column one of subjects."""
    part = Cell(("Axe 1 – Réussite scolaire",))
    grid = [
        [Cell(("Points d’appui",), header=True), Cell(("Difficultés",), header=True)],
        [part, Cell(part.pieces, copy=True)],
        [Cell(("L’étude accueille 180 enfants",)), Cell(("Les cars coûtent cher",))],
    ]
    assert told(grid_blocks(grid, place="tableau 1")) == [
        ("Axe 1 – Réussite scolaire", "Points d’appui", "L’étude accueille 180 enfants"),
        ("Axe 1 – Réussite scolaire", "Difficultés", "Les cars coûtent cher"),
    ]


def test_a_text_has_its_nature_or_theme_or_column_for_heading() -> None:
    """In this order, whichever there is."""
    assert statements([["Ville", "Verbatim"], ["V", "Les halls sont occupés."]]) == [
        ("", "Verbatim", "Les halls sont occupés.")
    ]
    assert statements([["Thème", "Verbatim"], ["Logement", "Les halls sont occupés."]]) == [
        ("Logement", "", "Les halls sont occupés.")
    ]
    rows = [["Nature", "Verbatim"], ["Frein", "Les halls sont occupés."]]
    assert statements(rows) == [("", "Frein", "Les halls sont occupés.")]


@pytest.mark.parametrize(
    ("name", "role"),
    [("Point", "theme"), ("Points", "theme"), ("Points de blocage", "tag"),
     ("Points d’appui", "tag"), ("Points de passage", ""), ("À améliorer", "tag")],
)  # fmt: skip
def test_what_completes_a_subject_changes_it(name: str, role: str) -> None:
    """« Point » numbers a row; « Points de blocage » names what is said."""
    assert column_role(name) == role


def test_bold_lines_of_rtf_are_headings_and_names() -> None:
    """As office software saves them: in a group of their own, or between two controls."""
    source = (
        rb"{\rtf1\ansi\pard{\b\fs24 Pr\'e9vention}\par\pard{\loch Un local manque.}\par"
        rb"\pard\b Freins\b0\par\pard Deux postes sont vacants.\par"
        rb"\pard{\b Mme Orval}{ : il faut {\b vraiment} recruter.}\par}"
    )
    blocks = read(source, ".rtf", max_megabytes=5).blocks
    assert [(b.kind, b.heading, b.speaker, b.text) for b in blocks] == [
        ("heading", "", "", "Prévention"),
        ("paragraph", "Prévention", "", "Un local manque."),
        ("heading", "", "", "Freins"),
        ("paragraph", "Freins", "", "Deux postes sont vacants."),
        ("paragraph", "Freins", "Mme Orval", "il faut vraiment recruter."),
    ]
