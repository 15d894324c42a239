"""The mails of a review: golden in each language; what people write in them stays text.

`GOLDEN=write pytest tests/unit/test_desk_mails.py` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from feedsvc.auth.models import Account
from feedsvc.content.desk import letters, reviews
from feedsvc.mail import message
from feedsvc.mail.message import Reading
from feedsvc.mail.outbox import Slot
from feedsvc.settings import KNOWN_LANGUAGES, Settings
from tests.builders import BEGINNING
from tests.support import golden, spoken

SETTINGS = Settings(base_url="https://agency.example", secret_key="known to every test")
COMMENT = "Please say how hot it is.\n\nAnd for whom: <b>companies</b>?"


def written(kind: str, act: str, code: str = "en") -> Reading:
    account = Account(id=7, email="zoe@agency.example", name="Zoe", language=code)
    slot = Slot(recipient_key="account:7", kind=kind, slot_key="7:now")
    mail = letters.message(
        kind, account, slot, act=act, title="Reuse of process heat", comment=COMMENT, who="Ana",
        address="https://agency.example/admin/calls/7", settings=SETTINGS, now=BEGINNING,
    )  # fmt: skip
    return message.read(message.build(mail).decode("ascii"))


@pytest.mark.parametrize("code", KNOWN_LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "act"),
    [(letters.REVIEW, reviews.SUBMITTED), (letters.REVIEWED, reviews.CHANGES)],
)
def test_a_mail_of_a_review_reads_as_it_should(kind: str, act: str, code: str) -> None:
    mail = written(kind, act, code)
    said = f"{dict(mail.headers)['Subject']}\n\n{mail.text}"
    for form, text in (("txt", said), ("html", mail.html)):
        golden.check(Path(f"mail/{kind}.{code}.{form}"), text.encode())
    assert spoken.unsaid(mail) == []
    assert "<b>companies" not in mail.html


@pytest.mark.parametrize(
    ("act", "words"),
    [(reviews.APPROVED, "lets it go"), (reviews.REJECTED, "will not be published")],
)
def test_each_answer_says_what_came_of_it(act: str, words: str) -> None:
    mail = written(letters.REVIEWED, act)
    assert words in mail.text
    assert words in mail.html
