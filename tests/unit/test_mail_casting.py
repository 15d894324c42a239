"""Casting: what one reader gets is what a mail made for them alone would say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.mail import message
from feedsvc.mail.casting import Mould, Own
from feedsvc.mail.message import Message

URL = "https://agency.example/fr/unsubscribe/" + "a.b-_" * 40 + "?x=1&y=2"
SHARED = Message(
    message_id="", date=datetime(2026, 4, 23, tzinfo=UTC), to="",
    sender="Agence d’innovation <calls@agency.example>", subject="Ferme dans 7 jours",
    text="Arrêter :\n@@stop@@\nou @@manage@@, au choix.\n", html='<a href="@@manage@@">é</a>',
    language="fr", kind="reminder", host="agency.example", unsubscribe_url="yes",
    calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
)  # fmt: skip
OWN = Own(
    message_id="<r.1@agency.example>", date=datetime(2026, 4, 23, 6, 13, tzinfo=UTC),
    to="reader@example.org", unsubscribe_url=URL, links={"@@stop@@": URL, "@@manage@@": URL},
)  # fmt: skip
MARKS = ("@@stop@@", "@@manage@@")


def cast(shared: Message, own: Own, marks: Sequence[str] = MARKS) -> str:
    mould = message.mould(shared, marks)
    return mould.cast(mould.values(own))


def test_each_reader_gets_their_own_links_in_text_and_html() -> None:
    seen = message.read(cast(SHARED, OWN))
    assert seen.text.replace("\r\n", "\n") == f"Arrêter :\n{URL}\nou {URL}, au choix.\n"
    assert seen.html.strip() == f'<a href="{URL.replace("&", "&amp;")}">é</a>'
    headers = dict(seen.headers)
    assert headers["To"] == "reader@example.org"
    assert headers["List-Unsubscribe"] == f"<{URL}>"
    assert headers["Date"] == "Thu, 23 Apr 2026 06:13:00 +0000"


def test_the_same_reader_gets_the_same_bytes_from_another_mould() -> None:
    assert cast(SHARED, OWN) == cast(SHARED, OWN)


def test_nothing_of_one_reader_is_in_the_mail_of_the_next() -> None:
    mould = message.mould(SHARED, MARKS)
    mould.cast(mould.values(OWN))
    links = dict.fromkeys(MARKS, "https://b.example/")
    other = mould.values(replace(OWN, links=links, unsubscribe_url=""))
    assert "agency.example/fr" not in mould.cast(other)


def test_a_mould_that_was_kept_gives_the_same_bytes() -> None:
    mould = message.mould(SHARED, MARKS)
    kept = Mould.of_text(mould.text)
    assert kept == mould
    assert kept.cast(mould.values(OWN)) == mould.cast(mould.values(OWN))


def test_a_mould_is_named_after_what_it_says() -> None:
    mould = message.mould(SHARED, MARKS)
    assert mould.digest == message.mould(SHARED, MARKS).digest
    assert mould.digest != message.mould(replace(SHARED, text="else"), MARKS).digest


def test_an_address_that_mail_cannot_name_is_not_written_into_the_head() -> None:
    assert "Bcc" not in cast(SHARED, replace(OWN, to="a@b.example\r\nBcc: all@b.example"))


def test_a_title_cannot_reverse_the_subject_or_be_endless() -> None:
    subject = message.shortened("pay \u202eme\u202c " + "x" * 50_000)
    assert subject.startswith("pay me x")
    assert len(subject) == message.SUBJECT_LIMIT


WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=120)


@given(WORDS, WORDS, WORDS.filter(lambda text: text.isascii()))
def test_wherever_a_link_stands_lines_are_short_and_read_as_written(
    before: str, after: str, link: str
) -> None:
    shared = replace(SHARED, text=f"x{before}@@stop@@{after}x", html="x", calendar=b"")
    made = cast(shared, replace(OWN, links={"@@stop@@": link}, unsubscribe_url=""), ["@@stop@@"])
    body = made.partition("Content-Type: text/plain")[2]
    assert all(len(line) <= 76 for line in body.split("\r\n"))
    assert not re.search(
        r"=(?![0-9A-F]{2}|\r\n|_)", body.partition("--=_")[0].split("\r\n\r\n", 1)[1]
    )
    wanted = message.read(
        message.build(replace(shared, text=f"x{before}{link}{after}x")).decode("ascii")
    )
    assert message.read(made).text == wanted.text
