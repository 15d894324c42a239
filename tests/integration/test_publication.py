"""Publish, unpublish, delete; addresses and the generation."""

from __future__ import annotations

import datetime as dt

import pytest

from feedsvc.content import addresses, clusters, generation, publication, queries
from feedsvc.content.filters import BadFilter, Filter
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.errors import Conflict, Gone, Invalid, NotFound
from feedsvc.news import changes as news_changes
from feedsvc.news import queries as news_queries
from tests.builders import ANA, make_cluster, make_news, news_edit

LANGUAGES = ("en", "fr", "de")
HOUR = dt.timedelta(hours=1)


def visible(db: Database, now: dt.datetime) -> list[int]:
    with db.read() as session:
        return list(session.scalars(queries.matching(session, Filter(), now)))


def test_a_scheduled_item_appears_at_its_instant(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        item = make_news(session, publish_at=now + HOUR)
    assert visible(db, now) == []
    assert visible(db, now + HOUR) == [item.id]


def test_the_published_date_never_moves(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        item = make_news(session)
        publication.unpublish(session, item.id, actor=ANA, now=now + HOUR)
    assert visible(db, now + HOUR) == []
    with db.begin() as session:
        publication.publish(session, item.id, at=now + 3 * HOUR, actor=ANA, now=now + 2 * HOUR)
    assert visible(db, now + 2 * HOUR) == [item.id]
    with db.read() as session:
        assert session.get_one(Entry, item.id).publish_at == now


def test_an_unpublished_item_that_nobody_saw_is_a_draft_again(
    db: Database, now: dt.datetime
) -> None:
    with db.begin() as session:
        item = make_news(session, publish_at=now + HOUR)
        publication.unpublish(session, item.id, actor=ANA, now=now)
        assert (item.publish_at, item.withdrawn_at) == (None, None)


def test_what_was_public_and_is_deleted_is_gone_for_good(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        seen, unseen = make_news(session, "Seen"), make_news(session, "Unseen", publish_at=None)
    with db.begin() as session:
        for item in (seen, unseen):
            publication.delete(session, item.id, actor=ANA, now=now + HOUR)
    with db.read() as session:
        with pytest.raises(Gone):
            addresses.resolve_entry(session, "news", "en", "seen", languages=LANGUAGES)
        with pytest.raises(NotFound):
            addresses.resolve_entry(session, "news", "en", "unseen", languages=LANGUAGES)


def test_a_new_item_may_take_the_address_of_a_deleted_one(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        publication.delete(session, make_news(session, "Heat").id, actor=ANA, now=now)
    with db.begin() as session:
        item = make_news(session, "Heat")
    with db.read() as session:
        found = addresses.resolve_entry(session, "news", "en", "heat", languages=LANGUAGES)
        assert found == addresses.Found(item.id)


def test_two_changes_within_a_second_have_different_times(db: Database, now: dt.datetime) -> None:
    stamps = []
    for title in ("One", "Two", "Three"):
        with db.begin() as session:
            make_news(session, title, now=now)
            stamps.append(generation.current(session))
    values = [stamp.value for stamp in stamps]
    times = [stamp.changed_at for stamp in stamps]
    assert values == sorted(set(values))
    assert times == [now, now + dt.timedelta(seconds=1), now + dt.timedelta(seconds=2)]


def test_the_time_of_a_generation_never_goes_back(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        make_news(session, now=now)
        before = generation.current(session)
    with db.begin() as session:
        generation.advance(session, now - 24 * HOUR)
        assert generation.current(session).changed_at > before.changed_at


def test_news_pages_follow_each_other_without_a_gap(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        made = [
            make_news(session, f"Item {n}", publish_at=now - (n // 2) * HOUR).id for n in range(7)
        ]
    seen: list[int] = []
    after = None
    with db.read() as session:
        while True:
            page = news_queries.page(session, Filter(), now=now, after=after, limit=3)
            seen += [item.id for item in page.items]
            after = page.next
            if after is None:
                break
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen)) == 7


def test_a_renamed_cluster_keeps_its_old_addresses(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        former = (clusters.FormerNameEdit("EcoInnovation", 2009),)
        cluster = make_cluster(session, former_names=former, founded=2009)
        item = make_news(session, clusters=("cleantech",))
        revision = item.revision
    with db.begin() as session:
        edit = clusters.ClusterEdit(
            texts={"en": clusters.NameEdit("Clean & Green")}, slug="green", former_names=former
        )
        clusters.edit_cluster(session, cluster.id, edit, actor=ANA, now=now)
    with db.read() as session:
        for slug in ("ecoinnovation", "cleantech"):
            assert addresses.resolve_cluster(session, slug) == addresses.Moved("green")
        assert addresses.resolve_cluster(session, "green") == addresses.Found(cluster.id)
        wanted = queries.checked_filter(session, Filter(cluster=("ecoinnovation",)))
        assert wanted == Filter(cluster=("green",))
        assert session.get_one(Entry, item.id).revision == revision + 1


def test_a_filter_for_what_does_not_exist_is_refused_by_name(db: Database) -> None:
    for name in ("cluster", "funder", "programme"):
        with db.read() as session, pytest.raises(BadFilter, match=f"{name} “nowhere”"):
            queries.checked_filter(session, Filter(**{name: ("nowhere",)}))  # type: ignore[arg-type]


def test_two_clusters_do_not_share_an_address(db: Database) -> None:
    with db.begin() as session:
        make_cluster(session)
    with pytest.raises(Invalid, match="Another cluster"), db.begin() as session:
        make_cluster(session)


def test_a_newer_version_is_a_conflict(db: Database, now: dt.datetime) -> None:
    with db.begin() as session:
        item = make_news(session)
        version = item.version
        news_changes.edit_news(session, item.id, news_edit("New"), actor=ANA, now=now)
    stale = news_edit("Newer", version=version)
    with pytest.raises(Conflict), db.begin() as session:
        news_changes.edit_news(session, item.id, stale, actor=ANA, now=now)
