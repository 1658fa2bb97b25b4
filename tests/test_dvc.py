"""dvc.yaml agrees with the code: a stage re-runs when, and only when, what it uses changes."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from pipeline import contract

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
CHAIN = ["ingest", "segment", "tag", "themes", "compare", "match", "digest"]


def module_file(name: str) -> Path | None:
    """Return the file of one of our modules, or None for someone else's."""
    path = ROOT / Path(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.exists():
            return candidate
    return None


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[Path]:
    """Return our files that one of our files imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    ours = {name for name in names if name.split(".")[0] == "pipeline"}
    packages = {".".join(name.split(".")[:end]) for name in ours for end in (1, 2)}
    return {file for name in ours | packages if (file := module_file(name))}


def closure(stage: str) -> set[Path]:
    """Return every file of ours that running the stage loads."""
    found: set[Path] = set()
    waiting = [ROOT / "pipeline" / f"{stage}.py"]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += imported(path)
    return found


def calls(paths: set[Path], *functions: str) -> set[str]:
    """Return the first argument, a constant, of the calls to these functions."""
    found = set()
    for path in paths:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and node.args:
                function = node.func
                name = (
                    function.attr
                    if isinstance(function, ast.Attribute)
                    else function.id
                    if isinstance(function, ast.Name)
                    else ""
                )
                first = node.args[0]
                if name in functions and isinstance(first, ast.Constant):
                    found.add(first.value)
    return found


def relative(paths: set[Path]) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in paths}


def outs(stage: dict) -> set[str]:
    entries = [*stage.get("outs", []), *stage.get("metrics", []), *stage.get("plots", [])]
    return {next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries}


@pytest.mark.parametrize("stage", STAGES)
def test_code_dependencies_are_the_import_closure(stage: str) -> None:
    """Editing a module re-runs the stages that load it, and no other."""
    declared = {dep for dep in STAGES[stage]["deps"] if dep.endswith(".py")}
    assert declared == relative(closure(stage)) - {"pipeline/__init__.py"}


@pytest.mark.parametrize("stage", STAGES)
def test_lexicons_and_templates_are_dependencies(stage: str) -> None:
    """Adding a word to a lexicon re-runs the stages that read it."""
    code = closure(stage)
    used = {f"pipeline/lexicons/{name}.csv" for name in calls(code, "lexicon")}
    if (
        ROOT / "pipeline" / "theming" / "concepts.py" in code
    ):  # the thesaurus is named in params.yaml
        used.add("pipeline/lexicons/${vectors.concepts}.csv")
    declared = {dep for dep in STAGES[stage]["deps"] if dep.endswith(".csv") and "lexicons" in dep}
    assert declared == used


@pytest.mark.parametrize("stage", STAGES)
def test_the_encoder_is_a_dependency(stage: str) -> None:
    """Another sentence encoder re-runs the stages that may read it."""
    reads_it = ROOT / "pipeline" / "encoder" / "sentences.py" in closure(stage)
    used = {f"pipeline/encoder/e5-small-fr.{end}" for end in ("onnx", "model")}
    declared = {dep for dep in STAGES[stage]["deps"] if dep in used}
    assert declared == (used if reads_it else set())


@pytest.mark.parametrize("stage", STAGES)
def test_params_are_those_the_stage_reads(stage: str) -> None:
    """A changed parameter re-runs the stages that read its section, and no other."""
    main = {ROOT / "pipeline" / f"{stage}.py"}
    assert set(STAGES[stage].get("params", [])) == calls(main, "params")


@pytest.mark.parametrize("stage", STAGES)
def test_tables_read_and_written_are_declared(stage: str) -> None:
    """The graph DVC draws is the one the code follows."""
    main = {ROOT / "pipeline" / f"{stage}.py"}
    path = {name: table.path.as_posix() for name, table in contract.TABLES.items()}
    read = {path[name] for name in calls(main, "read") if name in path}
    written = {path[name] for name in calls(main, "write") if name in path}
    made_here = outs(STAGES[stage])
    folders = {out for out in made_here if not Path(out).suffix}
    inside = {p for p in written if any(p.startswith(f"{folder}/") for folder in folders)}
    inputs = set(STAGES[stage]["deps"])
    in_folder = {p for p in read if any(p.startswith(f"{dep}/") for dep in inputs)}
    assert read - made_here - written <= inputs | in_folder
    assert written - inside <= made_here


def test_every_stage_says_what_it_is_for() -> None:
    """`dvc stage list` reads as the chain, and each runs the project's own Python."""
    for name, stage in STAGES.items():
        assert stage["desc"].strip()
        assert stage["cmd"] == f'".venv/bin/python" -m pipeline.{name}'


def test_the_chain_is_there_in_order() -> None:
    """The stages stand in the file as they run."""
    assert [name for name in STAGES if name in CHAIN] == CHAIN


def test_every_file_of_the_contract_is_made_by_a_stage() -> None:
    """Every table has one stage that writes it, and so have the files for people."""
    made = [out for stage in STAGES.values() for out in outs(stage)]
    assert len(made) == len(set(made))
    wanted = {table.path.as_posix() for table in contract.TABLES.values()}
    wanted |= {
        f"data/processed/{name}"
        for name in (
            "comparaison.xlsx",
            "review.xlsx",
            "digests",
            "metrics.json",
        )
    }
    covered = {w for w in wanted if any(w == out or w.startswith(f"{out}/") for out in made)}
    assert wanted == covered


def test_dvc_itself_accepts_the_file(tmp_path: Path) -> None:
    """DVC parses the stages and finds no cycle."""
    dvc = [sys.executable, "-m", "dvc", "dag", "--dot"]
    done = subprocess.run(dvc, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert '"digest"' in done.stdout


def test_every_output_is_searched_for_personal_data() -> None:
    """The last stage reads all that the others leave in data/processed."""
    written = {
        path if isinstance(path, str) else next(iter(path))
        for stage in STAGES.values()
        for kind in ("outs", "metrics", "plots")
        for path in stage.get(kind, ())
    }
    published = {path for path in written if path.startswith("data/processed/")}
    assert list(STAGES)[-1] == "leaks"
    assert published == {d for d in STAGES["leaks"]["deps"] if d.startswith("data/processed/")}
