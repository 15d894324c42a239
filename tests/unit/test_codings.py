"""Which coding is sent to whom (RFC 9110 section 12.5.3), and what else would do."""

from __future__ import annotations

import pytest

from feedsvc.web.codings import accepted

ALL = "br zstd gzip identity"


@pytest.mark.parametrize(
    ("wanted", "codings"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip identity"),
        ("GZIP", "gzip identity"),
        ("x-gzip", "gzip identity"),
        ("x-br", "identity"),
        ("gzip, deflate, br, zstd", ALL),  # what browsers send: the smallest of them
        ("zstd, br, gzip", ALL),
        ("gzip, zstd", "zstd gzip identity"),
        ("br;q=0.5, gzip;q=0.8", "gzip br identity"),
        ("gzip;q=1.0, br;q=0.999", "gzip br identity"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "br gzip zstd identity"),
        ("gzip;q=0", "identity"),
        ("gzip; q=0.000", "identity"),
        ("gzip;q=0.1", "gzip identity"),
        ("*", ALL),
        ("*, br;q=0", "zstd gzip identity"),
        ("*;q=0", "identity"),  # nothing is acceptable: the plain bytes rather than an error
        ("*;q=0, gzip", "gzip"),
        ("gzip, identity;q=0", "gzip"),
        ("identity;q=0", "identity"),
        ("identity, gzip;q=0.5", "identity gzip"),
        ("identity, gzip", "gzip identity"),
        ("br;q=0, gzip;q=0, zstd;q=0", "identity"),
        ("compress, deflate", "identity"),
        ("gzip;q=abc", "identity"),
        ("gzip;q=2", "identity"),
        ("gzip;level=9", "gzip identity"),
        ("gzip, gzip;q=0", "gzip identity"),
        (";;;,,,=", "identity"),
        ("\x00\xff", "identity"),
    ],
)
def test_the_best_coding_comes_first_and_all_that_would_do_follow(wanted: str | None, codings: str):
    assert accepted(wanted) == tuple(codings.split())
