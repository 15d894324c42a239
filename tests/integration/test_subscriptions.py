"""What readers ask for, what is kept as proof, and what is deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.errors import Invalid
from feedsvc.mail import queries as mails
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes, queries, renewal, rules, suppression
from feedsvc.subscriptions.changes import Wish
from feedsvc.subscriptions.models import ConsentEvent, StoredFilter, Subscriber, Suppression
from feedsvc.subscriptions.rules import Choice
from tests.builders import BEGINNING, make_call
from tests.support.readers import READER, Service, follow

DAY = timedelta(days=1)


def ask(session: Session, settings: Settings, now: datetime, **more: object) -> None:
    wish: dict[str, object] = {
        "email": READER, "offsets": (7,), "language": "en", "page": "/subscribe",
        "filter": Filter(),
    }  # fmt: skip
    changes.request_subscription(session, Wish(**{**wish, **more}), settings=settings, now=now)  # type: ignore[arg-type]


def test_a_request_is_pending_until_its_owner_says_yes(db, settings, now) -> None:
    with db.begin() as session:
        ask(session, settings, now)
    with db.read() as session:
        reader = queries.by_address(session, READER)
        assert reader.confirmed_at is None
        assert [row.confirmed_at for row in reader.subscriptions] == [None]


def test_a_stranger_can_change_nothing_that_was_confirmed(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings, offsets=(14, 7))
    with db.begin() as session:
        ask(session, settings, now + DAY, offsets=(1,), language="de")
    with db.read() as session:
        reader = queries.by_address(session, READER)
        assert reader.language == "en"
        assert [offset.days for offset in reader.subscriptions[0].offsets] == [14, 7]
        assert mails.recent(session)[0].subject.startswith("You follow this already")


def test_a_stranger_cannot_pile_up_requests_at_an_address(db, settings, now) -> None:
    with db.begin() as session:
        for number in range(rules.MOST_PENDING + 5):
            ask(session, settings, now, filter=Filter(q=f"word{number}"))
    with db.read() as session:
        reader = queries.by_address(session, READER)
        assert len(reader.subscriptions) == rules.MOST_PENDING
        assert len(mails.recent(session)) == 1


def test_a_page_confirms_only_what_it_listed(db, settings, now) -> None:
    with db.begin() as session:
        ask(session, settings, now)
        reader = queries.by_address(session, READER)
        listed = [row.uid for row in reader.subscriptions]
        ask(session, settings, now, filter=Filter(q="added by a stranger"))
        begun = changes.confirm(session, reader, listed, settings=settings, now=now)
    assert [row.uid for row in begun] == listed


def test_a_suppressed_address_gets_no_mail_and_nobody_learns_it(db, settings, now) -> None:
    with db.begin() as session:
        key = queries.suppression_key(READER, settings)
        session.add(Suppression(address=key, reason="objection", since=now))
        ask(session, settings, now)
    with db.read() as session:
        assert queries.by_address(session, READER) is None
        assert mails.recent(session) == []


def test_an_objection_stands_above_a_bounce_and_does_not_end(db, settings, now) -> None:
    with db.begin() as session:
        reader = follow(session, settings)
        soft, later = suppression.SOFT, now + DAY
        suppression.suppress(session, READER, soft, until=later, settings=settings, now=now)
        changes.refuse_all(session, reader, settings=settings, now=now)
        assert suppression.lift_ended(session, now + 2 * DAY) == 0
        assert suppression.counts(session) == {"objection": 1}


def test_who_shows_life_is_not_asked_whether_they_still_read(db, settings) -> None:
    settings = replace(settings, renew_after_days=365)
    service, later = Service(db, settings), BEGINNING + 400 * DAY
    with db.begin() as session:
        follow(session, settings, email="silent@example.org")
        follow(session, settings, email="alive@example.org")
    assert renewal.ask_silent(db, settings, later, stopping=lambda: False) == 2
    with db.begin() as session:
        reader = queries.by_address(session, "alive@example.org")
        changes.change(session, reader, language="de", settings=settings, now=later)
    service.send(later + DAY)
    assert service.transport.addresses == ["silent@example.org"]


def test_new_readers_are_told_in_the_hour_of_the_site(db, settings, now) -> None:
    with db.begin() as session:
        ask(session, replace(settings, reminder_hour=6), now)
        assert queries.by_address(session, READER).hour == 6


def test_news_has_no_deadline_so_it_is_followed_by_digest_alone(db, settings, now) -> None:
    with db.begin() as session, pytest.raises(Invalid, match="News has no deadlines"):
        ask(session, settings, now, filter=Filter(kind="news"), digest="weekly")
    with db.begin() as session:
        ask(session, settings, now, filter=Filter(kind="news"), digest="weekly", offsets=())
        assert session.scalars(select(StoredFilter.query)).all() == ["kind=news"]


def test_reminders_alone_are_about_calls_and_a_digest_tells_of_news_too(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings, filter=Filter(q="heat"))
        follow(session, settings, filter=Filter(q="heat"), digest="daily")
        follow(session, settings, filter=Filter(funder=("fund",)), digest="daily")
        kinds = session.execute(select(StoredFilter.query, StoredFilter.kind)).all()
    assert sorted(kinds) == [
        ("kind=call&funder=fund", "call"),
        ("kind=call&q=heat", "call"),
        ("q=heat", None),
    ]


def test_equal_filters_are_stored_once_and_time_is_no_part_of_them(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings, email="a@example.org", filter=Filter(q="heat"))
        soon = Filter(q="heat", kind="call", status=("open",), closes_within=30)
        follow(session, settings, email="b@example.org", filter=soon)
        assert session.scalars(select(StoredFilter.query)).all() == ["kind=call&q=heat"]


def test_every_step_of_consent_is_kept_without_the_address(db, settings, now) -> None:
    with db.begin() as session:
        reader = follow(session, settings)
        changes.change(
            session,
            reader,
            language="fr",
            choices={reader.subscriptions[0].uid: Choice((30,))},
            settings=settings,
            now=now,
        )
        changes.unsubscribe(session, reader, settings=settings, now=now)
        changes.erase(session, reader, settings=settings, now=now)
    with db.read() as session:
        events = session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)).all()
        assert [event.act for event in events] == [
            "requested", "confirmed", "changed", "changed", "unsubscribed", "erased",
        ]  # fmt: skip
        assert {event.wording for event in events} == {rules.WORDING}
        assert events[0].details["page"] == "/subscribe"
        assert READER not in str([event.details for event in events])


def test_an_address_that_never_confirmed_is_deleted_after_a_week(db, settings, now) -> None:
    with db.begin() as session:
        ask(session, settings, now)
        assert changes.purge(session, now=now + 6 * DAY) == 0
        assert changes.purge(session, now=now + 7 * DAY) == 1
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(Subscriber)) == 0
        assert session.scalar(select(func.count()).select_from(StoredFilter)) == 0
        assert [mail.address for mail in mails.recent(session)] == [""]


def test_an_address_that_follows_something_is_kept(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings)
        ask(session, settings, now, filter=Filter(q="never confirmed"))
        assert changes.purge(session, now=now + 400 * DAY) == 0
    with db.read() as session:
        assert len(queries.by_address(session, READER).subscriptions) == 1


def test_what_is_followed_is_said_in_the_readers_words(db, settings, now) -> None:
    with db.begin() as session:
        call = make_call(session, "Reuse of process heat")
        reader = follow(session, settings, filter=Filter(q="heat", award_max_from=Decimal(100_000)))
        follow(session, settings, entry_id=call.id)
        said = queries.followed(session, reader.subscriptions, "en", settings)
    assert [(row.title, row.path) for row in said] == [
        ("Calls for projects: funding cap from 100,000, “heat”",
         "/calls/?award_max_from=100000&q=heat"),
        ("Reuse of process heat", "/calls/reuse-of-process-heat"),
    ]  # fmt: skip


def test_many_requests_at_once_for_one_address_make_one_row_and_one_mail(
    db: Database, settings: Settings, now: datetime
) -> None:
    def once(number: int) -> None:
        with db.begin() as session:
            ask(session, settings, now, filter=Filter(q=f"word{number % 2}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(once, range(8)))
    with db.read() as session:
        assert len(queries.by_address(session, READER).subscriptions) == 2
        assert len(mails.recent(session)) == 1
