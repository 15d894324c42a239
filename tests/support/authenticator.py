"""A device that keeps passkeys, in a few lines: what a browser would answer (WebAuthn section 6)."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


@dataclass(frozen=True)
class Device:
    """One passkey. `count` is how often it has signed; 0 for one that does not tell."""

    origin: str
    host: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    number: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    owner: str = ""
    count: int = 0
    flags: int = PRESENT | VERIFIED

    def make(self, options: str) -> tuple[Device, str]:
        """The device with the new passkey of the options, and the answer."""
        asked = json.loads(options)
        point = self.key.public_key().public_numbers()
        x, y = (value.to_bytes(32, "big") for value in (point.x, point.y))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        known = bytes(16) + struct.pack(">H", len(self.number)) + self.number + cose
        data = self._data(self.flags | WITH_KEY) + known
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._client("webauthn.create", asked["challenge"])
        answer = self._answer(clientDataJSON=said, attestationObject=attested)
        return replace(self, owner=asked["user"]["id"]), answer

    def sign(self, options: str) -> str:
        """The answer to a question for a passkey."""
        said = self._client("webauthn.get", json.loads(options)["challenge"])
        data = self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=said, authenticatorData=data, signature=signature,
            userHandle=base64url_to_bytes(self.owner),
        )  # fmt: skip

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, type_: str, challenge: str) -> bytes:
        return json.dumps({"type": type_, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response: bytes) -> str:
        number = bytes_to_base64url(self.number)
        said: dict[str, Any] = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": said})
