"""Objects out of fields: a body becomes the domain's frozen edit, and a row becomes JSON. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from feedsvc.web.api.editor.shapes import (
    Json,
    Languages,
    Many,
    Problems,
    Shape,
    is_object,
    nullable,
)

NOTHING: Any = object()  # None is a value


@dataclass(frozen=True, kw_only=True)
class Field:
    """One member of an object. `meaning` is for developers, in English like the names.

    `get` finds its value in a row, where it is no attribute of the same name. `needed` says what to
    do where it is missing; else `empty` stands in for it, or the edit's own default. What is
    `spoken` is said with a change and kept nowhere, so that no answer has it. `maybe` there is none:
    null, which a field whose edit has None by default may be without saying so.
    """

    shape: Shape
    meaning: str = ""
    get: Callable[[Any], Any] | None = None
    needed: str = ""
    empty: Any = NOTHING
    spoken: bool = False
    maybe: bool = False


@dataclass(frozen=True)
class Object:
    """A JSON object by its name in the OpenAPI document; `make` makes the domain's value of it."""

    name: str
    make: Callable[..., Any]
    fields: Mapping[str, Field]

    def read(self, value: Any, at: str, problems: Problems) -> Any:
        """null is as good as absent."""
        before = problems.count
        if not is_object(value, at, self.fields, problems):
            return None
        made = {}
        for name, field in self.fields.items():
            place = f"{at}.{name}" if at else name
            if value.get(name) is not None:
                made[name] = field.shape.read(value[name], place, problems)
            elif field.needed:
                problems.add(place, field.needed)
            elif field.empty is not NOTHING:
                made[name] = field.empty
        return self.make(**made) if problems.count == before else None

    def write(self, value: Any) -> Json:
        told = {}
        for name, field in self.fields.items():
            if not field.spoken:
                found = field.get(value) if field.get else getattr(value, name)
                told[name] = None if found is None else field.shape.write(found)
        return told

    def schema(self) -> Json:
        return {"$ref": f"#/components/schemas/{self.name}"}

    def component(self) -> Json:
        """The schema that its name stands for."""
        needed = [name for name, field in self.fields.items() if field.needed]
        return {
            "type": "object",
            "properties": {name: self._member(name) for name in self.fields},
            **({"required": needed} if needed else {}),
            "additionalProperties": False,
        }

    def parts(self) -> Iterator[Object]:
        """This object and those inside."""
        yield self
        for field in self.fields.values():
            shape = field.shape
            while isinstance(shape, Many | Languages):
                shape = shape.of
            if isinstance(shape, Object):
                yield from shape.parts()

    def _member(self, name: str) -> Json:
        field, usual = self.fields[name], self._usual(name)
        schema = field.shape.schema()
        if usual is None or field.maybe:
            schema = nullable(schema)
        elif isinstance(usual, str | bool | int):
            schema = {**schema, "default": usual}
        meaning = {"description": field.meaning} if field.meaning else {}
        return {**schema, **meaning, **({"writeOnly": True} if field.spoken else {})}

    def _usual(self, name: str) -> Any:
        """What stands for it where it is missing, as far as that is one value."""
        if not dataclasses.is_dataclass(self.make):
            return NOTHING
        defaults = {field.name: field.default for field in dataclasses.fields(self.make)}
        return defaults.get(name, NOTHING)
