"""Signing in with a provider, in a real browser without scripts: our policy lets the way there pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from feedsvc.app import create_app
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.browser.conftest import Site
from tests.support import live, team
from tests.support.chromium import Reader
from tests.support.clock import FixedClock
from tests.support.openid import CLIENT, SECRET, OpenidHouse


@pytest.fixture
def site_with_provider(settings: Settings, db: Database, clock: FixedClock) -> Iterator[Site]:
    """Site and provider, each behind a socket of its own."""
    house = OpenidHouse("", clock)
    started: list[Flask] = []

    def make_app(base_url: str) -> Flask:
        started.append(
            create_app(
                replace(
                    settings, base_url=base_url, openid_issuer=house.issuer,
                    openid_client_id=CLIENT, openid_client_secret=SECRET,
                ),
                clock=clock,
            )
        )  # fmt: skip
        return started[0]

    def make_house(base_url: str) -> Any:
        # Another name than the site's: cookies know hosts, and no ports.
        house.issuer = base_url.replace("127.0.0.1", "localhost")
        return house.wsgi

    with live.served(make_house), live.served(make_app) as url:
        yield Site(url, db, clock)
    started[0].extensions["feedsvc"].db.close()


def wait(reader: Reader, condition: Callable[[], object]) -> None:
    WebDriverWait(reader.driver, 10).until(lambda _: condition())


def press(reader: Reader, words: str) -> None:
    found = f"//main//*[self::a or self::button][normalize-space()='{words}']"
    reader.driver.find_element(By.XPATH, found).click()


def test_an_account_is_linked_and_opened(reader: Reader, site_with_provider: Site) -> None:
    driver, at = reader.driver, site_with_provider.at
    team.join(site_with_provider.db, "Zoe", now=site_with_provider.clock())
    reader.scripts(False)
    driver.get(at("/admin/sign-in?next=/admin/openid"))
    driver.find_element(By.ID, "email").send_keys("zoe@agency.example")
    driver.find_element(By.ID, "password").send_keys(team.PASSWORD)
    press(reader, "Sign in")
    press(reader, "Link with localhost")
    driver.find_element(By.ID, "agree").click()
    press(reader, "Link them")
    wait(reader, lambda: "From now on localhost signs you in." in driver.page_source)
    driver.delete_all_cookies()
    driver.get(at("/admin/calls/"))
    press(reader, "Sign in with localhost")
    driver.find_element(By.ID, "agree").click()
    wait(reader, lambda: driver.current_url == at("/admin/calls/"))
