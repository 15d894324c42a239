"""Find what fits: a reader describes their organisation in the address, and gets calls with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, request
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.calls import fit, fit_queries
from feedsvc.calls import queries as calls
from feedsvc.content import filters
from feedsvc.content import queries as content
from feedsvc.content.filters import BadFilter, Filter
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.context import FeedLink, Page
from feedsvc.web.public import answers, counted, names
from feedsvc.web.views import filters as filter_view
from feedsvc.web.views import fit as view
from feedsvc.web.views.fit import Row
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("fit", __name__, template_folder="templates")

OF_THE_PAGE = ("after", "show")  # names in the query string that are no filter
MISSES = "misses"  # the value of `show` by which the page lists what does not fit


@blueprint.get(urls.FIT)
@answers.kept
def page() -> str:
    reader, after = here(), request.args.get("after")
    asked = filters.parse(request.args.items(multi=True), ignore=OF_THE_PAGE)
    misses = _misses(request.args.get("show", ""))
    with counted.reading() as session:
        wanted = replace(content.checked_filter(session, asked), kind=None)
        if wanted != replace(asked, kind=None):  # a cluster that was renamed
            answers.moved(urls.FIT, wanted.pairs())
        ranking = counted.ranking(session, wanted, reader.now)
        named, totals = names.facet_names(session, reader), ranking.totals()
        shelves = fit.REFUSED if misses else fit.POSSIBLE
        found = ranking.page(shelves, after, context.settings().page_size)
        rows = _rows(session, found.rows, wanted, named, reader) if wanted.profile else []
        return context.render(
            "public/fit.html",
            page=_page(wanted, reader),
            described=bool(wanted.profile),
            misses=misses,
            form=view.form(wanted, named["cluster"], ranking.currencies(), reader),
            shelves=view.shelves(rows, totals, reader),
            fitting=sum(totals.get(name, 0) for name in fit.POSSIBLE),
            refused=sum(totals.get(name, 0) for name in fit.REFUSED),
            follow=filter_view.follow(urls.FIT, wanted, reader, mail=replace(wanted, kind="call")),
            here=_with(wanted, reader),
            refusals=_with(wanted, reader, misses=True),
            next_page=_with(wanted, reader, misses=misses, after=found.next) if found.next else "",
            is_first=not after,
            first_page=_with(wanted, reader, misses=misses),
        )


def _misses(show: str) -> bool:
    if show not in ("", MISSES):
        raise BadFilter(
            N_("“%(value)s” is no value of “show”. Choose: %(known)s."),
            value=show[:60],
            known=MISSES,
        )
    return bool(show)


def _rows(
    session: Session,
    found: Sequence[tuple[str, int]],
    wanted: Filter,
    named: filter_view.Names,
    reader: Reader,
) -> list[tuple[str, Row]]:
    ids = [call_id for _, call_id in found]
    profile, rows = wanted.profile, {call.id: call for call in calls.by_ids(session, ids)}
    mentions = fit_queries.mentions(session, ids, profile.themes)
    return [
        (shelf, view.row(rows[one], mentions.get(one, ()), profile, named["cluster"], reader))
        for shelf, one in found
        if one in rows
    ]


def _with(wanted: Filter, reader: Reader, *, misses: bool = False, after: str | None = None) -> str:
    pairs = wanted.pairs()
    pairs += [("show", MISSES)] if misses else []
    pairs += [("after", after)] if after else []
    return reader.path(urls.with_query(urls.FIT, pairs))


def _page(wanted: Filter, reader: Reader) -> Page:
    title = reader.say(N_("Find what fits you"))
    feed = urls.with_query(urls.feed(urls.FIT, "atom"), wanted.pairs())
    return Page(
        title=title,
        path=urls.with_query(urls.FIT, wanted.pairs()),
        description=reader.say(
            N_("Describe your organisation once, and see which calls fit it, and why.")
        ),
        section="fit",
        feeds=(FeedLink(reader.say(N_("Calls that fit")), feed),) if wanted.profile else (),
        index=not wanted.pairs(),
    )
