"""What both databases are told in one way, though each has its own words for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Dialect,
    Integer,
    Row,
    String,
    Text,
    bindparam,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from feedsvc.db import Base, JSONValue


class _Numbers(UserDefinedType[str]):
    """Whole numbers that are written out at once: the driver takes six times as long for a list."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_options: Any) -> str:
        return "BIGINT[]"


class ListOf(TypeDecorator[Any]):
    """Many values in one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        is_numbers = isinstance(self.item, Integer)
        return dialect.type_descriptor(_Numbers() if is_numbers else postgresql.ARRAY(self.item))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if dialect.name != "postgresql":
            return json.dumps(list(value))
        if isinstance(self.item, Integer):
            return f"{{{','.join(map(str, value))}}}"
        return list(value)


class _OneOf(FunctionElement[Any]):
    """A column and a list. It has no type of its own: SQLite would compare a truth value with 1."""

    inherit_cache = True


@compiles(_OneOf, "postgresql")
def _one_of_array(element: _OneOf, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_OneOf, "sqlite")
def _one_of_json(element: _OneOf, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608


def one_of(column: Any, name: str) -> ColumnElement[bool]:
    """Whether a column is one of the values that are bound under a name, numbers or strings.

    Unlike those of `in_` they are one parameter: a statement that is made once stays the same text,
    however many there are, and neither SQLAlchemy nor the driver takes it apart again.
    """
    return _OneOf(column, bindparam(name, type_=ListOf(column.type)))


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """The same of values that are known already."""
    return _OneOf(column, bindparam(None, list(values), type_=ListOf(column.type)))


class ByKey(FunctionElement[str]):
    """The text that a number has in a mapping that is bound under a name, in one parameter."""

    type = Text()
    inherit_cache = True

    def __init__(self, column: Any, name: str) -> None:
        super().__init__(column, bindparam(name, type_=JSONValue()))


@compiles(ByKey, "postgresql")
def _by_key_of_json(element: ByKey, compiler: Any, **options: Any) -> str:
    column, mapping = (compiler.process(part, **options) for part in element.clauses)
    return f"(CAST({mapping} AS JSON) ->> CAST({column} AS TEXT))"


@compiles(ByKey, "sqlite")
def _by_key_of_text(element: ByKey, compiler: Any, **options: Any) -> str:
    column, mapping = (compiler.process(part, **options) for part in element.clauses)
    return f"({mapping} ->> CAST({column} AS TEXT))"


class _Each(FunctionElement[Any]):
    """The values of a JSON list, as rows."""

    inherit_cache = True


@compiles(_Each, "postgresql")
def _each_of_jsonb(element: _Each, compiler: Any, **options: Any) -> str:
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **options)} AS JSONB))"


@compiles(_Each, "sqlite")
def _each_of_json(element: _Each, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


def listed(name: str, *kinds: TypeEngine[Any]) -> Sequence[ColumnElement[Any]]:
    """The columns of rows that are bound under a name as a list of lists, in one parameter.

    For an UPDATE of many rows, each by its own: a look into a mapping (`ByKey`) goes through all of
    it for each row.
    """
    row = _Each(bindparam(name, type_=JSONValue())).table_valued("value").c.value
    return [
        sql_cast(row.op("->>")(literal_column(str(place))), kind)
        for place, kind in enumerate(kinds)
    ]


def insert(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say ON CONFLICT, which both databases spell alike."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(model) if on_postgresql else sqlite.insert(model)


def insert_new(
    session: Session,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *returning: ColumnElement[Any] | InstrumentedAttribute[Any],
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Insert those of the rows that no unique key forbids; what is asked of the new ones.

    All have the same columns. PostgreSQL gets them as one parameter, for the driver takes twice as
    long for thousands; to SQLite it makes no difference.
    """
    link = session.connection()
    if link.dialect.name == "sqlite":
        statement = sqlite.insert(model).on_conflict_do_nothing().returning(*returning)
        return link.execute(statement, [*rows]).all()
    statement = _insert_listed(model, tuple(rows[0])).returning(*returning)
    return link.execute(statement, {"rows": json.dumps(rows, default=str)}).all()


@lru_cache
def _insert_listed(model: type[Base], names: tuple[str, ...]) -> postgresql.Insert:
    listed = sql_cast(bindparam("rows", type_=Text()), postgresql.JSONB)
    row = type_coerce(func.jsonb_array_elements(listed).column_valued("row"), postgresql.JSONB)
    kinds = {name: model.__table__.c[name].type for name in names}
    fields = [row[name].astext.cast(kind) for name, kind in kinds.items()]
    return postgresql.insert(model).from_select(names, select(*fields)).on_conflict_do_nothing()


def constant(word: str) -> ColumnElement[str]:
    """A word of the code's own that stands in a statement, and is not bound to it.

    For what a partial index is about: PostgreSQL does not find the index by a bound value in a plan
    that it keeps, and SQLite makes the statement anew for each value.
    """
    assert word.isidentifier() or not word, "what people write is bound"
    return literal_column(f"'{word}'", String())


class Written:
    """A statement that is written out, for both databases or for each, and handed on as it is.

    For what is asked so often that it matters: SQLAlchemy takes twenty times as long as SQLite to
    compile a statement for a row, or to find out that it did. Values are bound as `:name`.
    """

    def __init__(self, sqlite: str, postgresql: str = "") -> None:
        named = re.sub(r"(?<!:):(\w+)", r"%(\1)s", postgresql or sqlite)
        self._texts = {"sqlite": sqlite, "postgresql": named}

    def __call__(
        self, session: Session, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run it, once for each row of values."""
        link = session.connection()
        given: Any = values
        return link.exec_driver_sql(self._texts[link.dialect.name], given)
