"""docs/commands.md holds every command of `feedsvc` with its arguments and options."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from feedsvc.cli import main
from tests.docs import pages

PAGE = "docs/commands.md"
SECTION = re.compile(r"^## (?P<name>.+)\n(?P<text>(?:(?!## ).*\n)*)", re.MULTILINE)
OPTION = re.compile(r"^\| `(?P<name>--[a-z-]+)` \|(?: (?P<cell>[^|]*) \|)?", re.MULTILINE)


def commands(group: click.Group, before: str = "feedsvc") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


COMMANDS = dict(commands(main))
SECTIONS = {found["name"]: found["text"] for found in SECTION.finditer(pages.text(PAGE))}


def heading(name: str, command: click.Command) -> str:
    wanted = [p.human_readable_name for p in command.params if isinstance(p, click.Argument)]
    return " ".join([name, *(argument.upper() for argument in wanted)])


def test_every_command_is_documented_and_no_other() -> None:
    assert list(SECTIONS) == [heading(name, command) for name, command in COMMANDS.items()]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented_with_its_default(name: str) -> None:
    command = COMMANDS[name]
    held = {m["name"]: m["cell"] for m in OPTION.finditer(SECTIONS[heading(name, command)])}
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert sorted(held) == sorted(option.opts[0] for option in options)
    for option in options:
        if isinstance(option.default, str | int) and not isinstance(option.default, bool):
            assert pages.codes(held[option.opts[0]]) == [str(option.default)]
