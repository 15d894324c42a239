"""History rows in words: who did what, and which fields went from what to what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import wtforms

from feedsvc import i18n, markup
from feedsvc.auth.models import History
from feedsvc.calls.words import KEY_DATE_NAMES
from feedsvc.i18n import N_, Language
from feedsvc.web.admin.forms.account import AccountForm
from feedsvc.web.admin.forms.call import CallForm, CallTextForm
from feedsvc.web.admin.forms.house import LookForm, MailForm, SiteForm
from feedsvc.web.admin.forms.media import DocumentForm, PhotoForm
from feedsvc.web.admin.forms.parts import (
    ClusterForm,
    NameForm,
    OrganisationForm,
    PageTextForm,
    ProgrammeForm,
)

ACTS = {
    "created": N_("created"),
    "edited": N_("edited"),
    "published": N_("published"),
    "unpublished": N_("unpublished"),
    "ending": N_("said until when it stays"),
    "deleted": N_("deleted"),
    "submitted": N_("asked for a review"),
    "taken_back": N_("took the question back"),
    "approved": N_("approved"),
    "changes": N_("handed back"),
    "rejected": N_("refused"),
    "cancelled": N_("cancelled"),
    "imported": N_("imported"),
    "retried": N_("tried again"),
    "hastened": N_("tried sooner"),
    "invited": N_("invited"),
    "accepted": N_("accepted the invitation"),
    "reset": N_("chose a new password by mail"),
    "password": N_("changed the password"),
    "signed_in": N_("signed in"),
    "signed_out": N_("ended sessions"),
    "passkey_added": N_("added a passkey"),
    "passkey_removed": N_("took a passkey away"),
    "openid_linked": N_("linked the account with a provider"),
    "openid_unlinked": N_("took the link with a provider away"),
    "second_step_on": N_("turned the second step on"),
    "second_step_off": N_("turned the second step off"),
    "new_codes": N_("made new recovery codes"),
    "disabled": N_("shut"),
    "enabled": N_("opened again"),
    "replayed": N_("sent once more"),
    "token_made": N_("made an access token"),
    "token_revoked": N_("revoked an access token"),
    "tried": N_("sent a test mail"),
    "tried_in_vain": N_("sent a test mail, which was not taken"),
    "removed": N_("took the demo content away"),
}
SUBJECTS = {
    "news": N_("News item"),
    "call": N_("Call"),
    "cluster": N_("Cluster"),
    "organisation": N_("Organisation"),
    "programme": N_("Programme"),
    "page": N_("Page"),
    "photo": N_("Picture"),
    "document": N_("Document"),
    "mail": N_("Mail"),
    "account": N_("Account"),
    "site": N_("Site"),
}
OTHERS = {
    "publish_at": N_("Public from"),
    "withdrawn_at": N_("Off the site from"),
    "comment": N_("Comment"),
    "sections": N_("Sections"),
    "cancelled_at": N_("Cancelled"),
    "token": N_("Access token"),
    "openid": N_("Linked with"),
    "way": N_("By way of"),
    "scopes": N_("Allowed to"),
    "expires_at": N_("Good until"),
    "mail_from": N_("Sender of every mail"),
    "logo": N_("Logo"),
    "reply": N_("What the mail server said"),
    "alt": N_("What the picture shows"),
    "label": N_("Name of the file"),
}
LONGEST = 120
KEY_DATE = N_("Key date")


@dataclass(frozen=True)
class Change:
    """One field, before and after; empty where there was nothing."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Happening:
    """One row of history for a reader."""

    at: dt.datetime
    who: str
    act: str
    subject: str
    subject_name: str
    subject_id: int
    changes: tuple[Change, ...]
    client: str = ""
    name: str = ""
    address: str = ""


def told(rows: Iterable[History], language: Language) -> list[Happening]:
    return [_told(row, language) for row in rows]


def _told(row: History, language: Language) -> Happening:
    return Happening(
        at=row.at,
        who=row.actor_name,
        act=language.gettext(ACTS.get(row.act, row.act)),
        subject=row.subject,
        subject_name=language.gettext(SUBJECTS.get(row.subject, row.subject)),
        subject_id=row.subject_id,
        client=row.client,
        changes=tuple(
            Change(
                label(field, pair, language), _value(pair[0], language), _value(pair[1], language)
            )
            for field, pair in row.changes.items()
            if field != "uid"
        ),
    )


def label(field: str, pair: list[Any], language: Language) -> str:
    first, *rest = field.split(".")
    if first in ("texts", "names") and rest:
        name = language.gettext(_LABELS.get(rest[-1], rest[-1] if len(rest) > 1 else N_("Name")))
        return f"{name} ({i18n.NAMES.get(rest[0], rest[0])})"
    if first == "key_dates":
        kind = (pair[1] or pair[0] or {}).get("type", "")
        return language.gettext(KEY_DATE_NAMES.get(kind, KEY_DATE))
    if first in i18n.NAMES:
        return f"{language.gettext(N_('Title'))} ({i18n.NAMES[first]})"
    return language.gettext(_LABELS.get(first, first))


def _value(value: Any, language: Language) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return language.gettext(N_("yes") if value else N_("no"))
    if isinstance(value, dict):
        return _dictionary(value, language)
    if isinstance(value, list):
        return _short("; ".join(filter(None, (_value(item, language) for item in value))))
    return _short(str(value))


def _dictionary(value: dict[str, Any], language: Language) -> str:
    if "zone" in value and "date" in value:
        parts = (value["date"], (value.get("time") or "")[:5], value["zone"])
        return " ".join(part for part in parts if part)
    return _short("; ".join(filter(None, (_value(item, language) for item in value.values()))))


def _short(text: str) -> str:
    words = markup.one_line(text)
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"


def _labels(*forms: type[wtforms.Form]) -> dict[str, str]:
    """What the forms call their fields, so that history and form speak alike."""
    found: dict[str, str] = {}
    for form in forms:
        for name in dir(form):
            bound = getattr(form, name)
            words = [arg for arg in getattr(bound, "args", ()) if isinstance(arg, str)]
            if hasattr(bound, "field_class") and words:
                found.setdefault(name, words[0])
    return found


_LABELS = OTHERS | _labels(
    CallTextForm,
    CallForm,
    NameForm,
    ClusterForm,
    OrganisationForm,
    ProgrammeForm,
    PageTextForm,
    AccountForm,
    SiteForm,
    LookForm,
    MailForm,
    PhotoForm,
    DocumentForm,
)
