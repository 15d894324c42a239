"""Dead addresses of calls: visited safely, noted, told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from feedsvc.calls import links
from feedsvc.calls.edits import Document
from feedsvc.calls.links import ASTRAY, NOT_PUBLIC, SILENT, Met
from feedsvc.db import Database
from feedsvc.websub import visits
from feedsvc.websub.http import Answer, Caller
from tests.builders import BEGINNING as NOW
from tests.builders import deadline, make_call
from tests.support.hub import SOON, TLS
from tests.support.subscriber import subscriber

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
APPLY, PAPER = "https://example.org/apply", "https://example.org/paper.pdf"


def go_on() -> bool:
    return False


def test_address_that_fails_twice_is_dead_until_it_answers_again(db: Database) -> None:
    with db.begin() as session:
        make_call(session, apply_url=APPLY, documents=(Document("Paper", PAPER),))
        make_call(session, "Over", apply_url="https://example.org/over", publish_at=None,
                  key_dates=(deadline("2026-02-20"),))  # fmt: skip
    answers = {APPLY: Met(404), PAPER: Met(200)}
    visited: list[str] = []

    def visit(url: str) -> Met:
        visited.append(url)
        return answers[url]

    def turn(at: dt.datetime) -> tuple[int, int]:
        return links.check_due(db, visit, at, stopping=go_on)

    def dead(at: dt.datetime) -> dict[str, str]:
        turn(at)
        with db.read() as session:
            return {url: f"{one.status}" for url, one in links.dead(session, answers).items()}

    assert dead(NOW) == {}
    assert turn(NOW + HOUR / 2) == (0, 0)
    assert dead(NOW + HOUR) == {APPLY: "404"}
    assert visited == [APPLY, PAPER, APPLY]
    answers[APPLY] = Met(403)  # it keeps robots out
    assert dead(NOW + HOUR + DAY) == {}


def test_what_has_not_been_asked_for_long_is_forgotten(db: Database) -> None:
    with db.begin() as session:
        for _ in range(links.ENOUGH):
            links.note(session, APPLY, Met(trouble=SILENT), NOW)
        links.purge(session, now=NOW + links.KEPT)
        assert links.dead(session, [APPLY])[APPLY].since == NOW
        links.purge(session, now=NOW + links.KEPT + DAY)
        assert not links.dead(session, [APPLY])


def test_visitor_follows_as_a_reader_would() -> None:
    with subscriber() as site:

        def answer(_query: Mapping[str, str]) -> tuple[int, bytes]:
            path = site.targets[-1]
            site.headers = {
                "Location": {"/moved": "here", "/mail": "mailto:a@b.org"}.get(path, path)
            }
            return {"/here": 200, "/gone": 404}.get(path, 302), b""

        site.answer = answer
        caller = Caller(agent="test", private=True, patience=SOON, tls=TLS)
        met = {path: visits.visit(caller, site.base + path, private=True) for path in
               ("/here", "/moved", "/gone", "/round", "/mail")}  # fmt: skip
    assert met == {
        "/here": Met(200), "/moved": Met(200), "/gone": Met(404),
        "/round": Met(trouble=ASTRAY), "/mail": Met(trouble=SILENT),
    }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/", "http://[::1]/", "http://intranet/", "http://169.254.169.254/latest",
        "http://example.org:22/", "ftp://example.org/", "http://user:secret@example.org/",
        "http://0x7f.1/", "http://[bad/",
    ],
)  # fmt: skip
def test_visitor_goes_nowhere_but_to_the_public_web(address: str) -> None:
    caller = Caller(agent="test", patience=SOON, tls=TLS)
    assert visits.visit(caller, address) == Met(trouble=NOT_PUBLIC)


def test_redirect_into_the_own_network_is_refused_too() -> None:
    with subscriber() as site:
        site.headers = {"Location": "http://10.0.0.1/"}
        site.answer = lambda _: (302, b"")
        caller = _Lenient(site.base)
        assert visits.visit(caller, "https://example.org/") == Met(trouble=NOT_PUBLIC)
        assert site.targets == ["/"]


class _Lenient(Caller):
    """Asks this machine in place of everybody, as a name that resolves to it would."""

    def __init__(self, base: str) -> None:
        super().__init__(agent="test", private=True, patience=SOON, tls=TLS)
        self._base = base

    def get(self, address: str) -> Answer:
        assert address == "https://example.org/"
        return super().get(self._base + "/")
