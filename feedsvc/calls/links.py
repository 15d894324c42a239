"""Whether the addresses that calls lead to still answer: what was met there last, and since when.

1. The addresses of calls that are not over are visited, some at a time, each once a day.
2. One that fails is tried again within the hour: a server may restart. The second time it is dead.
3. Nothing is changed in the call: whoever edits it is told.

How a stranger's server is visited safely is not known here: the visitor is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from feedsvc.calls.models import Call, CheckedLink
from feedsvc.content import queries as content
from feedsvc.db import Database
from feedsvc.i18n import N_, Language
from feedsvc.statements import insert

AT_ONCE = 20  # addresses of one turn
EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)
ENOUGH = 2  # failures in a row
KEPT = timedelta(days=30)  # of an address that no call has any more
GONE = (404, 410)
SILENT, NOT_PUBLIC, ASTRAY = "silent", "not_public", "astray"
TROUBLES = {
    SILENT: N_("no answer"),
    NOT_PUBLIC: N_("it is not on the public Internet"),
    ASTRAY: N_("it leads from one address to the next without an end"),
}


@dataclass(frozen=True)
class Met:
    """What a visitor met: the status of an answer, or why there was none (`TROUBLES`)."""

    status: int | None = None
    trouble: str = ""

    @property
    def is_well(self) -> bool:
        """A server that keeps robots out (403, 429) may well let readers in."""
        return self.status is not None and self.status not in GONE and self.status < 500


@dataclass(frozen=True)
class Dead:
    """An address that does not answer, and since when."""

    status: int | None
    trouble: str
    since: datetime

    def said(self, language: Language) -> str:
        if self.status is not None:
            return language.gettext(N_("the server says %(status)s"), status=self.status)
        return language.gettext(TROUBLES.get(self.trouble, TROUBLES[SILENT]))


Visitor = Callable[[str], Met]


def check_due(
    db: Database, visit: Visitor, now: datetime, *, stopping: Callable[[], bool]
) -> tuple[int, int]:
    """Visit the addresses whose turn it is; how many there were, and how many failed."""
    with db.read() as session:
        waiting = due(session, now)
    visited = failed = 0
    for url in waiting:
        if stopping():
            break
        met = visit(url)
        with db.begin() as session:
            note(session, url, met, now)
        visited, failed = visited + 1, failed + (not met.is_well)
    return visited, failed


def due(session: Session, now: datetime) -> list[str]:
    """The next addresses to be visited, those first that wait longest."""
    seen = {row.url: row for row in session.scalars(select(CheckedLink))}
    waiting = [url for url in _in_use(session, now) if _is_due(seen.get(url), now)]
    never = datetime.min.replace(tzinfo=now.tzinfo)
    return sorted(waiting, key=lambda url: seen[url].checked_at if url in seen else never)[:AT_ONCE]


def note(session: Session, url: str, met: Met, now: datetime) -> None:
    """Keep what was met. Several visitors at once do no harm: the last one counts."""
    before = session.get(CheckedLink, url)
    since = before.failing_since if before is not None else None
    row = {
        "url": url, "checked_at": now, "status": met.status, "trouble": met.trouble,
        "failures": 0 if met.is_well else (before.failures if before else 0) + 1,
        "failing_since": None if met.is_well else since or now,
    }  # fmt: skip
    statement = insert(session, CheckedLink).values(**row)
    rest = {name: value for name, value in row.items() if name != "url"}
    session.execute(statement.on_conflict_do_update(index_elements=["url"], set_=rest))


def dead(session: Session, urls: Iterable[str]) -> Mapping[str, Dead]:
    """Those of the addresses that do not answer."""
    rows = session.scalars(
        select(CheckedLink).where(
            CheckedLink.url.in_({url for url in urls if url}), CheckedLink.failures >= ENOUGH
        )
    )
    return {
        row.url: Dead(row.status, row.trouble, row.failing_since or row.checked_at) for row in rows
    }


def purge(session: Session, *, now: datetime) -> None:
    """Forget addresses that nobody has asked about for long."""
    session.execute(delete(CheckedLink).where(CheckedLink.checked_at < now - KEPT))


def _in_use(session: Session, now: datetime) -> list[str]:
    """Of calls that are not over, drafts among them."""
    rows = session.execute(
        select(Call.apply_url, Call.info_url, Call.documents).where(
            content.stays(now),
            Call.cancelled_at.is_(None),
            or_(Call.closes_at.is_(None), Call.closes_at > now),
        )
    )
    return list(dict.fromkeys(url for row in rows for url in _urls(*row)))


def _urls(apply_url: str, info_url: str, documents: list[dict[str, Any]]) -> Iterator[str]:
    yield from filter(None, (apply_url, info_url, *(document["url"] for document in documents)))


def _is_due(seen: CheckedLink | None, now: datetime) -> bool:
    if seen is None:
        return True
    return now - seen.checked_at >= (AGAIN if 0 < seen.failures < ENOUGH else EVERY)
