"""gzip by groups: any client reads the very bytes, and an edit compresses next to nothing again."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Sequence
from dataclasses import replace

import pytest

from feedsvc.feeds import crc, groups
from feedsvc.feeds.fragments import Fragment, Frame
from feedsvc.feeds.groups import Compressor

FRAME = Frame(b"<feed>", b"</feed>", b"\n")


def entries(number: int, *, size: int = 2_000, seed: int = 1) -> list[Fragment]:
    """Entries of about that size, no two alike."""
    chance = random.Random(seed)
    words = [chance.randbytes(3).hex().encode() for _ in range(500)]
    return [
        Fragment(b" ".join(chance.choices(words, k=chance.randint(1, size // 4))))
        for _ in range(number)
    ]


def compressed(compressor: Compressor, fragments: Sequence[Fragment], frame: Frame = FRAME):
    return compressor.gzip(groups.cut(frame, fragments), frame.around(fragments))


def keys(fragments: Sequence[Fragment], frame: Frame = FRAME) -> set[bytes]:
    return {group.key for group in groups.cut(frame, fragments)}


@pytest.mark.parametrize("length", [0, 1, 2, 255, 65_536, 99_999])
def test_sums_are_joined_without_reading_the_parts(length: int):
    data = random.Random(3).randbytes(100_000)
    before, after = data[: -length or None], data[len(data) - length :]
    joined = crc.joined(zlib.crc32(before), zlib.crc32(after), crc.shift(len(after)))
    assert joined == zlib.crc32(data)


@pytest.mark.parametrize("frame", [FRAME, Frame(b"", b"", b""), Frame(b"[", b"", b",\n")])
@pytest.mark.parametrize("number", [0, 1, 2, 50, 300])
@pytest.mark.parametrize("size", [8, 2_000, 200_000])
def test_what_was_compressed_by_groups_is_read_as_one(frame: Frame, number: int, size: int):
    fragments = entries(min(number, 2_000_000 // size), size=size)
    data, compressor = frame.around(fragments), Compressor(10_000_000)
    for _ in range(2):  # made, and then kept
        found = compressed(compressor, fragments, frame)
        assert gzip.decompress(found) == data
        one = zlib.decompressobj(wbits=31)  # a client that reads one member and no more
        assert one.decompress(found) == data
        assert one.eof
        assert not one.unused_data


def test_equal_entries_are_equal_bytes_whatever_was_kept_before():
    fragments, used = entries(300), Compressor(10_000_000)
    compressed(used, fragments[5:])
    assert compressed(used, fragments) == compressed(Compressor(10_000_000), fragments)


@pytest.mark.parametrize("place", [0, 57, 500, 999])
def test_an_edit_makes_few_new_groups(place: int):
    fragments = entries(1_000)
    edited = [*fragments]
    edited[place] = Fragment(fragments[place].data + b" corrected")
    assert len(keys(fragments)) > 15
    assert len(keys(edited) - keys(fragments)) <= 4


@pytest.mark.parametrize("place", [0, 57, 500, 999])
def test_an_entry_that_comes_or_goes_moves_no_other_groups_for_long(place: int):
    fragments = entries(1_000)
    fewer = fragments[:place] + fragments[place + 1 :]
    for old, new in ((fragments, fewer), (fewer, fragments)):
        assert len(keys(new) - keys(old)) <= 6


def test_after_an_edit_the_bytes_are_those_of_a_fresh_start():
    compressor, fragments = Compressor(10_000_000), entries(400)
    for number in range(0, 400, 23):
        fragments[number] = Fragment(fragments[number].data[::-1])
        found = compressed(compressor, fragments)
        assert gzip.decompress(found) == FRAME.around(fragments)
        assert found == compressed(Compressor(10_000_000), fragments)


def test_the_last_group_is_another_where_more_follows():
    """What is between entries stands at the end of a group, but not at the end of a feed."""
    bare, compressor = Frame(b"", b"", b"\n"), Compressor(10_000_000)
    fragments = entries(200)
    first = groups.cut(bare, fragments)[1]
    some = next(n for n in range(1, 200) if len(bare.around(fragments[:n])) >= first.end - 1)
    for part in (fragments, fragments[:some]):
        assert gzip.decompress(compressed(compressor, part, bare)) == bare.around(part)


def test_groups_are_kept_within_bounds():
    compressor = Compressor(50_000)
    for seed in range(5):
        fragments = entries(300, seed=seed)
        found = compressed(compressor, fragments)
        assert gzip.decompress(found) == FRAME.around(fragments)
        assert compressor._kept.weight <= 50_000


def test_another_head_leaves_the_entries_groups():
    fragments = entries(300)
    other = replace(FRAME, before=b"<feed><title>New</title>")
    assert len(keys(fragments, other) - keys(fragments)) == 1
