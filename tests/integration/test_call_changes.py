"""Writing calls: what an edit does to the call, its dates, its events and its addresses."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from feedsvc.calls import changes, queries
from feedsvc.calls.edits import CallEdit
from feedsvc.calls.models import Call
from feedsvc.content import addresses, generation, history
from feedsvc.content.edits import TextEdit
from feedsvc.content.filters import Filter
from feedsvc.db import Database
from feedsvc.errors import Conflict, Invalid
from tests.builders import ANA, call_edit, deadline, make_call, make_cluster, make_organisation

LANGUAGES = ("en", "fr", "de")
HOUR = dt.timedelta(hours=1)


def edited(db: Database, call: Call, edit: CallEdit, now: dt.datetime) -> Call:
    with db.begin() as session:
        return changes.edit_call(session, call.id, edit, actor=ANA, now=now)


def published(db: Database, **more: object) -> Call:
    with db.begin() as session:
        return make_call(session, **more)  # type: ignore[arg-type]


def events(db: Database, call: Call) -> list[str]:
    with db.read() as session:
        return [event.type for event in reversed(queries.events(session, call.id))]


def test_an_edit_that_changes_nothing_leaves_no_trace(db: Database, now: dt.datetime) -> None:
    call = published(db)
    with db.read() as session:
        before = generation.current(session)
    edited(db, call, call_edit(), now + HOUR)
    with db.read() as session:
        assert generation.current(session) == before
        acts = [row.act for row in history.of(session, "call", call.id)]
        assert acts == ["published", "created"]


def test_a_moved_deadline_keeps_its_identity_and_counts_the_move(
    db: Database, now: dt.datetime
) -> None:
    call = published(db)
    moved = edited(db, call, call_edit(key_dates=(deadline("2026-05-15"),)), now + HOUR)
    (old,), (new,) = call.key_dates, moved.key_dates
    assert (new.uid, new.sequence) == (old.uid, old.sequence + 1)
    assert moved.closes_at == dt.datetime(2026, 5, 15, 15, 0, tzinfo=dt.UTC)
    assert events(db, call) == ["published", "date_extended"]


def test_the_editors_reason_stands_with_the_event(db: Database, now: dt.datetime) -> None:
    call = published(db)
    edit = call_edit(key_dates=(deadline("2026-05-15"),), reasons={"en": "The form was wrong."})
    edited(db, call, edit, now + HOUR)
    with db.read() as session:
        event = queries.events(session, call.id)[0]
        assert event.reasons == {"en": "The form was wrong."}
        assert (event.old["date"], event.new["date"]) == ("2026-04-30", "2026-05-15")


def test_a_draft_has_no_events(db: Database, now: dt.datetime) -> None:
    draft = published(db, publish_at=None)
    edited(db, draft, call_edit(key_dates=(deadline("2026-05-15"),)), now + HOUR)
    assert events(db, draft) == []


def test_a_date_added_before_another_takes_nothing_from_it(db: Database, now: dt.datetime) -> None:
    stages = (deadline("2026-04-30", kind="stage_1"), deadline("2026-09-30", kind="stage_2"))
    call = published(db, key_dates=stages, deadline_model="two_stage")
    uids = {date.type: date.uid for date in call.key_dates}
    more = (deadline("2026-03-20", kind="info_session"), *stages)
    edited(db, call, call_edit(key_dates=more, deadline_model="two_stage"), now + HOUR)
    with db.read() as session:
        kept = {date.type: date.uid for date in session.get_one(Call, call.id).key_dates}
    assert {name: kept[name] for name in uids} == uids


def test_money_is_kept_to_the_cent(db: Database) -> None:
    call = published(db, award_max=Decimal("199999.99"), total_budget=Decimal("123456789012.34"))
    with db.read() as session:
        found = session.get_one(Call, call.id)
        assert found.award_max == Decimal("199999.99")
        assert found.total_budget == Decimal("123456789012.34")


def test_two_editors_do_not_overwrite_each_other(db: Database, now: dt.datetime) -> None:
    call = published(db)
    edited(db, call, call_edit("First", version=call.version), now)
    with pytest.raises(Conflict, match="Ana changed this entry"):
        edited(db, call, call_edit("Second", version=call.version), now)


def test_a_refused_edit_changes_nothing(db: Database, now: dt.datetime) -> None:
    call = published(db)
    with pytest.raises(Invalid):
        edited(db, call, call_edit("New title", funders=("nobody",)), now)
    with db.read() as session:
        assert session.get_one(Call, call.id).translations[0].title == "Reuse of process heat"


def test_an_old_address_leads_to_the_new_one_in_each_language(
    db: Database, now: dt.datetime
) -> None:
    call = published(db)
    texts = {"en": TextEdit(title="Heat, twice", slug="heat"), "fr": TextEdit(title="Chaleur")}
    edited(db, call, call_edit(texts=texts), now + HOUR)
    with db.read() as session:

        def resolve(language: str, slug: str) -> object:
            return addresses.resolve_entry(session, "call", language, slug, languages=LANGUAGES)

        assert resolve("en", "reuse-of-process-heat") == addresses.Moved("heat")
        assert resolve("fr", "reuse-of-process-heat") == addresses.Moved("chaleur")
        assert resolve("de", "chaleur") == addresses.Moved("heat")
        assert resolve("de", "heat") == addresses.Found(call.id)


def test_calls_of_the_same_title_have_different_addresses(db: Database) -> None:
    first, second = published(db), published(db)
    slugs = [call.translations[0].slug for call in (first, second)]
    assert slugs == ["reuse-of-process-heat", "reuse-of-process-heat-2"]


def test_a_call_is_found_by_its_words_its_cluster_and_its_funder(
    db: Database, now: dt.datetime
) -> None:
    with db.begin() as session:
        make_cluster(session)
        make_organisation(session)
    call = published(db, clusters=("cleantech",), funders=("example-fund",))
    with db.read() as session:
        for wanted in (
            Filter(q="process heat"),
            Filter(q="example fund"),
            Filter(cluster=("cleantech",), funder=("example-fund",)),
        ):
            ids = session.scalars(queries.matching(session, wanted, now)).all()
            assert ids == [call.id]
        assert not queries.count(session, Filter(q="hydrogen"), now)


def test_a_cancelled_call_stays_and_says_so(db: Database, now: dt.datetime) -> None:
    call = published(db)
    with db.begin() as session:
        changes.cancel_call(session, call.id, {"en": "No budget."}, actor=ANA, now=now + HOUR)
    assert events(db, call) == ["published", "cancelled"]
    with db.read() as session:
        found = session.get_one(Call, call.id)
        assert queries.count(session, Filter(status=("cancelled",)), now + HOUR) == 1
        assert [date.sequence for date in found.key_dates] == [1]


def test_publication_is_told_once_and_at_its_time(db: Database, now: dt.datetime) -> None:
    later = now + 24 * HOUR
    call = published(db, publish_at=later)
    with db.begin() as session:
        changes.publish_call(session, call.id, at=later + HOUR, actor=ANA, now=now)
    with db.read() as session:
        (event,) = queries.events(session, call.id)
        assert (event.type, event.at) == ("published", later + HOUR)
