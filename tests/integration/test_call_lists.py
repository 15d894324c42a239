"""Pages of calls, and the status in SQL beside the status in Python."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from feedsvc.calls import counts, lists, queries, rules
from feedsvc.calls.models import Call
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import STATUSES, Filter, parse
from feedsvc.db import Database
from feedsvc.errors import BadRequest
from tests.builders import (
    BEGINNING,
    deadline,
    make_call,
    make_cluster,
    make_organisation,
    make_programme,
    opening,
)


def titles(
    db: Database, wanted: Filter, now: dt.datetime, limit: int = 20, order: str = "deadline"
) -> list[str]:
    """The whole list, walked page by page."""
    found: list[str] = []
    after = None
    with db.read() as session:
        while True:
            page = lists.page(session, wanted, now=now, after=after, limit=limit, order=order)
            found += [call.translations[0].title for call in page.items]
            if page.next is None:
                return found
            after = page.next


@pytest.mark.parametrize("limit", [1, 2, 3, 20])
def test_the_nearest_deadline_comes_first_and_what_is_over_last(
    db: Database, now: dt.datetime, limit: int
) -> None:
    with db.begin() as session:
        make_call(session, "Later", key_dates=(deadline("2026-06-01"),))
        make_call(session, "Soon", key_dates=(deadline("2026-03-10"),))
        make_call(session, "Also soon", key_dates=(deadline("2026-03-10"),))
        make_call(session, "Rolling", key_dates=(), deadline_model="rolling")
        make_call(session, "Over", key_dates=(deadline("2026-02-01"),))
        make_call(session, "Long over", key_dates=(deadline("2024-02-01"),))
        make_call(session, "Hidden", publish_at=None)
    assert titles(db, Filter(), now, limit) == [
        "Soon", "Also soon", "Later", "Rolling", "Over", "Long over",
    ]  # fmt: skip


def test_a_call_with_several_cut_offs_stands_by_the_next_one(
    db: Database, now: dt.datetime
) -> None:
    cut_offs = tuple(deadline(day, kind="cut_off") for day in ("2026-02-01", "2026-04-01"))
    with db.begin() as session:
        make_call(session, "May", key_dates=(deadline("2026-05-01"),))
        make_call(session, "Cut-offs", key_dates=cut_offs, deadline_model="multiple_cut_off")
    assert titles(db, Filter(), now) == ["Cut-offs", "May"]


def test_closing_within_counts_from_now(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        make_call(session, "Soon", key_dates=(deadline("2026-03-10"),))
        make_call(session, "Later", key_dates=(deadline("2026-06-01"),))
    assert titles(db, Filter(closes_within=30), now) == ["Soon"]


@pytest.mark.parametrize("cursor", ["x", "0-1", "0-1-2-3", "0-99999999999999999999-1", "--"])
def test_a_cursor_that_was_not_made_here_is_refused(
    db: Database, now: dt.datetime, cursor: str
) -> None:
    with db.read() as session, pytest.raises(BadRequest, match="first page"):
        lists.page(session, Filter(), now=now, after=cursor)


def test_facets_count_what_each_value_would_leave(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        make_call(session, applicants=("sme", "research"))
        make_call(session, applicants=("sme",), key_dates=(deadline("2026-02-01"),))
    with db.read() as session:
        held = counts.Teller().tally(session)
        found = counts.Counter(session, held, Filter(status=("open",)), now).facets()
    assert found["applicant"] == {"sme": 1, "research": 1}
    assert found["status"] == {"open": 1, "closed": 1}


CHOSEN = (
    Filter(),
    Filter(status=("open",), applicant=("sme",)),
    Filter(geography=("LU",), award_max_from=Decimal(50_000)),
    Filter(cofinancing_from=70, closes_within=45, published_within=7, currency="EUR"),
    Filter(q="heat", model=("single_stage",)),
    Filter(cluster=("wood",), funder=("example-fund",), programme=("example-programme",)),
)


def test_each_number_is_that_of_the_list_behind_it(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_organisation(session)
        make_programme(session)
        for number in range(24):
            _varied_call(session, number)
    with db.read() as session:
        held = counts.Teller().tally(session)
        for wanted in CHOSEN:
            counter = counts.Counter(session, held, wanted, now)
            assert counter.total() == queries.count(session, wanted, now)
            for name, values in counter.facets().items():
                for value, counted in values.items():
                    others = [pair for pair in wanted.pairs() if pair[0] != name]
                    behind = parse([*others, (name, value)])
                    assert queries.count(session, behind, now) == counted, (wanted, name, value)


def _varied_call(session: Session, number: int) -> None:
    """Numbers without a common divisor, so that every pair of values meets in some call."""
    make_call(
        session,
        "Process heat" if number % 2 else "Timber",
        clusters=("wood",) if number % 3 else (),
        funders=("example-fund",) if number % 5 else (),
        programme="example-programme" if number % 4 else None,
        applicants=(("sme",), ("sme", "research"), ())[number % 3],
        geographies=(("LU",), ("EU",), ("LU", "EU", "CH"), ())[number % 4],
        award_max=(None, Decimal(40_000), Decimal(600_000))[number % 3],
        cofinancing_max=(None, Decimal("62.5"), Decimal(100))[number % 3],
        currency="USD" if number % 7 == 0 else "EUR",
        key_dates=(deadline(f"2026-0{3 + number % 3}-20"),),
        publish_at=BEGINNING - dt.timedelta(days=number * 4),
    )


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_list_by_amount_has_the_largest_first_and_those_without_at_the_end(
    db: Database, now: dt.datetime, limit: int
) -> None:
    with db.begin() as session:
        for title, cap in (("Some", "0.5"), ("Most", 900), ("Same", 900), ("None", None)):
            make_call(session, title, award_max=None if cap is None else Decimal(cap))
    assert titles(db, Filter(), now, limit, "amount") == ["Same", "Most", "Some", "None"]


@pytest.mark.parametrize("limit", [1, 3, 20])
def test_by_relevance_words_in_the_title_come_first_and_what_is_over_last(
    db: Database, now: dt.datetime, limit: int
) -> None:
    body = {"en": TextEdit(title="Elsewhere", body="Of waste heat.")}
    over = (deadline("2026-02-01"),)
    with db.begin() as session:
        make_call(session, "Elsewhere", texts=body, key_dates=(deadline("2026-03-10"),))
        make_call(session, "Waste heat")
        make_call(session, "Heat of waste", key_dates=(), deadline_model="rolling")
        make_call(session, "Wasted heating, over", key_dates=over)
        make_call(session, "Heat only")
    assert titles(db, Filter(q="waste heat"), now, limit, "relevance") == [
        "Waste heat", "Heat of waste", "Elsewhere", "Wasted heating, over",
    ]  # fmt: skip
    assert titles(db, Filter(q='"waste heat"'), now, limit, "relevance") == [
        "Waste heat", "Elsewhere"
    ]  # fmt: skip
    assert len(titles(db, Filter(), now, limit, "relevance")) == 5  # no words: by deadline


def test_the_narrowest_condition_is_the_one_that_hides_the_most(
    db: Database, now: dt.datetime
) -> None:
    with db.begin() as session:
        make_call(session, applicants=("sme",))
        make_call(session, applicants=("research",))
        make_call(session, applicants=("sme",), award_max=Decimal(9))
    with db.read() as session:
        wanted = Filter(applicant=("sme",), award_max_from=Decimal(10))
        held = counts.Teller().tally(session)
        narrow = counts.Counter(session, held, wanted, now)
        assert narrow.narrowest() == ("award_max_from", 2)
        nothing = counts.Counter(session, held, Filter(q="nowhere", currency="USD"), now)
        assert nothing.narrowest() is None


days = st.integers(-500, 60)
histories = st.fixed_dictionaries(
    {
        "opens": st.none() | days,
        "closes": st.lists(days, max_size=3),
        "model": st.sampled_from(["single_stage", "rolling", "to_be_announced"]),
        "reason": st.sampled_from(["", "", "", "budget_exhausted"]),
        "cancelled": st.booleans() | st.just(False),
        "suspended": st.booleans() | st.just(False),
    }
)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(histories, min_size=1, max_size=5), st.integers(0, 30))
def test_sql_and_python_agree_on_every_status(
    db: Database, now: dt.datetime, drawn: list[dict[str, object]], later: int
) -> None:
    with db.begin() as session:
        ids = [_drawn_call(session, values, now).id for values in drawn]
    at = now + dt.timedelta(days=later, hours=7)
    with db.read() as session:
        python = {i: rules.status(session.get_one(Call, i), at) for i in ids}
        for word in STATUSES:
            found = set(session.scalars(queries.matching(session, Filter(status=(word,)), at)))
            words = {"open", "closing_soon"} if word == "open" else {word}
            assert found & set(ids) == {i for i in ids if python[i] in words}, word


def _drawn_call(session: object, values: dict[str, object], now: dt.datetime) -> Call:
    def day(offset: object) -> str:
        assert isinstance(offset, int)
        return (now + dt.timedelta(days=offset)).date().isoformat()

    closes = values["closes"]
    assert isinstance(closes, list)
    opens = values["opens"]
    dates = [deadline(day(c)) for c in closes]
    if opens is not None and all(opens < c for c in closes):  # type: ignore[operator]
        dates.append(opening(day(opens)))
    model = values["model"] if closes or values["model"] != "single_stage" else "rolling"
    call = make_call(
        session,
        key_dates=tuple(dates),
        deadline_model=model,
        close_reason=values["reason"],  # type: ignore[arg-type]
    )
    call.cancelled_at = now if values["cancelled"] else None
    call.suspended_at = now if values["suspended"] else None
    return call
