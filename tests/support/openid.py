"""A small OpenID provider: near (a transport without a socket) or behind one (`wsgi`)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey
from joserfc.registry import HeaderParameter

CLIENT, SECRET = "feedsvc", "known to both, and to nobody else"


@dataclass
class OpenidHouse(httpx.BaseTransport):
    """The provider, and the person who is signed in there.

    `claims` are what its tokens say otherwise than they should, `said` what its description does.
    """

    issuer: str
    clock: Callable[[], datetime]
    subject: str = "248289761001"
    email: str = "zoe@login.example"
    signed_in_at: datetime | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "ES256"
    header: dict[str, Any] = field(default_factory=dict)  # of tokens, beside what it has to say
    is_down: bool = False
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def agree(self, address: str) -> str:
        """The address to which the person is led back who comes by `address` and agrees."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        if asked.get("prompt") == "login":
            self.signed_in_at = self.clock()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.is_down:
            raise httpx.ConnectError("nobody is there", request=request)
        status, said = self.answer(request.url.path, request.read(), dict(request.headers))
        return httpx.Response(status, json=said)

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        if path.endswith("/.well-known/openid-configuration"):
            return 200, self.description()
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/token":
            return self.exchange(dict(parse_qsl(body.decode())), headers.get("authorization", ""))
        return 404, {}

    def description(self) -> dict[str, Any]:
        place = self.issuer.rstrip("/")
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{place}/authorize",
            "token_endpoint": f"{place}/token", "jwks_uri": f"{place}/keys",
        } | self.said  # fmt: skip

    def exchange(self, form: dict[str, str], credentials: str) -> tuple[int, Any]:
        """A token for a code that was not used, from who can show the secret and the verifier."""
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        posted = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if credentials != f"Basic {known}" and not posted:
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form["code"], None)
        proof = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.token(asked)}

    def token(self, asked: dict[str, str]) -> str:
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "email": self.email,
            "nonce": asked["nonce"], "iat": now, "exp": now + 300,
        }  # fmt: skip
        if self.signed_in_at is not None:
            claims["auth_time"] = int(self.signed_in_at.timestamp())
        claims |= self.claims
        if self.algorithm == "none":
            return f"{_encoded({'alg': 'none'})}.{_encoded(claims)}."
        key = OctKey.import_key(SECRET) if self.algorithm == "HS256" else self.key
        own = {
            name: HeaderParameter("of this provider", "str") for name in self.header.get("crit", ())
        }
        registry = jws.JWSRegistry(own, [self.algorithm], strict_check_header=False)
        header = {"alg": self.algorithm, "kid": self.key.kid, **self.header}
        return jwt.encode(header, claims, key, registry=registry)

    def wsgi(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """The same behind a socket, with a page on which the person agrees."""
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        if path == "/authorize":
            back = self.agree(f"{self.issuer}/authorize?{query}")
            start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            return [
                f"<title>Provider</title><h1>{self.email}</h1><a id=agree href='{back}'>Agree</a>"
                .encode()
            ]  # fmt: skip
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {"authorization": environ.get("HTTP_AUTHORIZATION", "")}
        status, said = self.answer(path, body, headers)
        start(f"{status} ", [("Content-Type", "application/json")])
        return [json.dumps(said).encode()]


def asked_of(address: str, name: str) -> str:
    """A value of an address's query."""
    return parse_qs(urlsplit(address).query)[name][0]


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
