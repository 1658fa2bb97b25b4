"""Formatted XLSX for people: one sheet a table, French headings, filters, nothing executable."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import xlsxwriter

# A workbook made twice from the same tables must have the same bytes.
_CREATED = datetime.datetime(2024, 1, 1)
_WIDEST = 70

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
    "statement_ids": "Énoncés (identifiants)",
}
_ACROSS = {
    "theme_id": "Identifiant du thème",
    "theme": "Thème",
    "tag": "Nature",
    "n": "Énoncés",
    "cities_raising": "Villes qui le soulèvent",
    "cities": "Villes en tout",
    "raised_in": "Soulevé à",
    "reach": "Portée",
    "statement_ids": "Énoncés (identifiants)",
}


def comparison_sheets(table: pd.DataFrame, across: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the sheets of `comparaison.xlsx` (name → table with French headings)."""
    across = across.assign(tag=across["tag"].map(_TAG_NAMES))
    table = table.assign(tag=table["tag"].map(_TAG_NAMES))

    def those(reach: str) -> pd.DataFrame:
        return across.loc[across["reach"] == reach, list(_ACROSS)].rename(columns=_ACROSS)

    return {
        "Ville × thème × nature": table[list(_COMPARISON)].rename(columns=_COMPARISON),
        "Thèmes soulevés": across[list(_ACROSS)].rename(columns=_ACROSS),
        "Partagé par toutes": those("toutes"),
        "Propre à une ville": those("une seule"),
    }


def save(
    sheets: Mapping[str, pd.DataFrame],
    path: Path | BinaryIO,
    *,
    choices: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """Write each table as a sheet with a frozen header row, filters and readable widths.

    `choices` gives a column (by heading) a drop-down list. Every text is written as text: no
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
        for name, table in sheets.items():
            _write_sheet(book.add_worksheet(name), table, formats, choices or {})


def _write_sheet(sheet, table: pd.DataFrame, formats: dict, choices: Mapping) -> None:  # noqa: ANN001
    for column, heading in enumerate(table.columns):
        values = table[heading]
        is_share = heading in ("Part", "Borne basse", "Borne haute")
        is_number = pd.api.types.is_numeric_dtype(values)
        style = formats["share" if is_share else "number" if is_number else "text"]
        longest = max([len(heading) / 2, *values.astype(str).str.len().tolist()], default=8)
        sheet.set_column(column, column, min(max(longest + 2, 8), _WIDEST), style)
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
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(table), 1), max(len(table.columns) - 1, 0))
