"""One way to the provider and back: what is asked there, and what the browser brings along. Pure.

A signed cookie holds a fresh secret and what the way is for. State, nonce and the verifier of PKCE
are derived from the secret with the site's key: so the database keeps nothing, looking at a page
writes nothing, and an answer is good in the one browser that was sent for it (RFC 9700 section 4.7).
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from feedsvc import tokens
from feedsvc.settings import Settings

LASTS = timedelta(minutes=15)  # a password may have to be found at the provider
LONGEST_NEXT = 500  # of the page that is led to at the end: a cookie has room for 4096 in all
BACK = "/admin/openid/back"


class Purpose(StrEnum):
    SIGN_IN = "sign in"
    LINK = "link"
    CONFIRM = "confirm"


@dataclass(frozen=True, kw_only=True)
class Trip:
    """`session` is the digest of the session that asked, empty for a visitor; `next` where it ends."""

    purpose: Purpose
    secret: str
    started: datetime
    session: str = ""
    next: str = ""

    def state(self, settings: Settings) -> str:
        return tokens.keyed(settings.secret_key, "openid state", self.secret)

    def nonce(self, settings: Settings) -> str:
        return tokens.keyed(settings.secret_key, "openid nonce", self.secret)

    def verifier(self, settings: Settings) -> str:
        """At least 43 characters (RFC 7636 section 4.1)."""
        halves = ("openid verifier 1", "openid verifier 2")
        return "".join(tokens.keyed(settings.secret_key, half, self.secret) for half in halves)


def begin(purpose: Purpose, *, session: str = "", wanted: str = "", now: datetime) -> Trip:
    """A way that begins now. A page with an overlong address is not led back to."""
    wanted = wanted if len(wanted) <= LONGEST_NEXT else ""
    started = now.replace(microsecond=0)
    return Trip(
        purpose=purpose, secret=tokens.secret(), started=started, session=session, next=wanted
    )


def written(trip: Trip, settings: Settings) -> str:
    """What the cookie holds."""
    said = [trip.purpose, trip.secret, int(trip.started.timestamp()), trip.session, trip.next]
    return tokens.sign(
        settings.secret_key, "openid trip", json.dumps(said), now=trip.started, lifetime=LASTS
    )


def read(cookie: str, settings: Settings, *, now: datetime) -> Trip:
    """Raises: BadToken, ExpiredToken."""
    said = tokens.verify(settings.secret_key, "openid trip", cookie, now=now)
    purpose, secret, started, session, wanted = json.loads(said)
    return Trip(
        purpose=Purpose(purpose),
        secret=secret,
        started=datetime.fromtimestamp(started, UTC),
        session=session,
        next=wanted,
    )


def is_answer(trip: Trip, state: str, settings: Settings) -> bool:
    """Whether an answer is to this way."""
    return hmac.compare_digest(trip.state(settings).encode(), state.encode())


def redirect_uri(settings: Settings) -> str:
    """Where the provider sends browsers back to: of the public address, never of the Host header."""
    return settings.base_url.rstrip("/") + BACK
