"""The key: which tag stands for whom. It is the only file that can undo the pseudonyms.

It is kept apart (data/keys, git-ignored), readable by its owner only, and can be destroyed: the
next run makes a new one. A person or number no document holds any more is erased from it, and its
tag is never given to another.
"""

import csv
from collections import defaultdict
from pathlib import Path

from pipeline import contract
from pipeline.contract import UserError
from pipeline.masking.personal_data import KINDS

KEY = Path("data/keys/pseudonymes.csv")
_COLUMNS = ("tag", "value", "name", "anywhere")
_ERASED = ""


class Key:
    """Tags given so far, by kind and value; `tag` gives the next one to a value not met before."""

    def __init__(self, rows: list[dict[str, str]] | None = None) -> None:
        self._tags: dict[tuple[str, str], str] = {}
        self._count: dict[str, int] = defaultdict(int)
        self._details: dict[tuple[str, str], tuple[str, str]] = {}
        self._used: set[tuple[str, str]] = set()
        for row in rows or ():
            kind, number = row["tag"].strip("[]").rsplit("_", 1)
            self._count[kind] = max(self._count[kind], int(number))
            if row["value"] != _ERASED:
                self._tags[kind, row["value"]] = row["tag"]
                self._details[kind, row["value"]] = (row["name"], row["anywhere"])

    def tag(
        self, kind: str, value: str, *, same_as: str = "", name: str = "", anywhere: bool = False
    ) -> str:
        """Return the tag of a value: the one it had, else that of `same_as`, else a new one.

        `name` and `anywhere` are what the leak check looks for, see `people.Known`.
        """
        entry = (kind, value)
        if entry not in self._tags:
            self._tags[entry] = self.tag(kind, same_as) if same_as else self._next(kind)
        self._used.add(entry)
        if name or entry not in self._details:
            self._details[entry] = (name, "oui" if anywhere else "")
        return self._tags[entry]

    @property
    def values(self) -> frozenset[str]:
        """The values met so far, those of earlier runs included."""
        return frozenset(value for _, value in self._tags)

    def _next(self, kind: str) -> str:
        self._count[kind] += 1
        return f"[{kind}_{self._count[kind]}]"

    def rows(self) -> list[dict[str, str]]:
        """Return the key's rows: values in use, and the last number of each kind."""
        rows = [
            {
                "tag": self._tags[entry],
                "value": entry[1],
                **dict(zip(_COLUMNS[2:], self._details[entry], strict=True)),
            }
            for entry in self._used
        ]
        given = {row["tag"] for row in rows}
        for kind, count in self._count.items():
            last = f"[{kind}_{count}]"
            if count and last not in given:
                rows.append({"tag": last, "value": _ERASED, "name": "", "anywhere": ""})
        return sorted(rows, key=_order)


def _order(row: dict[str, str]) -> tuple[int, int, str]:
    kind, number = row["tag"].strip("[]").rsplit("_", 1)
    return KINDS.index(kind), int(number), row["value"]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a key file, none when it does not exist.

    Raises UserError when the file is not a key.
    """
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
        readable = tuple(reader.fieldnames or ()) == _COLUMNS
        Key(rows if readable else [])
    except (ValueError, KeyError, AttributeError, TypeError, csv.Error):
        readable = False
    if not readable:
        raise UserError(
            f"{path} n'est pas lisible comme clé des pseudonymes : remettez votre sauvegarde, ou "
            "supprimez ce fichier (les étiquettes seront renumérotées)."
        )
    return rows


def write_key(path: Path, key: Key) -> None:
    """Write a key atomically, readable by its owner only."""

    def save(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(key.rows())

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    contract.replace(path, save)
    path.chmod(0o600)
