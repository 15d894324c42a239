"""Calendars to subscribe to: they ring when asked, and strike what was called off."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select

from feedsvc import worker
from feedsvc.calls import changes
from feedsvc.calls.models import Call, StruckDate
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests import builders
from tests.builders import ANA
from tests.support.client import Browser
from tests.support.clock import FixedClock

OWN = "/calls/reuse-of-process-heat.ics"


@pytest.fixture
def call(db: Database) -> Call:
    """A call with an opening, a timed deadline and a decision."""
    with db.begin() as session:
        builders.make_cluster(session, "CleanTech")
        builders.make_cluster(session, "HealthTech")
        builders.make_organisation(session, "Example Fund")
        return builders.make_call(
            session,
            clusters=("cleantech",),
            funders=("example-fund",),
            award_max=Decimal(200_000),
            key_dates=(
                builders.opening("2026-03-10"),
                builders.deadline("2026-04-30"),
                builders.deadline("2026-06-30", None, kind="decision"),
            ),
        )


def events(client: Browser, path: str) -> dict[str, Event]:
    """The events of a calendar by what they are called before the first colon but one."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found = Calendar.from_ical(answer.data).walk("VEVENT")
    assert len({event["UID"] for event in found}) == len(found)
    return {str(event["SUMMARY"]).rpartition(":")[0]: event for event in found}


def states(client: Browser, path: str) -> dict[str, str]:
    return {name: str(event["STATUS"]) for name, event in events(client, path).items()}


def without_decision(db: Database, call: Call, **more: object) -> None:
    """An editor takes the decision date away."""
    with db.begin() as session:
        kept = [
            date for date in session.get_one(Call, call.id).key_dates if date.type != "decision"
        ]
        dates = tuple(
            builders.deadline(
                str(date.local_date),
                date.local_time and date.local_time.isoformat(),
                kind=date.type,
                uid=date.uid,
            )
            for date in kept
        )
        edit = builders.call_edit(clusters=("cleantech",), key_dates=dates)
        changes.edit_call(session, call.id, edit, actor=ANA, now=more["now"])


def test_a_calendar_brings_no_alarm_unless_it_is_asked_to(client: Browser, call: Call):
    assert "VALARM" not in client.get("/calls.ics").text
    assert "VALARM" not in client.get("/calls.ics?alarm=").text


@pytest.mark.parametrize("path", ["/calls.ics?cluster=cleantech&alarm=PT12H&alarm=P7D",
                                  f"{OWN}?alarm=P7D&alarm=PT12H", "/fr/calls.ics?alarm=P1W&alarm=PT12H",
                                  "/clusters/cleantech.ics?alarm=P7D&alarm=PT12H"])  # fmt: skip
def test_deadlines_and_openings_ring_before_they_come(client: Browser, call: Call, path: str):
    text = client.get(path).text.replace("\r\n ", "")
    decision, deadline, opening = sorted(
        text.split("BEGIN:VEVENT")[1:], key=lambda e: "VALARM" in e
    )
    if "RELATED=END" in opening:
        deadline, opening = opening, deadline
    assert "VALARM" not in decision
    assert "TRIGGER;RELATED=END:-P7D" in deadline
    assert "TRIGGER;RELATED=END:-PT12H" in deadline
    assert "TRIGGER:-P7D" in opening
    assert "TRIGGER:-PT12H" in opening
    assert text.count("ACTION:DISPLAY") == 4


def test_a_calendar_with_alarms_and_one_without_are_not_mixed_up(client: Browser, call: Call):
    tags = {client.get(path).headers["ETag"] for path in
            ("/calls.ics", "/calls.ics?alarm=P7D", "/calls.ics?alarm=P1D", "/calls.ics")}  # fmt: skip
    assert len(tags) == 3
    assert (
        client.get("/calls.ics?alarm=P7D")
        .headers["Content-Location"]
        .endswith("/calls.ics?alarm=P7D")
    )


@pytest.mark.parametrize("value", ["7", "-P7D", "P91D", "PT10M", "P1M", "%00", "P7D;X=1"])
def test_an_alarm_that_means_nothing_is_named(client: Browser, call: Call, value: str):
    for path in ("/calls.ics", OWN):
        answer = client.get(f"{path}?alarm={value}")
        assert (answer.status_code, answer.mimetype) == (400, "text/plain")
        assert "alarm" in answer.text
    assert client.get("/calls.atom?alarm=P7D").status_code == 400


def test_a_cancelled_call_stays_struck_for_60_days_and_then_leaves(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    assert states(client, "/calls.ics") == {
        "Opens": "CONFIRMED", "Closes": "CONFIRMED", "Decision": "CONFIRMED",
    }  # fmt: skip
    clock.advance(days=1)
    with db.begin() as session:
        changes.cancel_call(session, call.id, {}, actor=ANA, now=clock())
    struck = {"Cancelled: Opens", "Cancelled: Closes", "Cancelled: Decision"}
    clock.advance(days=60, seconds=-1)
    for path in ("/calls.ics", "/calls.ics?status=forecast&alarm=P7D", OWN):
        found = events(client, path)
        assert set(found) == struck, path
        assert {str(event["STATUS"]) for event in found.values()} == {"CANCELLED"}
        assert {event["SEQUENCE"] for event in found.values()} == {1}
        assert not any(event.walk("VALARM") for event in found.values())
    before = client.get("/calls.ics")
    clock.advance(seconds=1)
    after = client.get("/calls.ics", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, "VEVENT" in after.text) == (200, False)
    for path in ("/calls.ics?status=cancelled", OWN):
        assert events(client, path) == {}


def test_a_date_that_is_taken_away_is_struck(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    uid = events(client, "/calls.ics")["Decision"]["UID"]
    clock.advance(days=1)
    without_decision(db, call, now=clock())
    for path in ("/calls.ics", "/calls.ics?cluster=cleantech", OWN):
        event = events(client, path)["Cancelled: Decision"]
        assert (event["UID"], event["STATUS"], event["SEQUENCE"]) == (uid, "CANCELLED", 1)
        assert event["DTSTART"].dt.isoformat() == "2026-06-30"
        assert event["LAST-MODIFIED"].dt == clock()
    assert "Annulé" in client.get("/fr/calls.ics").text
    clock.advance(days=60)
    assert states(client, "/calls.ics") == {"Opens": "CONFIRMED", "Closes": "CONFIRMED"}


def test_a_date_that_no_longer_names_a_day_is_struck_and_comes_back(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    with db.begin() as session:
        wood = builders.make_call(session, "Wood", key_dates=(builders.deadline("2026-05-01"),))
        uid = wood.key_dates[0].uid
    vague = builders.deadline("2026-05-01", None, uid=uid, precision="month")
    exact = builders.deadline("2026-05-20", uid=uid)
    numbers = []
    for dates in (vague, exact):
        clock.advance(hours=1)
        with db.begin() as session:
            edit = builders.call_edit("Wood", key_dates=(dates,))
            changes.edit_call(session, wood.id, edit, actor=ANA, now=clock())
        ((name, event),) = events(client, "/calls/wood.ics").items()
        numbers.append((name, event["DTEND"].dt.day, str(event["STATUS"]), event["SEQUENCE"]))
    assert numbers[0] == ("Cancelled: Closes", 1, "CANCELLED", 1)
    assert numbers[1][:3] == ("Closes", 20, "CONFIRMED")
    assert numbers[1][3] > 1


def test_a_call_that_is_taken_away_is_struck_in_every_calendar_that_held_it(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    clock.advance(days=1)
    with db.begin() as session:
        changes.withdraw_call(session, call.id, actor=ANA, now=clock())
    clock.advance(days=1)
    with db.begin() as session:
        changes.delete_call(session, call.id, actor=ANA, now=clock())
    held = ("/calls.ics", "/calls.ics?cluster=cleantech&funder=example-fund&model=single_stage",
            "/calls.ics?award_max_from=100000&currency=EUR&published=2026-03", "/search.ics?q=heat",
            '/search.ics?q="the heat"', "/calls.ics?status=open", "/all/calls.ics", OWN)  # fmt: skip
    for path in held:
        assert set(states(client, path).values()) == {"CANCELLED"}, path
        assert len(events(client, path)) == 3, path
    others = ("/calls.ics?cluster=healthtech", "/calls.ics?award_max_from=300000",
              "/search.ics?q=wood", '/search.ics?q="heat the"', "/calls.ics?applicant=sme",
              "/calls.ics?published=2025", "/calls.ics?currency=CHF")  # fmt: skip
    for path in others:
        assert events(client, path) == {}, path
    assert client.get("/calls/reuse-of-process-heat").status_code == 410
    clock.advance(days=60)
    assert events(client, "/calls.ics") == {}
    assert client.get(OWN).status_code == 410


def test_a_call_that_leaves_by_itself_is_struck_from_that_second_on_as_it_was_last(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    held = ("/calls.ics", "/calls.ics?cluster=cleantech&alarm=P7D", OWN)
    with db.begin() as session:
        until = clock() + timedelta(days=3)
        changes.keep_call_until(session, call.id, until=until, actor=ANA, now=clock())
    clock.advance(days=1)
    without_decision(db, call, now=clock())
    clock.advance(days=2, seconds=-1)
    for path in held:
        assert states(client, path)["Closes"] == "CONFIRMED", path
        assert events(client, path)["Closes"]["SEQUENCE"] == 0
    assert client.get("/calls/reuse-of-process-heat").status_code == 200
    clock.advance(seconds=1)
    for path in held:
        found = events(client, path)
        assert set(found) == {f"Cancelled: {name}" for name in ("Opens", "Closes", "Decision")}
        assert {event["SEQUENCE"] for event in found.values()} == {1}
    assert client.get("/calls/reuse-of-process-heat").status_code == 410
    assert "deleted-entry" in client.get("/calls.atom").text
    clock.advance(days=1)
    with db.begin() as session:
        changes.publish_call(session, call.id, at=clock(), actor=ANA, now=clock())
    assert states(client, "/calls.ics")["Closes"] == "CONFIRMED"
    assert events(client, "/calls.ics")["Closes"]["SEQUENCE"] == 2


def test_a_call_that_comes_back_stands_again_with_a_higher_number(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    clock.advance(days=1)
    with db.begin() as session:
        changes.withdraw_call(session, call.id, actor=ANA, now=clock())
    struck = events(client, OWN)["Cancelled: Closes"]
    clock.advance(days=70)
    worker.housekeep(db, Settings(), clock())
    with db.begin() as session:
        changes.publish_call(session, call.id, at=clock(), actor=ANA, now=clock())
    for path in (OWN, "/calls.ics"):
        event = events(client, path)["Closes"]
        assert (event["UID"], event["STATUS"]) == (struck["UID"], "CONFIRMED")
        assert event["SEQUENCE"] > struck["SEQUENCE"]
        assert event["LAST-MODIFIED"].dt == clock()


def test_a_call_that_nobody_could_see_leaves_nothing_to_strike(
    client: Browser, db: Database, clock: FixedClock
):
    with db.begin() as session:
        draft = builders.make_call(session, "Draft", publish_at=None)
        later = builders.make_call(session, "Later", publish_at=clock() + timedelta(days=3))
        for entry in (draft, later):
            changes.withdraw_call(session, entry.id, actor=ANA, now=clock())
            changes.delete_call(session, entry.id, actor=ANA, now=clock())
    assert events(client, "/calls.ics") == {}


def test_last_modified_does_not_go_back_when_struck_dates_are_forgotten(
    client: Browser, db: Database, clock: FixedClock, call: Call
):
    clock.advance(days=1)
    without_decision(db, call, now=clock())
    clock.advance(days=61)
    before = client.get("/calls.ics")
    clock.advance(hours=1)
    worker.housekeep(db, Settings(), clock())
    with db.read() as session:
        assert session.scalars(select(StruckDate)).all() == []
    clock.advance(seconds=2)
    after = client.get("/calls.ics")
    assert after.headers["ETag"] == before.headers["ETag"]
    assert modified(after) >= modified(before)


def modified(answer: object) -> datetime:
    found = answer.last_modified
    assert found is not None
    return found


def test_the_title_of_a_struck_date_is_in_the_reader_s_language(
    client: Browser, db: Database, clock: FixedClock
):
    texts = {"en": TextEdit(title="Heat"), "fr": TextEdit(title="Chaleur")}
    with db.begin() as session:
        call = builders.make_call(session, texts=texts)
        changes.withdraw_call(session, call.id, actor=ANA, now=clock())
    assert "Chaleur" in client.get("/fr/calls.ics").text
    assert "Heat" in client.get("/de/calls.ics").text
    assert (
        "NAME;LANGUAGE=fr:Innovation Agency – Chaleur" in client.get("/fr/calls/chaleur.ics").text
    )


def test_a_calendar_holds_the_days_by_which_to_be_ready_when_asked_to(
    client: Browser, call: Call
) -> None:
    assert "Internal deadline" not in client.get("/calls.ics").text
    for path in (f"{OWN}?workdays=3&holidays=LU", "/clusters/cleantech.ics?workdays=3"):
        found = events(client, path)
        ready = found["Internal deadline"]
        assert ready["DTSTART"].dt.isoformat() == "2026-04-27"
        assert ready["UID"] != found["Closes"]["UID"]
        assert "3 working days (Luxembourg) before this:\nCloses: " in str(ready["DESCRIPTION"])
    moved = events(client, f"{OWN}?workdays=10&holidays=BE")["Internal deadline"]
    assert (moved["UID"], moved["DTSTART"].dt.isoformat()) == (ready["UID"], "2026-04-16")


def test_days_by_which_to_be_ready_are_struck_with_their_deadline(
    db: Database, client: Browser, call: Call, now: datetime
) -> None:
    with db.begin() as session:
        changes.cancel_call(session, call.id, {}, actor=ANA, now=now)
    told = states(client, f"{OWN}?workdays=3")
    assert told["Cancelled: Internal deadline"] == "CANCELLED"


def test_working_days_that_mean_nothing_are_named(client: Browser, call: Call) -> None:
    for path, named in (
        ("/calls.ics?workdays=many", "many"), (f"{OWN}?workdays=3&holidays=MARS", "MARS"),
        ("/calls.atom?workdays=3", "workdays"),
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 400
        assert named in answer.text
