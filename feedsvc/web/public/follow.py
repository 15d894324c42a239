"""Ask for reminders by mail: a form that needs an address and nothing else.

The answer is the same for every address, known or not; the owner of the address says yes by mail.
What is followed stands in the query string: a filter, as every list has it, or `call=` with the uid
or the slug of one call.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, make_response, redirect, request
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc import urls
from feedsvc.calls import lists
from feedsvc.calls.models import Call
from feedsvc.content import filters
from feedsvc.content import queries as content
from feedsvc.content import rules as entry_rules
from feedsvc.content.filters import Filter
from feedsvc.content.models import Translation
from feedsvc.errors import Invalid, NotFound, Problem, TooMany
from feedsvc.i18n import N_
from feedsvc.subscriptions import changes, clients, queries, rules
from feedsvc.subscriptions.changes import Wish
from feedsvc.web import context, security
from feedsvc.web.clients import client
from feedsvc.web.context import Page
from feedsvc.web.public import answers
from feedsvc.web.views import cards, zones
from feedsvc.web.views import follow as view
from feedsvc.web.views.follow import FollowForm
from feedsvc.web.views.manage import DIGESTS
from feedsvc.web.views.reader import here

blueprint = Blueprint("follow", __name__, template_folder="templates")

PATH, SENT = "/subscribe", "/subscribe/sent"
NEWS_DIGEST = "daily"  # what is offered first to who follows news, which have no deadline
OF_THE_FORM = (
    "email",
    "offsets",
    "digest",
    "next",
    "language",
    "zone",
    "call",
)  # names that are no filter


@blueprint.get(PATH)
@answers.kept
def subscribe() -> str:
    """The form; what the query string asks for is what will be followed."""
    with context.db().read() as session:
        return _page(_form(session, request.args.getlist("call"), _filter(session)))


@blueprint.post(PATH)
def ask() -> Response:
    """Keep the wish and send the mail that asks for a yes."""
    security.require_same_origin()
    try:
        with context.db().begin() as session:
            clients.count(session, client(), settings=context.settings(), now=context.now())
            wanted = _filter(session)
            changes.request_subscription(
                session, _wish(session, wanted), settings=context.settings(), now=context.now()
            )
    except Invalid as invalid:
        return _again(view.sentences(invalid.problems, here()), 422)
    except TooMany as refusal:
        answer = _again({"email": context.lang().gettext(refusal.message)}, 429)
        answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer
    return redirect(context.path(SENT), 303)


@blueprint.get(SENT)
@answers.kept
def sent() -> str:
    page = Page(title=context.lang().gettext("Look into your mail"), path=SENT, index=False)
    return context.render("follow/sent.html", page=page)


def _filter(session: Session) -> Filter:
    """Raises: BadFilter, for a name or value that means nothing."""
    typed = request.form if request.method == "POST" else request.args
    asked = filters.parse(typed.items(multi=True), ignore=OF_THE_FORM)
    return content.checked_filter(session, asked).standing()


def _call(session: Session, named: list[str]) -> Call | None:
    """The public call that is named by uid or slug; None if none is. Raises: NotFound."""
    name = next((text.strip() for text in named if text.strip()), "")
    if not name:
        return None
    by_slug = select(Translation.entry_id).where(
        Translation.kind == "call", Translation.slug == name
    )
    call = session.scalars(
        select(Call).where(or_(Call.uid == name, Call.id.in_(by_slug))).order_by(Call.id)
    ).first()
    if call is None or not entry_rules.is_public(call, context.now()):
        raise NotFound(N_("There is no such call to follow."))
    return call


def _wish(session: Session, wanted: Filter) -> Wish:
    call = _call(session, request.form.getlist("call"))
    typed = request.form.get("language", "")
    known = typed in context.settings().languages
    return Wish(
        email=request.form.get("email", ""),
        offsets=_typed_offsets(),
        language=typed if known else context.lang().code,
        page=request.path,
        digest=request.form.get("digest", "") if call is None else "",
        next_edition="next" in request.form,
        zone=request.form.get("zone", ""),
        filter=None if call else wanted,
        entry_id=call.id if call else None,
    )


def _typed_offsets() -> tuple[int, ...]:
    """Raises: Invalid for what is no number."""
    try:
        return tuple(int(text) for text in request.form.getlist("offsets"))
    except ValueError:
        raise Invalid(Problem("offsets", N_("Choose from the days that are offered."))) from None


def _form(session: Session, named: list[str], wanted: Filter) -> FollowForm:
    settings, reader = context.settings(), here()
    call = _call(session, named)
    of_news = call is None and wanted.kind == "news"
    nearest = call or (None if of_news else _nearest(session, wanted))
    if call is not None:
        text = reader.text(call).text
        title, address = text.title, reader.path(urls.call(text.slug))
        hidden = [("call", call.uid)]
    else:
        title = queries.filter_title(session, wanted, reader.language, settings)
        address, hidden = reader.path(queries.filter_path(wanted)), wanted.pairs()
    return FollowForm(
        title=title,
        address=address,
        hidden=tuple(hidden),
        email="",
        chosen=() if of_news else settings.reminder_offsets,
        digest=NEWS_DIGEST if of_news else "",
        language=reader.language.code,
        zone=settings.timezone,
        zones=zones.areas(reader.language, settings.timezone),
        is_call=call is not None,
        is_news=of_news,
        nearest=cards.call_card(nearest, reader) if nearest else None,
    )


def _nearest(session: Session, wanted: Filter) -> Call | None:
    """The call of the filter that closes next: what a reader can expect."""
    opened = replace(wanted, kind=None, status=("open",))
    found = lists.page(session, opened, now=context.now(), limit=1)
    return next(iter(found.items), None)


def _again(problems: dict[str, str], status: int) -> Response:
    """The form with what was typed, and what to put right."""
    with context.db().read() as session:
        offered = _form(session, request.form.getlist("call"), _filter(session))
    form = replace(
        offered,
        email=request.form.get("email", "")[:254],
        chosen=tuple(int(n) for n in request.form.getlist("offsets") if n.isdecimal()),
        language=request.form.get("language", offered.language),
        zone=request.form.get("zone", offered.zone),
        digest=request.form.get("digest", ""),
        next_edition="next" in request.form,
        problems=problems,
    )
    response = make_response(_page(form), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(form: FollowForm) -> str:
    say = context.lang().gettext
    title = say("Reminders by mail")
    page = Page(
        title=say("Error: %(title)s", title=title) if form.problems else title,
        path=PATH,
        description=say("A mail before each deadline that concerns you. No account."),
        section="feeds",
        index=not form.hidden and not form.problems,
    )
    choices = rules.choices(context.settings().reminder_offsets)
    digests = [(value, say(text)) for value, text in DIGESTS]
    return context.render(
        "follow/subscribe.html", page=page, form=form, choices=choices, digests=digests
    )
