"""Tests of the cities' pages: what each alone raised, who could help it, whom it could help."""

import pytest
from test_digest import SAID, SETTINGS, Page, render, tables

from pipeline import digest
from pipeline.digests import city_pages


def cities(said: list = SAID) -> dict[str, city_pages.City]:
    """Return the cities of a corpus, by name."""
    return {city.city: city for city in digest.assemble(tables(said), {}, SETTINGS).cities}


def test_every_city_has_its_page():
    """One page a city, reached from the index, with what it said and its documents."""
    pages = render()
    assert {name for name in pages if name.startswith("cities/")} == {
        "cities/le-havelin.html",
        "cities/vaubrune.html",
        "cities/ete-sur-orne.html",
    }
    links = Page(pages["index.html"]).links
    assert all(name in links for name in pages if name.startswith("cities/"))
    text = " ".join(Page(pages["cities/ete-sur-orne.html"]).text)
    assert "énoncés d’Été-sur-Orne dans l’explorateur" in text
    assert "Été-sur-Orne/compte rendu.docx" in text


def test_what_one_city_alone_raised():
    """Themes only it raised; and, in shared themes, the tags only it used."""
    found = cities([*SAID, ("Vaubrune", "TR4", "T3", "constat", "Un sujet à nous.")])
    assert [theme.theme_id for theme in found["Vaubrune"].only_here] == ["T3"]
    assert [(tag, [t.theme_id for t in themes]) for tag, themes in found["Vaubrune"].alone] == [
        ("constat", ["T2"]),
        ("bonne_pratique", ["T1"]),
    ]
    assert found["Le Havelin"].only_here == ()
    assert [theme.theme_id for theme in found["Le Havelin"].shared] == ["T1"]


def test_who_helps_whom():
    """Its obstacles meet answers of other cities; its answers meet obstacles of other cities."""
    city = cities()["Vaubrune"]
    assert {pair.obstacle.city for pair in city.needs} == {"Vaubrune"}
    assert all(answer.city != "Vaubrune" for pair in city.needs for answer in pair.answers)
    assert dict(city.helpers) == {"Le Havelin": 1, "Été-sur-Orne": 1}
    assert {answer.city for pair in city.offers for answer in pair.answers} == {"Vaubrune"}
    assert all(pair.obstacle.city != "Vaubrune" for pair in city.offers)


def test_an_answer_too_far_is_not_shown():
    """Under `least_pair_score`, no page offers the pair."""
    quiet = SETTINGS | {"least_pair_score": 0.6}
    whole = digest.assemble(tables(), {}, quiet)
    assert all(not city.needs and not city.offers for city in whole.cities)
    assert all(not theme.pairs for theme in whole.themes)
    said = [city.needs_sentence for city in whole.cities if city.city == "Vaubrune"]
    assert said == ["Son seul frein n’a pas de réponse proche dans les autres villes."]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["L'Estrelle", "Le Havre"], ["l-estrelle", "le-havre"]),
        (["Été", "Ete"], ["ete", "ete-2"]),
        (["東京", "القاهرة"], ["ville", "ville-2"]),
        (["A", "a", "À"], ["a", "a-2", "a-3"]),
    ],
)
def test_file_names_are_plain_and_never_shared(names, expected):
    """ASCII names, one for each city even when letters fold to the same."""
    assert list(city_pages.slugs(names).values()) == expected
