"""A map over documents: one parquet a document, kept as long as nothing it depends on changes.

The task is an importable function, its inputs and output are plain data: the same map runs in this
process, in a pool of processes, or on a cluster.
"""

import hashlib
import inspect
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pandas as pd
import pyarrow
import pyarrow.parquet
from tqdm import tqdm

from pipeline.contract import replace

Item = TypeVar("Item")


def code_version(*modules: ModuleType | Path) -> str:
    """Return a hash of the source files of modules (or of any files) that make the result."""
    digest = hashlib.sha256()
    for module in modules:
        path = module if isinstance(module, Path) else Path(inspect.getfile(module))
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def map_documents(
    task: Callable[[Item], pd.DataFrame],
    items: Sequence[tuple[str, Item]],
    folder: Path,
    *,
    version: str,
    workers: int,
    label: str,
) -> list[Path]:
    """Return, in the order of `items`, the parquet files that hold `task(item)`.

    What is already in `folder` is not made again; what no item asks for any more is deleted, so
    that a document withdrawn leaves no trace. A run that is killed resumes where it was.

    Args:
        task: an importable function; its result depends on the item only.
        items: (key, item) pairs; the key names the content (a hash) and the parameters.
        folder: where the files are kept, one folder a task.
        version: the version of the code, see `code_version`.
        workers: how many processes; 1 stays in this one.
        label: what the progress bar says.
    """
    paths = [folder / f"{_name(key, version)}.parquet" for key, _ in items]
    todo = {path: item for path, (_, item) in zip(paths, items, strict=True) if not _is_whole(path)}
    with tqdm(total=len(todo), desc=label, disable=None if todo else True, unit="doc") as bar:
        for _ in _made(partial(_make, task), list(todo.items()), workers):
            bar.update()
    for stale in sorted(set(folder.glob("[!.]*.parquet")) - set(paths)):
        # Another run may withdraw it too; its own files in the making are hidden.
        stale.unlink(missing_ok=True)
    return paths


def _name(key: str, version: str) -> str:
    return hashlib.sha256(f"{version}\0{key}".encode()).hexdigest()[:24]


def _is_whole(path: Path) -> bool:
    """Tell whether a file was written to its end: a parquet file closes with its description."""
    try:
        pyarrow.parquet.read_metadata(path)
    except (OSError, pyarrow.ArrowInvalid):
        return False
    return True


def _make(task: Callable[[Item], pd.DataFrame], job: tuple[Path, Item]) -> Path:
    path, item = job
    frame = task(item)
    replace(path, lambda temporary: frame.to_parquet(temporary, index=False))
    return path


def _made(
    make: Callable[[tuple[Path, Item]], Path], jobs: list[tuple[Path, Item]], workers: int
) -> Iterator[Path]:
    if workers <= 1 or len(jobs) <= 1:
        yield from map(make, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        for done in as_completed([pool.submit(make, job) for job in jobs]):
            yield done.result()
