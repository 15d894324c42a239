"""Processes write, check point and are killed; whoever watches is never behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from feedsvc.db import Database
from tests.support import schema, writer

pytestmark = [pytest.mark.system]

QUERY = "SELECT value FROM generation"
ROUNDS, LOOKS = 6, 1_500


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "watched.sqlite3"
    schema.create(f"sqlite:///{found}")
    return found


@pytest.fixture
def writing(path: Path) -> Iterator[dict[str, Popen[str]]]:
    """Three processes that write until they are killed."""
    running: dict[str, Popen[str]] = {}
    try:
        for deed in ("publish", "deliver", "checkpoint"):
            running[deed] = writer.start(path, deed)
            _begun(running[deed])
        yield running
    finally:  # also when one of them did not begin
        for process in running.values():
            _kill(process)


def _begun(process: Popen[str]) -> None:
    assert process.stdout
    assert process.stdout.readline() == "begun\n"


def _kill(process: Popen[str]) -> None:
    process.kill()  # kill -9
    process.communicate()


def test_a_watch_is_never_behind_while_writers_are_killed(
    path: Path, writing: dict[str, Popen[str]]
):
    db = Database(f"sqlite:///{path}")
    watch, plain = db.watch(QUERY), db.engine.raw_connection()

    def asked() -> int:
        return int(plain.cursor().execute(QUERY).fetchone()[0])

    seen = []
    for number in range(ROUNDS):
        for _ in range(LOOKS):
            before, found, after = asked(), watch(), asked()
            assert before <= found <= after
        seen.append(found)
        deed = list(writing)[number % 3]
        _kill(writing[deed])
        before, found, after = asked(), watch(), asked()
        assert before <= found <= after
        writing[deed] = writer.start(path, deed)
        _begun(writing[deed])
    assert len(set(seen)) == ROUNDS  # there was something to see
    plain.close()
    db.close()
