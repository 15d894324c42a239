"""The bytes of a feed in each coding: the same to whoever reads them, and made once."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest
import zstandard

from feedsvc.feeds.body import LONG, Body


def _unzstd(data: bytes) -> bytes:
    """As a client that reads one frame and no more, with the least window that it must have."""
    reader = zstandard.ZstdDecompressor(max_window_size=8 * 2**20).decompressobj()
    plain = reader.decompress(data)
    assert reader.eof
    assert not reader.unused_data
    return plain


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "identity": lambda data: data,
    "gzip": lambda data: zlib.decompress(data, wbits=31),
    "br": brotli.decompress,
    "zstd": _unzstd,
}


def _text(size: int) -> bytes:
    """Text that compresses about as feeds do."""
    chance = random.Random(size)
    words = [chance.randbytes(4).hex() for _ in range(2000)]
    return " ".join(chance.choices(words, k=size // 9 + 1)).encode()[:size]


@pytest.mark.parametrize("coding", DECODERS)
@pytest.mark.parametrize("size", [0, 1, 70_000, LONG + 1])
def test_each_coding_gives_the_very_bytes_back(coding: str, size: int):
    data = _text(size)
    assert DECODERS[coding](Body(data).coded(coding)) == data


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_equal_data_gives_equal_bytes(coding: str):
    data = _text(10_000)
    assert Body(data).coded(coding) == Body(bytes(data)).coded(coding)


def test_gzip_names_no_time():
    assert Body(b"feed").coded("gzip")[4:8] == bytes(4)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_coding_is_made_once_however_many_ask(coding: str):
    body = Body(_text(200_000))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: body.coded(coding), range(16)))
    assert len({id(found) for found in made}) == 1


def test_what_is_kept_weighs_what_it_takes():
    body = Body(_text(5_000))
    assert body.weight == 5_000
    made = [body.coded(coding) for coding in ("gzip", "br", "zstd")]
    assert body.weight == 5_000 + sum(map(len, made))
    assert gzip.decompress(made[0]) == body.data
