"""Addresses compiled once for all apps of a run: each web test makes an app of its own.

Werkzeug writes a function for each rule and has Python compile it, a tenth of a second for ours.
The function depends on the rule's own words only, so equal rules may share it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder
_known: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}


def install() -> None:
    Rule._compile_builder = _compile_once  # type: ignore[method-assign]


def _compile_once(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    defaults = repr(self.defaults)
    converters = tuple(sorted((name, type(one)) for name, one in self._converters.items()))
    key = (self.rule, tuple(self._trace), defaults, str(converters), append_unknown)
    if key not in _known:
        _known[key] = _compile(self, append_unknown)
    return _known[key]
