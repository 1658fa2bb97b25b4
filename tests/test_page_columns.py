"""Columns are read one after the other, tables row after row, wherever the page puts them."""

from pipeline.readers.page_columns import reading_order
from pipeline.readers.page_layout import Page, Rule, Run
from pipeline.readers.page_tables import tables_of


def run(
    text: str, x0: float, y: float, *, width: float = 0, size: float = 10, page: int = 1
) -> Run:
    return Run(page, text, x0, x0 + (width or 5.0 * len(text)), y, size)


def column(name: str, x0: float, top: float, lines: int = 6) -> list[Run]:
    return [run(f"{name} {n} dit une phrase", x0, top - 12 * n, width=140) for n in range(lines)]


def first_words(columns: list[list[Run]]) -> list[str]:
    return [" ".join(r.text.split()[:2]) for part in columns for r in part]


def test_a_title_three_columns_and_a_line_below() -> None:
    """What spans the page stays above and below; each column is read to its end."""
    title, below = run("La lettre du quartier", 50, 780, width=300), run("Pour écrire", 50, 560)
    heading = Run(1, "Le tableau des suites", 50, 180, 600, 12, bold=21)
    columns = [
        column(name, x, 740) for name, x in (("gauche", 50), ("milieu", 220), ("droite", 390))
    ]
    page = [below, heading, *columns[2], title, *columns[0], *columns[1]]
    wanted = [f"{name} {n}" for name in ("gauche", "milieu", "droite") for n in range(6)]
    assert first_words(reading_order(page)) == ["La lettre", *wanted, "Le tableau", "Pour écrire"]


def test_lines_of_one_column_are_left_alone() -> None:
    """Short lines, tabs and figures make no column."""
    page = [run("Une ligne de texte assez longue pour toute la page", 50, 700 - 12 * n, width=480)
            for n in range(8)]  # fmt: skip
    assert reading_order(page) == [page]
    figures = [run(str(n), x, 500 - 12 * n) for n in range(8) for x in (50, 250)]
    assert len(reading_order(figures)) == 1


def grid(levels: list[float], edges: list[float]) -> list[Rule]:
    across = [Rule(edges[0], y, edges[-1], y + 0.5) for y in levels]
    return across + [Rule(x, levels[-1], x + 0.5, levels[0]) for x in edges]


def page(number: int, runs: list[Run], rules: list[Rule]) -> Page:
    return Page(number, 842, runs, 0, rules)


EDGES = [50.0, 200.0, 400.0]


def test_a_table_goes_on_over_the_page() -> None:
    """Its names, shown again, are left out; the row the page cut is put back together."""
    top = [run("Freins", 55, 120), run("Pistes", 205, 120), run("Trop de délais", 55, 90),
           run("Signer une convention avant la fin", 205, 90, width=180)]  # fmt: skip
    rest = [run("Freins", 55, 800), run("Pistes", 205, 800), run("de l’année", 205, 780),
            run("Pas de local", 55, 750), run("Ouvrir la salle", 205, 750)]  # fmt: skip
    (first,) = tables_of(page(1, top, grid([140, 110, 70], EDGES)))
    (second,) = tables_of(page(2, rest, grid([810, 790, 770, 740], EDGES)), first)
    assert first.goes_on(second)
    assert [[cell.text for cell in row] for row in first.joined(second).rows] == [
        ["Freins", "Pistes"],
        ["Trop de délais", "Signer une convention avant la fin de l’année"],
        ["Pas de local", "Ouvrir la salle"],
    ]
    (other,) = tables_of(page(2, rest, grid([810, 790, 770, 740], [50.0, 230.0, 400.0])))
    assert not first.goes_on(other)


def test_a_row_without_a_bottom_line_belongs_to_the_table() -> None:
    """Only when it is set under the cells above it; a paragraph below is not."""
    runs = [run("Freins", 55, 720), run("Pistes", 205, 720), run("Trop de délais", 55, 700),
            run("Recruter", 205, 700)]  # fmt: skip
    last = [run("Pas de local", 55, 680), run("Ouvrir la salle", 205, 680)]
    rules = grid([735, 715, 692], EDGES)
    (table,) = tables_of(page(1, [*runs, *last, run("Un bilan suivra.", 50, 640)], rules))
    assert [cell.text for cell in table.rows[-1]] == ["Pas de local", "Ouvrir la salle"]
    (table,) = tables_of(page(1, [*runs, run("Un bilan suivra.", 55, 680)], rules))
    assert [cell.text for cell in table.rows[-1]] == ["Trop de délais", "Recruter"]


def test_a_table_without_lines_is_told_by_its_names() -> None:
    """Cells set under « Freins » and « Pistes », over two pages; prose in two columns is none."""
    names = [run("Thème", 50, 720), run("Freins", 150, 720), run("Pistes", 330, 720)]
    cells = [run("Accueil", 50, 700), run("Les délais sont longs et", 150, 700),
             run("Recruter", 330, 700), run("mal expliqués", 150, 688), run("Bruit", 50, 665),
             run("Les terrasses débordent", 150, 665)]  # fmt: skip
    text = run("Le bilan de cette réunion sera transmis à tous bientôt.", 50, 600)
    (table,) = tables_of(page(1, [*names, *cells, text], []))
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Thème", "Freins", "Pistes"],
        ["Accueil", "Les délais sont longs et mal expliqués", "Recruter"],
        ["Bruit", "Les terrasses débordent", ""],
    ]
    rest = [run("Nuit", 50, 780), run("Personne ne répond", 150, 780), run("Un numéro", 330, 780)]
    (end,) = tables_of(page(2, rest, []), table)
    assert table.goes_on(end)
    assert [cell.text for cell in table.joined(end).rows[-1]] == [r.text for r in rest]
    prose = [run("Freins", 50, 720), run("Pistes", 330, 720)]
    prose += [run(f"suite {n} de la phrase", x, 700 - 12 * n - d) for n in range(6)
              for x, d in ((50, 0), (330, 5))]  # fmt: skip
    assert tables_of(page(1, prose, [])) == []
