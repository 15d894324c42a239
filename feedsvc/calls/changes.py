"""Write calls. The first straight line, step 2: check, assign, keep history and events, index."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from feedsvc import markup
from feedsvc.auth.rules import Actor
from feedsvc.calls import events, key_dates, rules, struck
from feedsvc.calls.edits import CallEdit, Document
from feedsvc.calls.events import DateFact, Happened
from feedsvc.calls.models import Call, CallApplicant, CallEvent, CallPlace
from feedsvc.content import entries, generation, history, places, publication
from feedsvc.content import rules as entry_rules
from feedsvc.content.models import Organisation, Programme
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_

LINES = ("reference", "series", "edition", "contact_role", "contact_email")
VALUES = (
    "deadline_model", "close_reason", "currency", "total_budget", "award_min", "award_max",
    "expected_awards", "cofinancing_min", "cofinancing_max", "trl_min", "trl_max", "apply_url",
    "info_url",
)  # fmt: skip


def create_call(session: Session, edit: CallEdit, *, actor: Actor, now: datetime) -> Call:
    """A new draft. Raises: Invalid."""
    rules.check(edit)
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
    rules.check(edit)
    before, dates_before = snapshot(call), key_dates.facts(call)
    _assign(session, call, edit, now=now)
    after = snapshot(call)
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
        _tell_calendars(session, call, dates_before, dates, now=now)
        if any(name.startswith("texts.") and name.endswith(".title") for name in changes):
            call.retitled_at = now
    entries.finish(call, now=now)
    _index(session, call)
    history.record(session, "call", call.id, "edited", changes, actor=actor, now=now)
    generation.advance(session, now)
    return call


def publish_call(
    session: Session, call_id: int, *, at: datetime, actor: Actor, now: datetime
) -> Call:
    """Publish now or later; the first time it is an event of the call's life."""
    call = entries.load(session, Call, call_id, None)
    assert isinstance(call, Call)
    withdrawn_at = call.withdrawn_at
    publication.publish(session, call_id, at=at, actor=actor, now=now)
    if withdrawn_at is not None:
        _restore(session, call, withdrawn_at, now=now)
    published = next((event for event in call.events if event.type == "published"), None)
    if published is None:
        _keep(call, [Happened("published", None, None)], reasons={}, material=True, now=at)
    elif published.at > now and call.publish_at is not None:
        published.at = call.publish_at
    return call


def withdraw_call(session: Session, call_id: int, *, actor: Actor, now: datetime) -> Call:
    """Take the call off the site, and let calendars strike its dates."""
    call = entries.load(session, Call, call_id, None)
    assert isinstance(call, Call)
    if entry_rules.is_public(call, now):
        _strike(session, call, key_dates.facts(call).values(), now=now)
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
    _keep(call, [Happened("cancelled", None, None)], reasons=reasons, material=True, now=now)
    entries.finish(call, now=now)
    history.record(
        session, "call", call.id, "cancelled", {"cancelled_at": (None, now)}, actor=actor, now=now
    )
    generation.advance(session, now)
    return call


def snapshot(call: Call) -> dict[str, Any]:
    """The call as it stands, by form-field name, for the history and for events."""
    seen = entries.snapshot(call)
    seen |= {name: getattr(call, name) for name in (*LINES, *VALUES)}
    seen["programme"] = call.programme.slug if call.programme else None
    seen["funders"] = sorted(funder.slug for funder in call.funders)
    seen["applicants"] = sorted(row.applicant for row in call.applicants)
    seen["aid_types"], seen["geographies"] = call.aid_types, call.geographies
    seen["documents"] = call.documents
    for date in call.key_dates:
        seen[f"key_dates.{date.uid}"] = {
            "type": date.type,
            "date": date.local_date,
            "time": date.local_time,
            "zone": date.zone,
            "precision": date.precision,
            "certainty": date.certainty,
            "mandatory": date.mandatory,
            "labels": date.labels,
        }
    return seen


def _document(document: Document) -> dict[str, Any]:
    kept = {"title": markup.one_line(document.title) or document.url, "url": document.url}
    return kept if document.size is None else kept | {"size": document.size}


def _assign(session: Session, call: Call, edit: CallEdit, *, now: datetime) -> None:
    for name in LINES:
        setattr(call, name, markup.one_line(getattr(edit, name)))
    for name in VALUES:
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
    entries.index_text(session, call, _names(call))


def _names(call: Call) -> list[str]:
    """Words by which a call is found beside its texts."""
    names = [text.name for funder in call.funders for text in funder.texts]
    programme = [call.programme.name] if call.programme else []
    return [*names, *programme, call.reference, call.series, call.edition]


def _tell_calendars(
    session: Session,
    call: Call,
    before: Mapping[str, DateFact],
    after: Mapping[str, DateFact],
    *,
    now: datetime,
) -> None:
    """Calendars strike the dates that were taken away or no longer name a day."""
    held, holds = _in_calendars(before), _in_calendars(after)
    _strike(session, call, [before[uid] for uid in sorted(held - holds)], now=now)
    struck.restore(session, call, (holds - held) & before.keys(), now=now)


def _restore(session: Session, call: Call, withdrawn_at: datetime, *, now: datetime) -> None:
    """The dates of a call that comes back; those that changed meanwhile are events of its life.

    Their readers can know of the change from now on only: who began to follow while the call was
    off the site is told of what it moved past, as everybody else is.
    """
    before = struck.facts(session, call, since=withdrawn_at)
    after = key_dates.facts(call)
    struck.restore(session, call, _in_calendars(after), now=now)
    written = {row.uid: row.updated_at for row in call.key_dates}
    seen = {
        uid: fact for uid, fact in after.items() if uid in before or written[uid] > withdrawn_at
    }
    for row in call.key_dates:
        if row.updated_at > withdrawn_at:
            row.updated_at = now
    _keep(call, events.of_dates(before, seen, now=now), reasons={}, material=True, now=now)


def _strike(session: Session, call: Call, facts: Collection[DateFact], *, now: datetime) -> None:
    if facts:
        words = "\n".join(entries.searched(call, _names(call)))
        struck.strike(session, call, facts, words=words, now=now)


def _in_calendars(facts: Mapping[str, DateFact]) -> set[str]:
    return {uid for uid, fact in facts.items() if rules.names_a_day(fact.precision)}


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
