"""Invitations and forgotten passwords: from the mail to the first page, once, and for nobody else."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from feedsvc.auth.models import Account
from feedsvc.auth.rules import ADMINISTRATOR
from feedsvc.db import Database
from feedsvc.mail import message
from feedsvc.mail.delivery import deliver_due
from feedsvc.mail.models import OutboxMail
from feedsvc.reminders.gate import gate
from feedsvc.settings import Settings
from tests.support import team
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.mail import MemoryTransport
from tests.support.statements import recorded
from tests.web.admin_forms import problems, send

NEW = "a whole new sentence"


def mails(db: Database) -> list[OutboxMail]:
    with db.read() as session:
        return list(session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def link(mail: OutboxMail) -> str:
    found = re.search(r"https://agency.example(/admin/\S+)", message.read(mail.content).text)
    assert found is not None
    return found[1]


@pytest.fixture
def boss(app: Flask, db: Database, now: datetime) -> Browser:
    return team.browser(app, db, team.join(db, "Boss", ADMINISTRATOR, now=now), now=now)


def test_who_is_invited_chooses_a_password_and_signs_in(
    boss: Browser, client: Browser, db: Database
) -> None:
    wanted = {"email": "zoe@agency.example", "name": "Zoe", "role": "author", "language": "fr"}
    assert boss.submit("/admin/accounts/new", wanted).status_code == 303
    assert "Invited" in boss.get("/admin/accounts/").text
    (mail,) = mails(db)
    assert (mail.kind, mail.address, mail.priority) == ("invitation", "zoe@agency.example", 0)
    assert mail.subject.startswith("Vous êtes invité")
    place = link(mail)
    assert client.get(place).headers["Referrer-Policy"] == "no-referrer"
    assert "new" in problems(client.submit(place, {"new": "short"}))
    assert client.submit(place, {"new": NEW}).status_code == 303
    assert client.get(place).status_code == 410
    answer = client.submit("/admin/sign-in", {"email": "zoe@agency.example", "password": NEW})
    assert answer.status_code == 303
    assert client.get("/admin/").status_code == 200


def test_a_forgotten_password_is_set_anew_and_every_browser_is_signed_out(
    app: Flask, client: Browser, db: Database, now: datetime
) -> None:
    ana = team.join(db, "Ana", now=now)
    elsewhere = team.browser(app, db, ana, now=now)
    client.submit("/admin/forgot", {"email": " ANA@agency.example "})
    (mail,) = mails(db)
    place = link(mail)
    assert client.get(place).status_code == 200
    assert elsewhere.get("/admin/").status_code == 200  # a look changes nothing
    assert client.submit(place, {"new": NEW}).status_code == 303
    assert elsewhere.get("/admin/").status_code == 303
    old = {"email": "ana@agency.example", "password": team.PASSWORD}
    assert client.submit("/admin/sign-in", old).status_code == 401


def test_nobody_learns_by_answer_or_effort_whether_there_is_an_account(
    client: Browser, db: Database, app: Flask, now: datetime
) -> None:
    team.join(db, "Ana", now=now)
    max_ = team.join(db, "Max", now=now)
    with db.begin() as session:
        session.get_one(Account, max_.id).disabled_at = now
    answers, efforts = set(), []
    token = (
        client.get("/admin/forgot").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    )
    for email in ("ana@agency.example", "nobody@agency.example", "max@agency.example"):
        with recorded(app.extensions["feedsvc"].db) as statements:
            answer = client.post("/admin/forgot", data={"email": email, "csrf_token": token})
        answers.add((answer.status_code, answer.text))
        efforts.append([s.split()[:3] for s in statements if "SAVEPOINT" not in s])
    assert len(answers) == 1
    assert efforts[0] == efforts[1] == efforts[2]
    assert [mail.address for mail in mails(db)] == ["ana@agency.example"]


def test_one_mailbox_gets_three_links_an_hour(
    client: Browser, db: Database, clock: FixedClock
) -> None:
    team.join(db, "Ana", now=clock())
    for _ in range(5):
        assert client.submit("/admin/forgot", {"email": "ana@agency.example"}).status_code == 200
        clock.advance(minutes=1)
    assert len(mails(db)) == 3


@pytest.mark.usefixtures("editor")
def test_a_client_that_asks_for_many_is_refused(client: Browser) -> None:
    for number in range(20):
        client.submit("/admin/forgot", {"email": f"{number}@agency.example"})
    assert client.submit("/admin/forgot", {"email": "x@agency.example"}).status_code == 429


def test_a_link_that_opens_an_account_is_no_editors_to_read(
    boss: Browser, editor_client: Browser, client: Browser, db: Database
) -> None:
    client.submit("/admin/forgot", {"email": "boss@agency.example"})
    (mail,) = mails(db)
    secret = link(mail).rpartition("/")[2]
    assert secret not in editor_client.get(f"/admin/outbox/{mail.id}").text
    for part in ("html", "source.eml"):
        assert editor_client.get(f"/admin/outbox/{mail.id}/{part}").status_code == 403
    assert secret in boss.get(f"/admin/outbox/{mail.id}").text


def test_a_mail_to_an_account_leaves_unless_the_account_is_shut_meanwhile(
    client: Browser, db: Database, settings: Settings, clock: FixedClock
) -> None:
    ana, zoe = (team.join(db, name, now=clock()) for name in ("Ana", "Zoe"))
    for person in (ana, zoe):
        client.submit("/admin/forgot", {"email": f"{person.name.lower()}@agency.example"})
    with db.begin() as session:
        session.get_one(Account, zoe.id).disabled_at = clock()
    transport = MemoryTransport()
    while deliver_due(db, transport, clock(), gate=gate(settings)).claimed:
        pass
    assert [mail.state for mail in mails(db)] == ["accepted", "void"]
    assert transport.addresses == ["ana@agency.example"]


def test_an_invitation_is_sent_again_only_while_it_waits(
    boss: Browser, db: Database, clock: FixedClock
) -> None:
    boss.submit("/admin/accounts/new", {"email": "z@agency.example", "name": "Z", "role": "author"})
    clock.advance(minutes=1)
    token = send(boss, "/admin/accounts/2", name="Zoe")
    assert token.status_code == 303
    answer = boss.submit("/admin/accounts/2/invite", {}, page="/admin/accounts/2")
    assert answer.status_code == 303
    assert len(mails(db)) == 2
    with db.begin() as session:
        session.get_one(Account, 2).password_hash = team.HASH
    answer = boss.submit("/admin/accounts/2/invite", {}, page="/admin/accounts/2")
    assert answer.status_code == 409
