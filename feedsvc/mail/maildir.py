"""A Maildir: a folder into which a mail server delivers, one file for each message.

The `mailbox` of the standard library writes a message anew to mark it, which can be cut off half
way; here that is a rename.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from feedsvc.mail.boxes import BoxAway
from feedsvc.mail.reports import MOST_BYTES

log = logging.getLogger(__name__)

FOLDERS = ("new", "cur")
INFO, TRASHED = ":2,", "T"  # what stands between a name and its flags; the flag of deleted ones


class Maildir:
    """See `boxes.Box`. Several processes may read it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def waiting(self, most: int) -> Iterator[tuple[str, bytes]]:
        files = [path for path in self._files() if not _is_marked(path)]
        for path in sorted(files, key=lambda path: path.name)[:most]:
            content = _beginning(path)
            if content is not None:
                yield path.name, content

    def mark(self, key: str) -> None:
        name, _, flags = key.partition(INFO)
        marked = self._path / "cur" / f"{name}{INFO}{''.join(sorted({*flags, TRASHED}))}"
        with self._faults():
            for folder in FOLDERS:
                with suppress(FileNotFoundError):  # in the other one; or another was first
                    (self._path / folder / key).rename(marked)

    def clean(self, before: datetime) -> None:
        with self._faults():
            for path in self._files():
                with suppress(FileNotFoundError):
                    if _is_marked(path) and path.stat().st_mtime < before.timestamp():
                        path.unlink()

    def close(self) -> None:
        pass

    def _files(self) -> list[Path]:
        with self._faults():
            found = [path for folder in FOLDERS for path in (self._path / folder).iterdir()]
        return [path for path in found if not path.name.startswith(".")]

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            raise BoxAway(f"{self._path}: {fault.strerror}") from fault


def _is_marked(path: Path) -> bool:
    return TRASHED in path.name.partition(INFO)[2]


def _beginning(path: Path) -> bytes | None:
    """None for a file that has gone or cannot be read: the others are read all the same."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as fault:
        log.warning("%s cannot be read: %s", path, fault.strerror)
        return None
