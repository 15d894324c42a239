"""Two people changed the same entry: what each did, field by field, and whose is taken.

A form remembers with which version it began. While that is not the newest one, whatever page shows
the form again says what the other has changed since, and offers both. What only one of them touched
is taken as that one left it; what both did is the editor's to choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from feedsvc.auth import audit
from feedsvc.content.desk import revisions as versions
from feedsvc.content.edits import EntryEdit
from feedsvc.errors import Invalid
from feedsvc.web import context
from feedsvc.web.admin.desk import comparing
from feedsvc.web.admin.desk.comparing import Difference
from feedsvc.web.admin.forms.entry import EntryForm, whole
from feedsvc.web.admin.gate import actor
from feedsvc.web.admin.kinds import Kind, loaded

MINE, THEIRS = "mine", "theirs"
# What is no value of the entry, or is chosen from a list beside it: as the form has it.
OWN = ("reasons", "material", "photo_decorative", "described", "credited", "files")
NAME = "take."  # how the inputs begin that say whose value is taken


@dataclass(frozen=True)
class Clash:
    """A field that the other changed, on the left as they left it; on the right as it is typed."""

    shown: Difference
    take: str


@dataclass(frozen=True)
class Conflict:
    """`version` is the one that the next save starts from."""

    who: str
    version: int
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class _Sides:
    """The entry as the form began with it, as it is now, and as the form would make it."""

    base: Mapping[str, Any] | None
    theirs: Mapping[str, Any]
    mine: Mapping[str, Any] | None
    who: str
    version: int


def of(kind: Kind, form: EntryForm, entry_id: int) -> Conflict | None:
    """What stands between the form and the entry; None if nobody else has saved since."""
    sides = _sides(kind, form, entry_id)
    if sides is None:
        return None
    names = _touched(sides)
    taken = {name: _take(name, sides) for name in names}
    right = sides.theirs if sides.mine is None else sides.mine
    shown = comparing.differences(sides.theirs, right, context.lang(), only=names) if names else []
    clashes = tuple(Clash(one, taken[one.field]) for one in shown)
    return Conflict(sides.who, sides.version, clashes)


def resolved(kind: Kind, form: EntryForm, entry_id: int) -> EntryEdit:
    """What the form says, with the fields of the other side that were chosen."""
    edit = form.edit()
    take = _chosen()
    sides = _sides(kind, form, entry_id) if take else None
    if sides is None or sides.mine is None or sides.version != edit.version:
        return edit
    merged = kind.edit_of(versions.merged(sides.mine, sides.theirs, take))
    own = {name: getattr(edit, name) for name in OWN if hasattr(edit, name)}
    return replace(merged, version=edit.version, **own)


def _chosen() -> frozenset[str]:
    return frozenset(
        name.removeprefix(NAME)
        for name, value in request.form.items()
        if name.startswith(NAME) and value == THEIRS
    )


def _sides(kind: Kind, form: EntryForm, entry_id: int) -> _Sides | None:
    """Written, looked at, and taken back: so both sides are compared as they would be kept."""
    with context.db().begin() as session:
        entry = loaded(session, kind, entry_id)
        found = versions.all_of(session, entry, kind.snapshot(entry))
        began = whole(form.base.data)
        if began is None or began == found[0].number:
            return None
        base = next((one.values for one in found if one.number == began), None)
        version = entry.version
        mine = _typed(session, kind, form, entry_id)
        session.rollback()
    return _Sides(
        None if base is None else versions.flat(base), versions.flat(found[0].values), mine,
        found[0].who, version,
    )  # fmt: skip


def _typed(
    session: Session, kind: Kind, form: EntryForm, entry_id: int
) -> Mapping[str, Any] | None:
    """The values that the form would make; None if it cannot be kept as it is."""
    edit = replace(form.edit(), version=None)
    try:
        entry = kind.edit(session, entry_id, edit, actor=actor(), now=context.now())
    except Invalid:
        return None
    session.flush()
    session.expire_all()  # amounts, as the database has them
    return versions.flat(audit.as_json(kind.snapshot(entry)))


def _touched(sides: _Sides) -> set[str]:
    """The fields that the other has changed since, and that differ from what is typed."""
    base = sides.theirs if sides.base is None else sides.base
    mine = sides.theirs if sides.mine is None else sides.mine
    if sides.base is None:
        base = mine
    names = base.keys() | sides.theirs.keys()
    return {
        name
        for name in names
        if base.get(name) != sides.theirs.get(name)
        and (sides.mine is None or mine.get(name) != sides.theirs.get(name))
    }


def _take(name: str, sides: _Sides) -> str:
    """As it was chosen; at first theirs, where the form has left the field as it found it."""
    posted = request.form.get(NAME + name)
    if posted in (MINE, THEIRS):
        return posted
    if sides.mine is None or sides.base is None:
        return MINE
    return THEIRS if sides.mine.get(name) == sides.base.get(name) else MINE
