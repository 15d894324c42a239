"""Mails that say the same to many, each with what is its reader's own. Pure.

A mould is made once: headers folded, text and HTML encoded (quoted-printable, RFC 2045 section 6.7).
Where a reader's own link belongs there is a mark, and the encoded text ends softly before it and
begins anew after it: so a cast puts values between ready pieces, and no line grows past 76.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from feedsvc.mail.rules import is_sendable

CRLF, SOFT = "\r\n", "=\r\n"
LINE = 75  # and the `=` of a soft break
TEXT, HTML = "plain", "html"
NOBODY = "undisclosed-recipients:;"


@dataclass(frozen=True, kw_only=True)
class Own:
    """What is one reader's own in a mail; `links` maps marks to addresses."""

    message_id: str
    date: datetime
    to: str
    unsubscribe_url: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


class Mould:
    """The pieces of a mail, and the places between them where something of the reader's goes."""

    def __init__(
        self,
        *,
        head: str,
        foot: str,
        text: str,
        html: str,
        calendar: bytes = b"",
        marks: Collection[str] = (),
    ) -> None:
        """`head` and `foot` are ready header lines, before and after those of the reader's own."""
        self._pieces: list[str] = []
        self._places: list[tuple[int, str, str]] = []  # where, in which part, which mark
        alternative, mixed = _boundaries(head, text, html)
        self._add(head)
        self._place("", "headers")
        self._add(f"{foot}MIME-Version: 1.0{CRLF}")
        if calendar:
            self._add(f'Content-Type: multipart/mixed; boundary="{mixed}"{CRLF * 2}--{mixed}{CRLF}')
        self._add(f'Content-Type: multipart/alternative; boundary="{alternative}"{CRLF}')
        for part, said in ((TEXT, text), (HTML, html)):
            self._add(f"{CRLF}--{alternative}{CRLF}{_part_head(part)}")
            self._add_body(part, said, marks)
        self._add(f"{CRLF}--{alternative}--{CRLF}")
        if calendar:
            self._add(f"{CRLF}--{mixed}{CRLF}{_attached(calendar)}{CRLF}--{mixed}--{CRLF}")

    def cast(self, own: Own) -> str:
        """The message of one reader, in ASCII with CRLF: the same reader, the same bytes."""
        pieces = self._pieces.copy()
        for place, part, mark in self._places:
            pieces[place] = _value(part, own.links[mark]) if part else _own_headers(own)
        return "".join(pieces)

    def _add(self, piece: str) -> None:
        self._pieces.append(piece)

    def _place(self, part: str, mark: str) -> None:
        self._places.append((len(self._pieces), part, mark))
        self._pieces.append("")

    def _add_body(self, part: str, said: str, marks: Collection[str]) -> None:
        """Every second piece is a mark; around it the line is broken, softly or as it was."""
        pieces = _split(said, marks)
        for number, piece in enumerate(pieces):
            if number % 2:
                self._place(part, piece)
                follows = pieces[number + 1]
                self._add("" if follows.startswith("\n") else SOFT)
            else:
                self._add(_encoded(piece, open_end=number + 1 < len(pieces)))


def _split(said: str, marks: Collection[str]) -> list[str]:
    if not marks:
        return [said]
    longest_first = sorted(marks, key=len, reverse=True)
    return re.split(f"({'|'.join(map(re.escape, longest_first))})", said)


def _value(part: str, address: str) -> str:
    return _encoded(html.escape(address) if part == HTML else address)


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


def _own_headers(own: Own) -> str:
    to = own.to if is_sendable(own.to) else NOBODY
    lines = [
        f"To: {to}",
        f"Date: {format_datetime(own.date.astimezone(UTC))}",
        f"Message-ID: {own.message_id}",
    ]
    if own.unsubscribe_url:
        lines.append(f"List-Unsubscribe: <{own.unsubscribe_url}>")
    return "".join(f"{line}{CRLF}" for line in lines)


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
