"""What administrators may decide about the site, and whose word counts."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from email.policy import default

import pytest

from feedsvc.house import rules
from feedsvc.house.edits import Decided
from feedsvc.settings import Settings, load
from feedsvc.web.admin.forms.house import languages

OPERATORS = Settings(secret_key="k")


def test_what_is_decided_lies_over_the_operator_s_settings() -> None:
    decided = Decided(
        site_name="Agence", site_names=(("de", "Agentur"),), languages=("fr", "de"),
        mail_footers=(("fr", "12, rue X"),),
    )  # fmt: skip
    held = rules.applied(OPERATORS, decided)
    assert (held.named("fr"), held.named("de")) == ("Agence", "Agentur")
    assert held.default_language == "fr"
    assert (held.footer("fr"), held.footer("de")) == ("12, rue X", "12, rue X")
    assert held.secret_key == "k"


def test_what_the_operator_has_set_wins(tmp_path: object) -> None:
    fixed = load(str(tmp_path), {"FEEDSVC_SITE_NAME": "Ours", "FEEDSVC_SECRET_KEY": "k"})
    decided = Decided(site_name="Theirs", site_names=(("fr", "X"),), accent="#123456")
    held = rules.applied(fixed, decided)
    assert (held.named("fr"), held.accent) == ("Ours", "#123456")


def test_what_cannot_be_used_stops_nothing() -> None:
    assert rules.applied(OPERATORS, Decided(timezone="Mars/Olympus")) is OPERATORS
    assert rules.applied(OPERATORS, Decided()) is OPERATORS


def test_values_come_back_from_json_as_they_were() -> None:
    decided = Decided(reminder_offsets=(30, 7), mail_footers=(("en", "x"),), logo="")
    kept = {"reminder_offsets": [30, 7], "mail_footers": [["en", "x"]], "logo": "", "unknown": 1}
    assert Decided.of(kept) == decided


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Decided(site_name=" "), "site_name"),
        (Decided(site_name="x" * 81), "site_name"),
        (Decided(site_names=(("fr", "x" * 81),)), "site_names.fr.text"),
        (Decided(languages=()), "languages"),
        (Decided(languages=("en", "xx")), "languages"),
        (Decided(timezone="Luxembourg city"), "timezone"),
        (Decided(accent="red"), "accent"),
        (Decided(mail_from="Agency"), "mail_address"),
        (Decided(mail_from="Agency <a@b.example\n>"), "mail_address"),
        (Decided(mail_footers=(("de", "x" * 601),)), "mail_footers.de.text"),
        (Decided(reminder_offsets=()), "reminder_offsets"),
        (Decided(reminder_offsets=(400,)), "reminder_offsets"),
        (Decided(reminder_offsets=(1, 2, 3, 4, 5, 6)), "reminder_offsets"),
    ],
)
def test_what_cannot_be_decided_is_said_at_its_field(wanted: Decided, field: str) -> None:
    assert [problem.field for problem in rules.problems(wanted)] == [field]


@pytest.mark.parametrize("name", ["Agency", "Agence d’innovation", 'A "quoted", one; <x>', ""])
def test_a_sender_s_name_survives_the_header(name: str) -> None:
    mail_from = rules.sender(name, " calls@agency.example ")
    mail = EmailMessage(policy=default)
    mail["From"] = mail_from
    address = mail["From"].addresses[0]
    assert (address.display_name, address.addr_spec) == (name, "calls@agency.example")
    assert rules.sender_parts(mail_from)[1] == "calls@agency.example"
    assert not rules.problems(Decided(mail_from=mail_from))


def test_the_main_language_comes_first() -> None:
    assert languages("de", ["en", "fr"]) == ("de", "en", "fr")
    assert languages(None, ["fr", "en"]) == ("en", "fr")


def test_texts_by_language_change_nothing_where_there_are_none() -> None:
    assert replace(OPERATORS, site_names=()).named("fr") == OPERATORS.site_name
    assert OPERATORS.footer("fr") == ""
