"""Passkeys in a real browser, with a device of the browser's own that keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from selenium.webdriver.common.by import By
from selenium.webdriver.common.virtual_authenticator import (
    Protocol,
    Transport,
    VirtualAuthenticatorOptions,
)
from selenium.webdriver.support.ui import WebDriverWait

from feedsvc.app import create_app
from feedsvc.db import Database
from feedsvc.settings import Settings
from tests.browser.conftest import Site
from tests.support import live, team
from tests.support.chromium import Reader
from tests.support.clock import FixedClock


@pytest.fixture
def named_site(settings: Settings, db: Database, clock: FixedClock) -> Iterator[Site]:
    """The site under a name: browsers know no passkeys for an address of figures."""
    started: list[Flask] = []

    def make_app(base_url: str) -> Flask:
        named = base_url.replace("127.0.0.1", "localhost")
        started.append(create_app(replace(settings, base_url=named), clock=clock))
        return started[0]

    with live.served(make_app) as url:
        yield Site(url.replace("127.0.0.1", "localhost"), db, clock)
    started[0].extensions["feedsvc"].db.close()


@pytest.fixture
def telephone(reader: Reader) -> Iterator[Reader]:
    """The reader's browser, with a device that shows by itself that its owner is there."""
    reader.driver.add_virtual_authenticator(
        VirtualAuthenticatorOptions(
            protocol=Protocol.CTAP2, transport=Transport.INTERNAL, has_resident_key=True,
            has_user_verification=True, is_user_verified=True,
        )
    )  # fmt: skip
    yield reader
    reader.driver.remove_virtual_authenticator()


def wait(reader: Reader, condition: Callable[[], object]) -> None:
    WebDriverWait(reader.driver, 10).until(lambda _: condition())


def press(reader: Reader, words: str) -> None:
    reader.driver.find_element(By.XPATH, f"//main//button[normalize-space()='{words}']").click()


def test_a_passkey_is_made_and_signs_in(telephone: Reader, named_site: Site) -> None:
    driver = telephone.driver
    team.join(named_site.db, "Zoe", now=named_site.clock())
    driver.get(named_site.at("/admin/sign-in?next=/admin/passkeys"))
    driver.find_element(By.ID, "email").send_keys("zoe@agency.example")
    driver.find_element(By.ID, "password").send_keys(team.PASSWORD)
    press(telephone, "Sign in")
    wait(telephone, lambda: driver.find_elements(By.ID, "name"))
    driver.find_element(By.ID, "name").send_keys("Telephone")
    press(telephone, "Make a passkey")
    wait(telephone, lambda: "The passkey is kept" in driver.page_source)
    driver.delete_all_cookies()
    driver.get(named_site.at("/admin/passkeys"))
    press(telephone, "Sign in with a passkey")
    wait(telephone, lambda: "Last used" in driver.page_source)
    assert telephone.complaints() == []
