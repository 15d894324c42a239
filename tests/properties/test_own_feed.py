"""A reader's own feed is what the public feeds of everything followed hold together, and no more."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from feedsvc.calls import changes as call_changes
from feedsvc.calls.models import Call
from feedsvc.content import publication
from feedsvc.content.filters import Filter
from feedsvc.content.rules import is_public
from feedsvc.db import Database
from feedsvc.feeds.document import outline_of
from feedsvc.feeds.following import ABREAST
from feedsvc.feeds.query import Query
from feedsvc.settings import Settings
from feedsvc.subscriptions import changes, private_feeds, queries
from feedsvc.subscriptions.models import Subscriber
from feedsvc.subscriptions.rules import Following
from tests import builders
from tests.builders import ANA
from tests.support.clock import NOW
from tests.support.readers import READER, follow

CLUSTERS = ("cleantech", "healthtech")
TITLES = ("Heat", "Wood", "Heat from wood", "Water")
FILTERS = st.builds(
    Filter,
    cluster=st.lists(st.sampled_from(CLUSTERS), unique=True).map(sorted).map(tuple),
    funder=st.sampled_from([(), ("example-fund",)]),
    applicant=st.sampled_from([(), ("sme",), ("research", "sme")]),
    geography=st.sampled_from([(), ("LU",), ("EU", "FR")]),
    cofinancing_from=st.sampled_from([None, 50]),
    award_max_from=st.sampled_from([None, Decimal(100_000)]),
    q=st.sampled_from(["", "wood", "heat"]),
)
WRITTEN = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.sampled_from(TITLES),
            "clusters": st.sampled_from([(), *((name,) for name in CLUSTERS), CLUSTERS]),
            "funders": st.sampled_from([(), ("example-fund",)]),
            "applicants": st.sampled_from([(), ("sme",), ("company",)]),
            "award_max": st.sampled_from([None, Decimal(50_000), Decimal(200_000)]),
            "geographies": st.sampled_from([(), ("LU",), ("BE", "EU"), ("CH", "FR")]),
            "cofinancing_max": st.sampled_from([None, Decimal(40), Decimal(60)]),
            "state": st.sampled_from(["published", "draft", "withdrawn", "cancelled"]),
        }
    ),
    max_size=8,
)
FORMATS = ("atom", "ics")


@pytest.fixture
def site(db: Database) -> Database:
    with db.begin() as session:
        for name in ("CleanTech", "HealthTech"):
            builders.make_cluster(session, name)
        builders.make_organisation(session, "Example Fund")
        builders.make_news(session, "Wood and heat", clusters=CLUSTERS)
    return db


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    written=WRITTEN,
    wanted=st.lists(FILTERS, max_size=3, unique=True),
    chosen=st.sets(st.integers(0, 7), max_size=3),
)
def test_the_own_feed_is_the_union_of_what_is_followed(
    site: Database,
    settings: Settings,
    written: list[dict[str, object]],
    wanted: list[Filter],
    chosen: set[int],
) -> None:
    whole = replace(settings, feed_size=1_000)  # so that no feed has a second page
    with site.begin() as session:
        calls = [_write(session, **facts) for facts in written]
        named = [calls[index] for index in chosen if index < len(calls)]
        secret = _follow(session, wanted, named, settings)
    with site.read() as session:
        own = private_feeds.following(session, secret)
        for form in FORMATS:
            held = _held(
                session, Query(Filter(kind="call"), form, "en", "/own/x/feed", own=own), whole
            )
            public = [Query(one, form, "en", "/calls/") for one in map(_of_calls, wanted)]
            alone = {call.uid for call in named if is_public(call, NOW)}
            if form == "ics":  # a call by itself has a calendar; its feed is of its changes
                own_dates = [Query(Filter(), "ics", "en", "/x", call_uid=c.uid) for c in named]
                alone = set().union(*(_held(session, one, whole) for one in own_dates))
            assert held == alone.union(*(_held(session, one, whole) for one in public))


def test_however_much_is_followed_nothing_of_it_is_left_out(
    site: Database, settings: Settings
) -> None:
    filters = tuple(Filter(q=f"word{number}") for number in range(ABREAST + 1))
    own = Following("a reader", filters, (), NOW)
    with site.begin() as session:
        wanted = {builders.make_call(session, f"Word{n}").uid for n in (0, ABREAST)}
        builders.make_call(session, "Water")
    with site.read() as session:
        query = Query(Filter(kind="call"), "atom", "en", "/own/x/feed", own=own)
        assert _held(session, query, settings) == wanted


def _write(session: Session, *, title: str, state: str, **facts: object) -> Call:
    at = None if state == "draft" else NOW
    call = builders.make_call(session, title, publish_at=at, **facts)
    if state == "withdrawn":
        publication.unpublish(session, call.id, actor=ANA, now=NOW)
    if state == "cancelled":
        call_changes.cancel_call(session, call.id, {}, actor=ANA, now=NOW)
    return call


def _follow(session: Session, wanted: list[Filter], named: list[Call], settings: Settings) -> str:
    """The secret of a reader who follows these and nothing else."""
    reader = follow(session, settings)
    changes.unsubscribe(session, reader, settings=settings, now=NOW)
    for one in wanted:
        follow(session, settings, filter=one)
    for call in named:
        follow(session, settings, entry_id=call.id)
    found = queries.by_address(session, READER)
    assert isinstance(found, Subscriber)
    secret = private_feeds.begin(session, found, "a", settings=settings, now=NOW)
    assert secret is not None
    return secret


def _of_calls(wanted: Filter) -> Filter:
    return replace(wanted, kind="call")


def _held(session: Session, query: Query, settings: Settings) -> set[str]:
    return {ref.uid for ref in outline_of(session, query, settings, NOW).refs}
