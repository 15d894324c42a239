"""Keep the logo of the site: as a photo is kept, but small, and see-through where it was.

Pages show it as it is kept, in WebP. Mail programs and feed readers get it as PNG, which all of them
know, and as a square where a list shows one: both are made of the kept file when they are asked for.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from feedsvc.content.media import files, images
from feedsvc.content.media.images import Pixels
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_

LARGEST = (720, 160)  # twice what is shown, for screens with fine dots
SVG_BEGINS = 4096  # bytes in which an SVG shows that it is one


def store(data: bytes, folder: Path, *, limit: int) -> str:
    """Keep it as WebP in the media folder; its name. Raises: Invalid (logo), as for a photo."""
    if b"<svg" in data[:SVG_BEGINS].lower():
        words = N_("An SVG can hold programs. Save the logo as PNG or WebP and choose that.")
        raise Invalid(Problem("logo", words))
    try:
        pixels = images.decoded(data, limit=limit, size=LARGEST, see_through=True)
    except Invalid as invalid:
        raise Invalid(*(replace(problem, field="logo") for problem in invalid.problems)) from None
    content = images.lossless(pixels)
    name = f"{files.digest(content)}.webp"
    files.write(folder, name, content)
    return name


def as_png(name: str, logo: str, folder: Path) -> bytes | None:
    """What the address of `urls.logo` names: the logo as PNG, or a square one; None for all else."""
    stem = logo.rpartition(".")[0]
    if not stem or name not in (f"{stem}.png", f"{stem}-square.png"):
        return None
    found = pixels(folder / logo)
    if found is None:
        return None
    return _png(folder / logo, is_square=name.endswith("-square.png"))


@lru_cache(maxsize=4)
def pixels(path: Path) -> Pixels | None:
    """The kept logo; None if its file is gone. Its name is the digest of what is in it."""
    return images.drawing(path.read_bytes()) if path.is_file() else None


@lru_cache(maxsize=4)
def _png(path: Path, *, is_square: bool) -> bytes:
    found = pixels(path)
    assert found is not None
    return images.png(images.squared(found) if is_square else found)
