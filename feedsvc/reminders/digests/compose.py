"""Write the digest itself: new calls by deadline, changed ones with what changed, then the news."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from feedsvc import markup, urls
from feedsvc.calls import event_words, words
from feedsvc.calls import rules as call_rules
from feedsvc.calls.models import Call, CallEvent, KeyDate
from feedsvc.content import rules as entry_rules
from feedsvc.content.models import Entry, Translation
from feedsvc.content.rules import Localised
from feedsvc.content.words import MODEL_NAMES
from feedsvc.i18n import Language, language
from feedsvc.mail import rendering
from feedsvc.reminders import compose, phrases, rules
from feedsvc.reminders.compose import MANAGE, STOP_ALL, Draft, stop_mark
from feedsvc.reminders.digests.rules import shares
from feedsvc.settings import Settings
from feedsvc.subscriptions import words as choices
from feedsvc.subscriptions.queries import Followed
from feedsvc.urls import Site

# Gmail cuts a mail at about 102 kB of HTML, and with it the links that end it. So what is long is
# shortened to so many characters, and only the first entries have a leaf of a calendar.
EXCERPT, TITLE, FACTS = 160, 160, 100
WITH_LEAF = 20
TITLES_AHEAD = 3  # what a list of mails shows beside the subject


@dataclass(frozen=True)
class Issue:
    """What one digest tells, in the order in which it is read."""

    calls: tuple[Call, ...]
    changed: tuple[tuple[Call, tuple[CallEvent, ...]], ...]
    news: tuple[Entry, ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        return len(self.calls), len(self.changed), len(self.news)


@dataclass(frozen=True)
class Line:
    """One entry, ready in one language. `language` is set where the title is in another one.

    `month`, `day` and `hour` make the leaf of a calendar; empty where no date is known. `changes`
    are sentences, `reasons` the editor's.
    """

    title: str
    language: str
    url: str
    when: str
    month: str = ""
    day: str = ""
    hour: str = ""
    elsewhere: str = ""
    facts: str = ""
    fit: str = ""
    summary: str = ""
    changes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """The entries of one sort; `more` is a sentence that leads to those that are not shown."""

    title: str
    lines: tuple[Line, ...]
    more: str
    url: str


def issue(
    new: Sequence[Entry],
    changed: Sequence[tuple[Call, tuple[CallEvent, ...]]],
    now: datetime,
) -> Issue:
    """Calls by deadline, news from the newest on."""
    calls = [row for row in new if isinstance(row, Call)]
    news = [row for row in new if not isinstance(row, Call)]
    return Issue(
        tuple(sorted(calls, key=lambda row: _by_deadline(row, now))),
        tuple(sorted(changed, key=lambda row: _by_deadline(row[0], now))),
        tuple(sorted(news, key=lambda row: (row.publish_at or now, row.id), reverse=True)),
    )


def draft(
    told: Issue,
    because: Sequence[Followed],
    *,
    code: str,
    reader_zone: str,
    settings: Settings,
    now: datetime,
    fits: Mapping[int, str] | None = None,
) -> Draft:
    """The mail for all readers who are told the same for the same reasons.

    `fits` says by call why it fits them.
    """
    writer = _Writer(language(code), rules.reader_zone(reader_zone), settings, now, fits or {})
    subject = writer.subject(told)
    sections = _plainer([section for section in writer.sections(told) if section.lines])
    lines = [line for section in sections for line in section.lines]
    rendered = rendering.render(
        "feedsvc.reminders",
        text="reminders/digest.txt",
        html="reminders/digest.html",
        language=writer.said,
        settings=settings,
        subject=subject,
        headline=writer.headline(told),
        ahead=[line.title for line in lines[1 : TITLES_AHEAD + 1]]
        or [lines[0].when or lines[0].facts],
        sections=sections,
        because=[
            (row, choices.frequency(row, writer.said), stop_mark(number))
            for number, row in enumerate(because)
        ],
        manage_url=MANAGE,
        stop_url=STOP_ALL,
    )
    return Draft(subject, rendered.text, rendered.html, b"", bulk=True)


class _Writer:
    """What every line of one draft needs."""

    def __init__(
        self,
        said: Language,
        zone: ZoneInfo,
        settings: Settings,
        now: datetime,
        fits: Mapping[int, str],
    ) -> None:
        self.said, self.zone, self.settings, self.now = said, zone, settings, now
        self.fits = fits

    def headline(self, told: Issue) -> str:
        """`3 new calls, 1 changed call and 2 news items`."""
        calls, changed, news = told.counts
        say = self.said
        parts = [
            (calls, say.ngettext("%(n)s new call", "%(n)s new calls", calls)),
            (changed, say.ngettext("%(n)s changed call", "%(n)s changed calls", changed)),
            (news, say.ngettext("%(n)s news item", "%(n)s news items", news)),
        ]
        return say.list([words for number, words in parts if number])

    def subject(self, told: Issue) -> str:
        fact = self._fact(told)
        more = sum(told.counts) - 1
        if not more:
            return fact
        return f"{fact} {self.said.ngettext('+ %(n)s more', '+ %(n)s more', more)}"

    def sections(self, told: Issue) -> list[Section]:
        calls, changed, news = shares(told.counts)
        return [
            self._section(
                self.said.gettext("New calls for projects"),
                [self._call(row) for row in told.calls[:calls]],
                len(told.calls) - calls, "/calls/",
            ),
            self._section(
                self.said.gettext("Changed calls"),
                [self._changed(row, events) for row, events in told.changed[:changed]],
                len(told.changed) - changed, urls.CHANGES,
            ),
            self._section(
                self.said.gettext("News"),
                [self._news(row) for row in told.news[:news]],
                len(told.news) - news, "/news/",
            ),
        ]  # fmt: skip

    def _section(self, title: str, lines: list[Line], more: int, path: str) -> Section:
        sentence = self.said.ngettext("%(n)s more in the list", "%(n)s more in the list", more)
        url = Site.of(self.settings).absolute(path, self.said.code)
        return Section(title, tuple(lines), sentence if more else "", url)

    def _fact(self, told: Issue) -> str:
        """What matters most, for the subject: with its date and its zone."""
        if told.calls:
            call = told.calls[0]
            return self._new(call, call_rules.next_deadline(call.key_dates, self.now))
        if told.changed:
            call, events = told.changed[0]
            return event_words.title(events[-1], self._title(call), call.currency, self.said)
        return words.labelled(self.said.gettext("News"), self._title(told.news[0]), self.said)

    def _new(self, call: Call, closes: KeyDate | None) -> str:
        named = words.labelled(self.said.gettext("New call"), self._title(call), self.said)
        if closes is None or not call_rules.names_a_day(closes.precision):
            return named
        name = words.key_date_name(closes, self.said)
        return f"{named} ({words.labelled(name, phrases.short(closes, self.said), self.said)})"

    def _call(self, call: Call) -> Line:
        shown, date = self._text(call), self._date(call)
        facts = [words.funding(call, self.said), *self._clusters(call)]
        return Line(
            title=markup.shortened(shown.text.title, TITLE),
            language=shown.language if shown.is_fallback else "",
            url=compose.url(call, self.said, self.settings),
            facts=markup.shortened(" · ".join(fact for fact in facts if fact), FACTS),
            fit=self.fits.get(call.id, ""),
            **(self._dated(date) if date else {"when": self._undated(call)}),
        )

    def _changed(self, call: Call, events: tuple[CallEvent, ...]) -> Line:
        line = self._call(call)
        sentences = [event_words.sentence(event, call.currency, self.said) for event in events]
        given = [event_words.reason(event, self.said, self.settings.languages) for event in events]
        reasons = dict.fromkeys(
            markup.shortened(reason.text, EXCERPT) for reason in given if reason
        )
        date = self._date(call)
        said_above = date is not None and date.uid in {event.key_date_uid for event in events}
        return replace(
            line,
            when="" if said_above else line.when,
            changes=tuple(dict.fromkeys(sentences)),
            reasons=tuple(reasons),
        )

    def _news(self, item: Entry) -> Line:
        shown = self._text(item)
        path = urls.news_item(shown.text.slug)
        assert item.publish_at is not None, "it is public"
        return Line(
            title=markup.shortened(shown.text.title, TITLE),
            language=shown.language if shown.is_fallback else "",
            url=Site.of(self.settings).absolute(path, self.said.code),
            when=self.said.date(item.publish_at.astimezone(self.zone).date()),
            facts=markup.shortened(" · ".join(self._clusters(item)), FACTS),
            summary=markup.excerpt(shown.text.summary or shown.text.body, EXCERPT),
        )

    def _dated(self, date: KeyDate) -> dict[str, Any]:
        leaf = call_rules.names_a_day(date.precision)
        name = words.key_date_name(date, self.said)
        return {
            "when": words.labelled(name, words.moment(date, self.said), self.said),
            "elsewhere": phrases.elsewhere(date, self.said, self.zone) if leaf else "",
            "month": self.said.month_short(date.local_date) if leaf else "",
            "day": str(date.local_date.day) if leaf else "",
            "hour": phrases.hour(date, self.said) if leaf else "",
        }

    def _undated(self, call: Call) -> str:
        status = call_rules.status(call, self.now)
        if status in ("cancelled", "suspended", "closed", "archived"):
            return self.said.gettext(words.STATUS_NAMES[status])
        return self.said.gettext(MODEL_NAMES[call.deadline_model])

    def _date(self, call: Call) -> KeyDate | None:
        """The date that a reader needs: the opening of what is not open yet, or the deadline."""
        if call_rules.status(call, self.now) in ("cancelled", "suspended", "closed", "archived"):
            return None
        ahead = [date for date in call.key_dates if date.utc_at > self.now]
        if call_rules.is_forecast(call, self.now):
            return next((date for date in ahead if date.type == "opens"), None) or next(
                iter(call_rules.deadlines(ahead)), None
            )
        return call_rules.next_deadline(call.key_dates, self.now)

    def _title(self, entry: Entry) -> str:
        return str(self._text(entry).text.title)

    def _text(self, entry: Entry) -> Localised[Translation]:
        return entry_rules.localised(entry.translations, self.said.code, self.settings.languages)

    def _clusters(self, entry: Entry) -> list[str]:
        return [
            entry_rules.localised(row.texts, self.said.code, self.settings.languages).text.name
            for row in entry.clusters
        ]


def _plainer(sections: list[Section]) -> list[Section]:
    """Without the leaves of the lines that come late in a long mail."""
    found, room = [], WITH_LEAF
    for section in sections:
        late = [replace(line, month="", day="", hour="") for line in section.lines[room:]]
        found.append(replace(section, lines=(*section.lines[:room], *late)))
        room = max(room - len(section.lines), 0)
    return found


def _by_deadline(call: Call, now: datetime) -> tuple[bool, datetime, int]:
    closes = call_rules.next_deadline(call.key_dates, now)
    return closes is None, closes.utc_at if closes else now, call.id
