"""Faults that are planted in the engine, to see that the oracle finds each of them.

A fault replaces a function or a value of the real engine while it is planted. Setting attributes of
other modules is what no other test may do; here it is the purpose.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from feedsvc.mail import delivery, leases, verdicts
from feedsvc.mail import rules as mail_rules
from feedsvc.mail.models import OutboxMail
from feedsvc.mail.rules import Outcome
from feedsvc.mail.transports import RelayDown
from feedsvc.reminders import duedates, fan, gate, items, moved, nearer, occasions, rules, writing
from feedsvc.reminders.models import Occasion
from feedsvc.statements import insert
from tests.simulation.storage import Seam


@dataclass(frozen=True)
class Fault:
    """`replace` makes the faulty thing of the right one. `seed` is one that finds it, if one is known.

    What happens in a seed changes with the engine; `make simulate FAULTS=1` finds new ones.
    """

    name: str
    where: Any
    attribute: str
    replace: Callable[[Any], Any]
    seed: int = 0

    @contextmanager
    def planted(self) -> Iterator[None]:
        right = getattr(self.where, self.attribute)
        setattr(self.where, self.attribute, self.replace(right))
        try:
            yield
        finally:
            setattr(self.where, self.attribute, right)


def _always(value: Any) -> Callable[[Any], Any]:
    """Whatever is asked, the answer is that."""
    return lambda _right: lambda *_arguments, **_options: value


def _mark_without_token(right: Any) -> Any:
    def mark(session: Any, mail_ids: Any, token: str, *rest: Any, **more: Any) -> Any:
        taken = update(OutboxMail).where(OutboxMail.id.in_(mail_ids))
        session.execute(taken.values(state="sending", lease_token=token))
        return right(session, mail_ids, token, *rest, **(more | {"free": False}))

    return mark


def _accepted_before_it_is(right: Any) -> Any:
    def mark(session: Any, mail_ids: Any, *rest: Any, **more: Any) -> Any:
        marked = right(session, mail_ids, *rest, **more)
        session.execute(
            update(OutboxMail)
            .where(OutboxMail.id.in_([mail.id for mail in marked]))
            .values(state="accepted", reason="sent", lease_token=None, lease_until=None)
        )
        return marked

    return mark


def _touched(change: Callable[[str, int], str]) -> Callable[[Any], Any]:
    """The content of a mail is made anew each time that it is marked."""
    numbers = itertools.count()

    def replace(right: Any) -> Any:
        def mark(*arguments: Any, **options: Any) -> Any:
            marked = right(*arguments, **options)
            for mail in marked:
                said = mail.whole().decode("ascii")
                object.__setattr__(mail, "content", change(said, next(numbers)))
                object.__setattr__(mail, "mould", None)
            return marked

        return mark

    return replace


def _reap_early(right: Any) -> Any:
    return lambda session, now: right(session, now + 2 * leases.LEASE)


def _reap_only_expired(_right: Any) -> Any:
    return leases.expire


def _without_reopening(_right: Any) -> Any:
    def write(session: Any, rows: Any) -> int:
        if rows:
            session.execute(insert(session, Occasion).on_conflict_do_nothing(), rows)
        return len(rows)

    return write


def _relay_fault_is_the_mails(right: Any) -> Any:
    def hand_over(self: Any, mail: Any) -> Outcome:
        try:
            return right(self, mail)
        except RelayDown as fault:
            return Outcome("refused", str(fault), ".", "address")

    return hand_over


def _lost_is_accepted(right: Any) -> Any:
    def fate(outcome: Outcome, **more: Any) -> Any:
        if outcome.word in ("uncertain", "deferred"):
            outcome = Outcome("accepted", outcome.reply)
        return right(outcome, **more)

    return fate


def _crash_is_the_end(_right: Any) -> Any:
    return lambda *, attempts, crashes, now: mail_rules.Fate(
        "accepted", "it was probably sent", attempts, True
    )


def _told_in_utc(_right: Any) -> Any:
    def told_at(deadline: Any, days: int) -> datetime:
        clock = deadline.time or rules.END_OF_DAY
        return datetime.combine(deadline.day - timedelta(days=days), clock, UTC)

    return told_at


def _told_in_hours(_right: Any) -> Any:
    return lambda deadline, days: deadline.at - timedelta(hours=24 * days)


def _slot_in_utc(_right: Any) -> Any:
    return lambda day, _zone, hour: datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def _inserts_only(_right: Any) -> Any:
    return lambda session, some, shapes, at, stretch=(0, 0): sum(
        fan._changed(session, writing.insert(shape, False), fan._values(session, some, at, stretch))
        for shape in shapes
    )


def _useful_for_ever(_right: Any) -> Any:
    return lambda deadline_at: deadline_at + timedelta(days=1)


def _known_for_ever(_right: Any) -> Any:
    """A date that fell once is never looked at again."""

    def missing(session: Any, lead: int, now: datetime) -> Any:
        fallen = select(duedates.DueDate.key_date_id).where(
            duedates.DueDate.state == "fallen",
            duedates.DueDate.at == duedates.KeyDate.utc_at,
            duedates.DueDate.key_date_id == duedates.KeyDate.id,
        )
        found = _right(session, lead, now)
        known = set(session.scalars(select(duedates.KeyDate.id).where(fallen.exists())).all())
        return [number for number in found if number not in known]

    return missing


def _opening_as_chosen(_right: Any) -> Any:
    return lambda _deadline, offsets: tuple(offsets)


def _machine_time(_right: Any) -> Any:
    return lambda self: self._holder.machine_time()


FAULTS = (
    Fault("a sender that slept past its lease goes on", leases, "mark", _mark_without_token),
    Fault("accepted is written before it is sent", leases, "mark", _accepted_before_it_is, seed=3),
    Fault(
        "each try has a Message-ID of its own", leases, "mark",
        _touched(lambda content, n: content.replace("Message-ID: <r.", f"Message-ID: <r.{n}.")), seed=1),
    Fault(
        "each try is rendered anew", leases, "mark",
        _touched(lambda content, n: f"{content}<!-- {n} -->\r\n"), seed=3),
    Fault("the reaper frees leases that live", leases, "reap", _reap_early),
    Fault("the reaper leaves what was being sent", leases, "reap", _reap_only_expired, seed=33),
    Fault("a process that died is taken to have sent", mail_rules, "after_crash", _crash_is_the_end),
    Fault("no answer and `later` count as accepted", mail_rules, "fate", _lost_is_accepted, seed=3),
    Fault(
        "a fault of the relay is the mail's", delivery._Round, "_hand_over",
        _relay_fault_is_the_mails,
    ),
    Fault("there is no gate", verdicts, "_voided", _always({}), seed=4),
    Fault("the gate does not ask who left", items, "unwanted", _always({})),
    Fault("the gate does not ask what moved", occasions, "fallen", _always({})),
    Fault("the gate does not ask what day it is", gate, "_says_another_day", _always(False), seed=4),
    Fault("a date that comes back finds its occasions void", occasions, "write", _without_reopening),
    Fault("a date that comes back is known already", duedates, "missing", _known_for_ever),
    Fault("a date that comes back has its items void", fan, "_execute", _inserts_only),
    Fault("what fell is not seen", duedates, "fallen", _always(())),
    Fault("what a nearer reminder has overtaken is told", items, "overtaken", _always(set())),
    Fault("reminders are useful for ever", rules, "expires_at", _useful_for_ever),
    Fault("lead times are counted in UTC", rules, "told_at", _told_in_utc, seed=2),
    Fault("a day has 24 hours", rules, "told_at", _told_in_hours, seed=15),
    Fault("readers live in UTC", rules, "slot_of", _slot_in_utc, seed=2),
    Fault("no notice of twelve hours", rules, "NOTICE", lambda _right: timedelta()),
    Fault("nobody sleeps", rules, "quiet", lambda _right: lambda at, _zone: at, seed=4),
    Fault("a nearer one that comes later that day does not count", nearer, "comes_today", _always(False), seed=6),
    Fault("who moves into an hour that has passed is not told", moved, "write", _always(0)),
    Fault("openings are told as deadlines are", rules, "lead_times", _opening_as_chosen, seed=2),
    Fault("each machine has its own time", Seam, "now", _machine_time, seed=3),
)  # fmt: skip
