"""What in a document would act by itself when a reader opens it: programs, calls to servers. Pure.

This is no search for viruses. It finds what the formats themselves provide for such acts, where
they provide for it, as macros are found by their parts; documents are saved and never shown anyhow.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from html import unescape

MOST_UNPACKED = 30_000_000  # bytes of a PDF's objects
PIECE = 65_536  # bytes unpacked at once
REACH = 500  # bytes of a dictionary that are read
MOST_OPENINGS = 10  # one, and those that later versions of the file have put in its place
_STREAM = re.compile(rb"stream\r?\n")
_RELATION = re.compile(r"<(?:[\w.-]+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
# Parts that are fetched when the document is opened; what a link leads to is not.
FETCHED = ("attachedtemplate", "oleobject", "subdocument", "frame", "afchunk")
# On the reader's own disk: Word names the template of every letter so, and it harms nobody.
_LOCAL = re.compile(r"file:///[a-z](?::|%3a|\|)", re.IGNORECASE)


class TooMuch(Exception):
    """The objects of a PDF unpack to more than a document holds."""


def _name(*names: str) -> re.Pattern[bytes]:
    """A name of a PDF, whose letters may be written as numbers (ISO 32000-1 section 7.3.5)."""
    written = "|".join(
        "".join(f"(?:{letter}|#(?i:{ord(letter):02x}))" for letter in name) for name in names
    )
    return re.compile(rf"/(?:{written})(?=[\s/<>\[\]()%]|$)".encode())


# What starts a program of the machine, and what is one (ISO 32000-1 sections 12.6.4.5, 12.6.4.16).
_LAUNCH = _name("Launch")
_SCRIPT = _name("JavaScript")
_SHORT_SCRIPT = _name("JavaScript", "JS")  # three signs may stand in packed bytes by chance
_OPENS = _name("OpenAction")
# Actions that are a reader's wish behind a button, and somebody else's at the opening.
_CALLS = _name("URI", "GoToR", "GoToE", "SubmitForm", "ImportData")
_PACKED = _name("ObjStm")
_REFERENCE = re.compile(rb"\s*(\d{1,10})\s+(\d{1,5})\s+R")
_FIRST = re.compile(rb"/First\s+(\d{1,9})")
_LOCKED = re.compile(rb"/Encrypt\s*(?:\d|<<)")


def is_locked(data: bytes) -> bool:
    """Whether a PDF is encrypted: then nobody can look into it, and some readers may not."""
    return bool(_LOCKED.search(data))


def runs(data: bytes) -> bool:
    """Whether a PDF holds a program (JavaScript), as many forms do. Raises: TooMuch."""
    if _SCRIPT.search(data):
        return True
    return any(_SHORT_SCRIPT.search(one) for _, one in _objects(data))


def acts(data: bytes) -> bool:
    """Whether a PDF starts another program, or calls a server when it is opened. Raises: TooMuch.

    An opening action that only says at which page to begin, as LibreOffice writes it, is none.
    """
    packed = list(_objects(data))
    parts = [data, *(one for _, one in packed)]
    if any(_LAUNCH.search(part) for part in parts):
        return True
    opened = {said for part in parts for said in _opened(part)}
    if len(opened) > MOST_OPENINGS:
        return True
    return any(_CALLS.search(_object(said, data, packed)) for said in opened)


def is_fetched(relations: str) -> bool:
    """Whether an office file has a part of it, as a template, fetched from a server (ECMA-376 part 2)."""
    for tag in _RELATION.findall(relations):
        said = {name: unescape(a or b) for name, a, b in _ATTRIBUTE.findall(tag)}
        kind = said.get("Type", "").rpartition("/")[2].lower()
        if said.get("TargetMode", "").lower() == "external" and kind in FETCHED:
            target = said.get("Target", "").strip()
            if "://" in target and not _LOCAL.match(target):
                return True
            if target.startswith(("\\\\", "//")):
                return True
    return False


def _objects(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The packed objects of a PDF by their numbers, and all that is packed under none.

    ISO 32000-1 section 7.5.7. Raises: TooMuch.
    """
    room = MOST_UNPACKED
    for found in _STREAM.finditer(data):
        before = data[max(found.start() - REACH, 0) : found.start()]
        before = before[max(before.rfind(b"endobj"), 0) :]
        if not _PACKED.search(before):
            continue
        part = _unpacked(data, found.end(), room)
        room -= len(part)
        if room < 0:
            raise TooMuch
        yield b"", part
        first = _FIRST.search(before)
        yield from _numbered(part, int(first[1]) if first else 0)


def _unpacked(data: bytes, start: int, room: int) -> bytes:
    """What is packed from there on, as far as it can be read, and a byte beyond the room at most."""
    unpacker, part = zlib.decompressobj(), b""
    for place in range(start, len(data), PIECE):
        try:
            part += unpacker.decompress(data[place : place + PIECE], room + 1 - len(part))
        except zlib.error:
            break
        if unpacker.eof or len(part) > room:
            break
    return part


def _numbered(part: bytes, start: int) -> Iterator[tuple[bytes, bytes]]:
    """The objects of a part, whose numbers and places stand before `start`."""
    numbers = part[:start].split()
    ends = [*numbers[3::2], b"%d" % len(part)]
    for number, at, end in zip(numbers[::2], numbers[1::2], ends, strict=False):
        if at.isdigit() and end.isdigit():
            yield number, part[start + int(at) : start + int(end)]


def _opened(part: bytes) -> list[bytes]:
    """What stands behind each opening action: a reference, or the action itself."""
    places = (found.end() for found in _OPENS.finditer(part))
    return [part[place : place + REACH] for place in places]


def _object(said: bytes, data: bytes, packed: Sequence[tuple[bytes, bytes]]) -> bytes:
    """An opening action, also where it is only referred to; nothing for a place in the text."""
    named = _REFERENCE.match(said)
    if named is None:
        return said.partition(b">>")[0] if said.lstrip().startswith(b"<<") else b""
    head = re.compile(rb"(?<!\d)%b\s+%b\s+obj\b" % named.groups())
    places = [one.end() for one in head.finditer(data)]
    plain = [
        data[place : place + REACH].partition(b"endobj")[0] for place in places[:MOST_OPENINGS]
    ]
    return b"".join([*plain, *(one for number, one in packed if number == named[1])])
