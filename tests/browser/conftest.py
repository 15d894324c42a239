"""A live site and a real Chromium. SQLite is enough here: both databases are tested below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask

from feedsvc.app import create_app
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.support import chromium, guards, live
from tests.support.chromium import ChromiumUnavailable, Reader
from tests.support.clock import FixedClock
from tests.support.databases import Backends


@dataclass(frozen=True)
class Site:
    """The running site: its address, its database and its clock."""

    url: str
    db: Database
    clock: FixedClock

    def at(self, path: str) -> str:
        return self.url + path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture
def database_url(_backends: Backends) -> Iterator[str]:
    yield from _backends["sqlite"].fresh()


@pytest.fixture
def live_site(settings: Settings, db: Database, clock: FixedClock) -> Iterator[Site]:
    """The site on a free port; fill `live_site.db` with builders, then open `live_site.at(...)`."""
    started: list[Flask] = []

    def make_app(base_url: str) -> Flask:
        started.append(create_app(replace(settings, base_url=base_url), clock=clock))
        return started[0]

    with live.served(make_app) as url:
        yield Site(url, db, clock)
    started[0].extensions["feedsvc"].db.close()


@pytest.fixture(scope="session")
def _chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    try:
        with chromium.running(tmp_path_factory.mktemp("chromium")) as reader:
            yield reader
    except ChromiumUnavailable as reason:
        guards.missing(str(reason))


@pytest.fixture
def reader(_chromium: Reader) -> Reader:
    """A person with a browser: wide window, light colours, scripts on, no cookies."""
    _chromium.reset()
    return _chromium
