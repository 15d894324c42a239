"""Made once for all tests of a run what each app and each database would make for itself.

Every test has an app and a database of its own. Two things in them are the same each time and cost
more than most tests do: the functions that Werkzeug writes and compiles for each address, and the
SQL that SQLAlchemy writes for each statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event
from werkzeug.routing import Rule

_compile = Rule._compile_builder
_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_statements: dict[Any, Any] = {}


def install() -> None:
    Rule._compile_builder = _builder  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _share_statements)
    # The caches are keyed by dialect. One engine's is as good as another's of that kind.
    Dialect.__eq__ = _same_kind  # type: ignore[method-assign, assignment]
    Dialect.__hash__ = _kind  # type: ignore[method-assign, assignment]


def _builder(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """The function depends on the rule's own words only, so equal rules may share it."""
    converters = tuple(sorted((name, str(type(one))) for name, one in self._converters.items()))
    key = (self.rule, tuple(self._trace), repr(self.defaults), converters, append_unknown)
    if key not in _builders:
        _builders[key] = _compile(self, append_unknown)
    return _builders[key]


def _share_statements(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_statements)
    if connection.dialect.name == "sqlite" and "hasty" not in connection.info:
        # No test cuts the power: what a killed process wrote is there without waiting for the disk.
        connection.info["hasty"] = True
        connection.connection.cursor().execute("PRAGMA synchronous = OFF")


def _same_kind(self: Dialect, other: object) -> bool:
    return type(self) is type(other)


def _kind(self: Dialect) -> int:
    return hash(type(self))
