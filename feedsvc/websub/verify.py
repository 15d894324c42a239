"""Ask a callback whether it wants what was asked for in its name (sections 5.2 and 5.3).

Whoever answers decides; whoever does not answer is asked some times more, and then the request is
forgotten. A request that fails changes nothing of the subscription that there is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from feedsvc import tokens
from feedsvc.db import Database
from feedsvc.websub import asking, rules
from feedsvc.websub.http import Caller, NoAnswer, NotPublic
from feedsvc.websub.models import HubRequest

log = logging.getLogger(__name__)


def ask(
    db: Database, caller: Caller, request: HubRequest, token: str, at: Callable[[], datetime]
) -> None:
    """Call the callback, and do what its answer says."""
    challenge = tokens.secret()
    try:
        answer = caller.get(_address(request, challenge))
    except NoAnswer as silence:
        log.info("request %s for %s: no answer: %s", request.id, request.host, silence)
        with db.begin() as session:
            asking.postpone(session, request.id, token, at())
        return
    except NotPublic as refusal:
        log.info("request %s is refused: %s", request.id, refusal)
        agreed = False
    else:
        agreed = answer.is_success and answer.body == challenge.encode()
    _settle(db, request, token, agreed=agreed, now=at())


def _address(request: HubRequest, challenge: str) -> str:
    topic = request.topic.address
    if request.mode == "denied":
        return rules.refusal(request.callback, topic=topic, reason=request.reason)
    lease_seconds = request.lease_seconds if request.mode == "subscribe" else None
    return rules.question(
        request.callback,
        mode=request.mode, topic=topic, challenge=challenge, lease_seconds=lease_seconds,
    )  # fmt: skip


def _settle(db: Database, request: HubRequest, token: str, *, agreed: bool, now: datetime) -> None:
    """The answer counts only if no newer request has taken this one's place meanwhile."""
    with db.begin() as session:
        held = asking.settle(session, request.id, token)
        if held is None or request.mode == "denied":
            return
        if agreed and held.mode == "subscribe":
            asking.grant(session, held, now)
        elif agreed:
            asking.end(session, held)
    log.info(
        "request %s to %s, for %s: %s",
        request.id, request.mode, request.host, "agreed" if agreed else "not agreed",
    )  # fmt: skip
