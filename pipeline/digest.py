"""What the commission reads: HTML pages and a Word document, each number traced to its statements.

The stage assembles one plain content (`content.py`, `method.py`) and renders it; the pages need
no server, no network and no script, and open from a USB key.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from tqdm import tqdm

from pipeline import charts, content, explorer, prose, quotes, word
from pipeline.contract import PROCESSED, Between, UserError, params, read, replace, run
from pipeline.french import fold
from pipeline.method import method

TEMPLATES = Path(__file__).parent / "templates"
DIGESTS = PROCESSED / "digests"
METRICS = PROCESSED / "metrics.json"
PER_THEME = (
    "quotes_per_tag", "obstacles_per_theme", "answers_per_obstacle", "small_count", "max_q_value",
)  # fmt: skip


def digest(
    tables: Mapping[str, pd.DataFrame],
    metrics: Mapping[str, Any],
    *,
    title: str,
    key_points: Annotated[int, Between(1, 20)],
    quotes_per_tag: Annotated[int, Between(1, 50)],
    obstacles_per_theme: Annotated[int, Between(0, 50)],
    answers_per_obstacle: Annotated[int, Between(1, 3)],
    synthesis_quotes: Annotated[int, Between(0, 50)],
    synthesis_pairs: Annotated[int, Between(0, 50)],
    small_count: Annotated[int, Between(1, 100)],
    max_q_value: Annotated[float, Between(0, 1)],
) -> dict[str, bytes]:
    """Return the digests, name → bytes: `index.html`, `themes/<theme_id>.html`, `methode.html`,
    `explorer.html` and `synthese.docx`.

    `tables` holds the tables `main` reads, by name; `metrics` what evaluation measured, if it ran.
    The same inputs give the same bytes.
    """
    settings = {
        "title": title,
        "key_points": key_points,
        "quotes_per_tag": quotes_per_tag,
        "obstacles_per_theme": obstacles_per_theme,
        "answers_per_obstacle": answers_per_obstacle,
        "synthesis_quotes": synthesis_quotes,
        "synthesis_pairs": synthesis_pairs,
        "small_count": small_count,
        "max_q_value": max_q_value,
    }
    whole = assemble(tables, metrics, settings)
    synthesis = word.document(whole, quotes=synthesis_quotes, pairs=synthesis_pairs)
    return {
        **pages(whole, small_count=small_count),
        "explorer.html": explorer.page(tables, environment(), digest=whole),
        "synthese.docx": synthesis,
    }


def assemble(
    tables: Mapping[str, pd.DataFrame], metrics: Mapping[str, Any], settings: Mapping[str, Any]
) -> content.Digest:
    """Return the content of the digests as plain data, before any format."""
    per_theme = {name: settings[name] for name in PER_THEME}
    facts = quotes.facts(tables["statements"], tables["tags"], tables["statement_themes"])
    by_id = quotes.quotes(facts)
    counted = content.informing(facts)
    cities = sorted(facts["city"].unique(), key=fold)
    themes = [
        content.theme(row, facts, by_id, tables, cities=cities, total=len(counted), **per_theme)
        for row in tqdm(list(tables["themes"].itertuples()), desc="Thèmes", disable=None)
    ]
    themes.sort(key=lambda theme: (-theme.total, theme.theme_id))
    round_tables = content.round_tables(facts, themes)
    named = facts.loc[facts["round_table"] != "", "round_table"].nunique()
    aside, copies = facts["tag"] == "autre", (facts["copy_of"] != "") & (facts["tag"] != "autre")
    return content.Digest(
        title=prose.typeset(settings["title"]),
        notice=prose.typeset(" ".join(sorted(set(tables["documents"]["notice"]) - {""}))),
        coverage=(
            prose.coverage(len(tables["documents"]), cities, named, len(facts)),
            prose.informative(len(counted), int(aside.sum()), int(copies.sum())),
        ),
        key_points=content.key_points(
            themes, limit=settings["key_points"], small_count=settings["small_count"]
        ),
        round_tables=round_tables,
        themes=tuple(themes),
        cities=content.by_city(facts, tables["documents"]),
        unthemed=tuple(by_id[i] for i in facts.loc[facts["theme_id"] == "", "statement_id"]),
        method=method(tables["documents"], tables["rejected"], facts, metrics, settings),
    )


def pages(digest: content.Digest, *, small_count: int) -> dict[str, bytes]:
    """Return the HTML pages, name → UTF-8 bytes."""
    renderer = environment()
    shared = {"digest": digest, "tags": prose.KEY_TAGS, "small_count": small_count}
    themes_template = renderer.get_template("theme.html.j2")
    city_index = {city.city: index for index, city in enumerate(digest.cities, start=1)}
    rendered = {
        "index.html": renderer.get_template("index.html.j2").render(
            **shared,
            root="",
            page="index.html",
            how_to_read=prose.HOW_TO_READ,
            **_theme_chart(digest.themes),
        ),
        "methode.html": renderer.get_template("methode.html.j2").render(
            **shared,
            root="",
            page="methode.html",
            limits=prose.LIMITS,
            unthemed_sentence=prose.without_theme(
                len(digest.unthemed), sum(quote.tag == "autre" for quote in digest.unthemed)
            ),
        ),
    }
    for theme in digest.themes:
        rendered[f"themes/{theme.theme_id}.html"] = themes_template.render(
            **shared,
            root="../",
            page="",
            theme=theme,
            city_index=city_index,
            **_city_chart(theme),
        )
    return {name: text.encode() for name, text in rendered.items()}


def environment() -> Environment:
    """Return what renders the pages: templates, French filters, the one style sheet."""
    renderer = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    renderer.filters.update(
        nombre=prose.number,
        pourcent=prose.percent,
        intervalle=lambda cell: prose.between(cell.low, cell.high),
        categorie=lambda tag, n: prose.tag_heading(tag, n),
        nom=lambda tag, n: prose.count_tag(n, tag).split(" ", 1)[1],
        definition=lambda tag: prose.typeset(prose.tag_label(tag)["definition"]),
        table_ronde=prose.round_table,
        phrase=prose.sentence,
        a_la_ville=prose.at,
    )
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    renderer.globals.update(style=Markup(style), style_hash=Markup(f"sha256-{digest}"))  # noqa: S704
    return renderer


def _theme_chart(themes: tuple[content.Theme, ...]) -> dict[str, Any]:
    if not themes:
        return {"chart": "", "chart_title": ""}
    title = prose.theme_chart_title([(t.label, t.counts["frein"]) for t in themes])
    return _chart(charts.bars, [(t.label, t.counts) for t in themes], "themes", title)


def _city_chart(theme: content.Theme) -> dict[str, Any]:
    rows = [
        (city, {tag: (cell.n, cell.share) for tag, cell in cells.items()})
        for city, cells in theme.grid.items()
    ]
    title = theme.finding or prose.capital(theme.reach)
    return _chart(charts.heat, rows, "villes", title)


def _chart(draw: Callable[..., str], rows: list, name: str, title: str) -> dict[str, Any]:
    columns = {tag: prose.tag_heading(tag) for tag in prose.KEY_TAGS}
    drawn = draw(rows, columns, name=name, title=title, description=prose.CHART_DESCRIPTION)
    return {"chart": Markup(drawn), "chart_title": title}  # noqa: S704  charts escape their texts


def read_metrics(path: Path) -> dict[str, Any]:
    """Return the measured quality, or nothing when evaluation has not run."""
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise UserError(
            f"{path} n’est pas lisible : supprimez-le et relancez « make repro »."
        ) from None
    return found if isinstance(found, dict) else {}


def main() -> None:
    """Write `data/processed/digests/` and remove the pages of themes that no longer exist."""
    tables = {
        "documents": read("documents"),
        "rejected": read("rejected"),
        "statements": read("statements"),
        "tags": read("tags"),
        "themes": read("themes"),
        "statement_themes": read("statement_themes"),
        "city_theme_tag": read("city_theme_tag"),
        "themes_across_cities": read("themes_across_cities"),
        "matches": read("matches"),
        "vectors": read("vectors"),
    }
    written = digest(tables, read_metrics(METRICS), **params("digest", digest))
    for name, data in written.items():
        replace(DIGESTS / name, lambda path, data=data: path.write_bytes(data))
    for page in sorted((DIGESTS / "themes").glob("*.html")):
        if f"themes/{page.name}" not in written:
            page.unlink()


if __name__ == "__main__":
    run(main)
