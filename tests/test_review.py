"""What an analyst is asked to look at, in which order, and the workbook it comes in."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipeline import contract, review, workbooks
from pipeline.analysts import decision_files

SETTINGS = {
    "most": 10,
    "rarity_weight": 0.5,
    "influence_weight": 0.5,
    "small_cell": 3,
    "diversity": 0.8,
    "document_turns": 0.3,
}
THEMES = pd.DataFrame(
    [("tr1-01", "Nuit", "nuit; agents", 3, 1.0, "new", "TR1")],
    columns=list(contract.TABLES["themes"].columns),
)


def corpus(*rows: dict) -> tuple[pd.DataFrame, ...]:
    """Return statements, tags, themes and vectors; `p` is how likely a « frein » is."""
    statements, tags, members, vectors = [], [], [], []
    for place, row in enumerate(rows, 1):
        name = f"s{place:03d}"
        statement = dict.fromkeys(contract.TABLES["statements"].columns, "")
        statement |= {"statement_id": name, "doc_id": "d", "position": place, "city": "A"}
        statement |= {"text": f"énoncé {place}"}
        chances = {f"p_{tag}": 0.0 for tag in contract.TAGS} | {"p_constat": 1 - row["p"]}
        tag = {"statement_id": name, "tag": "constat", "second_tag": "", "cues": ""}
        tag |= chances | {"p_frein": row["p"], "confidence": 1 - row["p"], "review": True}
        tag |= {"origin": row.get("origin", "modele")}
        statements.append(statement | {k: v for k, v in row.items() if k in statement})
        tags.append(tag | {k: v for k, v in row.items() if k == "tag"})
        members.append({"statement_id": name, "theme_id": row.get("theme", ""), "score": 0.0})
        vectors.append({"statement_id": name, "vector": row.get("vector", [0.0, 0.0])})
    return tuple(map(pd.DataFrame, (statements, tags, members, vectors)))


def choose(*rows: dict, remade: frozenset[str] = frozenset(), **more) -> pd.DataFrame:
    return review.choose(*corpus(*rows), remade, **SETTINGS | more)


def test_doubt_comes_first_and_decisions_are_not_asked_again() -> None:
    """The closest two tags first; what the analyst decided is left out."""
    chosen = choose({"p": 0.1}, {"p": 0.48}, {"p": 0.3}, {"p": 0.5, "origin": "analyste"})
    assert chosen["statement_id"].tolist() == ["s002", "s003", "s001"]
    assert chosen["other"].tolist() == ["frein"] * 3
    assert "hésite entre constat (52\u202f%) et frein (48\u202f%)" in chosen["why"][0]


def test_near_identical_statements_are_not_listed_together() -> None:
    """Ten copies of the most doubtful statement leave room for one that says something else."""
    same = {"p": 0.5, "vector": [1.0, 0.0]}
    rows = [same] * 10 + [{"p": 0.35, "vector": [0.0, 1.0]}]
    assert choose(*rows, most=2)["statement_id"].tolist() == ["s001", "s011"]
    assert "s011" not in choose(*rows, most=2, diversity=0.0, document_turns=0.0)["statement_id"]


def test_a_rare_tag_is_worth_more() -> None:
    """With the same doubt, the tag that few statements have comes first, and it is said."""
    rows = [{"p": 0.4}] * 11 + [{"p": 0.6, "tag": "frein"}]
    chosen = choose(*rows)
    assert chosen["statement_id"][0] == "s012"
    assert "nature rare (8\u202f% des énoncés)" in chosen["why"][0]


def test_a_figure_made_of_few_statements_is_worth_more() -> None:
    """The only statement of a city, theme and tag comes before those that many others resemble."""
    rows = [{"p": 0.4, "theme": "tr1-01"}] * 5 + [{"p": 0.4, "theme": "tr1-01", "city": "B"}]
    chosen = choose(*rows)
    assert chosen["statement_id"][0] == "s006"
    assert "seul énoncé de sa ville pour ce thème" in chosen["why"][0]
    assert "sa ville" not in chosen["why"][1]


def test_documents_take_turns() -> None:
    """One long doubtful document does not hide the others."""
    rows = [{"p": 0.49}, {"p": 0.48}, {"p": 0.47}, {"p": 0.45, "doc_id": "e"}]
    assert set(choose(*rows, most=2)["doc_id"]) == {"d", "e"}


def test_what_a_split_made_is_shown_first() -> None:
    """Pieces without a nature of their own are to be looked at, however sure the model is."""
    chosen = choose({"p": 0.45}, {"p": 0.01}, remade=frozenset({"s002", ""}))
    assert chosen["statement_id"][0] == "s002"
    assert chosen["why"][0].startswith("issu d'un découpage")


def test_copies_are_not_asked_twice_and_context_is_that_of_the_document() -> None:
    """Copies are left out; the neighbours are there, and nothing at the ends."""
    chosen = choose({"p": 0.4}, {"p": 0.4}, {"p": 0.4, "copy_of": "s001"})
    chosen = chosen.set_index("statement_id")
    assert set(chosen.index) == {"s001", "s002"}
    assert chosen.loc["s001", ["before", "after"]].tolist() == ["", "énoncé 2"]


MATCHES = pd.DataFrame(
    [("s001", "s002", 1, 0.6, "proposition", "A", "B"), ("s001", "s003", 2, 0.9, *"xyz")],
    columns=list(contract.TABLES["matches"].columns),
).assign(answer_tag="proposition")


def test_pairs_already_judged_are_not_asked_again() -> None:
    """The best answer first; a pair with a verdict is left out."""
    statements, *_ = corpus({"p": 0.4}, {"p": 0.4}, {"p": 0.4})
    nothing = pd.DataFrame({"obstacle_id": [], "answer_id": []})
    asked = review.pair_sheet(MATCHES, statements, nothing, 10)
    assert asked["Réponse"].tolist() == ["énoncé 2", "énoncé 3"]
    left = review.pair_sheet(MATCHES, statements, MATCHES.head(1), 10)
    assert left["Réponse"].tolist() == ["énoncé 3"]


def written(project: Path, *rows: dict) -> Path:
    statements, *others = corpus(*rows)
    chosen = review.choose(statements, *others, frozenset(), **SETTINGS)
    pairs = review.pair_sheet(MATCHES, statements, MATCHES.head(0), 10)
    review.save((review.sheet(chosen, THEMES), review.theme_sheet(THEMES), pairs))
    return contract.PROCESSED / "review.xlsx"


def test_the_workbook_asks_with_lists_and_runs_nothing(project: Path) -> None:
    """Answers are chosen in lists; a statement that looks like a formula stays a text."""
    rows = ({"p": 0.4, "text": '=HYPERLINK("x")'}, {"p": 0.3}, {"p": 0.2})
    first = written(project, *rows).read_bytes()
    path = written(project, *rows)
    assert path.read_bytes() == first
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == list(review.SHEETS)
    sheet = book["À relire"]
    headings = [cell.value for cell in sheet[1]]
    column = headings.index("Énoncé") + 1
    texts = {sheet.cell(row, column).value: sheet.cell(row, column) for row in (2, 3, 4)}
    assert texts['=HYPERLINK("x")'].data_type == "s"
    assert all(cell.data_type != "f" for name in book for row in name for cell in row)
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert len(lists) == 3
    assert "bonne pratique" in lists[0]
    assert "fusionner avec le précédent" in lists[2]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref


def test_the_untouched_workbook_decides_nothing(project: Path) -> None:
    """Put back as it is, it holds neither a decision nor a problem."""
    path = written(project, {"p": 0.4}, {"p": 0.3}, {"p": 0.2})
    path.rename(contract.DECISIONS / "rien.xlsx")
    taken, problems = decision_files.read(contract.DECISIONS)
    assert (len(taken), len(problems)) == (0, 0)


@pytest.mark.parametrize("sheet", range(3))
def test_every_column_to_fill_is_understood(project: Path, sheet: int) -> None:
    """The headings we write are those we read, and every choice offered is accepted."""
    path = written(project, {"p": 0.4}, {"p": 0.3}, {"p": 0.2})
    book = openpyxl.load_workbook(path)
    page = book[review.SHEETS[sheet]]
    headings = [cell.value for cell in page[1]]
    rules = {
        str(rule.sqref): rule.formula1.strip('"').split(",")
        for rule in page.data_validations.dataValidation
    }
    choices = {page[ref.split(":")[0]].column: words for ref, words in rules.items()}
    asked = 0
    for column, words in choices.items():
        for word in words:
            page.cell(2, column).value = word
            book.save(contract.DECISIONS / "choix.xlsx")
            taken, problems = decision_files.read(contract.DECISIONS)
            assert problems.empty, problems["problem"].tolist()
            assert len(taken) == 1
            asked += 1
        page.cell(2, column).value = None
    if "Nouveau nom" in headings:
        page.cell(2, headings.index("Nouveau nom") + 1).value = "La nuit"
        book.save(contract.DECISIONS / "choix.xlsx")
        taken, _ = decision_files.read(contract.DECISIONS)
        assert taken[["statement_id", "text", "value"]].to_numpy().tolist() == [
            ["tr1-01", "Nuit", "La nuit"]
        ]
        asked += 1
    assert asked


def test_nothing_to_review(tmp_path: Path) -> None:
    """A corpus wholly decided gives an empty sheet that opens."""
    chosen = choose({"p": 0.4, "origin": "analyste"})
    workbooks.save({"À relire": review.sheet(chosen, THEMES)}, tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["À relire"].max_row == 1
