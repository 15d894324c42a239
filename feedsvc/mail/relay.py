"""Which mail server: the setting `mail_url` in its parts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import parse_qsl, unquote, urlsplit

from feedsvc.settings import BadSetting, Settings

LOOPBACK = ("localhost", "127.0.0.1", "::1")
STARTTLS = ("require", "no")
OPTIONS = ("starttls", "cafile")


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Where the mail server is and how to speak to it.

    `tls` is from the first byte (smtps); `starttls` is require | no: there is no "if it can be
    had", which anybody on the way could answer with no. `sender` is the envelope's.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: str = "require"
    cafile: str | None = None

    @property
    def scope(self) -> str:
        """By what its breaker and its bucket are known."""
        return f"{self.host}:{self.port}"


def from_settings(settings: Settings) -> Relay | None:
    """The relay that `mail_url` names; None for `outbox:`. Raises: BadSetting."""
    parts = urlsplit(settings.mail_url)
    if parts.scheme == "outbox":
        return None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise BadSetting("mail_url: write outbox: or smtp://user:password@host:587")
    options = _options(parts.query)
    tls = parts.scheme == "smtps"
    relay = Relay(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587),
        sender=_sender(settings.mail_from),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        starttls=options.get("starttls", "no" if parts.hostname in LOOPBACK else "require"),
        cafile=options.get("cafile"),
    )
    return _safe(relay)


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query))
    for name in options:
        if name not in OPTIONS:
            raise BadSetting("mail_url: unknown option %(name)s", name=name)
    return options


def _sender(mail_from: str) -> str:
    sender = parseaddr(mail_from)[1]
    if "@" not in sender:
        raise BadSetting("mail_from: write name and address, like Agency <calls@agency.example>")
    return sender


def _safe(relay: Relay) -> Relay:
    if relay.starttls not in STARTTLS:
        raise BadSetting("mail_url: starttls is one of %(known)s", known=", ".join(STARTTLS))
    in_clear = not relay.tls and relay.starttls == "no" and relay.host not in LOOPBACK
    if relay.user and in_clear:
        raise BadSetting("mail_url: a password is sent over TLS only; remove starttls=no")
    return relay
