"""Covers for news without a photo: quiet drawings made from a seed and a colour. Pure.

The same key and colour give the same drawing for ever; its address holds all that it is made
of, so nothing is stored and it may be cached without end.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from feedsvc.colours import mix

WIDTH, HEIGHT = 640, 360
PAPER, NIGHT, SAND = "#f6f3ec", "#101615", "#e2b877"


@dataclass(frozen=True)
class Palette:
    """Tones of one colour, from the ground to the darkest shape."""

    ground: str
    soft: str
    middle: str
    strong: str
    spark: str


def address(key: str, colour: str) -> str:
    """The local address of the cover that belongs to a key, in a colour (`#rrggbb`).

    The key of an entry is its uid: the cover stays when the title is corrected or translated.
    """
    seed = hashlib.sha256(key.encode()).hexdigest()[:8]
    return f"/covers/{colour.lstrip('#').lower()}-{seed}.svg"


def draw(colour: str, seed: str) -> str:
    """The SVG of a cover. `seed` is eight hex digits: the first chooses the kind of drawing."""
    # Not for secrets: the drawing must be the same on every machine.
    chance = random.Random(seed)  # noqa: S311
    palette = _palette(colour)
    shapes = DRAWINGS[int(seed, 16) % len(DRAWINGS)](chance, palette)
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{palette.ground}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">{ground}{"".join(shapes)}</svg>'
    )


def _palette(colour: str) -> Palette:
    return Palette(
        ground=mix(colour, PAPER, 0.14),
        soft=mix(colour, PAPER, 0.3),
        middle=mix(colour, PAPER, 0.58),
        strong=mix(colour, NIGHT, 0.82),
        spark=mix(SAND, colour, 0.8),
    )


def _hills(chance: random.Random, tone: Palette) -> list[str]:
    """Ranges behind one another, and a sun."""
    x, y, r = chance.randint(120, 520), chance.randint(80, 140), chance.randint(34, 58)
    shapes = [f'<circle cx="{x}" cy="{y}" r="{r}" fill="{tone.spark}"/>']
    for level, fill in enumerate((tone.soft, tone.middle, tone.strong)):
        base, height = 200 + level * 55, chance.randint(28, 60)
        start, waves = chance.uniform(0, math.tau), chance.uniform(1.2, 2.6)
        points = (
            f"{px} {base + height * math.sin(start + waves * math.tau * px / WIDTH):.0f}"
            for px in range(0, WIDTH + 1, 20)
        )
        shapes.append(f'<path d="M0 {HEIGHT}L{" ".join(points)} {WIDTH} {HEIGHT}z" fill="{fill}"/>')
    return shapes


def _tiles(chance: random.Random, tone: Palette) -> list[str]:
    """Quarter circles in a grid, as in a laid floor."""
    size = chance.choice((80, 90, 120))
    fills = (tone.soft, tone.soft, tone.middle, tone.strong, tone.spark)
    shapes = []
    for y in range(0, HEIGHT, size):
        for x in range(0, WIDTH, size):
            if chance.random() < 0.24:
                continue
            turn = chance.choice((0, 90, 180, 270))
            middle = f"{x + size / 2:g} {y + size / 2:g}"
            shapes.append(
                f'<path transform="rotate({turn} {middle})" fill="{chance.choice(fills)}" '
                f'd="M{x} {y}h{size}a{size} {size} 0 0 1-{size} {size}z"/>'
            )
    return shapes


def _rings(chance: random.Random, tone: Palette) -> list[str]:
    """Circles around a point off the centre, like a cut trunk."""
    x, y = chance.randint(90, 550), chance.randint(60, 300)
    shapes = []
    for number in range(14, 0, -1):
        width = chance.choice((2, 3, 5, 9))
        fill = tone.soft if number % 4 else tone.middle
        shapes.append(
            f'<circle cx="{x}" cy="{y}" r="{number * 34}" fill="none" stroke="{fill}" '
            f'stroke-width="{width}"/>'
        )
    shapes.append(f'<circle cx="{x}" cy="{y}" r="20" fill="{tone.spark}"/>')
    return shapes


def _paths(chance: random.Random, tone: Palette) -> list[str]:
    """Lines that run side by side and turn together, like tracks on a board."""
    shapes = []
    turn, drop = chance.randint(180, 400), chance.choice((-70, 60, 90))
    for number in range(13):
        y = 20 + number * 27
        bend = turn + number * chance.choice((8, 8, 12))
        colour = tone.strong if number in (4, 9) else tone.middle if number % 3 else tone.soft
        shapes.append(
            f'<path d="M-10 {y}H{bend}l{abs(drop)} {drop}H{WIDTH + 10}" fill="none" '
            f'stroke="{colour}" stroke-width="{5 if number in (4, 9) else 3}"/>'
        )
        if number in (4, 9):
            shapes.append(f'<circle cx="{bend}" cy="{y}" r="10" fill="{tone.spark}"/>')
    return shapes


def _dots(chance: random.Random, tone: Palette) -> list[str]:
    """A field of dots that swells around one place."""
    cx, cy = chance.randrange(170, 480, 30), chance.randrange(105, 270, 30)
    spread = chance.randint(130, 230)
    shapes = []
    for y in range(15, HEIGHT, 30):
        for x in range(20, WIDTH, 30):
            near = math.exp(-(((x - cx) / spread) ** 2 + ((y - cy) / spread) ** 2))
            fill = tone.strong if near > 0.72 else tone.middle if near > 0.3 else tone.soft
            fill = tone.spark if (x, y) == (cx, cy) else fill
            shapes.append(f'<circle cx="{x}" cy="{y}" r="{2.5 + 10 * near:.1f}" fill="{fill}"/>')
    return shapes


def _sheets(chance: random.Random, tone: Palette) -> list[str]:
    """Large leaning sheets that lie over one another."""
    shapes = []
    for number, fill in enumerate((tone.soft, tone.middle, tone.strong, tone.soft)):
        x, width = -60 + number * 165 + chance.randint(-30, 30), chance.randint(120, 220)
        lean = chance.randint(60, 150)
        shapes.append(
            f'<path d="M{x} {HEIGHT}L{x + lean} 0h{width}L{x + width} {HEIGHT}z" fill="{fill}" '
            'fill-opacity=".82"/>'
        )
    x = chance.randint(120, 500)
    shapes.append(f'<circle cx="{x}" cy="{chance.randint(90, 250)}" r="36" fill="{tone.spark}"/>')
    return shapes


def _waves(chance: random.Random, tone: Palette) -> list[str]:
    """Lines like those of a map: height drawn as a swell."""
    start, lift = chance.uniform(0, math.tau), chance.randint(18, 44)
    peak = chance.randint(180, 460)
    shapes = []
    for number in range(17):
        y = 10 + number * 23
        swell = lift * (1 + math.sin(start + number / 2))
        points = " ".join(
            f"{x} {y - swell * _bell(x - peak) + 6 * math.sin(x / 90 + start):.0f}"
            for x in range(-10, WIDTH + 30, 20)
        )
        fill = tone.middle if number % 5 else tone.strong
        shapes.append(f'<path d="M{points}" fill="none" stroke="{fill}" stroke-width="2.5"/>')
    shapes.append(f'<circle cx="{peak}" cy="70" r="22" fill="{tone.spark}"/>')
    return shapes


def _bell(distance: float) -> float:
    return math.exp(-((distance / 150) ** 2))


DRAWINGS: tuple[Callable[[random.Random, Palette], list[str]], ...] = (
    _hills, _tiles, _rings, _paths, _dots, _sheets, _waves,
)  # fmt: skip
