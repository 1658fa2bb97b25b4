"""The numbers of params.yaml: read once, in a stage's `main`, and checked against its function.

A parameter is a keyword-only name of the stage's function; its annotation says its type and, with
`Annotated[..., Between()]`, its bounds.
"""

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import yaml

from pipeline.contract import UserError

PARAMS = Path("params.yaml")


@dataclass(frozen=True)
class Between:
    """The bounds of a number, written in its annotation: `Annotated[int, Between(1)]`."""

    low: float
    high: float = float("inf")


def load_params() -> dict[str, Any]:
    """Return params.yaml, section by section; raises UserError where it cannot be read."""
    try:
        document = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError("params.yaml manque : reprenez celui du dépôt.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", ligne {mark.line + 1}" if mark else ""
        raise UserError(
            f"params.yaml{line} : la syntaxe est incorrecte (« nom: valeur », deux espaces de "
            "retrait) ; corrigez cette ligne."
        ) from None
    if not isinstance(document, dict):
        raise UserError("params.yaml est vide ou mal formé : reprenez celui du dépôt.")
    return document


_TYPE_NAMES = {int: "un nombre entier", float: "un nombre", str: "un texte", bool: "true ou false"}


def params(section: str, function: Callable[..., Any]) -> dict[str, Any]:
    """Return the parameters of `section`: exactly the keyword-only names of `function`.

    Raises UserError, in French, for a missing, unknown, mistyped or out-of-bounds parameter.
    """
    values = load_params().get(section)
    if not isinstance(values, dict):
        raise UserError(f"params.yaml : la section « {section} » manque ; reprenez celle du dépôt.")
    signature = inspect.signature(function).parameters.values()
    names = [p.name for p in signature if p.kind is p.KEYWORD_ONLY]
    hints = get_type_hints(function, include_extras=True)
    for name in values:
        if name not in names:
            close = difflib.get_close_matches(str(name), names, n=1)
            hint = f"vouliez-vous dire « {close[0]} » ?" if close else "supprimez-le."
            raise UserError(f"params.yaml, section « {section} » : « {name} » est inconnu ; {hint}")
    for name in names:
        if name not in values:
            raise UserError(f"params.yaml, section « {section} » : « {name} » manque ; ajoutez-le.")
        _check_value(f"params.yaml, {section}.{name}", values[name], hints[name])
    return values


def _check_value(where: str, value: Any, hint: Any) -> None:
    bounds = None
    if get_origin(hint) is Annotated:
        hint, bounds, *_ = get_args(hint)
    accepted = (int, float) if hint is float else hint
    if get_origin(hint) in (list, dict):
        accepted = get_origin(hint)
    wrong_type = not isinstance(value, accepted) or (
        isinstance(value, bool) and hint in (int, float)
    )
    if wrong_type:
        expected = _TYPE_NAMES.get(hint, "une liste" if accepted is list else "une table")
        raise UserError(f"{where} vaut « {value} » : mettez {expected}.")
    if bounds and not bounds.low <= value <= bounds.high:
        limit = f"entre {bounds.low:g} et {bounds.high:g}"
        if bounds.high == float("inf"):
            limit = f"d'au moins {bounds.low:g}"
        raise UserError(f"{where} vaut « {value} » : mettez un nombre {limit}.")
