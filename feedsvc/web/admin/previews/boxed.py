"""The HTML of a mail in a box of its own: it runs nothing, and looks like itself and nothing else.

The frame is sandboxed and holds the mail in its `srcdoc`, so that no address serves it and what is
not saved can be shown. Such a frame is under the policy of its page (CSP level 3, section 7.8), which
so names the mail's own styles by their hashes: what a mail is written with and no other.
"""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

from feedsvc.web.security import PAGE_POLICY

STYLES = "style-src 'self'"
# Links of the mail open in a window of their own, which is no part of the box.
BASE = '<head><base target="_blank">'


def boxed(html: str) -> str:
    return html.replace("<head>", BASE, 1)


def policy(html: str) -> str:
    """The policy of a page that shows that mail, and none but it."""
    found = _Styles()
    found.feed(html)
    found.close()
    hashes = (hashlib.sha256(style.encode()).digest() for style in dict.fromkeys(found.styles))
    named = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in hashes)
    return PAGE_POLICY.replace(STYLES, f"{STYLES} 'unsafe-hashes' {named}")


class _Styles(HTMLParser):
    """What stands in attributes and elements of that name, as browsers hash it."""

    def __init__(self) -> None:
        super().__init__()
        self.styles: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "style"
        self.styles += [value for name, value in attrs if name == "style" and value]

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.styles.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "style"
