"""The call form: key dates, money, reasons, and every way to type them wrong."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from feedsvc.calls import changes
from feedsvc.calls.models import Call
from feedsvc.content import history
from feedsvc.content.edits import TextEdit
from feedsvc.db import Database
from tests.builders import (
    ANA,
    deadline,
    make_call,
    make_cluster,
    make_organisation,
    make_programme,
    opening,
)
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.web.admin_forms import problems, send, shown, title, value

NEW = "/admin/calls/new"
CLOSES = {
    "key_dates__0__type": "submission",
    "key_dates__0__date": "2026-04-30",
    "key_dates__0__time": "17:00",
    "key_dates__0__zone": "Europe/Luxembourg",
}


def call(db: Database, number: int = 1) -> Call:
    with db.read() as session:
        found = session.get_one(Call, number)
        assert found.key_dates is not None
        assert found.translations
        return found


def test_a_whole_call_is_kept_as_typed(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_organisation(session, "Example Fund")
        make_programme(session, "Example Programme")
    answer = send(
        editor_client, NEW, **CLOSES,
        texts__en__title="Timber hybrids", texts__en__eligibility="- Companies",
        currency="eur", award_max="200 000", award_min="1.500,50", total_budget="2,000,000",
        cofinancing_max="62,5 %", expected_awards="12", aid_types=["grant", "loan"],
        applicants=["sme", "research"], geographies="LU, be", trl_min="5", trl_max="8",
        funders=["example-fund"], programme="example-programme", series="Timber", edition="3",
        reference="T-3", apply_url="https://fund.example/apply", contact_role="Wood desk",
        contact_email="wood@fund.example", documents__0__title="Rules",
        documents__0__url="https://fund.example/rules.pdf", clusters=["wood"],
    )  # fmt: skip
    assert answer.status_code == 303, problems(answer)
    kept = call(db)
    assert (kept.currency, kept.award_max, kept.award_min) == (
        "EUR",
        Decimal(200_000),
        Decimal("1500.50"),
    )
    assert (kept.total_budget, kept.cofinancing_max) == (Decimal(2_000_000), Decimal("62.5"))
    assert (kept.trl_min, kept.trl_max, kept.expected_awards) == (5, 8, 12)
    assert kept.geographies == ["BE", "LU"]
    assert kept.closes_at == dt.datetime(2026, 4, 30, 15, 0, tzinfo=dt.UTC)
    assert kept.documents == [{"title": "Rules", "url": "https://fund.example/rules.pdf"}]
    assert kept.translations[0].sections == {"eligibility": "- Companies"}


def test_an_unchanged_form_changes_nothing(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        organisation = make_organisation(session)
        made = make_call(
            session, funders=(organisation.slug,), award_max=Decimal(200_000), award_min=Decimal("0.5"),
            cofinancing_max=Decimal("62.5"), geographies=("LU",), applicants=("sme",),
            texts={"de": TextEdit(title="Wärme", sections={"funding": "Viel\n\nmehr"})},
            key_dates=(
                opening("2026-03-01"), deadline("2026-04-30", zone="AoE", labels={"de": "Skizze"}),
                deadline("2026-09-01", None, kind="decision", precision="quarter", certainty="estimated"),
                deadline("2026-06-01", None, kind="letter_of_intent", mandatory=False),
            ),
        )  # fmt: skip
    with db.read() as session:
        before = len(history.of(session, "call", made.id))
    answer = send(editor_client, f"/admin/calls/{made.id}")
    assert answer.status_code == 303, problems(answer)
    with db.read() as session:
        assert len(history.of(session, "call", made.id)) == before


def test_dates_come_and_go_without_a_script(editor_client: Browser) -> None:
    page = editor_client.get(NEW)
    assert value(page, "key_dates-0-zone") == "Europe/Luxembourg"
    one = send(editor_client, NEW, page, **CLOSES, action="add:key_dates")
    assert value(one, "key_dates-1-date") == ""
    two = send(editor_client, NEW, one, key_dates__1__type="decision", key_dates__1__date="2026-09-01",
               action="remove:key_dates-0")  # fmt: skip
    assert value(two, "key_dates-0-type") == "decision"
    assert value(two, "key_dates-0-date") == "2026-09-01"


def test_rows_that_a_script_numbered_with_gaps_are_read_in_order(
    db: Database, editor_client: Browser
) -> None:
    later = {name.replace("__0__", "__7__"): text for name, text in CLOSES.items()}
    answer = send(
        editor_client, NEW, texts__en__title="Heat", **later, key_dates__0__type="",
        key_dates__9__type="opens",
        key_dates__9__date="2026-04-01", key_dates__9__zone="AoE",
    )  # fmt: skip
    assert answer.status_code == 303, problems(answer)
    assert {date.type for date in call(db).key_dates} == {"opens", "submission"}


def test_each_date_says_how_it_is_read(editor_client: Browser) -> None:
    page = send(editor_client, NEW, **CLOSES, action="add:key_dates")
    assert "Thursday 30 April 2026, 17:00 (Luxembourg time) = 30 April 2026, 15:00 UTC" in page.text


def test_a_date_in_the_past_is_said(editor_client: Browser) -> None:
    page = send(editor_client, NEW, **CLOSES | {"key_dates__0__date": "2025-04-30"}, action="add:x")
    assert "15:00 UTC, in the past" in page.text


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"key_dates__0__date": "31/04/2026"}, "key_dates-0-date", "Enter a date like"),
        ({"key_dates__0__date": ""}, "key_dates-0-date", "Enter the date, or take this line away."),
        ({"key_dates__0__time": "25:00"}, "key_dates-0-time", "Enter a time like"),
        ({"key_dates__0__zone": "Mars"}, "key_dates-0-zone", "Choose a time zone"),
        ({"key_dates__0__zone": ""}, "key_dates-0-zone", "Choose a time zone"),
        ({"key_dates__0__type": ""}, "key_dates-0-type", "Choose what happens"),
        ({"key_dates__0__date": "1999-01-01"}, "key_dates-0-date", "year from 2000"),
        ({"key_dates__0__date": "2026-03-29", "key_dates__0__time": "02:30"}, "key_dates-0-time", "skip"),
        ({"award_max": "a lot"}, "award_max", "Enter the amount in figures"),
        ({"award_max": "200k"}, "award_max", "Enter the amount in figures"),
        ({"award_min": "300", "award_max": "200"}, "award_max", "below the smallest"),
        ({"cofinancing_max": "130"}, "cofinancing_max", "from 0 to 100"),
        ({"currency": "Euro"}, "currency", "currency code"),
        ({"trl_max": "12"}, "trl_max", "from 1 to 9"),
        ({"geographies": "Belgium"}, "geographies", "code of two letters"),
        ({"expected_awards": "some"}, "expected_awards", "whole number"),
        ({"apply_url": "javascript:alert(1)"}, "apply_url", "full web address"),
        ({"contact_email": "nobody"}, "contact_email", "e-mail address"),
        ({"deadline_model": "never"}, "deadline_model", "how the call closes"),
        ({"programme": "no-such"}, "programme", "choose again"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_kept(
    editor_client: Browser, typed: dict[str, str], field: str, words: str
) -> None:
    fields = {**CLOSES, "texts__en__title": "Heat", **typed}
    answer = send(editor_client, NEW, **fields)
    assert answer.status_code == 422
    assert title(answer).startswith("Error: ")
    assert list(problems(answer)) == [field]
    assert words in problems(answer)[field]
    assert f'id="{field}-problem"' in answer.text
    kept = {name.replace("__", "-"): text for name, text in fields.items()}
    choices = ("deadline_model", "programme")  # a list shows only what it has
    assert {n: value(answer, n) for n in kept if n not in choices} == {
        n: text for n, text in kept.items() if n not in choices
    }


def test_everything_wrong_is_said_at_once(editor_client: Browser) -> None:
    answer = send(editor_client, NEW, award_max="lots", key_dates__0__date="soon",
                  key_dates__0__type="submission")  # fmt: skip
    assert list(problems(answer)) == ["texts", "key_dates-0-date", "award_max"]


def test_a_problem_is_shown_in_the_row_where_it_was_typed(editor_client: Browser) -> None:
    """The domain counts the dates that were filled in; an empty row before must not shift it."""
    first = send(editor_client, NEW, texts__en__title="Heat", key_dates__0__type="",
                 action="add:key_dates")  # fmt: skip
    answer = send(
        editor_client, NEW, first, key_dates__1__type="submission", key_dates__1__date="2026-03-29",
        key_dates__1__time="02:30", key_dates__1__zone="Europe/Luxembourg",
    )  # fmt: skip
    assert list(problems(answer)) == ["key_dates-1-time"]


def test_a_deadline_before_the_opening_is_refused(editor_client: Browser) -> None:
    answer = send(
        editor_client, NEW, **CLOSES, texts__en__title="Heat", key_dates__1__type="opens",
        key_dates__1__date="2026-05-01", key_dates__1__zone="Europe/Luxembourg",
    )  # fmt: skip
    assert "not after the opening" in problems(answer)["key_dates-0-date"]


def test_a_draft_lacks_a_deadline_and_readers_never_see_that(
    db: Database, editor_client: Browser
) -> None:
    page = send(editor_client, NEW, texts__en__title="Heat", documents__0__title="Rules",
                texts__fr__summary="Chaleur")  # fmt: skip
    assert page.status_code == 303
    form = editor_client.get("/admin/calls/1")
    for place in ("key_dates", "documents-0-url", "texts-fr-title"):
        assert f'<a href="#{place}">' in form.text, place
    answer = editor_client.submit("/admin/calls/1/publish", {"when": "now"})
    assert answer.status_code == 422
    assert "Add a deadline" in answer.text
    assert call(db).publish_at is None
    send(editor_client, "/admin/calls/1", deadline_model="rolling", texts__fr__title="Chaleur",
         documents__0__url="https://fund.example/rules.pdf")  # fmt: skip
    assert {text.slug for text in call(db).translations} == {"heat", "chaleur"}
    assert editor_client.submit("/admin/calls/1/publish", {"when": "now"}).status_code == 303
    answer = send(editor_client, "/admin/calls/1", deadline_model="single_stage")
    assert list(problems(answer)) == ["key_dates"]


def test_a_call_without_dates_shows_none_and_can_be_saved(
    db: Database, editor_client: Browser
) -> None:
    with db.begin() as session:
        made = make_call(session, deadline_model="rolling", key_dates=())
    page = editor_client.get(f"/admin/calls/{made.id}")
    assert "key_dates-0-type" not in shown(page)
    answer = send(editor_client, f"/admin/calls/{made.id}", page, reference="R-1")
    assert answer.status_code == 303, problems(answer)
    assert "key_dates-0-type" in shown(editor_client.get(NEW))


def test_a_draft_is_not_asked_for_reasons(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        made = make_call(session, publish_at=None)
    assert "reasons-en-line" not in shown(editor_client.get(f"/admin/calls/{made.id}"))


def test_a_moved_date_stays_the_same_date(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        made = make_call(session)
    uid = call(db, made.id).key_dates[0].uid
    send(editor_client, f"/admin/calls/{made.id}", key_dates__0__date="2026-05-15",
         minor="y", moves_seen="y")  # fmt: skip
    moved = call(db, made.id).key_dates[0]
    assert (moved.uid, moved.sequence) == (uid, 1)


def test_an_example_stays_an_example(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        made = make_call(session, is_example=True)
    send(editor_client, f"/admin/calls/{made.id}", award_max="5")
    assert call(db, made.id).is_example


def test_a_cancelled_call_stays_and_says_so(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_call(session)
    answer = editor_client.submit("/admin/calls/1/cancel", {"reasons-en-line": "No budget."})
    assert answer.status_code == 303
    page = editor_client.get("/calls/reuse-of-process-heat")
    assert page.status_code == 200
    assert "No budget." in page.text


def test_a_preview_shows_page_feed_and_instants(editor_client: Browser) -> None:
    answer = send(editor_client, NEW, **CLOSES, texts__en__title="Heat", award_max="200000",
                  action="preview:en")  # fmt: skip
    assert answer.status_code == 200
    for words in ("€200,000", "In a feed reader", "How the dates are read", "30 April 2026, 15:00"):
        assert words in answer.text


def test_many_funders_are_found_by_words(db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        for number in range(45):
            make_organisation(session, f"Fund {number:02}")
    page = editor_client.get(NEW)
    assert "Fund 07" not in page.text
    found = send(editor_client, NEW, page, funders_find="fund 07", action="find")
    answer = send(editor_client, NEW, found, **CLOSES, texts__en__title="Heat", funders=["fund-07"])
    assert answer.status_code == 303
    assert [funder.slug for funder in call(db).funders] == ["fund-07"]


def test_before_publishing_an_editor_hears_what_is_missing(
    db: Database, editor_client: Browser
) -> None:
    with db.begin() as session:
        make_call(
            session, publish_at=None, key_dates=(deadline("2026-05-02"), deadline("2026-01-05"))
        )
    page = editor_client.get("/admin/calls/1/publish").text
    for words in ("falls on a weekend", "is in the past", "names no funder", "where to apply"):
        assert words in page


def test_a_call_is_deleted_when_its_readers_have_been_told_that_it_is_gone(
    db: Database, editor_client: Browser, clock: FixedClock
) -> None:
    with db.begin() as session:
        make_call(session, "Heat")
    answer = editor_client.submit("/admin/calls/1/delete", {})
    assert answer.status_code == 422
    assert "Take it off the site, which tells them" in answer.text
    editor_client.submit("/admin/calls/1/unpublish", {})
    assert editor_client.submit("/admin/calls/1/delete", {}).status_code == 422
    with db.begin() as session:
        changes.delete_call(session, 1, actor=ANA, now=clock() + dt.timedelta(days=1))
    assert editor_client.get("/admin/calls/1").status_code == 404
