"""Searching calls by ranges, in any order, in numbered pages: on both databases."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from feedsvc.calls import changes, opportunities
from feedsvc.calls.opportunities import MoneySpan, Search, Span
from feedsvc.content import publication
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import Filter
from feedsvc.content.rules import localised
from feedsvc.db import Database
from tests.builders import (
    ANA,
    BEGINNING,
    deadline,
    make_call,
    make_cluster,
    make_organisation,
    make_programme,
    opening,
)
from tests.support.statements import recorded

LANGUAGES = ("en", "fr", "de")


def found(session: Session, search: Search, now: dt.datetime = BEGINNING, **page: Any) -> list[str]:
    """The English titles on a page."""
    asked = {"number": 1, "size": 100, "languages": LANGUAGES, **page}
    refs = opportunities.page(session, search, now=now, **asked).refs
    calls = {call.id: call for call in opportunities.whole(session, [ref.id for ref in refs])}
    return [localised(calls[ref.id].translations, "en", LANGUAGES).text.title for ref in refs]


def closing(title: str, day: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "key_dates": (deadline(day, **more),)}


@pytest.fixture
def session(db: Database) -> Any:
    with db.begin() as session:
        yield session


def test_days_are_those_of_the_place_where_the_call_closes(session: Session) -> None:
    make_call(session, **closing("Tokyo", "2026-05-01", time="08:00", zone="Asia/Tokyo"))
    make_call(session, **closing("Anywhere", "2026-04-30", time=None, zone="AoE"))
    make_call(session, "Rolling", deadline_model="rolling", key_dates=())
    april = Span(dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    assert found(session, Search(closes=april)) == ["Anywhere"]
    assert found(session, Search(closes=Span(*(april.low, april.high), outside=True))) == ["Tokyo"]
    assert set(found(session, Search(closes=Span(low=dt.date(2026, 4, 30))))) == {
        "Anywhere", "Tokyo"
    }  # fmt: skip
    before = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)  # Tokyo's eight in the morning is before it
    assert found(session, Search(closes=Span(high=before))) == ["Tokyo"]


def test_the_last_deadline_is_the_one_that_closes(session: Session) -> None:
    dates = (deadline("2026-04-01", kind="stage_1"), deadline("2026-09-01", kind="stage_2"))
    make_call(session, "Two stages", deadline_model="two_stage", key_dates=dates)
    day = dt.date(2026, 9, 1)
    assert found(session, Search(closes=Span(day, day))) == ["Two stages"]
    assert found(session, Search(closes=Span(high=dt.date(2026, 8, 31)))) == []


def test_amounts_are_compared_in_their_currency_only(session: Session) -> None:
    make_call(session, "Euros", award_max=Decimal(100_000))
    make_call(session, "Dollars", award_max=Decimal(100_000), currency="USD")
    make_call(session, "Unsaid")
    inside = Span(Decimal(100_000), Decimal(200_000))

    def by(span: Span[Decimal]) -> list[str]:
        return found(session, Search(money=(MoneySpan("award_max", "EUR", span),)))

    assert by(inside) == ["Euros"]
    assert by(Span(Decimal(1), Decimal("99999.99"))) == []
    assert by(Span(Decimal(1), Decimal("99999.99"), outside=True)) == ["Euros"]
    assert by(Span(high=Decimal(10) ** 15)) == ["Euros"]


def test_each_call_stands_in_one_place(session: Session, now: dt.datetime) -> None:
    make_call(session, "Open")
    make_call(session, "Forecast", key_dates=(opening("2026-04-01"), deadline("2026-06-01")))
    make_call(session, **closing("Closed", "2026-02-01"))
    make_call(session, **closing("Archived", "2024-02-01"))
    cancelled = make_call(session, "Cancelled")
    changes.cancel_call(session, cancelled.id, {}, actor=ANA, now=now)
    make_call(session, "Draft", publish_at=None)
    by_standing = {name: found(session, Search(standings=(name,))) for name in ("open", "forecast")}
    assert by_standing == {"open": ["Open"], "forecast": ["Forecast"]}
    assert set(found(session, Search(standings=("closed",)))) == {"Closed", "Archived"}
    assert found(session, Search(standings=("halted",))) == ["Cancelled"]
    assert found(session, Search(standings=())) == []
    ordered = found(session, Search(order="standing", ascending=True))
    assert ordered[:3] == ["Forecast", "Open", "Cancelled"]
    assert set(ordered[3:]) == {"Closed", "Archived"}


def test_names_of_things_are_wanted_or_refused(session: Session) -> None:
    make_cluster(session, "Wood")
    make_organisation(session, "Fund")
    make_programme(session, "Plan")
    make_call(session, "All three", clusters=("wood",), funders=("fund",), programme="plan")
    make_call(session, "None")
    for condition in (
        Filter(cluster=("wood",)),
        Filter(funder=("fund",)),
        Filter(programme=("plan",)),
    ):
        assert found(session, Search(wanted=condition)) == ["All three"]
        assert found(session, Search(excluded=(condition,))) == ["None"]
    assert found(session, Search(wanted=Filter(q="three"))) == ["All three"]


@pytest.mark.parametrize(
    ("order", "field", "low", "high"),
    [
        ("award_max", "award_max", Decimal(1), Decimal(2)),
        ("award_min", "award_min", Decimal(1), Decimal(2)),
        ("total_budget", "total_budget", Decimal(1), Decimal(2)),
        ("expected_awards", "expected_awards", 1, 2),
        ("closes", "key_dates", (deadline("2026-04-01"),), (deadline("2026-05-01"),)),
        (
            "opens",
            "key_dates",
            (opening("2026-04-01"), deadline("2026-06-01")),
            (opening("2026-05-01"), deadline("2026-06-01")),
        ),
    ],
)
def test_calls_without_a_value_come_last_both_ways(
    session: Session, order: str, field: str, low: Any, high: Any
) -> None:
    unsaid = {"deadline_model": "rolling", "key_dates": ()}
    make_call(session, "Unsaid", **unsaid)
    make_call(session, "Low", **{**unsaid, field: low})
    make_call(session, "High", **{**unsaid, field: high})
    assert found(session, Search(order=order)) == ["High", "Low", "Unsaid"]
    assert found(session, Search(order=order, ascending=True)) == ["Low", "High", "Unsaid"]


def test_titles_are_in_the_order_of_the_language_that_is_read(session: Session) -> None:
    make_call(session, texts={"en": TextEdit(title="Alpha"), "de": TextEdit(title="Zeta")})
    make_call(session, texts={"en": TextEdit(title="beta"), "de": TextEdit(title="Eta")})
    order = Search(order="title", ascending=True)
    assert found(session, order) == ["Alpha", "beta"]
    assert found(session, order, languages=("de", "en")) == ["beta", "Alpha"]


def test_what_changed_last_or_became_public_last_comes_first(
    session: Session, now: dt.datetime
) -> None:
    hour = dt.timedelta(hours=1)
    edited = make_call(session, "Edited")
    make_call(session, "Scheduled long ago", publish_at=now + 2 * hour)
    edited.updated_at = now + hour
    session.flush()
    later = now + 3 * hour
    assert found(session, Search(), now) == ["Edited"]
    assert found(session, Search(), later) == ["Scheduled long ago", "Edited"]
    assert found(session, Search(order="published"), later) == ["Scheduled long ago", "Edited"]


def test_pages_hold_every_call_once_and_end(session: Session) -> None:
    for number in range(7):
        make_call(session, f"Call {number}")
    pages = [found(session, Search(), number=number, size=3) for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({title for page in pages for title in page}) == 7
    far = opportunities.page(
        session, Search(), number=2**31 - 1, size=100, languages=LANGUAGES, now=BEGINNING
    )
    assert (far.total, far.refs) == (7, ())


def test_a_call_is_found_by_its_uid_while_it_is_public(session: Session, now: dt.datetime) -> None:
    call, draft = make_call(session), make_call(session, publish_at=None)
    found = opportunities.by_uid(session, call.uid, now)
    assert found
    assert found.id == call.id
    assert opportunities.by_uid(session, draft.uid, now) is None
    assert not opportunities.was_public(session, draft.uid, now)
    publication.unpublish(session, call.id, actor=ANA, now=now)
    session.flush()
    assert opportunities.by_uid(session, call.uid, now) is None
    assert opportunities.was_public(session, call.uid, now)
    publication.delete(session, call.id, actor=ANA, now=now)
    session.flush()
    assert opportunities.was_public(session, call.uid, now)


def test_a_ref_differs_when_the_call_or_its_dates_do(session: Session, now: dt.datetime) -> None:
    call = make_call(session)
    before = opportunities.by_uid(session, call.uid, now)
    assert opportunities.by_uid(session, call.uid, now + dt.timedelta(days=58)) == before
    assert opportunities.by_uid(session, call.uid, now + dt.timedelta(days=60)) != before
    changes.cancel_call(session, call.id, {}, actor=ANA, now=now)
    session.flush()
    assert opportunities.by_uid(session, call.uid, now) != before


@pytest.mark.parametrize("number", [2, 12])
def test_a_page_costs_the_same_statements_whatever_it_holds(db: Database, number: int) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        for place in range(number):
            make_organisation(session, f"Fund {place}")
            make_call(
                session, f"Call {place}", clusters=("wood",), funders=(f"fund-{place}",),
                applicants=("sme",),
            )  # fmt: skip
    with db.read() as session, recorded(db) as statements:
        refs = opportunities.page(
            session, Search(), number=1, size=100, languages=LANGUAGES, now=BEGINNING
        ).refs
        for call in opportunities.whole(session, [ref.id for ref in refs]):
            assert call.clusters[0].texts
            assert call.funders[0].texts
            assert call.translations
            assert call.key_dates
            assert call.applicants
    assert len([statement for statement in statements if statement != "BEGIN"]) == 12
