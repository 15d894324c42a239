"""The picture that a link shows where it is shared: what it is, by when, and how much. Pure.

Drawn in the site's own colours and in the reader's language, from facts that the page states. The
same card is the same picture, so a picture may be kept as long as its card.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps
from PIL.ImageFont import FreeTypeFont

from feedsvc import colours
from feedsvc.content.media import logos

WIDTH, HEIGHT = 1200, 630  # what Open Graph readers show without cutting
MARGIN = 72
PAPER, INK, PALE, LINE = "#fbfaf7", "#16211e", "#4a5a55", "#dfe3dd"
FONTS = Path(__file__).parent / "fonts"
LEAF = (232, 268)
LOGO = (360, 52)
# The largest in which the title fits on three lines, and above the facts.
TITLE_SIZES = (76, 66, 58, 50)
TOP, ROOM, FACT, LEADING = 168, 332, 52, 1.16  # where the title begins; what it has with the facts
COLOURS = 64  # flat shapes and their smooth edges need no more, and the file stays small


@dataclass(frozen=True)
class Card:
    """What is written. The leaf's lines are empty where there is no date."""

    title: str
    kind: str
    site: str
    facts: tuple[str, ...]
    accent: str
    leaf: tuple[str, str, str] = ("", "", "")
    logo: Path | None = None


@lru_cache(maxsize=200)
def draw(card: Card) -> bytes:
    """The card as PNG."""
    accent = colours.readable(card.accent, PAPER)
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 14), fill=accent)
    left = MARGIN
    if card.leaf[1]:
        _leaf(pen, card.leaf, accent)
        left += LEAF[0] + 56
    _head(pen, card, left, accent)
    _foot(image, pen, card, accent)
    return _png(image)


def _leaf(pen: ImageDraw.ImageDraw, lines: tuple[str, str, str], accent: str) -> None:
    """The calendar leaf, as on the page."""
    x, y = MARGIN, 126
    width, height = LEAF
    box = (x, y, x + width, y + height)
    pen.rounded_rectangle(box, 20, fill="#ffffff", outline=LINE, width=2)
    top = (x, y, x + width, y + 60)
    pen.rounded_rectangle(top, 20, fill=accent, corners=(True, True, False, False))
    middle = x + width / 2
    ink = colours.ink_on(accent)
    _centred(pen, (middle, y + 30), lines[0], ink, width)
    pen.text((middle, y + 142), lines[1], INK, _font("serif-semibold", 118), anchor="mm")
    _centred(pen, (middle, y + 232), lines[2], PALE, width)


def _centred(
    pen: ImageDraw.ImageDraw, middle: tuple[float, float], text: str, fill: str, width: int
) -> None:
    """A line of the leaf; a long month is set smaller, not over the edge."""
    size = next(
        size
        for size in (29, 26, 23, 20, 17)
        if _font("sans-semibold", size).getlength(text) < width - 20 or size == 17
    )
    pen.text(middle, text, fill, _font("sans-semibold", size), anchor="mm")


def _head(pen: ImageDraw.ImageDraw, card: Card, left: int, accent: str) -> None:
    pen.text((left, 122), card.kind, accent, _font("sans-semibold", 30))
    facts = card.facts[:2]
    font, lines = _title(card.title, WIDTH - MARGIN - left, ROOM - FACT * len(facts))
    y = TOP
    for line in lines:
        pen.text((left, y), line, INK, font)
        y += int(font.size * LEADING)
    for fact in facts:
        y += 14
        for line in _broken(fact, _font("sans-regular", 33), WIDTH - MARGIN - left)[:1]:
            pen.text((left, y), line, PALE, _font("sans-regular", 33))
            y += 38


def _foot(image: Image.Image, pen: ImageDraw.ImageDraw, card: Card, accent: str) -> None:
    y = HEIGHT - 92
    pen.line((MARGIN, y - 28, WIDTH - MARGIN, y - 28), fill=LINE, width=2)
    left = MARGIN + (_logo(image, card.logo, y - 8) or _mark(pen, y, accent)) + 18
    pen.text((left, y - 5), card.site, INK, _font("serif-semibold", 36))


def _mark(pen: ImageDraw.ImageDraw, y: int, accent: str) -> int:
    """The mark of a site without a logo; how wide it is."""
    pen.pieslice((MARGIN, y, MARGIN + 34, y + 34), 0, 360, fill=accent)
    pen.rectangle((MARGIN, y + 17, MARGIN + 17, y + 33), fill=accent)
    return 34


def _logo(image: Image.Image, path: Path | None, y: int) -> int:
    """How wide it is; 0 if there is none."""
    kept = logos.pixels(path) if path else None
    if kept is None:
        return 0
    shown = ImageOps.contain(kept, LOGO)
    image.paste(shown, (MARGIN, y + (LOGO[1] - shown.height) // 2), shown)
    return shown.width


def _title(text: str, width: int, room: int) -> tuple[FreeTypeFont, list[str]]:
    """The title in the largest size in which it fits; a longer one ends in an ellipsis."""
    for size in TITLE_SIZES:
        font = _font("serif-semibold", size)
        lines = _broken(text, font, width)
        high = len(lines) * int(size * LEADING)
        fits = len(lines) <= 3 and high <= room
        if fits and all(font.getlength(line) <= width for line in lines):
            return font, lines
    return font, [*lines[:2], _shortened(" ".join(lines[2:]), font, width)]


def _broken(text: str, font: FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [_shortened(line, font, width) for line in lines]


def _shortened(line: str, font: FreeTypeFont, width: int) -> str:
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line.rstrip(" ,.;:") + "…"


@lru_cache
def _font(name: str, size: int) -> FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{name}.ttf", size)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
