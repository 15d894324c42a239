"""The mails to accounts, and their links: golden in each language, good once and for one thing.

`GOLDEN=write pytest tests/unit/test_account_mails.py` writes them anew.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.auth import letters, links, notices
from feedsvc.auth.models import Account
from feedsvc.auth.notices import Change, Event
from feedsvc.auth.rules import SYSTEM, Actor
from feedsvc.errors import Gone
from feedsvc.mail import message
from feedsvc.mail.outbox import Slot
from feedsvc.settings import KNOWN_LANGUAGES, Settings
from feedsvc.tokens import BadToken, ExpiredToken
from tests.builders import BEGINNING
from tests.support import golden, spoken

SETTINGS = Settings(base_url="https://agency.example", secret_key="known to every test")
TOKEN = re.compile(r"/admin/(invitation|reset)/[^\s\"<>]+")


def account(**more: object) -> Account:
    made = {"id": 7, "email": "zoe@agency.example", "name": "Zoe Müller", "password_hash": ""}
    return Account(**{**made, "language": "en", **more})


@pytest.mark.parametrize("code", KNOWN_LANGUAGES)
@pytest.mark.parametrize("purpose", letters.KINDS)
def test_a_mail_to_an_account_reads_as_it_should(purpose: str, code: str) -> None:
    slot = Slot(recipient_key="account:7", kind=purpose, slot_key="now")
    written = letters.message(
        purpose, account(language=code), slot, inviter="Ana", settings=SETTINGS, now=BEGINNING
    )
    mail = message.read(message.build(written).decode("ascii"))
    said = f"{dict(mail.headers)['Subject']}\n\n{mail.text}"
    for form, text in (("txt", said), ("html", mail.html)):
        stable = TOKEN.sub(r"/admin/\1/…", text).encode()
        golden.check(Path(f"mail/{purpose}.{code}.{form}"), stable)
    assert spoken.unsaid(mail) == []
    assert "List-Unsubscribe" not in dict(mail.headers)


WHAT = {
    Change.PASSKEY_ADDED: "Telephone",
    Change.LINKED: "zoe@login.example (https://login.example)",
    Change.ADDRESS_LEFT: "old@agency.example",
}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


@pytest.mark.parametrize("code", KNOWN_LANGUAGES)
@pytest.mark.parametrize("change", [*WHAT, Change.SECOND_STEP_OFF])
def test_a_notice_of_a_change_reads_as_it_should(change: Change, code: str) -> None:
    zoe, ana = (
        Actor(7, "Zoe Müller", client="192.0.2.7"),
        Actor(1, "Ana Editor", client="192.0.2.1"),
    )
    actor = {Change.SECOND_STEP_OFF: SYSTEM, Change.ADDRESS_LEFT: ana}.get(change, zoe)
    agent = "" if actor is SYSTEM else FIREFOX
    event = Event(change=change, what=WHAT.get(change, ""), actor=actor, agent=agent, at=BEGINNING)
    slot = Slot(recipient_key="account:7", kind=notices.KIND, slot_key="now")
    written = notices.message(
        account(language=code), "zoe@agency.example", slot, event, settings=SETTINGS
    )
    mail = message.read(message.build(written).decode("ascii"))
    said = f"{dict(mail.headers)['Subject']}\n\n{mail.text}"
    name = f"account-{change.replace(' ', '-')}.{code}"
    for form, text in (("txt", said), ("html", mail.html)):
        golden.check(Path(f"mail/{name}.{form}"), text.encode())
    assert spoken.unsaid(mail) == []


def test_every_change_has_its_sentence() -> None:
    assert set(notices.SENTENCES) == set(Change)


def test_a_link_ends_when_the_password_or_the_address_changes_or_the_account_is_shut() -> None:
    zoe = account(password_hash="old")
    token = links.token(SETTINGS, links.RESET, zoe, now=BEGINNING)
    links.check(SETTINGS, links.RESET, token, zoe, now=BEGINNING)
    for changed in (
        account(password_hash="new"),
        account(password_hash="old", email="other@agency.example"),
        account(password_hash="old", disabled_at=BEGINNING),
        account(password_hash="old", id=8),
    ):
        with pytest.raises(Gone):
            links.check(SETTINGS, links.RESET, token, changed, now=BEGINNING)


def test_a_link_is_good_for_its_purpose_and_its_time_only() -> None:
    token = links.token(SETTINGS, links.RESET, account(), now=BEGINNING)
    with pytest.raises(BadToken):
        links.account_id(SETTINGS, links.INVITATION, token, now=BEGINNING)
    almost = BEGINNING + timedelta(minutes=59)
    assert links.account_id(SETTINGS, links.RESET, token, now=almost) == 7
    with pytest.raises(ExpiredToken):
        links.account_id(SETTINGS, links.RESET, token, now=BEGINNING + timedelta(hours=1))
