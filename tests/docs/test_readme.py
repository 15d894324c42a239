"""What the README and its neighbours tell people to type, exists."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from flask import Flask

from feedsvc.cli import main
from tests.architecture.conftest import bare_app as bare_app
from tests.docs import pages

PAGES = ("README.md", "CONTRIBUTING.md", "docs/operating.md", "docs/commands.md", "docs/import.md")
TARGET = re.compile(r"^(\w+):.*## ", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z]+)\b")
COMMAND = re.compile(r"(?:^|[ /=])feedsvc ((?:[a-z]+)(?: [^#`|\n]*)?)", re.MULTILINE)
TARGETS = set(TARGET.findall(pages.text("Makefile")))


def typed(page: str) -> Iterator[str]:
    """What a page shows as code: blocks and single words alike."""
    yield from (block for kind in ("sh", "ini", "toml") for block in pages.fences(page, kind))
    yield from pages.codes(pages.text(page))


def commands(page: str) -> Iterator[list[str]]:
    for code in typed(page):
        for found in COMMAND.findall(code):
            yield found.split()


def test_the_readme_can_be_read_in_one_go() -> None:
    assert len(pages.text("README.md").splitlines()) < 150


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_exists(page: str) -> None:
    asked = {target for code in typed(page) for target in MAKE.findall(code)}
    assert asked <= TARGETS


def test_every_make_target_but_cleaning_is_explained_to_contributors() -> None:
    asked = {t for code in typed("CONTRIBUTING.md") for t in MAKE.findall(code)}
    assert TARGETS - asked <= {"help", "clean"}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_exists(page: str) -> None:
    for words in commands(page):
        command: click.Command = main
        rest = list(words)
        while rest and isinstance(command, click.Group):
            command = command.commands[rest.pop(0)]
        known = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= known, words


def test_the_addresses_of_the_table_lead_somewhere(bare_app: Flask) -> None:
    routes = bare_app.url_map.bind("agency.example")
    for row in pages.table("README.md", "You look at"):
        for cell in row:
            for address in pages.codes(cell):
                assert routes.match(address.partition("?")[0]), address


def test_the_changelog_begins_with_what_is_not_released() -> None:
    headings = re.findall(r"^## (.+)$", pages.text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
