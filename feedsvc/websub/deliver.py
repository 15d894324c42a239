"""Send a subscriber the version that a topic has at this moment (section 7)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from feedsvc import urls
from feedsvc.feeds.publish import Published
from feedsvc.websub import changes, leases, rules
from feedsvc.websub.http import Answer, Caller, Headers, NoAnswer, NotPublic
from feedsvc.websub.look import Looker
from feedsvc.websub.models import HUB, HubSubscription

log = logging.getLogger(__name__)

GONE = 410
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Delivery:
    """One try to send a subscription what it has not."""

    looker: Looker
    row: HubSubscription
    token: str  # of the lease
    at: Callable[[], datetime]

    def send(self, caller: Caller) -> None:
        """Look once more, and send what is there: a retry sends the newest version, no old one."""
        published = self.looker.look_at(self.row.topic, self.at())
        if published is None:
            return  # the subscription has ended with its topic
        if published.tag == self.row.tag:  # the feed has changed back
            self._let_go()
            return
        try:
            answer = caller.post(self.row.callback, *self._message(published))
        except (NoAnswer, NotPublic) as silence:
            self._failed(published.tag, str(silence))
        else:
            self._answered(published.tag, answer)

    def _message(self, published: Published) -> tuple[Headers, bytes]:
        """For a subscriber the whole document; for another hub the news that there is a new one."""
        if self.row.kind == HUB:
            return [("Content-Type", FORM)], _announcement(self.row.topic.address)
        body = published.body.data
        headers = [
            ("Content-Type", published.content_type),
            ("Link", rules.link(urls.hub(self.looker.settings), self.row.topic.address)),
        ]
        if self.row.secret:
            headers.append(("X-Hub-Signature", rules.signature(self.row.secret, body)))
        return headers, body

    def _answered(self, tag: str, answer: Answer) -> None:
        if answer.is_success:
            with self.looker.db.begin() as session:
                changes.delivered(session, self.row.id, self.token, tag)
            log.info("subscription %s has the new version", self.row.id)
        elif answer.status == GONE and self.row.kind != HUB:
            with self.looker.db.begin() as session:
                changes.gone(session, self.row.id, self.token)
            log.info("subscription %s has ended: its callback is gone", self.row.id)
        else:
            self._failed(tag, f"answered {answer.status}")

    def _failed(self, tag: str, reason: str) -> None:
        row = self.row
        fate = rules.after_failure(
            attempts=row.attempts,
            failing_since=row.failing_since,
            key=row.callback_digest,
            now=self.at(),
        )
        with self.looker.db.begin() as session:
            changes.failed(session, row.id, self.token, fate, tag=tag, reason=reason)
        said = "given up" if fate.given_up else f"again at {fate.send_after:%Y-%m-%d %H:%M}"
        log.info("subscription %s to %s: %s; %s", row.id, row.host, reason, said)

    def _let_go(self) -> None:
        with self.looker.db.begin() as session:
            leases.release(session, HubSubscription, self.row.id, self.token)


def _announcement(address: str) -> bytes:
    """What hubs understand: some read hub.url, as of old, and some hub.topic."""
    pairs = {"hub.mode": "publish", "hub.url": address, "hub.topic": address}
    return urlencode(pairs).encode()
