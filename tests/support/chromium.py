"""A real Chromium for tests, with the settings of a reader that a test can change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

# Nothing but what a test asks for: no look-ups of the maker's hosts, no first-run pages.
SWITCHES = (
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
    "--force-prefers-reduced-motion",
    "--hide-scrollbars",
    "--lang=en",
)
WIDTH, HEIGHT = 1280, 900


class ChromiumUnavailable(Exception):
    """There is no browser to test with; the message says what is missing."""


class Reader:
    """What a person has set: width, colours, scripts. `driver` is Selenium's."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def reset(self) -> None:
        """A wide window, light, with scripts, on an empty page, without cookies."""
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.width(WIDTH)
        self.dark(False)
        self.scripts(True)
        self.zone("")
        self.complaints()

    def width(self, pixels: int) -> None:
        """Show pages in a window that is so wide (CSS pixels)."""
        size = {"width": pixels, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def dark(self, wanted: bool) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if wanted else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def zone(self, name: str) -> None:
        """The time zone of the reader's clock; empty: that of this machine."""
        self.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": name})

    def scripts(self, wanted: bool) -> None:
        off = {"value": not wanted}
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", off)

    def complaints(self) -> list[str]:
        """What the page wrote to the console as an error since the last call: CSP, 404, scripts."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]


@contextmanager
def running(profile: Path) -> Iterator[Reader]:
    """A browser that lives as long as the block. Raises: ChromiumUnavailable."""
    driver = Chrome(options=_options(profile), service=Service(_found("chromedriver")))
    try:
        yield Reader(driver)
    finally:
        driver.quit()


def _options(profile: Path) -> ChromeOptions:
    options = ChromeOptions()
    options.binary_location = _found("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for switch in (*SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses its sandbox to root
    return options


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise ChromiumUnavailable(f"{program} is not installed: run tests/support/install-browser")
    return path
