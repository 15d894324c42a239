"""Which copies a photo has: smaller ones for narrow screens, and crops around its focus. Pure.

The name of a copy says all about it, the focus of a crop as well: a moved focus is another file, so
that nobody keeps the old one for the new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

WIDTHS = (480, 960)  # a telephone, and a column on a wide screen; the photo itself has 1600 at most
CARD, CARD_WIDTHS = (16, 9), (480, 960)
SHARE = (1200, 630)  # what Open Graph readers show without cutting
WEBP, AVIF, JPEG = "webp", "avif", "jpg"

Box = tuple[int, int, int, int]


class Shape(Protocol):
    """What the copies of a photo depend on."""

    @property
    def name(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def focus_x(self) -> int: ...
    @property
    def focus_y(self) -> int: ...


@dataclass(frozen=True)
class Copy:
    """A file beside the photo: its name, its size, and what part of the photo it shows."""

    name: str
    width: int
    height: int
    box: Box


def smaller(photo: Shape, ending: str = WEBP) -> list[Copy]:
    """The whole photo, from the smallest copy to its own size."""
    whole = (0, 0, photo.width, photo.height)
    found = [
        _copy(photo, f"-{width}", width, whole, ending) for width in WIDTHS if width < photo.width
    ]
    return [*found, _copy(photo, "", photo.width, whole, ending)]


def cards(photo: Shape, ending: str = WEBP) -> list[Copy]:
    """The part that a list shows, from the smallest copy on."""
    box = crop(photo, CARD)
    across = box[2] - box[0]
    widths = [width for width in CARD_WIDTHS if width < across] or [across]
    return [_copy(photo, f"-card-{_focus(photo)}-{width}", width, box, ending) for width in widths]


def share(photo: Shape) -> Copy:
    """What a link shows where it is shared; JPEG, which every such place reads."""
    box = crop(photo, SHARE)
    width = min(SHARE[0], box[2] - box[0])
    return _copy(photo, f"-share-{_focus(photo)}", width, box, JPEG)


def every(photo: Shape, *, has_avif: bool) -> list[Copy]:
    """All files of the photo, its own among them."""
    endings = (WEBP, AVIF) if has_avif else (WEBP,)
    found = [
        copy for ending in endings for copy in (*smaller(photo, ending), *cards(photo, ending))
    ]
    return [*found, share(photo)]


def crop(photo: Shape, ratio: tuple[int, int]) -> Box:
    """The largest part of that ratio, as near to the focus as the edges allow."""
    across, down = ratio
    width = max(min(photo.width, photo.height * across // down), 1)
    height = max(min(photo.height, photo.width * down // across), 1)
    left = _from(photo.width, width, photo.focus_x)
    top = _from(photo.height, height, photo.focus_y)
    return left, top, left + width, top + height


def _from(whole: int, part: int, percent: int) -> int:
    return min(max(whole * percent // 100 - part // 2, 0), whole - part)


def _copy(photo: Shape, suffix: str, width: int, box: Box, ending: str) -> Copy:
    stem = photo.name.partition(".")[0]
    height = max(round(width * (box[3] - box[1]) / (box[2] - box[0])), 1)
    return Copy(f"{stem}{suffix}.{ending}", width, height, box)


def _focus(photo: Shape) -> str:
    return f"{photo.focus_x}x{photo.focus_y}"
