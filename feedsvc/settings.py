"""Settings: one frozen dataclass, read once from instance/feedsvc.toml, then FEEDSVC_* variables.

An environment variable is the field's name in capitals behind `FEEDSVC_`; lists are separated
by commas. `FEEDSVC_X_FILE` names a file that holds the value (for secrets).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from feedsvc.colours import is_colour
from feedsvc.errors import FeedsvcError

ENV_PREFIX = "FEEDSVC_"
KNOWN_LANGUAGES = ("en", "fr", "de")
BOUNCE_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,23}@[A-Za-z0-9.-]{1,190}")
IN_CLEAR = (("imap", "localhost"), ("imap", "127.0.0.1"), ("imap", "::1"))  # else over TLS only
SHORTEST_TOKEN = 16
SECOND_STEP = ("nobody", "administrators", "everyone")
SHORTEST_SILENCE = 60  # days


class BadSetting(FeedsvcError):
    """A setting has a value that cannot be used; the message names it and says what to write."""


def setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """What an operator decides. A test holds docs/settings.md to this list."""

    instance_path: Path = setting(
        Path("instance"),
        "folder of the settings file, the SQLite database and the media",
    )
    database_url: str = setting(
        "",
        "where the data lives; empty: SQLite in the instance folder; else postgresql://...",
    )
    base_url: str = setting(
        "http://127.0.0.1:8000",
        "the public address, used in every link that leaves the site",
    )
    secret_key: str = setting("", "signs links and sessions; made by `feedsvc init`")
    mail_url: str = setting(
        "outbox:",
        "outbox: keeps mails readable in the admin; "
        "smtp://user:password@host:587?starttls=require sends them",
    )
    mail_from: str = setting("Innovation Agency <calls@agency.example>", "sender of every mail")
    bounce_address: str = setting(
        "", "where undeliverable mail goes, as name+<mail>.<code>@domain; empty: to the sender"
    )
    bounce_url: str = setting(
        "",
        "mailbox in which it is read: maildir:/path or imaps://user:password@host/INBOX; "
        "empty: it is not read",
    )
    mail_connections: int = setting(
        4, "most connections to the mail server at once, in each scheduler"
    )
    mail_rate: int = setting(0, "mails a second that the mail server takes at most; 0: no limit")
    mail_burst: int = setting(
        100, "mails that may leave at once after a quiet time, with mail_rate"
    )
    site_name: str = setting("Innovation Agency", "name of the site in pages, feeds and mails")
    timezone: str = setting("Europe/Luxembourg", "zone of the agency (IANA name)")
    languages: tuple[str, ...] = setting(
        KNOWN_LANGUAGES,
        "languages of the site; the first is the default and has no prefix",
    )
    accent: str = setting("#0b5d4e", "accent colour of the pages")
    reminder_offsets: tuple[int, ...] = setting((14, 7, 1), "days before a deadline")
    reminder_hour: int = setting(8, "hour of the reader's day at which reminders leave (0-23)")
    closing_soon_days: int = setting(14, "days before its deadline from which a call closes soon")
    feed_size: int = setting(50, "newest entries in an RSS, Atom or JSON feed")
    page_size: int = setting(20, "entries on a page of a list")
    upload_limit: int = setting(8_000_000, "largest photo accepted, in bytes")
    document_limit: int = setting(20_000_000, "largest document accepted, in bytes")
    documents_most: int = setting(20, "documents that one entry hands out at most")
    batch_limit: int = setting(60_000_000, "bytes that may be sent at once, of all files together")
    subscribe_limit: int = setting(
        100, "requests for mail a day from one client (an address; of IPv6 a network); 0: no limit"
    )
    renew_after_days: int = setting(
        365, "days of silence after which a reader is asked whether they still read; 0: never"
    )
    mail_text_days: int = setting(90, "days for which text and address of a mail are kept")
    told_kept_days: int = setting(
        400, "days for which it is kept who was told what, counted from the deadline"
    )
    consent_kept_days: int = setting(
        1096, "days for which the proof of consent is kept after a reader has gone"
    )
    second_step: str = setting(
        "nobody", "who must have a second step to sign in: nobody, administrators or everyone"
    )
    openid_issuer: str = setting(
        "", "OpenID Connect provider with which accounts may be linked; empty: none"
    )
    openid_client_id: str = setting("", "what the provider calls this site")
    openid_client_secret: str = setting(
        "", "what proves that to the provider; empty for a client without a secret"
    )
    openid_label: str = setting("", "what people call the provider; empty: its host")
    two_persons: bool = setting(
        False, "nobody lets readers see what they edited last: somebody else has to publish it"
    )
    trusted_proxies: int = setting(
        0, "number of reverse proxies in front whose X-Forwarded-For is believed"
    )
    late_after: int = setting(
        10, "minutes after which a mail that has not left is late, and /readyz red"
    )
    silent_after: int = setting(
        2, "minutes without a sign of life from a scheduler after which /readyz is red"
    )
    metrics_token: str = setting(
        "", "what a program must say to read /metrics; empty: only programs on this machine may"
    )
    hub_url: str = setting("", "WebSub hub that feeds name; empty: our own, at /hub")
    websub_private_callbacks: bool = setting(
        False, "our hub may also call addresses of private networks and of this machine"
    )
    check_links: bool = setting(True, "visit the addresses of calls once a day, to find dead ones")
    # Not in the file nor in the environment: what is decided in the admin only (see `feedsvc.house`),
    # texts by language code; and which of the others the operator has set, so that nobody else may.
    site_names: tuple[tuple[str, str], ...] = ()
    mail_footers: tuple[tuple[str, str], ...] = ()
    logo: str = ""
    fixed: frozenset[str] = frozenset()

    def named(self, language: str) -> str:
        """The name of the site in that language."""
        return dict(self.site_names).get(language) or self.site_name

    def footer(self, language: str) -> str:
        """What stands at the foot of every mail in that language; else in the default one."""
        texts = dict(self.mail_footers)
        return texts.get(language) or texts.get(self.default_language, "")

    @property
    def default_language(self) -> str:
        return self.languages[0]

    @property
    def media_path(self) -> Path:
        return self.instance_path / "media"

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.instance_path / 'feedsvc.sqlite3'}"

    @property
    def host(self) -> str:
        """The host of the public address: the right-hand side of Message-IDs and event UIDs."""
        return urlsplit(self.base_url).hostname or "localhost"


def of_operators() -> tuple[Field[Any], ...]:
    """The settings that the file and the environment may hold."""
    return tuple(item for item in fields(Settings) if item.metadata)


def load(
    instance_path: Path | str | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Read the file, then the environment. Raises: BadSetting, naming the setting."""
    env = os.environ if environ is None else environ
    path = Path(instance_path or env.get(ENV_PREFIX + "INSTANCE_PATH") or "instance").resolve()
    values: dict[str, Any] = _from_file(path / "feedsvc.toml")
    for item in of_operators():
        text = _from_environment(env, item.name)
        if text is not None:
            values[item.name] = _parsed(item.name, text)
    values["instance_path"] = path
    values["fixed"] = frozenset(values)
    return checked(Settings(**values))


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadSetting("%(path)s is not valid TOML: %(error)s", path=path, error=error) from error
    known = {item.name for item in of_operators()}
    for name in raw:
        if name not in known:
            raise BadSetting("%(path)s: unknown setting %(name)s", path=path, name=name)
    return {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}


def _from_environment(env: Mapping[str, str], name: str) -> str | None:
    variable = ENV_PREFIX + name.upper()
    if variable in env:
        return env[variable]
    if variable + "_FILE" in env:
        return Path(env[variable + "_FILE"]).read_text(encoding="utf-8").strip()
    return None


def _parsed(name: str, text: str) -> Any:
    default = getattr(Settings, name)
    if isinstance(default, bool):
        return _yes_or_no(name, text)
    try:
        if isinstance(default, int):
            return int(text)
        if isinstance(default, tuple):
            parts = tuple(part.strip() for part in text.split(",") if part.strip())
            return tuple(int(part) for part in parts) if isinstance(default[0], int) else parts
    except ValueError:
        raise BadSetting(
            "%(name)s: write a whole number instead of “%(text)s”", name=name, text=text
        ) from None
    return text


def _yes_or_no(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise BadSetting(
            "%(name)s: write true or false instead of “%(text)s”", name=name, text=text
        )
    return text.lower() == "true"


def checked(settings: Settings) -> Settings:
    """The settings themselves if usable. Raises: BadSetting."""
    if settings.timezone not in available_timezones():
        raise BadSetting(
            "timezone: “%(zone)s” is no IANA time zone; write one like Europe/Luxembourg",
            zone=settings.timezone,
        )
    unknown = set(settings.languages) - set(KNOWN_LANGUAGES)
    if unknown or not settings.languages:
        raise BadSetting("languages: choose from %(known)s", known=", ".join(KNOWN_LANGUAGES))
    if urlsplit(settings.base_url).scheme not in ("http", "https"):
        raise BadSetting("base_url: write the full address, like https://calls.example.org")
    if not is_colour(settings.accent):
        raise BadSetting("accent: write a colour like #0b5d4e")
    if not all(0 < days <= 365 for days in settings.reminder_offsets):
        raise BadSetting("reminder_offsets: write days from 1 to 365")
    if not 0 <= settings.reminder_hour <= 23:
        raise BadSetting("reminder_hour: write an hour from 0 to 23")
    if settings.mail_connections < 1 or settings.mail_rate < 0 or settings.mail_burst < 1:
        raise BadSetting(
            "mail_connections, mail_rate, mail_burst: write 1 or more; mail_rate may be 0"
        )
    _check_hub(settings)
    _check_bounces(settings)
    _check_watching(settings)
    _check_keeping(settings)
    _check_uploads(settings)
    _check_second_step(settings)
    _check_openid(settings)
    return settings


def _check_hub(settings: Settings) -> None:
    if settings.hub_url and not _is_address(settings.hub_url):
        raise BadSetting("hub_url: write the full address, like https://hub.example.org/")
    for name in ("websub_private_callbacks", "check_links"):
        if not isinstance(getattr(settings, name), bool):
            raise BadSetting(f"{name}: write true or false, without quotes")


def _check_bounces(settings: Settings) -> None:
    # Digits, code and signs must still fit into the 64 octets of a local part (RFC 5321 4.5.3.1.1).
    if settings.bounce_address and not BOUNCE_ADDRESS.fullmatch(settings.bounce_address):
        raise BadSetting("bounce_address: write a plain address, like bounces@agency.example")
    url = settings.bounce_url
    if url and not (url.isascii() and url.isprintable() and _is_mailbox(url)):
        raise BadSetting("bounce_url: write maildir:/path or imaps://user:password@host/INBOX")


def _is_mailbox(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme == "maildir":
        return parts.path.startswith("/") and not parts.netloc
    named = bool(parts.hostname and parts.username and parts.password) and port != 0
    return named and (parts.scheme == "imaps" or (parts.scheme, parts.hostname) in IN_CLEAR)


def _check_uploads(settings: Settings) -> None:
    one = max(settings.upload_limit, settings.document_limit)
    if min(settings.upload_limit, settings.document_limit) < 1 or settings.batch_limit < one:
        raise BadSetting(
            "upload_limit, document_limit: write bytes; batch_limit: at least the larger of them"
        )
    if settings.documents_most < 0:
        raise BadSetting("documents_most: write a number, 0 or more")


def _check_second_step(settings: Settings) -> None:
    if not isinstance(settings.two_persons, bool):
        raise BadSetting("two_persons: write true or false, without quotes")
    if settings.second_step not in SECOND_STEP:
        raise BadSetting("second_step: write nobody, administrators or everyone")


def _check_openid(settings: Settings) -> None:
    issuer = settings.openid_issuer
    if issuer and not (is_safe_address(issuer) and not set("?#") & set(issuer)):
        raise BadSetting(
            "openid_issuer: write what the provider calls itself, like https://login.example.org"
        )
    if bool(issuer) != bool(settings.openid_client_id):
        raise BadSetting("openid_issuer, openid_client_id: write both, or none")


def _check_watching(settings: Settings) -> None:
    if settings.late_after < 1 or settings.silent_after < 1:
        raise BadSetting("late_after, silent_after: write minutes, at least 1")
    if settings.metrics_token and len(settings.metrics_token) < SHORTEST_TOKEN:
        raise BadSetting("metrics_token: write at least 16 characters that nobody guesses")


def _check_keeping(settings: Settings) -> None:
    if settings.subscribe_limit < 0 or settings.renew_after_days < 0:
        raise BadSetting("subscribe_limit, renew_after_days: write a number, 0 or more")
    if 0 < settings.renew_after_days < SHORTEST_SILENCE:
        raise BadSetting(f"renew_after_days: write 0, or at least {SHORTEST_SILENCE}")
    # A reader has 30 days to answer, and their answer is about a mail that must still be known.
    if settings.mail_text_days < 1 or settings.told_kept_days < settings.mail_text_days:
        raise BadSetting("told_kept_days: write at least mail_text_days, which are at least 1")
    if settings.told_kept_days < SHORTEST_SILENCE or settings.consent_kept_days < 1:
        raise BadSetting(f"told_kept_days: write at least {SHORTEST_SILENCE}; consent_kept_days: 1")


def is_safe_address(text: str) -> bool:
    """Whether what is said there can be heard by nobody else: over TLS, or within this machine."""
    if not _is_address(text):
        return False
    parts = urlsplit(text)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")


def _is_address(text: str) -> bool:
    """Whether it can stand in a Link header: http or https, a host, nothing but plain ASCII."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not set(text) & set(' "<>\\')
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)
