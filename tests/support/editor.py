"""A program that writes through the API for editors, by a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from feedsvc.auth.access import changes
from feedsvc.auth.access.changes import TokenEdit
from feedsvc.auth.access.rules import offered
from feedsvc.auth.rules import Actor
from feedsvc.db import Database
from feedsvc.web.api.editor.openapi import BASE
from tests.support.client import Browser

CALL = {
    "texts": {"en": {"title": "Reuse of process heat", "body": "Use the *heat* twice."}},
    "key_dates": [
        {"type": "submission", "date": "2026-04-30", "time": "17:00", "zone": "Europe/Luxembourg"}
    ],
    "award_max": "200000.00",
}


def token(
    db: Database,
    person: Actor,
    scopes: Sequence[str] | None = None,
    *,
    name: str = "Website",
    days: int = 90,
    now: datetime,
) -> str:
    """The secret of a token of theirs; of every scope that means something, unless some are named."""
    wanted = offered(person.role) if scopes is None else tuple(scopes)
    with db.begin() as session:
        edit = TokenEdit(name=name, scopes=wanted, days=days)
        return changes.make(session, edit, actor=person, now=now)


@dataclass
class Program:
    """Asks with its token, in English unless it is told otherwise."""

    browser: Browser
    secret: str

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        tag: str | None = None,
        key: str | None = None,
        **headers: str,
    ) -> TestResponse:
        """`tag` is what goes into If-Match; underscores of other headers become hyphens."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("Authorization", f"Bearer {self.secret}")
        if tag is not None:
            given["If-Match"] = tag
        if key is not None:
            given["Idempotency-Key"] = key
        sent = {} if body is None else {"json": body}
        return self.browser.open(BASE + path, method=method, headers=given, **sent)

    def told(self, method: str, path: str, body: Any = None, **more: str) -> Any:
        """What a request that succeeds is answered."""
        answer = self.ask(method, path, body, **more)
        assert answer.status_code < 300, answer.text
        return answer.get_json() if answer.data else None


def program(app: Flask, db: Database, person: Actor, *, now: datetime, **options: Any) -> Program:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return Program(browser, token(db, person, now=now, **options))
