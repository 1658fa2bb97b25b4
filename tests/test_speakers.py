"""Who speaks is taken out of the words, and topics are not taken for people."""

from pipeline.readers import read


def said(text: str, suffix: str = ".md") -> list[tuple[str, str, str]]:
    blocks = read(text.encode(), suffix, max_megabytes=5).blocks
    kept = [b for b in blocks if b.kind not in ("heading", "furniture")]
    return [(b.speaker, b.role, b.text) for b in kept]


def test_a_name_alone_on_its_line_speaks_until_the_next() -> None:
    """Minutes of a council; a heading ends it, and a list of people is left as it is."""
    minutes = (
        "**Mme Lafont**\n\nNous avons deux heures.\n\nLe premier sujet est celui des moyens.\n\n"
        "**M. Berthier, chef de service**\n\nNous sommes dix-huit.\n\n"
        "# Suites\n\nUn bilan suivra.\n"
    )
    assert said(minutes) == [
        ("Mme Lafont", "", "Nous avons deux heures."),
        ("Mme Lafont", "", "Le premier sujet est celui des moyens."),
        ("M. Berthier", "chef de service", "Nous sommes dix-huit."),
        ("", "", "Un bilan suivra."),
    ]
    people = "**Mme Lafont**\n\n**M. Berthier**\n\nLe bilan de l’année suivra bientôt.\n"
    assert said(people) == [("", "", "Le bilan de l’année suivra bientôt.")]


def test_a_quote_is_said_by_who_signs_it() -> None:
    """« … » — Nadia, habitante: her words and her name apart; a dash in a sentence is a dash."""
    assert said("> « On ne voit plus personne ici. »\n> — Nadia, habitante\n") == [
        ("Nadia", "habitante", "On ne voit plus personne ici."),
    ]
    sentence = "Le quai – vide après 19 heures – inquiète les riverains."
    assert said(sentence) == [("", "", sentence)]


def test_an_acronym_before_a_bullet_is_its_topic() -> None:
    """« CAF : … » is about it as often as by it, even when it is among the participants."""
    text = "Participants : CAF, PMI\n\n- CAF : les parents ne demandent pas l'aide\n"
    assert said(text) == [("", "", "CAF : les parents ne demandent pas l'aide")]


def test_labels_of_a_transcript() -> None:
    """A first name or a function said once speaks; when all cues are labelled, all labels do."""
    cues = [("Modératrice", "On commence."), ("Solène", "Oui, la voisine le fait."),
            ("Modératrice", "Et vous ?"), ("Habitant", "Je voudrais les voir."),
            ("Modératrice", "Bien."), ("Résultat", "rien.")]  # fmt: skip
    srt = "\n\n".join(
        f"{n}\n00:00:{n:02d},000 --> 00:00:{n:02d},900\n{who} : {words}"
        for n, (who, words) in enumerate([*cues, ("", "Voilà.")], 1)
    ).replace("\n : ", "\n")
    assert [speaker for speaker, _, _ in said(srt, ".srt")] == [
        *("Modératrice", "Solène", "Modératrice", "Habitant", "Modératrice"),
    ]
    room = srt.replace("Résultat", "Salle du haut").replace("\nVoilà.", "\nSolène : Voilà.")
    assert [speaker for speaker, _, _ in said(room, ".srt")][-2:] == ["Salle du haut", "Solène"]
