"""The README says what the project does, no more and no less."""

import re

import pytest
import yaml
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def test_the_stage_table_is_that_of_dvc_yaml() -> None:
    """One row a stage, in order, with what it is for."""
    table = README.split("<!-- stages -->")[1].split("<!-- /stages -->")[0]
    names = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert names == list(STAGES)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", README))
def test_links_lead_somewhere(link: str) -> None:
    """Every file and picture the README names is in the repository."""
    assert (ROOT / link).exists()


@pytest.mark.parametrize("command", ["make repro", "make test"])
def test_the_two_commands_are_on_the_first_screen(command: str) -> None:
    """Someone who opens the page sees what to type, and the commands exist."""
    assert command in "\n".join(README.splitlines()[:20])
    target = command.split()[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_format_that_is_read_is_in_the_table() -> None:
    """The Formats table names each extension of the contract."""
    table = README.split("## Formats")[1].split("\n## ")[0]
    extensions = [
        "docx",
        "odt",
        "rtf",
        "pdf",
        "html",
        "htm",
        "md",
        "txt",
        "csv",
        "xlsx",
        "vtt",
        "srt",
    ]
    assert [e for e in extensions if f".{e}" not in table] == []
