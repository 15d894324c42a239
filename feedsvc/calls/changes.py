"""Write calls. The first straight line, step 2: check, assign, keep history and events, index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from feedsvc import markup
from feedsvc.auth.rules import Actor
from feedsvc.calls import events, key_dates, rules, snapshots, striking
from feedsvc.calls.edits import CallEdit, Document
from feedsvc.calls.events import Happened
from feedsvc.calls.models import Call, CallApplicant, CallEvent, CallPlace
from feedsvc.content import entries, generation, history, places, publication
from feedsvc.content import rules as entry_rules
from feedsvc.content.models import Organisation, Programme
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_


def create_call(session: Session, edit: CallEdit, *, actor: Actor, now: datetime) -> Call:
    """A new draft, which may lack much. Raises: Invalid."""
    rules.check_draft(edit)
    call = Call(deadline_model=edit.deadline_model, events=[])
    entries.begin(call, edit, actor=actor, now=now)
    _assign(session, call, edit, now=now)
    _index(session, call)
    history.record(
        session, "call", call.id, "created", {"uid": (None, call.uid)}, actor=actor, now=now
    )
    return call


def edit_call(
    session: Session, call_id: int, edit: CallEdit, *, actor: Actor, now: datetime
) -> Call:
    """Change a call; nothing happens if nothing differs. Raises: Invalid, Conflict, NotFound."""
    call = entries.load(session, Call, call_id, edit.version)
    assert isinstance(call, Call)
    (rules.check_draft if entry_rules.may_lack(call, now) else rules.check)(edit)
    before, dates_before = snapshots.of(call), key_dates.facts(call)
    _assign(session, call, edit, now=now)
    after = snapshots.of(call)
    changes = history.differences(before, after)
    if not changes:
        return call
    if entry_rules.is_public(call, now):
        dates = key_dates.facts(call)
        happened = [
            *events.of_dates(dates_before, dates, now=now),
            *events.of_fields(before, after),
        ]
        if "reopened" not in {event.type for event in happened}:
            happened += events.of_closing(before, after, dates, now=now)
        _keep(call, happened, reasons=edit.reasons, material=edit.material, now=now)
        striking.differing(session, call, dates_before, dates, now=now)
        if any(name.startswith("texts.") and name.endswith(".title") for name in changes):
            call.retitled_at = now
    striking.plan(session, call, now=now)
    entries.finish(call, now=now)
    _index(session, call)
    history.record(session, "call", call.id, "edited", changes, actor=actor, now=now)
    generation.advance(session, now)
    return call


def publish_call(
    session: Session,
    call_id: int,
    *,
    at: datetime,
    until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Call:
    """Publish now or later, maybe until some day; the first time it is an event of the call's life.

    Raises: Invalid, with all that is missing.
    """
    call = entries.load(session, Call, call_id, None)
    assert isinstance(call, Call)
    rules.check(snapshots.standing(call))
    was_off = call.withdrawn_at if entry_rules.state(call, now) == "withdrawn" else None
    publication.publish(session, call_id, at=at, until=until, actor=actor, now=now)
    if was_off is not None:
        _keep(
            call,
            striking.restore(session, call, was_off, now=now),
            reasons={},
            material=True,
            now=now,
        )
    striking.plan(session, call, now=now)
    published = next((event for event in call.events if event.type == "published"), None)
    if published is None:
        _keep(call, [Happened("published", None, None)], reasons={}, material=True, now=at)
    elif published.at > now and call.publish_at is not None:
        published.at = call.publish_at
    return call


def keep_call_until(
    session: Session, call_id: int, *, until: datetime | None, actor: Actor, now: datetime
) -> Call:
    """Let the call leave the site by itself; None: it stays. Raises: Invalid, NotFound."""
    call = entries.load(session, Call, call_id, None)
    assert isinstance(call, Call)
    publication.keep_until(session, call_id, until=until, actor=actor, now=now)
    striking.plan(session, call, now=now)
    return call


def withdraw_call(session: Session, call_id: int, *, actor: Actor, now: datetime) -> Call:
    """Take the call off the site, and let calendars strike its dates."""
    call = entries.load(session, Call, call_id, None)
    assert isinstance(call, Call)
    striking.forget_plan(session, call, now=now)
    if entry_rules.is_public(call, now):
        striking.strike(session, call, key_dates.facts(call).values(), now=now)
    publication.unpublish(session, call_id, actor=actor, now=now)
    return call


def delete_call(session: Session, call_id: int, *, actor: Actor, now: datetime) -> None:
    """Delete the call, if its readers have been told that it is gone. Raises: Invalid, NotFound."""
    call = entries.load(session, Call, call_id, None)
    assert isinstance(call, Call)
    if entry_rules.was_public(call, now):
        rules.check_deletion(call.withdrawn_at, now=now)
    publication.delete(session, call_id, actor=actor, now=now)


def cancel_call(
    session: Session,
    call_id: int,
    reasons: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> Call:
    """Call the call off. Its page stays and says so, with the reasons by language."""
    call = entries.load(session, Call, call_id, None)
    assert isinstance(call, Call)
    if call.cancelled_at is not None:
        return call
    call.cancelled_at = now
    for date in call.key_dates:
        date.sequence += 1
        date.updated_at = now
    striking.plan(session, call, now=now)
    _keep(call, [Happened("cancelled", None, None)], reasons=reasons, material=True, now=now)
    entries.finish(call, now=now)
    history.record(
        session, "call", call.id, "cancelled", {"cancelled_at": (None, now)}, actor=actor, now=now
    )
    generation.advance(session, now)
    return call


def _document(document: Document) -> dict[str, Any]:
    kept = {"title": markup.one_line(document.title) or document.url, "url": document.url}
    return kept if document.size is None else kept | {"size": document.size}


def _assign(session: Session, call: Call, edit: CallEdit, *, now: datetime) -> None:
    for name in snapshots.LINES:
        setattr(call, name, markup.one_line(getattr(edit, name)))
    for name in snapshots.VALUES:
        setattr(call, name, getattr(edit, name))
    call.aid_types, call.geographies = sorted(edit.aid_types), sorted(edit.geographies)
    call.documents = [_document(document) for document in edit.documents]
    with session.no_autoflush:  # what was changed before is written with this call, not before it
        call.programme = _programme(session, edit.programme)
        call.funders = _funders(session, edit.funders)
    _assign_applicants(call, edit.applicants)
    _assign_places(call, edit.geographies)
    key_dates.assign(call, edit.key_dates, now=now)
    entries.assign(session, call, edit, now=now)


def _assign_applicants(call: Call, wanted: tuple[str, ...]) -> None:
    kept = {row.applicant: row for row in call.applicants}
    call.applicants = [
        kept.get(applicant) or CallApplicant(applicant=applicant)
        for applicant in sorted(set(wanted))
    ]


def _assign_places(call: Call, stated: tuple[str, ...]) -> None:
    held = {row.place: row for row in call.places}
    call.places = [held.get(place) or CallPlace(place=place) for place in places.kept(stated)]


def _programme(session: Session, slug: str | None) -> Programme | None:
    if not slug:
        return None
    found = session.scalar(select(Programme).where(Programme.slug == slug))
    if found is None:
        raise _missing("programme", slug)
    return found


def _funders(session: Session, slugs: tuple[str, ...]) -> list[Organisation]:
    if not slugs:
        return []
    found = session.scalars(
        select(Organisation)
        .where(Organisation.slug.in_(slugs))
        .order_by(Organisation.slug)
        .options(lazyload(Organisation.texts))  # held already in an import of thousands
    ).all()
    for slug in set(slugs) - {organisation.slug for organisation in found}:
        raise _missing("funders", slug)
    return list(found)


def _missing(field: str, value: str) -> Invalid:
    return Invalid(
        Problem(field, N_("“%(value)s” does not exist; choose again."), (("value", value),))
    )


def _index(session: Session, call: Call) -> None:
    entries.index_text(session, call, snapshots.names(call))


def _keep(
    call: Call,
    happened: list[Happened],
    *,
    reasons: Mapping[str, str],
    material: bool,
    now: datetime,
) -> None:
    for event in happened:
        call.events.append(
            CallEvent(
                uid=str(uuid4()),
                at=now.replace(microsecond=0),  # as the dates of feeds have it
                type=event.type,
                key_date_uid=event.key_date_uid,
                old=_json(event.old),
                new=_json(event.new),
                reasons={
                    code: markup.one_line(text) for code, text in reasons.items() if text.strip()
                },
                material=material,
            )
        )


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    return value if value is None or isinstance(value, str | int | list) else str(value)
