"""« À retenir »: the themes that weigh most and why, what cities share, where they part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.digests import prose, sentences
from pipeline.digests.content import Theme


@dataclass(frozen=True)
class KeyPoints:
    """One group of « À retenir »: a heading, a lead, its (theme, sentence) points.

    Without any point, `lead` says why there is none.
    """

    heading: str
    lead: str
    points: tuple[tuple[Theme, str], ...]


def key_points(themes: Sequence[Theme], *, limit: int, small_count: int) -> tuple[KeyPoints, ...]:
    """Return the groups of « À retenir », at most `limit` themes each; none with one city.

    A theme weighs by the cities where it meets obstacles, then by its obstacles.
    """
    if not themes or themes[0].all_cities < 2:
        return ()
    ordered = sorted(themes, key=lambda t: (-t.total, t.theme_id))
    return (
        _heaviest(ordered, limit),
        _shared(ordered, limit),
        _unanswered(ordered, limit, small_count),
        _practised(ordered, limit),
        _parting(ordered, limit),
        _alone(ordered, limit),
    )


def _group(
    heading: str, themes: Sequence[Theme], say: Callable[[Theme], str], lead: str, empty: str
) -> KeyPoints:
    points = tuple((theme, say(theme)) for theme in themes)
    return KeyPoints(prose.typeset(heading), lead if points else empty, points)


def _heaviest(themes: Sequence[Theme], limit: int) -> KeyPoints:
    met = [t for t in themes if t.counts["frein"]]
    met.sort(key=lambda t: (-len(t.cities_by_tag["frein"]), -t.counts["frein"]))
    return _group(
        "Ce qui bloque dans le plus de villes",
        met[:limit],
        lambda t: sentences.obstacles_and_answers(
            len(t.cities_by_tag["frein"]), t.all_cities, t.counts
        ),
        "",
        "Aucun frein n’a été relevé.",
    )


def _shared(themes: Sequence[Theme], limit: int) -> KeyPoints:
    everywhere = [t for t in themes if len(t.cities) == t.all_cities]
    return _group(
        "Ce que toutes les villes partagent",
        everywhere[:limit],
        lambda t: sentences.counted(t.counts),
        sentences.shared_everywhere(len(everywhere), len(themes), themes[0].all_cities, limit),
        "Aucun thème n’est soulevé dans toutes les villes.",
    )


def _unanswered(themes: Sequence[Theme], limit: int, small_count: int) -> KeyPoints:
    waiting = [
        t for t in themes if t.counts["frein"] >= small_count and t.counts["frein"] > t.answers
    ]
    waiting.sort(key=lambda t: (t.answers - t.counts["frein"], t.theme_id))
    return _group(
        "Des freins qui attendent des réponses",
        waiting[:limit],
        lambda t: sentences.obstacles_and_answers(
            len(t.cities_by_tag["frein"]), t.all_cities, t.counts
        ),
        "",
        "Aucun thème ne compte nettement plus de freins que de réponses.",
    )


def _practised(themes: Sequence[Theme], limit: int) -> KeyPoints:
    practised = [t for t in themes if t.counts["bonne_pratique"]]
    practised.sort(key=lambda t: (-t.counts["bonne_pratique"], t.theme_id))
    return _group(
        "Des pratiques qui existent déjà",
        practised[:limit],
        lambda t: sentences.known_answers(
            t.counts["bonne_pratique"], t.cities_by_tag["bonne_pratique"]
        ),
        "",
        "Aucune bonne pratique n’a été relevée.",
    )


def _parting(themes: Sequence[Theme], limit: int) -> KeyPoints:
    clear = [t for t in themes if t.finding.title]
    clear.sort(key=lambda t: (t.finding.q_value, t.theme_id))
    return _group(
        "Là où les villes se séparent",
        clear[:limit],
        lambda t: t.finding.sentence,
        "",
        "Aucune différence entre villes ne se distingue du hasard.",
    )


def _alone(themes: Sequence[Theme], limit: int) -> KeyPoints:
    alone = [t for t in themes if len(t.cities) == 1]
    return _group(
        "Ce qu’une seule ville soulève",
        alone[:limit],
        lambda t: sentences.one_city(t.cities[0], t.counts),
        sentences.raised_once(len(alone), len(themes), limit),
        "Aucun thème n’est propre à une seule ville.",
    )
