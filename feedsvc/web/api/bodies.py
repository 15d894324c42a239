"""JSON that is sent to us, before anything is known of what it means. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from feedsvc.errors import BadRequest
from feedsvc.i18n import N_

Json = dict[str, Any]

DEEPEST = 12  # a search of every filter is six deep, a call four
NO_CHARACTER = N_("The body holds what is no character: U+0000, or one half of a surrogate pair.")
TOO_DEEP = N_("The body is nested too deeply.")

_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")


def parsed(data: bytes) -> Json:
    """The object that a body holds. Raises: BadRequest, with a sentence for its developer."""
    try:
        body = json.loads(data, parse_constant=_no_number, object_pairs_hook=_named_once)
    except RecursionError:
        raise BadRequest(TOO_DEEP) from None
    except ValueError as error:  # no UTF-8, no JSON, or a number of thousands of digits
        words = N_("The body is no JSON: %(error)s.")
        raise BadRequest(words, error=str(error)[:200]) from None
    if not isinstance(body, dict):
        raise BadRequest(N_("The body must be an object, like {}."))
    if trouble := _trouble(body, DEEPEST):
        raise BadRequest(trouble)
    return body


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _named_once(pairs: list[tuple[str, Any]]) -> Json:
    """Of two members with one name, one would be ignored in silence (RFC 8259 section 4)."""
    made: Json = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(f"“{name[:60]}” stands twice in one object")
        made[name] = value
    return made


def _trouble(value: Any, deeper: int) -> str:
    """What no answer could repeat and no database could look for; empty if there is nothing."""
    if isinstance(value, str):
        return NO_CHARACTER if _NO_CHARACTER.search(value) else ""
    if not isinstance(value, dict | list):
        return ""
    if not deeper:
        return TOO_DEEP
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    return next((said for part in parts if (said := _trouble(part, deeper - 1))), "")
