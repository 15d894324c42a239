"""Ask one question of the database at each request, and do not ask where nothing was written.

SQLite in WAL mode says in shared memory whether anything was written: each commit writes a new
header, 48 bytes at the begin of the `-shm` file, with a count of commits, the salts of the WAL and
the checksum of its last frame (https://www.sqlite.org/walformat.html section 2.1). The second copy
is written first; so while the first copy is what it was, no commit has been acknowledged.

1. Read the header **first**, then SELECT, and keep both together.
2. While the header is the same bytes, what was kept is what the SELECT would say.
3. Once a second ask anyway, and see whether the file is still the one that was opened.

Without a header to read (PostgreSQL, another journal mode, no such file) each call is a SELECT.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy import Engine

HEADER = 48  # bytes of one copy; written in the machine's own byte order
VERSION, INITIALISED = 3_007_000, 1  # what any WAL-index says of itself
ASK_ANYWAY = 1.0  # seconds

Identity = tuple[int, int]  # device and inode


@dataclass(frozen=True, slots=True)
class Files:
    """Which files a database is."""

    database: Identity
    index: Identity


@dataclass(frozen=True, slots=True)
class Held:
    """What the SELECT said, and the header that was there before it."""

    header: bytes
    value: Any
    index: mmap.mmap
    until: float  # on the monotonic clock


class Watch:
    """One question (`query` gives one value), asked so often that a session would cost more.

    Connections stay open between calls, and no transaction stays open with them: each call sees
    what was committed last. An open connection also keeps the `-shm` file in its place.
    """

    def __init__(self, engine: Engine, query: str) -> None:
        self._engine, self._query = engine, query
        self._path = _path(engine)
        self._files: Files | None = None
        self._idle: list[Any] = []  # connections; appending and popping are atomic
        self._held: Held | None = None

    def __call__(self) -> Any:
        """The value now. Raises: the driver's error; the next call begins anew."""
        known = self.known()
        return self._asked() if known is None else known

    def known(self) -> Any:
        """The value now if that is certain without asking; None if it is not. Never waits."""
        held = self._held
        if held and held.index[:HEADER] == held.header and monotonic() < held.until:
            return held.value
        return None

    def close(self) -> None:
        self._held = None
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _asked(self) -> Any:
        """Ask the database, and keep the answer if there is a header to keep it with."""
        index = self._index(self._path) if self._path else None
        if index is None:
            return self._select()
        header = index[:HEADER]
        value = self._select()
        self._held = Held(header, value, index, monotonic() + ASK_ANYWAY)
        return value

    def _index(self, path: Path) -> mmap.mmap | None:
        """The header that belongs to the open connections; None until there are any.

        A database that was put in the place of another one is opened anew, here and in the pool:
        open connections would go on reading the one that is gone.
        """
        files = _files(path)
        if files == self._files:
            return _mapped(path, files) if files else None
        if self._files:
            self.close()
            self._engine.dispose()
        self._files = files
        return None

    def _select(self) -> Any:
        idle = self._idle
        try:
            connection = idle.pop()
        except IndexError:
            connection = self._connected()
        try:
            # All rows: a statement that is not at its end keeps its snapshot.
            value = connection.cursor().execute(self._query).fetchall()[0][0]
        except Exception:
            self._held = None
            connection.close()
            raise
        idle.append(connection)
        return value

    def _connected(self) -> Any:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        if self._engine.dialect.name == "postgresql":
            connection.autocommit = True
        return connection


# By file: the descriptor and the first bytes (None: they cannot be mapped).
_mappings: dict[Identity, tuple[int, mmap.mmap | None]] = {}
_lock = Lock()


def _mapped(path: Path, files: Files) -> mmap.mmap | None:
    """The first bytes of a WAL-index, as they are at any time; None where that cannot be had.

    One mapping for each file in this process, and its file stays open: closing it would drop every
    lock that SQLite holds on that file in this process (https://www.sqlite.org/howtocorrupt.html
    section 2.2). Only what is deleted is let go.
    """
    with _lock:
        if files.index not in _mappings:
            _forget_deleted()
            _map(_index_of(path))
        _, index = _mappings.get(files.index, (-1, None))
    return index if index and _readable(index) else None


def _map(path: Path) -> None:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        index = mmap.mmap(file, HEADER, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        index = None
    _mappings[_identity(os.fstat(file))] = file, index


def _forget_deleted() -> None:
    for key, (file, _) in list(_mappings.items()):
        if not os.fstat(file).st_nlink:
            del _mappings[key]
            os.close(file)


def _readable(index: mmap.mmap) -> bool:
    """Whether the header is of the one version that this module knows."""
    version, initialised = struct.unpack_from("=I8xB", index)
    return (version, initialised) == (VERSION, INITIALISED)


def _files(path: Path) -> Files | None:
    try:
        return Files(_identity(path.stat()), _identity(_index_of(path).stat()))
    except OSError:
        return None


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


def _index_of(path: Path) -> Path:
    return path.with_name(path.name + "-shm")


def _path(engine: Engine) -> Path | None:
    """The database's file, where it is a SQLite file on a system whose files can be mapped."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or os.name != "posix" or not name:
        return None
    # SQLite follows links before it names the files beside it.
    return None if name.startswith((":memory:", "file:")) else Path(name).resolve()
