"""Ready feeds: made once for each generation, answered from memory, never stale.

1. Read the generation **first**, in the snapshot that the rows are then read from.
2. A kept copy of that generation is good between the instants at which time changes it.
3. Otherwise the document is outlined anew; only entries without a kept fragment are rendered.
4. The tag names the bytes (a digest over the fragments' digests), so a change elsewhere on the
   site gives the same tag, and every process and machine gives the same one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from threading import Lock

from sqlalchemy.orm import Session

from feedsvc.content import generation
from feedsvc.content.generation import Stamp
from feedsvc.feeds import groups, opml
from feedsvc.feeds.body import Body
from feedsvc.feeds.bounded import Bounded
from feedsvc.feeds.document import entries_of, outline_of
from feedsvc.feeds.fragments import Fragment, Frame, Store
from feedsvc.feeds.lists import cluster_opml_of, opml_of
from feedsvc.feeds.model import FeedHead
from feedsvc.feeds.outline import Ref
from feedsvc.feeds.query import Query
from feedsvc.house import queries as house
from feedsvc.settings import Settings

RENDERER = b"2"  # raise it when a renderer writes other bytes for the same document
FRAGMENTS_LIMIT = 64_000_000  # bytes
GROUPS_LIMIT = 16_000_000  # bytes
READY_LIMIT = 64_000_000  # bytes
SPELLINGS_LIMIT = 8_000_000  # bytes
OVERHEAD = 1_500  # bytes that a ready feed or a spelling takes beside what is counted, about
Spelling = tuple[str, str]  # a path and a query string, as a reader wrote them


@dataclass(frozen=True)
class Published:
    """A feed as it is now. `tag` names its bytes; `location` is its one canonical address.

    It holds for its generation from `valid_from` until just before `valid_until` (None: always).
    """

    body: Body
    tag: str
    media_type: str
    location: str
    generation: int
    last_modified: datetime
    valid_from: datetime | None
    valid_until: datetime | None
    link: str = ""

    @property
    def content_type(self) -> str:
        """JSON is UTF-8 by its own standard (RFC 8259 section 8.1); the others say so."""
        is_json = self.media_type.endswith("json")
        return self.media_type if is_json else f"{self.media_type}; charset=utf-8"

    def holds(self, generation: int, now: datetime) -> bool:
        return (
            self.generation == generation
            and (self.valid_from is None or self.valid_from <= now)
            and (self.valid_until is None or now < self.valid_until)
        )


class _Bench:
    """What is kept of feeds made with the same settings: their entries, and these compressed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.fragments = Store(FRAGMENTS_LIMIT)
        self.groups = groups.Compressor(GROUPS_LIMIT)


class Publisher:
    """Makes feeds and keeps them; one for each process, used by all of its threads."""

    def __init__(self, settings: Settings) -> None:
        self._operators = settings
        self._bench = _Bench(settings)
        self._ready: Bounded[Hashable, Published] = Bounded(READY_LIMIT, _ready_weight)
        self._spellings: Bounded[Spelling, Hashable] = Bounded(SPELLINGS_LIMIT, _spelling_weight)
        self._flights: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def current(self, session: Session, query: Query, now: datetime) -> Published:
        """The feed at `now`. The session must be a fresh snapshot (`Database.read`)."""
        return self._current(session, query, now, lambda s: self._made(session, query, s, now))

    def current_opml(
        self, session: Session, language: str, now: datetime, *, cluster: str = ""
    ) -> Published:
        """The list of all feeds at `now`, or of those of one cluster by its slug."""
        key = ("opml", language, cluster)
        return self._current(
            session, key, now, lambda s: self._made_opml(session, language, cluster, s)
        )

    def spelled(self, path: str, query_string: str, key: Hashable) -> None:
        """Remember that this address, as it was written, asked for that feed."""
        self._spellings.put((path, query_string), key)

    def ready(self, path: str, query_string: str) -> Published | None:
        """What is kept for an address; whether it still holds is the caller's to ask."""
        key = self._spellings.get((path, query_string))
        return self._ready.get(key) if key is not None else None

    def _current(
        self,
        session: Session,
        key: Hashable,
        now: datetime,
        make: Callable[[Stamp], Published],
    ) -> Published:
        stamp = generation.current(session)
        found = self._kept(key, stamp, now)
        if found is not None:
            return found
        try:
            with self._flight(key):
                found = self._kept(key, stamp, now)
                return found if found is not None else self._keep(key, make(stamp))
        finally:
            self._flights.pop(key, None)

    def _made(self, session: Session, query: Query, stamp: Stamp, now: datetime) -> Published:
        bench = self._bench_for(session)
        outline = outline_of(session, query, bench.settings, now)
        fragments = _rendered(session, query, outline.refs, now, bench)
        frame: Frame = query.renderer.frame(outline.head, fragments)
        moments = outline.moments
        return Published(
            bench.groups.body(frame, fragments),
            tag_of(frame, fragments),
            query.renderer.MEDIA_TYPE,
            outline.head.self_url,
            stamp.value,
            max(stamp.changed_at, moments.last or stamp.changed_at),
            moments.last,
            moments.next,
            _link(outline.head),
        )

    def _made_opml(self, session: Session, language: str, cluster: str, stamp: Stamp) -> Published:
        at, settings = stamp.changed_at, self._bench_for(session).settings
        if cluster:
            head, groups = cluster_opml_of(session, cluster, language, settings, at)
        else:
            head, groups = opml_of(session, language, settings, at)
        data = opml.render(head, groups)
        tag = hashlib.blake2b(RENDERER + data, digest_size=16).hexdigest()
        return Published(
            Body(data), tag, opml.MEDIA_TYPE, head.self_url, stamp.value, stamp.changed_at,
            None, None,
        )  # fmt: skip

    def _bench_for(self, session: Session) -> _Bench:
        """The bench of the settings of this snapshot; a new one when others were decided."""
        settings, bench = house.effective(session, self._operators), self._bench
        if bench.settings != settings:
            bench = self._bench = _Bench(settings)
        return bench

    def _kept(self, key: Hashable, stamp: Stamp, now: datetime) -> Published | None:
        found = self._ready.get(key)
        return found if found is not None and found.holds(stamp.value, now) else None

    def _keep(self, key: Hashable, made: Published) -> Published:
        """Keep what was made, unless a newer generation was kept meanwhile."""

        def newer(old: Published | None) -> Published:
            if old is not None and old.generation > made.generation:
                return old
            # Equal bytes may be compressed already.
            return replace(made, body=old.body) if old and old.tag == made.tag else made

        made.body.grown = partial(self._ready.weigh_again, key)
        kept = self._ready.settle(key, newer)
        return kept if kept.generation == made.generation else made

    def _flight(self, key: Hashable) -> Lock:
        """The lock under which that feed is made: it is made once, however many ask."""
        with self._lock:
            return self._flights.setdefault(key, Lock())


def _rendered(
    session: Session, query: Query, refs: Sequence[Ref], now: datetime, bench: _Bench
) -> list[Fragment]:
    """The fragments of those refs, in order; what is not kept is rendered."""
    form = query.form
    kept = bench.fragments.among([(form, ref) for ref in refs])
    missing = [ref for ref, fragment in zip(refs, kept, strict=True) if fragment is None]
    made: dict[Ref, Fragment] = {}
    for ref, entry in entries_of(session, query, missing, bench.settings, now):
        made[ref] = query.renderer.fragment(entry)
        bench.fragments.put((form, ref), made[ref])
    return [found or made[ref] for ref, found in zip(refs, kept, strict=True)]


def _link(head: FeedHead) -> str:
    """Where pushes of this feed can be asked for (WebSub section 4, RFC 8288)."""
    hub = head.link("hub")
    return f'<{head.self_url}>; rel="self", <{hub}>; rel="hub"' if hub else ""


def tag_of(frame: Frame, fragments: Sequence[Fragment]) -> str:
    """The name of these bytes, the same on every machine, without reading them again."""
    digest = hashlib.blake2b(RENDERER, digest_size=16)
    for part in (frame.before, frame.between, frame.after):
        digest.update(hashlib.blake2b(part, digest_size=16).digest())
    digest.update(b"".join([fragment.digest for fragment in fragments]))
    return digest.hexdigest()


def _ready_weight(_key: Hashable, published: Published) -> int:
    return published.body.weight + OVERHEAD


def _spelling_weight(spelling: Spelling, _key: Hashable) -> int:
    return sum(map(len, spelling)) + OVERHEAD
