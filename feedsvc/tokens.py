"""Signed links: each token is bound to one purpose and one subject, and most expire.

A token is `<payload>.<signature>` in URL-safe base64; the signature is an HMAC-SHA256 over purpose
and payload with the secret key, so an unsubscribe token can neither confirm nor sign in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from feedsvc.errors import FeedsvcError

SIGNATURE_BYTES = 16
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


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
    signature = _signature(key, purpose, payload)
    return _url_safe(_base64(payload) + b"." + _base64(signature))


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
    return _hmac(key, f"{purpose}\0{value}".encode()).hex()[:32]


def _signature(key: str, purpose: str, payload: bytes) -> bytes:
    if not key:
        raise RuntimeError("no secret key: run `feedsvc init` or set FEEDSVC_SECRET_KEY")
    return _hmac(key, purpose.encode() + b"\0" + payload)[:SIGNATURE_BYTES]


def _hmac(key: str, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104). Many links are signed for each mail, and always with the same key.

    Taking that in anew takes longer than the message does, so it is taken in once.
    """
    signing = _keyed(key).copy()
    signing.update(message)
    return signing.digest()


@lru_cache(maxsize=8)
def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")


def _base64(data: bytes) -> bytes:
    return binascii.b2a_base64(data, newline=False)


def _url_safe(data: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    return data.translate(_URL_SAFE, b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
