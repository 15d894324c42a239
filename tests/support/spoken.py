"""Whether the text of a mail says all that its HTML says."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from feedsvc.mail.message import Reading

VOID = {"meta", "br", "hr", "img", "link"}
HEADINGS = {"h1", "h2", "h3"}


def unsaid(mail: Reading) -> list[str]:
    """What the HTML says, or links to, and the text does not.

    Left out are what a list of mails shows, the leaf of a calendar, which repeats the date beside
    it, and the words on links that are no titles.
    """
    page = _Page()
    page.feed(mail.html)
    text = _squeezed(mail.text)
    said = [words for words in page.said if _squeezed(words) not in text]
    return said + [address for address in page.links if address not in mail.text]


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.links.append(found["href"] or "")
        if tag not in VOID:
            self._open.append((tag, found.get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags, classes = {tag for tag, _ in self._open}, {name for _, name in self._open}
        hidden = tags & {"head", "style", "title"} or classes & {"preheader", "leaf"}
        if data.strip() and not hidden and ("a" not in tags or tags & HEADINGS):
            self.said.append(data)
