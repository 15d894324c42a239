"""What browser and site say to one another about passkeys (WebAuthn Level 2). Pure; home of the library.

A passkey is asked for with the user verified, by finger, face or PIN: it is something one has and
something one is or knows, so it stands for password and code together. The site is its host's name:
a passkey of one site is never shown to another, which is why it cannot be phished.

A challenge is a signed token that belongs to the form of one session and ends soon. So it need not
be kept, and looking at a page writes nothing.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from feedsvc import tokens
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.settings import Settings

CHALLENGE_LASTS = timedelta(minutes=15)  # as long as a form may lie open before its button is found
VERIFIED = UserVerificationRequirement.REQUIRED
LONGEST = 16_000  # characters of an answer
REFUSED = N_("This passkey was not taken. Try again, or use your password.")


@dataclass(frozen=True)
class Key:
    """What is kept of a passkey: it is public. Both texts are base64url (RFC 4648 section 5)."""

    credential: str
    public_key: str
    signatures: int


@dataclass(frozen=True)
class Asked:
    """One question to a browser: who asks, in which session, and when."""

    settings: Settings
    session: str  # what only the browser of that session knows
    now: datetime

    @property
    def challenge(self) -> bytes:
        key, about = self.settings.secret_key, tokens.digest(self.session)
        return tokens.sign(
            key, "passkey challenge", about, now=self.now, lifetime=CHALLENGE_LASTS
        ).encode()  # fmt: skip


def possible(settings: Settings) -> bool:
    """Browsers know no passkeys for an address of figures, nor without TLS but on this machine."""
    try:
        ipaddress.ip_address(settings.host)
    except ValueError:
        return settings.base_url.startswith("https://") or settings.host == "localhost"
    return False


def owner(settings: Settings, account_id: int) -> str:
    """How a passkey names its account: by nothing that tells who it is."""
    return tokens.keyed(settings.secret_key, "passkey owner", str(account_id))


def creation(
    asked: Asked, account_id: int, *, email: str, name: str, known: Collection[str]
) -> str:
    """The options of a new passkey, as JSON. One that is `known` is not made twice."""
    made = webauthn.generate_registration_options(
        rp_id=asked.settings.host,
        rp_name=asked.settings.site_name,
        user_id=owner(asked.settings, account_id).encode(),
        user_name=email,
        user_display_name=name,
        challenge=asked.challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known
        ],
    )
    return webauthn.options_to_json(made)


def request(asked: Asked, known: Collection[str] = ()) -> str:
    """The options of a question for a passkey, as JSON: for any of this site, or one of these."""
    made = webauthn.generate_authentication_options(
        rp_id=asked.settings.host,
        challenge=asked.challenge,
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known
        ],
        user_verification=VERIFIED,
    )
    return webauthn.options_to_json(made)


def made(asked: Asked, answer: str) -> Key:
    """The new passkey that a browser answered with. Raises: Invalid (passkey)."""
    credential = _read(answer)
    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_challenge(asked, credential),
            expected_rp_id=asked.settings.host,
            expected_origin=asked.settings.base_url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as fault:
        raise refused() from fault
    return Key(
        bytes_to_base64url(found.credential_id),
        bytes_to_base64url(found.credential_public_key),
        found.sign_count,
    )


def named(answer: str) -> tuple[str, str]:
    """Which passkey an answer says it is from, and whose. Raises: Invalid (passkey)."""
    credential = _read(answer)
    handle = credential["response"].get("userHandle")
    try:
        whose = base64url_to_bytes(handle).decode() if isinstance(handle, str) else ""
    except ValueError as fault:
        raise refused() from fault
    return str(credential["id"]), whose


def used(asked: Asked, answer: str, key: Key) -> int:
    """How often that passkey has signed by now, if it has signed this. Raises: Invalid (passkey).

    A number that does not grow tells of a copy (WebAuthn section 6.1.1); many passkeys, which are
    meant to be copied to one's other devices, always say 0.
    """
    credential = _read(answer)
    try:
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=_challenge(asked, credential),
            expected_rp_id=asked.settings.host,
            expected_origin=asked.settings.base_url,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.signatures,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as fault:
        raise refused() from fault
    return found.new_sign_count


def refused() -> Invalid:
    return Invalid(Problem("passkey", REFUSED))


def _challenge(asked: Asked, credential: dict[str, Any]) -> bytes:
    """The challenge of the answer, if it is one of this session and not too old."""
    said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    challenge = base64url_to_bytes(said["challenge"])
    key = asked.settings.secret_key
    try:
        whose = tokens.verify(key, "passkey challenge", challenge.decode(), now=asked.now)
    except tokens.BadToken as fault:
        raise refused() from fault
    if whose != tokens.digest(asked.session):
        raise refused()
    return challenge


def _read(answer: str) -> dict[str, Any]:
    """The answer's fields, as far as more than the library looks at them."""
    try:
        credential = json.loads(answer[: LONGEST + 1] if len(answer) <= LONGEST else "")
        client = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        if isinstance(credential["id"], str) and isinstance(client["challenge"], str):
            assert isinstance(credential, dict)
            return credential
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise refused() from fault
    raise refused()
