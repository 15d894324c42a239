"""Documents that an entry hands out, in every format of a feed."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from feedsvc.feeds import atom, jsonfeed, rss
from feedsvc.feeds.model import File
from tests.support.feeds import CALL, NEWS, SITE

PDF = "application/pdf"
FILES = (
    File(f"{SITE}/documents/1.pdf", PDF, 12_000, "Guide & annex", "fr"),
    File(f"{SITE}/documents/2.pdf", PDF, 800, "Form"),
)


def test_atom_encloses_each_with_title_size_and_language() -> None:
    made = atom.fragment(replace(NEWS, files=FILES))
    links = re.findall(rb'<link [^>]*rel="enclosure"[^>]*/>', bytes(made.data))
    assert len(links) == 2
    guide = next(link for link in links if b"1.pdf" in link)
    for part in (
        b'type="application/pdf"',
        b'length="12000"',
        b'hreflang="fr"',
        b"Guide &amp; annex",
    ):
        assert part in guide


def test_rss_has_room_for_one_the_picture_or_else_the_first_document() -> None:
    enclosure = re.compile(rb'<enclosure url="([^"]*)"')
    for entry, expected in ((NEWS, FILES[0].url), (CALL, f"{SITE}/media/bpf.webp")):
        made = rss.fragment(replace(entry, files=FILES))
        assert enclosure.findall(bytes(made.data)) == [expected.encode()]


def test_json_feed_attaches_each_before_the_calendar_of_a_call() -> None:
    made = json.loads(bytes(jsonfeed.fragment(replace(CALL, files=FILES)).data))
    kinds = [one["mime_type"] for one in made["attachments"]]
    assert kinds == [PDF, PDF, "text/calendar"]
    assert made["attachments"][0]["title"] == "Guide & annex"
    assert made["attachments"][0]["size_in_bytes"] == 12_000
