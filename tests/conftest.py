"""Fixtures of every test: both databases, a fixed time, settings, the app, and the guards."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from feedsvc.app import create_app
from feedsvc.auth import accounts, sessions
from feedsvc.auth.accounts import AccountEdit
from feedsvc.auth.rules import Actor
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.support import guards, once
from tests.support.client import Browser
from tests.support.clock import FixedClock
from tests.support.databases import Backends, backends
from tests.support.postgres import PostgresUnavailable

EDITOR_PASSWORD = "nine warm rivers"  # known to every test, used nowhere else

guards.install()
once.install()
# The operator's own settings must not leak into a test.
for variable in [name for name in os.environ if name.startswith("FEEDSVC_")]:
    del os.environ[variable]

# What lives as long as the run need not be gone through for rubbish after each few hundred objects.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)

# The machine is shared: a slow example is no failure, and CI finds the same examples every time.
hypothesis.settings.register_profile("here", deadline=None, max_examples=50)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
hypothesis.settings.load_profile("ci" if guards.IN_CI else "here")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    guards.forbid_sleep(not any(item.get_closest_marker(name) for name in guards.MAY_SLEEP))
    try:
        return (yield)
    finally:
        guards.forbid_sleep(False)


@pytest.fixture(scope="session")
def _backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backends]:
    with backends(tmp_path_factory.mktemp("databases")) as started:
        yield started


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, _backends: Backends) -> Iterator[str]:
    """An empty database with today's schema; every test that uses it runs on both kinds."""
    try:
        backend = _backends[request.param]
    except PostgresUnavailable as reason:
        guards.missing(str(reason))
    yield from backend.fresh()


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> FixedClock:
    """The time of the app under test: 2026-03-02T09:00Z until the test moves it."""
    return FixedClock()


@pytest.fixture
def now(clock: FixedClock) -> datetime:
    return clock()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        instance_path=tmp_path,
        database_url=database_url,
        base_url="https://agency.example",
        secret_key="known to every test",
    )


@pytest.fixture(scope="session")
def _compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once for all apps of a run: each test makes an app of its own."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(
    settings: Settings, clock: FixedClock, _compiled: FileSystemBytecodeCache
) -> Iterator[Flask]:
    app = create_app(settings, clock=clock)
    app.jinja_env.bytecode_cache = _compiled
    app.testing = True
    app.test_client_class = Browser
    yield app
    app.extensions["feedsvc"].db.close()


@pytest.fixture
def client(app: Flask) -> Browser:
    """A reader's browser."""
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


@pytest.fixture
def editor(db: Database, now: datetime) -> Actor:
    """Ana, who has an editor's account."""
    with db.begin() as session:
        account = accounts.add(
            session,
            AccountEdit(email="ana@agency.example", name="Ana Editor", role="editor"),
            password=EDITOR_PASSWORD,
            now=now,
        )
        return Actor(account.id, account.name, account.role)


@pytest.fixture
def editor_client(app: Flask, db: Database, editor: Actor, now: datetime) -> Browser:
    """Ana's browser, signed in."""
    assert editor.id is not None
    with db.begin() as session:
        secret = sessions.start(session, editor.id, language="en", now=now)
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in(secret)
    return browser
