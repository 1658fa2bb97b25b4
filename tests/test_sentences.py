"""Every template of `sentences.py` read aloud, over many numbers and names of cities."""

import ast
import inspect
import re
from itertools import product
from pathlib import Path

import pytest

from pipeline.digests import prose, sentences

N = prose.NARROW
NUMBERS = (0, 1, 2, 3, 80, 1000)
COUNTS = (1, 2, 3, 80, 1000)
TOWNS = (
    "Amiens", "Évreux", "Hyères", "Haguenau", "Le Havre", "La Rochelle", "Les Abymes",
    "L’Estrelle", "Vaubrune", "Yerres", "Saint-Aurin",
)  # fmt: skip
SEVERAL = [[town] for town in TOWNS] + [list(TOWNS[:2]), list(TOWNS)]
LABEL = "Médiation, nuit & été"


def counts(n: int, tags: tuple[str, ...] = prose.KEY_TAGS) -> dict[str, int]:
    """Return every tag counted `n` times, or only some."""
    return {tag: n if tag in tags else 0 for tag in prose.KEY_TAGS}


def said() -> list[str]:
    """Return every sentence, with zero, one and several of everything it counts."""
    s = sentences
    found = [*s.LIMITS, s.HOW_TO_READ, s.NO_THEME, s.CHART_DESCRIPTION, s.NOT_MEASURED, s.KEPT]
    found.append(s.NOTHING_CHANGED)
    for n, m in product(NUMBERS, NUMBERS):
        found += [s.coverage(n, cities, m, n) for cities in SEVERAL]
        found += [s.informative(n, m, k) for k in (0, 1, 2)]
        found += [s.files_read(n, m, k) for k in (0, 1, 2) if k <= n]
        found += [s.without_theme(n, m) for _ in [0] if m <= n]
        found += [s.dates(known, m) for known in KNOWN]
        found += [s.checked(n, k, m, x) for k in (0, 1, n) if k <= n for x in (0, 1, 2)]
        found += [s.needs(k, m, n) for k in (0, 1, 2) if k <= m <= n]
        found += [s.documents_changed(n, m, k) for k in (0, 1, 2)]
        found += [s.decisions_changed(n, m), s.counts_changed(counts(n), counts(m))]
        found += [s.city_said(n, m, counts(k)) for k in (0, 1, 2)]
    for n in COUNTS:
        every = counts(n)
        found += [s.theme_size(every, total) for total in (4 * n, 4 * n + 1)]
        found += [s.theme_size(counts(n, (tag,)), n) for tag in prose.KEY_TAGS]
        found += [s.counted(every), s.few_documents(n), s.rests_on(s.evidence(n, n, n))]
        found += [s.shared_everywhere(n, n + k, 2 + k, limit) for k in (0, 3) for limit in (1, n)]
        found += [s.raised_once(n, n + 3, limit) for limit in (1, n)]
        found += [s.obstacles_and_answers(n, n + 1, every)]
        found += [s.obstacles_and_answers(n, n, counts(n, ("frein",)))]
        found += [s.doubtful(k, n) for k in {1, n}]
        found += [s.chosen(k, n + 1, tag) for k in (1, n) for tag in prose.KEY_TAGS]
        found += [s.pairs_shown(k, n, n) for k in (1, n)]
        found += [s.without_answer(k, n) for k in (1, n)]
        found += [s.themes_held(n, k, m, m) for k in (0, 1, 2) for m in (0, 1, 2)]
        found += [s.themes_held(0, n, 0, 0), s.themes_held(0, 0, 0, 0)]
        for cities in SEVERAL:
            found += [s.known_answers(n, cities), s.round_table_said(n, cities, every)]
            found += [s.evoked(tag, n, cities) for tag in prose.KEY_TAGS]
            found += [s.offers(n, n, cities), s.offers(0, 0, [])]
            found += [s.helpers([(town, n) for town in cities])]
        for town, tag in product(TOWNS, prose.KEY_TAGS):
            inside, outside = (n, 1000), (1, 1000)
            found += [s.contrast(tag, town, inside, outside), s.parting(tag, town, inside, outside)]
            found += [s.weighs_more(tag, inside, outside), s.one_city(town, every)]
    found += [s.round_table_said(1, [], counts(0)), s.theme_size(counts(0), 5)]
    found += [s.unstable(0.41), s.version("0.1.0", ""), s.version("0.1.0", "abc du 1er mai 2024")]
    found += [s.only_raised(town) for town in TOWNS]
    found += [s.no_contrast(tested=tested) for tested in (True, False)]
    found += [s.names_changed("Ville nouvelle", "Villes nouvelles", names) for names in SEVERAL]
    found += [s.measured("Freins", s.score(0.5, low, low, prose.decimal)) for low in (None, 0.4)]
    found += [s.chart_in_words([(LABEL, counts(n)), (LABEL, counts(0))]) for n in COUNTS]
    return sorted({sentence for sentence in found if sentence})


KNOWN = [
    [],
    ["2024-03-01"],
    ["2024-03-01", "2024-08-12"],
    ["2024", "2025-01-02"],
    ["2024-08"],
]


def fragments() -> list[str]:
    """Return what is no sentence: titles, cells of tables, ends of sentences."""
    s = sentences
    every = [s.reach(cities, len(cities) + k) for cities in SEVERAL for k in (0, 1)]
    every += [s.reach([], 3), s.theme_chart_title([(LABEL, 0)])]
    every += [s.where(cities, len(cities) + k) for cities in SEVERAL for k in (0, 1)]
    every += [s.theme_chart_title([(LABEL, n), (LABEL, m)]) for n in COUNTS for m in COUNTS]
    for tag in prose.KEY_TAGS:
        every += [s.alone_with(tag)]
        every += [s.heat_title(tag, town, n, 1000) for town in TOWNS for n in COUNTS]
    return [*every, s.heavier(LABEL)]


def faults(text: str) -> list[str]:
    """Return what is wrong in a French text: agreement, elision, contraction, spaces."""
    return [
        match[0]
        for rule in (
            rf"(?<![\d{N},])[01] \w+s\b(?<!sur)(?<!dans)",
            rf"(?<![\d{N},])([2-9]|\d\d+) (énoncé|frein|constat|document|ville|thème)\b",
            r"\b(de|le|la|que|ne|se) [aeiouyéèêœAEIOUÉÈÊŒ](?!u? )",
            r"\bde H[yé]|\bd’L|\bà Les? |\bde Les? |\bd’Haguenau",
            r"[ \u00a0][;:!?%»]|«[ \u00a0]|  | \.| ,|\.\.|'",
            r"\bnan\b|None",
        )
        for match in re.finditer(rule, text)
    ]


def test_every_sentence_reads_well():
    """Each is a sentence: capital or number, full stop or colon, agreement, elision, typography."""
    wrong = {
        sentence: faults(sentence)
        for sentence in said()
        if faults(sentence) or not re.match(r"[A-ZÀÉ0-9«].*[.:]$", sentence, re.DOTALL)
    }
    assert wrong == {}


def test_every_title_and_cell_reads_well():
    """Titles and cells agree too, and never end with a full stop."""
    wrong = {text: faults(text) for text in fragments() if faults(text) or text.endswith(".")}
    assert wrong == {}


def test_every_template_is_read_here():
    """A template added to `sentences.py` must be read aloud above."""
    public = {
        name
        for name, value in vars(sentences).items()
        if inspect.isfunction(value) and value.__module__ == sentences.__name__
    }
    source = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    called = {node.attr for node in ast.walk(source) if isinstance(node, ast.Attribute)}
    assert public <= called


@pytest.mark.parametrize(
    ("cities", "of", "expected"),
    [
        (["A"], 1, "soulevé dans la seule ville qui a contribué"),
        (["A", "B"], 2, "soulevé dans les deux villes"),
        (["A", "B", "C"], 3, "soulevé dans les 3 villes"),
        (["A"], 3, f"soulevé dans 1 ville sur 3{N}: A"),
        (["A", "B"], 3, f"soulevé dans 2 villes sur 3{N}: A et B"),
    ],
)
def test_reach(cities, of, expected):
    """« soulevé dans k villes sur n », with its special cases."""
    assert sentences.reach(cities, of) == expected


def test_nothing_to_say_is_said_in_words():
    """A theme or a round table without a statement that informs has its own sentence."""
    empty = counts(0)
    assert sentences.theme_size(empty, 5) == "Ce thème ne contient que des énoncés hors-champ."
    assert sentences.round_table_said(1, [], empty) == "Aucun énoncé compté."
