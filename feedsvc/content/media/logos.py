"""Keep the logo of the site: as a photo is kept, but small, and see-through where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from feedsvc.content.media import files, images
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
