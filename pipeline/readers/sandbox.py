"""Reading in a child process, with limits on time, memory and output.

A parser that hangs, swells or crashes takes the child with it, not the run: the document is
refused with a reason and another child serves the next one. One child serves many documents.
"""

import atexit
import contextlib
import faulthandler
import functools
import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.readers import Block, Reading, Unreadable, check_size, read

try:
    import resource
except ImportError:  # Windows knows no such limit: there, time and output are limited
    resource = None

_MEGABYTE = 1_000_000
_GRACE = 5  # seconds a child may outlive its limit before it ends itself
_STARTING = 120  # seconds a child may take to import the parsers on a busy machine


@dataclass(frozen=True)
class Limits:
    """What reading one document may cost."""

    megabytes: int  # of the file
    seconds: int
    memory_mb: int  # beyond what the parsers take when idle
    characters: int  # of the blocks


class Sandbox:
    """A child process that reads documents one after the other; replaced when it dies."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read(self, file: Path, suffix: str) -> Reading:
        """Return what `file` holds; raises Unreadable, with a reason, whatever happens to it."""
        answer = self._asked([str(file.absolute()), suffix])
        if "refusal" in answer:
            raise Unreadable(*answer["refusal"])
        return Reading(
            answer["format"],
            answer["encoding"],
            answer["guessed"],
            [Block(**block) for block in answer["blocks"]],
        )

    def _asked(self, question: list[str]) -> dict[str, Any]:
        try:
            child = self._started()
            child.stdin.write(json.dumps(question).encode() + b"\n")
            child.stdin.flush()
            line = self._answers.get(timeout=self.limits.seconds)
        except queue.Empty:
            self.close()
            raise Unreadable(
                "trop_long",
                f"La lecture a dépassé {self.limits.seconds} s : découpez le fichier, copiez "
                "son texte dans un nouveau, ou relevez ingest.max_seconds dans params.yaml.",
            ) from None
        except OSError:  # it died before it could be asked
            line = b""
        if line:
            return json.loads(line)
        code = self._process.wait() if self._process else None
        self.close()
        raise Unreadable(
            "lecture_interrompue",
            f"La lecture s'est arrêtée brutalement (code {code}), souvent faute de mémoire : "
            "enregistrez le fichier à nouveau, découpez-le, ou relevez ingest.max_memory_mb dans "
            "params.yaml.",
        )

    @property
    def pid(self) -> int | None:
        """The child's process number, None before the first document."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the child, at once."""
        if self._process:
            self._process.kill()
            self._process.wait()
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        """Return a live child, ready to read."""
        if self._process and self._process.poll() is None:
            return self._process
        self.close()
        self._answers = queue.SimpleQueue()
        # Not multiprocessing: its children run the caller's script again, whatever it does.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "pipeline.readers.sandbox", json.dumps(asdict(self.limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1"},
        )
        arguments = (self._process.stdout, self._answers)
        threading.Thread(target=_listen, args=arguments, daemon=True).start()
        with contextlib.suppress(queue.Empty):
            self._answers.get(timeout=_STARTING)
        return self._process


def _listen(stdout: BinaryIO, answers: queue.SimpleQueue[bytes]) -> None:
    """Put each line a child writes, then an empty one when it ends, where the parent waits."""
    with stdout:
        for line in stdout:
            answers.put(line)
    answers.put(b"")


@functools.cache
def sandbox(limits: Limits) -> Sandbox:
    """Return this process's sandbox with these limits, ended when the process ends."""
    made = Sandbox(limits)
    atexit.register(made.close)
    return made


def _serve(limits: Limits) -> None:
    """Read what is asked, until nobody asks; runs in the child."""
    answers = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)  # what a parser prints is no answer
    _limit_memory(limits.memory_mb)
    answers.write(b"ready\n")
    answers.flush()
    for question in sys.stdin.buffer:
        file, suffix = json.loads(question)
        # Should the parent be killed while a parser loops, the child still ends.
        faulthandler.dump_traceback_later(limits.seconds + _GRACE, exit=True)
        answer = json.dumps(_answer(Path(file), suffix, limits)).encode()
        faulthandler.cancel_dump_traceback_later()
        answers.write(answer + b"\n")
        answers.flush()


def _answer(file: Path, suffix: str, limits: Limits) -> dict[str, Any]:
    try:
        return _read(file, suffix, limits)
    except Unreadable as refusal:
        return {"refusal": [refusal.code, refusal.detail]}


def _read(file: Path, suffix: str, limits: Limits) -> dict[str, Any]:
    try:
        check_size(file.stat().st_size, limits.megabytes)
        reading = read(file.read_bytes(), suffix, max_megabytes=limits.megabytes)
    except MemoryError:
        raise Unreadable(
            "trop_lourd",
            f"La lecture demande plus de {limits.memory_mb} Mo de mémoire : découpez le fichier, "
            "ou relevez ingest.max_memory_mb dans params.yaml.",
        ) from None
    except OSError as error:
        raise Unreadable(
            "illisible",
            f"Le fichier ne peut pas être ouvert ({error.strerror}) : vérifiez ses droits d'accès.",
        ) from None
    written = sum(len(block.text) for block in reading.blocks)
    if written > limits.characters:
        raise Unreadable(
            "trop_gros",
            f"Le document contient {written / _MEGABYTE:.1f} millions de signes : découpez-le, ou "
            "relevez ingest.max_characters dans params.yaml.",
        )
    return asdict(reading)


def _limit_memory(megabytes: int) -> None:
    """Limit the address space of this process to what it has now and `megabytes` more."""
    if resource is None:
        return
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        used = pages * resource.getpagesize()
    except OSError:  # macOS has no /proc, and parsers take about this much there
        used = 4_000 * _MEGABYTE
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = used + megabytes * _MEGABYTE
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):  # a system that does not limit address space
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


if __name__ == "__main__":
    _serve(Limits(**json.loads(sys.argv[1])))
