"""Ready feeds and pages on the web server's event loop: the front's answers, as they are sent.

The front must know the present generation, and the loop must not wait for it. What the watch knows
without asking counts at once. Else a thread asks, once for all who came before it began to: an answer
is never older than its request. Who comes while it asks waits for the next time.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from feedsvc.insight.polls import Poll
from feedsvc.serving.answers import Lines, Plain, Wire, wire
from feedsvc.web import conditional
from feedsvc.web.counting import LONGEST_AGENT
from feedsvc.web.front import MOST_ANSWERS, Front, Moment, Request

LONGEST = 2_048  # bytes of a request that is remembered
# Target, method, and the four lines that decide.
Key = tuple[bytes, bytes, bytes | None, bytes | None, bytes | None, bytes | None]


class Given(NamedTuple):
    """An answer as it is sent; if it is a feed's, what is counted."""

    wire: Wire
    feed: str  # its path; empty for a page


class Sent:
    """What was answered in one moment: by what was asked, and by the bytes in which it was."""

    def __init__(self, moment: Moment | None) -> None:
        self.moment = moment
        self.by_key: dict[Key, Given] = {}
        self.by_bytes: dict[bytes, tuple[Wire, Poll | None]] = {}


class Ready:
    """What `feedsvc.serving` asks before it lets a thread answer."""

    def __init__(self, front: Front) -> None:
        self._front, self._known, self._count = front, front.known, front.count
        self._sent = Sent(None)
        self._last: tuple[Wire, Poll | None] | None = None
        self._waiting: list[asyncio.Future[Moment | None]] = []
        self._is_asked = False
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="generation")

    def same(self, sent: bytes) -> Wire | None:
        found = self._sent.by_bytes.get(sent)
        if found is None or self._known() is not self._sent.moment:
            return None
        wire, poll = found
        if poll is not None:
            self._count(poll)
        return wire

    def remember(self, sent: bytes) -> None:
        kept = self._sent.by_bytes
        if self._last is not None and len(sent) <= LONGEST and len(kept) < MOST_ANSWERS:
            kept[sent] = self._last

    def answer(self, method: bytes, target: bytes, lines: Lines) -> Wire | None:
        moment = self._known()
        if moment is None:
            return None
        if moment is not self._sent.moment:
            self._sent = Sent(moment)
        key = _key(method, target, lines)
        given = self._sent.by_key.get(key) or self._made(key, moment)
        if given is None:
            return None
        poll = _poll(given.feed, lines) if given.feed else None
        if poll is not None:
            self._count(poll)
        self._last = given.wire, poll
        return given.wire

    async def soon(self, method: bytes, target: bytes, lines: Lines) -> Plain | None:
        request = _request(_key(method, target, lines))
        if request is None or not self._front.may_answer(request):
            return None
        moment = await self._present()
        given = None if moment is None else self._front.given(request, moment)
        if given is None:
            return None
        if given.is_feed:
            self._count(_poll(request[0], lines))
        return Plain(given.answer.status, given.answer.headers, given.answer.body)

    def _made(self, key: Key, moment: Moment) -> Given | None:
        request = _request(key)
        found = None if request is None else self._front.given(request, moment)
        if request is None or found is None:
            return None
        answer = Plain(found.answer.status, found.answer.headers, found.answer.body)
        given = Given(wire(answer), request[0] if found.is_feed else "")
        if len(self._sent.by_key) < MOST_ANSWERS:
            self._sent.by_key[key] = given
        return given

    def _present(self) -> asyncio.Future[Moment | None]:
        soon: asyncio.Future[Moment | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(soon)
        if not self._is_asked:
            self._ask()
        return soon

    def _ask(self) -> None:
        """Ask for all who wait by now."""
        asking, self._waiting, self._is_asked = self._waiting, [], True
        asked = asyncio.get_running_loop().run_in_executor(self._asker, self._front.present)

        def said(found: asyncio.Future[Moment | None]) -> None:
            for soon in asking:
                if not soon.done():  # or cancelled, with the process
                    soon.set_result(found.result())
            self._is_asked = False
            if self._waiting:
                self._ask()

        asked.add_done_callback(said)


def _key(method: bytes, target: bytes, lines: Lines) -> Key:
    get = lines.get
    return (
        target, method, get(b"if-none-match"), get(b"if-modified-since"),
        get(b"accept-encoding"), get(b"sec-fetch-dest"),
    )  # fmt: skip


def _request(key: Key) -> Request | None:
    """As the front knows it; None for an address that is not written as ours are."""
    target, method, *lines = key
    if b"%" in target or not target.startswith(b"/") or not target.isascii():
        return None
    path, _, query = target.decode("ascii").partition("?")
    tag, since, codings, destination = (
        None if line is None else line.decode("latin-1") for line in lines
    )
    is_window = conditional.is_window(destination)
    return path, query, method.decode("ascii"), is_window, tag, since, codings


def _poll(path: str, lines: Lines) -> Poll:
    return path, lines.get(b"user-agent", b"").decode("latin-1")[:LONGEST_AGENT]
