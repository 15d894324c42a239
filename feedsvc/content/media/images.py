"""Decode what was sent and encode it anew, so that nothing but pixels comes in.

Limits are asked before decoding: a small file can hold a huge image. Metadata, profiles and whatever
stood behind the image stay outside; the orientation that a camera noted is applied.
"""

from __future__ import annotations

import io
import struct
import warnings

from PIL import Image, ImageOps, features

from feedsvc.content.media import sizes
from feedsvc.content.media.sizes import Copy
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1600
PAPER = "#ffffff"  # behind what is transparent
# AVIF at its quickest is smaller than WebP at its best, and costs no more to make.
ENCODED = {
    sizes.WEBP: ("WEBP", {"quality": 82, "method": 4}),
    sizes.AVIF: ("AVIF", {"quality": 60, "speed": 9}),
    sizes.JPEG: ("JPEG", {"quality": 84, "optimize": True}),
}
NO_PHOTO = N_("This file is no photo. Choose a JPEG, PNG or WebP image.")
# What Pillow raises for files that are broken, or made to break it.
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError, struct.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip

Pixels = Image.Image


def decoded(
    data: bytes,
    *,
    limit: int,
    size: tuple[int, int] = (LONGEST_SIDE, LONGEST_SIDE),
    see_through: bool = False,
) -> Pixels:
    """The image, upright and at most as large as `size`; what is transparent may stay so.

    Raises: Invalid (field `photo`) for what is larger than `limit` bytes, has too many pixels, or
    is no JPEG, PNG or WebP image that can be read to its end.
    """
    if len(data) > limit:
        raise _refused(
            N_("The photo is larger than %(limit)s MB; make it smaller."), limit=limit // 1_000_000
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, which stays outside anyway
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _upright(io.BytesIO(data), size, see_through=see_through)
    except BROKEN:
        raise _refused(NO_PHOTO) from None


def part(pixels: Pixels, copy: Copy) -> bytes:
    """A copy of the photo that `pixels` are."""
    resized = pixels.resize((copy.width, copy.height), Image.Resampling.LANCZOS, box=copy.box)
    return encoded(resized, copy.name.rpartition(".")[2])


def encoded(pixels: Pixels, ending: str) -> bytes:
    kind, options = ENCODED[ending]
    out = io.BytesIO()
    pixels.save(out, kind, **options)
    return out.getvalue()


def lossless(pixels: Pixels) -> bytes:
    """As WebP, with what is see-through."""
    out = io.BytesIO()
    pixels.save(out, "WEBP", lossless=True)
    return out.getvalue()


def png(pixels: Pixels) -> bytes:
    """As PNG, which every program knows, with what is see-through."""
    out = io.BytesIO()
    pixels.save(out, "PNG", optimize=True)
    return out.getvalue()


def drawing(content: bytes) -> Pixels:
    """A picture that was encoded here before, with what is see-through."""
    return Image.open(io.BytesIO(content), formats=("WEBP",)).convert("RGBA")


def squared(pixels: Pixels) -> Pixels:
    """In the middle of a square that is see-through."""
    side = max(pixels.size)
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(pixels, ((side - pixels.width) // 2, (side - pixels.height) // 2))
    return square


def kept(content: bytes) -> Pixels:
    """A photo that was encoded here before, to make copies of."""
    return Image.open(io.BytesIO(content), formats=("WEBP",)).convert("RGB")


def has_avif() -> bool:
    """Whether this Pillow can write AVIF."""
    return bool(features.check("avif"))


def _upright(file: io.BytesIO, size: tuple[int, int], *, see_through: bool) -> Pixels:
    image = Image.open(file, formats=FORMATS)
    if image.width * image.height > MOST_PIXELS:
        raise _refused(N_("The photo has too many pixels; make it smaller."))
    image.draft("RGB", size)  # a JPEG can be read smaller than it is
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data and not see_through:
        upright = _on_paper(upright.convert("RGBA"))
    upright = upright.convert("RGBA" if see_through else "RGB")
    upright.thumbnail(size)
    upright.info.clear()
    return upright


def _on_paper(image: Pixels) -> Pixels:
    paper = Image.new("RGBA", image.size, PAPER)
    paper.alpha_composite(image)
    return paper


def _refused(message: str, **values: object) -> Invalid:
    return Invalid(Problem("photo", message, tuple(values.items())))
