"""The public pages in a real Chromium: without scripts, narrow, dark, by keyboard."""

from __future__ import annotations

from decimal import Decimal

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support import expected_conditions as wait_for
from selenium.webdriver.support.wait import WebDriverWait

from feedsvc.content.clusters import FormerNameEdit
from feedsvc.content.edits import Quote, TextEdit
from feedsvc.db import Database
from tests.browser.conftest import Site
from tests.builders import deadline, make_call, make_cluster, make_news, make_organisation, opening
from tests.support.chromium import Reader

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsförderung"
PAGES = (
    "/",
    "/news/",
    "/news/abwarme",
    "/calls/",
    "/calls/reuse-of-process-heat",
    "/clusters/",
    "/clusters/cleantech",
    "/search?q=heat",
    "/feeds/",
    "/ns/call/1.0",
    "/subscribe?cluster=cleantech",
    "/about",
    "/accessibility",
    "/embed?cluster=cleantech",
    "/fit",
    "/fit?my_kind=sme&my_country=LU&my_theme=heat&my_amount=1000&my_share=40&my_trl=4&my_days=9",
    "/calls/reuse-of-process-heat?my_kind=sme&my_theme=heat",
    "/nowhere",
)

# What is wider than the window, by its tag and class; what is clipped on purpose is left out.
OVERFLOWING = """
    const wide = document.documentElement.scrollWidth > innerWidth;
    return wide ? [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.tagName + "." + e.className) : [];
"""
# Plain rules that every page keeps: each broken one is a sentence.
BROKEN_RULES = """
    const broken = [];
    const named = e => e.ariaLabel || e.textContent.trim() || e.title
        || [...(e.labels || [])].some(l => l.textContent.trim())
        || e.getAttribute("aria-labelledby");
    for (const e of document.querySelectorAll("img:not([alt])")) broken.push("no alt: " + e.src);
    for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href]"))
        if (!named(e)) broken.push("no name: " + e.outerHTML.slice(0, 120));
    const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map(h => +h.tagName[1]);
    if (levels.filter(n => n === 1).length !== 1) broken.push("not one h1: " + levels);
    levels.reduce((last, n) => { if (n > last + 1) broken.push("level skipped: " + levels); return n; }, 0);
    const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
    const twice = ids.filter((id, n) => ids.indexOf(id) !== n);
    if (twice.length) broken.push("id twice: " + twice);
    for (const e of document.querySelectorAll("[aria-labelledby], label[for]")) {
        const id = e.getAttribute("aria-labelledby") || e.htmlFor;
        if (!document.getElementById(id)) broken.push("points nowhere: " + id);
    }
    for (const tag of ["main", "header.top", "footer.bottom"])
        if (document.querySelectorAll(tag).length !== 1) broken.push("not one " + tag);
    if (!document.documentElement.lang) broken.push("no language");
    return broken;
"""


@pytest.fixture
def filled(live_site: Site) -> Site:
    """A site with one of everything, and titles of the length that German allows."""
    fill(live_site.db)
    return live_site


def fill(db: Database) -> None:
    with db.begin() as session:
        fund = make_organisation(session, f"Example Fund für {LONG}")
        for name in ("CleanTech", "Wood"):
            make_cluster(
                session,
                name,
                former_names=(FormerNameEdit(f"Old {name}", 2001, 2019),),
                founded=2001,
            )
        quote = Quote("Heat that is used twice is paid for once.", "An adviser")
        text = TextEdit(
            title="Abwärme",
            slug="abwarme",
            summary=LONG,
            body=f"## {LONG}\n\nHeat.",
            quotes=(quote,),
        )
        make_news(session, texts={"de": text}, clusters=("cleantech",))
        make_news(session, "Heat again", clusters=("wood",))
        make_call(
            session,
            clusters=("cleantech",),
            funders=(fund.slug,),
            deadline_model="two_stage",
            key_dates=(
                opening("2026-02-01"),
                deadline("2026-03-10", kind="stage_1"),
                deadline("2026-09-30", kind="stage_2"),
            ),
            award_max=Decimal("123456789.50"),
            apply_url="https://example.org/apply",
        )
        make_call(
            session, f"Heat for {LONG}", clusters=("wood",), key_dates=(deadline("2026-06-30"),)
        )


def click(driver: WebDriver, text: str) -> None:
    driver.find_element(By.PARTIAL_LINK_TEXT, text).click()


def point_at(driver: WebDriver, selector: str) -> None:
    """Click where the thing is drawn: on wide screens the filters stand open without being so,
    which WebDriver's own click takes for hidden."""
    ActionChains(driver).click(driver.find_element(By.CSS_SELECTOR, selector)).perform()


def until_counted(driver: WebDriver, words: str) -> None:
    shown = wait_for.text_to_be_present_in_element((By.ID, "count"), words)
    WebDriverWait(driver, 10, ignored_exceptions=[StaleElementReferenceException]).until(shown)


def text_of(driver: WebDriver, selector: str) -> str:
    return driver.find_element(By.CSS_SELECTOR, selector).text


def test_reader_without_scripts_goes_from_home_to_a_call(filled: Site, reader: Reader) -> None:
    reader.scripts(False)
    driver = reader.driver
    driver.get(filled.url)
    click(driver, "All calls")
    assert text_of(driver, "#count") == "2 calls"
    point_at(driver, "input[name=cluster][value=cleantech]")
    point_at(driver, ".apply button")
    until_counted(driver, "1 call")
    assert "cluster=cleantech" in driver.current_url
    click(driver, "Reuse of process heat")
    assert text_of(driver, "h1") == "Reuse of process heat"
    assert text_of(driver, ".panel .left") == "8 days left"


def test_filters_apply_as_they_are_ticked(filled: Site, reader: Reader) -> None:
    driver = reader.driver
    driver.get(filled.at("/calls/"))
    point_at(driver, "input[name=cluster][value=wood]")
    until_counted(driver, "1 call")
    assert driver.current_url.endswith("/calls/?cluster=wood")
    assert "Wood" in text_of(driver, ".chip")
    reader.width(390)  # where the filters stand above what they found, and far away from it
    driver.find_element(By.CSS_SELECTOR, ".facets > summary").click()
    button = driver.find_element(By.CSS_SELECTOR, ".apply button")
    assert button.text == "1 call"
    button.click()
    WebDriverWait(driver, 10).until(
        lambda _: driver.switch_to.active_element.get_attribute("id") == "results"
    )
    assert not driver.find_element(By.ID, "find").is_displayed()
    driver.back()
    until_counted(driver, "2 calls")
    assert reader.complaints() == []


def test_keyboard_reaches_the_content_and_opens_a_call(filled: Site, reader: Reader) -> None:
    driver = reader.driver
    driver.get(filled.at("/calls/"))
    keys = driver.switch_to.active_element
    keys.send_keys(Keys.TAB)
    skip = driver.switch_to.active_element
    assert skip.text == "Skip to the content"
    skip.send_keys(Keys.ENTER)
    for _ in range(60):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        focused = driver.switch_to.active_element
        if focused.text == "Reuse of process heat":
            break
    ring = focused.value_of_css_property("outline-style")
    focused.send_keys(Keys.ENTER)
    WebDriverWait(driver, 5).until(wait_for.url_contains("/calls/reuse-of-process-heat"))
    assert ring == "solid"


@pytest.mark.parametrize(
    ("width", "prefix"),
    [(320, ""), (320, "/fr"), (320, "/de"), (390, "/de"), (768, "/de"), (1280, "")],
)
def test_no_page_scrolls_sideways(filled: Site, reader: Reader, width: int, prefix: str) -> None:
    reader.width(width)
    wide = {}
    for path in PAGES:
        reader.driver.get(filled.at(prefix + path))
        if found := reader.driver.execute_script(OVERFLOWING):
            wide[path] = found[:5]
    assert wide == {}


@pytest.mark.parametrize("prefix", ["", "/de"])
def test_every_page_keeps_the_plain_rules_of_accessibility(
    filled: Site, reader: Reader, prefix: str
) -> None:
    broken = {}
    for path in PAGES:
        reader.driver.get(filled.at(prefix + path))
        if found := reader.driver.execute_script(BROKEN_RULES):
            broken[path] = found
    assert broken == {}


def test_no_page_breaks_its_own_security_policy(filled: Site, reader: Reader) -> None:
    for path in PAGES[:-1]:
        reader.driver.get(filled.at(path))
    assert reader.complaints() == []


def test_dark_paper_for_who_wants_it(filled: Site, reader: Reader) -> None:
    grounds = []
    for wanted in (False, True):
        reader.dark(wanted)
        reader.driver.get(filled.url)
        body = reader.driver.find_element(By.TAG_NAME, "body")
        grounds.append(body.value_of_css_property("background-color"))
    assert grounds == ["rgba(251, 250, 247, 1)", "rgba(16, 22, 21, 1)"]


def test_link_is_copied_with_one_click(filled: Site, reader: Reader) -> None:
    driver = reader.driver
    permission = {
        "origin": filled.url,
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"],
    }
    driver.execute_cdp_cmd("Browser.grantPermissions", permission)
    driver.get(filled.at("/news/heat-again"))
    driver.find_element(By.CSS_SELECTOR, "[data-copy]").click()
    WebDriverWait(driver, 5).until(
        wait_for.text_to_be_present_in_element((By.CSS_SELECTOR, "[data-copy]"), "Copied")
    )
    held = driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert held == filled.at("/news/heat-again")


def test_dates_of_a_call_are_said_in_the_readers_own_zone(filled: Site, reader: Reader) -> None:
    seen = {}
    for zone in ("America/New_York", "Europe/Luxembourg", "UTC"):
        reader.zone(zone)
        reader.driver.get(filled.at("/calls/reuse-of-process-heat"))
        seen[zone] = text_of(reader.driver, ".panel .there")
    newyork = seen.pop("America/New_York")  # its exact words are the browser's own
    assert newyork.startswith("For you: Tue")
    assert "10 March" in newyork
    assert "12:00" in newyork
    assert seen == {"Europe/Luxembourg": "The same in your time zone", "UTC": "16:00 UTC"}


def test_preview_shows_the_list_in_a_frame(filled: Site, reader: Reader) -> None:
    driver = reader.driver
    driver.get(filled.at("/embed?cluster=cleantech"))
    line = text_of(driver, "#line")
    assert f'src="{filled.at("/embed/calls?cluster=cleantech")}' in line
    driver.switch_to.frame(driver.find_element(By.TAG_NAME, "iframe"))
    assert text_of(driver, "h2") == "Reuse of process heat"
    driver.switch_to.default_content()
    assert reader.complaints() == []
