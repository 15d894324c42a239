"""Every link inside the repository leads somewhere, anchors included."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import pages

ELSEWHERE = ("http://", "https://", "mailto:")


def name(path: Path) -> str:
    return str(path.relative_to(pages.ROOT))


@pytest.mark.parametrize("page", pages.pages(), ids=name)
def test_links_resolve(page: Path) -> None:
    for link in pages.links(page):
        if link.startswith(ELSEWHERE):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)} links to {link}"
        assert not anchor or anchor in pages.anchors(target), f"{name(page)} links to {link}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, ahead = set(), [pages.ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        targets = (
            (page.parent / link.partition("#")[0]).resolve()
            for link in pages.links(page)
            if not link.startswith(ELSEWHERE)
        )
        ahead += [target for target in targets if target.suffix == ".md" and target not in seen]
    assert [name(page) for page in pages.pages() if page not in seen] == []
