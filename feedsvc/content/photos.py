"""Keep a photo: decoded and encoded anew, so that nothing but pixels comes in.

Sizes are limited before and after decoding (a small file can hold a huge image).
"""

from __future__ import annotations

import hashlib
import io
import warnings
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
QUALITY = 82


def store_photo(
    session: Session, data: bytes, media_path: Path, *, limit: int, now: datetime
) -> Photo:
    """Keep the image as WebP, at most 1600 pixels long, without metadata.

    The file's name is the digest of its content: the same photo is kept once. Raises: Invalid
    (field `photo`) for what is too large (`limit` in bytes) or is no JPEG, PNG or WebP image.
    """
    if len(data) > limit:
        raise _refused(
            N_("The photo is larger than %(limit)s MB; make it smaller."), limit=limit // 1_000_000
        )
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


def _decoded(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise _refused(N_("The photo has too many pixels; make it smaller."))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombWarning,
    ):
        raise _refused(N_("This file is no photo. Choose a JPEG, PNG or WebP image.")) from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return upright


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)


def _refused(message: str, **values: object) -> Invalid:
    return Invalid(Problem("photo", message, tuple(values.items())))
