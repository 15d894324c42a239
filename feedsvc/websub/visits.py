"""Visit an address that an editor wrote down, as a reader would: does anything answer there?

Each address on the way is judged, like a callback: the server of a stranger may lead us anywhere.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import urljoin, urlsplit

from feedsvc.calls.links import ASTRAY, NOT_PUBLIC, SILENT, Met, Visitor
from feedsvc.settings import Settings
from feedsvc.websub import reach
from feedsvc.websub.http import Caller, NoAnswer, NotPublic, Patience

MOST_STEPS = 5
REDIRECTS = (301, 302, 303, 307, 308)
USUAL = {"http": 80, "https": 443}
PATIENCE = Patience(connect=4.0, read=6.0, whole=10.0)


def from_settings(settings: Settings) -> Visitor:
    """Where our hub may call private addresses, a visitor may."""
    private = settings.websub_private_callbacks
    agent = f"feedsvc, looking for dead links (+{settings.base_url})"
    return partial(visit, Caller(agent=agent, private=private, patience=PATIENCE), private=private)


def visit(caller: Caller, address: str, *, private: bool = False) -> Met:
    """What is met there; `private` allows addresses that are not public, as the caller may."""
    for _ in range(MOST_STEPS):
        if not (private or is_public(address)):
            return Met(trouble=NOT_PUBLIC)
        try:
            answer = caller.get(address)
        except NotPublic:
            return Met(trouble=NOT_PUBLIC)
        except NoAnswer:
            return Met(trouble=SILENT)
        if answer.status not in REDIRECTS or not answer.location:
            return Met(answer.status)
        address = urljoin(address, answer.location).partition("#")[0]
    return Met(trouble=ASTRAY)


def is_public(address: str) -> bool:
    """Whether the address as it is written can be one of the web, for everybody."""
    try:
        parts = urlsplit(address)
        port = parts.port or USUAL.get(parts.scheme)
    except ValueError:
        return False
    named = bool(parts.hostname) and parts.username is None and parts.password is None
    return named and port in reach.PORTS and reach.may_be_public(parts.hostname or "")
