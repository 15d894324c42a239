"""The look: every colour pair of the stylesheet can be read, covers are deterministic."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from lxml import etree

import feedsvc
from feedsvc import colours
from feedsvc.web import theme
from feedsvc.web.views import covers

STATIC = Path(feedsvc.__file__).parent / "web" / "static"
CSS = (STATIC / "site.css").read_text(encoding="utf-8")
TOKEN = re.compile(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)")
TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "bad") for ground in ("paper", "card", "tint")),
    *((tone, f"{tone}-bg") for tone in ("open", "soon", "next", "shut")),
    *((tone, "card") for tone in ("open", "soon", "next")),
    ("accent-ink", "accent"),
    ("accent", "paper"),
]


def tokens() -> dict[str, tuple[str, str]]:
    return {name: (_long(light), _long(dark)) for name, light, dark in TOKEN.findall(CSS)}


def _long(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(digit * 2 for digit in colour[1:])


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read_on_its_ground(text: str, ground: str, scheme: int) -> None:
    found = tokens()
    assert colours.contrast(found[text][scheme], found[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_edges_of_fields_can_be_seen(scheme: int) -> None:
    found = tokens()
    assert colours.contrast(found["edge"][scheme], found["card"][scheme]) >= 3


@pytest.mark.parametrize(
    "accent", ["#0b5d4e", "#ffe100", "#000000", "#ffffff", "#e4002b", "#777777"]
)
def test_any_accent_becomes_readable_on_both_papers(accent: str) -> None:
    pair = re.findall(r"light-dark\((#\w+), (#\w+)\)", theme.stylesheet(accent))
    (light, dark), (ink_on_light, ink_on_dark) = pair
    assert colours.contrast(light, theme.LIGHT_PAPER) >= 4.5
    assert colours.contrast(dark, theme.DARK_PAPER) >= 7
    assert colours.contrast(ink_on_light, light) >= 4.5
    assert colours.contrast(ink_on_dark, dark) >= 4.5


def test_papers_of_the_theme_are_those_of_the_stylesheet() -> None:
    assert tokens()["paper"] == (theme.LIGHT_PAPER, theme.DARK_PAPER)


def test_stylesheet_of_every_page_stays_small() -> None:
    assert len(CSS.encode()) < 21_500
    assert len(gzip.compress(CSS.encode())) < 6 * 1024


@pytest.mark.parametrize("name", ["entry", "lists", "print", "embedded", "follow", "ways"])
def test_stylesheet_of_some_pages_adds_little(name: str) -> None:
    assert len((STATIC / f"{name}.css").read_bytes()) < 8 * 1024


@pytest.mark.parametrize("number", range(len(covers.DRAWINGS)))
def test_every_kind_of_cover_is_whole_quiet_and_the_same_each_time(number: int) -> None:
    seed = f"{number:08x}"
    drawing = covers.draw("#2f6f3a", seed)
    root = etree.fromstring(drawing.encode())
    assert drawing == covers.draw("#2f6f3a", seed)
    assert len(drawing) < 40_000
    assert not root.xpath("//@style | //*[local-name()='script' or local-name()='style']")


def test_covers_of_different_entries_differ() -> None:
    addresses = {covers.address(f"entry {number}", "#2f6f3a") for number in range(200)}
    assert len(addresses) == 200
