"""Every address of the admin and of the API, for every role, with entries in every state.

The table below is written by hand and says who reaches what; the requests go through the real
guard, and are stopped behind it: so nothing changes, and thousands of cases take seconds. A route
that is in the map and not in the table fails, also one that is added tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from lxml import html

from feedsvc.app import create_app
from feedsvc.auth.rules import ADMINISTRATOR, AUTHOR, CLUSTER_EDITOR, EDITOR, RIGHTS, Actor
from feedsvc.content import publication
from feedsvc.content.models import Entry
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.web.admin import rights
from tests.builders import BEGINNING, make_call, make_cluster, make_news
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.databases import Backends

ROLES = (ADMINISTRATOR, EDITOR, CLUSTER_EDITOR, AUTHOR)
ALL, EDITORS, ADMINISTRATORS = ROLES, (ADMINISTRATOR, EDITOR), (ADMINISTRATOR,)
STATES = ("draft", "review", "rejected", "scheduled", "published", "withdrawn")
# Whose the entry is: of nobody here, the author's own, of the editor's cluster, of that and another.
# To administrators and editors it is all the same: they are asked about the first only.
WHOSE = ("nobody", "author", "cluster", "shared")

# Who reaches an address that is about no entry; a visitor reaches only what is for anyone.
ANYONE = (
    "sign_in", "language", "forgot", "invitation", "reset", "code", "passkey", "setup",
    "openid_start", "openid_back",
)  # fmt: skip
PLACES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("sign_out", "password", "dashboard", "confirm"), ALL),
    **dict.fromkeys(("two_step", "two_step_codes", "two_step_off"), ALL),
    **dict.fromkeys(("sessions", "sessions_end", "tokens", "token_new", "token_revoke"), ALL),
    **dict.fromkeys(("passkeys", "passkey_add", "passkey_remove"), ALL),
    **dict.fromkeys(("openid", "openid_link", "openid_keep"), ALL),
    **dict.fromkeys(("openid_remove", "openid_confirm"), ALL),
    **dict.fromkeys(("news", "news_new", "calls", "call_new", "jump", "keys"), ALL),
    **dict.fromkeys(("new_keep", "new_drop"), ALL),
    **dict.fromkeys(("list_table", "list_workbook", "list_view_save", "list_view_remove"), ALL),
    # What may be done to each entry is asked behind the guard: see test_admin_bulk.py.
    **dict.fromkeys(("bulk", "bulk_delete", "bulk_done", "bulk_undo"), ALL),
    # Whose picture or document it is, is asked behind the guard: see test_admin_media.py.
    **dict.fromkeys(("media", "media_file", "photo_edit", "photo_delete"), ALL),
    **dict.fromkeys(("documents", "document_edit", "document_delete"), ALL),
    **dict.fromkeys(("news_new_beside", "call_new_beside"), ALL),
    **dict.fromkeys(("parts", "part_new", "part_edit", "part_delete", "part_history"), EDITORS),
    **dict.fromkeys(("outbox", "mail", "mail_html", "mail_source", "mail_retry"), EDITORS),
    **dict.fromkeys(("mail_hasten", "suppressions", "lift"), EDITORS),
    **dict.fromkeys(("log", "log_table"), ADMINISTRATORS),
    "insight": EDITORS,
    **dict.fromkeys(("settings_edit", "settings_look_edit", "settings_mail_edit"), ADMINISTRATORS),
    **dict.fromkeys(("settings_mail_test", "checklist_hide", "demo_away"), ADMINISTRATORS),
    **dict.fromkeys(("accounts", "account_new", "account_edit"), ADMINISTRATORS),
    **dict.fromkeys(("account_tokens", "account_token_revoke"), ADMINISTRATORS),
    **dict.fromkeys(
        ("account_invite", "account_shut", "account_open", "account_two_step_off"), ADMINISTRATORS
    ),
}

Case = tuple[str, str, str]  # role, state, whose
WHOLE: set[Case] = {
    *((role, state, whose) for role in EDITORS for state in STATES for whose in WHOSE),
    *((CLUSTER_EDITOR, state, "cluster") for state in STATES),
}
SEEN = WHOLE | {(AUTHOR, state, "author") for state in STATES}
DRAFTED = WHOLE | {(AUTHOR, "draft", "author")}
DELETED = DRAFTED | {(AUTHOR, "rejected", "author")}
SUBMITTED = DRAFTED | {(AUTHOR, "review", "author")}
# Who reaches an address of an entry: by looking, and by sending its form.
ENTRIES: dict[str, tuple[set[Case], set[Case]]] = {
    "news_edit": (SEEN, DRAFTED),
    "call_edit": (SEEN, DRAFTED),
    "news_beside": (SEEN, SEEN),
    "call_beside": (SEEN, SEEN),
    "news_preview": (SEEN, set()),
    "call_preview": (SEEN, set()),
    "call_duplicate": (SEEN, SEEN),
    "history_of": (SEEN, set()),
    "previews_of": (SEEN, set()),
    "news_delete": (DELETED, DELETED),
    "call_delete": (DELETED, DELETED),
    "entry_submit": (SUBMITTED, SUBMITTED),
    "entry_take_back": (set(), SUBMITTED),
    "entry_review": (WHOLE, WHOLE),
    "revisions": (SEEN, set()),
    "revision": (SEEN, DRAFTED),
    "entry_keep": (set(), DRAFTED),
    "entry_drop": (set(), DRAFTED),
    "entry_here": (set(), DRAFTED),
    "news_publish": (WHOLE, WHOLE),
    "call_publish": (WHOLE, WHOLE),
    "news_unpublish": (WHOLE, WHOLE),
    "call_unpublish": (WHOLE, WHOLE),
    "call_cancel": (WHOLE, WHOLE),
    "call_move": (WHOLE, WHOLE),
    "call_told": (WHOLE, set()),
    "call_told_count": (WHOLE, WHOLE),
    "call_told_table": (WHOLE, set()),
}
SAMPLES = {
    "part_id": 1, "mail_id": 1, "account_id": 1, "digest": "00", "path": "clusters",
    "photo_id": 1, "document_id": 1, "name": "00.webp", "number": 1, "uid": UUID(int=0),
}  # fmt: skip
REACHED = 299


@dataclass(frozen=True)
class House:
    """The app behind whose guard nothing happens, its people, and the entries by kind and case."""

    app: Flask
    people: dict[str, Browser]
    tokens: dict[str, str]
    entries: dict[Case, int]  # by kind, state, whose
    uids: dict[tuple[str, str], str]  # of the calls, by state and whose

    def reaches(self, role: str, endpoint: str, method: str, **entry: Any) -> int:
        """The status of the answer."""
        address = self.address(endpoint, **entry)
        data = {"csrf_token": self.tokens.get(role, "")} if method == "POST" else None
        return self.people[role].open(address, method=method, data=data).status_code

    def address(self, endpoint: str, **entry: Any) -> str:
        rule = next(self.app.url_map.iter_rules(f"admin.{endpoint}"))
        wanted = {name: {**SAMPLES, **entry}[name] for name in rule.arguments}
        return self.app.url_map.bind("agency.example").build(rule.endpoint, wanted)


@pytest.fixture(scope="module")
def house(_backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """SQLite is enough: what is asked of the database here is to find one entry."""
    for url in _backends["sqlite"].fresh():
        settings = Settings(
            instance_path=tmp_path_factory.mktemp("matrix"), database_url=url,
            base_url="https://agency.example", secret_key="known to every test",
        )  # fmt: skip
        app = create_app(settings, clock=FixedClock())
        app.test_client_class = Browser
        db: Database = app.extensions["feedsvc"].db
        people, entries = furnish(app, db)
        tokens = {role: token(one) for role, one in people.items() if role != "visitor"}
        stop_behind_the_guard(app)
        yield House(app, people, tokens, entries, uids_of(db, entries))
        db.close()


def furnish(app: Flask, db: Database) -> tuple[dict[str, Browser], dict[Any, int]]:
    with db.begin() as session:
        for name in ("health", "wood"):
            make_cluster(session, slug=name)
    members = {
        role: team.join(
            db, f"The-{role}", role, clusters=[1] if role == CLUSTER_EDITOR else (), now=BEGINNING
        )
        for role in ROLES
    }
    people = {
        role: team.browser(app, db, person, now=BEGINNING) for role, person in members.items()
    }
    visitor = app.test_client()
    assert isinstance(visitor, Browser)
    with db.begin() as session:
        entries = {
            (kind, state, whose): make(session, members[AUTHOR], kind, state, whose)
            for kind in ("news", "call")
            for state in STATES
            for whose in WHOSE
        }
    return {**people, "visitor": visitor}, entries


def uids_of(db: Database, entries: dict[Case, int]) -> dict[tuple[str, str], str]:
    with db.read() as session:
        return {
            (state, whose): session.get_one(Entry, number).uid
            for (kind, state, whose), number in entries.items()
            if kind == "call"
        }


def make(session: Any, author: Actor, kind: str, state: str, whose: str) -> int:
    clusters = {"cluster": ("health",), "shared": ("health", "wood")}.get(whose, ())
    build = make_call if kind == "call" else make_news
    entry: Entry = build(session, f"{state} {whose}", publish_at=None, clusters=clusters)
    entry.created_by = author.id if whose == "author" else None
    entry.review = {"review": "asked", "rejected": "rejected"}.get(state, "")
    later = {"scheduled": timedelta(days=1), "published": timedelta(0), "withdrawn": timedelta(0)}
    if state in later:
        at = BEGINNING + later[state]
        publication.publish(session, entry.id, at=at, actor=author, now=BEGINNING)
    if state == "withdrawn":
        publication.unpublish(session, entry.id, actor=author, now=BEGINNING)
    return entry.id


def token(browser: Browser) -> str:
    page = html.fromstring(browser.get("/admin/password").text)
    return str(page.xpath("//input[@name='csrf_token']/@value")[0])


def stop_behind_the_guard(app: Flask) -> None:
    for endpoint in app.view_functions:
        if endpoint.startswith("admin."):
            app.view_functions[endpoint] = lambda **_: ("", REACHED)


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule.endpoint.removeprefix("admin."), method


def test_every_route_has_a_rule_and_a_line_in_this_table(house: House) -> None:
    known = {endpoint for endpoint, _ in routes(house.app)}
    assert set(rights.NEEDS) == known
    assert {*ANYONE, *PLACES, *ENTRIES} == known
    assert set(RIGHTS) == set(ROLES)


def test_every_place_is_reached_by_the_roles_of_the_table_only(house: House) -> None:
    wrong = []
    for endpoint, method in routes(house.app):
        if endpoint in ENTRIES or endpoint in ANYONE:
            continue
        for role in house.people:
            expected = REACHED if role in PLACES[endpoint] else 403
            if role == "visitor":
                expected = 401 if method == "POST" and endpoint.endswith(("_new", "_edit")) else 303
            path = "news" if endpoint.startswith(("new_", "bulk", "list_")) else "clusters"
            got = house.reaches(role, endpoint, method, path=path)
            if got != expected:
                wrong.append((endpoint, method, role, got, expected))
    assert wrong == []


def test_every_entry_is_reached_by_the_roles_of_the_table_only(house: House) -> None:
    wrong, asked = [], 0
    for endpoint, method in routes(house.app):
        if endpoint not in ENTRIES:
            continue
        reached = ENTRIES[endpoint][method == "POST"]
        kind = "news" if endpoint.startswith("news") else "call"
        for (of, state, whose), entry_id in house.entries.items():
            if of != kind:
                continue
            for role in ROLES if whose == "nobody" else (CLUSTER_EDITOR, AUTHOR):
                case = (role, state, whose)
                expected = REACHED if case in reached else 403 if case in SEEN else 404
                got = house.reaches(role, endpoint, method, entry_id=entry_id, path="calls")
                asked += 1
                if got != expected:
                    wrong.append((endpoint, method, *case, got, expected))
    assert wrong == []
    assert asked > 900


def test_no_visitor_learns_which_entries_there_are(house: House) -> None:
    for number in (1, 10_000):
        assert house.reaches("visitor", "call_edit", "GET", entry_id=number) == 303


@pytest.mark.parametrize("role", ["visitor", *ROLES])
def test_the_interface_for_programs_knows_what_is_public_whoever_asks(
    house: House, role: str
) -> None:
    browser = house.people[role]
    listed = browser.get("/common-grants/opportunities").get_json()["items"]
    assert {one["title"].partition(" ")[0] for one in listed} == {"published"}
    assert len(listed) == len(WHOSE)
    for (state, whose), uid in house.uids.items():
        status = browser.get(f"/common-grants/opportunities/{uid}").status_code
        assert status == {"published": 200, "withdrawn": 410}.get(state, 404), (state, whose)
