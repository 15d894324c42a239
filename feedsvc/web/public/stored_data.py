"""What is kept of readers and for how long, made from the settings: the page cannot say otherwise."""

from __future__ import annotations

from flask import Blueprint

from feedsvc import urls
from feedsvc.subscriptions import rules, undo
from feedsvc.web import context
from feedsvc.web.context import Page
from feedsvc.web.public import answers

blueprint = Blueprint("stored_data", __name__, template_folder="templates")


@blueprint.get(urls.STORED_DATA)
@answers.kept
def stored_data() -> str:
    say = context.lang().gettext
    page = Page(
        title=say("What we keep about you, and for how long"),
        path=urls.STORED_DATA,
        description=say("No account, no tracking. This is all that is kept of readers."),
    )
    return context.render(
        "follow/data.html",
        page=page,
        kept=context.settings(),
        unused=rules.UNUSED_KEPT.days,
        answer=rules.RENEW_WITHIN.days,
        undo=undo.WITHIN.days,
    )
