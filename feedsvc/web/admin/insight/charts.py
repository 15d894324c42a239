"""Charts as geometry: numbers in, places in a drawing out; the template writes them as SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 200
TOP, BOTTOM = 30, 32  # for the scale above and the words below the columns
GAP = 0.25  # of a column's room
STEPS = (1, 2, 5)
SEEN = 2.0  # the least height of what is not nothing


@dataclass(frozen=True)
class Column:
    """A value as a rectangle that stands on the ground line; `part` of it is marked."""

    label: str
    value: int
    part: int
    x: float
    width: float
    y: float
    height: float
    part_height: float


@dataclass(frozen=True)
class Chart:
    """Columns side by side. `title` and `description` are for those who cannot see them."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    most: int  # what the top line stands for

    width, height, top, ground = WIDTH, HEIGHT, TOP, HEIGHT - BOTTOM


def columns(name: str, title: str, description: str, rows: Sequence[tuple[str, int, int]]) -> Chart:
    """`rows` are label, value, and the part of the value that is marked."""
    most = ceiling(max((value for _, value, _ in rows), default=0))
    room = WIDTH / max(len(rows), 1)
    drawn = tuple(
        _column(row, most, x=number * room + room * GAP / 2, width=room * (1 - GAP))
        for number, row in enumerate(rows)
    )
    return Chart(name, title, description, drawn, most)


def share(value: int, most: int) -> float:
    """How long a bar is, in percent; what is there at all can be seen."""
    return 0 if value <= 0 or most <= 0 else max(1.0, round(100 * value / most, 1))


def ceiling(value: int) -> int:
    """The next round number: 1, 2, 5, 10, 20, 50 ..."""
    power = 1
    while True:
        for step in STEPS:
            if step * power >= value:
                return step * power
        power *= 10


def _height(number: int, room: int, most: int) -> float:
    """What is there at all can be seen."""
    return max(SEEN, round(room * number / most, 1)) if number else 0


def _column(row: tuple[str, int, int], most: int, *, x: float, width: float) -> Column:
    label, value, part = row
    room = HEIGHT - BOTTOM - TOP
    height, part_height = (_height(number, room, most) for number in (value, part))
    return Column(
        label, value, part, round(x, 1), round(width, 1),
        round(HEIGHT - BOTTOM - height, 1), height, part_height,
    )  # fmt: skip
