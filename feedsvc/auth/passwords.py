"""Passwords at rest: Argon2id. The only module that knows argon2."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's smallest recommended setting: 19 MiB and two passes, so that a burst of attempts does
# not exhaust a small machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

# An address without an account costs the same time as one with: it is checked against this hash
# of a value that nobody knows (the salt and the secret were drawn once and thrown away).
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$F04s+NsftxsnCvSNyzr3Ig$BcZQHcHWgPpeMH6gOY8k6SH3bjFIl7CHYrmUeibWByw"


def hashed(password: str) -> str:
    """The hash to be kept, with its parameters and salt."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; takes its time also when `kept` is None."""
    try:
        _hasher.verify(kept or NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)
