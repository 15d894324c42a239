"""Mails that say the same to many, each with what is its reader's own. Pure.

A mould is made once: headers folded, text and HTML encoded (quoted-printable, RFC 2045 section 6.7).
Where a reader's own link belongs there is a mark, and the encoded text ends softly before it and
begins anew after it: so a cast puts values between ready pieces, and no line grows past 76.

Both are kept as text: the mould once, as JSON, and for each reader the list of their own values.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cached_property, lru_cache

from feedsvc.mail.rules import is_sendable

CRLF, SOFT = "\r\n", "=\r\n"
LINE = 75  # and the `=` of a soft break
OWN, TEXT, HTML = "headers", "plain", "html"
DIGEST = 32  # hex digits
_PLAIN = re.compile(r"[\w:/.~?+-]*", re.ASCII)  # what stands for itself, in HTML as well
NOBODY = "undisclosed-recipients:;"


@dataclass(frozen=True, kw_only=True)
class Own:
    """What is one reader's own in a mail; `links` maps marks to addresses."""

    message_id: str
    date: datetime
    to: str
    unsubscribe_url: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mould:
    """The pieces of a mail, and the places between them where something of the reader's goes.

    A place is the number of an empty piece, the part that it is in, and the number of the value that
    goes there. The first value is the reader's own headers, the others are for the marks.
    """

    pieces: tuple[str, ...]
    places: tuple[tuple[int, str, int], ...]
    marks: tuple[str, ...]

    @classmethod
    def of_text(cls, text: str) -> Mould:
        """A mould that was kept."""
        pieces, places, marks = json.loads(text)
        return cls(
            tuple(pieces), tuple((n, part, value) for n, part, value in places), tuple(marks)
        )

    @cached_property
    def text(self) -> str:
        """How it is kept."""
        return json.dumps([self.pieces, self.places, self.marks])

    @cached_property
    def digest(self) -> str:
        """What names it: the same text, the same mould."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:DIGEST]

    def values(self, own: Own) -> str:
        """What is kept of one reader's mail, beside the mould."""
        return json.dumps([_own_headers(own), *(own.links[mark] for mark in self.marks)])

    def cast(self, values: str) -> str:
        """The message of one reader, in ASCII with CRLF: the same values, the same bytes."""
        pieces, found = list(self.pieces), json.loads(values)
        said = [("", ""), *map(_in_text_and_html, found[1:])]
        for place, part, number in self.places:
            pieces[place] = found[number] if part == OWN else said[number][part == HTML]
        return "".join(pieces)


def mould(
    *,
    head: str,
    foot: str,
    text: str,
    html: str,
    calendar: bytes = b"",
    marks: Collection[str] = (),
) -> Mould:
    """`head` and `foot` are ready header lines, before and after those of the reader's own."""
    alternative, mixed = _boundaries(head, text, html)
    form = _Form(marks)
    form.add(head)
    form.place(OWN, 0)
    form.add(f"{foot}MIME-Version: 1.0{CRLF}")
    if calendar:
        form.add(f'Content-Type: multipart/mixed; boundary="{mixed}"{CRLF * 2}--{mixed}{CRLF}')
    form.add(f'Content-Type: multipart/alternative; boundary="{alternative}"{CRLF}')
    for part, said in ((TEXT, text), (HTML, html)):
        form.add(f"{CRLF}--{alternative}{CRLF}{_part_head(part)}")
        form.add_body(part, said)
    form.add(f"{CRLF}--{alternative}--{CRLF}")
    if calendar:
        form.add(f"{CRLF}--{mixed}{CRLF}{_attached(calendar)}{CRLF}--{mixed}--{CRLF}")
    return Mould(tuple(form.pieces), tuple(form.places), tuple(form.marks))


class _Form:
    """A mould while it is made."""

    def __init__(self, marks: Collection[str]) -> None:
        self.marks = list(marks)
        self.pieces: list[str] = []
        self.places: list[tuple[int, str, int]] = []

    def add(self, piece: str) -> None:
        self.pieces.append(piece)

    def place(self, part: str, value: int) -> None:
        self.places.append((len(self.pieces), part, value))
        self.pieces.append("")

    def add_body(self, part: str, said: str) -> None:
        """Every second piece is a mark; around it the line is broken, softly or as it was."""
        pieces = _split(said, self.marks)
        for number, piece in enumerate(pieces):
            if number % 2:
                self.place(part, 1 + self.marks.index(piece))
                follows = pieces[number + 1]
                self.add("" if follows.startswith("\n") else SOFT)
            else:
                self.add(_encoded(piece, open_end=number + 1 < len(pieces)))


def _split(said: str, marks: Collection[str]) -> list[str]:
    if not marks:
        return [said]
    longest_first = sorted(marks, key=len, reverse=True)
    return re.split(f"({'|'.join(map(re.escape, longest_first))})", said)


def _encoded(text: str, *, open_end: bool = False) -> str:
    """Quoted-printable; with `open_end` the last line may be followed by a soft break."""
    made = binascii.b2a_qp(text.encode(), istext=True).decode("ascii").replace("\n", CRLF)
    if not open_end or not made or made.endswith(CRLF):
        return made
    last = made.rpartition(CRLF)[2]
    if len(last) > LINE:
        cut = LINE - 1
        while "=" in last[cut - 2 : cut]:  # never inside of an =XX
            cut -= 1
        made = made.removesuffix(last) + last[:cut] + SOFT + last[cut:]
    return made + SOFT


def _in_text_and_html(value: str) -> tuple[str, str]:
    """A value as it is encoded in both parts; that of a signed link is the same in both."""
    if _PLAIN.fullmatch(value):
        folded = _folded(value)
        return folded, folded
    return _encoded(value), _encoded(html.escape(value))


def _folded(plain: str) -> str:
    """A signed link: only the line is too long."""
    lines = range(0, len(plain), LINE)
    return SOFT.join([plain[start : start + LINE] for start in lines])


def _own_headers(own: Own) -> str:
    to = own.to if is_sendable(own.to) else NOBODY
    lines = [
        f"To: {to}",
        f"Date: {_date(own.date)}",
        f"Message-ID: {own.message_id}",
    ]
    if own.unsubscribe_url:
        lines.append(f"List-Unsubscribe: <{own.unsubscribe_url}>")
    return "".join(f"{line}{CRLF}" for line in lines)


@lru_cache(maxsize=1024)
def _date(at: datetime) -> str:
    """Kept, for many mails leave in the same second."""
    return format_datetime(at.astimezone(UTC))


def _boundaries(*said: str) -> Sequence[str]:
    """`=_` cannot be part of encoded text (RFC 2045 section 6.7); the rest is the same each time."""
    digest = hashlib.sha256("\0".join(said).encode()).hexdigest()[:24]
    return f"=_alternative_{digest}", f"=_mixed_{digest}"


def _part_head(subtype: str) -> str:
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"{CRLF}'
        f"Content-Transfer-Encoding: quoted-printable{CRLF * 2}"
    )


def _attached(calendar: bytes) -> str:
    content = base64.encodebytes(calendar).decode("ascii").replace("\n", CRLF)
    return (
        f'Content-Type: text/calendar; charset="utf-8"; method="PUBLISH"{CRLF}'
        f"Content-Transfer-Encoding: base64{CRLF}"
        f'Content-Disposition: attachment; filename="deadline.ics"{CRLF * 2}{content}'
    )
