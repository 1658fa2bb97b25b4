"""The pages in a real Chromium, as a reader uses them: filter, search, follow, print, keyboard.

Skipped, and said so, where Chromium and its driver are not installed (Debian: chromium and
chromium-driver).
"""

import base64
import csv
import importlib.resources
import io
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from test_digest import SETTINGS, tables

from pipeline import digest
from pipeline.digests import explorer

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER),
        reason="Chromium et chromedriver ne sont pas installés : pages non essayées",
    ),
]
QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=fr-FR",
)  # fmt: skip
AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
MANY = 5000
WORDS = (
    "agent",
    "brigade",
    "préfet",
    "médiateur",
    "nuit",
    "été",
    "école",
    "cœur",
    "élu",
    "plainte",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A headless Chromium that downloads into a folder of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in QUIET:
        options.add_argument(argument)
    folder = tmp_path_factory.mktemp("downloads")
    options.add_experimental_option("prefs", {"download.default_directory": str(folder)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.downloads = folder
    yield driver
    driver.quit()


def write_pages(folder: Path, found: dict[str, pd.DataFrame]) -> Path:
    for name, data in digest.digest(found, {}, **SETTINGS).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the small consultation of test_digest, in a folder."""
    return write_pages(tmp_path_factory.mktemp("pages"), tables())


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The explorer of a consultation of 5,000 statements, in a folder."""
    draw = np.random.default_rng(1)
    folder = tmp_path_factory.mktemp("many")
    few = tables()
    said = few["statements"].sample(MANY, replace=True, random_state=1, ignore_index=True)
    said["statement_id"] = [f"doc:{n:05}" for n in range(MANY)]
    said["text"] = [" ".join(draw.choice(WORDS, 18)) + f" {n}." for n in range(MANY)]
    ids = said[["statement_id"]]
    drawn = few["tags"].sample(MANY, replace=True, random_state=2, ignore_index=True)
    themes = draw.choice(["T1", "T2", ""], MANY)
    found = few | {
        "statements": said,
        "tags": drawn.assign(**ids),
        "statement_themes": ids.assign(theme_id=themes, score=0.5),
        "vectors": ids.assign(vector=[[draw.random(), 1.0] for _ in range(MANY)]),
        "matches": few["matches"].iloc[:0],
    }
    whole = digest.assemble(few, {}, SETTINGS)
    page = explorer.page(found, digest.environment(), digest=whole)
    (folder / "explorer.html").write_bytes(page)
    return folder


@pytest.fixture
def explore(browser: webdriver.Chrome, pages: Path) -> Callable[[str], webdriver.Chrome]:
    """Open the explorer at a fragment, wide enough for its filters to show."""

    def open_at(fragment: str = "", folder: Path = pages) -> webdriver.Chrome:
        browser.set_window_size(1280, 1000)
        browser.get("about:blank")
        browser.get(f"{(folder / 'explorer.html').as_uri()}{fragment}")
        return browser

    return open_at


def shown(browser: webdriver.Chrome) -> list[str]:
    quotes = browser.find_elements(By.CSS_SELECTOR, "#list blockquote")
    return [quote.text for quote in quotes]


def named(browser: webdriver.Chrome, text: str, inside: str = "button") -> WebElement:
    found = browser.find_elements(By.XPATH, f"//{inside}[contains(normalize-space(.), '{text}')]")
    return next(element for element in found if element.is_displayed())


def choose(browser: webdriver.Chrome, label: str) -> None:
    named(browser, label, "label").find_element(By.TAG_NAME, "input").click()


def test_all_that_informs_shows_first(explore) -> None:
    """Without any filter: every statement but the hors-champ, and where they come from."""
    browser = explore()
    summary = browser.find_element(By.ID, "summary").text
    assert summary.startswith("10 énoncés sur 12, dans 3 villes sur 3")
    assert len(shown(browser)) == 10
    assert browser.get_log("browser") == []


def test_filters_narrow_together_and_are_undone_at_once(explore) -> None:
    """A nature and a city: what bears both, with the count announced; reset brings all back."""
    browser = explore()
    choose(browser, "Freins")
    choose(browser, "Vaubrune")
    assert shown(browser) == ["«\u202fLes horaires s'arrêtent à 20h\u202f: personne après.\u202f»"]
    assert "1 énoncé sur 12" in browser.find_element(By.ID, "summary").text
    browser.find_element(By.ID, "reset").click()
    assert len(shown(browser)) == 10
    assert browser.switch_to.active_element.get_attribute("id") == "q"


@pytest.mark.parametrize(
    ("typed", "found"),
    [("equipage", 1), ("ÉQUIPAGE nuit", 1), ('"la nuit"', 1), ('"nuit la"', 0), ("<script>", 1),
     ("{{7*7}}", 1), ("=cmd()", 1), ("introuvable", 0)],
)  # fmt: skip
def test_search_ignores_accents_and_takes_anything(explore, typed: str, found: int) -> None:
    """Accents and case do not count; quoted words must follow each other; no sign breaks it."""
    browser = explore()
    browser.find_element(By.ID, "q").send_keys(typed)
    assert len(shown(browser)) == found
    if found:
        assert browser.find_elements(By.TAG_NAME, "mark")


def test_a_number_leads_to_its_statements_and_back(explore) -> None:
    """In the table, a cell opens the statements it counts; the browser's back button returns."""
    browser = explore("#vue=tableau")
    cells = browser.find_elements(By.CSS_SELECTOR, "#heat tbody td button")
    value = int(cells[0].text.split()[0])
    cells[0].click()
    assert len(shown(browser)) == value
    browser.back()
    WebDriverWait(browser, 5).until(lambda b: b.find_element(By.ID, "view-tableau").is_displayed())


def test_the_map_and_its_list_open_a_theme(explore) -> None:
    """A disc on the map is a theme; its name in the list opens the same statements."""
    browser = explore("#vue=carte")
    discs = browser.find_elements(By.CSS_SELECTOR, "#map circle")
    names = browser.find_elements(By.CSS_SELECTOR, "#legend button")
    assert len(discs) == len(names) == 2
    names[0].click()
    assert "theme=T1" in browser.current_url
    assert len(shown(browser)) == 7


def test_context_shows_neighbours_reasons_and_answers(explore) -> None:
    """A statement opens on what surrounds it, why it was tagged so, and what answers it."""
    browser = explore("#nature=frein&ville=Le+Havelin")
    more = named(browser, "Contexte")
    more.click()
    assert more.get_attribute("aria-expanded") == "true"
    panel = browser.find_element(By.CSS_SELECTOR, ".context").text
    assert "Intertitre\u202f: Bilan" in panel
    assert "La radio ne passe pas dans les parkings." in panel
    assert "Selon le modèle" in panel
    more.click()
    assert not browser.find_elements(By.CSS_SELECTOR, ".context")


def test_a_view_is_shared_by_its_address(explore) -> None:
    """Opening the address of a filtered view gives the same view."""
    browser = explore()
    choose(browser, "Propositions")
    browser.find_element(By.ID, "q").send_keys("patrouille")
    address, before = browser.current_url, shown(browser)
    browser.get("about:blank")
    browser.get(address)
    assert shown(browser) == before
    assert len(before) == 1
    assert browser.find_element(By.ID, "q").get_attribute("value") == "patrouille"


@pytest.mark.parametrize("fragment", ["#vue=nulle&theme=x&confiance=abc", "#%%%", "#nature=frein%"])
def test_a_broken_address_shows_something(explore, fragment: str) -> None:
    """An address cut in a message opens the page all the same."""
    browser = explore(fragment)
    assert browser.find_element(By.ID, "summary").text
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_selection_is_exported_without_any_live_formula(explore) -> None:
    """The CSV holds the selection, its sources, and no cell a spreadsheet would run."""
    browser = explore("#q=rodéos")
    for old in browser.downloads.glob("*"):
        old.unlink()
    browser.find_element(By.ID, "export").click()
    WebDriverWait(browser, 10).until(lambda b: list(b.downloads.glob("*.csv")))
    text = next(browser.downloads.glob("*.csv")).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["enonce"] for row in rows] == ["Les rodéos reprennent chaque été."]
    assert rows[0]["ville"] == "Le Havelin"
    assert rows[0]["document"] == "Le Havelin/compte rendu.docx"


def test_a_quote_is_copied_with_its_source(explore) -> None:
    """« Copier la citation » says it is done, in words a screen reader announces."""
    browser = explore("#q=rodéos")
    named(browser, "Copier la citation").click()
    WebDriverWait(browser, 5).until(
        lambda b: "Citation copiée" in b.find_element(By.ID, "said").text
    )


def test_everything_is_done_with_the_keyboard(explore) -> None:
    """Tab and Space reach and work the filters, the views and a statement's context."""
    browser = explore()
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    assert "Aller au contenu" in browser.switch_to.active_element.text
    reached = set()
    for _ in range(60):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        active = browser.switch_to.active_element
        reached.add(active.get_attribute("id") or active.get_attribute("name") or active.text)
        if active.get_attribute("name") == "ville":
            active.send_keys(Keys.SPACE)
            assert active.is_selected()
            active.send_keys(Keys.SPACE)
        if active.text == "Contexte":
            active.send_keys(Keys.ENTER)
            break
    assert {"q", "nature", "ville", "table", "theme", "confidence", "review"} <= reached
    assert {"Thèmes et villes", "Carte des thèmes", "export", "share", "print"} <= reached
    assert browser.find_elements(By.CSS_SELECTOR, ".context")


@pytest.mark.parametrize("view", ["enonces", "tableau", "carte"])
def test_a_telephone_never_scrolls_sideways(explore, view: str) -> None:
    """At 320 CSS pixels the page itself fits; only wide tables scroll, in their own frame."""
    browser = explore(f"#vue={view}")
    size = {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        width = browser.execute_script("return document.documentElement.scrollWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width <= 320


@pytest.mark.parametrize("name", ["index", "methode", "themes/T1", "cities/vaubrune"])
def test_pages_fit_a_telephone(browser: webdriver.Chrome, pages: Path, name: str) -> None:
    """At 320 CSS pixels no page scrolls sideways."""
    size = {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get((pages / f"{name}.html").as_uri())
        width = browser.execute_script("return document.documentElement.scrollWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width <= 320


def test_pages_open_the_explorer_on_their_theme_or_city(
    browser: webdriver.Chrome, pages: Path
) -> None:
    """From a theme or a city, the explorer shows its statements and no other."""
    for name, link, count in (
        ("themes/T1", "Explorer ce thème", 7),
        ("cities/le-havelin", "Lire tous les énoncés", 5),
    ):
        browser.get((pages / f"{name}.html").as_uri())
        browser.find_element(By.PARTIAL_LINK_TEXT, link).click()
        assert len(shown(browser)) == count


def test_printing_gives_the_selection_on_paper(explore) -> None:
    """The printed page is a PDF with every statement of the selection and no control."""
    browser = explore()
    printed = base64.b64decode(browser.print_page())
    assert printed.startswith(b"%PDF")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not browser.find_element(By.ID, "filters").is_displayed()
        assert len(shown(browser)) == 10
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_five_thousand_statements_filter_without_lag(explore, many: Path) -> None:
    """A filter, a search and each view redraw in under 100 ms (median of several)."""
    browser = explore("", many)
    measure = """
      const box = document.querySelector(arguments[0]);
      const times = [];
      for (let i = 0; i < 9; i += 1) {
        const start = performance.now();
        if (arguments[1]) { box.value = arguments[1].slice(0, 1 + i % arguments[1].length); }
        else { box.checked = !box.checked; }
        box.dispatchEvent(new Event("input", { bubbles: true }));
        document.body.offsetHeight;
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[4];
    """
    for box, typed in (('input[name="ville"]', ""), ("#q", "médiateur"), ("#review", "")):
        assert browser.execute_script(measure, box, typed) < 100
    for view in ("tableau", "carte"):
        start = time.perf_counter()
        browser.find_element(By.CSS_SELECTOR, f'[data-view="{view}"]').click()
        assert time.perf_counter() - start < 2


PAGES = ["index.html", "methode.html", "themes/T1.html", "themes/T2.html",
         "cities/le-havelin.html", "cities/ete-sur-orne.html", "explorer.html",
         "explorer.html#vue=tableau", "explorer.html#vue=carte"]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser: webdriver.Chrome, pages: Path, name: str, scheme: str) -> None:
    """axe-core reports no fault (WCAG 2.2 A and AA, best practices), light and dark."""
    feature = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": feature})
    path, _, fragment = name.partition("#")
    browser.get("about:blank")
    browser.get((pages / path).as_uri() + (f"#{fragment}" if fragment else ""))
    if path == "explorer.html" and "vue" not in fragment:
        named(browser, "Contexte").click()
    # A page's policy refuses any script but its own: axe runs in the debugger's own world.
    browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    browser.execute_script(AXE)
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then((r) => done(JSON.stringify(r.violations)));"
    )
    faults = [
        (fault["id"], fault["nodes"][0]["html"][:200], fault["nodes"][0]["failureSummary"])
        for fault in json.loads(found)
    ]
    assert faults == []
