"""An editor at work in a real browser: with scripts, without them, on a phone."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.ui import WebDriverWait

from feedsvc.auth import accounts
from feedsvc.auth.accounts import AccountEdit
from feedsvc.content.desk import reviews
from tests.browser.conftest import Site
from tests.builders import ANA, make_call, make_cluster, make_news
from tests.support.chromium import Reader

EMAIL, PASSWORD = "ana@agency.example", "calm paper and one accent"
PAGES = ("/admin/", "/admin/calls/", "/admin/calls/1", "/admin/calls/new", "/admin/calls/1/publish",
         "/admin/news/2", "/admin/clusters/1", "/admin/organisations/new", "/admin/outbox/",
         "/admin/password", "/admin/calls/1/preview", "/admin/calls/1/previews?way=mail",
         "/admin/calls/1/previews?way=feed", "/admin/calls/1/duplicate", "/admin/accounts/", "/admin/accounts/new",
         "/admin/accounts/1", "/admin/log/", "/admin/two-step", "/admin/sessions", "/admin/passkeys",
         "/admin/confirm", "/admin/calls/1/versions", "/admin/news/2/submit",
         "/admin/news/3/review", "/admin/news/3", "/admin/calls/1/unpublish",
         "/admin/news/?state=draft&q=waste&sort=title&updated_within=30", "/admin/jump?q=w", "/admin/keys",
         "/admin/calls/bulk?act=publish&id=1", "/admin/news/bulk?act=publish&id=2&id=3")  # fmt: skip


def sign_in(reader: Reader, site: Site, path: str = "/admin/") -> None:
    with site.db.begin() as session:
        accounts.add(
            session,
            AccountEdit(email=EMAIL, name="Ana", role="administrator"),
            password=PASSWORD,
            now=site.clock(),
        )
    reader.driver.get(site.at(path))
    find(reader, "email").send_keys(EMAIL)
    find(reader, "password").send_keys(PASSWORD, Keys.ENTER)
    wait(reader, lambda: "/sign-in" not in reader.driver.current_url)
    reader.driver.get(site.at(path))  # this waits until the page is laid out


def find(reader: Reader, field: str) -> WebElement:
    return reader.driver.find_element(By.ID, field)


def press(reader: Reader, words: str) -> None:
    path = f"//main//button[normalize-space()='{words}' and not(@aria-hidden)]"
    button = next(b for b in reader.driver.find_elements(By.XPATH, path) if b.is_displayed())
    # As a person would: not under the bar that stays at the window's edge.
    reader.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()


def wait(reader: Reader, condition: object) -> None:
    WebDriverWait(reader.driver, 10).until(lambda _: condition())  # type: ignore[operator]


def set_value(reader: Reader, field: str, text: str) -> None:
    """Date and time inputs take their keys in the order of the browser's locale: set them whole."""
    reader.driver.execute_script("arguments[0].value = arguments[1]", find(reader, field), text)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_call_with_two_dates_is_written_and_published(
    reader: Reader, live_site: Site, scripts: bool
) -> None:
    sign_in(reader, live_site, "/admin/calls/new")
    reader.scripts(scripts)
    reader.driver.refresh()
    find(reader, "texts-en-title").send_keys("Timber hybrids")
    find(reader, "award_max").send_keys("200 000")
    press(reader, "Add a date")
    wait(reader, lambda: reader.driver.find_elements(By.ID, "key_dates-1-type"))
    reader.scripts(True)  # to fill in dates only
    Select(find(reader, "key_dates-1-type")).select_by_value("stage_1")
    for number, day in enumerate(("2026-06-30", "2026-04-30")):
        set_value(reader, f"key_dates-{number}-date", day)
        set_value(reader, f"key_dates-{number}-time", "17:00")
    reader.scripts(scripts)
    press(reader, "Save and publish …")
    wait(reader, lambda: reader.driver.current_url.endswith("/publish"))
    press(reader, "Publish")
    wait(reader, lambda: "Published." in reader.driver.page_source)
    reader.driver.get(live_site.at("/calls/timber-hybrids"))
    assert "Thursday 30 April 2026, 17:00" in reader.driver.page_source
    assert "€200,000" in reader.driver.page_source


def test_an_error_takes_the_cursor_and_leads_to_its_field(reader: Reader, live_site: Site) -> None:
    sign_in(reader, live_site, "/admin/calls/new")
    find(reader, "award_max").send_keys("a lot", Keys.ENTER)
    wait(reader, lambda: reader.driver.title.startswith("Error: "))
    wait(reader, lambda: reader.driver.switch_to.active_element.get_attribute("id") == "problems")
    reader.driver.find_element(By.CSS_SELECTOR, "#problems a[href='#award_max']").click()
    assert reader.driver.switch_to.active_element.get_attribute("id") == "award_max"
    assert find(reader, "award_max").get_attribute("value") == "a lot"
    assert find(reader, "award_max").get_attribute("aria-invalid") == "true"


def test_enter_in_a_line_saves_and_presses_no_button_of_a_row(
    reader: Reader, live_site: Site
) -> None:
    with live_site.db.begin() as session:
        make_call(session, publish_at=None)
    sign_in(reader, live_site, "/admin/calls/1")
    find(reader, "reference").send_keys("T-3", Keys.ENTER)
    wait(reader, lambda: "Saved." in reader.driver.page_source)
    assert find(reader, "reference").get_attribute("value") == "T-3"
    assert reader.driver.find_elements(By.ID, "key_dates-0-date")


def test_unsaved_work_is_said_and_ctrl_s_saves_it(reader: Reader, live_site: Site) -> None:
    with live_site.db.begin() as session:
        make_news(session, publish_at=None)
    sign_in(reader, live_site, "/admin/news/1")
    state = reader.driver.find_element(By.CSS_SELECTOR, "[data-state]")
    assert state.text.startswith("Draft, saved")
    title = find(reader, "texts-en-title")
    title.send_keys(" again")
    assert state.text == "Changes not saved yet"
    title.send_keys(Keys.CONTROL, "s")
    wait(reader, lambda: "Saved." in reader.driver.page_source)
    assert find(reader, "texts-en-title").get_attribute("value") == "Waste heat: time to act again"


def test_the_panel_follows_what_is_written_and_leads_to_the_field(
    reader: Reader, live_site: Site
) -> None:
    sign_in(reader, live_site, "/admin/calls/new")

    def panel() -> str:
        return reader.driver.find_element(By.CSS_SELECTOR, "[data-panel]").text

    set_value(reader, "key_dates-0-date", "2026-05-02")
    find(reader, "texts-en-title").send_keys("Heat")
    wait(reader, lambda: "falls on a weekend: Saturday 2 May 2026" in panel())
    row = reader.driver.find_element(By.CSS_SELECTOR, "#key_dates-0 > [data-reading]")
    assert row.text.startswith("Saturday 2 May 2026")
    reader.driver.find_element(By.PARTIAL_LINK_TEXT, "weekend").send_keys(Keys.ENTER)
    assert reader.driver.switch_to.active_element.get_attribute("id") == "key_dates-0-date"
    assert reader.complaints() == []


def test_a_box_ticks_all_rows_of_a_page_and_says_what_is_ticked(
    reader: Reader, live_site: Site
) -> None:
    with live_site.db.begin() as session:
        for title in ("Heat", "Wood", "Water"):
            make_news(session, title, publish_at=None)
    sign_in(reader, live_site, "/admin/news/")
    every = reader.driver.find_element(By.CSS_SELECTOR, "[data-all] input")
    rows = reader.driver.find_elements(By.CSS_SELECTOR, "input[name=id]")

    def mixed() -> bool:
        return bool(reader.driver.execute_script("return arguments[0].indeterminate", every))

    assert every.accessible_name == "Choose all on this page"
    every.send_keys(Keys.SPACE)
    assert all(row.is_selected() for row in rows)
    rows[1].click()
    assert mixed()
    assert "Ticked: 2" in reader.driver.page_source
    every.click()
    assert (every.is_selected(), mixed()) == (True, False)
    press(reader, "Go on …")
    assert "It will be done to 3 of 3." in reader.driver.page_source
    reader.driver.back()
    wait(reader, lambda: "Ticked: 3" in reader.driver.page_source)
    reader.scripts(False)
    reader.driver.refresh()
    assert not reader.driver.find_element(By.CSS_SELECTOR, "[data-all]").is_displayed()


def test_rows_come_and_go_at_once(reader: Reader, live_site: Site) -> None:
    sign_in(reader, live_site, "/admin/calls/new")
    find(reader, "texts-en-title").send_keys("Kept")
    for _ in range(2):
        press(reader, "Add a date")
    assert reader.driver.switch_to.active_element.get_attribute("id") == "key_dates-2-type"
    assert find(reader, "key_dates-2-zone").get_attribute("value") == "Europe/Luxembourg"
    reader.driver.find_element(By.CSS_SELECTOR, "[value='remove:key_dates-1']").click()
    assert not reader.driver.find_elements(By.ID, "key_dates-1-type")
    assert find(reader, "texts-en-title").get_attribute("value") == "Kept"
    press(reader, "Add a document")
    assert reader.driver.switch_to.active_element.get_attribute("id") == "documents-0-title"


def test_what_was_typed_is_there_after_signing_in_anew(reader: Reader, live_site: Site) -> None:
    sign_in(reader, live_site, "/admin/news/new")
    find(reader, "texts-en-title").send_keys("A long afternoon's work")
    reader.driver.delete_all_cookies()
    press(reader, "Save")
    wait(reader, lambda: reader.driver.find_elements(By.ID, "password"))
    find(reader, "email").send_keys(EMAIL)
    find(reader, "password").send_keys(PASSWORD, Keys.ENTER)
    wait(reader, lambda: "Show what I typed" in reader.driver.page_source)
    press(reader, "Show what I typed")
    wait(reader, lambda: reader.driver.find_elements(By.ID, "texts-en-title"))
    assert find(reader, "texts-en-title").get_attribute("value") == "A long afternoon's work"
    press(reader, "Save")
    wait(reader, lambda: "Saved." in reader.driver.page_source)


def test_what_was_typed_survives_a_closed_window(reader: Reader, live_site: Site) -> None:
    fill(live_site)
    sign_in(reader, live_site, "/admin/news/2")
    find(reader, "texts-en-title").send_keys(", half")
    reader.driver.execute_script("dispatchEvent(new Event('blur'))")
    wait(reader, lambda: "kept for you at" in reader.driver.page_source)
    reader.driver.execute_script("document.querySelector('form[data-editor]').remove()")
    reader.driver.get(live_site.at("/admin/news/2"))
    reader.driver.find_element(By.LINK_TEXT, "Go on with them").click()
    wait(reader, lambda: reader.driver.current_url.endswith("?unsaved=1"))
    assert (find(reader, "texts-en-title").get_attribute("value") or "").endswith(", half")
    press(reader, "Save")
    wait(reader, lambda: "Saved." in reader.driver.page_source)


def test_the_keyboard_leads_anywhere_and_keeps_out_of_the_way_of_who_types(
    reader: Reader, live_site: Site
) -> None:
    fill(live_site)
    sign_in(reader, live_site, "/admin/news/")
    keys(reader, "/")
    wait(reader, lambda: reader.driver.switch_to.active_element.get_attribute("id") == "q")
    keys(reader, "?/")  # typed, not meant
    assert find(reader, "q").get_attribute("value") == "?/"
    keys(reader, Keys.TAB, "?")
    wait(reader, lambda: "Saves the form" in over(reader))
    reader.driver.find_element(By.CSS_SELECTOR, "dialog [type=checkbox]").click()
    keys(reader, Keys.ESCAPE, "?")  # turned off
    reader.driver.switch_to.active_element.send_keys(Keys.CONTROL, "k")
    wait(reader, lambda: "Write a call" in over(reader))
    keys(reader, "reuse")
    wait(reader, lambda: "Reuse of process heat" in over(reader))
    keys(reader, Keys.ENTER)
    wait(reader, lambda: reader.driver.current_url == live_site.at("/admin/calls/1"))
    assert reader.complaints() == []


def over(reader: Reader) -> str:
    """What stands in the window over the page."""
    return reader.driver.execute_script("return document.querySelector('dialog')?.innerText ?? ''")


def keys(reader: Reader, *typed: str) -> None:
    for text in typed:
        ActionChains(reader.driver).send_keys(text).perform()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_its_window(reader: Reader, live_site: Site, width: int) -> None:
    fill(live_site)
    sign_in(reader, live_site)
    reader.width(width)
    for path in PAGES:
        reader.driver.get(live_site.at(path))
        assert (
            reader.driver.execute_script("return document.documentElement.scrollWidth") <= width
        ), path


def test_every_page_is_sound(reader: Reader, live_site: Site) -> None:
    """Labels for every field, no id twice, no complaint of the content policy or a script."""
    fill(live_site)
    sign_in(reader, live_site)
    for path in PAGES:
        reader.driver.get(live_site.at(path))
        assert reader.driver.execute_script(UNLABELLED) == [], path
        assert reader.driver.execute_script(TWICE) == [], path
        assert len(reader.driver.find_elements(By.TAG_NAME, "h1")) == 1, path
        assert reader.complaints() == [], path


def fill(site: Site) -> None:
    with site.db.begin() as session:
        make_call(session)
        make_news(session, publish_at=None)
        asked = make_news(session, "Something to read", publish_at=None).id
        make_cluster(session)
        reviews.submit(session, asked, comment="Please.", actor=ANA, now=site.clock())


UNLABELLED = """
return [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")]
  .filter((field) => !field.labels?.length && !field.ariaLabel && !field.textContent.trim())
  .map((field) => field.outerHTML)
"""
TWICE = """
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
return ids.filter((id, place) => ids.indexOf(id) !== place)
"""
