"""Feeds: a list's address with an extension, the query string kept.

Errors are plain sentences: a feed reader shows no page.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, Response, request

from feedsvc import urls
from feedsvc.calls import alarms, struck
from feedsvc.calls.models import Call
from feedsvc.content import addresses, queries, workdays
from feedsvc.content.addresses import Moved
from feedsvc.content.cursors import Cursor
from feedsvc.content.filters import BadFilter, Filter, parse
from feedsvc.content.workdays import Ahead
from feedsvc.errors import FeedsvcError, Gone, TooMany
from feedsvc.feeds import query as feed_query
from feedsvc.feeds.publish import Published
from feedsvc.feeds.query import CALLS, CHANGES, EVERYTHING, FIT, NEWS, SEARCH, Query
from feedsvc.i18n import N_
from feedsvc.web import conditional, context, errors, front
from feedsvc.web.public import answers

blueprint = Blueprint("feeds", __name__)

OPTIONS = ("before", "alarm", "workdays", "holidays")  # what an address may ask for beside a filter


@blueprint.get("/feed.<extension>")
def everything(extension: str) -> Response:
    return _feed(EVERYTHING, extension)


@blueprint.get("/news.<extension>")
def news(extension: str) -> Response:
    return _feed(NEWS, extension)


@blueprint.get("/calls.<extension>")
def calls(extension: str) -> Response:
    return _feed(CALLS, extension)


@blueprint.get("/changes.<extension>")
def changes(extension: str) -> Response:
    return _feed(CHANGES, extension)


@blueprint.get("/search.<extension>")
def search(extension: str) -> Response:
    return _feed(SEARCH, extension)


@blueprint.get("/fit.<extension>")
def fit(extension: str) -> Response:
    return _feed(FIT, extension)


@blueprint.get("/clusters/<slug:slug>.<extension>")
def cluster(slug: str, extension: str) -> Response:
    with context.db().read() as session:
        found = addresses.resolve_cluster(session, slug)
    if isinstance(found, Moved):
        answers.moved(urls.feed(urls.cluster(found.slug), extension))
    return _feed(urls.cluster(slug), extension)


@blueprint.get("/calls/<slug:slug>.ics")
def call(slug: str) -> Response:
    """The key dates of one call. After it was taken away, its calendars can strike them a while."""
    _no_filter()
    with context.db().read() as session:
        try:
            found = session.get_one(Call, answers.entry_id(session, "call", slug, extension="ics"))
            uid = found.uid
        except Gone:
            uid = addresses.former_uid(session, "call", slug)
            if not struck.of_call(session, uid, context.now()):
                raise
        query = Query(
            Filter(),
            "ics",
            context.feed_language(),
            urls.call(slug),
            call_uid=uid,
            alarms=ringing(),
            ahead=ahead(),
        )
        published = front.publisher().current(session, query, context.now())
    return _reply(published, query)


@blueprint.get("/calls/<slug:slug>/changes.<extension>")
def changes_of_call(slug: str, extension: str) -> Response:
    """What happened to one call."""
    _no_filter()
    with context.db().read() as session:
        found = answers.entry_id(session, "call", slug, under="changes", extension=extension)
        query = feed_query.checked(
            Query(
                Filter(), extension, context.feed_language(), urls.changes(slug),
                call_uid=session.get_one(Call, found).uid, before=before(), alarms=ringing(),
                ahead=ahead(),
            )
        )  # fmt: skip
        published = front.publisher().current(session, query, context.now())
    return _reply(published, query)


@blueprint.get("/feeds.opml")
def opml() -> Response:
    """Every feed that has a name, for readers that import a list."""
    code = context.lang().code
    with context.db().read() as session:
        published = front.publisher().current_opml(session, code, context.now())
    return _reply(published, ("opml", code, ""))


@blueprint.get("/clusters/<slug:slug>.opml")
def cluster_opml(slug: str) -> Response:
    """The feeds of one cluster, in the same form."""
    code = context.lang().code
    with context.db().read() as session:
        found = addresses.resolve_cluster(session, slug)
        if isinstance(found, Moved):
            answers.moved(urls.feed(urls.cluster(found.slug), "opml"))
        now = context.now()
        published = front.publisher().current_opml(session, code, now, cluster=slug)
    return _reply(published, ("opml", code, slug))


@blueprint.errorhandler(FeedsvcError)
def in_words(error: FeedsvcError) -> Response:
    sentence = context.lang().gettext(error.message, **error.values)
    response = Response(sentence + "\n", errors.status_of(error), mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _feed(page: str, extension: str) -> Response:
    """The feed of a page. Raises: BadFilter, NotFound."""
    asked = parse(request.args.items(multi=True), ignore=OPTIONS)
    written = feed_query.with_page(asked, page)
    query = feed_query.checked(
        Query(
            written, extension, context.feed_language(), page,
            before=before(), alarms=ringing(), ahead=ahead(),
        )
    )  # fmt: skip
    with context.db().read() as session:
        present = queries.checked_filter(session, written)
        if present != written:  # a cluster, funder or programme was renamed
            right = replace(query, filter=present)
            answers.moved(urls.feed(page, extension), [*right.pairs, *right.options])
        published = front.publisher().current(session, query, context.now())
    return _reply(published, query)


def before() -> Cursor | None:
    """The place after which the page begins. Raises: BadRequest."""
    text = request.args.get("before", "")
    return Cursor.parse(text) if text else None


def ringing() -> tuple[timedelta, ...]:
    """How long before its dates a calendar rings. Raises: BadRequest."""
    return alarms.parse(request.args.getlist("alarm"))


def ahead() -> Ahead | None:
    """How many working days before a deadline to be ready. Raises: BadRequest."""
    return workdays.parse(request.args)


def _no_filter() -> None:
    """Raises: BadFilter for a condition: the feed of one call has nothing to choose from."""
    for name, _ in parse(request.args.items(multi=True), ignore=OPTIONS).pairs():
        raise BadFilter(
            N_("The feed of one call takes no filter; take “%(name)s” away."), name=name
        )


def _reply(published: Published, key: Hashable) -> Response:
    environ = request.environ
    context.runtime().counted.poll(environ["PATH_INFO"], environ.get("HTTP_USER_AGENT", ""))
    front.publisher().spelled(environ["PATH_INFO"], environ.get("QUERY_STRING", ""), key)
    if conditional.is_window(request.headers.get("Sec-Fetch-Dest")):
        published = conditional.for_a_window(published)
    answer = conditional.reply(published, front.asked(environ), context.now())
    # As a list: of HEAD, the length that is said is not that of what is sent.
    return Response([answer.body], answer.status, answer.headers)
