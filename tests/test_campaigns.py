"""Copies are found whatever their case and signs, and other statements are left alone."""

import time

from pipeline.campaigns import copies, resent

TEXT = "Il faut plus de policiers dans les rues du centre le samedi soir"


def firsts(*texts: str) -> list[int]:
    return copies(list(texts), least_words=8, likeness=0.8)


def test_copies_are_grouped_and_others_are_not() -> None:
    """Case, accents, signs and small words may change; a word that matters makes another text."""
    shouted = "IL FAUT PLUS DE POLICIERS, DANS LES RUES DU CENTRE, LE SAMEDI SOIR !!!"
    assert firsts(TEXT, shouted, TEXT.replace("policiers", "médiateurs")) == [0, 0, 2]
    assert firsts("Il faut des bancs.", "Il faut des bancs.") == [0, 1]  # too short to be a copy


def test_groups_do_not_depend_on_order() -> None:
    """The same texts in another order make the same groups."""
    texts = [
        TEXT,
        TEXT.upper(),
        TEXT + " et aussi",
        "Le bailleur répond toujours très vite aux appels du soir",
    ]
    there, back = firsts(*texts), firsts(*reversed(texts))
    pairs = {(i, j) for i in range(4) for j in range(4) if there[i] == there[j]}
    assert pairs == {(3 - i, 3 - j) for i in range(4) for j in range(4) if back[i] == back[j]}


def test_twenty_thousand_statements_take_seconds() -> None:
    """A campaign of thousands among thousands of others is counted without comparing all pairs."""
    texts = [f"{TEXT} du quartier numéro {n} {n * 7} {n * 11} {n * 13}" for n in range(5_000)]
    texts += [TEXT] * 15_000
    started = time.perf_counter()
    assert firsts(*texts).count(5_000) == 15_000
    assert time.perf_counter() - started < 60


def test_documents_sent_again_repeat_one_document() -> None:
    """The same statements in another file repeat it, each once; a shared template does not."""
    first = ["Un fait.", "Deux faits.", "Trois faits.", "Un fait."]
    again = ["UN FAIT", "Un fait !", "Trois faits.", "Deux faits.", "Autre chose."]
    template = ["Un fait.", "Deux faits.", "Le quai.", "Le parc."]
    found = resent([first, again, template], share=0.8)
    assert found == {(1, 0): (0, 0), (1, 1): (0, 3), (1, 2): (0, 2), (1, 3): (0, 1)}
    assert resent([["Un fait."], ["Un fait."]], share=0.8) == {}
