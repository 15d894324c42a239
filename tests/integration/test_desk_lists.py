"""The lists of the desk: every condition and every order, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise, product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.auth.rules import AUTHOR, SYSTEM, Actor
from feedsvc.calls.models import Call
from feedsvc.content import queries, rules
from feedsvc.content.desk.asked import STATES, Asked
from feedsvc.content.edits import TextEdit
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.errors import BadRequest
from feedsvc.web.admin.listing import found, orders
from tests.builders import (
    deadline,
    make_call,
    make_cluster,
    make_news,
    make_organisation,
    put_entries,
)

LANGUAGES = ("fr", "en", "fr", "de")
ORDERS = tuple(way + name for name in ("title", "updated", "published", "deadline")
               for way in ("", "-"))  # fmt: skip


def ids(
    session: Session, asked: Asked, now: datetime, *, kind: str = "call", actor: Actor = SYSTEM,
    portion: int = 50,
) -> list[int]:  # fmt: skip
    wanted = found.matching(session, kind, asked, actor=actor, now=now)
    pages = orders.every(session, wanted, asked, languages=LANGUAGES, now=now, limit=portion)
    return [number for page in pages for number in page]


def counts(session: Session, asked: Asked, now: datetime, *, actor: Actor = SYSTEM) -> found.Counts:
    anywhere = found.anywhere(session, "call", asked, actor=actor, now=now)
    return found.counts(session, asked, anywhere, now=now)


def furnish(session: Session, now: datetime) -> None:
    """Seven calls: some with equal values, without dates, without a title in French."""
    make_cluster(session, "Wood")
    make_organisation(session, "Fund")
    texts = [{"en": TextEdit(title=f"Call {number}")} for number in (10, 9, 2, 2)]
    texts += [{"fr": TextEdit(title=title)} for title in ("Étude", "eau")]
    texts += [
        {"en": TextEdit(title="Aid"), "fr": TextEdit(title="Zone"), "de": TextEdit(title="x")}
    ]
    dates = [
        (deadline("2026-05-01"),),
        (deadline("2026-04-01"), deadline("2026-06-01")),
        (deadline("2026-01-01"),),
        (),
        (deadline("2026-05-01"),),
        (deadline("2025-01-01"),),
        (),
    ]
    for number, (text, days) in enumerate(zip(texts, dates, strict=True)):
        call = make_call(
            session, texts=text, key_dates=days, clusters=("wood",) if number < 3 else (),
            funders=("fund",) if number == 6 else (),
            publish_at=now - timedelta(days=number // 2) if days else None,
        )  # fmt: skip
        call.created_by = 7 if number in (3, 4) else None
        call.updated_at = now - timedelta(hours=number // 2)


def test_lists_hold_what_is_asked_for_and_pages_are_the_whole(db: Database, now: datetime):
    with db.begin() as session:
        furnish(session, now)
        make_news(session, "Call of the wild")
        session.flush()
        for order in ORDERS:
            whole = ids(session, Asked(sort=order), now)
            assert sorted(whole) == [1, 2, 3, 4, 5, 6, 7], order
            assert ids(session, Asked(sort=order), now, portion=2) == whole, order
        assert ids(session, Asked(sort="title"), now) == [6, 5, 7, 3, 4, 2, 1]
        assert ids(session, Asked(sort="-title"), now)[:3] == [7, 5, 6]
        assert ids(session, Asked(sort="deadline"), now) == [2, 1, 5, 3, 6, 4, 7]
        assert ids(session, Asked(sort="-deadline"), now)[:3] == [5, 1, 2]
        assert ids(session, Asked(sort="published"), now)[-2:] == [4, 7]
        edited = [session.get_one(Call, number).updated_at for number in ids(session, Asked(), now)]
        assert all(one >= other for one, other in pairwise(edited))
        conditions = {
            Asked(state="draft"): {4, 7},
            Asked(cluster=("wood",)): {1, 2, 3},
            Asked(funder=("fund",)): {7},
            Asked(programme=("none",)): set(),
            Asked(author="7"): {4, 5},
            Asked(missing="fr"): {1, 2, 3, 4},
            Asked(closes_within=45): {2},
            Asked(updated_within=1): {1, 2, 3, 4, 5, 6, 7},
            Asked(q="cal 2"): {3, 4},
            Asked(q="etude", cluster=("wood",)): set(),
        }
        for asked, wanted in conditions.items():
            assert set(ids(session, asked, now)) == wanted, asked
        author = Actor(7, "Ben", AUTHOR)
        assert set(ids(session, Asked(author="me"), now, actor=author)) == {4, 5}
        everything = {
            "draft": 2, "review": 0, "rejected": 0, "scheduled": 0, "published": 5, "withdrawn": 0,
        }  # fmt: skip
        assert found.of_all(session, "call", now) == everything
        assert counts(session, Asked(), now) == found.Counts(7, everything)
        theirs = counts(session, Asked(state="draft"), now, actor=author)
        assert theirs == found.Counts(1, {**everything, "draft": 1, "published": 1})


def test_a_page_is_the_same_whether_its_entries_are_few_or_many(db: Database, now: datetime):
    """They are found by their numbers, along the index of the order, or put in order."""
    with db.begin() as session:
        furnish(session, now)
        for number, (published, withdrawn) in enumerate(((1, 1), (3, 2), (2, -2)), start=1):
            call = session.get_one(Call, number)
            call.publish_at = now - timedelta(hours=published)
            call.withdrawn_at = now - timedelta(hours=withdrawn)
        session.flush()
        conditions = (
            {"state": "withdrawn"}, {}, {"cluster": ("wood",)}, {"q": "call 9"}, {"q": "call"},
            {"closes_within": 60}, {"closes_within": 60, "state": "published"}, {"funder": ("fund",)},
        )  # fmt: skip
        for some, order in product(conditions, ("title", "-updated", "deadline", "-deadline")):
            asked = Asked(**some, sort=order)
            whole = ids(session, asked, now)
            everywhere = len(ids(session, asked.but(state=""), now))
            for most in (9, 6, 1, 0):
                anywhere = partial(found.anywhere, session, "call", asked, actor=SYSTEM, now=now)
                counted = found.counts(session, asked, anywhere(), now=now, most=most)
                assert (counted.total, counted.more) == (min(len(whole), most), len(whole) > most)
                assert (counted.few is None) is counted.more
                assert bool(counted.by_state) is (everywhere <= most)
                page = orders.page(
                    session, counted.narrowed(anywhere, asked, now), asked,
                    languages=LANGUAGES, now=now, many=counted.many,
                )  # fmt: skip
                assert list(page.ids) == whole, (asked, most)


def test_the_database_and_the_rules_say_the_same_state(db: Database, now: datetime):
    day = timedelta(days=1)
    times = (None, now - day, now, now + day)
    with db.begin() as session:
        put_entries(session, [
            {"publish_at": publish_at, "withdrawn_at": withdrawn_at, "review": review}
            for publish_at, withdrawn_at, review in product(times, times, ("", "asked", "rejected"))
        ])  # fmt: skip
        facts = select(
            Entry.publish_at, Entry.withdrawn_at, Entry.review, queries.state(now).label("state")
        )
        rows = session.execute(facts).all()
    assert {row.state for row in rows} == set(STATES)
    assert all(rules.state(row, now) == row.state for row in rows)


def test_a_page_begins_where_the_last_one_ended_whatever_was_written_between(
    db: Database, now: datetime
):
    with db.begin() as session:
        furnish(session, now)
        session.flush()
        everything = found.matching(session, "call", Asked(), actor=SYSTEM, now=now)
        some = {"languages": LANGUAGES, "now": now}
        first = orders.page(session, everything, Asked(), limit=3, **some)
        session.get_one(Call, first.ids[0]).updated_at = now + timedelta(hours=9)
        session.flush()
        second = orders.page(session, everything, Asked(), after=first.next, limit=9, **some)
        assert sorted((*first.ids, *second.ids)) == [1, 2, 3, 4, 5, 6, 7]
        with pytest.raises(BadRequest):  # the place of a title
            orders.page(session, everything, Asked(), after="0.tYWlk.1", **some)


PLACES = ("x", "0.1", "0.dGl0bGU.1", "0.tAA.1", "0.-1.1", "0.t_w.1", "0.1.99999999999999999999")


@pytest.mark.parametrize("after", PLACES)
def test_a_place_that_is_none_is_refused(after: str):
    with pytest.raises(BadRequest):
        orders.Cursor.parse(after)
