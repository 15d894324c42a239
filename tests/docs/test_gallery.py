"""docs/gallery.md shows every kind of page in every window, in pictures that stay small."""

from __future__ import annotations

from tests.docs import pages
from tests.support import gallery


def test_gallery_shows_every_kind_of_page_in_every_window() -> None:
    shown = {link for link in pages.links(pages.DOCS / "gallery.md") if link.endswith(".webp")}
    taken = {
        f"gallery/{kind}-{window.name}.webp" for kind in gallery.KINDS for window in gallery.WINDOWS
    }
    assert shown == taken


def test_pictures_are_small_and_each_is_shown() -> None:
    files = list(gallery.FOLDER.iterdir())
    assert len(files) == len(gallery.KINDS) * len(gallery.WINDOWS)
    assert sum(file.stat().st_size for file in files) <= gallery.MOST_BYTES
