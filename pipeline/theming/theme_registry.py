"""Themes hold still: each run finds the ids of the previous one again, and says what changed.

The registry (`data/registry/themes.csv`, to be committed) knows each theme by the statements it
held, as keys of their content: a statement is recognised whatever its document, order or id. It
holds no text of a statement.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from pipeline import contract
from pipeline.analysts.decisions import content_key

_WORDS_COUNT = 0.2  # what the same keywords weigh beside the same statements (1)
_LEAST_ALIKE = 0.15  # two themes less alike than this are not the same
_MERGED = 0.5  # of an earlier theme, found in one that is not its heir: it was merged into it
_SPLIT = 0.3  # of an earlier theme, found in one that is not its heir: it was split


def keys(statements: pd.DataFrame) -> pd.Series:
    """Return the content key of each statement, in order."""
    return statements["text"].map(content_key)


def read() -> pd.DataFrame:
    """Return the registry, empty where there is none yet; raises UserError if it is damaged."""
    if not contract.TABLES["theme_registry"].path.exists():
        return empty()
    return contract.read("theme_registry")


def empty() -> pd.DataFrame:
    """Return a registry without any theme."""
    return pd.DataFrame(columns=list(contract.TABLES["theme_registry"].columns), dtype=str)


def recall(registry: pd.DataFrame, statements: pd.DataFrame) -> pd.Series:
    """Return the earlier theme_id of each statement, or "" (in order of `statements`).

    A content found in several themes (the same words in two round tables) has the one of the
    statement's round table; statements without a round table are known by any.
    """
    known: dict[tuple[str, str], str] = {}
    for row in registry[registry["state"] == "active"].itertuples():
        for key in row.members.split():
            known.setdefault((row.round_table, key), row.theme_id)
    pairs = zip(statements["round_table"], keys(statements), strict=True)
    return pd.Series([known.get(pair, "") for pair in pairs], index=statements.index, dtype=str)


def settle(
    members: Sequence[set[str]],
    round_tables: Sequence[str],
    keywords: Sequence[Sequence[str]],
    registry: pd.DataFrame,
) -> pd.DataFrame:
    """Return, for each theme just found, its theme_id, status, earlier themes and shared keys.

    In: the content keys, the round table and the keywords of each theme found. The themes are
    matched to the earlier ones of their round table by optimal assignment (Kuhn 1955, by scipy's
    `linear_sum_assignment`): what share of their statements they have in common, and of their
    keywords. An id once given is never given to another theme. Out, row by row: theme_id, status
    (new, kept, split, merged), earlier (theme_ids it comes from, joined by spaces), shared.
    """
    known = [set(row.members.split()) for row in registry.itertuples()]
    words = [set(row.keywords.split("; ")) for row in registry.itertuples()]
    alive = set().union(*members) if members else set()
    present = [old & alive for old in known]
    shared = np.array([[len(new & old) for old in known] for new in members])
    shared = shared.reshape(len(members), len(known))
    alike = np.zeros(shared.shape)
    for new, old in np.ndindex(shared.shape):
        if round_tables[new] != registry["round_table"].iloc[old]:
            continue
        union = len(members[new] & set().union(*known)) + len(present[old]) - shared[new, old]
        said = set(keywords[new])
        alike[new, old] = shared[new, old] / max(union, 1) + _WORDS_COUNT * (
            len(said & words[old]) / max(len(said | words[old]), 1)
        )
    pairs = {
        int(new): int(old)
        for new, old in zip(*linear_sum_assignment(-alike), strict=True)
        if alike[new, old] >= _LEAST_ALIKE
    }
    share = shared / np.maximum([len(old) for old in present], 1) if known else shared
    fresh = _fresh_ids(registry["theme_id"])
    rows = []
    for new, round_table in enumerate(round_tables):
        heir = pairs.get(new)
        absorbed = [o for o in range(len(known)) if o != heir and share[new, o] >= _MERGED]
        parents = [o for o in range(len(known)) if o != heir and share[new, o] >= _SPLIT]
        gave = heir is not None and any(
            share[other, heir] >= _SPLIT for other in range(len(members)) if other != new
        )
        status = "kept" if heir is not None else "new"
        if absorbed and (heir is not None or len(absorbed) > 1):
            status = "merged"
        elif gave or parents:
            status = "split" if heir is None or gave else status
        earlier = sorted({*parents, *absorbed, *(() if heir is None else (heir,))})
        theme_id = fresh(round_table) if heir is None else registry["theme_id"].iloc[heir]
        names = " ".join(registry["theme_id"].iloc[earlier])
        rows.append((theme_id, status, names, int(shared[new, heir]) if heir is not None else 0))
    return pd.DataFrame(rows, columns=["theme_id", "status", "earlier", "shared"])


def as_logged(
    settled: pd.DataFrame, members: Sequence[set[str]], registry: pd.DataFrame
) -> pd.DataFrame:
    """Return what the registry already says of these themes when it was written by the same run.

    A stage forced to run again on the same corpus writes the same tables: its themes are not
    « kept » because it met its own registry. Otherwise `settled` is returned as it is.
    """
    active = registry[registry["state"] == "active"].set_index("theme_id")
    held = {theme_id: set(keys.split()) for theme_id, keys in active["members"].items()}
    if held != dict(zip(settled["theme_id"], members, strict=True)):
        return settled
    return active.loc[settled["theme_id"], ["status", "earlier", "shared"]].reset_index()


def _fresh_ids(taken: pd.Series):  # noqa: ANN202
    """Return a function that gives the next id of a round table: `tr1-01`, then `tr1-02`."""
    last: Counter[str] = Counter()
    for theme_id in taken:
        prefix, _, number = theme_id.rpartition("-")
        last[prefix] = max(last[prefix], int(number) if number.isdigit() else 0)

    def fresh(round_table: str) -> str:
        prefix = round_table.lower() or "theme"
        last[prefix] += 1
        return f"{prefix}-{last[prefix]:02d}"

    return fresh


def update(
    registry: pd.DataFrame,
    themes: pd.DataFrame,
    membership: pd.DataFrame,
    statements: pd.DataFrame,
) -> pd.DataFrame:
    """Return the registry after this run; the one given is left as it was.

    A theme no longer found is kept as `retired`, with what it held, and so are the keys of
    statements that are no longer in the corpus: the day they come back, so does their theme.
    """
    content = keys(statements)
    now = content.groupby(membership["theme_id"].to_numpy()).agg(lambda k: set(k)).to_dict()
    alive = set(content)
    rows = [
        {
            "theme_id": theme.theme_id,
            "round_table": theme.round_table,
            "label": theme.label,
            "keywords": theme.keywords,
            "state": "active",
            "status": theme.status,
            "earlier": theme.earlier,
            "shared": theme.shared,
            "members": now.get(theme.theme_id, set()),
        }
        for theme in themes.itertuples()
    ]
    found = {row["theme_id"]: row for row in rows}
    for old in registry.itertuples():
        absent = set(old.members.split()) - alive
        if old.theme_id in found:
            found[old.theme_id]["members"] = found[old.theme_id]["members"] | absent
        else:
            rows.append(
                {**{c: getattr(old, c) for c in registry.columns}, "state": "retired"}
                | {"members": set(old.members.split())}
            )
    for row in rows:
        row["members"] = " ".join(sorted(row["members"]))
    table = pd.DataFrame(rows, columns=list(registry.columns))
    return table.astype(dict.fromkeys(table.columns.drop("shared"), str) | {"shared": int})


def changes(registry: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Return `theme_changes`, the log of a run: one row a theme found or no longer found.

    In: the registry before the run, and the themes found with what `settle` said of each.
    """
    labels = dict(zip(registry["theme_id"], registry["label"], strict=True))
    rows = []
    for row in themes.itertuples():
        others = [f"« {labels[i]} »" for i in row.earlier.split() if i != row.theme_id]
        detail = {
            "new": "Thème nouveau.",
            "kept": f"Même thème : {row.shared} énoncés en commun avec le passage précédent.",
            "split": f"Issu du partage de {', '.join(others) or 'ce thème'}.",
            "merged": f"A reçu la moitié ou plus de {', '.join(others)}.",
        }[row.status]
        rows.append((row.theme_id, row.label, row.status, row.earlier, row.shared, detail))
    gone = registry[
        (registry["state"] == "active") & ~registry["theme_id"].isin(themes["theme_id"])
    ]
    rows += [
        (
            row.theme_id,
            row.label,
            "retired",
            row.theme_id,
            0,
            "N'est plus trouvé ; son identifiant lui reste réservé.",
        )
        for row in gone.itertuples()
    ]
    return pd.DataFrame(rows, columns=list(contract.TABLES["theme_changes"].columns))


def with_names(themes: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Return the themes under the names analysts gave them (`names`: theme_id, label).

    An analyst's name wins; a theme of ours that bore the same name is told apart by its first
    keyword. Names of themes that do not exist change nothing.
    """
    given = dict(zip(names["theme_id"], names["label"], strict=True))
    taken = {label for theme_id, label in given.items() if theme_id in set(themes["theme_id"])}
    labels = []
    for theme in themes.itertuples():
        label = given.get(theme.theme_id, theme.label)
        if theme.theme_id not in given and label in taken:
            label = f"{label} : {theme.keywords.split('; ')[0]}"
        labels.append(label)
    return themes.assign(label=labels)
