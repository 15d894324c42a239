"""The database: engine, transactions, and the column types that keep values honest.

SQLite runs through the `pysqlite3` package: it brings SQLite 3.53, and WAL is safe only from
3.51.3 on (before that a checkpoint racing a WAL reset could corrupt a file shared by two
processes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

from pysqlite3 import dbapi2 as sqlite_driver
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Text,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

from feedsvc import clock as system_clock
from feedsvc import postgres
from feedsvc.errors import TooSlow
from feedsvc.turnstile import Turnstile
from feedsvc.watch import Watch

FIRST_SAFE_SQLITE = (3, 51, 3)
BUSY_TIMEOUT_MS = 15_000
ROWS_SURVEYED = 400  # of each index, when a table is analyzed
STEPS = 50_000  # of SQLite's machine, about a millisecond, between two looks at the clock
CANCELED = "57014"  # PostgreSQL's code for a statement that was stopped

NAIVE = "a naive datetime names no instant; pass an aware one"

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant: UTC in, UTC out. Refuses naive values, which name no instant."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(NAIVE)
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        if dialect.name == "sqlite":
            return _of_text
        return super().result_processor(dialect, coltype)


def _as_text(value: datetime | None) -> str | None:
    """As SQLAlchemy keeps it in SQLite, in a third of the time: four are in each mail, for one."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(NAIVE)
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _of_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


class Amount(TypeDecorator[Decimal]):
    """Money as a Decimal with two places, stored as whole hundredths: exact on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((Decimal(value) * 100).to_integral_exact())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class JSONValue(TypeDecorator[Any]):
    """A JSON document as text, with sorted keys: the same value is the same bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: dict[Any, TypeEngine[Any] | type[TypeEngine[Any]]] = {
        datetime: UTCDateTime,
        Decimal: Amount,
        int: BigInteger().with_variant(Integer(), "sqlite"),
    }


class Database:
    """One engine and the two ways to use it: `begin()` to write, `read()` to look.

    A write takes the lock at once (BEGIN IMMEDIATE on SQLite), so that it cannot fail half way
    for having read first. A read sees one snapshot (REPEATABLE READ on PostgreSQL).

    `now()` is the time that all who share the database agree on. `clock` stands in for it where a
    test or a simulation has a time of its own.
    """

    def __init__(self, url: str, *, clock: Callable[[], datetime] | None = None) -> None:
        self.url = make_url(url)
        self._clock = clock
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else postgres.engine(url)
        write = {"feedsvc_begin": "BEGIN IMMEDIATE"} if self.is_sqlite else {}
        look = (
            {}
            if self.is_sqlite
            else {
                "isolation_level": "REPEATABLE READ",
                "postgresql_readonly": True,
            }
        )
        self._write_engine = self.engine.execution_options(**write)
        self._read_engine = self.engine.execution_options(**look)
        alone = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._glance_engine = self.engine.execution_options(**alone)
        self._watches: list[Watch] = []
        file = self.url.database if self.is_sqlite else None
        self._turnstile = Turnstile(Path(file)) if file else None

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that commits at the end of the block and rolls back on an exception."""
        with (
            self._in_turn(),
            Session(self._write_engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def _in_turn(self) -> AbstractContextManager[None]:
        """Who writes to SQLite waits here: it asks again only now and then, and not in turn."""
        if self._turnstile is None:
            return nullcontext()
        return self._turnstile.turn(patience=BUSY_TIMEOUT_MS / 1000)

    @contextmanager
    def read(self, *, limit: float | None = None) -> Iterator[Session]:
        """One snapshot; nothing is written.

        Raises: TooSlow, after `limit` seconds: of one statement on PostgreSQL, of all on SQLite.
        """
        with Session(self._read_engine, expire_on_commit=False, autoflush=False) as session:
            if limit is None:
                yield session
                return
            with _on_time(session, limit, is_sqlite=self.is_sqlite):
                yield session

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """For one question, which sees one snapshot by itself: nothing is written.

        PostgreSQL is not asked to begin and to end a transaction, for which the reader would wait.
        """
        with Session(self._glance_engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    def now(self) -> datetime:
        """The time of the database, whatever the clock of this machine says; in whole seconds."""
        if self._clock is not None:
            return self._clock()
        if self.is_sqlite:  # its processes share a machine, and so a clock
            return system_clock.now()
        with self.glance() as session:
            at: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return at.astimezone(UTC).replace(microsecond=0)

    def stopwatch(self) -> float:
        """Seconds since some instant, of the same clock: to tell how long a transaction took."""
        return system_clock.stopwatch() if self._clock is None else self._clock().timestamp()

    def watch(self, query: str) -> Watch:
        """Ask `query` (one value) again and again, outside of any session; closed with this."""
        watch = Watch(self.engine, query)
        self._watches.append(watch)
        return watch

    def close(self) -> None:
        for watch in self._watches:
            watch.close()
        self.engine.dispose()


@contextmanager
def _on_time(session: Session, limit: float, *, is_sqlite: bool) -> Iterator[None]:
    """Stop what takes longer. A connection goes back to its pool without the limit."""
    driver: Any = session.connection().connection.driver_connection if is_sqlite else None
    if driver is not None:
        end = monotonic() + limit
        driver.set_progress_handler(lambda: monotonic() > end, STEPS)
    else:
        session.execute(text(f"SET LOCAL statement_timeout = {round(limit * 1000)}"))
    try:
        yield
    except OperationalError as error:
        if "interrupted" in str(error.orig) or getattr(error.orig, "sqlstate", "") == CANCELED:
            raise TooSlow from error
        raise
    finally:
        if driver is not None:
            driver.set_progress_handler(None, STEPS)


def _sqlite_engine(url: str) -> Engine:
    if sqlite_driver.sqlite_version_info < FIRST_SAFE_SQLITE:
        raise RuntimeError(
            f"SQLite {sqlite_driver.sqlite_version} is too old for WAL; install pysqlite3 >= 0.6.1"
        )
    engine = create_engine(
        url,
        module=sqlite_driver,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # this module, not the driver, says BEGIN
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # an acknowledged publish survives power loss
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute(f"PRAGMA analysis_limit = {ROWS_SURVEYED}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("feedsvc_begin", "BEGIN"))
