"""The dates of a call, each by itself. To change one is to change its call: by its version, too."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from feedsvc.errors import Invalid, NotFound, Problem
from feedsvc.i18n import N_
from feedsvc.reminders.outlook import impact
from feedsvc.reminders.outlook.impact import Impact
from feedsvc.web.api.editor import reading, views
from feedsvc.web.api.editor.asked import Answer, Asked, Json
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import INSTANT, Whole
from feedsvc.web.api.editor.tables import KEY_DATE_FIELDS, SPOKEN
from feedsvc.web.api.editor.things import CALL

DATES = "key_dates"
NO_DATE = N_("This call has no such date.")
IMPACT = Object(
    "Impact",
    Impact,
    {
        "followers": Field(shape=Whole(), meaning="Readers who follow the call"),
        "waiting": Field(shape=Whole(), meaning="Whose reminder is planned: it is planned anew"),
        "told": Field(shape=Whole(), meaning="Who had a reminder of the date as it is"),
        "noticed": Field(shape=Whole(), meaning="Who would get a notice"),
        "notice_at": Field(shape=INSTANT, meaning="When, at the earliest"),
        "lists": Field(shape=Whole(), meaning="Calendars of the site that show it"),
        "own_calendars": Field(shape=Whole(), meaning="Calendars of readers that show it"),
    },
)
ALONE = Object("KeyDateAlone", dict, {**KEY_DATE_FIELDS, **SPOKEN})


def listed(session: Session, asked: Asked) -> Answer:
    told = CALL.told(session, asked, asked.found)
    return Answer(body={"items": told[DATES]}, version=asked.found.version)


def get(session: Session, asked: Asked) -> Answer:
    told = CALL.told(session, asked, asked.found)
    return Answer(body=told[DATES][_place(asked, told)], version=asked.found.version)


def outlook(session: Session, asked: Asked) -> Answer:
    """Whom it concerns if the date moves, as the form says before it does."""
    uid = asked.path["date"]
    date = next((date for date in asked.found.key_dates if date.uid == uid), None)
    if date is None:
        raise NotFound(NO_DATE)
    found = impact.of(session, asked.found, date, asked.now)
    return Answer(body=IMPACT.write(found), version=asked.found.version)


def make(session: Session, asked: Asked) -> Answer:
    before = {date.uid for date in asked.found.key_dates}
    answer = _changed(session, asked, lambda dates, _: [*dates, asked.body])
    made = next(date for date in _dates(answer) if date["uid"] not in before)
    place = f"/calls/{asked.path['uid']}/key-dates/{made['uid']}"
    return Answer(body=made, status=201, version=answer.version, place=place)


def replace(session: Session, asked: Asked) -> Answer:
    return _one(session, asked, lambda _: {"uid": asked.path["date"], **asked.body})


def patch(session: Session, asked: Asked) -> Answer:
    return _one(session, asked, lambda date: reading.merged(date, asked.body))


def delete(session: Session, asked: Asked) -> Answer:
    answer = _changed(session, asked, lambda dates, n: dates[:n] + dates[n + 1 :], known=True)
    return Answer(status=204, version=answer.version)


def _one(session: Session, asked: Asked, wanted: Callable[[Json], Json]) -> Answer:
    """Change that date. Raises: Invalid, if it is to be another."""
    uid = asked.path["date"]

    def with_it(dates: list[Json], n: int) -> list[Json]:
        made = wanted(dates[n])
        if made.get("uid") != uid:
            raise Invalid(Problem("uid", N_("This is the address of another date.")))
        return [*dates[:n], made, *dates[n + 1 :]]

    answer = _changed(session, asked, with_it, known=True)
    made = next(date for date in _dates(answer) if date["uid"] == uid)
    return Answer(body=made, version=answer.version)


def _changed(
    session: Session,
    asked: Asked,
    wanted: Callable[[list[Json], int], list[Json]],
    *,
    known: bool = False,
) -> Answer:
    """Change the call; what is wrong with this date is told by the names of its own fields."""
    number = len(asked.found.key_dates)

    def whole(told: Json) -> Json:
        nonlocal number
        number = _place(asked, told) if known else number
        dates = [dict(date) for date in wanted(told[DATES], number)]
        said = {name: date.pop(name) for date in dates for name in SPOKEN if name in date}
        return {**told, DATES: dates, **said}

    try:
        return views.changed(session, CALL, asked, whole)
    except Invalid as invalid:
        prefix = f"{DATES}.{number}."
        raise Invalid(
            *(
                Problem(problem.field.removeprefix(prefix), problem.message, problem.values)
                for problem in invalid.problems
            )
        ) from None


def _place(asked: Asked, told: Json) -> int:
    """Which of the call's dates it is. Raises: NotFound."""
    uids = [date["uid"] for date in told[DATES]]
    if asked.path["date"] not in uids:
        raise NotFound(NO_DATE)
    return uids.index(asked.path["date"])


def _dates(answer: Answer) -> list[Json]:
    assert answer.body is not None
    dates: list[Json] = answer.body[DATES]
    return dates
