"""Load a folder of content: the demo's own, or one that an agency wrote (format: `demo.files`).

1. Funders, programmes and clusters that are missing, as of the day of the oldest entry.
2. A draft of every entry that is missing, oldest first; then, since all have an identity by now,
   what each is related to.
3. Publication on the day that the file names, and what happened to a call after that.

Everything goes through the domain's own changes at the time when it happened, so that feeds,
histories and "extended" notes read as if an editor had been at work. Started again it keeps what
is there: an entry is known by its file's name, and what an editor deleted stays deleted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.calls.changes import cancel_call, create_call, edit_call, publish_call
from feedsvc.calls.edits import CallEdit
from feedsvc.content import generation, publication
from feedsvc.content.clusters import create_cluster
from feedsvc.content.models import Entry
from feedsvc.content.organisations import create_organisation, create_programme
from feedsvc.demo import files
from feedsvc.demo.call_files import Change
from feedsvc.demo.files import Content, EntryFile
from feedsvc.demo.missing import SOURCE, known, missing
from feedsvc.demo.tables import BadContent
from feedsvc.errors import Invalid
from feedsvc.news.changes import create_news, edit_news
from feedsvc.settings import Settings

FOLDER = Path(__file__).parent / "content"
DEMO = Actor(None, "demo")
PUBLISHING_TIME = dt.time(9)  # of the site's zone


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """How much is new."""

    clusters: int
    organisations: int
    programmes: int
    news: int
    calls: int

    def __str__(self) -> str:
        """A sentence for the operator."""
        if not any(astuple(self)):
            return "everything is kept as it was."
        return f"added {self.clusters} clusters, {self.news} news items and {self.calls} calls."


@dataclass(frozen=True)
class _Calendar:
    """When things happened."""

    zone: ZoneInfo
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.zone).date()

    def at(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, PUBLISHING_TIME, self.zone).astimezone(dt.UTC)

    def written(self, day: dt.date) -> dt.datetime:
        """No later than now: an entry that is published tomorrow has been written already."""
        return min(self.at(day), self.now)


def load(
    session: Session, *, settings: Settings, now: dt.datetime, folder: Path = FOLDER
) -> Loaded:
    """Add what is missing. Raises: BadContent, Invalid; the caller's transaction holds it all."""
    calendar = _Calendar(ZoneInfo(settings.timezone), now)
    content, present = files.read(folder, today=calendar.today), known(session)
    new = missing(session, content, present)
    if new.is_empty:
        return _counts(new)
    # First of all: a transaction begins one generation, and it begins now, not when the
    # oldest entry was written.
    generation.advance(session, now)
    _load_names(session, new, now=_beginning(content, calendar))
    oldest_first = sorted(new.entries, key=lambda file: file.published)
    drafts = [(file, _draft(session, file, calendar)) for file in oldest_first]
    uids = {name: entry.uid for name, entry in present.items()}
    uids |= {file.name: draft.uid for file, draft in drafts}
    pairs = [(_with_relations(file, uids), draft) for file, draft in drafts]
    for file, draft in pairs:
        if file.edit.related:
            _edit(session, draft, file.edit, now=calendar.written(file.published))
    for file, draft in pairs:
        _publish(session, file, draft, calendar)
    return _counts(new)


def _counts(new: Content) -> Loaded:
    return Loaded(
        clusters=len(new.clusters),
        organisations=len(new.organisations),
        programmes=len(new.programmes),
        news=sum(file.kind == "news" for file in new.entries),
        calls=sum(file.kind == "call" for file in new.entries),
    )


def _beginning(content: Content, calendar: _Calendar) -> dt.datetime:
    return min((calendar.written(file.published) for file in content.entries), default=calendar.now)


def _load_names(session: Session, new: Content, *, now: dt.datetime) -> None:
    """Organisations first: programmes name their owner."""
    for organisation in new.organisations:
        create_organisation(session, organisation, actor=DEMO, now=now)
    for programme in new.programmes:
        create_programme(session, programme, actor=DEMO, now=now)
    for cluster in new.clusters:
        create_cluster(session, cluster, actor=DEMO, now=now)


def _draft(session: Session, file: EntryFile, calendar: _Calendar) -> Entry:
    edit = replace(file.edit, source=SOURCE, source_id=file.name)
    now = calendar.written(file.published)
    try:
        if isinstance(edit, CallEdit):
            return create_call(session, edit, actor=DEMO, now=now)
        return create_news(session, edit, actor=DEMO, now=now)
    except Invalid as error:
        raise BadContent("%(file)s: %(error)s", file=file.name, error=error) from error


def _with_relations(file: EntryFile, uids: Mapping[str, str]) -> EntryFile:
    """The file with names of others turned into their uids; those that were deleted fall away."""
    related = tuple(uids[name] for name in file.related if name in uids)
    return replace(
        file,
        edit=replace(file.edit, related=related),
        changes=tuple(
            replace(change, edit=change.edit and replace(change.edit, related=related))
            for change in file.changes
        ),
    )


def _publish(session: Session, file: EntryFile, draft: Entry, calendar: _Calendar) -> None:
    at, now = calendar.at(file.published), calendar.written(file.published)
    if file.kind == "call":
        publish_call(session, draft.id, at=at, actor=DEMO, now=now)
    else:
        publication.publish(session, draft.id, at=at, actor=DEMO, now=now)
    for change in file.changes:
        _happen(session, draft, change, now=calendar.written(change.on))


def _happen(session: Session, draft: Entry, change: Change, *, now: dt.datetime) -> None:
    if change.edit is None:
        cancel_call(session, draft.id, change.reasons, actor=DEMO, now=now)
    else:
        _edit(session, draft, change.edit, now=now)


def _edit(session: Session, entry: Entry, edit: files.Edit, *, now: dt.datetime) -> None:
    if isinstance(edit, CallEdit):
        edit_call(session, entry.id, edit, actor=DEMO, now=now)
    else:
        edit_news(session, entry.id, edit, actor=DEMO, now=now)
