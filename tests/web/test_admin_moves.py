"""A date that readers know changes: what follows is said first, then why, then it is done."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from feedsvc.calls.models import Call, CallEvent
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.builders import make_call
from tests.support.client import Browser
from tests.support.readers import follow
from tests.web.admin_forms import problems, send, shown, value

FORM = "/admin/calls/1"
REASONS = {
    "reasons__en__line": "The form was corrected.",
    "reasons__fr__line": "Le formulaire a changé.",
    "reasons__de__line": "Das Formular wurde berichtigt.",
}


@pytest.fixture
def known(db: Database, settings: Settings) -> str:
    """The uid of the deadline of a public call that one reader follows."""
    with db.begin() as session:
        made = make_call(session)
        follow(session, settings, entry_id=made.id)
        return made.key_dates[0].uid


def events(db: Database) -> list[CallEvent]:
    with db.read() as session:
        return list(session.scalars(select(CallEvent).order_by(CallEvent.id)))[1:]  # but its first


def deadline_of(db: Database) -> str:
    with db.read() as session:
        (date,) = session.get_one(Call, 1).key_dates
        return f"{date.local_date} {date.local_time} {date.sequence}"


def test_one_date_is_changed_step_by_step(db: Database, editor_client: Browser, known: str) -> None:
    address = f"{FORM}/dates/{known}"
    assert address in editor_client.get(FORM).text
    step = send(editor_client, address, date="2026-05-15", time="12:00")
    assert step.status_code == 200
    assert "extended from 30 April 2026, 17:00" in step.text
    assert "1 reader follows the call." in step.text
    assert "7 days before, 8 May 2026, 08:00 to 09:00 (Luxembourg time): 1 reader" in step.text
    assert events(db) == []
    assert send(editor_client, FORM, step, **REASONS).status_code == 303
    (event,) = events(db)
    assert (event.type, event.material) == ("date_extended", True)
    assert event.reasons["de"] == "Das Formular wurde berichtigt."
    assert deadline_of(db) == "2026-05-15 12:00:00 1"
    assert "The form was corrected." in editor_client.get("/calls/reuse-of-process-heat").text


def test_form_that_moves_a_date_leads_to_the_same_step_with_all_that_was_typed(
    db: Database, editor_client: Browser, known: str
) -> None:
    typed = {"texts__en__title": "Heat again", "key_dates__0__date": "2026-05-16"}
    step = send(editor_client, FORM, **typed, **REASONS)
    assert "falls on a weekend" in step.text
    assert (events(db), shown(step)["moves_seen"]) == ([], "y")
    back = send(editor_client, FORM, step, action="back")
    assert value(back, "key_dates-0-date") == "2026-05-16"
    assert deadline_of(db) == "2026-04-30 17:00:00 0"
    assert send(editor_client, FORM, step, action="save").status_code == 303
    assert events(db)[0].type == "date_extended"
    assert value(editor_client.get(FORM), "texts-en-title") == "Heat again"


def test_a_change_that_is_told_needs_its_reason_in_every_language(
    db: Database, editor_client: Browser, known: str
) -> None:
    step = send(editor_client, FORM, key_dates__0__date="2026-05-15")
    answer = send(editor_client, FORM, step, reasons__en__line="The form was corrected.")
    assert answer.status_code == 422
    assert problems(answer).keys() == {"reasons-fr-line", "reasons-de-line"}
    assert events(db) == []
    assert send(editor_client, FORM, answer, minor="y").status_code == 303
    assert events(db)[0].material is False


def test_date_that_cannot_be_is_not_taken(editor_client: Browser, known: str) -> None:
    address = f"{FORM}/dates/{known}"
    page = editor_client.get(address)
    spring = {"date": "2027-03-28", "time": "02:30"}
    for typed in ({"date": ""}, {"zone": "Nowhere"}, spring):
        answer = send(editor_client, address, page, **typed)
        assert (answer.status_code, len(problems(answer))) == (422, 1)
    gone = f"{FORM}/dates/00000000-0000-4000-8000-000000000000"
    assert editor_client.get(gone).status_code == 404


def test_what_readers_do_not_know_is_changed_without_a_word(
    db: Database, editor_client: Browser, known: str
) -> None:
    assert send(editor_client, FORM, texts__en__title="Heat again").status_code == 303
    with db.begin() as session:
        make_call(session, "A draft", publish_at=None)
        make_call(session, "No opening yet")
    assert send(editor_client, "/admin/calls/2", key_dates__0__date="2026-05-15").status_code == 303
    answer = send(editor_client, "/admin/calls/3", action="add:key_dates")
    new = {"key_dates__1__type": "opens", "key_dates__1__date": "2026-03-20"}
    assert send(editor_client, "/admin/calls/3", answer, **new).status_code == 303
    assert [event.type for event in events(db)][-1] == "date_set"
