"""The hours of the readers: when one is near, the deadlines that are told in it have occasions.

Occasions are made late, a quarter of an hour before they are due, and only for zones and hours in
which readers live: months ahead they would have to be kept true to everything that can change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from feedsvc.calls.models import KeyDate
from feedsvc.reminders import occasions, rules
from feedsvc.reminders.models import DueDate, ReaderHour
from feedsvc.reminders.occasions import Dated
from feedsvc.statements import insert
from feedsvc.subscriptions.models import Subscriber, SubscriptionOffset

AHEAD = timedelta(minutes=15)
# A date that begins to stand has at once the occasions of this time. The two overlap: whichever of
# two planners at work comes second, none falls between.
OVERLAP = timedelta(minutes=30)
LONGEST_GAP = timedelta(days=400)  # no lead time reaches back so far
# As far as two readers can be told apart of one deadline: 26 hours of zones, 23 of hours, and the
# day by which the twelve hours of notice may bring it forward.
REACH = timedelta(days=3)
# So far a deadline may be from the slot plus the days before it: zones, clock changes, notice.
BEFORE, AFTER = timedelta(hours=26), timedelta(hours=98)

Place = tuple[str, int]  # zone and hour


def places(session: Session) -> list[Place]:
    """Where and when confirmed readers are told."""
    return [(zone, hour) for zone, hour in session.execute(_PLACES)]


def _places() -> Select[str, int]:
    """One look into ix_subscriber_place for each zone and each hour."""
    zone = select(func.min(Subscriber.zone).label("zone")).cte("zones", recursive=True)
    following = select(func.min(Subscriber.zone)).where(Subscriber.zone > zone.c.zone)
    zone = zone.union_all(select(following.scalar_subquery()).where(zone.c.zone.is_not(None)))
    hour = select(literal(0).label("hour")).cte("hours", recursive=True)
    hour = hour.union_all(select(hour.c.hour + 1).where(hour.c.hour < 23))
    lived_in = exists().where(
        Subscriber.zone == zone.c.zone,
        Subscriber.hour == hour.c.hour,
        Subscriber.confirmed_at.is_not(None),
    )
    return (
        select(zone.c.zone, hour.c.hour)
        .select_from(zone.join(hour, true()))
        .where(lived_in)
        .order_by(zone.c.zone, hour.c.hour)
    )


_PLACES = _places()
_LOOKED = select(ReaderHour.zone, ReaderHour.hour, ReaderHour.looked_until)
_STANDING = occasions.DATED.join(
    DueDate, and_(DueDate.key_date_id == KeyDate.id, DueDate.at == KeyDate.utc_at)
).where(DueDate.state == "stands")


def chosen(session: Session, offered: Iterable[int]) -> list[int]:
    """Those of the lead times on offer that anybody has chosen (ix_subscription_offset_days)."""
    return list(session.scalars(_chosen(tuple(offered))))


@cache
def _chosen(offered: tuple[int, ...]) -> CompoundSelect[int]:
    return union_all(
        *(
            select(literal(days)).where(exists().where(SubscriptionOffset.days == days))
            for days in offered
        )
    )


def near(session: Session, found: Sequence[Place], now: datetime) -> dict[Place, list[datetime]]:
    """The slots that nobody has looked at yet, and that begin soon or have begun, by place.

    Where nobody lived before, readers may have moved to while no planner ran: then they were told
    in neither place.
    """
    looked = {(zone, hour): until for zone, hour, until in session.execute(_LOOKED)}
    new = min(max(looked.values(), default=now), now) - REACH
    slots: dict[Place, list[datetime]] = {}
    for zone, hour in found:
        since = max(looked.get((zone, hour), new), now - LONGEST_GAP)
        if some := list(rules.slots(since, now + AHEAD, zone=zone, hour=hour)):
            slots[zone, hour] = some
    return slots


def look(
    session: Session,
    place: Place,
    slots: Sequence[datetime],
    lead_times: Sequence[int],
    now: datetime,
) -> int:
    """Make the occasions of these slots, one after the other; how many."""
    zone, hour = place
    reach = {days: _reach(slots, days) for days in {rules.OPENING_DAYS, *lead_times}}
    rows = [
        occasions.facts(date, days, zone, hour)
        for date in _near(session, list(reach.values()), now)
        for days in rules.lead_times(date.deadline, lead_times)
        if reach[days][0] <= date.deadline.at <= reach[days][1]
        and rules.due_at(date.deadline, days, zone=zone, hour=hour) in slots
    ]
    _note(session, place, slots[-1])
    return occasions.write(session, rows)


def begin(
    session: Session,
    dates: Iterable[Dated],
    found: Sequence[Place],
    lead_times: Sequence[int],
    now: datetime,
) -> int:
    """The occasions of dates that begin to stand whose hour has passed, or is near; how many."""
    rows: list[dict[str, Any]] = []
    for date in dates:
        for days in rules.lead_times(date.deadline, lead_times):
            for zone, hour in found:
                if rules.due_at(date.deadline, days, zone=zone, hour=hour) <= now + OVERLAP:
                    rows.append(occasions.facts(date, days, zone, hour))
    return occasions.write(session, rows)


def _near(
    session: Session, reaches: Sequence[tuple[datetime, datetime]], now: datetime
) -> Iterator[Dated]:
    """The due dates that lie within one of the reaches."""
    values = {"now": now}
    for number, (soonest, latest) in enumerate(reaches):
        values |= {f"soonest_{number}": soonest, f"latest_{number}": latest}
    found = session.execute(_within(len(reaches)), values)
    return (occasions.dated_of(row) for row in found)


@cache
def _within(number: int) -> Select[*tuple[Any, ...]]:
    """The due dates within one of so many reaches."""
    ranges = (
        DueDate.at.between(bindparam(f"soonest_{n}"), bindparam(f"latest_{n}"))
        for n in range(number)
    )
    return _STANDING.where(or_(*ranges))


def _reach(slots: Sequence[datetime], days: int) -> tuple[datetime, datetime]:
    """Between which instants a deadline is that is told so many days before in these slots."""
    return slots[0] + timedelta(days=days) - BEFORE, slots[-1] + timedelta(days=days) + AFTER


def _note(session: Session, place: Place, slot: datetime) -> None:
    statement = insert(session, ReaderHour)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["zone", "hour"],
            set_={"looked_until": statement.excluded.looked_until},
            where=ReaderHour.looked_until < statement.excluded.looked_until,
        ),
        [{"zone": place[0], "hour": place[1], "looked_until": slot}],
    )
