"""A page of a city's site gives its text, not the menus, buttons and comments around it."""

import pytest

from pipeline.readers import read


def kept(page: str) -> list[str]:
    blocks = read(f"<html><body>{page}</body></html>".encode(), ".html", max_megabytes=5).blocks
    return [b.text for b in blocks if b.kind not in ("heading", "furniture")]


TEXT = "<h1>Retour sur la réunion</h1><p>Le maire a rappelé les effectifs.</p>" + (
    "<ul><li>Les rodéos reprennent.</li><li>L’éclairage est coupé trop tôt.</li></ul>" * 3
)


@pytest.mark.parametrize(
    "around",
    [
        '<div class="cookie-notice"><p>Nous utilisons des cookies.</p></div>',
        '<div class="site-header"><ul><li><a>La ville</a></li><li>Agenda</li></ul></div>',
        '<p class="fil-ariane">Accueil Actualités</p>',
        "<div><a>Accueil</a> » <a>Actualités</a> » Retour sur la réunion</div>",
        '<div class="entry-meta">Par le service communication</div>',
        '<div class="sharedaddy"><ul><li>Facebook</li></ul></div>',
        '<section id="respond"><p>Laisser un commentaire</p></section>',
        '<ul class="social-links"><li>Facebook</li></ul>',
        '<div class="widget sidebar"><p>Mairie ouverte le lundi.</p></div>',
    ],
)
def test_surroundings_are_told_by_their_names(around: str) -> None:
    """Whatever side of the text they are on."""
    text = kept(f'<div class="entry-content">{TEXT}</div>')
    assert len(text) == 7
    assert kept(f"{around}<div>{TEXT}</div>") == text
    assert kept(f"<div>{TEXT}</div>{around}") == text


def test_a_name_does_not_hide_the_text() -> None:
    """A page laid out « with a sidebar » or « under the menu » keeps its text."""
    assert kept(f'<div class="page has-sidebar menu-open">{TEXT}</div>') == kept(TEXT)
    for name in (
        "elementor-widget-container",
        "logement-social",
        "partage-d-experience",
        "comments",
    ):
        said = f'<div class="{name}"><p>Le bailleur ne répond pas.</p></div>'
        assert "Le bailleur ne répond pas." in kept(f"<div>{TEXT}</div>{said}")
