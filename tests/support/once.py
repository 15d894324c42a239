"""Made once for all tests of a run what each app and each database would make for itself.

Every test has an app and a database of its own. Three things in them are the same each time and cost
more than most tests do: the addresses of an app and what is called for each, the functions that
Werkzeug writes and compiles for each address, and the SQL that SQLAlchemy writes for each statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Dialect, Engine, event
from werkzeug.routing import Rule

from feedsvc import app as apps

# What Flask keeps of registered blueprints, beside the map of addresses.
REGISTERED = (
    "blueprints", "view_functions", "error_handler_spec", "before_request_funcs",
    "after_request_funcs", "teardown_request_funcs", "template_context_processors",
    "url_value_preprocessors", "url_default_functions",
)  # fmt: skip

_register = apps._register
_first: list[Flask] = []
_added: dict[str, Any] = {}
_compile = Rule._compile_builder
_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_statements: dict[Any, Any] = {}


def install() -> None:
    apps._register = _registered
    Rule._compile_builder = _builder  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _share_statements)
    # The caches are keyed by dialect. One engine's is as good as another's of that kind.
    Dialect.__eq__ = _same_kind  # type: ignore[method-assign, assignment]
    Dialect.__hash__ = _kind  # type: ignore[method-assign, assignment]


def _registered(app: Flask) -> None:
    """The first app registers its blueprints; the others take over what that added."""
    _take_over(app)
    app.add_url_rule = _refused  # type: ignore[method-assign]


def _refused(rule: str, *_: Any, **__: Any) -> None:
    raise AssertionError(f"all apps share their addresses, so none gets {rule}: replace a view")


def _take_over(app: Flask) -> None:
    if not _first:
        before = {name: _copied(getattr(app, name)) for name in REGISTERED}
        _register(app)
        _added.update({name: _new(before[name], getattr(app, name)) for name in REGISTERED})
        _first.append(app)
        return
    app.url_map = _first[0].url_map
    for name in REGISTERED:
        _add(getattr(app, name), _added[name])
    for blueprint in {id(one): one for one in app.blueprints.values()}.values():
        for own in blueprint.deferred_functions:  # our own, and filters, among Flask's
            if own.__module__.startswith("feedsvc.") or own.__name__.startswith(
                "register_template"
            ):
                own(blueprint.make_setup_state(app, {}, first_registration=True))


def _copied(kept: Any) -> Any:
    """Dictionaries and lists of their own, with the same things in them."""
    if isinstance(kept, dict):
        return {key: _copied(value) for key, value in kept.items()}
    return list(kept) if isinstance(kept, list) else kept


def _new(before: Any, after: Any) -> Any:
    """What of `after` was not there before."""
    if isinstance(after, dict):
        found = {key: _new(before.get(key), value) if key in before else _copied(value)
                 for key, value in after.items()}  # fmt: skip
        return {key: value for key, value in found.items() if value or key not in before}
    return after[len(before) :] if isinstance(after, list) else None


def _add(kept: Any, more: Any) -> None:
    for key, value in more.items():
        if isinstance(value, dict):
            _add(kept[key], value)  # Flask's make what is missing
        elif isinstance(value, list):
            kept[key] = [*kept.get(key, ()), *value]
        else:
            kept[key] = value


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
