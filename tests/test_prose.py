"""Tests of the French the digests write: typography, numbers, agreement, places."""

import pytest

from pipeline.digests import prose
from pipeline.french import lexicon

N = prose.NARROW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pourquoi ? Parce que !", f"Pourquoi{N}? Parce que{N}!"),
        ("Quoi?!", f"Quoi{N}?!"),
        ("dit « oui » : bien", f"dit «{N}oui{N}»{N}: bien"),
        ("dit «oui»", f"dit «{N}oui{N}»"),
        ("20 %", f"20{N}%"),
        ("à\u00a0: voir", f"à{N}: voir"),
        ("une\tligne\nou deux", "une ligne ou deux"),
        ("caché\u202e\x07ici", "cachéici"),
    ],
)
def test_typeset_adds_narrow_spaces(text, expected):
    """High marks and quotation marks get their narrow no-break space, controls go."""
    assert prose.typeset(text) == expected


@pytest.mark.parametrize(
    "text",
    ["à 14:30", "https://exemple.fr/?a=b;c", "l'été, déjà…", "(sic)", "", f"bien{N}!", "L’œuvre…"],
)
def test_typeset_leaves_the_rest(text):
    """Times, addresses, apostrophes and dots are the speaker's: untouched, as typeset text is."""
    assert prose.typeset(text) == text
    assert prose.typeset(prose.typeset(text)) == text


def test_quotes_inside_quotes():
    """A quotation inside a quotation takes English double marks, as French usage has it."""
    assert prose.quoted("il dit « non »") == f"«{N}il dit “non”{N}»"


@pytest.mark.parametrize(
    ("value", "tag", "expected"),
    [
        (0, "frein", "0 frein"),
        (1, "frein", "1 frein"),
        (2, "frein", "2 freins"),
        (1, "bonne_pratique", "1 bonne pratique"),
        (3, "bonne_pratique", "3 bonnes pratiques"),
        (2, "autre", "2 énoncés hors-champ"),
        (1200, "constat", f"1{N}200 constats"),
    ],
)
def test_counts_agree(value, tag, expected):
    """Zero and one take the singular; thousands are set apart."""
    assert prose.count_tag(value, tag) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [([], ""), (["A"], "A"), (["A", "B"], "A et B"), (["A", "B", "C"], "A, B et C")],
)
def test_lists(items, expected):
    """Lists end in « et », without a comma before it."""
    assert prose.listing(items) == expected


@pytest.mark.parametrize(
    ("city", "expected"),
    [
        ("Vaubrune", "à Vaubrune"),
        ("Le Havelin", "au Havelin"),
        ("Les Ormes", "aux Ormes"),
        ("La Rochette", "à La Rochette"),
        ("L'Estrelle", "à L'Estrelle"),
        ("Lestac", "à Lestac"),
    ],
)
def test_places_contract_the_article(city, expected):
    """« à Le » becomes « au », « à Les » « aux »; other names stay whole."""
    assert prose.at(city) == expected


@pytest.mark.parametrize(
    ("iso", "expected"),
    [
        ("2022-01-21", "21 janvier 2022"),
        ("2024-03-01", "1er mars 2024"),
        ("2024-08", "août 2024"),
        ("2024", "2024"),
        ("", ""),
        ("2024-13-01", "2024-13-01"),
        ("printemps 2024", "printemps 2024"),
    ],
)
def test_dates(iso, expected):
    """ISO dates are written in French; what is no date stays as it is."""
    assert prose.date(iso) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, f"0{N}%"), (0.001, f"moins de 1{N}%"), (0.125, f"12{N}%"), (1, f"100{N}%")],
)
def test_percent_never_rounds_something_to_nothing(share, expected):
    """A small share is « moins de 1 % », not « 0 % »."""
    assert prose.percent(share) == expected


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [("TR1", "TR1 – Police municipale"), ("", "Sans table ronde"), ("TR9", "Sans table ronde")],
)
def test_round_tables(identifier, expected):
    """Known round tables have their name, the others are said to be none."""
    assert prose.round_table(identifier) == expected


@pytest.mark.parametrize(
    ("identifiers", "expected"),
    [([], "Sans table ronde"), (["TR4"], "TR4 – Prévention"), (["TR3", "TR2"], "TR2 et TR3")],
)
def test_several_round_tables(identifiers, expected):
    """A document of several round tables names them all, briefly."""
    assert prose.round_tables(identifiers) == expected


@pytest.mark.parametrize(
    ("city", "expected"),
    [
        ("Amiens", "d’Amiens"),
        ("Évreux", "d’Évreux"),
        ("Œuilly", "d’Œuilly"),
        ("Vaubrune", "de Vaubrune"),
        ("Le Havre", "du Havre"),
        ("Les Abymes", "des Abymes"),
        ("La Rochelle", "de La Rochelle"),
        ("L’Estrelle", "de L’Estrelle"),
        ("Hyères", "d’Hyères"),
        ("Hénin-Beaumont", "d’Hénin-Beaumont"),
        ("Haguenau", "de Haguenau"),
        ("Yvetot", "d’Yvetot"),
        ("Yerres", "d’Yerres"),
        ("Yutz", "de Yutz"),
        ("Lestac", "de Lestac"),
    ],
)
def test_of_a_city(city, expected):
    """« de » contracts before an article and loses its vowel as usage has it, h and y included."""
    assert prose.of(city) == expected


def test_elisions_of_the_lexicon_hold():
    """Each row's example shows what the row makes of its name."""
    for row in lexicon("town_elisions"):
        start = "d’" if row["elided"] == "oui" else "de "
        assert start + row["name"] in row["example"]
        assert prose.of(row["name"]) == start + row["name"]


def test_names_have_the_apostrophe_of_print():
    """« L'Estrelle », as a folder is named, is printed « L’Estrelle »."""
    assert prose.name("L'Estrelle") == "L’Estrelle"
