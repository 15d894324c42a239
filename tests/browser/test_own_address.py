"""The address of one's own feed in a real Chromium: shown once, loaded again, copied, without scripts."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

from feedsvc.settings import Settings
from feedsvc.subscriptions import links
from tests.browser.conftest import Site
from tests.browser.test_public_pages import BROKEN_RULES, OVERFLOWING
from tests.support.chromium import Reader
from tests.support.readers import follow

MAKE, COPY = "#own button[value=feed]", "[data-copy]"


@pytest.fixture
def page(live_site: Site, settings: Settings) -> str:
    """The page of a reader who follows everything."""
    with live_site.db.begin() as session:
        token = links.manage_token(settings, follow(session, settings).uid)
    return live_site.at(f"/manage/{token}")


def made(driver: WebDriver) -> list[str]:
    """The addresses, once they are there."""
    found = WebDriverWait(driver, 10).until(
        lambda page: page.find_elements(By.CSS_SELECTOR, ".addresses input")
    )
    return [str(field.get_attribute("value")) for field in found]


def test_the_page_that_shows_the_address_may_be_loaded_again(reader: Reader, page: str) -> None:
    driver = reader.driver
    driver.get(page)
    driver.find_element(By.CSS_SELECTOR, MAKE).click()
    shown = made(driver)
    assert len(shown) == 4
    driver.refresh()
    assert made(driver) == shown
    driver.get(page)
    assert driver.find_elements(By.CSS_SELECTOR, ".addresses") == []
    assert reader.complaints() == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_addresses_keep_the_rules_of_pages(reader: Reader, page: str, width: int) -> None:
    driver = reader.driver
    reader.width(width)
    driver.get(page)
    driver.find_element(By.CSS_SELECTOR, MAKE).click()
    made(driver)
    assert driver.execute_script(BROKEN_RULES) == []
    assert driver.execute_script(OVERFLOWING) == []
    buttons = driver.find_elements(By.CSS_SELECTOR, COPY)
    assert all(button.is_displayed() for button in buttons)
    assert len(buttons) == 4


def test_without_scripts_the_address_is_there_and_no_button_that_does_nothing(
    reader: Reader, page: str
) -> None:
    driver = reader.driver
    reader.scripts(False)
    driver.get(page)
    driver.find_element(By.CSS_SELECTOR, MAKE).click()
    assert "/own/" in made(driver)[0]
    buttons = driver.find_elements(By.CSS_SELECTOR, COPY)
    assert len(buttons) == 4
    assert not any(button.is_displayed() for button in buttons)
