"""The printed synthesis as a list of blocks: what the Word document and the PDF both show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.digests import charts, prose, sentences
from pipeline.digests.city_pages import City
from pipeline.digests.content import RoundTable, Theme
from pipeline.digests.quotes import Pair, Quote
from pipeline.digests.restitution import Digest

NOTICE, PLAIN, MUTED = "notice", "plain", "muted"


@dataclass(frozen=True)
class Heading:
    """A heading, level 1 to 3; levels are never jumped."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: `NOTICE`, `PLAIN` or `MUTED`."""

    text: str
    kind: str = PLAIN


@dataclass(frozen=True)
class Bullet:
    """An item of a list, with what heads it in bold."""

    strong: str
    text: str


@dataclass(frozen=True)
class Verbatim:
    """A statement with its source; `lead` says what it is (« Frein, à Vaubrune : »)."""

    lead: str
    text: str
    source: str
    doubtful: bool


@dataclass(frozen=True)
class Grid:
    """A table with one row of headings; the first column heads its row; widths in centimetres."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class Figure:
    """A drawing, its title (a finding) and what it shows in words."""

    svg: str
    title: str
    alternative: str


@dataclass(frozen=True)
class Contents:
    """Where the table of contents stands."""


Block = Contents | Heading | Paragraph | Bullet | Verbatim | Grid | Figure


def blocks(digest: Digest, *, quotes: int, pairs: int, chart_themes: int) -> list[Block]:
    """Return the synthesis in reading order, title excepted.

    Each theme and city shows at most `quotes` quotes a tag and `pairs` obstacles with an answer.
    """
    found: list[Block] = []
    if digest.notice:
        found.append(Paragraph(digest.notice, NOTICE))
    found += [Paragraph(text) for text in digest.coverage]
    found += [*_key_points(digest), Contents()]
    found += [Heading(1, "Les thèmes en un coup d’œil"), *_overview(digest.themes, chart_themes)]
    for table in digest.round_tables:
        found += _round_table(table, quotes=quotes, pairs=pairs)
    found.append(Heading(1, "Ville par ville"))
    for city in digest.cities:
        found += _city(city, pairs=pairs)
    found += _method(digest)
    return found


def _key_points(digest: Digest) -> Iterator[Block]:
    if digest.key_points or digest.changes:
        yield Heading(1, "À retenir")
    for group in digest.key_points:
        yield Heading(2, group.heading)
        if group.lead:
            yield Paragraph(group.lead)
        for theme, sentence in group.points:
            yield Bullet(theme.label, sentence)
    if digest.changes:
        yield Heading(2, "Depuis la restitution précédente")
        yield from (Bullet("", sentence) for sentence in digest.changes)


def theme_chart(themes: Sequence[Theme], limit: int) -> tuple[str, str, tuple[Theme, ...]] | None:
    """Return the chart of the themes that meet most obstacles, its title, and these themes.

    None when fewer than two themes meet any: there would be nothing to compare.
    """
    met = sorted(
        (t for t in themes if t.counts["frein"]), key=lambda t: (-t.counts["frein"], t.theme_id)
    )
    if len(met) < 2:
        return None
    shown = tuple(met[:limit])
    title = sentences.theme_chart_title([(t.label, t.counts["frein"]) for t in met])
    columns = {tag: prose.tag_heading(tag) for tag in ("frein", *prose.ANSWER_TAGS)}
    rows = [(f"{t.label}\n{t.evidence}", t.counts) for t in shown]
    drawn = charts.bars(
        rows, columns, name="themes", title=title, description=sentences.CHART_DESCRIPTION
    )
    return drawn, title, shown


def _overview(themes: Sequence[Theme], chart_themes: int) -> Iterator[Block]:
    if not themes:
        yield Paragraph(sentences.NO_THEME)
        return
    chart = theme_chart(themes, chart_themes)
    if chart:
        drawn, title, shown = chart
        yield Figure(drawn, title, sentences.chart_in_words([(t.label, t.counts) for t in shown]))
    yield Grid(
        "Énoncés par thème et par nature",
        ("Thème", *(prose.tag_heading(tag) for tag in prose.KEY_TAGS), "Villes"),
        tuple(
            (
                theme.label,
                *(prose.number(theme.counts[tag]) for tag in prose.KEY_TAGS),
                f"{len(theme.cities)} sur {theme.all_cities}",
            )
            for theme in themes
        ),
        (4.9, 2.3, 1.9, 2.4, 3.1, 2),
    )


def _round_table(table: RoundTable, *, quotes: int, pairs: int) -> Iterator[Block]:
    yield Heading(1, table.label)
    yield Paragraph(table.said)
    for theme in table.themes:
        yield from _theme(theme, quotes=quotes, pairs=pairs)


def _theme(theme: Theme, *, quotes: int, pairs: int) -> Iterator[Block]:
    yield Heading(2, theme.label)
    yield Paragraph(prose.sentence(theme.reach))
    yield Paragraph(theme.size_sentence)
    if theme.total:
        yield Paragraph(sentences.rests_on(theme.evidence), MUTED)
        yield from (Bullet("", sentence) for sentence in theme.contrasts)
        yield _city_grid(theme)
    for tag, picked in theme.quotes.items():
        if picked[:quotes]:
            yield Heading(3, prose.tag_heading(tag, theme.counts[tag]))
            yield from (_verbatim(quote) for quote in picked[:quotes])
    if theme.pairs[:pairs]:
        yield Heading(3, "Un frein ici, une réponse là")
        for pair in theme.pairs[:pairs]:
            yield from _pair(pair)
    if theme.fragile:
        yield Heading(3, "Ce qui est fragile")
        yield from (Bullet("", sentence) for sentence in theme.fragile)


def _city_grid(theme: Theme) -> Grid:
    return Grid(
        "Énoncés du thème, par ville",
        ("Ville", *(prose.tag_heading(tag) for tag in prose.KEY_TAGS)),
        tuple(
            (city, *(prose.number(cells[tag].n) for tag in prose.KEY_TAGS))
            for city, cells in theme.grid.items()
        ),
        (5.4, 2.6, 2.2, 3.2, 3.2),
    )


def _verbatim(quote: Quote, lead: str = "") -> Verbatim:
    return Verbatim(lead, quote.text, quote.source, quote.doubtful)


def _pair(pair: Pair) -> Iterator[Block]:
    for quote in (pair.obstacle, *pair.answers[:1]):
        label = f"{prose.tag_heading(quote.tag, 1)}, {prose.at(quote.city)}{prose.NARROW}:"
        yield _verbatim(quote, label)


def _city(city: City, *, pairs: int) -> Iterator[Block]:
    yield Heading(2, city.city)
    yield Paragraph(city.lead)
    for heading, themes in (
        ("Seule à en parler", city.only_here),
        *((sentences.alone_with(tag), themes) for tag, themes in city.alone),
    ):
        if themes:
            yield Bullet(heading, f"{prose.listing([theme.label for theme in themes])}.")
    for theme, sentence in city.distinct:
        yield Bullet(sentences.heavier(theme.label), sentence)
    yield Heading(3, "Qui pourrait l’aider")
    yield Paragraph(city.needs_said(len(city.needs[:pairs])))
    if city.helpers:
        yield Paragraph(sentences.helpers(city.helpers))
    for pair in city.needs[:pairs]:
        yield from _pair(pair)
    yield Heading(3, "Qui elle pourrait aider")
    yield Paragraph(city.offers_sentence)
    for pair in city.offers[:pairs]:
        yield from _pair(pair)


def _method(digest: Digest) -> Iterator[Block]:
    method = digest.method
    yield Heading(1, "Méthode et couverture")
    yield Paragraph(method.files_sentence)
    yield from (Bullet(path, detail) for path, detail in method.rejected)
    yield Paragraph(method.dates_sentence)
    yield Paragraph(method.checked_sentence)
    yield Paragraph(sentences.HOW_TO_READ)
    yield from (Bullet("", sentence) for sentence in sentences.LIMITS)
    if method.quality:
        yield Grid(
            "Qualité mesurée du classement automatique",
            ("Ce qui est mesuré", "Valeur"),
            method.quality,
            (9.6, 7),
        )
    else:
        yield Paragraph(sentences.NOT_MEASURED)
    yield Paragraph(method.version)
