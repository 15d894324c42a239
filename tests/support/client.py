"""The browser of web tests: it speaks to the site's own address and fills in forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from feedsvc.settings import Settings

SESSION_COOKIE = "__Host-session"  # its name over TLS, as the tests' base URL has it


class Browser(FlaskClient):
    """A test client whose requests go to the configured base URL, as a reader's do."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        if args and isinstance(args[0], str):
            options.setdefault("base_url", self._settings.base_url)
        return super().open(*args, **options)

    def sign_in(self, secret: str) -> None:
        """Carry the cookie of a session that `feedsvc.auth.sessions` has started."""
        self.set_cookie(SESSION_COOKIE, secret, domain=self._settings.host, secure=True)

    def submit(
        self, path: str, fields: Mapping[str, Any], *, page: str = "", **options: Any
    ) -> TestResponse:
        """Send the form of a page: its hidden fields (as the CSRF token) and what is filled in.

        `page` is where the form is; empty: at the address that it is sent to.
        """
        shown = html.fromstring(self.get(page or path, base_url=self._settings.base_url).text)
        hidden = {
            field.get("name"): field.get("value", "")
            for field in shown.xpath("//form[@method='post']//input[@type='hidden' and @name]")
        }
        return self.post(path, data={**hidden, **fields}, **options)

    @property
    def _settings(self) -> Settings:
        settings: Settings = self.application.extensions["feedsvc"].settings
        return settings
