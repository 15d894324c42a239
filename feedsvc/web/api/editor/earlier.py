"""Earlier versions of an entry: which there are, how one differs from the present, and how it comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from feedsvc.content import history
from feedsvc.content.desk import revisions, standing
from feedsvc.content.desk.revisions import Revision
from feedsvc.content.models import Entry
from feedsvc.web.api.editor import publishing, versions, views
from feedsvc.web.api.editor.asked import Answer, Asked, Json
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import INSTANT, Many, Text, Whole
from feedsvc.web.api.editor.things import Thing
from feedsvc.web.api.editor.views import CHANGES, View

MOST_DIGITS = 18  # of a number that databases hold


@dataclass(frozen=True)
class Compared:
    """A version, and what would change if it came back."""

    version: Revision
    changes: dict[str, tuple[Any, Any]]


EARLIER = {
    "number": Field(shape=Whole(2**53), meaning="By which its address names it"),
    "at": Field(shape=INSTANT),
    "who": Field(shape=Text(), meaning="With the token’s name"),
    "act": Field(shape=Text()),
    "fields": Field(shape=Whole(), meaning="How many were changed"),
}
VERSION = Object("Version", dict, EARLIER)
COMPARED = Object(
    "ComparedVersion",
    dict,
    {
        "version": Field(shape=VERSION),
        "changes": Field(shape=CHANGES, meaning="What each field is now, and was then"),
    },
)
LEFT_OUT = Field(shape=Many(Text(), rows=True), meaning="Names of what is not there any more")


def listed(thing: Thing) -> View:
    """Every version, the present one first."""

    def view(session: Session, asked: Asked) -> Answer:
        found = _all_of(session, thing, asked.found)
        items = [VERSION.write(one) for one in found]
        return Answer(body={"items": items}, version=asked.found.version)

    return view


def one(thing: Thing) -> View:
    def view(session: Session, asked: Asked) -> Answer:
        found = _all_of(session, thing, asked.found)
        wanted = _named(found, asked)
        changes = history.differences(found[0].values, wanted.values)
        body = COMPARED.write(Compared(wanted, changes))
        return Answer(body=body, version=asked.found.version)

    return view


def restore(thing: Thing) -> View:
    """An edit like any other, of the version that the sender has seen."""

    def view(session: Session, asked: Asked) -> Answer:
        publishing.read(publishing.NOTHING, asked)
        versions.named(asked)
        views.fresh(session, thing, asked)
        assert thing.edit_of is not None
        wanted = _named(_all_of(session, thing, asked.found), asked)
        edit, left_out = standing.edit(session, wanted.values, thing.edit_of)
        row = views.written(session, thing, asked, edit)
        body: Json = {"entry": thing.told(session, asked, row), "left_out": left_out}
        return Answer(body=body, version=row.version)

    return view


def restored(thing: Thing) -> str:
    """The name of the schema of what comes of it."""
    return f"{thing.table.name}Restored"


def component(thing: Thing) -> Json:
    """That schema."""
    names = {**LEFT_OUT.shape.schema(), "description": LEFT_OUT.meaning}
    return {"type": "object", "properties": {"entry": thing.table.schema(), "left_out": names}}


def _all_of(session: Session, thing: Thing, entry: Entry) -> list[Revision]:
    assert thing.snapshot is not None
    return revisions.all_of(session, entry, thing.snapshot(entry))


def _named(found: list[Revision], asked: Asked) -> Revision:
    """Raises: NotFound."""
    text = asked.path["number"]
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return revisions.numbered(found, int(text) if is_number else None)
