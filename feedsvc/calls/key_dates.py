"""Write the key dates of a call and keep their identity: a moved date is the same date, moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm.attributes import set_committed_value

from feedsvc import markup
from feedsvc.calls import dates, rules
from feedsvc.calls.edits import KeyDateEdit
from feedsvc.calls.events import DateFact
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import rules as content


def assign(call: Call, edits: Sequence[KeyDateEdit], *, now: datetime) -> None:
    """Make the call's dates those of the edit, and compute when it opens and closes."""
    pairs = matched(call.key_dates, edits)
    kept = [row for row, _ in pairs if row is not None]
    _take_away(call, [row for row in call.key_dates if row not in kept], now=now)
    for row, edit in pairs:
        _write(_added(call) if row is None else row, edit, now=now)
    instants = [(row.type, row.utc_at) for row in call.key_dates]
    call.opens_at = rules.opens_at(instants)
    call.closes_at = rules.closes_at(instants)


def _take_away(call: Call, rows: Sequence[KeyDate], *, now: datetime) -> None:
    """For good; but one of which readers may have been told stays, as no date of the call."""
    told = [row for row in rows if content.was_public(call, now) and _is_told(row)]
    for row in told:
        row.type, row.is_deadline, row.updated_at = dates.REMOVED, False, now
        row.utc_at = now  # it has passed, whatever it was: nothing waits for it
    if told:  # without an event: no row of it goes
        set_committed_value(call, "key_dates", [row for row in call.key_dates if row not in told])
    for row in rows:
        if row not in told:
            call.key_dates.remove(row)


def _is_told(row: KeyDate) -> bool:
    return row.is_deadline or row.type == "opens"


def _added(call: Call) -> KeyDate:
    row = KeyDate(uid=str(uuid4()), sequence=0)
    call.key_dates.append(row)
    return row


def facts(call: Call) -> dict[str, DateFact]:
    """The dates as they stand, by uid."""
    return {
        row.uid: DateFact(
            row.uid, row.type, row.is_deadline, row.local_date, row.local_time, row.zone,
            row.precision, row.utc_at, row.certainty, row.labels, row.sequence,
        )
        for row in call.key_dates
    }  # fmt: skip


def matched(
    rows: Sequence[KeyDate], edits: Sequence[KeyDateEdit]
) -> list[tuple[KeyDate | None, KeyDateEdit]]:
    """Each edit with the row that it changes: by uid, else the next one of its type.

    Sources that give their dates no name (imports, files) so keep the identity of a date that
    moves.
    """
    by_uid = {row.uid: row for row in rows}
    named = {edit.uid for edit in edits if edit.uid in by_uid}
    spare: dict[str, list[KeyDate]] = defaultdict(list)
    for row in rows:
        if row.uid not in named:
            spare[row.type].append(row)
    pairs: list[tuple[KeyDate | None, KeyDateEdit]] = []
    for edit in edits:
        if edit.uid is not None and edit.uid in by_uid:
            pairs.append((by_uid[edit.uid], edit))
        elif edit.uid is None and spare[edit.type]:
            pairs.append((spare[edit.type].pop(0), edit))
        else:
            pairs.append((None, edit))
    return pairs


def _write(row: KeyDate, edit: KeyDateEdit, *, now: datetime) -> None:
    utc_at = rules.written_instant(edit)
    before: datetime | None = row.utc_at  # None in a new row
    written = {
        "type": edit.type,
        "local_date": edit.date,
        "local_time": edit.time,
        "zone": edit.zone,
        "precision": "minute" if edit.time else edit.precision,
        "certainty": edit.certainty,
        "mandatory": edit.mandatory,
        "is_deadline": edit.type in dates.DEADLINE_TYPES,
        "labels": {
            code: markup.one_line(label) for code, label in edit.labels.items() if label.strip()
        },
        "utc_at": utc_at,
    }
    if any(getattr(row, name) != value for name, value in written.items()):
        row.updated_at = now
    for name, value in written.items():
        setattr(row, name, value)
    if before is not None and before != utc_at:
        row.sequence += 1
