"""The demo content goes as it came, and takes along nothing that is somebody's own."""

from __future__ import annotations

from dataclasses import astuple, replace

from sqlalchemy import select

from feedsvc.auth.models import History
from feedsvc.calls.models import Call
from feedsvc.content.models import Cluster, Entry, Organisation
from feedsvc.db import Database
from feedsvc.demo import away
from feedsvc.demo.load import Loaded, load
from feedsvc.settings import Settings
from tests.builders import make_call, make_cluster
from tests.integration.test_demo_load import ANA, TODAY


def test_it_goes_and_does_not_come_back_by_itself(db: Database, settings: Settings) -> None:
    with db.begin() as session:
        assert not away.present(session)
        loaded = load(session, settings=settings, now=TODAY)
        used = session.scalars(select(Cluster).order_by(Cluster.id)).first()
        funder = session.scalars(select(Organisation).order_by(Organisation.id)).first()
        assert used is not None
        assert funder is not None
        make_cluster(session, slug="our-own")
        own = make_call(session, "Our own call", clusters=(used.slug,))
        own.funders = [funder]
        session.flush()

        expected = away.present(session)
        assert astuple(expected) == astuple(
            away.Content(
                news=loaded.news, calls=loaded.calls, clusters=loaded.clusters - 1,
                organisations=loaded.organisations - 1, programmes=loaded.programmes,
            )
        )  # fmt: skip
        assert away.take_away(session, actor=ANA, now=TODAY) == expected
        session.expire_all()

        assert [entry.source for entry in session.scalars(select(Entry))] == [None]
        assert {row.slug for row in session.scalars(select(Cluster))} == {used.slug, "our-own"}
        assert [row.slug for row in session.scalars(select(Organisation))] == [funder.slug]
        assert session.get_one(Call, own.id).funders[0].slug == funder.slug
        removed = session.scalars(select(History).where(History.act == "removed")).one()
        assert removed.actor_name == ANA.name

        assert not away.present(session)
        assert away.take_away(session, actor=ANA, now=TODAY) == away.Content()
        again = load(session, settings=settings, now=TODAY)
        nothing = Loaded(clusters=0, organisations=0, programmes=0, news=0, calls=0)
        assert again == replace(nothing)
