"""Files as people upload them, and as those make them who mean harm. All are made here, byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

OOXML = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": f"{OOXML}wordprocessingml.document",
    "xlsx": f"{OOXML}spreadsheetml.sheet",
    "pptx": f"{OOXML}presentationml.presentation",
}
ODF = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}


def image(
    kind: str = "PNG",
    size: tuple[int, int] = (64, 36),
    colour: Any = "#0b5d4e",
    mode: str = "RGB",
    **options: Any,
) -> bytes:
    held = io.BytesIO()
    Image.new(mode, size, colour).save(held, kind, **options)
    return held.getvalue()


def pixel_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of some bytes that says it has milliards of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def pdf(body: bytes = b"", after: bytes = b"") -> bytes:
    """A PDF of one empty page, with something in it and something behind it."""
    start = (
        b"%PDF-1.7\n"
        + body
        + b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        + b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    )
    end = f"trailer<</Size 3/Root 1 0 R>>\nstartxref\n{len(start)}\n%%EOF\n"
    return start + b"xref\n0 1\n0000000000 65535 f \n" + end.encode() + after


def archive(members: dict[str, bytes], *, comment: bytes = b"", stored: bool = False) -> bytes:
    held = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(held, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
        made.comment = comment
    return held.getvalue()


def office(ending: str = "docx", more: dict[str, bytes] | None = None, **options: Any) -> bytes:
    """A document of Word, Excel, PowerPoint or LibreOffice, with further members."""
    if ending in ODF:
        first = {"mimetype": ODF[ending].encode(), "META-INF/manifest.xml": b"<manifest/>"}
        return archive(first | {"content.xml": b"<office/>"} | (more or {}), **options)
    part = f'<Override PartName="/main.xml" ContentType="{MAIN[ending]}.main+xml"/>'
    first = {"[Content_Types].xml": f"<Types>{part}</Types>".encode(), "_rels/.rels": b"<r/>"}
    return archive(first | {"main.xml": b"<document/>"} | (more or {}), **options)


def overlapping(ending: str = "docx") -> bytes:
    """An office file whose directory names its largest member many times at one place."""
    data = office(ending, {"large.xml": b"a" * 100_000}, stored=True)
    place = data.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<HLL", data, place + 10)
    directory = data[start : start + size]
    large = directory[directory.rfind(b"PK\x01\x02") :]
    many = directory + b"".join(
        large.replace(b"large.xml", b"l%04d.xml" % number) for number in range(500)
    )
    end = struct.pack(
        "<4sHHHHLLH", b"PK\x05\x06", 0, 0, count + 500, count + 500, len(many), start, 0
    )
    return data[:start] + many + end
