"""Ask the OpenID provider: where it is, what its keys are, and whom a code means.

The only module that speaks HTTP with it. Its address is the operator's own, so it is not judged as
callbacks of strangers are (`websub.reach`); it has to be https, but on this machine. Nothing is
followed, and no proxy of the environment is asked.

1. `address` leads a browser there, by the provider's own description (OpenID Connect Discovery).
2. `identity` exchanges the code that the browser brings back, and checks what comes of it.

Description and keys are kept for an hour. A provider that does not answer is left alone for some
seconds, so that a page which offers it does not wait at each click; what is kept serves meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from feedsvc.auth.openid import answers, trips
from feedsvc.auth.openid.answers import Identity, NotTaken
from feedsvc.auth.openid.trips import Purpose, Trip
from feedsvc.settings import Settings, is_safe_address

KEPT = timedelta(hours=1)
LEFT_ALONE = timedelta(seconds=15)
KEYS_AT_MOST = timedelta(minutes=1)  # between two readings of the keys, whoever asks
TIMEOUT = 5.0  # seconds for a connection, and for the next bytes
SCOPE = "openid email"  # the address is shown to its owner, so that they know it again


class Away(Exception):
    """The provider does not answer, or not as a provider does; the reason is for the log."""


@dataclass(frozen=True)
class Known:
    """The provider's description, and its keys, as they were read then."""

    read_at: datetime
    said: Mapping[str, Any]
    keys: KeySet


class Provider:
    """The provider of the settings, for one running app and all of its threads.

    What is kept is replaced whole: two threads that read it at once do so twice, and no harm is done.
    """

    def __init__(self, settings: Settings, *, transport: httpx.BaseTransport | None = None) -> None:
        self.settings = settings
        self._http = httpx.Client(
            transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False
        )
        self._known: Known | None = None
        self._failed_at: datetime | None = None

    @property
    def label(self) -> str:
        """What people call it: the operator's word, else its host."""
        return self.settings.openid_label or httpx.URL(self.settings.openid_issuer).host

    def address(self, trip: Trip, *, now: datetime) -> str:
        """Where the browser is sent. Raises: Away.

        To confirm who it is, the provider has to ask anew, and to say when it did.
        """
        known = self._read(now)
        again = {"prompt": "login", "max_age": "0"} if trip.purpose == Purpose.CONFIRM else {}
        address, _ = self._client().create_authorization_url(
            known.said["authorization_endpoint"],
            state=trip.state(self.settings),
            nonce=trip.nonce(self.settings),
            code_verifier=trip.verifier(self.settings),
            **again,
        )
        return str(address)

    def identity(self, trip: Trip, answer: Mapping[str, str], *, now: datetime) -> Identity:
        """Whom the code of that answer means. Raises: Away, NotTaken."""
        known = self._read(now)
        self._check_sender(known, answer)
        token = self._exchanged(known, trip, answer.get("code", ""))
        try:
            return answers.identity(token, known.keys, trip, self.settings, now=now)
        except NotTaken:
            if now - known.read_at < KEYS_AT_MOST:
                raise
        # The keys may have been changed since (OpenID Connect Core 1.0 section 10.1.1).
        known = self._read(now, anew=True)
        return answers.identity(token, known.keys, trip, self.settings, now=now)

    def _check_sender(self, known: Known, answer: Mapping[str, str]) -> None:
        """An answer of another provider is none to what we asked this one (RFC 9207)."""
        sender = answer.get("iss")
        promised = known.said.get("authorization_response_iss_parameter_supported") is True
        if sender != self.settings.openid_issuer and (sender is not None or promised):
            raise NotTaken(f"answer of another provider: {sender!r}")

    def _exchanged(self, known: Known, trip: Trip, code: str) -> Mapping[str, Any]:
        """What the token endpoint gives for the code."""
        public = {} if self.settings.openid_client_secret else {"client_id": self.settings.openid_client_id}  # fmt: skip
        try:
            found = self._client().fetch_token(
                known.said["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=trip.verifier(self.settings),
                auth=self._credentials(known),
                **public,
                **self._posted(known),
            )
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise Away(f"token endpoint: {fault!r}") from fault
        except (AuthlibBaseError, ValueError) as fault:
            raise NotTaken(f"token endpoint: {fault}") from fault
        assert isinstance(found, Mapping)
        return found

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self._http,
            client_id=self.settings.openid_client_id,
            redirect_uri=trips.redirect_uri(self.settings),
            scope=SCOPE,
            code_challenge_method="S256",
        )

    def _credentials(self, known: Known) -> httpx.Auth:
        """The secret in the header, as long as the provider takes it there."""
        secret = self.settings.openid_client_secret
        if not secret or _is_posted(known):
            return httpx.Auth()
        return httpx.BasicAuth(self.settings.openid_client_id, secret)

    def _posted(self, known: Known) -> dict[str, str]:
        """The secret in the body, where the provider wants it there only."""
        secret = self.settings.openid_client_secret
        if not secret or not _is_posted(known):
            return {}
        return {"client_id": self.settings.openid_client_id, "client_secret": secret}

    def _read(self, now: datetime, *, anew: bool = False) -> Known:
        """Description and keys, kept or fresh. Raises: Away."""
        kept = self._known
        if kept is not None and not anew and now - kept.read_at < KEPT:
            return kept
        if self._failed_at is not None and now - self._failed_at < LEFT_ALONE:
            return self._old_or(Away("left alone after a failure"))
        try:
            self._known = self._asked(now)
        except (httpx.HTTPError, httpx.InvalidURL, JoseError, ValueError, KeyError, TypeError) as fault:  # fmt: skip
            self._failed_at = now
            return self._old_or(Away(f"description or keys: {fault!r}"))
        self._failed_at = None
        return self._known

    def _old_or(self, away: Away) -> Known:
        """What is known from before: keys that are wrong by now take nobody in."""
        if self._known is None:
            raise away
        return self._known

    def _asked(self, now: datetime) -> Known:
        said = self._json(get_well_known_url(self.settings.openid_issuer, external=True))
        if said["issuer"] != self.settings.openid_issuer:
            raise ValueError(f"it calls itself {said['issuer']!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe_address(said[name]):
                raise ValueError(f"{name} is no address over TLS")
        keys = KeySet.import_key_set(self._json(said["jwks_uri"]))  # type: ignore[arg-type]
        return Known(now, said, keys)

    def _json(self, address: str) -> dict[str, Any]:
        answer = self._http.get(address, headers={"Accept": "application/json"})
        if answer.status_code != 200:
            raise ValueError(f"{address} answers {answer.status_code}")
        found = answer.json()
        if not isinstance(found, dict):
            raise ValueError(f"{address} is no object")  # noqa: TRY004  what came is wrong, not we
        return found


def _is_posted(known: Known) -> bool:
    """Whether the secret has to go into the body; without a word it goes into the header."""
    ways = known.said.get("token_endpoint_auth_methods_supported")
    return isinstance(ways, list) and "client_secret_basic" not in ways


def of(settings: Settings) -> Provider | None:
    """The provider that the operator has set, if any."""
    return Provider(settings) if settings.openid_issuer else None
