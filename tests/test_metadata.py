"""City, date and round table: what a person would find, and nothing more."""

import pytest

from pipeline.dates import compact_dates, date_of_cell, find_dates
from pipeline.french import lexicon
from pipeline.metadata import (
    city_name,
    find_date,
    find_round_table,
    find_round_tables,
    round_tables_of_blocks,
    title_of,
)
from pipeline.readers import Block


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("le-havre", "Le Havre"),
        ("clermont-ferrand", "Clermont-Ferrand"),
        ("aix-en-provence", "Aix-en-Provence"),
        ("l-estrelle", "L'Estrelle"),
        ("villeneuve-d-ornon", "Villeneuve-d'Ornon"),
        ("la-roche-des-arnauds", "La Roche-des-Arnauds"),
        ("saint-etienne", "Saint-Étienne"),
        ("l-hay-les-roses", "L'Haÿ-les-Roses"),
        ("Évry", "Évry"),
        ("E\u0301vry", "Évry"),
        ("Ville de Brumes", "Ville de Brumes"),
        ("Saint-Aurin", "Saint-Aurin"),
    ],
)
def test_city_names_are_shown_as_people_write_them(folder, name):
    """Slugs get capitals, articles and known accents; written names stay as they are."""
    assert city_name(folder) == name


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("mardi 12 mars 2024", ["2024-03-12"]),
        ("le 1er février 2025 à 9 h", ["2025-02-01"]),
        ("réunion du 28-11-23", ["2023-11-28"]),
        ("Restitution (06.02.2025)", ["2025-02-06"]),
        ("2024-01-16_notes", ["2024-01-16"]),
        ("12/03/24 apres-midi", ["2024-03-12"]),
        ("3 déc. 2023", ["2023-12-03"]),
        ("12_mars_2024", ["2024-03-12"]),
        ("les 12 et 13 mars 2024", ["2024-03-12", "2024-03-13"]),
        ("31 février 2024", []),
        ("en mars 2024", []),
        ("le 16 janvier de 9 h à 12 h", []),
        ("article L. 132-3, 84 agents sur 97", []),
        ("05 12 34 56 78", []),
    ],
)
def test_dates_are_read_in_their_french_and_iso_forms(text, dates):
    """Only whole, valid dates; never a month alone, an hour, an article or a telephone."""
    assert find_dates(text) == dates


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        ("CR_TR1_060225", ["2025-02-06"]),
        ("20240116 notes", ["2024-01-16"]),
        ("16012024", ["2024-01-16"]),
        ("240116", ["2024-01-16", "2016-01-24"]),
        ("dossier 123456", []),
    ],
)
def test_compact_dates_of_names_give_every_plausible_reading(name, dates):
    """Six digits that can be two days are two dates, hence no answer."""
    assert compact_dates(name) == dates


def test_a_cell_with_two_dates_has_none():
    """Several different dates are no date."""
    assert date_of_cell("12/03/2024") == "2024-03-12"
    assert date_of_cell("12/03/2024 ou 13/03/2024") == ""


def test_every_example_of_the_months_is_read():
    """Each row of the lexicon is a date in its own example."""
    assert [r["example"] for r in lexicon("months") if len(find_dates(r["example"])) != 1] == []


@pytest.mark.parametrize(
    ("text", "subject", "tables"),
    [
        ("TR2 – Relation avec la justice", False, ["TR2"]),
        ("table ronde n° 3", False, ["TR3"]),
        ("Quatrième table ronde", False, ["TR4"]),
        ("table ronde justice", False, ["TR2"]),
        ("synthese_TR3_TR4", True, ["TR3", "TR4"]),
        ("Tables rondes 1 et 2", False, ["TR1", "TR2"]),
        ("TR1_PoliceMunicipale", True, ["TR1"]),
        ("Rapport prévention", True, ["TR4"]),
        ("Prévention de la radicalisation", True, ["TR3"]),
        ("La police municipale manque d'agents", False, []),
        ("compte rendu", True, []),
        ("TR12", True, []),
        ("table ronde, 2 h d'échanges", False, []),
        ("Quatre ateliers ont réuni 212 personnes", False, []),
        ("Une table ronde a réuni les bailleurs", False, []),
        ("Deuxième table ronde", False, ["TR2"]),
        ("Table ronde deux", False, ["TR2"]),
    ],
)
def test_round_tables_are_named_by_number_or_theme(text, subject, tables):
    """A theme's words count beside « table ronde », or when they are a title."""
    assert find_round_tables(text, subject=subject) == tables


HEADINGS = [
    Block("heading", "Synthèse", level=1),
    Block("heading", "Table ronde 3 – Radicalités", level=2),
    Block("item", "a"),
    Block("heading", "Freins", level=3),
    Block("item", "b"),
    Block("heading", "Table ronde 4 – Prévention", level=2),
    Block("item", "c"),
]


def test_headings_rule_until_the_next_round_table():
    """A document of two round tables has none of its own; its blocks have theirs."""
    assert find_round_table("v/synthese.pdf", "Synthèse", HEADINGS) == ""
    tables = round_tables_of_blocks(HEADINGS, "")
    assert tables == ["", "TR3", "TR3", "TR3", "TR3", "TR4", "TR4"]


def test_the_name_comes_before_the_document():
    """File name, then title and headings, then first lines, then the page's <time>."""
    said = [Block("furniture", "2020-01-01", locator="<time>"), Block("paragraph", "Le 3 mai 2023")]
    assert find_date("v/2024-03-12_TR1.docx", "Le 4 mai 2022", said) == "2024-03-12"
    assert find_date("v/notes.docx", "Le 4 mai 2022", said) == "2022-05-04"
    assert find_date("v/notes.docx", "Notes", said) == "2023-05-03"
    assert find_date("v/notes.docx", "Notes", said[:1]) == "2020-01-01"
    assert find_date("v/12-03-2024 et 13-03-2024.docx", "Le 4 mai 2022", said) == ""


def test_the_title_is_the_first_top_heading():
    """A heading of the highest level wins; a grid's first row is no title."""
    assert title_of(HEADINGS) == "Synthèse"
    assert title_of([Block("furniture", "Ville | Date")]) == ""
