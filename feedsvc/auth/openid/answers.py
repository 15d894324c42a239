"""What an ID token says, checked (OpenID Connect Core 1.0 section 3.1.3.7). Pure.

With `provider` the home of Authlib and joserfc.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from feedsvc.auth.openid.trips import Trip
from feedsvc.markup import one_line
from feedsvc.settings import Settings

# Signed with a private key: “none” is no signature, and HS256 would be the secret that we know too.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")  # fmt: skip
LEEWAY = 60  # seconds by which clocks may differ
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0 section 2
LONGEST_NAME = 254


class _Headers(JWSRegistry):
    """Providers send certificates along, and words of their own: not understood, they are ignored,
    unless they are said to be critical (RFC 7515 section 4)."""

    max_header_length = 16_384


HEADERS = _Headers(algorithms=ALGORITHMS, strict_check_header=False)


class NotTaken(Exception):
    """The provider's answer is not what it has to be; the reason is for the log."""


@dataclass(frozen=True)
class Identity:
    """Whom the provider means. `name` is for people, `signed_in_at` when it last asked them, if it
    says so."""

    issuer: str
    subject: str
    name: str
    signed_in_at: datetime | None = None

    @property
    def words(self) -> str:
        return in_words(self.name, self.issuer)


def in_words(name: str, issuer: str) -> str:
    """`zoe@login.example (https://login.example)`."""
    return f"{name} ({issuer})"


def identity(
    token: Mapping[str, Any], keys: KeySet, trip: Trip, settings: Settings, *, now: datetime
) -> Identity:
    """Whom the answer of the token endpoint means. Raises: NotTaken."""
    issuer, client = settings.openid_issuer, settings.openid_client_id
    options = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client},
        "sub": {"essential": True},
    }
    try:
        read = jwt.decode(str(token.get("id_token") or ""), keys, registry=HEADERS)
        claims = CodeIDToken(read.claims, read.header, options, {
            "nonce": trip.nonce(settings), "client_id": client,
            "access_token": token.get("access_token"),
        })  # fmt: skip
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as fault:
        raise NotTaken(f"ID token: {type(fault).__name__}: {fault}") from fault
    return Identity(issuer, _subject(claims), _name(claims), _signed_in_at(claims))


def is_fresh(found: Identity, trip: Trip) -> bool:
    """Whether the provider asked for a password after it was sent there to do so.

    A provider that does not say when (`auth_time`) may have asked days ago.
    """
    if found.signed_in_at is None:
        return False
    return (trip.started - found.signed_in_at).total_seconds() <= LEEWAY


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise NotTaken("ID token: no subject that could be kept")
    return subject


def _name(claims: Mapping[str, Any]) -> str:
    """How its owner knows it again; the address is shown, and decides nothing."""
    for claim in ("email", "preferred_username", "name", "sub"):
        words = claims.get(claim)
        if isinstance(words, str) and one_line(words):
            return one_line(words)[:LONGEST_NAME]
    return ""


def _signed_in_at(claims: Mapping[str, Any]) -> datetime | None:
    said = claims.get("auth_time")
    try:
        return datetime.fromtimestamp(said, UTC) if said else None
    except (ValueError, OverflowError, OSError) as fault:
        raise NotTaken("ID token: auth_time is no time") from fault
