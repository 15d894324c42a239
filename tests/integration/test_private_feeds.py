"""A reader's own feed: one address at a time, kept as a digest, ended for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from feedsvc import tokens
from feedsvc.content import clusters, organisations
from feedsvc.content.filters import Filter
from feedsvc.errors import Gone, NotFound
from feedsvc.subscriptions import changes, private_feeds, queries
from feedsvc.subscriptions.models import ConsentEvent, PrivateFeed, Subscriber
from tests import builders
from tests.builders import ANA, make_call, make_cluster, make_organisation
from tests.support.readers import READER, follow

DAY = timedelta(days=1)


def begin(session, settings, now, form: str = "a") -> str | None:
    reader = queries.by_address(session, READER)
    return private_feeds.begin(session, reader, form, settings=settings, now=now)


def test_the_secret_is_nowhere_in_the_database(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings)
        secret = begin(session, settings, now)
    assert len(secret) == 32
    with db.read() as session:
        row = session.scalars(select(PrivateFeed)).one()
        assert row.digest == tokens.digest(secret)
        assert secret not in str(session.scalars(select(ConsentEvent.details)).all())


def test_what_a_reader_follows_is_found_by_the_secret(db, settings, now) -> None:
    with db.begin() as session:
        call = make_call(session)
        reader = follow(session, settings, filter=Filter(q="wood"))
        follow(session, settings, filter=Filter(q="heat", award_max_from=Decimal(10)))
        follow(session, settings, entry_id=call.id)
        secret = begin(session, settings, now)
    with db.read() as session:
        found = private_feeds.following(session, secret)
    assert found.reader_uid == reader.uid
    assert [one.query() for one in found.filters] == [
        "kind=call&award_max_from=10&q=heat",
        "kind=call&q=wood",
    ]
    assert found.calls == (call.uid,)


def test_what_waits_to_be_confirmed_is_not_followed(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings, filter=Filter(q="heat"))
        wish = changes.Wish(
            email=READER, offsets=(7,), language="en", page="/subscribe", filter=Filter(q="wood")
        )
        changes.request_subscription(session, wish, settings=settings, now=now)
        secret = begin(session, settings, now)
    with db.read() as session:
        assert private_feeds.following(session, secret).filters == (Filter(kind="call", q="heat"),)


def test_who_never_confirmed_gets_no_address(db, settings, now) -> None:
    with db.begin() as session:
        wish = changes.Wish(
            email=READER, offsets=(7,), language="en", page="/subscribe", filter=Filter()
        )
        changes.request_subscription(session, wish, settings=settings, now=now)
        assert begin(session, settings, now) is None
        assert session.scalars(select(PrivateFeed)).all() == []


def test_a_new_address_ends_the_former_one(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings)
        first = begin(session, settings, now)
        second = begin(session, settings, now + DAY, form="b")
        assert private_feeds.begun_at(session, queries.by_address(session, READER)) == now + DAY
    with db.read() as session:
        assert private_feeds.following(session, second)
        with pytest.raises(Gone):
            private_feeds.following(session, first)


def test_the_same_form_gives_the_same_address_and_never_revives_one(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings)
        first = begin(session, settings, now)
        assert begin(session, settings, now + DAY) == first
        second = begin(session, settings, now + DAY, form="b")
        assert begin(session, settings, now + DAY, form="a") is None
    with db.read() as session:
        assert private_feeds.following(session, second)


def test_two_readers_have_two_addresses_even_by_the_same_form(db, settings, now) -> None:
    with db.begin() as session:
        one, other = (follow(session, settings, email=f"{n}@example.org") for n in "ab")
        secrets = {
            private_feeds.begin(session, reader, "a", settings=settings, now=now)
            for reader in (one, other)
        }
    assert len(secrets) == 2


def test_an_address_ends_when_its_reader_says_so_is_forgotten_or_follows_nothing(
    db, settings, now
) -> None:
    def end(session, reader):
        private_feeds.end(session, reader, settings=settings, now=now)

    def erase(session, reader):
        changes.erase(session, reader, settings=settings, now=now)

    def leave(session, reader):
        changes.unsubscribe(session, reader, settings=settings, now=now)
        changes.purge(session, now=now + 7 * DAY)

    for act in (end, erase, leave):
        with db.begin() as session:
            follow(session, settings)
            secret = begin(session, settings, now, form=act.__name__)
        with db.begin() as session:
            act(session, queries.by_address(session, READER))
        with db.read() as session, pytest.raises(Gone):
            private_feeds.following(session, secret)
    with db.read() as session:
        assert session.scalars(select(PrivateFeed.subscriber_id)).all() == [None] * 3
        assert session.scalars(select(Subscriber)).all() == []


def test_an_unknown_secret_leads_nowhere(db) -> None:
    with db.read() as session:
        for secret in ("", "0" * 32, "é\x00" * 500):
            with pytest.raises(NotFound):
                private_feeds.following(session, secret)


def test_making_and_ending_are_part_of_the_proof_of_consent(db, settings, now) -> None:
    with db.begin() as session:
        reader = follow(session, settings)
        begin(session, settings, now)
        begin(session, settings, now)
        private_feeds.end(session, reader, settings=settings, now=now)
        private_feeds.end(session, reader, settings=settings, now=now)
    with db.read() as session:
        acts = session.scalars(select(ConsentEvent.act).order_by(ConsentEvent.id)).all()
    assert acts == ["requested", "confirmed", "feed_begun", "feed_ended"]


def test_the_last_change_is_that_of_what_is_followed(db, settings, now) -> None:
    with db.begin() as session:
        reader = follow(session, settings, now=now)
        follow(session, settings, filter=Filter(q="heat"), now=now)
        secret = begin(session, settings, now)
        changes.unsubscribe(
            session, reader, reader.subscriptions[0].uid, settings=settings, now=now + DAY
        )
    with db.read() as session:
        assert private_feeds.following(session, secret).changed_at == now + DAY


def test_a_filter_follows_what_it_names_through_new_names(db, settings, now) -> None:
    with db.begin() as session:
        cluster = make_cluster(session, "CleanTech")
        funder = make_organisation(session, "Example Fund")
        wanted = Filter(cluster=("cleantech",), funder=("example-fund",))
        follow(session, settings, filter=wanted)
        secret = begin(session, settings, now)
        edit = clusters.ClusterEdit(slug="green", texts={"en": clusters.NameEdit("Green")})
        clusters.edit_cluster(session, cluster.id, edit, actor=ANA, now=now)
        renamed = organisations.OrganisationEdit(slug="other-fund", names={"en": "Other Fund"})
        organisations.edit_organisation(session, funder.id, renamed, actor=ANA, now=now)
    with db.read() as session:
        assert private_feeds.following(session, secret).filters == (
            Filter(kind="call", cluster=("green",), funder=("other-fund",)),
        )


def test_a_filter_whose_subject_is_gone_finds_nothing_instead_of_everything(
    db, settings, now
) -> None:
    with db.begin() as session:
        first = builders.make_programme(session, "First")
        builders.make_programme(session, "Second")
        follow(session, settings, filter=Filter(programme=("first",)))
        follow(session, settings, filter=Filter(programme=("first", "second")))
        secret = begin(session, settings, now)
        organisations.delete_programme(session, first.id, actor=ANA, now=now)
    with db.read() as session:
        assert private_feeds.following(session, secret).filters == (
            Filter(kind="call", programme=("second",)),
        )


def test_many_forms_at_once_leave_one_address(db, settings, now) -> None:
    with db.begin() as session:
        follow(session, settings)

    def once(form: str) -> None:
        with db.begin() as session:
            begin(session, settings, now, form=form)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(once, "aabbccdd"))
    with db.read() as session:
        rows = session.scalars(select(PrivateFeed)).all()
        assert len(rows) == 4
        assert sum(row.subscriber_id is not None for row in rows) == 1
