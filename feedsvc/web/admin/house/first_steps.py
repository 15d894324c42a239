"""The list of first steps on the overview, and the one that takes the demo content away."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc.auth import rules
from feedsvc.demo import away
from feedsvc.demo.missing import SOURCE
from feedsvc.house import changes
from feedsvc.house import queries as house
from feedsvc.i18n import N_
from feedsvc.insight import first_steps
from feedsvc.web import context
from feedsvc.web.admin import pages
from feedsvc.web.admin.gate import actor, blueprint, posted
from feedsvc.web.admin.house import address

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """Something to do, where, and whether it is done."""

    words: str
    address: str
    done: bool


def steps(session: Session) -> list[Step]:
    """What is left to do, with what is done; empty for who may not do it, or once all is done."""
    if not rules.may(actor(), rules.SITE) or house.hides_first_steps(session):
        return []
    settings, say = context.settings(), context.lang().gettext
    done = first_steps.done(session, context.runtime().settings, but_from=SOURCE)
    feeds = context.path("/feeds/", settings.default_language)
    found = [
        Step(
            say(N_("Set the address at which readers find the site")),
            url_for("admin.settings_edit") + "#address", done=address.nowhere() is None,
        ),
        Step(say(N_("Choose logo and colour")), url_for("admin.settings_look_edit"), done.look),
        Step(say(N_("Write the first call")), url_for("admin.call_new"), done.call),
        Step(
            say(N_("Send a test mail to yourself")),
            url_for("admin.settings_mail_edit") + "#test", done.test_mail,
        ),
        Step(say(N_("Subscribe to your own feed")), feeds, done.followed),
        Step(say(N_("Invite an editor")), url_for("admin.account_new"), done.invited),
    ]  # fmt: skip
    if away.is_there(session):
        words = N_("Take the demo content away")
        found.append(Step(say(words), url_for("admin.demo_away"), done=False))
    return [] if all(step.done for step in found) else found


@blueprint.post("/first-steps/hide", endpoint="checklist_hide")
def hide() -> Response:
    with context.db().begin() as session:
        changes.hide_first_steps(session)
    sentence = N_("The list of first steps is gone. Everything on it is in the menu.")
    return pages.done(url_for("admin.dashboard"), context.lang().gettext(sentence))


@blueprint.route("/demo-away", methods=["GET", "POST"], endpoint="demo_away")
def demo_away() -> Response:
    """First how much it is, then it goes."""
    if posted() is None:
        with context.db().read() as session:
            return pages.page(
                "house/demo_away.html",
                title=context.lang().gettext(N_("Take the demo content away")),
                section="dashboard",
                there=away.present(session),
            )
    with context.db().begin() as session:
        away.take_away(session, actor=actor(), now=context.now())
    log.info("demo content taken away by account %s", actor().id)
    return pages.done(
        url_for("admin.dashboard"), context.lang().gettext(N_("The demo content is gone."))
    )
