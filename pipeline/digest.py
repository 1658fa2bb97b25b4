"""What the commission reads: pages, a Word document, a PDF, a workbook, every number traced.

The stage assembles one plain content (`restitution.py`) and renders it; the pages need no server
and no network, and open from a USB key.
"""

import base64
import hashlib
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.contract import INTERIM, PROCESSED, UserError, read, replace, run
from pipeline.digests import (  # fmt: skip
    charts,
    explorer,
    pdf_document,
    prose,
    restitution_sheets,
    sentences,
    synthesis,
    word,
)
from pipeline.digests.content import Theme
from pipeline.digests.restitution import Digest, assemble
from pipeline.french import lexicon
from pipeline.parameters import Between, params

TEMPLATES = Path(__file__).parent / "templates"
DIGESTS = PROCESSED / "digests"
METRICS = PROCESSED / "metrics.json"
SUMMARY = INTERIM / "digest_summary.json"
# What makes the pages what they are; a change elsewhere makes no other version.
_MADE_BY = ("pipeline", "params.yaml", "dvc.yaml")


def digest(
    tables: Mapping[str, pd.DataFrame],
    metrics: Mapping[str, Any],
    kept: Mapping[str, Any] | None = None,
    commit: str = "",
    *,
    title: str,
    key_points: Annotated[int, Between(1, 20)],
    chart_themes: Annotated[int, Between(2, 30)],
    quotes_per_tag: Annotated[int, Between(1, 50)],
    obstacles_per_theme: Annotated[int, Between(0, 50)],
    answers_per_obstacle: Annotated[int, Between(1, 3)],
    least_pair_score: Annotated[float, Between(0, 1)],
    synthesis_quotes: Annotated[int, Between(0, 50)],
    synthesis_pairs: Annotated[int, Between(0, 50)],
    small_count: Annotated[int, Between(1, 100)],
    max_q_value: Annotated[float, Between(0, 1)],
    fragile_stability: Annotated[float, Between(0, 1)],
) -> dict[str, bytes]:
    """Return the digests, name → bytes: the pages, `explorer.html`, `synthese.docx`,
    `synthese.pdf`, `restitution.xlsx`, and `summary.json`, what the next run is compared with.

    `tables` holds the tables `main` reads, by name; `metrics` what evaluation measured, if it ran;
    `kept` the summary an earlier run left; `commit` the state of the project's source. The same
    inputs give the same bytes.
    """
    settings = {
        "title": title,
        "key_points": key_points,
        "chart_themes": chart_themes,
        "quotes_per_tag": quotes_per_tag,
        "obstacles_per_theme": obstacles_per_theme,
        "answers_per_obstacle": answers_per_obstacle,
        "least_pair_score": least_pair_score,
        "synthesis_quotes": synthesis_quotes,
        "synthesis_pairs": synthesis_pairs,
        "small_count": small_count,
        "max_q_value": max_q_value,
        "fragile_stability": fragile_stability,
    }
    tables = {name: _french_names(table) for name, table in tables.items()}
    whole = assemble(tables, metrics, settings, kept, commit)
    printed = synthesis.blocks(
        whole, quotes=synthesis_quotes, pairs=synthesis_pairs, chart_themes=chart_themes
    )
    return {
        **pages(whole, small_count=small_count, chart_themes=chart_themes),
        "explorer.html": explorer.page(tables, environment(), digest=whole),
        "synthese.docx": word.document(whole.title, whole.notice, printed),
        "synthese.pdf": pdf_document.document(whole.title, printed),
        "restitution.xlsx": restitution_sheets.workbook(whole, tables),
        "summary.json": json.dumps(whole.summary, ensure_ascii=False, indent=1).encode(),
    }


def _french_names(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose city names have the curved apostrophe of every other French word."""
    named = [column for column in ("city", "obstacle_city", "answer_city") if column in table]
    return table.assign(**{column: table[column].map(prose.name) for column in named})


def pages(digest: Digest, *, small_count: int, chart_themes: int) -> dict[str, bytes]:
    """Return the HTML pages, name → UTF-8 bytes."""
    renderer = environment()
    slug_of = {city.city: city.slug for city in digest.cities}
    shared = {
        "digest": digest,
        "tags": prose.KEY_TAGS,
        "small_count": small_count,
        "slug_of": slug_of,
        "city_index": {city: index for index, city in enumerate(slug_of, start=1)},
    }
    rendered = {
        "index.html": renderer.get_template("index.html.j2").render(
            **shared,
            root="",
            page="index.html",
            how_to_read=sentences.HOW_TO_READ,
            chart=_theme_chart(digest.themes, chart_themes),
        ),
        "methode.html": renderer.get_template("methode.html.j2").render(
            **shared,
            root="",
            page="methode.html",
            limits=sentences.LIMITS,
            not_measured=sentences.NOT_MEASURED,
            kept=sentences.KEPT,
            tables=[row["id"] for row in lexicon("round_table_labels")],
            unthemed_sentence=sentences.without_theme(
                len(digest.unthemed), sum(quote.tag == "autre" for quote in digest.unthemed)
            ),
        ),
    }
    template = renderer.get_template("theme.html.j2")
    for theme in digest.themes:
        rendered[f"themes/{theme.theme_id}.html"] = template.render(
            **shared, root="../", page="", theme=theme, **_city_chart(theme)
        )
    template = renderer.get_template("city.html.j2")
    for city in digest.cities:
        rendered[f"cities/{city.slug}.html"] = template.render(
            **shared, root="../", page="", city=city
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
        de_la_ville=prose.of,
        compte=prose.count,
    )
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    renderer.globals.update(style=Markup(style), style_hash=Markup(f"sha256-{digest}"))  # noqa: S704
    return renderer


def _theme_chart(themes: tuple[Theme, ...], limit: int) -> dict[str, Any]:
    chart = synthesis.theme_chart(themes, limit)
    if not chart:
        return {}
    drawn, title, shown = chart
    return {"drawn": Markup(drawn), "title": title, "themes": shown}  # noqa: S704


def _city_chart(theme: Theme) -> dict[str, Any]:
    """Return the city × tag chart, or none when a table alone says it as well."""
    if not theme.finding.title:
        return {"chart": "", "chart_title": ""}
    rows = [
        (city, {tag: (cell.n, cell.share) for tag, cell in cells.items()})
        for city, cells in theme.grid.items()
    ]
    columns = {tag: prose.tag_heading(tag) for tag in prose.KEY_TAGS}
    drawn = charts.heat(
        rows,
        columns,
        name="villes",
        title=theme.finding.title,
        description=sentences.CHART_DESCRIPTION,
    )
    return {"chart": Markup(drawn), "chart_title": theme.finding.title}  # noqa: S704  charts escape


def read_json(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds, nothing when there is none: a stage that has not run."""
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise UserError(
            f"{path} n’est pas lisible : supprimez-le et relancez « make repro »."
        ) from None
    return found if isinstance(found, dict) else {}


def source_state() -> str:
    """Return the last commit that changed what makes the digests, with its date, in French.

    Empty without git or outside a repository; says so when files were changed since.
    """
    log = _git("log", "-1", "--format=%h %cs", "--", *_MADE_BY)
    if not log:
        return ""
    name, day = log.split()
    changed = ", modifié depuis" if _git("status", "--porcelain", "--", *_MADE_BY) else ""
    return f"{name} du {prose.date(day)}{changed}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  fixed arguments
            ["git", *arguments],  # noqa: S607  git is where the user has it
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def main() -> None:
    """Write `data/processed/digests/`, remove pages of themes and cities that no longer exist,
    and keep the summary the next run is compared with.
    """
    tables = {
        "documents": read("documents"),
        "rejected": read("rejected"),
        "coverage": read("coverage"),
        "excluded": read("excluded"),
        "statements": read("statements"),
        "tags": read("tags"),
        "themes": read("themes"),
        "statement_themes": read("statement_themes"),
        "city_theme_tag": read("city_theme_tag"),
        "themes_across_cities": read("themes_across_cities"),
        "matches": read("matches"),
        "unanswered": read("unanswered"),
        "theme_changes": read("theme_changes"),
        "vectors": read("vectors"),
    }
    settings = params("digest", digest)
    written = digest(tables, read_json(METRICS), read_json(SUMMARY), source_state(), **settings)
    summary = written.pop("summary.json")
    for name, data in written.items():
        replace(DIGESTS / name, lambda path, data=data: path.write_bytes(data))
    for folder in ("themes", "cities"):
        for page in sorted((DIGESTS / folder).glob("*.html")):
            if f"{folder}/{page.name}" not in written:
                page.unlink()
    replace(SUMMARY, lambda path: path.write_bytes(summary))


if __name__ == "__main__":
    run(main)
