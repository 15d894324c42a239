"""The judge: what was promised, held against the relay's journal and what really was.

Each check is a generator of complaints, sentences for a person. None asks the engine's own rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import CRASHED, UNANSWERED
from feedsvc.reminders import ledger
from feedsvc.reminders.plan import plan_due
from tests.simulation import reading
from tests.simulation.facts import (
    HOUR,
    NEVER,
    NOTICE,
    USELESS,
    Call,
    Follow,
    Reader,
    Written,
    zone,
)
from tests.simulation.relay import Handed

if TYPE_CHECKING:
    from tests.simulation.run import Simulation

GROUP = 25  # mails that one connection has in hand at most
CALM = 9 * HOUR  # longest pause between two tries, a lease, and a scheduler that looks late
LOOKS_LATE = timedelta(minutes=45)  # a scheduler that rests, and one that is busy
PROMPT = HOUR + timedelta(minutes=90)  # a reminder's hour, and a scheduler that looks late
FINAL = ("accepted", "bounced", "failed", "expired", "void")


@dataclass(frozen=True)
class Heard:
    """A deadline of which a reader was told: it stood, or it did not."""

    handed: Handed
    letter: reading.Letter
    reader: Reader
    call: Call
    written: Written | None


def judge(simulation: Simulation) -> list[str]:
    """Every broken promise of one history."""
    court = Court(simulation)
    return [complaint for check in CHECKS for complaint in check(court)]


class Court:
    """The evidence, gathered once."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.slugs = {call.title.lower(): call for call in simulation.stage.calls}
        self.readers = {reader.address: reader for reader in simulation.stage.readers}
        self.journal = simulation.relay.journal
        self.stored = [handed for handed in self.journal if handed.stored]
        self.heard = [one for handed in self.stored for one in self._heard(handed)]
        with simulation.storage.db.read() as session:
            rows = session.execute(
                select(OutboxMail.message_id, OutboxMail.created_at, OutboxMail.uncertain)
            ).all()
        self.made = {row.message_id: row.created_at for row in rows}
        self.unsure = {row.message_id for row in rows if row.uncertain}

    def _heard(self, handed: Handed) -> Iterator[Heard]:
        letter = reading.read(handed.content)
        taken: set[tuple[int, Written]] = set()  # two dates of a call may be the same instant
        for told in letter.told:
            call = self.slugs[told.slug]
            stood = [one for one in call.standing(handed.gate) if (call.id, one) not in taken]
            written = next((one for one in stood if _is(told, one)), None)
            if written is not None:
                taken.add((call.id, written))
            yield Heard(handed, letter, self.readers[handed.address], call, written)

    def is_calm(self, begins: datetime, ends: datetime) -> bool:
        return all(ends <= one.begins or begins >= one.ends for one in self.simulation.storms)

    def has_calm(self, begins: datetime, ends: datetime, reader: Reader) -> bool:
        """Whether there are enough good hours in a row; what comes late does not come at night."""
        at = begins
        for storm in [one for one in self.simulation.storms if one.ends > begins]:
            if storm.begins >= (done := reader.morning(at + CALM) + HOUR):
                break
            at = max(at, storm.ends)
        else:
            done = reader.morning(at + CALM) + HOUR
        return done <= ends


def _is_same(one: Written | None, other: Written) -> bool:
    return one is not None and (one.at, one.opens) == (other.at, other.opens)


def _is(told: reading.Told, written: Written) -> bool:
    """Whether the calendar's words mean that deadline."""
    if written.time is None:
        return told.day == written.day
    return told.at == written.at


# What no mail may be


def told_what_stood(court: Court) -> Iterator[str]:
    """No mail has a date that was superseded when its gate was passed."""
    for one in court.heard:
        if one.written is None:
            yield f"{_mail(one.handed)} tells a date of {one.call.title} that did not stand"


def told_who_asked(court: Court) -> Iterator[str]:
    """No mail to a reader whose leaving was committed before its gate."""
    for one in court.heard:
        if not one.reader.may_hear(one.call, one.handed.gate):
            yield f"{_mail(one.handed)} tells {one.call.title} to somebody who does not follow it"
        answers = one.letter.kind == "welcome"  # and was asked for just now
        if not answers and one.reader.is_silent(one.call, one.handed.gate):
            yield f"{_mail(one.handed)} tells {one.call.title} to somebody who wants silence"


def told_in_time(court: Court) -> Iterator[str]:
    """No mail about the past, and none that is too late to be of use."""
    for one in court.heard:
        reminds = one.letter.kind == "reminder"  # that a date has moved is news to the last
        if reminds and one.written and one.handed.gate.at > one.written.at - USELESS:
            yield f"{_mail(one.handed)} passed its gate too late for {one.call.title}"
        past = one.written and one.handed.at.at >= one.written.at
        news = not reminds and (_tells_ahead(one) or _was_to_be_later(one))
        if past and not news and not one.handed.group.broken:
            yield f"{_mail(one.handed)} is about the past of {one.call.title}"


def _tells_ahead(one: Heard) -> bool:
    """A notice may name dates that have passed beside those to come."""
    at = one.handed.at.at
    return any(
        (told.at or datetime.combine(told.day, time(), UTC)) > at for told in one.letter.told
    )


def _was_to_be_later(one: Heard) -> bool:
    """A date that stood before is still ahead: who knows that one would come too late."""
    return any(
        date.at > one.handed.at.at
        for state in one.call.history
        if state.since.number <= one.handed.gate.number
        for date in state.dates
    )


def told_the_right_day(court: Court) -> Iterator[str]:
    """`closes in 7 days` is true when it leaves; what may have arrived is repeated as it was."""
    seen: set[str] = set()
    for handed in court.stored:
        letter = reading.read(handed.content)
        told = [one for one in court.heard if one.handed is handed and one.written]
        if handed.message_id in seen or not letter.days or len(letter.days) != len(told):
            continue
        if handed.message_id in court.unsure:
            continue
        seen.add(handed.message_id)
        for days, one in zip(letter.days, told, strict=True):
            here = handed.gate.at.astimezone(zone(one.written.zone)).date()
            if (one.written.day - here).days != days:
                yield f"{_mail(handed)} says {days} days for {one.call.title}, {one.written}"


def nobody_is_woken(court: Court) -> Iterator[str]:
    """In good weather no reminder comes at night, unless something in it cannot wait.

    What was to leave in the evening, by its own date, may leave when night has just begun: a
    scheduler looks late.
    """
    nearest: dict[str, datetime] = {}
    for one in court.heard:
        if one.written is not None:
            known = nearest.get(one.handed.message_id, one.written.at)
            nearest[one.handed.message_id] = min(known, one.written.at)
    for one in court.heard:
        at, reader = one.handed.at.at, one.reader
        morning = reader.morning(at)
        if one.written is None or one.letter.kind != "reminder":
            continue
        if reader.has_moved or reader.place.hour >= 19:
            continue
        can_wait = nearest[one.handed.message_id] - morning >= NOTICE
        woken = morning > at and can_wait and court.is_calm(at - CALM, at)
        if woken and not _looked_late(one):
            yield f"{_mail(one.handed)} came at night, though {one.written} is far"


def _looked_late(one: Heard) -> bool:
    """Whether it was to leave before the reader's night, and left as soon as somebody looked."""
    dated = one.letter.dated
    by_day = one.reader.morning(dated) == dated
    return by_day and one.handed.at.at - dated <= LOOKS_LATE


def told_once_in_a_mail(court: Court) -> Iterator[str]:
    for handed in court.stored:
        told = reading.read(handed.content).told
        if len(set(told)) != len(told):
            yield f"{_mail(handed)} names the same deadline twice"


def nearer_ones_say_it(court: Court) -> Iterator[str]:
    """Nobody is told at another hour what their hour of a nearer lead time says on the same day.

    A mail that waits into the next day was right when it was written.
    """
    for one in court.heard:
        reader, written = one.reader, one.written
        made = court.made.get(one.handed.message_id)
        if made is None or written is None or one.letter.kind != "reminder" or reader.has_moved:
            continue
        there = zone(reader.place.zone)
        follows = [
            follow
            for follow in reader.following(one.call)
            if follow.since.at < made and follow.holds(one.handed.gate)
        ]
        leads = sorted({lead for follow in follows for lead in follow.leads(written)})
        passed = [lead for lead in leads if reader.due(written, lead) <= made]
        for lead in leads[: leads.index(passed[0])] if passed else ():
            due = reader.due(written, lead)
            if due > one.handed.at.at and _same_day(due, made, there):
                yield f"{_mail(one.handed)} tells {written}, which its reader hears at {due:%H:%M}"


def _same_day(one: datetime, other: datetime, there: tzinfo) -> bool:
    return one.astimezone(there).date() == other.astimezone(there).date()


def copies_are_equal_and_bounded(court: Court) -> Iterator[str]:
    """A second copy has the same bytes, and a lost answer or a broken process to explain it."""
    copies: dict[str, list[Handed]] = defaultdict(list)
    for handed in court.journal:
        copies[handed.message_id].append(handed)
    for message_id, all_of_it in copies.items():
        if len({handed.digest for handed in all_of_it}) > 1:
            yield f"{message_id} was sent with different bytes"
        stored = [handed for handed in all_of_it if handed.stored]
        if len(stored) > 1 and not all(_excused(stored, n) for n in range(1, len(stored))):
            yield f"{message_id} was taken {len(stored)} times without a reason"


def _excused(stored: Sequence[Handed], number: int) -> bool:
    """A copy has its reason in itself (a process that woke up) or in one before it."""
    return any(handed.group.broken for handed in stored[: number + 1])


def groups_are_small(court: Court) -> Iterator[str]:
    for group in {id(handed.group): handed.group for handed in court.journal}.values():
        if len(group.handed) > GROUP:
            yield f"{len(group.handed)} mails were in one hand at once"


# What must have happened


def one_reminder_for_a_lead_time(court: Court) -> Iterator[str]:
    """Between two of a reader's hours for a deadline there is one mail about it, none before."""
    tried: dict[str, datetime] = {}  # a mail that was put off belongs to the hour of its first try
    for handed in court.journal:
        tried.setdefault(handed.message_id, handed.at.at)
    for (address, _, title, written), by_id in _reminders(court).items():
        reader = court.readers[address]
        if reader.has_moved:
            continue
        days = _leads(reader, court.slugs[title.lower()], written)
        hours = sorted(reader.due(written, number) for number in days)
        last: dict[datetime, Heard] = {}
        for one in by_id.values():
            begun = [hour for hour in hours if hour <= tried[one.handed.message_id]]
            if not begun:
                yield f"{_mail(one.handed)} came before any hour for {title}, {written}"
                continue
            before = last.get(begun[-1])
            if before is not None and not before.handed.group.broken:
                yield f"{_mail(one.handed)} tells {title}, {written} again, after {_mail(before.handed)}"
            last[begun[-1]] = one


def movers_are_not_told_more_often(court: Court) -> Iterator[str]:
    """Who changes the hour or the zone is told a deadline once for each lead time, all the same."""
    for (address, _, title, written), by_id in _reminders(court).items():
        reader = court.readers[address]
        whole = [one for one in by_id.values() if not one.handed.group.broken]
        if len(whole) > len(_leads(reader, court.slugs[title.lower()], written)):
            yield f"{address} was told {title}, {written} {len(whole)} times"


def _reminders(court: Court) -> dict[tuple[str, int, str, Written], dict[str, Heard]]:
    """By reader, life, call and date the reminders of it, by Message-ID."""
    told: dict[tuple[str, int, str, Written], dict[str, Heard]] = defaultdict(dict)
    for one in court.heard:
        if one.written and one.letter.kind == "reminder":
            life = sum(begun.number <= one.handed.gate.number for begun in one.reader.lives)
            key = (one.reader.address, life, one.call.title, one.written)
            told[key].setdefault(one.handed.message_id, one)
    return told


def _leads(reader: Reader, call: Call, date: Written) -> set[int]:
    return {days for follow in reader.following(call) for days in follow.leads(date)}


def nothing_is_lost(court: Court) -> Iterator[str]:
    """Who asked in time, while the deadline stood and the weather was good for long enough, heard.

    Of the same instant in the words of another zone is enough: nothing has moved.
    """
    for reader, call, written, begins, ends, lead in _expected(court):
        if not court.has_calm(begins, ends, reader):
            continue
        regular = reader.due(written, lead, min)
        if not any(
            one.reader is reader and one.call is call and _is_same(one.written, written)
            and regular <= one.handed.at.at < ends
            for one in court.heard
        ) and not _given_up(court, reader):  # fmt: skip
            yield (
                f"{reader.address} never heard of {call.title}, {written}, {lead} days before:"
                f" between {begins:%d %b %H:%M} and {ends:%d %b %H:%M}"
            )


def undisturbed_reminders_are_prompt(court: Court) -> Iterator[str]:
    """In good weather a reminder comes in its hour; so the last one leaves twelve hours."""
    for reader, call, written, begins, ends, lead in _expected(court):
        due = reader.due(written, lead)
        if (
            reader.has_moved
            or begins != due
            or ends < due + PROMPT
            or not court.is_calm(due - CALM, due + PROMPT)
        ):
            continue
        found = [
            one for one in court.heard
            if one.reader is reader and one.call is call and one.written == written
            and due <= one.handed.at.at < due + PROMPT
        ]  # fmt: skip
        if not found:
            yield f"{reader.address} did not hear of {call.title}, {written}, in the hour of {due:%d %b %H:%M}"


def _expected(
    court: Court,
) -> Iterator[tuple[Reader, Call, Written, datetime, datetime, int]]:
    """Who should hear of which deadline between which times, and by which lead time."""
    for call in court.slugs.values():
        spells = list(call.spells())
        for written, since, until in spells:
            first = min(begun for one, begun, _ in spells if one == written)
            for reader in court.readers.values():
                yield from (
                    (reader, call, written, begins, ends, lead)
                    for begins, ends, lead in _windows(reader, call, written, since, until, first)
                )


def _windows(
    reader: Reader, call: Call, written: Written, since: datetime, until: datetime, first: datetime
) -> Iterator[tuple[datetime, datetime, int]]:
    for follow in reader.following(call):
        ended = follow.until.at if follow.until else NEVER
        for lead in follow.leads(written):
            due = reader.due(written, lead, min)
            begins = _begins(written, lead, reader, since)
            nearer = [
                _takes_over(written, days, reader, since)
                for other in reader.following(call)
                for days in other.leads(written)
                if days < lead
            ]
            ends = min([written.at - USELESS, until, ended, *nearer])
            asked = _asked(reader, follow) <= max(due, first) and follow.since.at <= begins < ends
            if asked and not reader.was_silent(call, min(due, begins), ends):
                yield begins, ends, lead


def _takes_over(written: Written, lead: int, reader: Reader, since: datetime) -> datetime:
    """From when on a farther reminder gives way to this one: on the whole day of its hour."""
    begins = _begins(written, lead, reader, since, min)
    if begins > reader.due(written, lead, min):
        return begins
    local = [begins.astimezone(zone(place.zone)) for place in reader.places]
    return min(datetime.combine(at.date(), time(), at.tzinfo).astimezone(UTC) for at in local)


def _begins(
    written: Written,
    lead: int,
    reader: Reader,
    since: datetime,
    which: Callable[[Iterable[datetime]], datetime] = max,
) -> datetime:
    """When a reader is told who follows: in their hour, or when it could be known, if that is later."""
    due = reader.due(written, lead, which)
    if since <= due:
        return due
    return max(due, which(written.known(since, place.zone) for place in reader.places))


def _asked(reader: Reader, follow: Follow) -> datetime:
    """Since when a reader follows that, whatever lead times were chosen since."""
    return follow.since.at


def _given_up(court: Court, reader: Reader) -> bool:
    """A mail whose answers were lost, or whose processes died, again and again is not tried for ever.

    Of a reader who was forgotten the books have no address any more, but the relay knows their mails.
    """
    handed = {one.message_id for one in court.journal if one.address == reader.address}
    with court.simulation.storage.db.read() as session:
        failed = select(OutboxMail.id).where(
            or_(OutboxMail.address == reader.address, OutboxMail.message_id.in_(handed)),
            OutboxMail.state == "failed",
            OutboxMail.reason.in_((UNANSWERED, CRASHED)),
        )
        return session.scalar(failed.limit(1)) is not None


# What the books say


def every_plan_has_an_end(court: Court) -> Iterator[str]:
    """Planned = sum of the final states, each with a reason; and no mail waits any more."""
    with court.simulation.storage.db.read() as session:
        for fate in ledger.fates(session):
            if fate.word not in FINAL or not fate.reason:
                yield f"item {fate.item_id} ends as {fate.word!r}, because {fate.reason!r}"
        for mail in session.scalars(select(OutboxMail)):
            if mail.state not in FINAL or not mail.reason:
                yield f"mail {mail.id} ends as {mail.state!r}, because {mail.reason!r}"


def the_books_agree_with_the_relay(court: Court) -> Iterator[str]:
    """What is accepted in the books was taken by the relay, and what was taken is in the books."""
    taken = {handed.message_id for handed in court.stored}
    known: set[str] = set()
    with court.simulation.storage.db.read() as session:
        for message_id, state in session.execute(select(OutboxMail.message_id, OutboxMail.state)):
            if state == "accepted" and message_id not in taken:
                yield f"{message_id} is accepted in the books, but the relay never had it"
            known.add(message_id)
    for message_id in sorted(taken - known):
        yield f"{message_id} was taken by the relay, but no book knows it"


def planning_again_adds_nothing(court: Court) -> Iterator[str]:
    simulation = court.simulation
    again = plan_due(simulation.storage.db, simulation.settings, simulation.world.now)
    if again != type(again)():
        yield f"planning again did something: {again}"


def _mail(handed: Handed) -> str:
    return f"{handed.message_id[:12]} at {handed.at.at:%d %b %H:%M:%S} to {handed.address}"


CHECKS = (
    told_what_stood,
    told_who_asked,
    told_in_time,
    told_the_right_day,
    nobody_is_woken,
    told_once_in_a_mail,
    nearer_ones_say_it,
    copies_are_equal_and_bounded,
    groups_are_small,
    one_reminder_for_a_lead_time,
    movers_are_not_told_more_often,
    nothing_is_lost,
    undisturbed_reminders_are_prompt,
    every_plan_has_an_end,
    the_books_agree_with_the_relay,
    planning_again_adds_nothing,
)
