"""Write the mails of notices: what is different, what stays, why it came and how to end it.

Rendered once for all readers who are told the same, with marks where their own links belong, as
reminders are (`reminders.compose`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feedsvc import urls
from feedsvc.calls import calendar, event_words, words
from feedsvc.calls.calendar import DateEvent
from feedsvc.calls.event_words import Reason
from feedsvc.calls.models import Call, KeyDate, StruckDate
from feedsvc.calls.net import Change
from feedsvc.content import rules as entry_rules
from feedsvc.content.workdays import Ahead
from feedsvc.i18n import N_, Language, language
from feedsvc.mail import rendering
from feedsvc.markup import one_line
from feedsvc.reminders import phrases, rules
from feedsvc.reminders.compose import MANAGE, STOP_ALL, Draft, mute_mark, stop_mark
from feedsvc.reminders.notices import words as said_so
from feedsvc.reminders.notices.found import CALLED_OFF, CHANGED, EDITION
from feedsvc.reminders.notices.words import Line
from feedsvc.settings import Settings
from feedsvc.subscriptions.queries import Followed
from feedsvc.urls import Site

MOST_SHOWN = 10  # calls in one mail; more are counted, and linked as a list
MOST_LINES = 8  # changes of one call; its page has the others
TITLE_SHOWN, REASON_SHOWN = 300, 1000  # characters; imports and old rows may hold more
TEMPLATES = {
    CHANGED: ("notices/changed.txt", "notices/changed.html"),
    CALLED_OFF: ("notices/cancelled.txt", "notices/cancelled.html"),
    EDITION: ("notices/edition.txt", "notices/edition.html"),
}
HEADS = {CALLED_OFF: N_("Cancelled"), "withdrawn": N_("Withdrawn")}
AGAIN = N_("The call goes ahead after all")


@dataclass(frozen=True)
class Told:
    """One call and what a reader is told of it: changes, and whether it was thought to be off.

    `since` is the event with which the changes begin. `struck` are its dates that calendars must
    strike. Of a next edition `follows` is the call that the reader followed.
    """

    call: Call
    changes: Sequence[Change] = ()
    again: bool = False
    struck: Sequence[StruckDate] = ()
    reason: Change | None = None
    follows: Call | None = None
    since: int | None = None


@dataclass(frozen=True)
class Part:
    """One call as the mail says it, ready in one language. `language` is set where the title is in
    another one; `reason` is the editor's, `still` what is as it was.
    """

    title: str
    language: str
    url: str
    fact: str
    mute: str
    lines: Sequence[Line] = ()
    again: bool = False
    more: int = 0
    reason: Reason | None = None
    still: Sequence[str] = ()
    note: str = ""
    is_public: bool = True
    remind_url: str = ""


class Writer:
    """One language and one reader's zone at the hour when the mail leaves."""

    def __init__(
        self, code: str, zone: str, settings: Settings, at: datetime, ahead: Ahead | None = None
    ) -> None:
        self.said: Language = language(code)
        self.zone = rules.reader_zone(zone)
        self.settings = settings
        self.at = at
        self.ahead = ahead

    def draft(self, kind: str, told: Sequence[Told], because: Sequence[Followed]) -> Draft:
        """The mail about these calls, the most pressing first."""
        shown = told[:MOST_SHOWN]
        parts = [self._part(kind, one, number) for number, one in enumerate(shown)]
        subject = self._subject(parts[0], len(told))
        events = [event for one in shown for event in self._events(kind, one)]
        text, html = TEMPLATES[kind]
        rendered = rendering.render(
            "feedsvc.reminders",
            text=text,
            html=html,
            language=self.said,
            settings=self.settings,
            subject=subject,
            parts=parts,
            more=len(told) - len(shown),
            changes_url=Site.of(self.settings).absolute(urls.CHANGES, self.said.code),
            dates=len(events),
            because=[(row, stop_mark(number)) for number, row in enumerate(because)],
            of_one_call=len(parts) == 1 and all(row.is_entry for row in because),
            manage_url=MANAGE,
            stop_url=STOP_ALL,
        )
        return Draft(
            subject, rendered.text, rendered.html, self._calendar(events),
            mutes=tuple(one.call.uid for one in shown),
        )  # fmt: skip

    def _subject(self, first: Part, total: int) -> str:
        subject = words.labelled(first.fact, first.title, self.said)
        if total == 1:
            return subject
        return f"{subject} {self.said.ngettext('+ %(n)s more', '+ %(n)s more', total - 1)}"

    def _part(self, kind: str, told: Told, number: int) -> Part:
        make = {CHANGED: self._changed, CALLED_OFF: self._off, EDITION: self._edition}[kind]
        return make(told, mute_mark(number))

    def _changed(self, told: Told, mute: str) -> Part:
        call, changes = told.call, told.changes
        lines = [
            said_so.line(change, call.currency, self.said, self.zone, self.at)
            for change in changes[:MOST_LINES]
        ]
        if told.again:
            fact = self.said.gettext(AGAIN)
            lines = [*lines, *self._dates(call, but=changes)]
            still = self._funding(call)
        else:
            fact = said_so.fact(changes[0], call.currency, self.said, self.at)
            still = self._still(call, changes)
        return Part(
            *self._named(call), fact, mute, lines, told.again,
            more=len(changes) - len(changes[:MOST_LINES]),
            reason=self._reason(next((c for c in changes if c.reasons), None)),
            still=still,
        )  # fmt: skip

    def _off(self, told: Told, mute: str) -> Part:
        call = told.call
        stays = entry_rules.is_public(call, self.at)  # its page does, and says that it is cancelled
        gone = [
            Line(words.key_date_name(date, self.said), was=words.moment(date, self.said))
            for date in call.key_dates
            if date.is_deadline and date.utc_at > self.at
        ]
        return Part(
            *self._named(call),
            self.said.gettext(HEADS[CALLED_OFF if stays else "withdrawn"]),
            mute,
            gone[:MOST_LINES],
            reason=self._reason(told.reason) if stays else None,
            note=self.said.gettext(
                N_("The call was cancelled. Its dates no longer apply.")
                if stays
                else N_("The call was taken off our site. Its dates no longer apply.")
            ),
            is_public=stays,
        )

    def _edition(self, told: Told, mute: str) -> Part:
        call, followed = told.call, told.follows
        title, *_ = self._named(followed or call)
        site = Site.of(self.settings)
        return Part(
            *self._named(call),
            self._edition_fact(call),
            mute,
            self._dates(call),
            still=self._funding(call),
            note=self.said.gettext("It follows: %(title)s", title=title) if followed else "",
            remind_url=site.absolute(
                urls.with_query("/subscribe", [("call", call.uid)]), self.said.code
            ),
        )

    def _edition_fact(self, call: Call) -> str:
        ahead = [date for date in self._ahead(call) if date.is_deadline]
        if not ahead or not calendar.in_calendar(ahead[0]):
            return self.said.gettext("New edition")
        when = phrases.short(ahead[0], self.said)
        return self.said.gettext("New edition, deadline %(when)s", when=when)

    def _dates(self, call: Call, *, but: Sequence[Change] = ()) -> list[Line]:
        """The opening and the deadlines that are to come, beside those that are told anyway."""
        told = {change.key_date_uid for change in but}
        return [
            said_so.of_date(
                date, words.key_date_name(date, self.said), self.said, self.zone, self.at
            )
            for date in self._ahead(call)
            if date.uid not in told
        ][:MOST_LINES]

    def _still(self, call: Call, changes: Sequence[Change]) -> list[str]:
        """Deadlines and funding that are as they were."""
        told = {change.key_date_uid for change in changes}
        dates = [
            words.labelled(
                words.key_date_name(date, self.said), words.moment(date, self.said), self.said
            )
            for date in self._ahead(call)
            if date.uid not in told
        ]
        changed = {change.type for change in changes}
        return [*dates[:MOST_LINES], *([] if "money_changed" in changed else self._funding(call))]

    def _ahead(self, call: Call) -> list[KeyDate]:
        if call.close_reason:
            return []
        return [
            date
            for date in call.key_dates
            if (date.is_deadline or date.type == "opens") and date.utc_at > self.at
        ]

    def _funding(self, call: Call) -> list[str]:
        money = words.funding(call, self.said)
        return [self.said.gettext("Funding: %(money)s", money=money)] if money else []

    def _reason(self, change: Change | None) -> Reason | None:
        if change is None:
            return None
        found = event_words.reason(change, self.said, self.settings.languages)
        return Reason(_short(found.text, REASON_SHOWN), found.language) if found else None

    def _named(self, call: Call) -> tuple[str, str, str]:
        """Title, its language if that is another one, and the address of the page."""
        shown = entry_rules.localised(call.translations, self.said.code, self.settings.languages)
        address = Site.of(self.settings).absolute(urls.call(shown.text.slug), self.said.code)
        foreign = shown.language if shown.is_fallback else ""
        return _short(shown.text.title, TITLE_SHOWN), foreign, address

    def _calendar(self, events: Sequence[DateEvent]) -> bytes:
        """Every date that calendars must move, strike or hold; empty where no date is told."""
        if not events:
            return b""
        return calendar.calendar_bytes(
            self.settings.named(self.said.code), events, language=self.said.code
        )

    def _events(self, kind: str, told: Told) -> list[DateEvent]:
        title, _, url = self._named(told.call)
        struck = [
            calendar.struck_event(date, title=title, url=url, language=self.said)
            for date in told.struck
        ]
        gone = {date.uid for date in told.struck}
        held = [
            calendar.date_event(told.call, date, title=title, url=url, language=self.said)
            for date in told.call.key_dates
            if date.uid not in gone and calendar.in_calendar(date) and self._tells(kind, told, date)
        ]
        return [*calendar.with_days_ahead([*held, *struck], title, self.ahead, self.said)]

    def _tells(self, kind: str, told: Told, date: KeyDate) -> bool:
        if kind == CHANGED and not told.again:
            return date.uid in {change.key_date_uid for change in told.changes}
        return date.is_deadline or date.type == "opens"


def struck_uids(changes: Sequence[Change]) -> set[str]:
    """Dates that no longer are, by these changes."""
    gone = {c.key_date_uid for c in changes if c.type == "date_removed"}
    return {uid for uid in (*gone, *(c.replaces for c in changes)) if uid}


def _short(text: str, most: int) -> str:
    """On one line, and no longer than a mail can bear."""
    line = one_line(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
