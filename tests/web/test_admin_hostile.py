"""Junk in every field of every form: an answer in words, never a stumble."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from feedsvc.auth.models import SignInAttempt
from feedsvc.db import Database
from tests.builders import make_call, make_cluster, make_news, make_organisation, make_programme
from tests.support.client import Browser
from tests.web.admin_forms import shown

JUNK = ("\x00", "x" * 3000, "😀" * 400, "9" * 30, "-1", "٣٤", "1e999", "NaN", "'; --", "\ufffe\x07",
        "<script>alert(1)</script>", "../../etc", "{{ 7*7 }}", "%(x)s %s %", "\u202eevil", " ")  # fmt: skip
FORMS = (
    "/admin/calls/new", "/admin/calls/1", "/admin/news/new", "/admin/news/2", "/admin/clusters/new",
    "/admin/clusters/1", "/admin/organisations/1", "/admin/programmes/1", "/admin/calls/1/publish",
    "/admin/calls/1/cancel", "/admin/password",
)  # fmt: skip
LISTS = ("/admin/calls/?q={}&page={}&state={}", "/admin/outbox/?q={}&before={}&state={}",
         "/admin/calls/1/preview?language={}", "/admin/sign-in?next={}")  # fmt: skip


@pytest.fixture
def filled(db: Database) -> None:
    with db.begin() as session:
        make_call(session)
        make_news(session)
        make_cluster(session)
        make_organisation(session)
        make_programme(session)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("address", FORMS)
def test_junk_in_every_field_is_answered_in_words(
    editor_client: Browser, db: Database, address: str
) -> None:
    fields = shown(editor_client.get(address))
    for number, junk in enumerate(JUNK):
        with db.begin() as session:  # junk for a password is a guess, and guesses are counted
            session.execute(delete(SignInAttempt))
        typed = {name: text if name == "csrf_token" else junk for name, text in fields.items()}
        action = ("save", "save", f"add:{junk}", "find", "preview:en")[number % 5]
        answer = editor_client.post(address, data={**typed, "action": action})
        assert answer.status_code in (200, 303, 400, 409, 422), (action, junk[:20])
        assert "alert(1)</script>" not in answer.text


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("junk", JUNK)
def test_junk_in_an_address_is_answered_in_words(editor_client: Browser, junk: str) -> None:
    for pattern in LISTS:
        answer = editor_client.get(pattern.replace("{}", junk.replace("%", "%25")))
        assert answer.status_code in (200, 303, 400), (pattern, junk[:20])


@pytest.mark.parametrize("number", [0, 10**12, 10**19, 10**40])
@pytest.mark.parametrize("place", ["calls", "news", "clusters", "outbox"])
def test_a_number_that_names_nothing_is_not_found(
    editor_client: Browser, place: str, number: int
) -> None:
    assert editor_client.get(f"/admin/{place}/{number}").status_code == 404


@pytest.mark.usefixtures("filled")
def test_a_photo_that_is_none_is_refused(editor_client: Browser) -> None:
    fields = shown(editor_client.get("/admin/news/2"))
    fields["photo_id"] = "77"
    fields["photo_credit"], fields["texts-en-photo_alt"] = "Staff", "A pipe"
    answer = editor_client.post("/admin/news/2", data=fields | {"action": "save"})
    assert answer.status_code == 422
    assert "Choose it again" in answer.text


@pytest.mark.usefixtures("filled")
def test_a_line_that_no_column_holds_is_refused_with_its_length(editor_client: Browser) -> None:
    fields = shown(editor_client.get("/admin/calls/1"))
    fields["edition"] = "x" * 61
    answer = editor_client.post("/admin/calls/1", data=fields | {"action": "save"})
    assert answer.status_code == 422
    assert "Shorten this to 60 characters." in answer.text
