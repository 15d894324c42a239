"""Connections to PostgreSQL that wait in a pool: each is seen to be open before it is used again.

SQLAlchemy's own ping is a question, for whose answer every transaction would wait. But a server that
ends a connection says so, and its words wait in the socket: a look there sends nothing. So only two
are asked: one in which there is something to hear, and one that was idle for long, for a network may
have forgotten it in silence.
"""

from __future__ import annotations

import select
from functools import partial
from time import monotonic
from typing import Any

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import InvalidatePoolError

ASK_AFTER = 5.0  # seconds
SINCE = "idle since"  # among what the pool notes of a connection


def look_after(engine: Engine) -> None:
    event.listen(engine, "checkin", _put_back)
    event.listen(engine, "checkout", partial(_taken, engine.dialect))


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
