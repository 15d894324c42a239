"""Feeds in a real Chromium: a feed that is opened is a page, and an address is copied by a button."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.conftest import Site
from tests.builders import make_call, make_cluster, make_news
from tests.support.chromium import Reader

# What a person sees of an element: where it stands, and what the stylesheet writes before it.
SHOWN = "return arguments[0].getBoundingClientRect().height > 0"
BEFORE = "return getComputedStyle(arguments[0], '::before').content"
CLIPBOARD = ["clipboardReadWrite", "clipboardSanitizedWrite"]
ROOT = "return document.documentElement"


@pytest.fixture
def site(live_site: Site) -> Site:
    with live_site.db.begin() as session:
        make_cluster(session, "CleanTech")
        make_call(session, clusters=("cleantech",))
        make_news(session)
    return live_site


@pytest.mark.parametrize(
    ("path", "banner"),
    [
        ("/feed.atom", "This is a feed"),
        ("/fr/calls.rss", "Ceci est un flux"),
        ("/de/calls.atom", "Dies ist ein Feed"),
    ],
)
def test_a_feed_that_is_opened_is_a_page_in_its_language(
    site: Site, reader: Reader, path: str, banner: str
) -> None:
    reader.driver.get(site.at(path))
    root = reader.driver.execute_script(ROOT)
    assert banner in reader.driver.execute_script(BEFORE, root)
    titles = root.find_elements(By.TAG_NAME, "title")
    assert all(reader.driver.execute_script(SHOWN, title) for title in titles)
    for hidden in ("id", "guid", "generator", "content", "encoded"):
        for element in root.find_elements(By.XPATH, f"//*[local-name()='{hidden}']"):
            assert not reader.driver.execute_script(SHOWN, element), hidden
    assert reader.complaints() == []


def test_a_feed_that_is_opened_follows_the_colours_of_the_reader(
    site: Site, reader: Reader
) -> None:
    papers = set()
    for dark in (False, True):
        reader.dark(dark)
        reader.driver.get(site.at("/feed.atom"))
        root = reader.driver.execute_script(ROOT)
        papers.add(root.value_of_css_property("background-color"))
    assert len(papers) == 2


def test_one_click_copies_the_address_of_a_feed(site: Site, reader: Reader) -> None:
    reader.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": CLIPBOARD})
    reader.driver.get(site.at("/feeds/"))
    button = reader.driver.find_element(By.CSS_SELECTOR, "[data-copy=start-atom]")
    button.click()
    WebDriverWait(reader.driver, 10).until(lambda _: button.text == "Copied")
    copied = reader.driver.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], arguments[0])"
    )
    assert copied == site.at("/feed.atom")


def test_without_scripts_the_address_is_there_to_be_selected(site: Site, reader: Reader) -> None:
    reader.scripts(False)
    reader.driver.get(site.at("/feeds/"))
    address = reader.driver.find_element(By.ID, "start-atom")
    assert address.text == site.at("/feed.atom")
    assert address.value_of_css_property("user-select") == "all"
    assert not reader.driver.find_element(By.CSS_SELECTOR, "[data-copy=start-atom]").is_displayed()
    [cluster] = reader.driver.find_elements(By.CSS_SELECTOR, "#cluster-cleantech > summary")
    cluster.click()  # folding needs no script either
    assert reader.driver.find_element(By.ID, "cluster-cleantech-ics").is_displayed()
