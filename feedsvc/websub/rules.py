"""What a subscriber may ask for, how long it holds, and what follows from an answer. Pure.

After the W3C Recommendation WebSub of 23 January 2018; numbers of sections are its own.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlencode, urlsplit

from feedsvc.errors import BadRequest
from feedsvc.i18n import N_
from feedsvc.websub import reach

MODES = ("subscribe", "unsubscribe")
FIELDS = ("hub.mode", "hub.topic", "hub.callback", "hub.lease_seconds", "hub.secret")
LONGEST_ADDRESS = 2_000  # characters
SECRET_BELOW = 200  # bytes (section 5.1)
SHORTEST_LEASE = timedelta(minutes=5)
USUAL_LEASE = timedelta(days=10)
LONGEST_LEASE = timedelta(days=30)  # "MUST NOT issue perpetual lease durations" (section 5.1)

# A stranger may name a callback that is not theirs: what the hub then sends must stay small.
ATTEMPT_WINDOW = timedelta(minutes=10)
ATTEMPTS_OF_CLIENT = 120
ATTEMPTS_FOR_HOST = 200  # requests that name callbacks on the same host
PENDING = 2_000
PENDING_FOR_HOST = 50
SUBSCRIPTIONS_OF_HOST = 1_000
SUBSCRIPTIONS_OF_TOPIC = 5_000
QUESTIONS = 3  # times that a callback is asked for its word while it does not answer
QUESTION_PAUSES = (timedelta(minutes=1), timedelta(minutes=10))

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240))
JITTER_PERCENT = 20
GIVEN_UP_AFTER = timedelta(days=3)  # of tries that all failed; the next version begins anew


@dataclass(frozen=True)
class Wish:
    """What a request asks for; `lease` is what it will be given."""

    mode: str
    topic: str
    callback: str
    lease: timedelta
    secret: str = ""

    @property
    def host(self) -> str:
        return host_of(self.callback)


@dataclass(frozen=True)
class Fate:
    """What is written about a delivery that failed. `given_up`: this version is not sent again."""

    attempts: int
    failing_since: datetime
    send_after: datetime
    given_up: bool


def wish(pairs: Iterable[tuple[str, str]], *, private: bool) -> Wish:
    """The request that a form holds; fields that are not known are ignored. Raises: BadRequest.

    `private`: whether callbacks in private networks are allowed.
    """
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in FIELDS and fields.setdefault(name, value) != value:
            raise BadRequest(N_("Send “%(name)s” only once."), name=name)
    mode = fields.get("hub.mode", "")
    if mode == "publish":
        raise BadRequest(N_("This hub sees changes of its feeds by itself: nothing is published."))
    if mode not in MODES:
        raise BadRequest(N_("Send “hub.mode” with subscribe or unsubscribe."))
    topic = fields.get("hub.topic", "")
    if not topic or len(topic) > LONGEST_ADDRESS:
        raise BadRequest(N_("Send “hub.topic” with the address of a feed of this site."))
    return Wish(
        mode=mode,
        topic=topic,
        callback=checked_callback(fields.get("hub.callback", ""), private=private),
        lease=_lease(fields.get("hub.lease_seconds", "")),
        secret=_secret(fields.get("hub.secret", "")),
    )


def checked_callback(text: str, *, private: bool) -> str:
    """The address itself if the hub may call it, as far as its spelling tells.

    What its name leads to is judged with each connection. Raises: BadRequest.
    """
    parts = _split(text)
    if parts is None or not parts.hostname or parts.scheme not in ("http", "https"):
        raise BadRequest(N_("Send “hub.callback” with your own address, http or https."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadRequest(N_("A callback has neither a user name, nor a password, nor a “#”."))
    if private:
        return text
    if not reach.may_be_public(parts.hostname):
        raise BadRequest(N_("This hub calls addresses of the public Internet only."))
    if _port(parts) not in reach.PORTS:
        raise BadRequest(
            N_("This hub calls the ports %(ports)s only."),
            ports=", ".join(map(str, reach.PORTS)),
        )
    return text


def host_of(address: str) -> str:
    return (urlsplit(address).hostname or "").rstrip(".")[:255]


def client_of(address: str) -> str:
    """Whom a request is counted for: of IPv6 the network of 64 bits, which is one customer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))


def question(
    callback: str, *, mode: str, topic: str, challenge: str, lease_seconds: int | None
) -> str:
    """The address that asks a callback for its word; its own query stays (section 5.3)."""
    pairs = [("hub.mode", mode), ("hub.topic", topic), ("hub.challenge", challenge)]
    if lease_seconds is not None:
        pairs.append(("hub.lease_seconds", str(lease_seconds)))
    return _with_more(callback, pairs)


def refusal(callback: str, *, topic: str, reason: str) -> str:
    """The address that tells a callback that its subscription is over (section 5.2)."""
    pairs = [("hub.mode", "denied"), ("hub.topic", topic), ("hub.reason", reason)]
    return _with_more(callback, pairs)


def link(hub: str, topic: str) -> str:
    return f'<{hub}>; rel="hub", <{topic}>; rel="self"'


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def after_failure(
    *, attempts: int, failing_since: datetime | None, key: str, now: datetime
) -> Fate:
    """`attempts` and `failing_since` are those before this try; `key` spreads tries of a burst."""
    since = failing_since or now
    attempts += 1
    if now - since >= GIVEN_UP_AFTER:
        return Fate(0, since, now, given_up=True)
    return Fate(attempts, since, now + _pause(attempts, key), given_up=False)


def _pause(attempts: int, key: str) -> timedelta:
    step = BACK_OFF[min(attempts, len(BACK_OFF)) - 1]
    digest = hashlib.sha256(f"{key}\0{attempts}".encode()).digest()
    percent = int.from_bytes(digest[:4], "big") % (2 * JITTER_PERCENT + 1) - JITTER_PERCENT
    return step + step * percent / 100


def _lease(text: str) -> timedelta:
    """What is asked for, within the limits: the question says what is given (section 5.3)."""
    if not text:
        return USUAL_LEASE
    if not (text.isascii() and text.isdigit()) or int(text[:12]) == 0:
        raise BadRequest(N_("“hub.lease_seconds” takes a whole number of seconds."))
    asked = timedelta(seconds=min(int(text[:12]), LONGEST_LEASE.total_seconds()))
    return max(asked, SHORTEST_LEASE)


def _secret(text: str) -> str:
    if len(text.encode()) >= SECRET_BELOW or not text.isprintable():
        raise BadRequest(
            N_("“hub.secret” takes printable text of less than %(bytes)s bytes."),
            bytes=SECRET_BELOW,
        )
    return text


def _split(text: str) -> SplitResult | None:
    """The parts of an address in plain ASCII without spaces; None for what is none."""
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > LONGEST_ADDRESS:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _with_more(callback: str, pairs: list[tuple[str, str]]) -> str:
    glue = "" if callback.endswith(("?", "&")) else "&" if "?" in callback else "?"
    return callback + glue + urlencode(pairs)
