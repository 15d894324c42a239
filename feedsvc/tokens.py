"""Signed links: each token is bound to one purpose and one subject, and most expire.

A token is `<payload>.<signature>` in URL-safe base64; the signature is an HMAC-SHA256 over purpose
and payload with the secret key, so an unsubscribe token can neither confirm nor sign in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from feedsvc.errors import FeedsvcError

SIGNATURE_BYTES = 16


class BadToken(FeedsvcError):
    """The link was not made by this site for this purpose, or was cut on its way."""


class ExpiredToken(BadToken):
    """The link was good, and is too old."""


def sign(
    key: str,
    purpose: str,
    subject: str,
    *,
    now: datetime | None = None,
    lifetime: timedelta | None = None,
) -> str:
    """A token for `subject`. With `lifetime` it ends at `now + lifetime`, without it never does."""
    expires = int((now + lifetime).timestamp()) if now and lifetime else 0
    payload = f"{expires:x}.{subject}".encode()
    return f"{_encode(payload)}.{_encode(_signature(key, purpose, payload))}"


def verify(key: str, purpose: str, token: str, *, now: datetime) -> str:
    """The subject that was signed. Raises: BadToken, ExpiredToken."""
    try:
        head, tail = token.split(".")
        payload, signature = _decode(head), _decode(tail)
        expires, _, subject = payload.decode().partition(".")
        end = int(expires, 16)
    except ValueError:
        raise BadToken("This link is not complete. Copy it whole from the mail.") from None
    if not hmac.compare_digest(signature, _signature(key, purpose, payload)):
        raise BadToken("This link is not complete. Copy it whole from the mail.")
    if end and now >= datetime.fromtimestamp(end, UTC):
        raise ExpiredToken("This link has expired. Ask for a new one.")
    return subject


def secret() -> str:
    """A fresh unguessable value of 256 bits, for keys and session ids."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """How a secret is kept at rest: its SHA-256, in hex."""
    return hashlib.sha256(value.encode()).hexdigest()


def keyed(key: str, purpose: str, value: str) -> str:
    """A stable pseudonym of `value`, useless without the key (32 hex digits)."""
    return hmac.digest(key.encode(), f"{purpose}\0{value}".encode(), "sha256").hex()[:32]


def _signature(key: str, purpose: str, payload: bytes) -> bytes:
    if not key:
        raise RuntimeError("no secret key: run `feedsvc init` or set FEEDSVC_SECRET_KEY")
    # In one go: several links are signed for each mail, and a `new` object takes twice as long.
    signed = hmac.digest(key.encode(), purpose.encode() + b"\0" + payload, "sha256")
    return signed[:SIGNATURE_BYTES]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
