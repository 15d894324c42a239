"""Let readers see an entry, now or at a time to come: the span as it is written, and what it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.calls import dates
from feedsvc.content.desk import two_persons
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web.api.editor import views
from feedsvc.web.api.editor.asked import Answer, Asked
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.problems import OfEntry
from feedsvc.web.api.editor.shapes import Problems, Text
from feedsvc.web.api.editor.things import Thing
from feedsvc.web.api.editor.views import View


@dataclass(frozen=True, kw_only=True)
class Span:
    """From when to when readers see an entry, as it was written."""

    at: str | None = None
    until: str | None = None
    zone: str | None = None


SPAN: Mapping[str, Field] = {
    "at": Field(
        shape=Text(40), meaning="A time to come, like 2026-04-23T09:00, with an offset or not"
    ),
    "until": Field(
        shape=Text(40), meaning="When it leaves the site by itself; without it, it stays"
    ),
    "zone": Field(shape=Text(60), meaning="Of a time without an offset; else the agency's"),
}
PUBLISHING = Object("Publishing", Span, SPAN)
KEEPING = Object("Keeping", Span, {name: SPAN[name] for name in ("until", "zone")})
NOTHING = Object("Nothing", dict, {})


def on_request(thing: Thing) -> View:
    """Now, or at a time to come; maybe until another."""

    def view(session: Session, asked: Asked) -> Answer:
        at, until = to_come(read(PUBLISHING, asked), asked)
        views.fresh(session, thing, asked)
        row = publish(session, thing, asked, at, until)
        return views.told(session, thing, asked, row)

    return view


def keep(thing: Thing) -> View:
    """Say until when it stays on the site: without `until`, for good."""

    def view(session: Session, asked: Asked) -> Answer:
        until = _end("until", read(KEEPING, asked), asked)
        views.fresh(session, thing, asked)
        assert thing.keep_until is not None
        row = thing.keep_until(
            session, asked.found.id, until=until, actor=asked.actor, now=asked.now
        )
        return views.told(session, thing, asked, row)

    return view


def publish(
    session: Session, thing: Thing, asked: Asked, at: dt.datetime, until: dt.datetime | None
) -> Any:
    """By the rule of two persons, if the site has it. Raises: Invalid (until), OfEntry."""
    two_persons.check(session, asked.found, actor=asked.actor, settings=asked.settings)
    assert thing.publish is not None
    try:
        return thing.publish(
            session, asked.found.id, at=at, until=until, actor=asked.actor, now=asked.now
        )
    except Invalid as invalid:
        place = f"/{thing.path}/{asked.found.uid}"
        raise OfEntry(place, *invalid.problems, said=tuple(SPAN)) from None


def read(table: Object, asked: Asked) -> Any:
    """What the body says. Raises: Invalid."""
    problems = Problems()
    made = table.read(asked.body, "", problems)
    problems.settle()
    return made


def to_come(span: Span, asked: Asked) -> tuple[dt.datetime, dt.datetime | None]:
    """Both ends of the span in UTC. Raises: Invalid (at, until, zone)."""
    return _end("at", span, asked) or asked.now, _end("until", span, asked)


def _end(field: str, span: Span, asked: Asked) -> dt.datetime | None:
    text, zone = getattr(span, field), span.zone or asked.settings.timezone
    if text is None:
        return None
    if zone not in dates.zones():
        raise Invalid(Problem("zone", N_("Choose a time zone, like Europe/Luxembourg.")))
    at = dates.written(text, zone, field=field)
    local = dt.datetime.fromisoformat(text)
    if local.tzinfo is None and not dates.exists(local.date(), local.time(), zone):
        words = N_("Clocks skip this time (summer time begins). Choose another one.")
        raise Invalid(Problem(field, words))
    if at <= asked.now:
        raise Invalid(Problem(field, N_("This time has passed. Choose one to come, or now.")))
    return at
