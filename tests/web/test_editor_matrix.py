"""Every request of the API for editors, for every role and scope, with entries in every state.

As for the admin, the table is written by hand and says who reaches what; an operation that is not in
it fails, also one that is added tomorrow. What is sent is wrong on purpose, and refused behind the
gate only: so nothing changes. The admin's matrix asks the same function of rights about every state
of everybody's entries; here are the cases that tell its answers apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from feedsvc import tokens
from feedsvc.app import create_app
from feedsvc.auth.access.models import AccessToken
from feedsvc.auth.access.rules import CHANGE_PARTS, MEDIA, PUBLISH, READ, SCOPES, WRITE
from feedsvc.auth.rules import ADMINISTRATOR, AUTHOR, CLUSTER_EDITOR, EDITOR
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.desk import revisions
from feedsvc.content.media.models import Document
from feedsvc.content.models import Cluster, Entry, Organisation, Photo, Programme
from feedsvc.db import Database
from feedsvc.settings import Settings
from feedsvc.web.api.editor.openapi import BASE
from feedsvc.web.api.editor.operation import KINDS, Operation
from feedsvc.web.api.editor.operations import OPERATIONS
from tests.builders import BEGINNING, make_cluster, make_organisation, make_programme
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.databases import Backends
from tests.web.test_admin_matrix import (
    ALL,
    DELETED,
    DRAFTED,
    EDITORS,
    ROLES,
    SEEN,
    SUBMITTED,
    WHOLE,
    Case,
    make,
)

# These are nobody's whom others than editors know: to them it says 404.
LIBRARY = ("photo", "document")
# What is about no entry: the scope that it takes, and the roles that reach it.
PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(("whoami", "list_calls", "list_news"), (READ, ALL)),
    **dict.fromkeys(("list_clusters", "list_organisations", "list_programmes"), (READ, ALL)),
    **dict.fromkeys(("get_cluster", "get_organisation", "get_programme"), (READ, ALL)),
    **dict.fromkeys(("list_pages", "get_page"), (READ, ALL)),
    **dict.fromkeys(("history_of_cluster", "history_of_organisation"), (READ, EDITORS)),
    **dict.fromkeys(("history_of_programme", "history_of_page"), (READ, EDITORS)),
    **dict.fromkeys(("create_call", "create_news_item"), (WRITE, ALL)),
    **dict.fromkeys(
        (f"{verb}_{part}" for verb in ("create", "replace", "change", "delete")
         for part in ("cluster", "organisation", "programme")),
        (CHANGE_PARTS, EDITORS),
    ),
    **dict.fromkeys(("replace_page", "change_page"), (CHANGE_PARTS, EDITORS)),
    **dict.fromkeys(("upload_photo", "upload_document"), (MEDIA, ALL)),
    **dict.fromkeys(("list_photos", "list_documents"), (READ, ALL)),
    **dict.fromkeys(
        (f"{verb}_{one}" for verb in ("get", "uses_of", "history_of") for one in LIBRARY),
        (READ, EDITORS),
    ),
    **dict.fromkeys(
        (f"{verb}_{one}" for verb in ("replace", "change", "delete") for one in LIBRARY),
        (MEDIA, EDITORS),
    ),
}  # fmt: skip
# What is about an entry: the scope, and who reaches it. Of what readers see, or will, it also takes
# the scope `publish` to write.
ENTRIES: dict[str, tuple[str, set[Case]]] = {
    **dict.fromkeys(("get_call", "get_news_item"), (READ, SEEN)),
    **dict.fromkeys(("history_of_call", "history_of_news_item"), (READ, SEEN)),
    **dict.fromkeys(("list_key_dates", "get_key_date"), (READ, SEEN)),
    **dict.fromkeys(("remarks_on_call", "remarks_on_news_item"), (READ, SEEN)),
    **dict.fromkeys(("versions_of_call", "versions_of_news_item"), (READ, SEEN)),
    **dict.fromkeys(("version_of_call", "version_of_news_item"), (READ, SEEN)),
    **dict.fromkeys(("restore_call", "restore_news_item"), (WRITE, DRAFTED)),
    "duplicate_call": (WRITE, SEEN),
    "impact_of_key_date": (READ, WHOLE),
    **dict.fromkeys(("keep_call", "keep_news_item"), (PUBLISH, WHOLE)),
    **dict.fromkeys(("replace_call", "replace_news_item"), (WRITE, DRAFTED)),
    **dict.fromkeys(("change_call", "change_news_item"), (WRITE, DRAFTED)),
    **dict.fromkeys(("create_key_date", "replace_key_date"), (WRITE, DRAFTED)),
    **dict.fromkeys(("change_key_date", "delete_key_date"), (WRITE, DRAFTED)),
    **dict.fromkeys(("delete_call", "delete_news_item"), (WRITE, DELETED)),
    **dict.fromkeys(("publish_call", "publish_news_item"), (PUBLISH, WHOLE)),
    **dict.fromkeys(("submit_call", "submit_news_item"), (WRITE, SUBMITTED)),
    **dict.fromkeys(("take_back_call", "take_back_news_item"), (WRITE, SUBMITTED)),
    **dict.fromkeys(("review_call", "review_news_item"), (PUBLISH, WHOLE)),
    **dict.fromkeys(("withdraw_call", "withdraw_news_item", "cancel_call"), (PUBLISH, WHOLE)),
}
# Administrators have the tokens that are asked about scopes, and reach everything with them.
ASKED = (EDITOR, CLUSTER_EDITOR, AUTHOR)
# Whose entry is asked about, in which states, by whom.
CASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "nobody": (("draft",), ASKED),
    "author": (("draft", "rejected"), (AUTHOR,)),
    "cluster": (("published",), (CLUSTER_EDITOR,)),
    "shared": (("draft",), (CLUSTER_EDITOR,)),
}
# States of nobody's entries, and whether to write there also takes the scope `publish`.
ALSO_PUBLISH = {"rejected": False, "scheduled": True, "published": True, "withdrawn": True}
REACHED = (200, 412, 422)
WRONG = {"nonsense": True}
A_TAG_THAT_NEVER_WAS = '"999999"'


@dataclass
class House:
    app: Flask
    clock: FixedClock
    browser: Browser
    secrets: dict[str, str]  # by role: of a token that is good for everything
    single: dict[str, str]  # by scope: an administrator's that is good for this alone
    lacking: dict[str, str]  # and one that is good for everything but this
    places: dict[tuple[str, str, str], dict[str, str]]  # of entries: what addresses name
    parts: dict[str, str]
    asked: dict[str, int] = field(default_factory=dict)

    def status(self, operation: Operation, secret: str | None, **path: str) -> int:
        """The status of the answer. Tokens may ask 300 times a minute: minutes pass."""
        self.asked[secret or ""] = self.asked.get(secret or "", 0) + 1
        if self.asked[secret or ""] % 299 == 0:
            self.clock.advance(minutes=1)
        headers = {"If-Match": A_TAG_THAT_NEVER_WAS} if operation.method != "GET" else {}
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        sent: dict[str, Any] = {}
        if operation.takes_file:
            kind = KINDS[operation.takes_file][0]
            sent = {"data": b"neither photo nor document", "content_type": kind}
        elif operation.takes:
            sent = {"json": WRONG}
        address = BASE + operation.path.format(**path)
        answer = self.browser.open(address, method=operation.method, headers=headers, **sent)
        return answer.status_code


@pytest.fixture(scope="module")
def house(_backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """SQLite is enough: what is asked of the database here is to find one row."""
    for url in _backends["sqlite"].fresh():
        settings = Settings(
            instance_path=tmp_path_factory.mktemp("matrix"), database_url=url,
            base_url="https://agency.example", secret_key="known to every test",
        )  # fmt: skip
        clock = FixedClock()
        app = create_app(settings, clock=clock)
        app.test_client_class = Browser
        db: Database = app.extensions["feedsvc"].db
        browser = app.test_client()
        assert isinstance(browser, Browser)
        yield furnished(app, db, clock, browser)
        db.close()


def furnished(app: Flask, db: Database, clock: FixedClock, browser: Browser) -> House:
    with db.begin() as session:
        for name in ("health", "wood"):
            make_cluster(session, slug=name)
        make_organisation(session)
        make_programme(session)
        session.add(Photo(name="x.webp", width=1, height=1, bytes=1, created_at=BEGINNING))
        session.add(
            Document(name="x.pdf", kind="pdf", checksum="0", bytes=1, created_at=BEGINNING)
        )  # fmt: skip
    people = {
        role: team.join(
            db, f"The-{role}", role, clusters=[1] if role == CLUSTER_EDITOR else (), now=BEGINNING
        )
        for role in ROLES
    }
    secrets = {role: key(db, people[role].id or 0, SCOPES) for role in ROLES}
    chief = people[ADMINISTRATOR].id or 0
    single = {scope: key(db, chief, (scope,)) for scope in SCOPES}
    lacking = {one: key(db, chief, tuple(s for s in SCOPES if s != one)) for one in SCOPES}
    with db.begin() as session:
        numbers = {
            (kind, state, whose): make(session, people[AUTHOR], kind, state, whose)
            for kind in ("news", "call") for whose, state in furniture()
        }  # fmt: skip
    with db.read() as session:
        places = {}
        for case, number in numbers.items():
            date = session.scalar(select(KeyDate.uid).where(KeyDate.call_id == number))
            uid = session.get_one(Entry, number).uid
            newest = revisions.newest(session, case[0], number)
            places[case] = {"uid": uid, "date": date or "", "number": str(newest)}
        parts = {
            kind.__tablename__: session.scalars(select(kind.uid)).first() or ""
            for kind in (Cluster, Organisation, Programme)
        }
    return House(app, clock, browser, secrets, single, lacking, places, parts)


def furniture() -> list[tuple[str, str]]:
    cases = [(whose, state) for whose, (states, _) in CASES.items() for state in states]
    return [*cases, *(("nobody", state) for state in ALSO_PUBLISH)]


def key(db: Database, account_id: int, scopes: tuple[str, ...]) -> str:
    """A token made past the form: as if its account had once had a role that may do everything."""
    secret = tokens.secret()
    with db.begin() as session:
        session.add(
            AccessToken(
                account_id=account_id, name="matrix", hint="feedsvc_", scopes=list(scopes),
                digest=tokens.digest(secret), created_at=BEGINNING, counted_since=BEGINNING,
                expires_at=BEGINNING + timedelta(days=1),
            )
        )  # fmt: skip
    return secret


def place(house: House, operation: Operation) -> dict[str, str]:
    """Of a part or a photo: what its address names."""
    uid = house.parts.get(operation.thing.name, "") if operation.thing else ""
    return {"uid": uid, "name": "about", "photo": "1", "document": "1", "number": "0"}


def draft(house: House, operation: Operation) -> dict[str, str]:
    """What its address names, of an entry a draft."""
    if operation.id not in ENTRIES:
        return place(house, operation)
    return house.places[kind_of(operation), "draft", "nobody"]


def of_entries() -> list[Operation]:
    return [operation for operation in OPERATIONS if operation.id in ENTRIES]


def kind_of(operation: Operation) -> str:
    assert operation.thing is not None
    return operation.thing.name


def test_every_operation_has_a_line_in_this_table_and_every_route_an_operation(
    house: House,
) -> None:
    assert sorted(operation.id for operation in OPERATIONS) == sorted({*PLACES, *ENTRIES})
    paths = {BASE + o.path.replace("{", "<").replace("}", ">") for o in OPERATIONS}
    rules = {r.rule for r in house.app.url_map.iter_rules() if r.rule.startswith("/api/editor")}
    assert rules - paths == {f"{BASE}/openapi.json", f"{BASE}/<path:rest>"}
    assert paths - rules == set()
    assert {o.id: o.scope for o in OPERATIONS} == {
        name: scope for name, (scope, _) in {**PLACES, **ENTRIES}.items()
    }


def test_nobody_reaches_anything_without_a_token(house: House) -> None:
    here = house.places["call", "published", "nobody"]
    for operation in OPERATIONS:
        for secret in (None, "feedsvc_nobody"):
            assert house.status(operation, secret, **{**place(house, operation), **here}) == 401


def test_every_place_is_reached_by_the_roles_of_the_table_only(house: House) -> None:
    wrong = []
    for operation in OPERATIONS:
        if operation.id in ENTRIES:
            continue
        for role in ASKED:
            got = house.status(operation, house.secrets[role], **place(house, operation))
            reached = role in PLACES[operation.id][1]
            refused = 404 if operation.id.rpartition("_")[2] in LIBRARY else 403
            if got not in (REACHED if reached else (refused,)):
                wrong.append((operation.id, role, got))
    assert wrong == []


def test_every_entry_is_reached_by_the_roles_of_the_table_only(house: House) -> None:
    wrong, asked = [], 0
    for operation in of_entries():
        reached = ENTRIES[operation.id][1]
        for whose, (states, roles) in CASES.items():
            for state, role in product(states, roles):
                where, case = house.places[kind_of(operation), state, whose], (role, state, whose)
                expected = REACHED if case in reached else (403,) if case in SEEN else (404,)
                got = house.status(operation, house.secrets[role], **where)
                asked += 1
                if got not in expected:
                    wrong.append((operation.id, *case, got, expected))
    assert wrong == []
    assert asked > 140


def test_a_token_is_good_for_its_scopes_only(house: House) -> None:
    wrong = []
    for operation in OPERATIONS:
        taken = {**PLACES, **ENTRIES}[operation.id][0]
        for reached, secret in ((True, house.single[taken]), (False, house.lacking[taken])):
            got = house.status(operation, secret, **draft(house, operation))
            if (got in REACHED) is not reached:
                wrong.append((operation.id, reached, got))
    assert wrong == []


def test_to_write_what_readers_see_also_takes_to_publish(house: House) -> None:
    """Or will see, or have seen. To begin its next edition makes a draft, and leaves it as it is."""
    for operation in of_entries():
        if ENTRIES[operation.id][0] != WRITE or operation.id == "duplicate_call":
            continue
        for state, also_publish in ALSO_PUBLISH.items():
            where = house.places[kind_of(operation), state, "nobody"]
            got = house.status(operation, house.single[WRITE], **where)
            assert (got not in REACHED) is also_publish, (operation.id, state)


def test_nothing_was_changed_by_all_that(house: House) -> None:
    db: Database = house.app.extensions["feedsvc"].db
    with db.read() as session:
        versions = set(session.execute(select(Entry.version, Entry.withdrawn_at.is_(None))).all())
        assert len(session.scalars(select(Entry.id)).all()) == len(house.places)
        assert {version for version, _ in versions} <= {1, 2, 3}
        assert session.scalars(select(Call.cancelled_at).distinct()).all() == [None]
