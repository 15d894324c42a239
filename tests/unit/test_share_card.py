"""The picture of a shared link: what is written on it does not run into what stands below."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from feedsvc.web.share_card import HEIGHT, WIDTH, Card, draw

LEAF = ("Jan 2027", "7", "17:00")


@pytest.mark.parametrize("words", [2, 5, 12, 60])
@pytest.mark.parametrize("leaf", [LEAF, ("", "", "")])
def test_a_long_title_leaves_room_for_the_facts_below(words: int, leaf: tuple[str, str, str]) -> None:  # fmt: skip
    facts = ("Example Fund", "up to €500,000")
    card = Card("Furnace " * words, "Call for projects", "Agency", facts, "#0b5d4e", leaf)
    picture = Image.open(io.BytesIO(draw(card))).convert("RGB")
    line = HEIGHT - 120  # above the name of the site
    for top in (line - 6, line + 4):
        around = picture.crop((0, top, WIDTH, top + 3))
        assert len(around.getcolors() or ()) == 1, "it is bare"
