"""Addresses that nobody types: every one is answered with a page, none with a fault."""

from __future__ import annotations

import pytest

from feedsvc.db import Database
from tests.builders import make_call, make_cluster
from tests.support.client import Browser

ADDRESSES = (
    "/calls/a%00b",
    "/news/%00",
    "/clusters/%00",
    "/clusters/x%00.atom",
    "/calls/x%00.ics",
    "/calls/%ff%fe",
    "/%ff",
    "/fr",
    "/fr/fr/",
    "/xx/calls/",
    "//calls//",
    "/calls/?q=%ff",
    "/calls/?q=%00",
    "/calls/?cluster=%00",
    "/calls/?funder=%00",
    "/calls/?%00=1",
    "/calls/?currency=%c3%9f%c3%9f",
    "/calls/?award_max_from=1e400",
    "/calls/?award_max_from=nan",
    "/calls/?closes_within=%d9%a3",
    "/calls/?after=0-99999999999999999999-1",
    "/calls/?after=9-1-1",
    "/calls/?after=-1-1-1",
    "/calls/?after=0-1-99999999999999999999999",
    "/news/?after=1-99999999999999999999999",
    "/news/?after=x",
    "/search?q=" + "%22" * 150,
    "/search?q=" + "a%20" * 99,
    "/search?q=%22%20OR%201%3D1%20--",
    "/search?q=" + "x" * 5000,
    "/calls/" + "x" * 3000,
    "/calls/?" + "cluster=a&" * 400,
    "/covers/zzzzzz-00000000.svg",
    "/covers/0b5d4e-0.svg",
    "/covers/0b5d4e-000000001.svg",
    "/static/%2e%2e/app.py",
    "/static/../context.py",
    "/media/%2e%2e%2ffeedsvc.toml",
    "/media/..%5cfeedsvc.toml",
)


def test_hostile_addresses_are_answered_in_words(db: Database, client: Browser) -> None:
    with db.begin() as session:
        make_cluster(session, "Wood")
        make_call(session)
    faults = {}
    for address in ADDRESSES:
        status = client.get(address).status_code
        if status >= 500:
            faults[address] = status
    assert faults == {}


@pytest.mark.parametrize(
    "address",
    ["/calls/?after=x", "/calls/?currency=EURO", "/calls/?closes_within=400", "/news/?after=1"],
)
def test_what_cannot_be_understood_is_a_page_of_status_400(
    db: Database, client: Browser, address: str
) -> None:
    assert client.get(address).status_code == 400
