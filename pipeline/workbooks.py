"""Formatted XLSX for people: one sheet a table, French headings, filters, nothing executable."""

import datetime
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import xlsxwriter

# A workbook made twice from the same tables must have the same bytes.
_CREATED = datetime.datetime(2024, 1, 1)
_WIDEST = 70
_FREE_TEXT = 16
_LINE, _MOST_LINES = 15, 12
_WIDEST_TO_FILL = 45  # the frozen column leaves room for the answers

_TAG_NAMES = {
    "constat": "constat",
    "frein": "frein",
    "bonne_pratique": "bonne pratique",
    "proposition": "proposition",
    "autre": "hors-champ",
}
_COMPARISON = {
    "city": "Ville",
    "theme_id": "Identifiant du thème",
    "theme": "Thème",
    "tag": "Nature",
    "n": "Énoncés",
    "denominator": "Sur (énoncés de la ville, même nature)",
    "share": "Part",
    "interval_low": "Borne basse",
    "interval_high": "Borne haute",
    "test": "Test",
    "q_value": "q (taux de fausses découvertes)",
    "cities_raising": "Villes qui le soulèvent",
    "cities": "Villes en tout",
    "wording": "En mots",
    "statement_ids": "Énoncés (identifiants)",
}
_ACROSS = {
    "theme_id": "Identifiant du thème",
    "theme": "Thème",
    "tag": "Nature",
    "n": "Énoncés",
    "texts": "Textes différents",
    "cities_raising": "Villes qui le soulèvent",
    "cities": "Villes en tout",
    "raised_in": "Soulevé à",
    "reach": "Portée",
    "statement_ids": "Énoncés (identifiants)",
}


_DISTINCTIVE = {
    "city": "Ville",
    "kind": "Mot ou thème",
    "term": "Ce qui la distingue",
    "n": "Énoncés de la ville",
    "documents": "Documents de la ville",
    "elsewhere": "Énoncés ailleurs",
    "log_odds": "Log-rapport de cotes",
    "z_score": "z",
    "statement_ids": "Énoncés (identifiants)",
}
_OPEN = {
    "theme_id": "Identifiant du thème",
    "theme": "Thème",
    "n": "Freins",
    "raised_in": "Soulevé à",
    "answered_in": "Réponses seulement à",
    "statement_ids": "Énoncés (identifiants)",
}
_CONSENSUS_SHARE = 2 / 3  # of the cities, from which several agree
_CONTRAST_Q = 0.1


def comparison_sheets(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the sheets of `comparaison.xlsx` (name → table with French headings).

    In: the tables `city_theme_tag`, `themes_across_cities`, `city_distinctive`, `open_obstacles`.
    """
    cells, across = (
        tables[name].assign(tag=tables[name]["tag"].map(_TAG_NAMES))
        for name in ("city_theme_tag", "themes_across_cities")
    )
    several = across[across["cities_raising"] > 1]
    wide = several[several["cities_raising"] >= _CONSENSUS_SHARE * several["cities"]]
    contrasts = cells[cells["q_value"] <= _CONTRAST_Q].sort_values("q_value", kind="stable")
    proposals = several[several["tag"] == _TAG_NAMES["proposition"]]
    proposals = proposals.sort_values("cities_raising", ascending=False, kind="stable")
    distinctive = tables["city_distinctive"].sort_values(
        ["city", "kind", "z_score"], ascending=[True, True, False]
    )

    def named(table: pd.DataFrame, headings: dict[str, str]) -> pd.DataFrame:
        return table[list(headings)].rename(columns=headings)

    return {
        "Ville × thème × nature": named(cells, _COMPARISON),
        "Thèmes soulevés": named(across, _ACROSS),
        "Partagé par toutes": named(across[across["reach"] == "toutes"], _ACROSS),
        "Consensus": named(wide, _ACROSS),
        "Contrastes": named(contrasts, _COMPARISON),
        "Ce qui distingue": named(distinctive, _DISTINCTIVE),
        "Propositions partagées": named(proposals, _ACROSS),
        "Freins sans réponse ailleurs": named(tables["open_obstacles"], _OPEN),
        "Propre à une ville": named(across[across["reach"] == "une seule"], _ACROSS),
    }


def save(
    sheets: Mapping[str, pd.DataFrame],
    path: Path | BinaryIO,
    *,
    choices: Mapping[str, tuple[str, ...]] | None = None,
    to_fill: Collection[str] = (),
) -> None:
    """Write each table as a sheet with a frozen header row, filters and readable widths.

    `choices` gives a column (by heading) a drop-down list; the columns `to_fill` are the ones in
    colour, the others look as if they were not to be changed. Every text is written as text: no
    formula or link can come from a statement.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": _CREATED, "author": "Restitution", "company": ""})
        formats = {
            "header": book.add_format(
                {
                    "bold": True,
                    "text_wrap": True,
                    "valign": "top",
                    "bottom": 1,
                    "bg_color": "#E8EDF2",
                }
            ),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "share": book.add_format({"num_format": "0.0%", "valign": "top"}),
            "number": book.add_format({"valign": "top"}),
        }
        for kind, options in (
            *(("text", {"text_wrap": True}), ("whole", {"num_format": "0"})),
            ("number", {"num_format": "0.00"}),
        ):
            given = {"valign": "top", "font_color": "#333333", "bg_color": "#F4F4F4", "border": 4}
            formats[f"{kind} given"] = book.add_format(
                given | options | {"border_color": "#D0D0D0"}
            )
            wanted = {"valign": "top", "bg_color": "#FFF9DB", "border": 1}
            formats[f"{kind} to fill"] = book.add_format(
                wanted | options | {"border_color": "#E0C868"}
            )
        for name, table in sheets.items():
            _write_sheet(book.add_worksheet(name), table, formats, choices or {}, to_fill)


def _write_sheet(
    sheet,  # noqa: ANN001
    table: pd.DataFrame,
    formats: dict,
    choices: Mapping,
    to_fill: Collection[str],
) -> None:
    for column, heading in enumerate(table.columns):
        values = table[heading]
        is_share = heading in ("Part", "Borne basse", "Borne haute")
        is_number = pd.api.types.is_numeric_dtype(values)
        kind = "share" if is_share else "number" if is_number else "text"
        if to_fill:
            kind = "whole" if pd.api.types.is_integer_dtype(values) else kind
            kind = f"{kind} to fill" if heading in to_fill else f"{kind} given"
        style = formats[kind]
        longest = max([len(heading) / 2, *values.astype(str).str.len().tolist()], default=8)
        words = [*heading.split(), *choices.get(heading, ())]
        longest = max([longest, *map(len, words), _FREE_TEXT if heading in to_fill else 0])
        widest = _WIDEST_TO_FILL if to_fill else _WIDEST
        sheet.set_column(column, column, min(max(longest + 2, 8), widest), style)
        sheet.write_string(0, column, heading, formats["header"])
        for row, value in enumerate(values, start=1):
            if pd.isna(value):
                sheet.write_blank(row, column, None, style)
            elif is_number:
                sheet.write_number(row, column, float(value), style)
            else:
                sheet.write_string(row, column, str(value)[:32_767], style)
        if heading in choices and len(table):
            options = {"validate": "list", "source": list(choices[heading])}
            sheet.data_validation(1, column, len(table), column, options)
    if to_fill:
        _set_heights(sheet, table)
    sheet.freeze_panes(1, 1 if to_fill else 0)
    sheet.autofilter(0, 0, max(len(table), 1), max(len(table.columns) - 1, 0))


def _set_heights(sheet, table: pd.DataFrame) -> None:  # noqa: ANN001
    """Give each row the height of its longest cell: not every program does so on opening."""
    sheet.set_row(0, 2 * _LINE)
    for row, cells in enumerate(table.astype(str).itertuples(index=False), start=1):
        lines = max(-(-len(cell) // (_WIDEST_TO_FILL - 4)) for cell in cells)
        sheet.set_row(row, _LINE * min(max(lines, 1), _MOST_LINES))
