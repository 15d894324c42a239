"""Numbers of use are added up by day, bounded, and forgotten in time."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from feedsvc.db import Database
from feedsvc.insight import mails, polls, searches
from feedsvc.insight.models import FeedPoll, LostSearch
from feedsvc.insight.polls import Program
from feedsvc.mail.models import OutboxMail

DAY = dt.date(2026, 3, 2)
FEEDLY = "Feedly/1.0 ({} subscribers)"


def test_polls_of_two_processes_add_up_and_the_largest_number_of_readers_stays(
    db: Database,
) -> None:
    with db.begin() as session:
        polls.record(session, {("/calls.atom", FEEDLY.format(9)): 3, ("/x.ics", "curl"): 1}, DAY)
        polls.record(
            session, {("/calls.atom", FEEDLY.format(4)): 2, ("/a.rss", FEEDLY.format(7)): 1}, DAY
        )
        polls.record(session, {("/calls.atom", "curl"): 5}, DAY - polls.KEPT - dt.timedelta(1))
    with db.begin() as session:
        assert polls.by_program(session, DAY) == [
            Program("Feedly", 6, 9, ("atom", "rss")), Program("curl", 1, 0, ("ics",)),
        ]  # fmt: skip
        assert polls.by_format(session, DAY) == {"atom": 5, "ics": 1, "rss": 1}
        assert polls.by_day(session, DAY) == {DAY: 7}
        polls.purge(session, DAY)
        assert session.scalar(select(func.count()).select_from(FeedPoll)) == 3


def test_a_search_is_shown_once_two_have_asked_and_forgotten_in_time(db: Database) -> None:
    week, long = dt.timedelta(8), dt.timedelta(91)
    with db.begin() as session:
        searches.record(session, {"hydrogen": 1, "once": 1}, DAY - week)
        searches.record(session, {"hydrogen": 1}, DAY)
        searches.record(session, {"long ago": 9}, DAY - long)
        [only] = searches.lost(session, DAY - searches.KEPT, limit=5)
        assert (only.words, only.asked, only.last) == ("hydrogen", 2, DAY)
        searches.purge(session, DAY)
        assert set(session.scalars(select(LostSearch.words))) == {"hydrogen"}


def test_a_day_holds_so_many_words_at_most(db: Database) -> None:
    with db.begin() as session:
        searches.record(session, {f"words {n}": 1 for n in range(searches.MOST_A_DAY + 5)}, DAY)
        searches.record(session, {"one more": 1, "words 7": 2}, DAY)
        assert session.scalar(select(func.count()).select_from(LostSearch)) == searches.MOST_A_DAY
        [counted_on] = searches.lost(session, DAY, limit=5)
        assert (counted_on.words, counted_on.asked) == ("words 7", 3)


def test_mails_are_counted_in_the_week_in_which_they_were_written(db: Database) -> None:
    now = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)  # a Wednesday
    rows = [
        (20, "reminder", "accepted"),  # days ago: older than what is counted
        (6, "reminder", "accepted"), (5, "reminder", "bounced"), (4, "digest", "failed"),
        (1, "reminder", "accepted"), (1, "invitation", "accepted"), (0, "digest", "queued"),
    ]  # fmt: skip
    with db.begin() as session:
        for number, (days, kind, state) in enumerate(rows):
            at = now - dt.timedelta(days=days)
            session.add(
                OutboxMail(
                    recipient_key="r", kind=kind, slot_key=str(number), address="", subject="",
                    content="", message_id="", state=state, created_at=at, dated_at=at, send_after=at,
                )
            )  # fmt: skip
            session.flush()
        mails.count(session, now)
        mails.count(session, now)  # again: the same
        *_, before, this = mails.weeks(session, now.date(), 12)
    assert this == mails.Week(dt.date(2026, 3, 2), reminders=1, sent=1)
    assert before == mails.Week(dt.date(2026, 2, 23), reminders=2, sent=2, bounced=1, failed=1)
