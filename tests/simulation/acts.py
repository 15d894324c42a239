"""What editors and readers do meanwhile. Each act is a transaction of the real code, and a fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from sqlalchemy.orm import Session

from feedsvc.calls import changes as calls
from feedsvc.calls.edits import CallEdit, KeyDateEdit
from feedsvc.calls.models import Call as CallRow
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes as subscriptions
from feedsvc.subscriptions import queries, silence
from feedsvc.subscriptions.changes import Wish
from feedsvc.subscriptions.models import Subscriber
from feedsvc.subscriptions.rules import Choice
from tests.builders import ANA, call_edit
from tests.simulation.facts import DAY, Call, Follow, Place, Reader, Silence, Written, zone
from tests.simulation.world import Moment, World


@dataclass
class Stage:
    """Everything that acts change, and what was done."""

    world: World
    db: Database
    settings: Settings
    on_change: Callable[[], None] = lambda: None
    calls: list[Call] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    uids: dict[int, list[str]] = field(default_factory=dict)  # of the key dates, by call

    def instants(self) -> list[datetime]:
        """When somebody is to be told of something, by what is known now."""
        return [
            date.due(days, reader.place)
            for call in self.calls
            for date in call.dates
            for reader in self.readers
            for follow in reader.following(call)
            for days in follow.leads(date)
        ]

    def hours(self) -> list[datetime]:
        """The next of these."""
        ahead = [at for at in self.instants() if at > self.world.now]
        return [min(ahead)] if ahead else []

    def do(self, who: str, what: str, change: Callable[[Session], None]) -> Moment:
        with self.db.begin() as session:
            change(session)
        moment = self.world.committed()
        self.world.tell(who, what)
        self.on_change()
        return moment

    # Editors

    def publish(self, title: str, dates: list[Written], at: datetime) -> None:
        now = self.world.now
        call = Call(0, title, dates, public_from=at)

        def change(session: Session) -> None:
            row = calls.create_call(session, self._edit(call), actor=ANA, now=now)
            calls.publish_call(session, row.id, at=at, actor=ANA, now=now)
            call.id = row.id

        said = f"publishes {title} ({', '.join(map(str, dates))})"
        moment = self.do(
            "editor", said if at <= now else f"{said} from {at:%d %b %H:%M} on", change
        )
        with self.db.read() as session:
            row = session.get(CallRow, call.id)
            by_written = {(d.local_date, d.local_time, d.zone): d.uid for d in row.key_dates}
        self.uids[call.id] = [by_written[d.day, d.time, d.zone] for d in dates]
        self.calls.append(call)
        call.record(moment)
        self.world.at(at, self.on_change)

    def move(self, call: Call, number: int, written: Written) -> None:
        """Move one deadline of a call; the others stay."""
        before = call.dates[number]
        call.dates[number] = written
        edit, now = self._edit(call), self.world.now
        moment = self.do(
            "editor",
            f"moves {call.title} from {before} to {written}",
            lambda session: calls.edit_call(session, call.id, edit, actor=ANA, now=now),
        )
        call.record(moment)

    def reword(self, call: Call) -> None:
        """An edit that moves nothing."""
        edit = self._edit(call, body=f"Edited at {self.world.now:%H:%M:%S}.")
        now = self.world.now
        self.do(
            "editor",
            f"edits the text of {call.title}",
            lambda session: calls.edit_call(session, call.id, edit, actor=ANA, now=now),
        )

    def cancel(self, call: Call) -> None:
        now = self.world.now
        call.cancelled = True
        call.record(
            self.do(
                "editor",
                f"cancels {call.title}",
                lambda session: calls.cancel_call(session, call.id, {}, actor=ANA, now=now),
            )
        )

    def withdraw(self, call: Call) -> None:
        now = self.world.now
        if call.public_from is not None and call.public_from > now:
            call.public_from = None
        else:
            call.withdrawn = True
        call.record(
            self.do(
                "editor",
                f"unpublishes {call.title}",
                lambda session: calls.withdraw_call(session, call.id, actor=ANA, now=now),
            )
        )

    def republish(self, call: Call) -> None:
        now = self.world.now
        call.withdrawn = False
        call.public_from = call.public_from or now
        call.record(
            self.do(
                "editor",
                f"publishes {call.title} again",
                lambda session: calls.publish_call(session, call.id, at=now, actor=ANA, now=now),
            )
        )

    def _edit(self, call: Call, *, body: str = "Use it.") -> CallEdit:
        uids = self.uids.get(call.id) or [None] * len(call.dates)
        several = len(call.deadlines) > 1
        return call_edit(
            call.title,
            deadline_model="multiple_cut_off" if several else "single_stage",
            key_dates=tuple(
                KeyDateEdit(
                    type="opens" if date.opens else "cut_off" if several else "submission",
                    date=date.day, time=date.time, zone=date.zone, uid=uid,
                    precision="minute" if date.time else "day",
                )
                for date, uid in zip(call.dates, uids, strict=True)
            ),
            texts={"en": TextEdit(title=call.title, body=body)},
        )  # fmt: skip

    # Readers

    def follow(
        self, reader: Reader, call: Call | None, days: tuple[int, ...], *, confirm: bool = True
    ) -> None:
        """Ask and, unless it was somebody else who typed the address, confirm."""
        now = self.world.now
        wish = Wish(
            email=reader.address, offsets=days, language=reader.language, page="/subscribe",
            filter=None if call else Filter(), entry_id=call.id if call else None,
        )  # fmt: skip

        def change(session: Session) -> None:
            subscriptions.request_subscription(session, wish, settings=self.settings, now=now)
            if confirm:
                row = self._row(session, reader)
                row.zone, row.hour = reader.place
                uid = self._subscription(row, call)
                subscriptions.confirm(session, row, [uid], settings=self.settings, now=now)
                if reader.uid != row.uid:
                    reader.uid = row.uid
                    reader.lives.append(self.world.moment())
                    self._fresh(reader, self.world.moment())

        what = "all calls" if call is None else call.title
        asked = "follows" if confirm else "is asked whether they want to follow"
        moment = self.do(reader.address, f"{asked} {what}, {days} days before", change)
        reader.asked.append(moment)
        if confirm:
            reader.follows.append(Follow(call, days, moment))

    def leave(self, reader: Reader) -> None:
        """Unsubscribe from everything."""
        now = self.world.now
        moment = self.do(
            reader.address,
            "unsubscribes from everything",
            lambda session: subscriptions.unsubscribe(
                session, self._row(session, reader), settings=self.settings, now=now
            ),
        )
        self._end(reader, moment)

    def stop(self, reader: Reader, follow: Follow) -> None:
        """Unsubscribe from one thing."""
        now = self.world.now

        def change(session: Session) -> None:
            row = self._row(session, reader)
            uid = self._subscription(row, follow.call)
            subscriptions.unsubscribe(session, row, uid, settings=self.settings, now=now)

        what = follow.call.title if follow.call else "all calls"
        follow.until = self.do(reader.address, f"stops following {what}", change)

    def forget(self, reader: Reader) -> None:
        now = self.world.now
        moment = self.do(
            reader.address,
            "asks to be forgotten",
            lambda session: subscriptions.erase(
                session, self._row(session, reader), settings=self.settings, now=now
            ),
        )
        self._end(reader, moment)
        self._fresh(reader, moment)

    def choose(self, reader: Reader, follow: Follow, days: tuple[int, ...]) -> None:
        """Other lead times for one subscription."""
        now = self.world.now

        def change(session: Session) -> None:
            row = self._row(session, reader)
            uid = self._subscription(row, follow.call)
            subscriptions.change(
                session, row, choices={uid: Choice(offsets=days)}, settings=self.settings, now=now
            )

        moment = self.do(reader.address, f"wants to hear {days} days before", change)
        follow.until = moment
        reader.follows.append(Follow(follow.call, days, moment))

    def relocate(self, reader: Reader, place: Place) -> None:
        """Another time zone, another hour."""
        now = self.world.now

        def change(session: Session) -> None:
            subscriptions.change(
                session, self._row(session, reader), zone=place.zone, hour=place.hour,
                settings=self.settings, now=now,
            )  # fmt: skip

        self.do(reader.address, f"lives in {place.zone} now, at {place.hour} o'clock", change)
        reader.places.append(place)

    def mute(self, reader: Reader, call: Call) -> None:
        now = self.world.now
        moment = self.do(
            reader.address,
            f"mutes {call.title}",
            lambda session: silence.mute(
                session, self._row(session, reader), call.id, settings=self.settings, now=now
            ),
        )
        reader.silences.append(Silence(call, moment))

    def unmute(self, reader: Reader, call: Call) -> None:
        now = self.world.now
        moment = self.do(
            reader.address,
            f"wants to hear of {call.title} again",
            lambda session: silence.unmute(
                session, self._row(session, reader), call.id, settings=self.settings, now=now
            ),
        )
        self._speak(reader, moment, call)

    def pause(self, reader: Reader, days: int) -> None:
        now, there = self.world.now, zone(reader.place.zone)
        day = now.astimezone(there).date() + days * DAY
        moment = self.do(
            reader.address,
            f"pauses until {day:%d %b}",
            lambda session: silence.pause(
                session, self._row(session, reader), day, settings=self.settings, now=now
            ),
        )
        self._speak(reader, moment)  # a new pause takes the place of the old one
        ends = datetime.combine(day, time(), there).astimezone(UTC)
        reader.silences.append(Silence(None, moment, ends))

    def resume(self, reader: Reader) -> None:
        now = self.world.now
        moment = self.do(
            reader.address,
            "ends the pause",
            lambda session: silence.resume(
                session, self._row(session, reader), settings=self.settings, now=now
            ),
        )
        self._speak(reader, moment)

    def _speak(self, reader: Reader, moment: Moment, call: Call | None = None) -> None:
        """What was silent of that call, or else in a pause, is so no more."""
        for one in reader.silences:
            if one.call is call and one.until is None:
                one.until = moment

    def _fresh(self, reader: Reader, moment: Moment) -> None:
        """Who was forgotten has muted nothing, and does not pause."""
        for one in reader.silences:
            one.until = one.until or moment

    def _row(self, session: Session, reader: Reader) -> Subscriber:
        row = queries.by_address(session, reader.address)
        assert row is not None
        return row

    def _subscription(self, row: Subscriber, call: Call | None) -> str:
        wanted = call.id if call else None
        return next(one.uid for one in row.subscriptions if one.entry_id == wanted)

    def _end(self, reader: Reader, moment: Moment) -> None:
        for follow in reader.follows:
            if follow.until is None:
                follow.until = moment
