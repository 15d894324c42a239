"""What an answer tells of a thing beside its fields: `about`, which nobody can set. Pure.

It may be sent back as it came, so that an answer can be changed and put. What in it differs from
what is so is refused: nobody publishes by writing `"state": "published"`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feedsvc import i18n, urls
from feedsvc.calls import rules as call_rules
from feedsvc.content import rules, static_pages
from feedsvc.i18n import N_
from feedsvc.urls import Site
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import (
    INSTANT,
    Choice,
    Json,
    Many,
    Problems,
    Text,
    Told,
    Whole,
    is_object,
    utc,
)

ABOUT = "about"
STATES = ("draft", "review", "rejected", "scheduled", "published", "withdrawn")
STATUSES = (
    "draft", "scheduled", "withdrawn", "suspended", "cancelled", "forecast", "open",
    "closing_soon", "closed", "archived",
)  # fmt: skip
ADDRESS = "Its page on the site, if readers may see it"


@dataclass(frozen=True)
class Seen:
    """A row at a time, on a site."""

    row: Any
    now: datetime
    site: Site
    closing_soon_days: int

    def address(self, path: Callable[[Any], str]) -> str:
        return self.site.absolute(path(self.row))


def _instants(instants: Mapping[str, datetime]) -> Json:
    return {uid: utc(at) for uid, at in instants.items()}


def of_row(name: str) -> Callable[[Seen], Any]:
    return lambda seen: getattr(seen.row, name)


def _entry_address(seen: Seen) -> str | None:
    if not rules.is_public(seen.row, seen.now):
        return None
    languages = seen.site.languages
    text = rules.localised(seen.row.translations, languages[0], languages).text
    return seen.site.absolute(urls.entry(seen.row.kind, text.slug), text.language)


def _stale(seen: Seen) -> list[str]:
    return sorted(text.language for text in seen.row.translations if text.stale_since is not None)


UID = {"uid": Field(shape=Text(36), get=of_row("uid"), meaning="Its identity, for ever")}
VERSION = {
    "version": Field(
        shape=Whole(2**53), get=of_row("version"), meaning="The ETag without its quotes"
    )
}
ENTRY = {
    **UID,
    **VERSION,
    "state": Field(
        shape=Choice(values=STATES), get=lambda seen: rules.state(seen.row, seen.now)
    ),
    "publish_at": Field(
        shape=INSTANT, maybe=True, get=of_row("publish_at"), meaning="When it was or will be published"
    ),
    "withdrawn_at": Field(
        shape=INSTANT, maybe=True, get=of_row("withdrawn_at"), meaning="When it left the site or will leave it"
    ),
    "stale": Field(
        shape=Many(Choice(values=tuple(i18n.LOCALES))), get=_stale,
        meaning="Languages whose texts have not followed a change of another",
    ),
    "created_at": Field(shape=INSTANT, get=of_row("created_at")),
    "updated_at": Field(shape=INSTANT, get=of_row("updated_at")),
    "url": Field(shape=Text(), maybe=True, get=_entry_address, meaning=ADDRESS),
}  # fmt: skip
CALL_ONLY = {
    "status": Field(
        shape=Choice(values=STATUSES),
        get=lambda seen: call_rules.status(
            seen.row, seen.now, closing_soon_days=seen.closing_soon_days
        ),
        meaning="Where it stands now, by its dates",
    ),
    "cancelled_at": Field(shape=INSTANT, maybe=True, get=of_row("cancelled_at")),
    "opens_at": Field(shape=INSTANT, maybe=True, get=of_row("opens_at")),
    "closes_at": Field(shape=INSTANT, maybe=True, get=of_row("closes_at"), meaning="The last deadline"),
    "instants": Field(
        shape=Told({"type": "object", "additionalProperties": INSTANT.kind}, _instants), get=lambda seen: {row.uid: row.utc_at for row in seen.row.key_dates},
        meaning="What each key date means in UTC, by its uid",
    ),
}  # fmt: skip
OF_NEWS = Object("AboutNews", dict, ENTRY)
OF_CALL = Object("AboutCall", dict, {**ENTRY, **CALL_ONLY})
OF_PART = Object("AboutPart", dict, {**UID, **VERSION})
OF_CLUSTER = Object(
    "AboutCluster",
    dict,
    {
        **UID,
        **VERSION,
        "url": Field(
            shape=Text(), get=lambda seen: seen.address(lambda row: urls.cluster(row.slug)),
            meaning="Its page on the site",
        ),
    },
)  # fmt: skip
OF_PAGE = Object(
    "AboutPage",
    dict,
    {
        "name": Field(
            shape=Choice(values=static_pages.NAMES),
            get=lambda seen: static_pages.name(seen.row.id),
        ),
        **VERSION,
        "url": Field(
            shape=Text(),
            get=lambda seen: seen.address(lambda row: f"/{static_pages.name(row.id)}"),
            meaning="Its page on the site",
        ),
    },
)


def check(sent: Any, told: Json, problems: Problems) -> None:
    """Refuse what is sent as fact and is none; nothing sent is nothing said."""
    if sent is None or not is_object(sent, ABOUT, told, problems):
        return
    check_same(sent, told, f"{ABOUT}.", problems)


def check_same(sent: Json, told: Json, at: str, problems: Problems) -> None:
    """Refuse what differs of what cannot be set; `at` is what its names begin with."""
    for name, value in sent.items():
        if name in told and value != told[name]:
            words = N_("This cannot be set here: it is “%(value)s” now.")
            problems.add(f"{at}{name}", words, value=told[name])
