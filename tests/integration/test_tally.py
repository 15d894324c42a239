"""The tally of calls follows every change, and stands for what the database would count."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from feedsvc.calls import changes, lists, queries
from feedsvc.calls.counts import Counter, Teller
from feedsvc.calls.models import Call
from feedsvc.content import clusters, generation, rules
from feedsvc.content.filters import Filter
from feedsvc.content.models import Cluster, EntryChange
from feedsvc.db import Database
from tests.builders import ANA, call_edit, deadline, make_call, make_cluster, make_news

FILTERS = (
    Filter(),
    Filter(status=("open",)),
    Filter(cluster=("wood",), closes_within=60),
    Filter(award_max_from=Decimal(100), q="timber"),
    Filter(published="2026-03", status=("closed", "cancelled")),
)
Act = Callable[[Session, random.Random, dt.datetime], None]


def make(session: Session, chance: random.Random, now: dt.datetime) -> None:
    publish_at = chance.choice([now, now + dt.timedelta(days=9), None])
    make_call(session, "Timber", now=now, publish_at=publish_at, **_drawn(session, chance))


def edit(session: Session, chance: random.Random, now: dt.datetime) -> None:
    if call := _some(session, chance):
        new = call_edit(chance.choice(["Timber", "Heat"]), **_drawn(session, chance))
        changes.edit_call(session, call.id, new, actor=ANA, now=now)


def withdraw(session: Session, chance: random.Random, now: dt.datetime) -> None:
    if call := _some(session, chance):
        changes.withdraw_call(session, call.id, actor=ANA, now=now)


def let_it_leave(session: Session, chance: random.Random, now: dt.datetime) -> None:
    call = _some(session, chance)
    if call and call.publish_at and rules.state(call, now) in ("scheduled", "published"):
        until = max(now, call.publish_at) + dt.timedelta(days=chance.choice([1, 15]))
        changes.keep_call_until(session, call.id, until=until, actor=ANA, now=now)


def cancel(session: Session, chance: random.Random, now: dt.datetime) -> None:
    if call := _some(session, chance):
        changes.cancel_call(session, call.id, {}, actor=ANA, now=now)


def delete(session: Session, chance: random.Random, now: dt.datetime) -> None:
    drafts = session.scalars(select(Call).where(Call.publish_at.is_(None))).all()
    for call in drafts[:1]:
        changes.delete_call(session, call.id, actor=ANA, now=now)


def replace_a_cluster(session: Session, chance: random.Random, now: dt.datetime) -> None:
    """SQLite gives the number of the last row that went to the next one that comes."""
    last = session.scalars(select(Cluster).order_by(Cluster.id.desc())).first()
    if last is not None:
        clusters.delete_cluster(session, last.id, actor=ANA, now=now)
    make_cluster(session, chance.choice(["Wood", "ICT", "Space"]), now=now)


ACTS: tuple[Act, ...] = (
    make, make, make, edit, edit, withdraw, let_it_leave, let_it_leave, cancel, delete,
    replace_a_cluster,
)  # fmt: skip


def test_tally_that_follows_counts_as_one_made_anew_and_as_the_database(
    db: Database, now: dt.datetime
) -> None:
    chance, following = random.Random(7), Teller()
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_news(session, clusters=("wood",))
    for number in range(20):
        now += dt.timedelta(days=chance.choice([0, 0, 1, 20]), microseconds=1)
        with db.begin() as session:
            for _ in range(2):
                chance.choice(ACTS)(session, chance, now)
        with db.read() as session:
            held, anew = following.tally(session), Teller().tally(session)
            for wanted in FILTERS:
                counter = Counter(session, held, wanted, now)
                assert counter.total() == queries.count(session, wanted, now), (number, wanted)
                assert counter.facets() == Counter(session, anew, wanted, now).facets()
    with db.read() as session:
        for wanted in FILTERS[::3]:
            counter = Counter(session, following.tally(session), wanted, now)
            for order in lists.ORDERS:
                walked = _walk(partial(_asked, session, wanted, order, now))
                assert _walk(partial(counter.page, order, limit=3)) == walked, (wanted, order)


def test_only_calls_that_changed_are_read_again(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        _, second = make_call(session), make_call(session)
    teller = Teller()
    with db.read() as session:
        before = teller.tally(session)
        assert teller.tally(session) is before
    with db.begin() as session:
        changes.cancel_call(session, second.id, {}, actor=ANA, now=now)
        session.execute(text("UPDATE call SET close_reason = 'unseen'"))
    with db.read() as session:
        after = teller.tally(session)
    assert after.mark("closed") == 1 << after.places.of(second.id)
    assert after.places == before.places
    assert after.series["deadlines"] is before.series["deadlines"], "no date changed"


def test_whoever_changes_an_entry_is_noticed(db: Database, now: dt.datetime) -> None:
    """The database notes it by itself: statements that know nothing of the tally are enough."""

    def changed(statement: str) -> list[int]:
        with db.begin() as session:
            session.execute(text(statement))
            generation.advance(session, now)
        with db.read() as session:
            current = generation.current(session).value
            rows = select(EntryChange.entry_id).where(EntryChange.generation == current)
            return sorted(session.scalars(rows))

    with db.begin() as session:
        one, other = make_call(session).id, make_news(session).id
    assert changed("UPDATE entry SET version = version + 1") == [one, other]
    assert changed("UPDATE entry SET revision = revision + 1, version = version") == []
    assert changed(f"DELETE FROM entry WHERE id = {other}") == [other]


Page = tuple[Sequence[int], str | None]


def _asked(
    session: Session, wanted: Filter, order: str, now: dt.datetime, after: str | None
) -> Page:
    found = lists.page(session, wanted, now=now, order=order, after=after, limit=3)
    return [call.id for call in found.items], found.next


def _walk(page: Callable[[str | None], Page]) -> list[Page]:
    """Every page of a list with its cursor."""
    pages = [page(None)]
    while pages[-1][1] is not None:
        pages.append(page(pages[-1][1]))
    return pages


def _some(session: Session, chance: random.Random) -> Call | None:
    found = session.scalars(select(Call).order_by(Call.id)).all()
    return chance.choice(found) if found else None


def _drawn(session: Session, chance: random.Random) -> dict[str, object]:
    slugs = list(session.scalars(select(Cluster.slug).order_by(Cluster.slug)))
    days = chance.sample(
        ["2026-03-20", "2026-04-20", "2026-06-20", "2026-09-20"], chance.randint(0, 3)
    )
    return {
        "clusters": tuple(chance.sample(slugs, min(1, len(slugs)))),
        "award_max": chance.choice([None, Decimal(50), Decimal(200)]),
        "geographies": chance.choice([(), ("LU",), ("EU", "CH")]),
        "key_dates": tuple(deadline(day, kind="cut_off") for day in days),
        "deadline_model": "multiple_cut_off" if days else "rolling",
    }
