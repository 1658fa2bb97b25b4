"""Personal data with a shape are found however they are written, and nothing else is."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.masking import personal_data, spoken_numbers
from pipeline.masking.personal_data import find


def found(text: str) -> list[tuple[str, str]]:
    return [(d.kind, text[d.start : d.end]) for d in find(text)]


@pytest.mark.parametrize(
    ("text", "datum", "value"),
    [
        ("à a.roumiel@ville-x.fr. Merci", "a.roumiel@ville-x.fr", "a.roumiel@ville-x.fr"),
        ("noé point h arobase orange point fr et", "noé point h arobase orange point fr", None),
        ("léa tiret m arobase lyon point fr", "léa tiret m arobase lyon point fr", None),
        (
            "aide (at) asso-nord (point) org",
            "aide (at) asso-nord (point) org",
            "aide@asso-nord.org",
        ),
        ("h.lor @ mairie-x .fr", "h.lor @ mairie-x .fr", "h.lor@mairie-x.fr"),
        ("h.lor©mairie-x.fr", "h.lor©mairie-x.fr", "h.lor@mairie-x.fr"),
    ],
)
def test_emails_written_dictated_or_scanned(text: str, datum: str, value: str | None) -> None:
    """« arobase », « (at) », stray spaces and a « © » read for « @ » are e-mails like others."""
    assert found(text) == [("COURRIEL", datum)]
    assert value in (None, find(text)[0].value)


@pytest.mark.parametrize(
    "written",
    [
        "06 12 34 56 78", "06.12.34.56.78", "0612345678", "06-12-34-56-78", "+33 6 12 34 56 78",
        "+33(0)6 12 34 56 78", "0033 612345678", "06 123 456 78", "O6 l2 34 S6 78",
        "zéro six douze trente-quatre cinquante-six soixante-dix-huit",
        "zero six, douze, trente quatre, cinquante six, soixante dix huit",
        "plus trente-trois six douze trente-quatre cinquante-six soixante-dix-huit",
        "zéro six 12 trente-quatre 56 soixante-dix-huit",
    ],
)  # fmt: skip
def test_one_phone_in_all_its_spellings_is_one_value(written: str) -> None:
    """The same number gets the same tag, figures or words, with +33 or without."""
    data = find(f"appelez le {written} le matin")
    assert [(d.kind, d.value) for d in data] == [("TELEPHONE", "0612345678")]


@pytest.mark.parametrize(
    ("text", "kind", "datum"),
    [
        ("dossier n° 912 345 678 901 234", None, None),
        ("sécu 1 85 07 75 056 123 43", "NIR", "1 85 07 75 056 123 43"),
        (
            "compte FR76 3000 6000 0112 3456 7890 189 ouvert",
            "IBAN",
            "FR76 3000 6000 0112 3456 7890 189",
        ),
        ("la AB-123-CD grise", "PLAQUE", "AB-123-CD"),
        ("voiture 123 AB 75 brûlée", "PLAQUE", "123 AB 75"),
        ("scooter immatriculé ab 123 cd", "PLAQUE", "ab 123 cd"),
        ("au 12 bis rue des Lilas, 59000 Lille", "ADRESSE", "12 bis rue des Lilas, 59000"),
        ("habite au 4, impasse du Moulin.", "ADRESSE", "4, impasse du Moulin"),
        ("douze bis rue des Lilas", "ADRESSE", "douze bis rue des Lilas"),
        ("au 12 rue des lilas on voit tout", "ADRESSE", "12 rue des lilas"),
        ("8 rue du 8 mai 1945 hier", "ADRESSE", "8 rue du 8 mai 1945"),
        ("bâtiment C, appartement 12", "ADRESSE", "bâtiment C, appartement 12"),
    ],
)
def test_numbers_plates_and_addresses(text: str, kind: str | None, datum: str | None) -> None:
    """A wrong NIR counts only beside the word; the city of an address stays."""
    assert found(text) == ([(kind, datum)] if kind else [])


@pytest.mark.parametrize(
    "text",
    [
        "le 06.02.2025 10h30", "le 12 03 2024 14 30 00", "0.6123456789", "3 cours de français",
        "12 places de stationnement", "une rue de Lille", "en 2024 rue de la République",
        "article L. 511-1 du CSI", "30 TIG 12 mois", "1 200 000 euros en 2023",
        "rue de la République", "24 heures sur 24, 7 jours sur 7", "3919 ou 17",
        "de 2019 à 2022, 45 agents 12 véhicules", "la loi du 5 mars 2007",
        "15 quartiers dont 3 route nationale", "trois places pour six cent douze demandes",
        "l-estrelle-12345678:0012", "un deux trois quatre cinq six", "2024-01-16_TR1",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_datum_stays(text: str) -> None:
    """Dates, amounts, articles of law and places without a number are left alone."""
    assert found(text) == []


def test_the_keys_of_nir_and_iban_are_checked() -> None:
    """One wrong figure and the key no longer fits."""
    key = 97 - 1850775056123 % 97
    assert personal_data.is_social_security_number(f"1850775056123{key:02d}")
    assert not personal_data.is_social_security_number(f"1850775056123{key - 1:02d}")
    assert personal_data.is_iban("FR76 3000 6000 0112 3456 7890 189")
    assert not personal_data.is_iban("FR76 3000 6000 0112 3456 7890 188")


def test_a_corsican_nir_follows_its_own_key() -> None:
    """2A counts as 19 and 2B as 18 in the key."""
    key = 97 - int("2840519123456") % 97
    assert personal_data.is_social_security_number(f"284052A123456{key:02d}")


def _words(pair: int) -> str:
    units = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
             "onze", "douze", "treize", "quatorze", "quinze", "seize"]  # fmt: skip
    tens = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}
    if pair < 10:
        return f"zéro {units[pair]}"
    if pair < 17:
        return units[pair]
    if pair < 20:
        return f"dix-{units[pair - 10]}"
    if pair < 70:
        ten, unit = divmod(pair, 10)
        return tens[ten] + ("" if not unit else " et un" if unit == 1 else f"-{units[unit]}")
    if pair < 80:
        return "soixante et onze" if pair == 71 else f"soixante-{_words(pair - 60)}"
    rest = pair - 80
    return (
        "quatre-vingts" if not rest else f"quatre-vingt-{_words(rest) if rest > 9 else units[rest]}"
    )


@given(st.lists(st.integers(0, 99), min_size=4, max_size=4), st.integers(1, 9))
def test_any_phone_said_in_words_is_found(pairs: list[int], second: int) -> None:
    """Every number of ten figures, two by two, as French people say them.

    « soixante-quatre vingt » may be 64 20 or 60 80: where it stands is sure, not its figures.
    """
    said = " ".join([f"zéro {_words(second)[5:]}", *map(_words, pairs)])
    (start, end, digits), *others = spoken_numbers.find(said)
    assert (start, end, len(digits), others) == (0, len(said), 10, [])


@given(st.text(max_size=200))
def test_any_text_goes_through(text: str) -> None:
    """No exception; what is found is inside the text, in order, without overlap."""
    data = find(text)
    assert all(0 <= d.start < d.end <= len(text) for d in data)
    assert all(a.end <= b.start for a, b in itertools.pairwise(data))
