"""How sending fares, for the top of the outbox and the overview: what /readyz asks, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from feedsvc.mail import figures, queries, relay
from feedsvc.mail.bucket import Rate
from feedsvc.mail.models import MailRelay
from feedsvc.reminders import health as checks
from feedsvc.settings import BadSetting, Settings


@dataclass(frozen=True)
class Health:
    """Mails that wait; since when one is late, if one is; when a scheduler last gave a sign of life.

    What is late, and how long a scheduler may be silent, are settings. `shut` is the mail server
    through which no mail goes now, if all schedulers keep away from it.
    """

    waiting: int
    late_since: datetime | None
    last_beat: datetime | None
    silent: bool
    shut: MailRelay | None


def health(session: Session, settings: Settings, now: datetime) -> Health:
    before = now - timedelta(minutes=settings.late_after)
    _, silence = checks.silence(session, now)
    return Health(
        waiting=sum(figures.waiting(session).values()),
        late_since=figures.late(session, before).since,
        last_beat=None if silence is None else now - silence,
        silent=silence is None or silence > timedelta(minutes=settings.silent_after),
        shut=queries.shut(session, now),
    )


@dataclass(frozen=True)
class Server:
    """The mail server of the settings, as all schedulers know it.

    `trying`: one of them looks with one mail whether it is back. `tokens` mails may leave at once
    now, None without a limit; `rate` is the limit.
    """

    name: str
    shut: MailRelay | None
    trying: bool
    faults: int
    tokens: int | None
    rate: Rate


def server(session: Session, settings: Settings, now: datetime) -> Server | None:
    """None where mails are kept and not sent, or the setting is wrong, as the scheduler will say."""
    try:
        named = relay.from_settings(settings)
    except BadSetting:
        return None
    if named is None:
        return None
    rate = Rate(settings.mail_rate, settings.mail_burst)
    known = session.get(MailRelay, named.scope) or MailRelay(state="closed", faults=0, tokens=0.0)
    is_open = known.state != "closed"
    shut = known if is_open and known.until is not None and known.until > now else None
    level = rate.level(known.tokens, known.refilled_at, now)
    return Server(
        named.scope,
        shut=shut if known.state == "open" else None,
        trying=is_open and (shut is None or known.state == "half_open"),
        faults=known.faults,
        tokens=int(level) if rate.per_second else None,
        rate=rate,
    )
