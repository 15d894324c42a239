"""docs/settings.md holds every setting, its variable and its default."""

from __future__ import annotations

from typing import Any

import pytest

from feedsvc.errors import FeedsvcError
from feedsvc.mail import relay
from feedsvc.settings import ENV_PREFIX, Settings, of_operators
from tests.docs import pages

PAGE = "docs/settings.md"
ROWS = {pages.codes(row[0])[0]: row for row in pages.table(PAGE, "Setting", "Variable", "Default")}


def written(default: Any) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)


def test_every_setting_is_documented_and_no_other() -> None:
    assert list(ROWS) == [field.name for field in of_operators()]


@pytest.mark.parametrize("field", of_operators(), ids=lambda field: field.name)
def test_variable_and_default_are_right(field: Any) -> None:
    _, variable, default, meaning = ROWS[field.name]
    assert pages.codes(variable) == [ENV_PREFIX + field.name.upper()]
    assert (pages.codes(default) or [""])[0] == written(field.default)
    assert meaning


def test_documented_ways_to_a_mail_server_are_understood() -> None:
    parts = [pages.codes(row[0])[0] for row in pages.table(PAGE, "Part", "Meaning")]
    assert parts == [
        "outbox:", "smtp://", "smtps://", "user:password@", "?starttls=require", "?starttls=no",
        "?cafile=/etc/ssl/own.pem",
    ]  # fmt: skip
    assert relay.from_settings(Settings(mail_url="outbox:")) is None
    for url, port in (("smtp://mail.example", 587), ("smtps://mail.example", 465)):
        found = relay.from_settings(Settings(mail_url=url))
        assert found is not None
        assert (found.port, found.starttls) == (port, "require")


@pytest.mark.parametrize("option", ["starttls=maybe", "verify=no"])
def test_other_options_of_a_mail_server_are_refused(option: str) -> None:
    with pytest.raises(FeedsvcError, match="mail_url"):
        relay.from_settings(Settings(mail_url=f"smtp://mail.example?{option}"))
