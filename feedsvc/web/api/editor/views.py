"""What can be asked of every thing: list, make, get, replace, change, delete, and its history.

Each view is made for its thing, runs in one transaction, and calls what the admin's forms call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.content import history, rights
from feedsvc.content.desk import two_persons
from feedsvc.content.models import Entry
from feedsvc.web.api.editor import reading, versions
from feedsvc.web.api.editor.asked import Answer, Asked, Json
from feedsvc.web.api.editor.library import used
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import INSTANT, Text, Told
from feedsvc.web.api.editor.things import Thing
from feedsvc.web.api.editor.versions import Stale

View = Callable[[Session, Asked], Answer]
MOST_HISTORY = 500  # rows, as on the admin's page


PAIR = {"type": "array", "minItems": 2, "maxItems": 2, "description": "Before, after"}
CHANGES = Told({"type": "object", "additionalProperties": PAIR}, dict)
HAPPENED = Object(
    "Happened",
    dict,
    {
        "at": Field(shape=INSTANT),
        "who": Field(shape=Text(), get=lambda row: row.actor_name, meaning="With the token's name"),
        "act": Field(shape=Text()),
        "changes": Field(shape=CHANGES),
    },
)


def listed(thing: Thing) -> View:
    """All of them, of what there are not many."""

    def view(session: Session, asked: Asked) -> Answer:
        assert thing.every is not None
        return Answer(body={"items": [thing.told(session, asked, r) for r in thing.every(session)]})

    return view


def make(thing: Thing) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        assert thing.create is not None
        edit = reading.edit(session, thing, asked, asked.body, None)
        row = thing.create(session, edit, actor=asked.actor, now=asked.now)
        _written(session, thing, asked, row, edit)
        answer = told(session, thing, asked, row)
        return Answer(
            body=answer.body, status=201, version=row.version, place=f"/{thing.path}/{row.uid}"
        )

    return view


def get(thing: Thing) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        return told(session, thing, asked, asked.found)

    return view


def replace(thing: Thing) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        return changed(session, thing, asked, lambda _: asked.body)

    return view


def patch(thing: Thing) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        return changed(session, thing, asked, lambda told: reading.merged(told, asked.body))

    return view


def delete(thing: Thing) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        assert thing.delete is not None
        versions.named(asked)
        fresh(session, thing, asked)
        thing.delete(session, asked.found.id, actor=asked.actor, now=asked.now)
        return Answer(status=204)

    return view


def past(thing: Thing) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        rows = history.of(session, thing.name, asked.found.id, limit=MOST_HISTORY)
        return Answer(body={"items": [happened(row) for row in rows]})

    return view


def changed(session: Session, thing: Thing, asked: Asked, wanted: Callable[[Json], Json]) -> Answer:
    """Make it what `wanted` makes of what it is. Raises: Blind, Stale, Invalid."""
    versions.named(asked)
    fresh(session, thing, asked)
    before = thing.told(session, asked, asked.found)
    edit = reading.edit(session, thing, asked, wanted(before), before)
    return told(session, thing, asked, written(session, thing, asked, edit))


def written(session: Session, thing: Thing, asked: Asked, edit: Any) -> Any:
    """The row as the edit has made it; what was scheduled may be a draft again. Raises: Invalid."""
    entry = asked.found if isinstance(asked.found, Entry) else None
    scheduled = two_persons.scheduled_version(entry, asked.now)
    row = thing.edit(session, asked.found.id, edit, actor=asked.actor, now=asked.now)
    _written(session, thing, asked, row, edit)
    if entry is not None and thing.withdraw is not None:
        two_persons.hold(
            session, entry, scheduled, thing.withdraw,
            actor=asked.actor, settings=asked.settings, now=asked.now,
        )  # fmt: skip
    return row


def fresh(session: Session, thing: Thing, asked: Asked) -> None:
    """Raises: Stale, with what the sender has not seen."""
    row = asked.found
    if not versions.is_present(asked, row.version):
        missed = history.of(session, thing.name, row.id, limit=versions.behind(asked, row.version))
        raise Stale(row.version, [happened(other) for other in missed])


def told(session: Session, thing: Thing, asked: Asked, row: Any) -> Answer:
    return Answer(body=thing.told(session, asked, row), version=row.version)


def happened(row: History) -> Json:
    return HAPPENED.write(row)


def _written(session: Session, thing: Thing, asked: Asked, row: Any, edit: Any) -> None:
    """Raises: Invalid, if the entry would become somebody else's."""
    if thing.is_entry:
        rights.check_written(asked.actor, rights.facts(row, asked.now))
        used.learn(session, asked, row, edit)
