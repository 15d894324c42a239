"""The demo content goes as it came, and takes along nothing that is somebody's own."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

from sqlalchemy import select

from feedsvc.auth.models import History
from feedsvc.calls.models import Call
from feedsvc.content.models import Cluster, Entry, Organisation, Programme
from feedsvc.db import Database
from feedsvc.demo import away
from feedsvc.demo.load import load
from feedsvc.settings import Settings
from tests.builders import make_call, make_cluster
from tests.integration.test_demo_load import ANA, TODAY

FILES = {
    "clusters.toml": """
[[cluster]]
slug = "wood"
[cluster.en]
name = "Wood"
[[cluster]]
slug = "health"
[cluster.en]
name = "Health"
""",
    "organisations.toml": """
[[organisation]]
slug = "fund"
names = { en = "A fund" }
[[organisation]]
slug = "office"
names = { en = "An office" }
""",
    "programmes.toml": """
[[programme]]
slug = "forests"
name = "Forests"
owner = "office"
""",
    "calls/timber.toml": """
published = 2026-01-12
deadline_model = "single_stage"
clusters = ["wood"]
funders = ["fund"]
programme = "forests"
[[key_dates]]
type = "submission"
date = 2026-12-01
zone = "Europe/Luxembourg"
[en]
title = "Timber"
""",
}


def test_it_goes_and_does_not_come_back_by_itself(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "content"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with db.begin() as session:
        assert not away.present(session)
        load(session, settings=settings, now=TODAY, folder=folder)
        make_cluster(session, slug="our-own")
        own = make_call(session, "Our own call", clusters=("health",))
        own.funders = [session.scalars(select(Organisation).filter_by(slug="fund")).one()]
        session.flush()

        expected = away.present(session)
        # Of two clusters and two organisations, one each is in use by what is not the demo's.
        assert astuple(expected) == (0, 1, 1, 1, 1)
        assert away.take_away(session, actor=ANA, now=TODAY) == expected
        session.expire_all()

        assert [entry.source for entry in session.scalars(select(Entry))] == [None]
        assert {row.slug for row in session.scalars(select(Cluster))} == {"health", "our-own"}
        assert [row.slug for row in session.scalars(select(Organisation))] == ["fund"]
        assert session.scalars(select(Programme)).all() == []
        assert session.get_one(Call, own.id).funders[0].slug == "fund"
        removed = session.scalars(select(History).where(History.act == "removed")).one()
        assert removed.actor_name == ANA.name

        assert not away.present(session)
        assert away.take_away(session, actor=ANA, now=TODAY) == away.Content()
        assert "kept as it was" in str(load(session, settings=settings, now=TODAY, folder=folder))
