"""What an analyst is asked to look at, and the workbook it comes in."""

from pathlib import Path

import openpyxl
import pandas as pd

from pipeline import contract, review, workbooks


def corpus(*rows: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    statements, tags = [], []
    for place, row in enumerate(rows, 1):
        statement = dict.fromkeys(contract.TABLES["statements"].columns, "")
        statement |= {"statement_id": f"s{place}", "doc_id": "d", "position": place}
        statement |= {"text": f"énoncé {place}"}
        chances = {f"p_{tag}": 0.0 for tag in contract.TAGS} | {"p_constat": 1 - row["p"]}
        tag = {"statement_id": f"s{place}", "tag": "constat", "second_tag": "", "cues": ""}
        tag |= chances | {"p_frein": row["p"], "confidence": 1 - row["p"], "review": True}
        tag |= {"origin": row.get("origin", "modele")}
        statements.append(statement | {k: v for k, v in row.items() if k in statement})
        tags.append(tag | {k: v for k, v in row.items() if k == "tag"})
    return pd.DataFrame(statements), pd.DataFrame(tags)


def test_doubt_comes_first_and_decisions_are_not_asked_again() -> None:
    """The closest two tags first; what the analyst decided is left out."""
    rows = ({"p": 0.1, "tag": "frein"}, {"p": 0.48}, {"p": 0.3}, {"p": 0.5, "origin": "analyste"})
    chosen = review.choose(*corpus(*rows), most=10)
    assert "s4" not in set(chosen["statement_id"])
    assert chosen["statement_id"].tolist()[-1] != "s2"
    assert chosen.set_index("statement_id").loc["s2", "other"] == "frein"


def test_documents_take_turns() -> None:
    """One long doubtful document does not hide the others."""
    rows = [{"p": 0.49}, {"p": 0.48}, {"p": 0.47}, {"p": 0.2, "doc_id": "e", "tag": "frein"}]
    chosen = review.choose(*corpus(*rows), most=2)
    assert set(chosen["doc_id"]) == {"d", "e"}


def test_context_is_the_neighbours_in_the_document() -> None:
    """The statement before and the one after, and nothing at the ends."""
    chosen = review.choose(*corpus({"p": 0.4}, {"p": 0.4}), most=5).set_index("statement_id")
    assert chosen.loc["s1", ["before", "after"]].tolist() == ["", "énoncé 2"]


def test_the_workbook_asks_with_a_list_and_runs_nothing(tmp_path: Path) -> None:
    """Tags are chosen in a drop-down; a statement that looks like a formula stays a text."""
    statements, tags = corpus({"p": 0.4})
    statements["text"] = '=HYPERLINK("x")'
    table = review.sheet(review.choose(statements, tags, most=5))
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    for path in (first, second):
        workbooks.save({"À vérifier": table}, path, choices={review.CORRECTION: contract.TAGS})
    assert first.read_bytes() == second.read_bytes()
    sheet = openpyxl.load_workbook(first)["À vérifier"]
    assert sheet["B2"].value == '=HYPERLINK("x")'
    assert sheet["B2"].data_type == "s"
    (rule,) = sheet.data_validations.dataValidation
    assert "bonne_pratique" in rule.formula1
    assert sheet.freeze_panes == "A2"


def test_nothing_to_review(tmp_path: Path) -> None:
    """A corpus wholly decided gives an empty sheet that opens."""
    chosen = review.choose(*corpus({"p": 0.4, "origin": "analyste"}), most=5)
    workbooks.save({"À vérifier": review.sheet(chosen)}, tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["À vérifier"].max_row == 1
