"""Nothing but pixels comes in, and no file that means harm comes far."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from PIL import Image

from feedsvc.content.media import images, sizes
from feedsvc.errors import Invalid
from tests.support import uploads
from tests.support.uploads import image

LIMIT = 8_000_000


def shape(width: int, height: int, x: int = 50, y: int = 50) -> SimpleNamespace:
    return SimpleNamespace(name="ab.webp", width=width, height=height, focus_x=x, focus_y=y)


def test_script_in_the_metadata_and_behind_the_image_stays_outside() -> None:
    exif = Image.Exif()
    exif[0x010E] = exif[0x9286] = "<script>alert(1)</script>"
    script = b"<script>alert(1)</script>"
    data = image("JPEG", exif=exif, comment=script, icc_profile=script) + script
    for ending in images.ENCODED:
        made = images.encoded(images.decoded(data, limit=LIMIT), ending)
        assert b"script" not in made
        with Image.open(io.BytesIO(made)) as kept:
            assert not kept.getexif()


def test_a_picture_stands_upright_and_is_not_larger_than_pages_need() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    upright = images.decoded(image("JPEG", (3200, 800), exif=exif), limit=LIMIT)
    assert upright.size == (400, 1600)


def test_what_is_transparent_lies_on_white() -> None:
    clear = images.decoded(image("PNG", mode="RGBA", colour=(0, 0, 0, 0)), limit=LIMIT)
    assert clear.getpixel((5, 5)) == (255, 255, 255)
    palette = images.decoded(image("PNG", mode="P", colour=0, transparency=0), limit=LIMIT)
    assert palette.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "CMYK", "I;16", "P"])
def test_every_kind_of_pixels_is_read(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert images.decoded(image(kind, mode=mode, colour=None), limit=LIMIT).mode == "RGB"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(50),
        b"GIF89a/*" + image() + b"*/=1;alert(1)",
        image("GIF"),
        image("BMP"),
        image("TIFF"),
        image("ICO"),
        image()[:60],
        image("JPEG", (200, 200))[:300],
        image("WEBP")[:40],
        b"\xff\xd8\xff" + b"<script>" * 20,
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    ],
)
def test_what_is_no_photo_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Invalid, match="This file is no photo"):
        images.decoded(data, limit=LIMIT)


def test_what_is_too_large_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(Invalid, match="larger than 8 MB"):
        images.decoded(bytes(LIMIT + 1), limit=LIMIT)
    with pytest.raises(Invalid, match="too many pixels"):
        images.decoded(uploads.pixel_bomb(10_000, 6_000), limit=LIMIT)
    with pytest.raises(Invalid, match="This file is no photo"):
        images.decoded(uploads.pixel_bomb(), limit=LIMIT)


@pytest.mark.parametrize(
    ("focus", "box"),
    [
        ((0, 0), (0, 0, 1600, 900)),
        ((50, 50), (0, 350, 1600, 1250)),
        ((50, 100), (0, 700, 1600, 1600)),
    ],
)
def test_a_crop_goes_to_the_focus_as_far_as_the_edges_allow(
    focus: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    assert sizes.crop(shape(1600, 1600, *focus), sizes.CARD) == box


@pytest.mark.parametrize("size", [(1, 1), (1600, 1), (1, 1600), (500, 300), (1600, 900)])
def test_every_copy_lies_within_the_photo_and_has_its_own_name(size: tuple[int, int]) -> None:
    copies = sizes.every(shape(*size), has_avif=True)
    assert len({copy.name for copy in copies}) == len(copies)
    for copy in copies:
        left, top, right, bottom = copy.box
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
        assert 1 <= copy.width <= size[0]
        assert copy.height >= 1


def test_a_moved_focus_is_another_file() -> None:
    here, there = (sizes.share(shape(1600, 900, x)).name for x in (20, 80))
    assert here != there


def test_copies_are_what_their_names_say() -> None:
    pixels = images.decoded(image("PNG", (500, 400)), limit=LIMIT)
    kinds = {"webp": "WEBP", "avif": "AVIF", "jpg": "JPEG"}
    for copy in sizes.every(shape(500, 400), has_avif=images.has_avif()):
        with Image.open(io.BytesIO(images.part(pixels, copy))) as made:
            assert made.size == (copy.width, copy.height)
            assert made.format == kinds[copy.name.rpartition(".")[2]]
