"""What is decided about the whole site: its names, its look, its mails; and the first visit."""

from __future__ import annotations

from typing import Any

import wtforms
from wtforms import BooleanField, FormField, PasswordField, StringField
from wtforms.widgets import TextInput

from feedsvc import i18n
from feedsvc.auth.accounts import AccountEdit
from feedsvc.auth.rules import ADMINISTRATOR
from feedsvc.house import rules
from feedsvc.house.edits import Decided, Texts
from feedsvc.i18n import N_
from feedsvc.settings import KNOWN_LANGUAGES, Settings
from feedsvc.web import context
from feedsvc.web.admin.forms.base import Area, Form, Line, Many, One, Read
from feedsvc.web.admin.forms.entry import in_languages
from feedsvc.web.admin.forms.fields import ZoneField

LANGUAGES = tuple((code, i18n.NAMES[code]) for code in KNOWN_LANGUAGES)


def _days(text: str) -> tuple[int, ...]:
    try:
        days = {int(part) for part in text.replace(";", ",").split(",") if part.strip()}
    except ValueError:
        raise ValueError(N_("Write numbers of days, like 14, 7, 1.")) from None
    return tuple(sorted(days, reverse=True))


class NameIn(wtforms.Form):
    text = Line(N_("Name of the site"), most=rules.LONGEST_NAME)


class FooterIn(wtforms.Form):
    text = Area(N_("Below every mail"))


class SiteForm(Form):
    """`languages` are those that are ticked; the main one is spoken whether ticked or not."""

    site_name = Line(N_("Name of the site"), most=rules.LONGEST_NAME)
    site_names = FormField(in_languages(NameIn), N_("The name in other languages"))
    languages = Many(N_("Languages"), LANGUAGES)
    main = One(N_("Main language"), LANGUAGES)
    timezone = ZoneField(N_("Time zone"))

    @classmethod
    def values(cls, held: Settings) -> dict[str, Any]:
        return {
            "site_name": held.site_name,
            "site_names": _by_language(held.site_names),
            "languages": list(held.languages),
            "main": held.default_language,
            "timezone": held.timezone,
        }

    def edit(self) -> Decided:
        return Decided(
            site_name=self.site_name.data or "",
            site_names=_texts(self.site_names),
            languages=languages(self.main.data, self.languages.data),
            timezone=self.timezone.data or "",
        )


class LookForm(Form):
    """The logo itself is a file beside the form."""

    accent = StringField(N_("Colour"), widget=TextInput("color"))
    logo_gone = BooleanField(N_("Take the logo away"))

    @classmethod
    def values(cls, held: Settings) -> dict[str, Any]:
        return {"accent": held.accent}

    def edit(self) -> Decided:
        return Decided(accent=self.accent.data or "", logo="" if self.logo_gone.data else None)


class MailForm(Form):
    sender_name = Line(N_("Sender, name"), most=100)
    mail_address = Line(N_("Sender, e-mail address"), most=254)
    mail_footers = FormField(in_languages(FooterIn), N_("Below every mail"))
    reminder_offsets = Read(
        N_("Days before a deadline"),
        read=_days,
        write=lambda days: ", ".join(map(str, days)),
    )

    @classmethod
    def values(cls, held: Settings) -> dict[str, Any]:
        name, address = rules.sender_parts(held.mail_from)
        return {
            "sender_name": name,
            "mail_address": address,
            "mail_footers": _by_language(held.mail_footers),
            "reminder_offsets": held.reminder_offsets,
        }

    def edit(self) -> Decided:
        return Decided(
            mail_from=rules.sender(self.sender_name.data or "", self.mail_address.data or ""),
            mail_footers=_texts(self.mail_footers),
            reminder_offsets=self.reminder_offsets.data or (),
        )


class SetupForm(Form):
    """All that the first visit asks for."""

    code = Line(N_("Code"), most=60)
    site_name = Line(N_("Name of the site"), most=rules.LONGEST_NAME)
    languages = Many(N_("Languages"), LANGUAGES)
    main = One(N_("Main language"), LANGUAGES)
    timezone = ZoneField(N_("Time zone"))
    mail_address = Line(N_("Sender of the site’s mails, e-mail address"), most=254)
    name = Line(N_("Your name"))
    email = Line(N_("Your e-mail address"), most=254)
    password = PasswordField(N_("Password"))

    def edit(self) -> Decided:
        site_name = self.site_name.data or ""
        called = site_name or context.settings().site_name
        return Decided(
            site_name=site_name,
            languages=languages(self.main.data, self.languages.data),
            timezone=self.timezone.data or "",
            mail_from=rules.sender(called, self.mail_address.data or ""),
        )

    def account(self) -> AccountEdit:
        return AccountEdit(
            email=self.email.data or "",
            name=self.name.data or "",
            role=ADMINISTRATOR,
            language=context.lang().code,
        )


def languages(main: str | None, ticked: list[str] | None) -> tuple[str, ...]:
    """In the order that the site speaks them: the main one first."""
    chosen = {*(ticked or ()), *([main] if main else ())}
    return tuple(sorted(chosen, key=lambda code: (code != main, _place(code))))


def _place(code: str) -> int:
    return KNOWN_LANGUAGES.index(code) if code in KNOWN_LANGUAGES else len(KNOWN_LANGUAGES)


def _texts(field: FormField) -> Texts:
    """What is filled in, by language."""
    written = ((part.short_name, (part.form.text.data or "").strip()) for part in field)
    return tuple((code, text) for code, text in written if text)


def _by_language(texts: Texts) -> dict[str, dict[str, str]]:
    return {code: {"text": text} for code, text in texts}
