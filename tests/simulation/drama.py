"""Draw what a seed is about: who is there, what they do and when, and what weather they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from tests.simulation.acts import Stage
from tests.simulation.facts import DAY, HOUR, Call, Follow, Place, Reader, Written, zone
from tests.simulation.relay import Moods
from tests.simulation.scheduler import Risks

LENGTH = 12 * DAY
# The weeks of the clock changes of 2026 are drawn as often as all others together.
CHANGES = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 5), date(2026, 11, 1))
TITLES = ("Alpha", "Bravo", "Cargo")
TIMES = (time(17), time(17), time(12), time(0, 30), time(2, 30), time(9), None)
ZONES = ("Europe/Luxembourg", "Europe/Luxembourg", "America/New_York", "AoE", "Australia/Lord_Howe")
READER_ZONES = ("Europe/Luxembourg", "Europe/Luxembourg", "America/New_York", "Asia/Kolkata")
LEADS = ((7, 1), (7, 3, 1), (3, 2, 1), (1,), (14, 7), (2,))
HOURS = (8, 8, 7, 19)


def beginning(rng: Random) -> datetime:
    if rng.random() < 0.5:
        day = rng.choice(CHANGES) - rng.randrange(1, 11) * DAY
    else:
        day = date(2026, 1, 1) + rng.randrange(365) * DAY
    return datetime.combine(day, time(6), UTC)


def written(rng: Random, now: datetime, *, days: tuple[int, int] = (1, 11)) -> Written:
    """A deadline some days ahead, exact to the minute or a day only."""
    name = rng.choice(ZONES)
    day = now.astimezone(zone(name)).date() + rng.randrange(*days) * DAY
    new = Written(day, rng.choice(TIMES), name)
    return new if new.exists else replace(new, time=None)


@dataclass
class Storm:
    """Bad hours: what is likely in them, and what the mail server does."""

    begins: datetime
    ends: datetime
    risks: Risks
    moods: Moods
    names: list[str] = field(default_factory=list)
    all_down: bool = False
    clocks_jump: bool = False


def storms(stage: Stage, ends: datetime) -> list[Storm]:
    """None, or some, one after the other; most break out while mails are on their way."""
    rng, now = stage.world.rng, stage.world.now
    near = [at for at in stage.instants() if now < at < ends] or [now + DAY]
    found: list[Storm] = []
    for _ in range(rng.choice((0, 1, 2, 2, 3))):
        begins = now + timedelta(seconds=rng.randrange(int(LENGTH.total_seconds())))
        if rng.random() < 0.7:
            begins = max(now, rng.choice(near) - timedelta(seconds=rng.randrange(7200)))
        length = rng.choice((2, 3, 8, 24, 60)) * HOUR
        if all(begins >= one.ends or begins + length <= one.begins for one in found):
            found.append(_storm(rng, begins, begins + length))
    return sorted(found, key=lambda storm: storm.begins)


def _storm(rng: Random, begins: datetime, ends: datetime) -> Storm:
    storm = Storm(begins, ends, Risks(), Moods())
    for kind in rng.sample(sorted(KINDS), rng.choice((1, 2, 2, 3))):
        KINDS[kind](storm, rng)
        storm.names.append(kind)
    return storm


def _deaths(storm: Storm, rng: Random) -> None:
    storm.risks.death = rng.choice((0.05, 0.1, 0.2))


def _freezes(storm: Storm, rng: Random) -> None:
    storm.risks.freeze = rng.choice((0.05, 0.15))


def _locks(storm: Storm, rng: Random) -> None:
    storm.risks.locked = rng.choice((0.05, 0.2))


def _unknown(storm: Storm, rng: Random) -> None:
    storm.risks.unknown = rng.choice((0.05, 0.2))


def _crowds(storm: Storm, _rng: Random) -> None:
    storm.risks.aside = 0.5


def _down(storm: Storm, _rng: Random) -> None:
    storm.moods.down = True


def _greylist(storm: Storm, _rng: Random) -> None:
    storm.moods.greylist = True


def _lost(storm: Storm, rng: Random) -> None:
    storm.moods.lost = rng.choice((0.1, 0.5))


def _silent(storm: Storm, rng: Random) -> None:
    storm.moods.silent = rng.choice((0.1, 0.3))


def _later(storm: Storm, rng: Random) -> None:
    storm.moods.later = rng.choice((0.2, 0.6))


def _closing(storm: Storm, rng: Random) -> None:
    storm.moods.closing = rng.choice((0.1, 0.4))


def _slow(storm: Storm, _rng: Random) -> None:
    storm.moods.slow = 0.5


def _jumps(storm: Storm, _rng: Random) -> None:
    storm.clocks_jump = True


def _all_down(storm: Storm, _rng: Random) -> None:
    storm.all_down = True


KINDS: dict[str, Callable[[Storm, Random], None]] = {
    "schedulers die": _deaths,
    "schedulers freeze": _freezes,
    "the database is locked": _locks,
    "commits without an answer": _unknown,
    "schedulers crowd": _crowds,
    "the relay is down": _down,
    "greylisting": _greylist,
    "lost answers": _lost,
    "silence": _silent,
    "450 for some": _later,
    "421 in between": _closing,
    "a slow relay": _slow,
    "no scheduler runs": _all_down,
    "clocks jump": _jumps,
}


def open_stage(stage: Stage) -> None:
    """One to three calls, two to four readers."""
    rng, now = stage.world.rng, stage.world.now
    for title in TITLES[: rng.choice((1, 2, 2, 3))]:
        dates = [written(rng, now) for _ in range(rng.choice((1, 1, 1, 2)))]
        if len({(one.day, one.time) for one in dates}) < len(dates):
            dates = dates[:1]
        dates += _opening(rng, now, dates)
        stage.publish(title, dates, now + rng.choice((0, 0, 0, 1, 3)) * DAY)
    for number in range(rng.choice((2, 3, 4))):
        reader = Reader(
            f"reader{number}@example.org",
            [_place(rng)],
            rng.choice(("en", "en", "fr", "de")),
        )
        stage.readers.append(reader)
        if rng.random() < 0.85:
            stage.follow(reader, *_wish(rng, stage), confirm=rng.random() < 0.92)


def _place(rng: Random) -> Place:
    return Place(rng.choice(READER_ZONES), rng.choice(HOURS))


def _opening(rng: Random, now: datetime, dates: list[Written]) -> list[Written]:
    """A call that opens between now and two days before its first deadline; most are open."""
    latest = (min(date.at for date in dates) - 2 * DAY - now) // DAY
    if latest < 1 or rng.random() < 0.7:
        return []
    name = rng.choice(ZONES)
    day = now.astimezone(zone(name)).date() + rng.randint(1, latest) * DAY
    new = Written(day, rng.choice((time(9), time(0, 30), time(17))), name, opens=True)
    return [new] if new.exists else []


def _wish(rng: Random, stage: Stage) -> tuple[Call | None, tuple[int, ...]]:
    return rng.choice((None, rng.choice(stage.calls))), rng.choice(LEADS)


def acts(stage: Stage, ends: datetime) -> list[datetime]:
    """When something is done: many of these times are around an hour in which mails leave."""
    rng, now = stage.world.rng, stage.world.now
    told = [*stage.instants(), *(date.at for call in stage.calls for date in call.dates)]
    near = [at for at in told if now < at < ends] or [now + DAY]
    found = []
    for _ in range(rng.randrange(2, 9)):
        if rng.random() < 0.6:
            at = rng.choice(near) + timedelta(seconds=rng.randrange(-3600, 5400))
        else:
            at = now + rng.random() * (ends - now)
        found.append(max(now, at.replace(microsecond=0)))
    return sorted(found)


def act(stage: Stage) -> None:
    """Do one thing that can be done now."""
    rng = stage.world.rng
    call, reader = rng.choice(stage.calls), rng.choice(stage.readers)
    rng.choice(EDITORS if rng.random() < 0.6 else READERS)(stage, rng, call, reader)


def _move(stage: Stage, rng: Random, call: Call, _reader: Reader) -> None:
    number = rng.randrange(len(call.deadlines))
    others = [one for n, one in enumerate(call.dates) if n != number]
    new = written(rng, stage.world.now, days=(0, 7))
    opens = max((one.at for one in others if one.opens), default=stage.world.now)
    if new.at > opens and all((o.day, o.time) != (new.day, new.time) for o in others):
        stage.move(call, number, new)


def _move_back(stage: Stage, rng: Random, call: Call, _reader: Reader) -> None:
    """To where it was once: A -> B -> A."""
    was = [date for state in call.history for date in state.dates if date not in call.dates]
    if was and was[-1].at > stage.world.now and len(call.dates) == 1:  # nor does it open
        stage.move(call, 0, was[-1])


def _there_and_back(stage: Stage, rng: Random, call: Call, reader: Reader) -> None:
    """A -> B now, and back to A within the day."""
    before = call.dates[0]
    _move(stage, rng, call, reader)
    if len(call.deadlines) == 1 and call.dates[0] != before:
        later = rng.choice((30, 900, 20_000, 80_000))
        stage.world.after(later, lambda: _restore(stage, call, before))


def _restore(stage: Stage, call: Call, before: Written) -> None:
    if call.dates[0] != before and before.at > stage.world.now:
        stage.move(call, 0, before)


def _reword(stage: Stage, _rng: Random, call: Call, _reader: Reader) -> None:
    stage.reword(call)


def _cancel(stage: Stage, rng: Random, call: Call, _reader: Reader) -> None:
    if not call.cancelled and rng.random() < 0.4:
        stage.cancel(call)


def _withdraw(stage: Stage, rng: Random, call: Call, _reader: Reader) -> None:
    """Unpublish, most often for a while."""
    if call.withdrawn or call.public_from is None:
        stage.republish(call)
        return
    stage.withdraw(call)
    if rng.random() < 0.7:
        stage.world.after(rng.choice((60, 4000, 90_000)), lambda: _publish_again(stage, call))


def _publish_again(stage: Stage, call: Call) -> None:
    if call.withdrawn or call.public_from is None:
        stage.republish(call)


def _follow(stage: Stage, rng: Random, _call: Call, reader: Reader) -> None:
    wanted, days = _wish(rng, stage)
    if not any(one.until is None and one.call is wanted for one in reader.follows):
        stage.follow(reader, wanted, days)


def _leave(stage: Stage, rng: Random, _call: Call, reader: Reader) -> None:
    if _standing(reader):
        stage.leave(reader)


def _stop(stage: Stage, rng: Random, _call: Call, reader: Reader) -> None:
    if _standing(reader):
        stage.stop(reader, rng.choice(_standing(reader)))


def _choose(stage: Stage, rng: Random, _call: Call, reader: Reader) -> None:
    if _standing(reader):
        stage.choose(reader, rng.choice(_standing(reader)), rng.choice(LEADS))


def _forget(stage: Stage, rng: Random, _call: Call, reader: Reader) -> None:
    if _standing(reader):
        stage.forget(reader)


def _relocate(stage: Stage, rng: Random, _call: Call, reader: Reader) -> None:
    """Live elsewhere, or be told at another hour."""
    place = _place(rng)
    if _standing(reader) and place != reader.place:
        stage.relocate(reader, place)


def _mute(stage: Stage, rng: Random, call: Call, reader: Reader) -> None:
    """One call, most often for a while; or it is heard of again."""
    if not _standing(reader):
        return
    if any(one.call is call and one.until is None for one in reader.silences):
        stage.unmute(reader, call)
        return
    stage.mute(reader, call)
    if rng.random() < 0.5:
        stage.world.after(rng.choice((600, 40_000, 200_000)), lambda: _unmute(stage, call, reader))


def _unmute(stage: Stage, call: Call, reader: Reader) -> None:
    if _standing(reader) and any(o.call is call and o.until is None for o in reader.silences):
        stage.unmute(reader, call)


def _pause(stage: Stage, rng: Random, _call: Call, reader: Reader) -> None:
    """All mail, for some days; a few end the pause before."""
    if not _standing(reader):
        return
    stage.pause(reader, rng.choice((1, 1, 2, 4)))
    if rng.random() < 0.3:
        stage.world.after(rng.choice((600, 40_000)), lambda: _resume(stage, reader))


def _resume(stage: Stage, reader: Reader) -> None:
    if _standing(reader) and any(o.call is None and o.until is None for o in reader.silences):
        stage.resume(reader)


def _standing(reader: Reader) -> list[Follow]:
    return [one for one in reader.follows if one.until is None]


EDITORS = (_move, _move, _there_and_back, _move_back, _reword, _cancel, _withdraw)
READERS = (_follow, _follow, _leave, _stop, _choose, _forget, _relocate, _mute, _pause)
