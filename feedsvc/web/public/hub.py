"""Our WebSub hub, once for all languages. Who speaks here is a program: answers are plain sentences.

A request comes from another site by its nature, so that there is no same-origin check. It does
nothing by itself: the callback that it names is asked, and its answer counts.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from feedsvc import urls
from feedsvc.errors import BadRequest, FeedsvcError, Gone, TooMany
from feedsvc.i18n import N_
from feedsvc.web import context, errors, front
from feedsvc.websub import asking, rules, topics
from feedsvc.websub.rules import Wish

blueprint = Blueprint("hub", __name__)

FORM = "application/x-www-form-urlencoded"
LARGEST = 16_000  # bytes: two addresses of the largest length, percent-encoded, and a secret
ABOUT = N_(
    "This is the WebSub hub of this site's feeds. Send a form with hub.mode, hub.topic and "
    "hub.callback by POST, and new versions of that feed are sent to you."
)
ELSEWHERE = N_("The hub of this site's feeds is another one: %(hub)s")
ACCEPTED = N_("Your callback will be asked now.")
NO_FORM = N_("Send a form: application/x-www-form-urlencoded.")
TOO_LARGE = N_("This is larger than a subscription can be.")


@blueprint.get(urls.HUB)
def about() -> Response:
    """What this address is for."""
    _must_be_ours()
    return _plain(context.lang().gettext(ABOUT))


@blueprint.post(urls.HUB)
def ask() -> Response:
    """Take a request to subscribe or unsubscribe; its callback is asked later (section 5.1)."""
    _must_be_ours()
    if request.mimetype != FORM:
        return _plain(context.lang().gettext(NO_FORM), 415)
    request.max_content_length = LARGEST
    settings, now = context.settings(), context.now()
    wish = rules.wish(_form(), private=settings.websub_private_callbacks)
    client = request.remote_addr or ""
    with context.db().begin() as session:  # its own: a request that fails is counted all the same
        asking.count_attempt(session, wish, client, key=settings.secret_key, now=now)
    with context.db().read() as session:
        tag = _version(session, wish)
    with context.db().begin() as session:
        asking.ask(session, wish, tag=tag, now=now)
    return _plain(context.lang().gettext(ACCEPTED), 202)


@blueprint.errorhandler(FeedsvcError)
def in_words(error: FeedsvcError) -> Response:
    response = _plain(
        context.lang().gettext(error.message, **error.values), errors.status_of(error)
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


@blueprint.errorhandler(413)
def too_large(_error: HTTPException) -> Response:
    return _plain(context.lang().gettext(TOO_LARGE), 413)


def _form() -> list[tuple[str, str]]:
    """Read strictly: of bytes that are no UTF-8 Flask would make others, and a secret would differ.

    Raises: BadRequest.
    """
    try:
        return parse_qsl(
            request.get_data().decode("ascii"), keep_blank_values=True, errors="strict"
        )
    except ValueError:
        raise BadRequest(N_("Send a form whose text is UTF-8, percent-encoded.")) from None


def _must_be_ours() -> None:
    """Raises: Gone, where an external hub is set."""
    hub = context.settings().hub_url
    if hub:
        raise Gone(ELSEWHERE, hub=hub)


def _version(session: Session, wish: Wish) -> str:
    """The version that the topic has now. Raises: NoTopic, BadRequest.

    One can end a subscription to a feed that is no more.
    """
    if wish.mode == "unsubscribe":
        return ""
    now = context.now()
    query = topics.query_of(session, wish.topic, context.settings(), now)
    return front.publisher().current(session, query, now).tag


def _plain(sentence: str, status: int = 200) -> Response:
    return Response(sentence + "\n", status, mimetype="text/plain")
