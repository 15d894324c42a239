"""Codes that a telephone makes from a secret and the time (RFC 6238). Pure; the home of pyotp.

A code belongs to a step of 30 seconds. One step before and after are taken too, because clocks
differ; a step that was used, and every step before it, is never taken again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime

from pyotp import TOTP

STEP = 30  # seconds
DRIFT = (0, -1, 1)
SECRET_BYTES = 20  # as RFC 4226 section 4 recommends
RECOVERY_CODES = 10
# Without letters that are read for one another.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_LETTERS = 16  # 79 bits


def secret(key: str, salt: str) -> str:
    """The secret of an account, in base 32: derived, so that it need not be kept."""
    made = hmac.new(key.encode(), f"second step\0{salt}".encode(), hashlib.sha256).digest()
    return base64.b32encode(made[:SECRET_BYTES]).decode()


def address(secret: str, *, email: str, site: str) -> str:
    """What the picture for the telephone says: otpauth://totp/..."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=site.replace(":", " "))


def step_of(secret: str, code: str, *, after: int, now: datetime) -> int | None:
    """The step that the code belongs to, if it is right now and later than the step `after`."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch("[0-9]{6}", digits):
        return None
    here, found = int(now.timestamp()) // STEP, None
    for step in (here + drift for drift in DRIFT):
        if hmac.compare_digest(TOTP(secret).generate_otp(step), digits) and step > after:
            found = step
    return found


def recovery_code() -> str:
    """A fresh one, in groups of four that are easy to copy by hand."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LETTERS))
    return "-".join(letters[place : place + 4] for place in range(0, RECOVERY_LETTERS, 4))


def same_recovery_code(typed: str) -> str:
    """The form in which recovery codes are compared, however they are typed."""
    return re.sub(r"[\s-]", "", typed).casefold()
