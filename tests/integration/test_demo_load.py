"""Loading the demo: once, at the times when things happened, and never over an editor's work."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import History
from feedsvc.auth.rules import Actor
from feedsvc.calls import rules
from feedsvc.calls.models import Call
from feedsvc.content import addresses, generation, publication
from feedsvc.content.clusters import ClusterEdit, NameEdit, edit_cluster
from feedsvc.content.edits import TextEdit
from feedsvc.content.models import Cluster, Entry
from feedsvc.db import Database
from feedsvc.demo.load import Loaded, load
from feedsvc.demo.tables import BadContent
from feedsvc.news.changes import edit_news
from feedsvc.news.edits import NewsEdit
from feedsvc.settings import Settings

ANA = Actor(None, "Ana")
TODAY = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.UTC)  # when the real calls are current
NOTHING = Loaded(clusters=0, organisations=0, programmes=0, news=0, calls=0)

OWN = """
published = 2026-01-12
{more}
[[key_dates]]
type = "submission"
date = 2026-05-01
zone = "Europe/Luxembourg"
[en]
title = "A call of our own"
"""


def load_demo(db: Database, settings: Settings, now: dt.datetime = TODAY) -> Loaded:
    with db.begin() as session:
        return load(session, settings=settings, now=now)


def call_named(db: Database, name: str) -> Call:
    with db.read() as session:
        call = session.scalars(select(Call).where(Call.source_id == f"calls/{name}")).one()
        assert call.events
        assert call.key_dates
        return call


def entry_named(session: Session, name: str) -> Entry:
    return session.scalars(select(Entry).where(Entry.source_id == name)).one()


def statuses(db: Database, now: dt.datetime) -> dict[str, str]:
    with db.read() as session:
        calls = session.scalars(select(Call).where(Call.is_example))
        return {str(call.source_id): rules.status(call, now) for call in calls}


def load_own(db: Database, settings: Settings, folder: Path, more: str) -> Loaded:
    file = folder / "own" / "calls" / "ours.toml"
    file.parent.mkdir(parents=True)
    file.write_text(OWN.format(more=more), encoding="utf-8")
    with db.begin() as session:
        return load(session, settings=settings, now=TODAY, folder=folder / "own")


def test_content_appears_as_if_it_had_been_written_at_its_time(
    db: Database, settings: Settings
) -> None:
    loaded = load_demo(db, settings)
    assert loaded == Loaded(clusters=7, organisations=8, programmes=5, news=6, calls=37)
    with db.read() as session:
        act = entry_named(session, "news/waste-heat-time-to-act")
        advantages = entry_named(session, "news/waste-heat-advantages")
        assert act.publish_at == dt.datetime(2024, 3, 28, 8, 0, tzinfo=dt.UTC)
        assert act.updated_at == act.publish_at
        assert advantages in act.related
        assert act in advantages.related
        assert addresses.resolve_cluster(session, "ecoinnovation") == addresses.Moved("cleantech")
        assert generation.current(session).changed_at == TODAY, "readers learn of it now"


def test_loaded_again_it_changes_nothing(db: Database, settings: Settings) -> None:
    load_demo(db, settings)
    with db.read() as session:
        before = generation.current(session), session.scalar(select(func.count(History.id)))
    assert load_demo(db, settings, TODAY + dt.timedelta(days=40)) == NOTHING
    with db.read() as session:
        after = generation.current(session), session.scalar(select(func.count(History.id)))
    assert after == before


def test_loaded_again_it_keeps_what_an_editor_changed_renamed_and_deleted(
    db: Database, settings: Settings
) -> None:
    load_demo(db, settings)
    with db.begin() as session:
        reform = entry_named(session, "news/cluster-reform")
        rewritten = NewsEdit(texts={"en": TextEdit(title="Rewritten")})
        edit_news(session, reform.id, rewritten, actor=ANA, now=TODAY)
        gone = entry_named(session, "news/waste-heat-advantages")
        publication.delete(session, gone.id, actor=ANA, now=TODAY)
        wood = session.scalars(select(Cluster).where(Cluster.slug == "wood")).one()
        timber = ClusterEdit(texts={"en": NameEdit("Timber")}, slug="timber")
        edit_cluster(session, wood.id, timber, actor=ANA, now=TODAY)
    assert load_demo(db, settings) == NOTHING
    with db.read() as session:
        titles = [t.title for t in entry_named(session, "news/cluster-reform").translations]
    assert titles == ["Rewritten"]


@pytest.mark.parametrize("days", [0, 128])
def test_the_examples_show_every_status_on_the_day_of_the_demo(
    db: Database, settings: Settings, days: int
) -> None:
    now = TODAY + dt.timedelta(days=days)
    load_demo(db, settings, now)
    found = statuses(db, now)
    assert set(found.values()) == {
        "open", "closing_soon", "forecast", "cancelled", "archived",
    }  # fmt: skip
    assert found["calls/example-timber-hybrids"] == "forecast"
    assert found["calls/example-product-passports"] == "closing_soon"


def test_what_happened_to_a_call_is_told_with_its_reason(db: Database, settings: Settings) -> None:
    load_demo(db, settings)
    furniture = call_named(db, "example-repairable-furniture")
    published, extended = furniture.events
    assert (published.type, extended.type) == ("published", "date_extended")
    assert extended.at == dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
    assert (extended.old["date"], extended.new["date"]) == ("2026-11-28", "2026-12-19")
    assert set(extended.reasons) == {"en", "fr", "de"}
    burners = call_named(db, "example-hydrogen-burners")
    assert burners.cancelled_at == dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
    assert burners.events[-1].type == "cancelled"
    assert burners.events[-1].reasons["de"].startswith("Das Budget")


def test_what_is_dated_later_is_scheduled(
    db: Database, settings: Settings, now: dt.datetime
) -> None:
    """In March 2026 most of the real calls are still to come."""
    load_demo(db, settings, now)
    call = call_named(db, "horizon-cl4-2027-data-centres")
    assert call.created_at == now
    assert rules.status(call, now) == "scheduled"


def test_an_agency_loads_a_folder_of_its_own(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    loaded = load_own(db, settings, tmp_path, 'deadline_model = "single_stage"')
    assert loaded == replace(NOTHING, calls=1)


def test_a_call_that_cannot_be_is_refused_by_its_file(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(BadContent, match=r"calls/ours: deadline_model: Choose how"):
        load_own(db, settings, tmp_path, "")
