"""Who gets into the admin: every route closed, every POST bound to its session, cookies strict."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask

from feedsvc.auth.models import Account
from feedsvc.auth.rules import Actor
from feedsvc.db import Database
from feedsvc.news.models import NewsItem
from feedsvc.web.admin import own_path, rights
from tests.builders import make_call, make_cluster, make_news
from tests.conftest import EDITOR_PASSWORD
from tests.support import team
from tests.support.client import SESSION_COOKIE, Browser
from tests.support.clock import NOW, FixedClock
from tests.support.statements import recorded
from tests.web.admin_forms import send, shown, value

SAMPLES = {
    "entry_id": 1, "part_id": 1, "mail_id": 1, "account_id": 1, "photo_id": 1, "document_id": 1,
    "number": 1, "token": "a.b", "uid": UUID(int=0),
}  # fmt: skip


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything under /admin, from the URL map itself."""
    found = []
    adapter = app.url_map.bind("agency.example")
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            values = {name: SAMPLES.get(name, "clusters") for name in rule.arguments}
            if "<any(news,calls):path>" in rule.rule:
                values["path"] = "calls"
            address = adapter.build(rule.endpoint, values)
            methods = sorted((rule.methods or set()) & {"GET", "POST"})
            found += [(rule.endpoint, method, address) for method in methods]
    return found


def test_every_route_is_closed_to_who_is_not_signed_in(
    app: Flask, client: Browser, editor: Actor
) -> None:
    closed = [route for route in routes(app) if not rights.is_open(route[0].removeprefix("admin."))]
    assert len(closed) > 40
    for endpoint, method, address in closed:
        answer = client.open(address, method=method)
        if method == "POST" and endpoint.endswith(("_new", "_edit")):
            assert answer.status_code == 401, endpoint
            assert "<h1>Sign in</h1>" in answer.text, endpoint
        else:
            assert answer.status_code == 303, endpoint
            assert answer.headers["Location"].startswith("/admin/sign-in"), endpoint


def test_every_post_without_its_token_is_refused_in_words(
    app: Flask, editor_client: Browser
) -> None:
    posts = [address for _, method, address in routes(app) if method == "POST"]
    assert len(posts) > 15
    for address in posts:
        if address.endswith("/sign-in"):
            continue
        answer = editor_client.post(address, data={"csrf_token": "made up"})
        assert answer.status_code == 400, address
        assert "nothing was changed" in answer.text, address


def test_the_sign_in_form_carries_a_token_too(client: Browser, editor: Actor) -> None:
    answer = client.post("/admin/sign-in", data={"email": "a@b.example", "password": "x"})
    assert answer.status_code == 400


def test_an_editor_reaches_every_page(app: Flask, db: Database, editor_client: Browser) -> None:
    with db.begin() as session:
        make_call(session)
        make_news(session)
        make_cluster(session)
    for address in ("/admin/", "/admin/news/", "/admin/news/new", "/admin/news/2", "/admin/calls/",
                    "/admin/calls/new", "/admin/calls/1", "/admin/clusters/", "/admin/clusters/1",
                    "/admin/organisations/", "/admin/organisations/new", "/admin/programmes/new",
                    "/admin/outbox/", "/admin/password", "/admin/calls/1/history"):  # fmt: skip
        assert editor_client.get(address).status_code == 200, address


def test_an_account_without_a_role_that_edits_is_refused(
    db: Database, editor: Actor, editor_client: Browser
) -> None:
    with db.begin() as session:
        session.get_one(Account, editor.id).role = "guest"
    assert editor_client.get("/admin/").status_code == 403


def test_signing_in_leads_to_the_page_that_was_asked_for(client: Browser, editor: Actor) -> None:
    answer = client.get("/admin/calls/?state=draft")
    assert answer.headers["Location"] == "/admin/sign-in?next=/admin/calls/?state%3Ddraft"
    answer = sign_in(client, page=answer.headers["Location"])
    assert answer.headers["Location"] == "/admin/calls/?state=draft"
    assert client.get("/admin/calls/?state=draft").status_code == 200


def test_the_session_cookie_is_strict(client: Browser, editor: Actor) -> None:
    cookies = sign_in(client).headers.getlist("Set-Cookie")
    cookie = next(c for c in cookies if c.startswith(SESSION_COOKIE + "="))
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie


def test_signing_in_begins_a_session_that_no_browser_brought(
    client: Browser, editor: Actor
) -> None:
    client.sign_in("chosen-by-a-stranger")
    sign_in(client)
    cookie = client.get_cookie(SESSION_COOKIE, domain="agency.example")
    assert cookie is not None
    assert cookie.value != "chosen-by-a-stranger"


def test_nobody_learns_by_answer_or_effort_who_has_an_account(
    app: Flask, db: Database, client: Browser
) -> None:
    """Wrong passwords, for who is unknown, known, shut out, invited, or has a second step."""
    efforts, answers = [], set()
    people = {name: team.join(db, name, now=NOW) for name in ("Known", "Shut", "Asked", "Coded")}
    with db.begin() as session:
        session.get_one(Account, people["Shut"].id).disabled_at = NOW
        session.get_one(Account, people["Asked"].id).password_hash = ""
        session.get_one(Account, people["Coded"].id).totp_since = NOW
    page = client.get("/admin/sign-in")
    for name in ("nobody", *people):
        email = f"{name.lower()}@agency.example"
        with recorded(app.extensions["feedsvc"].db) as statements:
            answer = send(client, "/admin/sign-in", page, email=email, password="not the one")
        assert "not the one" not in answer.text
        answers.add((answer.status_code, masked(answer.text.replace(email, "…"))))
        efforts.append(tuple(statements))
    assert {status for status, _ in answers} == {401}
    assert len(answers) == 1
    assert len(set(efforts)) == 1


def test_too_many_tries_are_answered_with_a_time_to_wait(
    client: Browser, editor: Actor, clock: FixedClock
) -> None:
    for _ in range(10):
        sign_in(client, password="not the password")
    answer = sign_in(client)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "300"
    clock.advance(minutes=6)
    assert sign_in(client).status_code == 303


def test_signing_out_ends_the_session_on_the_server(editor_client: Browser) -> None:
    cookie = editor_client.get_cookie(SESSION_COOKIE, domain="agency.example")
    assert cookie is not None
    assert editor_client.submit("/admin/sign-out", {}, page="/admin/").status_code == 303
    editor_client.sign_in(cookie.value)
    assert editor_client.get("/admin/").status_code == 303


def test_a_new_password_is_asked_for_twice_known(editor_client: Browser) -> None:
    answer = editor_client.submit("/admin/password", {"old": "guess", "new": "a much better one"})
    assert answer.status_code == 422
    assert "This is not your present password." in answer.text
    answer = editor_client.submit(
        "/admin/password", {"old": EDITOR_PASSWORD, "new": "a much better one"}
    )
    assert answer.status_code == 303
    assert editor_client.get("/admin/").status_code == 200


def test_the_present_password_cannot_be_guessed_from_an_open_session(
    editor_client: Browser,
) -> None:
    for _ in range(10):
        editor_client.submit("/admin/password", {"old": "guess", "new": "a much better one"})
    right = {"old": EDITOR_PASSWORD, "new": "a much better one"}
    assert editor_client.submit("/admin/password", right).status_code == 429


def test_what_was_typed_outlives_the_session(db: Database, client: Browser, editor: Actor) -> None:
    typed = {"texts-en-title": "Heat twice", "texts-en-body": "Two\r\nlines", "csrf_token": "old"}
    answer = client.post("/admin/news/new", data=typed)
    assert answer.status_code == 401
    assert "what you typed is still there" in answer.text
    wrong = send(client, "/admin/sign-in", answer, email="ana@agency.example", password="wrong one")
    answer = send(
        client, "/admin/sign-in", wrong, email="ana@agency.example", password=EDITOR_PASSWORD
    )
    assert answer.status_code == 307  # a browser sends the same once more, to:
    assert answer.headers["Location"] == "/admin/news/new"
    held = client.post("/admin/news/new", data=shown(wrong) | {"password": EDITOR_PASSWORD})
    assert held.status_code == 400
    assert EDITOR_PASSWORD not in held.text
    page = send(client, "/admin/news/new", held, action="find")
    assert page.status_code == 200
    assert value(page, "texts-en-body") == "Two\nlines"
    with db.read() as session:
        assert session.get(NewsItem, 1) is None
    assert send(client, "/admin/news/new", page).status_code == 303


def test_pages_of_the_admin_are_kept_by_no_cache(editor_client: Browser) -> None:
    assert editor_client.get("/admin/").headers["Cache-Control"] == "no-store"


def test_public_pages_set_no_cookie_even_for_an_editor(editor_client: Browser) -> None:
    answer = editor_client.get("/")
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_the_admin_speaks_the_language_that_was_chosen(editor_client: Browser) -> None:
    answer = editor_client.submit("/admin/language", {"language": "fr"}, page="/admin/news/")
    assert answer.headers["Location"] == "/admin/news/"
    assert '<html lang="fr">' in editor_client.get("/admin/").text


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/admin/" + "a" * 4000 + "!", "/admin/../evil", "javascript:x",
     "/calls/", "/adminx/", "/admin/%0d%0aX", "/admin//evil.example@x", "\t/admin/", "/admin",
     "/admin/?next=https://evil.example", "", None],
)  # fmt: skip
def test_only_an_own_path_is_followed_after_signing_in(app: Flask, address: str | None) -> None:
    with app.test_request_context("/admin/sign-in"):
        followed = own_path.of(address)
    assert followed == "/admin/" or re.fullmatch(r"/admin/[\w/.?=-]*", followed)
    assert "evil.example" not in followed.replace("/admin//evil.example", "")


def sign_in(
    client: Browser,
    page: str = "/admin/sign-in",
    email: str = "ana@agency.example",
    password: str = EDITOR_PASSWORD,
) -> object:
    return client.submit("/admin/sign-in", {"email": email, "password": password}, page=page)


def masked(text: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", text)
