"""Keep a photo: decoded and encoded anew, so that nothing but pixels comes in.

Sizes are limited before and after decoding (a small file can hold a huge image).
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.content.models import Photo
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1600
LOGO_SIZE = (720, 160)  # twice what is shown, for screens with fine dots
SVG_BEGINS = 4096  # bytes in which an SVG shows that it is one
QUALITY = 82


def store_photo(
    session: Session, data: bytes, media_path: Path, *, limit: int, now: datetime
) -> Photo:
    """Keep the image as WebP, at most 1600 pixels long, without metadata.

    The file's name is the digest of its content: the same photo is kept once. Raises: Invalid
    (field `photo`) for what is too large (`limit` in bytes) or is no JPEG, PNG or WebP image.
    """
    if len(data) > limit:
        raise _too_large(limit)
    image = _decoded(data)
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", quality=QUALITY, method=4)
    content = encoded.getvalue()
    name = f"{hashlib.sha256(content).hexdigest()[:32]}.webp"
    known = session.scalar(select(Photo).where(Photo.name == name))
    if known is not None:
        return known
    _write(media_path / name, content)
    photo = Photo(
        name=name, width=image.width, height=image.height, bytes=len(content), created_at=now
    )
    session.add(photo)
    session.flush()
    return photo


def store_logo(data: bytes, media_path: Path, *, limit: int) -> str:
    """Keep a logo as WebP, without metadata, small enough for the head of a page; its name.

    What is transparent stays so. Raises: Invalid (field `logo`), as for a photo.
    """
    if b"<svg" in data[:SVG_BEGINS].lower():
        words = N_("An SVG can hold programs. Save the logo as PNG or WebP and choose that.")
        raise Invalid(Problem("logo", words))
    try:
        if len(data) > limit:
            raise _too_large(limit)
        image = _decoded(data, mode="RGBA", largest=LOGO_SIZE)
    except Invalid as invalid:
        raise Invalid(*(replace(problem, field="logo") for problem in invalid.problems)) from None
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", lossless=True)
    content = encoded.getvalue()
    name = f"{hashlib.sha256(content).hexdigest()[:32]}.webp"
    _write(media_path / name, content)
    return name


def _decoded(
    data: bytes, *, mode: str = "RGB", largest: tuple[int, int] = (LONGEST_SIDE, LONGEST_SIDE)
) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise _refused(N_("The photo has too many pixels; make it smaller."))
            upright = ImageOps.exif_transpose(image).convert(mode)
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombWarning,
    ):
        raise _refused(N_("This file is no photo. Choose a JPEG, PNG or WebP image.")) from None
    upright.thumbnail(largest)
    return upright


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)


def _too_large(limit: int) -> Invalid:
    words = N_("The photo is larger than %(limit)s MB; make it smaller.")
    return _refused(words, limit=limit // 1_000_000)


def _refused(message: str, **values: object) -> Invalid:
    return Invalid(Problem("photo", message, tuple(values.items())))
