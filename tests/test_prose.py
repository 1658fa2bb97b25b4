"""Tests of the French the digests write: typography, agreement, and every template read aloud."""

import re

import pytest

from pipeline import prose, sentences

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
    ("cities", "of", "expected"),
    [
        (["A"], 1, "soulevé dans la seule ville qui a contribué"),
        (["A", "B"], 2, "soulevé dans les deux villes"),
        (["A", "B", "C"], 3, "soulevé dans les 3 villes"),
        (["A"], 3, f"soulevé dans 1 ville sur 3{N}: A"),
        (["A", "B"], 3, f"soulevé dans 2 villes sur 3{N}: A et B"),
    ],
)
def test_reach(cities, of, expected):
    """« soulevé dans k villes sur n », with its special cases."""
    assert sentences.reach(cities, of) == expected


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


def every_sentence() -> list[str]:
    """Return every template with zero, one and several of everything it counts."""
    towns = [["Vaubrune"], ["Le Havelin", "Vaubrune"]]
    found = [
        *sentences.LIMITS,
        sentences.HOW_TO_READ,
        sentences.NO_THEME,
        sentences.CHART_DESCRIPTION,
    ]
    for n in (1, 2, 1000):
        counts = dict.fromkeys(prose.KEY_TAGS, n)
        found += [sentences.coverage(n, cities, t, n) for cities in towns for t in (0, 1, 2)]
        found += [
            sentences.informative(n, aside, copies) for aside in (0, 1, 2) for copies in (0, 1, 2)
        ]
        found += [sentences.theme_size(counts, 4 * n), sentences.shared_theme(n, 1000, counts)]
        found += [sentences.open_obstacles(n, counts), sentences.open_obstacles(n, {"frein": n})]
        found += [sentences.one_city("Le Havelin", counts), sentences.known_answers(n, towns[1])]
        found += [sentences.evoked(tag, n, towns[1]) for tag in prose.KEY_TAGS]
        found += [sentences.chosen(k, n + 1, tag) for k in (1, n) for tag in prose.KEY_TAGS]
        found += [sentences.pairs_shown(k, n, n) for k in (1, n)]
        found += [
            sentences.files_read(n, refused, twice) for refused in (0, 1, 2) for twice in (0, 1, 2)
        ]
        found += [sentences.without_theme(n, aside) for aside in (0, 1, 2)]
        found += [sentences.round_table_said(n, towns[1], counts)]
        found += [sentences.contrast("frein", "Le Havelin", (n, 1000), (1, 1000))]
    return [sentence for sentence in found if sentence]


@pytest.mark.parametrize("sentence", every_sentence())
def test_every_sentence_reads_well(sentence):
    """Each is a sentence: capital or number, full stop, agreement, elision and typography."""
    assert re.match(r"[A-ZÀÉ0-9«]", sentence)
    assert sentence.endswith(".")
    assert not sentence.endswith("..")
    assert not re.search(rf"(?<![\d{N},])[01] \w+s\b(?<!sur)", sentence)
    assert not re.search(r"\b(de|le|la|que|ne) [aeiouéèê]", sentence)
    assert not re.search(r"[ \u00a0][;:!?%»]|«[ \u00a0]|  |\bà Les? |\bde Les? ", sentence)


def test_nothing_to_say_is_said_in_words():
    """A theme or a round table without a statement that informs has its own sentence."""
    empty = dict.fromkeys(prose.KEY_TAGS, 0)
    assert sentences.theme_size(empty, 5) == "Ce thème ne contient que des énoncés hors-champ."
    assert sentences.round_table_said(1, [], empty) == "Aucun énoncé compté."
