"""Tests of « À retenir »: which themes it names, and under which heading."""

from test_digest import SAID, SETTINGS, tables

from pipeline import digest


def key_points(said: list) -> dict[str, list[str]]:
    """Return heading → the labels of its themes, for a corpus."""
    whole = digest.assemble(tables(said), {}, SETTINGS)
    return {
        group.heading: [theme.theme_id for theme, _ in group.points] for group in whole.key_points
    }


def test_key_points_sort_themes_by_what_they_show():
    """Shared by all, obstacles without answers, practices, and what one city alone raised."""
    said = [*SAID, ("Vaubrune", "TR4", "T3", "constat", "Un sujet à nous.")]
    assert key_points(said) == {
        "Ce qui bloque dans le plus de villes": ["T1"],
        "Ce que toutes les villes partagent": ["T1"],
        "Des freins qui attendent des réponses": ["T1"],
        "Des pratiques qui existent déjà": ["T1"],
        "Là où les villes se séparent": [],
        "Ce qu’une seule ville soulève": ["T3"],
    }


def test_one_city_has_no_comparison_to_remember():
    """With one city, nothing is said to be shared nor particular."""
    assert key_points([line for line in SAID if line[0] == "Vaubrune"]) == {}
