"""What stands around a text is set aside, and nothing else."""

import pytest

from pipeline.readers import read


def aside(text: str) -> tuple[list[str], list[str]]:
    """Return what is set aside and what is kept of a note typed so, headings left out."""
    blocks = read(text.encode(), ".txt", max_megabytes=5).blocks
    furniture = [block.text for block in blocks if block.kind == "furniture"]
    return furniture, [b.text for b in blocks if b.kind not in ("furniture", "heading")]


def test_an_agenda_is_no_statement() -> None:
    """A list of the headings to come is set aside, with or without a title of its own."""
    body = "EFFECTIFS\n\n- Deux postes sont vacants.\n\nFORMATION\n\n- Elle est trop courte.\n"
    kept = ["Deux postes sont vacants.", "Elle est trop courte."]
    assert aside(f"- Effectifs\n- Formation\n\n{body}")[1] == kept
    assert aside(f"Ordre du jour :\n- Les effectifs\n- Divers\n\n{body}")[1] == kept
    assert aside(f"- Effectifs\n- Trop de départs\n\n{body}")[1] == [
        "Effectifs",
        "Trop de départs",
        *kept,
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Fiche rédigée par Odile Rancourt, service médiation.",
        "Propos recueillis par le service communication",
        "Contact presse : 02 00 00 00 00",
        "© Ville de Corvannes",
        "- Partager sur Facebook",
        "Publié le 3 mars 2024",
        "Veuillez agréer, Madame la Maire, l’expression de nos salutations.",
        "La secrétaire de séance, Nadège Orval",
        "Le secrétaire,\n\nJ. Orval",
        "P. Orval, responsable du service habitat",
        "Pour le collectif, la présidente Anne Orval",
    ],
)
def test_bylines_buttons_and_signatures_are_set_aside(line: str) -> None:
    """They close a document without being said by anyone."""
    said = "Le bailleur répond en trois semaines, ce qui est long."
    furniture, kept = aside(f"{said}\n\n{said}\n\n{line}\n")
    assert kept == [said, said]
    assert furniture


@pytest.mark.parametrize(
    "line",
    [
        "Fiche action à rédiger avec le bailleur.",
        "Le secrétaire de mairie reçoit les plaintes.",
        "Publier les chiffres chaque mois.",
        "Envoyer par courriel un suivi à chaque victime.",
        "Partager sur une même carte les signalements des bailleurs.",
        "Pour le collectif, la ville doit agir vite.",
        "P. Orval regrette l’absence du bailleur.",
        "Contacts réguliers avec le bailleur.",
    ],
)
def test_statements_that_begin_alike_are_kept(line: str) -> None:
    """The first words of a byline or a signature do not make one."""
    said = "Le bailleur répond en trois semaines, ce qui est long."
    assert aside(f"{said}\n\n{said}\n\n{line}\n")[1] == [said, said, line]


def test_lines_above_the_title_are_set_aside_but_notes_are_not() -> None:
    """A breadcrumb and a date are no statements; the first notes of a list without bullets are."""
    page = "Sécurité-Justice\n\nAssises : des échanges fructueux à Corvannes\n\n24/01/2022\n\n"
    prose = "La ville a accueilli le 21 janvier la troisième concertation, avec trente acteurs.\n"
    assert aside(page + prose)[1] == [prose.strip()]
    notes = "TR3 - 12/11/24\n\nsalle Renoir\n\npas de suivi psy\nles assos st pas formées\n"
    notes += "attente de six mois\n\nA FAIRE :\n- envoyer la plaquette\n"
    kept = aside(notes)[1]
    assert kept[-3:] == ["les assos st pas formées", "attente de six mois", "envoyer la plaquette"]


def test_emoji_are_bullets() -> None:
    """« ✅ bonne entente » is an item; a smiley in a sentence stays."""
    blocks = read("✅ bonne entente\n👉 former les agents 😕\n".encode(), ".txt", max_megabytes=5)
    assert [(b.kind, b.text) for b in blocks.blocks] == [
        ("item", "bonne entente"),
        ("item", "former les agents 😕"),
    ]
