"""Whether the links that leave the site lead anywhere. The public address is the operator's to set.

Cookies, passkeys and what counts as our own page hang on it, so it is read once, when a process
starts. Where the visitor has found us is only shown, as what the line may have to say: the Host
header is what a client says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request

from feedsvc import urls
from feedsvc.web import context

# What may stand in an address before a path; a header may hold anything else.
ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?", re.ASCII)


@dataclass(frozen=True)
class Nowhere:
    """The public address as it is set, and the one at which the visitor is; empty if no better."""

    address: str
    seen: str


def nowhere() -> Nowhere | None:
    """None if links lead to a machine that others can reach."""
    address = context.settings().base_url
    if not urls.is_own_machine(address):
        return None
    seen = request.host_url.rstrip("/")
    usable = ORIGIN.fullmatch(seen) and not urls.is_own_machine(seen)
    return Nowhere(address, seen if usable else "")
