"""Rows to what a feed says of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feedsvc import i18n, markup, urls
from feedsvc.calls import calendar, dates, fit_words, words
from feedsvc.calls import rules as call_rules
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content import rules
from feedsvc.content.media import words as media_words
from feedsvc.content.media.models import Photo
from feedsvc.content.models import Entry
from feedsvc.content.profiles import NOBODY, Profile
from feedsvc.content.workdays import Ahead
from feedsvc.feeds import content, files, vocabulary
from feedsvc.feeds.model import Category, FeedCall, FeedDate, FeedEntry, Image
from feedsvc.feeds.several import together
from feedsvc.i18n import ALL, Language
from feedsvc.urls import Site

PHOTO_TYPE = "image/webp"  # of the photo itself, beside its copies
# A feed does not say that a call closes soon, or that it closed long ago: its bytes would change
# on days on which nothing happened to the call.
STATUS = {"closing_soon": "open", "archived": "closed"}
SUMMARY_LENGTH = 400


@dataclass(frozen=True)
class View:
    """How entries are seen: on which site, in which language, when, and what of them is shown.

    Of a reader who is described, calls say whether they fit; `mentions` are, by call, those of the
    reader's themes that it holds.
    """

    site: Site
    language: str
    now: datetime
    with_text: bool = True
    with_events: bool = True
    alarms: tuple[timedelta, ...] = ()
    ahead: Ahead | None = None
    media: str = urls.MEDIA  # where pictures are had: of drafts in the admin only
    profile: Profile = NOBODY
    mentions: Mapping[int, Collection[str]] = field(default_factory=dict)

    @property
    def said(self) -> Language:
        return i18n.language(self.language)


def entry_of(entry: Entry, view: View) -> FeedEntry:
    """The entry as the feed's readers get it."""
    if view.language != ALL:
        return _in_language(entry, view)
    written = {text.language for text in entry.translations}
    codes = [code for code in view.site.languages if code in written] or view.site.languages[:1]
    return together([_in_language(entry, replace(view, language=code)) for code in codes])


def _in_language(entry: Entry, view: View) -> FeedEntry:
    found = rules.localised(entry.translations, view.language, view.site.languages)
    text = found.text
    url = view.site.absolute(urls.entry(entry.kind, text.slug), view.language)
    call = call_of(entry, url, view) if isinstance(entry, Call) else None
    image = _image(entry.photo, view) if entry.photo else None
    handed_out = files.of(entry, view.site, view.language) if view.with_text else ()
    body = ""
    if view.with_text:
        body = content.html(
            text, said=view.said, is_fallback=found.is_fallback, url=url, image=image,
            alt=media_words.alt(entry, text), credit=media_words.credit(entry), call=call,
            files=handed_out,
        )  # fmt: skip
    return FeedEntry(
        uid=entry.uid,
        url=url,
        title=_title(text.title, call, view.said),
        summary=_summary(text.summary or markup.excerpt(text.body), call, view.said),
        content=body,
        language=found.language,
        published=_published(entry),
        updated=rules.updated(entry),
        number=entry.id,
        categories=tuple(categories_of(entry, view)),
        image=image,
        files=handed_out,
        call=call,
        events=_events(entry, text.title, url, view),
    )


def call_of(call: Call, url: str, view: View) -> FeedCall:
    """What is particular to a call; `url` is its page."""
    status = call_rules.status(call, view.now)
    status = STATUS.get(status, status)
    shown = [date for date in call.key_dates if calendar.in_calendar(date)]
    return FeedCall(
        about=view.site.absolute(vocabulary.PATH, view.language),
        status=status,
        status_name=view.said.gettext(words.STATUS_NAMES[status]),
        model=call.deadline_model,
        reference=call.reference,
        series=call.series,
        edition=call.edition,
        funders=tuple(
            rules.localised(funder.texts, view.language, view.site.languages).text.name
            for funder in call.funders
        ),
        programme=call.programme.name if call.programme else "",
        dates=tuple(_date_of(date, view.said) for date in call.key_dates),
        currency=call.currency,
        total_budget=call.total_budget,
        award_min=call.award_min,
        award_max=call.award_max,
        expected_awards=call.expected_awards,
        cofinancing_min=call.cofinancing_min,
        cofinancing_max=call.cofinancing_max,
        money=words.funding(call, view.said),
        share=words.cofinancing(call, view.said),
        applicants=tuple(row.applicant for row in call.applicants),
        geographies=tuple(call.geographies),
        apply_url=call.apply_url,
        info_url=call.info_url,
        documents=_documents(call, view),
        calendar_url=f"{url}.ics" if shown else "",
        fit=_fit(call, view) if view.profile else (),
    )


def _documents(call: Call, view: View) -> tuple[tuple[str, str], ...]:
    """Those that are handed out here, then those elsewhere."""
    own = files.of(call, view.site, view.language) if view.with_text else ()
    links = [(document["title"], document["url"]) for document in call.documents]
    return (*((file.title, file.url) for file in own), *links)


def _fit(call: Call, view: View) -> tuple[str, ...]:
    """Why it fits. Not how long it is open: the entry would change from day to day."""
    clusters = {category.term: category.label for category in categories_of(call, view)}
    mentions = view.mentions.get(call.id, ())
    told = fit_words.of_call(
        call, view.profile, view.said, mentions=mentions, clusters=clusters, now=view.now
    )
    return tuple(reason.line for reason in told if reason.question != "when")


def _date_of(date: KeyDate, said: Language) -> FeedDate:
    return FeedDate(
        type=date.type,
        name=words.key_date_name(date, said),
        words=words.moment(date, said),
        machine=_machine(date),
        zone=date.zone,
        precision=date.precision,
        certainty=date.certainty,
        is_deadline=date.is_deadline,
    )


def _machine(date: KeyDate) -> str:
    """RFC 3339 with the offset of the date's zone, or as much of a date as is known."""
    if date.local_time is not None:
        return date.utc_at.astimezone(dates.zone(date.zone)).isoformat()
    length = {"year": 4, "quarter": 7, "month": 7}.get(date.precision, 10)
    return date.local_date.isoformat()[:length]


def _events(entry: Entry, title: str, url: str, view: View) -> tuple[calendar.DateEvent, ...]:
    if not isinstance(entry, Call) or not view.with_events:
        return ()
    fit = _fit(entry, view) if view.profile else ()
    events = [
        calendar.date_event(
            entry, date, title=title, url=url, language=view.said, alarms=view.alarms, fit=fit
        )
        for date in entry.key_dates
        if calendar.in_calendar(date)
    ]
    return calendar.with_days_ahead(events, title, view.ahead, view.said)


def _title(title: str, call: FeedCall | None, said: Language) -> str:
    if call and call.status == "cancelled":
        return said.gettext("Cancelled: %(name)s", name=title)
    return title


def _summary(summary: str, call: FeedCall | None, said: Language) -> str:
    """What a reader sees in a list: when it closes and how much there is come first."""
    facts = []
    if call:
        facts = [words.labelled(date.name, date.words, said) + "." for date in call.deadlines]
        if call.money:
            facts.append(said.gettext("Funding: %(money)s", money=call.money) + ".")
    text = markup.one_line(summary)
    if len(text) > SUMMARY_LENGTH:
        text = text[:SUMMARY_LENGTH].rsplit(" ", 1)[0] + "…"
    return " ".join([*facts, text]).strip()


def categories_of(entry: Entry, view: View) -> list[Category]:
    scheme = view.site.absolute("/clusters/")
    return [
        Category(
            cluster.slug,
            rules.localised(cluster.texts, view.language, view.site.languages).text.name,
            scheme,
        )
        for cluster in entry.clusters
    ]


def _image(photo: Photo, view: View) -> Image:
    return Image(view.site.absolute(view.media + photo.name), PHOTO_TYPE, photo.bytes)


def _published(entry: Entry) -> datetime:
    assert entry.publish_at is not None  # only public entries are in a feed
    return entry.publish_at
