"""Tests of the digests as a whole, on a small synthetic consultation: three cities, two themes."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

from pipeline import compare, contract, digest, parameters
from pipeline.digests import prose
from pipeline.french import lexicon, slug

SETTINGS = {
    "title": "Concertation d’essai",
    "key_points": 3,
    "chart_themes": 8,
    "quotes_per_tag": 2,
    "obstacles_per_theme": 3,
    "answers_per_obstacle": 2,
    "least_pair_score": 0.4,
    "synthesis_quotes": 1,
    "synthesis_pairs": 1,
    "small_count": 3,
    "max_q_value": 0.1,
    "fragile_stability": 0.5,
}

DOWNLOADS = ("synthese.docx", "synthese.pdf", "restitution.xlsx")
NOTICE = "Corpus de démonstration : villes, personnes et propos sont fictifs."

# city, round table, theme, tag, text
SAID = [
    ("Le Havelin", "TR1", "T1", "frein", "Nous n'avons pas d'équipage la nuit : c'est intenable !"),
    ("Le Havelin", "TR1", "T1", "frein", "La radio ne passe pas dans les parkings."),
    ("Le Havelin", "TR1", "T1", "frein", "Trois postes restent vacants depuis un an."),
    ("Le Havelin", "TR1", "T1", "constat", "Les rodéos reprennent chaque été."),
    ("Le Havelin", "TR4", "T2", "proposition", "Il faudrait un médiateur par quartier."),
    ("Vaubrune", "TR1", "T1", "frein", "Les horaires s'arrêtent à 20h: personne après."),
    ("Vaubrune", "TR1", "T1", "bonne_pratique", "La brigade de soirée a réduit les plaintes."),
    ("Vaubrune", "TR4", "T2", "constat", "Les familles ne connaissent pas la maison des jeunes."),
    ("Vaubrune", "", "", "constat", "Le sujet revient <script>alert(1)</script> & {{7*7}} =cmd()"),
    ("Été-sur-Orne", "TR1", "T1", "proposition", "Mutualiser une patrouille entre communes."),
    ("Été-sur-Orne", "TR1", "T1", "autre", "Je vous remercie et je lève la séance."),
    ("Été-sur-Orne", "TR1", "", "autre", "La séance est ouverte à 18 h."),
]


def tables(said: list[tuple[str, str, str, str, str]] = SAID) -> dict[str, pd.DataFrame]:
    """Return the tables a digest reads, made from (city, round table, theme, tag, text) rows."""
    statements = _statements(said)
    ids = statements["statement_id"]
    tags = pd.DataFrame(
        {"statement_id": ids, "tag": [row[3] for row in said], "second_tag": "", "confidence": 0.8}
        | {f"p_{tag}": 0.2 for tag in contract.TAGS}
        | {"cues": "", "origin": "modele", "review": [n == 1 for n in range(len(said))]}
    )
    assigned = pd.DataFrame(
        {"statement_id": ids, "theme_id": [row[2] for row in said], "score": 0.5}
    )
    themes = _themes(said)
    rows = compare.gather(statements, tags, assigned)
    cities = statements["city"].nunique()
    found = {
        "documents": _documents(statements),
        "rejected": _frame(
            "rejected", [("Vaubrune/vide.pdf", "vide", "Document vide : renvoyez-le.")]
        ),
        "coverage": _coverage(statements),
        "excluded": _frame("excluded", []),
        "statements": statements,
        "tags": tags,
        "themes": themes,
        "statement_themes": assigned,
        "city_theme_tag": compare.compare(
            rows, themes, interval_level=0.95, least_denominator=2, draws=199, seed=1
        ),
        "themes_across_cities": compare.across_cities(
            rows[rows["copy_of"] == ""], themes, cities=cities
        ),
        "matches": _matches(statements, tags),
        "unanswered": _frame("unanswered", []),
        "theme_changes": _frame(
            "theme_changes",
            [(i, label, "new", "", 0, "Thème nouveau.") for i, label in _labels(themes)],
        ),
        "vectors": _frame("vectors", [(i, [1.0, n / 10]) for n, i in enumerate(ids)]),
    }
    return {name: contract.check(name, frame) for name, frame in found.items()}


def _labels(themes: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(themes["theme_id"], themes["label"], strict=True))


def _frame(name: str, rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(contract.TABLES[name].columns))


def _statements(said: list[tuple[str, str, str, str, str]]) -> pd.DataFrame:
    return _frame(
        "statements",
        [
            (
                *(f"{city.lower()[:3]}:{n}-{n + 9}", f"doc-{city}", f"{city}/compte rendu.docx"),
                *(
                    city,
                    "2024-03-01" if n % 2 else "",
                    table,
                    "Mme Secret",
                    "élue" if n % 3 else "",
                ),
                *("Bilan", "", f"paragraphe {n + 1}", n + 1, "paragraph", text, ""),
            )
            for n, (city, table, _, _, text) in enumerate(said)
        ],
    )


def _documents(statements: pd.DataFrame) -> pd.DataFrame:
    counts = statements.groupby(["doc_id", "path", "city"]).size()
    columns = contract.TABLES["documents"].columns
    shared = {"date": "2024-03-01", "format": "docx", "sha256": "00", "title": "Titre"}
    empty = {name: "" for name, kind in columns.items() if kind == "str"}
    documents = counts.rename("statements").reset_index()
    documents = documents.assign(characters=100, **(empty | shared | {"notice": NOTICE}))
    documents[["doc_id", "path", "city"]] = list(counts.index)
    return documents[list(columns)]


def _coverage(statements: pd.DataFrame) -> pd.DataFrame:
    documents = statements[["doc_id", "path", "city"]].drop_duplicates()
    return _frame(
        "coverage",
        [(*row, 100, 80, 20, 0, 0, 0, 0, "Le reste.") for row in documents.itertuples(index=False)],
    )


def _themes(said: list[tuple[str, str, str, str, str]]) -> pd.DataFrame:
    ids = sorted({row[2] for row in said} - {""})
    return _frame(
        "themes",
        [(i, f"Présence & nuit {i}", "nuit; équipage", 3, 0.8, "new", "TR1") for i in ids],
    )


def _matches(statements: pd.DataFrame, tags: pd.DataFrame) -> pd.DataFrame:
    city = statements.set_index("statement_id")["city"]
    tag = tags.set_index("statement_id")["tag"]
    rows = []
    for obstacle in tag.index[tag == "frein"]:
        answers = [i for i in tag.index[tag.isin(prose.ANSWER_TAGS)] if city[i] != city[obstacle]]
        rows += [
            (obstacle, answer, rank, 0.5, tag[answer], city[obstacle], city[answer])
            for rank, answer in enumerate(answers, start=1)
        ]
    return _frame("matches", rows)


def render(said: list = SAID, metrics: dict | None = None, **changes: object) -> dict[str, str]:
    """Return the HTML pages of a corpus, as text."""
    written = digest.digest(tables(said), metrics or {}, **{**SETTINGS, **changes})
    return {name: data.decode() for name, data in written.items() if name.endswith(".html")}


class Page(HTMLParser):
    """What a reader meets in a page: ids, links, headings, visible text, tags used."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.ids, self.links, self.headings, self.tags, self.text = [], [], [], [], []
        self._hidden = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Collect a tag with its id and link."""
        found = dict(attrs)
        self.tags.append(tag)
        self._hidden = tag in ("style", "code")
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        """Leave the style sheet or the code."""
        self._hidden = self._hidden and tag not in ("style", "code")

    def handle_data(self, data: str) -> None:
        """Collect visible text."""
        if not self._hidden:
            self.text.append(data)


THREE = [("A", "", "", "frein", "Un frein."), ("A", "", "", "constat", "Un constat."),
         ("A", "", "", "autre", "Merci.")]  # fmt: skip
CORPORA = {
    "three cities": SAID,
    "one city": [row for row in SAID if row[0] == "Vaubrune"],
    "no obstacle": [row for row in SAID if row[3] != "frein"],
    "a theme of one statement": [*SAID, ("Vaubrune", "TR4", "T3", "frein", "Seul.")],
    "a theme of hors-champ only": [*SAID, ("Vaubrune", "TR4", "T3", "autre", "Merci à tous.")],
    "three statements, no theme": THREE,
    "nothing that informs": [("A", "", "", "autre", "Merci.")],
    "long words": [("V" * 60, "TR9", "T1", "frein", "x" * 400)],
}


@pytest.fixture(scope="module", params=CORPORA, ids=CORPORA)
def pages(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the pages of each corner case."""
    return render(CORPORA[request.param])


def test_every_link_leads_somewhere(pages):
    """Each internal link of each page reaches a page and an anchor that exist."""
    ids = {name: Page(source).ids for name, source in pages.items()}
    for name, source in pages.items():
        assert len(ids[name]) == len(set(ids[name])), name
        for link in Page(source).links:
            target, _, anchor = link.partition("#")
            folder = name.rpartition("/")[0]
            target = re.sub(r"^[^/]+/\.\./", "", f"{folder}/{target}" if folder else target)
            target = target if link.partition("#")[0] else name
            assert target in pages or target in DOWNLOADS, (name, link)
            filtered = target == "explorer.html" and "=" in anchor
            assert not anchor or filtered or anchor in ids[target], (name, link)


def test_pages_are_self_contained(pages):
    """No page loads or sends anything: no address, a closed security policy; no script but the
    explorer's own.
    """
    for name, source in pages.items():
        assert "default-src 'none'" in source
        assert "unsafe" not in source
        active = set() if name == "explorer.html" else {"script", "form"}
        assert not ({"link", "img", "iframe"} | active) & set(Page(source).tags)
        assert not re.search(r"(src|href)=\"(https?:)?//|@import|url\(| style=", source)


def test_headings_keep_their_order(pages):
    """One h1 first, and no level jumped, as RGAA 9.1 asks."""
    for name, source in pages.items():
        levels = Page(source).headings
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_sentences_agree_and_nothing_is_cut(pages):
    """No « 1 freins », no « 0 freins », no cut text, no unspaced or wide French punctuation."""
    for source in pages.values():
        source = re.sub(r"<script.*?</script>", "", source, flags=re.DOTALL)
        text = " ".join(Page(source).text)
        assert not re.search(r"(?<![\d,\u202f])[01] (\w+s\b(?<!sur)(?<!les))", text), text
        assert "…" not in text
        assert not re.search(r"[ \u00a0][;!?»]| : |« ", text)
        assert not re.search(r"\b(nan|None|NaN)\b", text)


def test_speakers_are_never_named(pages):
    """Roles may be shown, names never."""
    assert all("Secret" not in source for source in pages.values())


def test_statements_stay_data():
    """Markup, templates and formulas in a statement are shown as they were said."""
    source = render()["methode.html"]
    assert "<script>" not in source
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{7*7}} =cmd()" in source


def test_a_hostile_statement_is_inert_on_every_page():
    """Quoted on a theme, a city and in the explorer, it neither runs nor turns the text around."""
    hostile = "<img src=x onerror=alert(1)> </script><script>alert(2)</script> \u202e {{7*7}} #x"
    pages = render([*SAID, ("Vaubrune", "TR1", "T1", "frein", hostile)], quotes_per_tag=9)
    quoted = [name for name, source in pages.items() if "{{7*7}} #x" in source]
    assert {"themes/T1.html", "cities/vaubrune.html"} <= set(quoted)
    for name, source in pages.items():
        assert "<img" not in source, name
        assert "<script>alert" not in source, name
        assert "\u202e" not in source, name


def test_numbers_meet_their_statements():
    """A theme's count of a tag is the number of statements listed under it."""
    page = render()["themes/T1.html"]
    listed = page[page.index("Tous les énoncés du thème") :]
    obstacles = re.search(r'<h3 id="liste-frein">.*?<h3 id', listed, re.DOTALL)[0]
    assert obstacles.count('<li id="s-') == 4
    assert '<a href="#liste-frein">4</a>' in page
    assert '<a href="#liste-frein-2">3</a> sur 3' in page


def test_hors_champ_is_neither_quoted_nor_counted():
    """« autre » appears in the lists only, marked as not counted."""
    page = render()["themes/T1.html"]
    before, after = page.split("Tous les énoncés du thème")
    assert "je lève la séance" not in before
    assert "je lève la séance" in after.partition("(non comptés)")[2]
    assert "7 énoncés, soit 70\u202f% des 10 énoncés comptés" in page


def test_copies_count_once():
    """A statement that another city's file repeats is counted once in national numbers."""
    made = tables([*SAID, ("Vaubrune", "TR1", "T1", "frein", SAID[1][4])])
    copy = made["statements"]["position"] == len(SAID) + 1
    made["statements"].loc[copy, "copy_of"] = "le :1-10"
    across = made["themes_across_cities"]
    across.loc[(across["theme_id"] == "T1") & (across["tag"] == "frein"), "n"] = 4
    page = digest.digest(made, {}, **SETTINGS)["themes/T1.html"].decode()
    assert "7 énoncés, soit 70\u202f% des 10 énoncés comptés" in page
    assert "compté une fois" in page


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({}, "n’a pas encore été mesurée"),
        ({"autre": 1}, "n’a pas encore été mesurée"),
        ({"tagger": {"macro_f1": 0.618}}, "0,62"),
        (
            {"tagger": {"macro_f1": 0.6, "macro_f1_low": 0.5, "macro_f1_high": 0.7}},
            "0,60 (intervalle à 95\u202f%\u202f: 0,50 à 0,70)",
        ),
        ({"tagger": {"f1": {"frein": {"f1": 0.7, "low": 0.6, "high": 0.8}}}}, "0,70 (intervalle"),
        (
            {"tagger": {"baselines": {"tfidf_logistic_regression": 0.31}}},
            "une méthode simple, qui ne regarde que les mots (F-mesure)",
        ),
        ({"tagger": {"accuracy": 0.62}}, "62\u202f%"),
    ],
)
def test_quality_is_told_as_measured(metrics, expected):
    """The method page shows the figures metrics.json holds, and says when there are none."""
    assert expected in render(metrics=metrics)["methode.html"]


def test_no_raw_name_of_a_figure_or_setting_is_shown():
    """What has no French label is left out of the method page, never shown raw."""
    metrics = {"tagger": {"macro_f1": 0.6, "baselines": {"tfidf_x": 0.5}, "new_figure": 0.1}}
    text = " ".join(Page(render(metrics=metrics)["methode.html"]).text)
    assert not re.search(r"\b[a-z0-9]+_[a-z_0-9]+\b", text)


def test_every_setting_has_its_french_label():
    """A new setting must be named for readers too."""
    named = {row["name"] for row in lexicon("setting_labels")}
    assert named == set(SETTINGS) - {"title"}


def test_notice_heads_every_page_unless_empty():
    """The cities' notice is on each page, once; without one there is no trace of it."""
    assert all("sont fictifs" in page for page in render().values())
    quiet = tables()
    quiet["documents"] = quiet["documents"].assign(notice="")
    written = digest.digest(quiet, {}, **SETTINGS)
    assert all(b'class="notice"' not in page for page in written.values())


def test_same_inputs_same_bytes():
    """Two runs write the same bytes, in every format."""
    assert digest.digest(tables(), {}, **SETTINGS) == digest.digest(tables(), {}, **SETTINGS)


def test_parameters_match_params_yaml():
    """params.yaml holds every setting of the stage, within bounds."""
    assert set(parameters.params("digest", digest.digest)) == set(SETTINGS)


def test_a_city_named_in_the_column_of_another_has_its_page():
    """A file sent by one city gives statements to another: both have a page, and the file."""
    found = tables()
    documents = found["documents"]
    documents["city"] = documents["city"].replace("Été-sur-Orne", "Vaubrune")
    pages = digest.digest(found, {}, **SETTINGS)
    page = pages["cities/ete-sur-orne.html"].decode()
    assert "Été-sur-Orne/compte rendu.docx" in page
    assert "cities/ete-sur-orne.html" in pages["index.html"].decode()


def test_an_obstacle_nobody_answers_is_named():
    """The pages of its theme and city name it, in the commission's words, with its source."""
    found = tables()
    obstacle = found["statements"][found["tags"]["tag"] == "frein"].iloc[0]
    row = (obstacle["statement_id"], obstacle["city"], "T1", 0.05, "Aucune réponse.")
    found["matches"] = found["matches"].iloc[:0]
    found["unanswered"] = pd.DataFrame([row], columns=found["unanswered"].columns)
    pages = digest.digest(found, {}, **SETTINGS)
    theme_id = found["statement_themes"].set_index("statement_id")["theme_id"][row[0]]
    named = [
        name for name in pages if name.endswith(".html") and b"Sans r\xc3\xa9ponse" in pages[name]
    ]
    assert named == [f"themes/{theme_id}.html", f"cities/{slug(obstacle['city'])}.html"]
    for name in named:
        text = " ".join(Page(pages[name].decode()).text)
        assert "Aucune réponse trouvée dans une autre ville pour 1 frein" in text
        assert prose.quoted(obstacle["text"]) in text


def test_what_changed_in_themes_is_on_the_page_of_method():
    """A first run says how many themes; the next which are new, split, merged or gone, and why."""
    first = " ".join(Page(render()["methode.html"]).text)
    assert "2 thèmes, trouvés pour la première fois." in first
    found = tables()
    rows = [
        ("T1", "Présence", "kept", "T1", 3, "Même thème."),
        ("T2", "Nuit", "merged", "T2 T9", 2, "A reçu la moitié ou plus de « Bars »."),
        ("T9", "Bars", "retired", "T9", 0, "N'est plus trouvé."),
    ]
    found["theme_changes"] = pd.DataFrame(rows, columns=found["theme_changes"].columns)
    page = digest.digest(found, {}, **SETTINGS)["methode.html"].decode()
    text = " ".join(Page(page).text)
    assert "1 thème inchangé, 1 partagé ou réuni et 1 disparu depuis" in text
    assert "A reçu la moitié ou plus de" in text
    assert "Même thème." not in text
