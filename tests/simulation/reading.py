"""What a mail says, read as its reader would: from its bytes alone."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

DATE = re.compile(rb"^Date: ([^\r\n]+)", re.MULTILINE)
KIND = re.compile(rb"^Feedback-ID: (\w+):", re.MULTILINE)
BOUNDARY = re.compile(rb"^--=\S+\r\n", re.MULTILINE)
UID = re.compile(r"^UID:(\S+)$", re.MULTILINE)
PAGE = re.compile(r"^URL:\S*/calls/(\S+)$", re.MULTILINE)
STAMP = re.compile(r"^DT(START|END)(?:;TZID=([^:;]+))?(?:;VALUE=DATE)?:(\w+)$", re.MULTILINE)
# "Closes in 7 days: ..." at the begin of a line; the sentence is the template's own.
IN_DAYS = re.compile(r"^[A-Z][^:\n]* (?:in (\d+) days?|(tomorrow)|today): ", re.MULTILINE)


@dataclass(frozen=True)
class Told:
    """A deadline as the calendar file has it: an instant, or a day without a time."""

    slug: str
    uid: str
    day: date | None
    at: datetime | None


@dataclass(frozen=True)
class Letter:
    """`days` are the lead times that an English text names, in its order; `dated` is when it leaves."""

    kind: str
    dated: datetime
    text: str
    told: tuple[Told, ...]
    days: tuple[int, ...]


@lru_cache(maxsize=1024)
def read(content: bytes) -> Letter:
    kind = KIND.search(content)
    assert kind is not None, "every mail says of what kind it is"
    parts = dict(_parts(content))
    text, calendar = parts.get("text/plain", ""), parts.get("text/calendar", "")
    events = calendar.replace("\r\n", "\n").replace("\n ", "").split("BEGIN:VEVENT")[1:]
    told = [_told(event) for event in events if "STATUS:CANCELLED" not in event]
    dated = DATE.search(content)
    assert dated is not None, "every mail has a date"
    at = parsedate_to_datetime(dated[1].decode())
    return Letter(kind[1].decode(), at, text, tuple(told), _days(text))


def _parts(content: bytes) -> Iterator[tuple[str, str]]:
    """The bodies by their media types; `email` does the same in fifty times the time."""
    for part in BOUNDARY.split(content)[1:]:
        head, _, body = part.partition(b"\r\n\r\n")
        media_type = head.lower().partition(b"content-type: ")[2].partition(b";")[0]
        if b"base64" in head:
            body = binascii.a2b_base64(body.partition(b"\r\n--")[0])
        elif b"quoted-printable" in head:
            body = binascii.a2b_qp(body)
        yield media_type.decode().strip(), body.decode()


def _told(event: str) -> Told:
    page, uid = PAGE.search(event), UID.search(event)
    assert page is not None, event
    assert uid is not None, event
    stamps = {name: (zone, stamp) for name, zone, stamp in STAMP.findall(event)}
    zone, stamp = (
        stamps["START"] if "T" not in stamps["START"][1] else stamps.get("END", stamps["START"])
    )
    if "T" not in stamp:
        return Told(page[1], uid[1], date.fromisoformat(stamp), None)
    local = datetime.fromisoformat(stamp.removesuffix("Z"))
    at = local.replace(tzinfo=ZoneInfo(zone) if zone else UTC).astimezone(UTC)
    return Told(page[1], uid[1], None, at)


def _days(text: str) -> tuple[int, ...]:
    return tuple(
        int(number) if number else 1 if tomorrow else 0
        for number, tomorrow in IN_DAYS.findall(text)
    )
