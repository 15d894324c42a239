"""The media folder: files named by the digest of what is in them, and those that nobody names."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

DIGITS = 32  # of a digest: 128 bits, which nobody finds twice or guesses
NAME = re.compile(rf"[0-9a-f]{{{DIGITS}}}[0-9a-z-]{{0,40}}\.[a-z0-9]{{3,5}}")
# What is written before its row, and what somebody still reads, has this long.
UNNAMED_FOR = timedelta(days=2)


def digest(content: bytes, salt: str = "") -> str:
    """What the content is called; with `salt`, a second file of the same content."""
    return hashlib.sha256(content + salt.encode()).hexdigest()[:DIGITS]


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write(folder: Path, name: str, content: bytes) -> None:
    """Whole or not at all. A file that is there is written again: it counts as new."""
    assert NAME.fullmatch(name), name
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.{os.getpid()}.part"
    part.write_bytes(content)
    part.replace(folder / name)


def unnamed(folder: Path, named: Collection[str], now: datetime) -> Iterator[Path]:
    """The files that no row names, and have not for some days: what was interrupted or deleted."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name in named or not path.is_file():
            continue
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if written < now - UNNAMED_FOR:
            yield path
