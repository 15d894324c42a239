"""What has been done since the site was set up: facts that are there, not boxes to be ticked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from feedsvc.auth.models import Account
from feedsvc.content.models import Entry
from feedsvc.house import queries as house
from feedsvc.house import trial
from feedsvc.insight.models import FeedPoll
from feedsvc.insight.programs import BROWSER
from feedsvc.settings import Settings
from feedsvc.subscriptions.models import Subscriber


@dataclass(frozen=True)
class Done:
    """`followed`: a feed was asked for by a program, or an editor follows by mail."""

    look: bool
    call: bool
    test_mail: bool
    followed: bool
    invited: bool


def done(session: Session, settings: Settings, *, but_from: str) -> Done:
    """`but_from` is a source whose calls do not count: the demo's."""
    decided = house.decided(session)
    return Done(
        look=decided.logo is not None or decided.accent is not None or "accent" in settings.fixed,
        call=_any(session, Entry.kind == "call", Entry.source.is_distinct_from(but_from)),
        test_mail=trial.was_taken(session),
        followed=_any(session, FeedPoll.program != BROWSER)
        or _any(
            session,
            Subscriber.confirmed_at.is_not(None),
            Subscriber.email.in_(select(Account.email)),
        ),
        invited=(session.scalar(select(func.count()).select_from(Account)) or 0) > 1,
    )


def _any(session: Session, *conditions: object) -> bool:
    return bool(session.scalar(select(exists().where(*conditions))))  # type: ignore[arg-type]
