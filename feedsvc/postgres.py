"""PostgreSQL through psycopg: how a connection is prepared, planned for and taken from its pool.

A connection that waits in the pool is seen to be open before it is used again. SQLAlchemy's own ping is
a question, for whose answer every transaction would wait. But a server that ends a connection says
so, and its words wait in the socket: a look there sends nothing. So only two are asked: one in which
there is something to hear, and one that was idle for long, for a network may have forgotten it in
silence.
"""

from __future__ import annotations

import select
from binascii import unhexlify
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy import Dialect, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError

PLAN_ANEW = "feedsvc_plan_anew"  # an execution option
ASK_AFTER = 5.0  # seconds
SINCE = "idle since"  # among what the pool notes of a connection


class Blobs(list[bytes]):
    """Byte strings for one parameter, an array, that PostgreSQL is given as they are."""


def engine(url: str) -> Engine:
    target = make_url(url).set(drivername="postgresql+psycopg")
    made = create_engine(target, pool_size=8, max_overflow=8)
    event.listen(made, "connect", _prepare)
    event.listen(made, "do_execute", _plan_anew)
    event.listen(made, "checkin", _put_back)
    event.listen(made, "checkout", partial(_taken, made.dialect))
    return made


def _plan_anew(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Let PostgreSQL plan a statement for the values it has this time: the option `PLAN_ANEW` asks.

    Otherwise the driver prepares what it has seen five times, and the server may keep one plan for
    all values. The server's own setting for it (plan_cache_mode) would have the queries of foreign
    keys planned anew as well, for every row that is written.
    """
    if PLAN_ANEW not in context.execution_options:
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


def _prepare(connection: Any, _record: object) -> None:
    """Let byte strings go and come quickly (the driver's own ways take three times as long), and
    each statement be answered by one process.
    """
    from psycopg.adapt import Loader  # noqa: PLC0415 who has SQLite does without
    from psycopg.types.array import ListBinaryDumper  # noqa: PLC0415

    class Hexadecimal(Loader):
        def load(self, data: Any) -> bytes:
            return unhexlify(memoryview(data)[2:])  # after \\x

    connection.adapters.register_loader("bytea", Hexadecimal)
    connection.adapters.register_dumper(Blobs, ListBinaryDumper)
    # What is asked here takes milliseconds, and so does starting a second process to answer it.
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.commit()


def _put_back(_connection: object, record: Any) -> None:
    record.info[SINCE] = monotonic()


def _taken(dialect: Dialect, connection: Any, record: Any, _proxy: object) -> None:
    """Raises: InvalidatePoolError, upon which SQLAlchemy opens a new one, and one for each other."""
    since = record.info.get(SINCE)
    if since is None or (monotonic() - since < ASK_AFTER and not _is_heard(connection)):
        return
    try:
        dialect.do_ping(connection)
    except connection.OperationalError:
        raise InvalidatePoolError from None


def _is_heard(connection: Any) -> bool:
    """Whether the server has said something that nobody asked for, or has hung up."""
    if connection.closed:
        return True
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return bool(socket.poll(0))
