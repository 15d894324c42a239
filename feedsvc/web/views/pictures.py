"""A photo as a page shows it: its copies by width, of which the browser takes what fits. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from feedsvc.content.media import sizes
from feedsvc.content.media.models import Photo
from feedsvc.content.media.sizes import Copy

Copies = Callable[..., list[Copy]]


@dataclass(frozen=True)
class Picture:
    """Addresses and the size that keeps its place; `srcset` and `avif` are empty without copies."""

    src: str
    width: int
    height: int
    srcset: str = ""
    avif: str = ""


def whole(photo: Photo, media: str) -> Picture:
    """All of it; `media` is where pictures are had."""
    return _picture(photo, media, sizes.smaller)


def card(photo: Photo, media: str) -> Picture:
    """The part around its focus that lists show."""
    if not photo.ready:
        return whole(photo, media)
    return _picture(photo, media, sizes.cards)


def shared(photo: Photo, media: str) -> str:
    """The address of what a link shows where it is shared."""
    return media + (sizes.share(photo).name if photo.ready else photo.name)


def _picture(photo: Photo, media: str, copies: Copies) -> Picture:
    if not photo.ready:
        return Picture(media + photo.name, photo.width, photo.height)
    found = copies(photo)
    largest = found[-1]
    avif = _srcset(copies(photo, sizes.AVIF), media) if photo.has_avif else ""
    return Picture(media + largest.name, largest.width, largest.height, _srcset(found, media), avif)


def _srcset(copies: Sequence[Copy], media: str) -> str:
    return ", ".join(f"{media}{copy.name} {copy.width}w" for copy in copies)
