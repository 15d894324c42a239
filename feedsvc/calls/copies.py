"""A call as an edit, and the draft of its next edition: what stays, what moves on, what is left out.

1. Dates move by as many years as it takes for the call to lie ahead, and keep their weekday: a
   Thursday stays one. They are expected only, until an editor confirms them: nobody is reminded of
   a date that somebody's calendar made up.
2. The edition counts on, also where the titles name its year. Series, funders and clusters stay:
   by the series those who wait for a next edition are told when it is published. Where there is
   none yet, the title names it from now on, for both.
3. Texts are copied, and marked as behind; the reference and the documents are the old call's own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from feedsvc.auth.rules import Actor
from feedsvc.calls import changes, rules, snapshots
from feedsvc.calls.edits import CallEdit, KeyDateEdit
from feedsvc.calls.models import Call
from feedsvc.content import entries
from feedsvc.content import rules as content
from feedsvc.content.edits import TextEdit

MOST_YEARS = 20
LONGEST_SERIES = 200
_NUMBER = re.compile(r"\d+(?=\D*$)")


def next_edition(
    session: Session,
    call_id: int,
    *,
    may_edit: bool,
    languages: Sequence[str],
    actor: Actor,
    now: dt.datetime,
) -> Call:
    """A draft of the next edition. Who may not edit the call begins a series with the draft.

    `languages` are the site's. Raises: Invalid, NotFound.
    """
    call = entries.load(session, Call, call_id, None)
    assert isinstance(call, Call)
    edit = snapshots.standing(call)
    if not edit.series:
        edit = replace(edit, series=_title(call, languages)[:LONGEST_SERIES])
        if may_edit:
            changes.edit_call(session, call_id, edit, actor=actor, now=now)
    copy = changes.create_call(session, following(edit, now), actor=actor, now=now)
    for text in copy.translations:
        text.stale_since = now
    session.flush()
    return copy


def following(edit: CallEdit, now: dt.datetime) -> CallEdit:
    """What the next edition begins with. Pure."""
    years = _years(edit, now)
    edition = raised(edit.edition, years)
    return replace(
        edit,
        texts={code: _text(text, edit.edition, edition) for code, text in edit.texts.items()},
        edition=edition,
        key_dates=tuple(shifted(date, years) for date in edit.key_dates),
        reference="", close_reason="", documents=(), files=(), version=None,
    )  # fmt: skip


def shifted(date: KeyDateEdit, years: int) -> KeyDateEdit:
    """The same weekday nearest to the same day so many years later; of months only the year moves."""
    day = date.date
    year = day.year + years
    same = dt.date(year, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=year)
    if rules.names_a_day(date.precision):
        ahead = (day.weekday() - same.weekday()) % 7
        same += dt.timedelta(days=ahead if ahead <= 3 else ahead - 7)
    return replace(date, date=same, uid=None, certainty="estimated")


def raised(edition: str, years: int) -> str:
    """`11` is followed by `12`, `2026` by the year of the dates; what has no number stays."""

    def count(found: re.Match[str]) -> str:
        return str(int(found[0]) + (years if len(found[0]) == 4 else 1)).zfill(len(found[0]))

    return _NUMBER.sub(count, edition)


def _years(edit: CallEdit, now: dt.datetime) -> int:
    """One, or as many as it takes until the call has not closed yet."""
    years = 1
    while years < MOST_YEARS and edit.key_dates and _closes(edit, years) <= now:
        years += 1
    return years


def _closes(edit: CallEdit, years: int) -> dt.datetime:
    moved = (shifted(date, years) for date in edit.key_dates)
    instants = [(date.type, rules.written_instant(date)) for date in moved]
    return rules.closes_at(instants) or max(at for _, at in instants)


def _title(call: Call, languages: Sequence[str]) -> str:
    """In the first language that has one: a draft may lack some."""
    titled = [text for text in call.translations if text.title]
    return content.localised(titled, languages[0], languages).text.title


def _text(text: TextEdit, edition: str, following: str) -> TextEdit:
    """A title that names the year of the edition names the next one's; its address is made anew."""
    names_year = len(edition) == 4 and edition.isdigit()
    title = text.title.replace(edition, following) if names_year else text.title
    return replace(text, title=title, slug="")
