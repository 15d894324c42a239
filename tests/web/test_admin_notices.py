"""Whoever changes how an account signs in, its owner hears of it by mail."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from pyotp import TOTP
from sqlalchemy import select

from feedsvc.auth import links
from feedsvc.auth.models import Account
from feedsvc.auth.notices import SENTENCES, Change
from feedsvc.auth.rules import ADMINISTRATOR
from feedsvc.db import Database
from feedsvc.mail.leases import Leaving
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import gate
from feedsvc.settings import Settings
from tests.support import team
from tests.support.clock import FixedClock
from tests.web.admin_forms import send
from tests.web.test_admin_second_step import secret_of


def told(db: Database) -> list[tuple[str, str]]:
    """To whom mails of that kind go, and the sentence of each."""
    with db.read() as session:
        rows = session.scalars(
            select(OutboxMail).where(OutboxMail.kind == "account").order_by(OutboxMail.id)
        ).all()
        return [(row.address, row.content) for row in rows]


def says(content: str, change: Change) -> bool:
    beginning = SENTENCES[change].partition("%")[0].partition(":")[0]
    return beginning in content.replace("=\n", "").replace("\n", " ")


def test_owners_are_told_what_was_changed_and_the_old_address_as_well(
    app: Flask, db: Database, settings: Settings, clock: FixedClock, now: datetime
) -> None:
    zoe = team.join(db, "Zoe", now=now)
    ana = team.join(db, "Ana", ADMINISTRATOR, now=now)
    hers, theirs = (team.browser(app, db, person, now=now) for person in (zoe, ana))
    new = "eight cold rivers"
    assert send(hers, "/admin/password", old=team.PASSWORD, new=new).status_code == 303
    page = hers.get("/admin/two-step")
    code = TOTP(secret_of(page)).at(clock())
    assert send(hers, "/admin/two-step", page, code=code).status_code == 200
    page = theirs.get(f"/admin/accounts/{zoe.id}")
    off = theirs.submit(f"/admin/accounts/{zoe.id}/two-step-off", {}, page="/admin/password")
    assert off.status_code == 303
    assert send(theirs, f"/admin/accounts/{zoe.id}", name="Zoe M").status_code == 303
    moved = send(theirs, f"/admin/accounts/{zoe.id}", email="zoe@new.example")
    assert moved.status_code == 303
    with db.read() as session:
        account = session.get_one(Account, zoe.id)
        token = links.token(settings, links.RESET, account, now=now)
    clock.advance(seconds=1)
    reset = send(app.test_client(), f"/admin/reset/{token}", new="seven warm seas")  # type: ignore[arg-type]
    assert reset.status_code == 303
    expected = [
        ("zoe@agency.example", Change.PASSWORD),
        ("zoe@agency.example", Change.SECOND_STEP_ON),
        ("zoe@agency.example", Change.SECOND_STEP_OFF),
        ("zoe@new.example", Change.ADDRESS),
        ("zoe@agency.example", Change.ADDRESS_LEFT),
        ("zoe@new.example", Change.PASSWORD),
    ]
    found = told(db)
    assert [address for address, _ in found] == [address for address, _ in expected]
    for (_, content), (_, change) in zip(found, expected, strict=True):
        assert says(content, change), content


def test_the_address_that_was_left_is_told_and_an_account_that_is_gone_is_not(
    db: Database, settings: Settings, now: datetime
) -> None:
    zoe = team.join(db, "Zoe", now=now)
    mails = [
        Leaving(number, key, "account", "old@agency.example", "", now, None, 0, False, "", None)
        for number, key in ((1, f"account:{zoe.id}"), (2, "account:999"))
    ]
    with db.begin() as session:
        assert list(gate.gate(settings)(session, mails, now)) == [2]
