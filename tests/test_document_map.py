"""The map over documents: made once, kept by content, remade when damaged."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline import document_map
from pipeline.document_map import code_version, map_documents


def count_letters(item: tuple[str, str]) -> pd.DataFrame:
    """Append to a log so that tests see when a document is made, return one row."""
    log, text = item
    with Path(log).open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")
    if text == "panne":
        raise ValueError(text)
    return pd.DataFrame({"text": [text], "letters": [len(text)]})


@pytest.fixture
def run(tmp_path):
    log = tmp_path / "log"
    log.touch()

    def run(*texts: str, version="1", workers=1) -> tuple[list[Path], list[str]]:
        log.write_text("")
        items = [(text, (str(log), text)) for text in texts]
        paths = map_documents(
            count_letters,
            items,
            tmp_path / "cache",
            version=version,
            workers=workers,
            label="essai",
        )
        return paths, sorted(log.read_text().split())

    return run


def test_only_what_is_new_is_made(run):
    """Adding a document makes that one only, and the order of the items is kept."""
    paths, made = run("a", "bb")
    assert made == ["a", "bb"]
    more, made = run("bb", "a", "ccc")
    assert made == ["ccc"]
    assert [pd.read_parquet(p)["letters"][0] for p in more] == [2, 1, 3]
    assert more[:2] == paths[::-1]


def test_another_version_of_the_code_makes_all_again(run):
    """A change of code or parameters leaves no old result."""
    run("a")
    assert run("a", version="2")[1] == ["a"]


def test_a_damaged_file_is_made_again(run):
    """Half a file is no file."""
    (path,), _ = run("a")
    path.write_bytes(path.read_bytes()[:20])
    assert run("a")[1] == ["a"]
    assert pd.read_parquet(path)["text"][0] == "a"


def test_a_withdrawn_document_leaves_the_cache(run):
    """What no item asks for is deleted."""
    (first, second), _ = run("a", "b")
    run("b")
    assert not first.exists()
    assert second.exists()


def test_a_run_that_stops_resumes(run):
    """What was made before the failure is not made again."""
    with pytest.raises(ValueError, match="panne"):
        run("a", "panne", "b")
    assert run("a", "b")[1] == ["b"]


def test_processes_give_the_same_files(run):
    """Two processes write what one would."""
    one, _ = run("a", "b")
    content = [path.read_bytes() for path in one]
    for path in one:
        path.unlink()
    two, made = run("a", "b", workers=2)
    assert made == ["a", "b"]
    assert [path.read_bytes() for path in two] == content


def test_the_version_changes_with_the_source(tmp_path):
    """The hash is that of the files' content, of modules and of lexicons alike."""
    lexicon = tmp_path / "mots.csv"
    lexicon.write_text("a")
    before = code_version(document_map, lexicon)
    lexicon.write_text("b")
    assert code_version(document_map, lexicon) != before
