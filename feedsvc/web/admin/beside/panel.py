"""What stands beside a form: what is worth another look, and for calls the timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from feedsvc.calls.models import Call
from feedsvc.content.models import Entry
from feedsvc.web.admin.beside import findings, timeline
from feedsvc.web.admin.beside.findings import Line
from feedsvc.web.admin.beside.timeline import Timeline
from feedsvc.web.admin.forms.call import CallForm
from feedsvc.web.admin.forms.entry import EntryForm


@dataclass(frozen=True)
class Panel:
    """`readings` say how a row of key dates is understood, by its id; `stale` are languages."""

    findings: Sequence[Line]
    timeline: Timeline | None
    readings: Mapping[str, str]
    stale: Mapping[str, date]


def of(session: Session, form: EntryForm, entry: Entry | None) -> Panel:
    """Of the form as it stands, saved or not. Reads, and writes nothing."""
    with session.no_autoflush:
        found = findings.of(session, form, entry)
        line = None
        if isinstance(form, CallForm) and (entry is None or isinstance(entry, Call)):
            line = timeline.of(session, form, entry)
    return Panel(found, line, _readings(line), findings.stale(entry))


def _readings(line: Timeline | None) -> Mapping[str, str]:
    return {point.row: timeline.reading(point) for point in line.points} if line else {}
