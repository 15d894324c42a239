"""What each thing has in JSON: the one table of which reading, writing and the schemas are made.

Names are those of the domain's edits, so that its problems name the same fields. A new field of an
edit is a row here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from feedsvc.calls import dates, rules
from feedsvc.calls.edits import CallEdit, Document, KeyDateEdit
from feedsvc.content.edits import Quote, TextEdit
from feedsvc.content.filters import APPLICANTS, DEADLINE_MODELS
from feedsvc.content.rules import TITLE_LIMIT
from feedsvc.i18n import N_
from feedsvc.news.edits import NewsEdit
from feedsvc.web.api.editor.objects import Field, Object
from feedsvc.web.api.editor.shapes import (
    Amount,
    Choice,
    Day,
    Flag,
    Languages,
    Many,
    Pattern,
    Text,
    Time,
    Whole,
)

MARKDOWN = "Markdown"
UID = Text(36)
COUNTRY = Pattern(
    form="[A-Z]{2}", sentence=N_("Write each country by its code of two letters, like LU, BE.")
)


def of(name: str) -> Callable[[Any], Any]:
    """A member of a row that is a dictionary."""
    return lambda row: row.get(name)


def called(*names: str) -> Callable[[Any], Any]:
    """The attribute of an attribute; None where there is nothing on the way."""

    def get(row: Any) -> Any:
        for name in names:
            row = getattr(row, name) if row is not None else None
        return row

    return get


def each(many: str, one: str) -> Callable[[Any], Any]:
    """An attribute of each of many, in order."""
    return lambda row: sorted(getattr(other, one) for other in getattr(row, many))


def in_languages(many: str) -> Callable[[Any], Any]:
    return lambda row: {text.language: text for text in getattr(row, many)}


QUOTE = Object(
    "Quote",
    Quote,
    {
        "text": Field(shape=Text(1000), get=of("text"), empty=""),
        "source": Field(shape=Text(200), get=of("source"), meaning="A role or an institution"),
    },
)
TEXT = {
    "title": Field(shape=Text(TITLE_LIMIT), empty=""),
    "slug": Field(shape=Text(100), meaning="Its part of the address; empty: made from the title"),
    "summary": Field(shape=Text(), meaning=MARKDOWN),
    "body": Field(shape=Text(), meaning=MARKDOWN),
    "quotes": Field(shape=Many(QUOTE, rows=True)),
    "photo_alt": Field(
        shape=Text(300), meaning="What the photo shows; empty: what the library says of it"
    ),
    "stands": Field(
        shape=Flag(), spoken=True, meaning="true: good as it is, though another language changed"
    ),
}


def section(name: str) -> Field:
    return Field(shape=Text(), get=lambda held: held.get(name, ""), meaning=MARKDOWN)


SECTIONS = Object("Sections", dict, {name: section(name) for name in rules.SECTIONS})
NEWS_TEXT = Object("NewsText", TextEdit, TEXT)
CALL_TEXT = Object("CallText", TextEdit, {**TEXT, "sections": Field(shape=SECTIONS)})


def entry(text: Object) -> dict[str, Field]:
    """What news and calls share."""
    return {
        "texts": Field(shape=Languages(text), get=in_languages("translations"), empty={}),
        "clusters": Field(
            shape=Many(Text(80)), get=each("clusters", "slug"), meaning="Slugs of clusters"
        ),
        "related": Field(
            shape=Many(UID), get=each("related", "uid"), meaning="Uids of other news and calls"
        ),
        "photo_id": Field(shape=Whole(2**53), meaning="The id that POST /photos gave"),
        "photo_credit": Field(
            shape=Text(200), meaning="Who made the photo; empty: what the library says of it"
        ),
        "photo_decorative": Field(
            shape=Flag(),
            get=lambda row: row.photo is not None and row.photo.decorative,
            meaning="true: the photo only decorates, and needs no description",
        ),
        "files": Field(
            shape=Many(Whole(2**53)),
            empty=(),
            get=lambda row: [attached.document_id for attached in row.attachments],
            meaning="Numbers of the library's documents that it hands out, in order",
        ),
        "is_example": Field(shape=Flag(), meaning="An example with invented facts"),
    }


KEY_DATE_FIELDS = {
    "uid": Field(shape=UID, meaning="The date that is meant; without it, a new one"),
    "type": Field(shape=Choice(values=dates.KEY_DATE_TYPES), empty=""),
    "date": Field(
        shape=Day(), get=called("local_date"), meaning="The day in its zone",
        needed=N_("Enter the date, or take this line away."),
    ),
    "time": Field(
        shape=Time(), get=called("local_time"),
        meaning="The time in its zone; null: a deadline is at the end of the day",
    ),
    "zone": Field(shape=Text(60), empty="", meaning="An IANA name, like Europe/Luxembourg, or AoE"),
    "precision": Field(
        shape=Choice(values=dates.PRECISIONS), meaning="What is known: `minute` with a time"
    ),
    "certainty": Field(shape=Choice(values=dates.CERTAINTIES)),
    "mandatory": Field(shape=Flag(), meaning="false: applicants may skip it"),
    "labels": Field(shape=Languages(Text(300)), meaning="What this date is called here"),
}  # fmt: skip
KEY_DATE = Object("KeyDate", KeyDateEdit, KEY_DATE_FIELDS)
LINK = Object(
    "LinkedDocument",
    Document,
    {
        "title": Field(shape=Text(200), get=of("title"), empty=""),
        "url": Field(shape=Text(1000), get=of("url"), empty=""),
        "size": Field(shape=Whole(10**12), get=of("size"), meaning="In bytes"),
    },
)
SPOKEN = {
    "reasons": Field(
        shape=Languages(Text(300)), spoken=True,
        meaning="Why a published date or amount changes: readers are told",
    ),
    "material": Field(
        shape=Flag(), spoken=True, meaning="false: a correction that readers need not be told of"
    ),
}  # fmt: skip
NEWS = Object("NewsItem", NewsEdit, entry(NEWS_TEXT))
CALL = Object(
    "Call",
    CallEdit,
    {
        **entry(CALL_TEXT),
        "reference": Field(shape=Text(200), meaning="What the funder calls it"),
        "series": Field(shape=Text(200), meaning="What it is an edition of"),
        "edition": Field(shape=Text(60)),
        "programme": Field(
            shape=Text(80), get=called("programme", "slug"), meaning="Slug of a programme"
        ),
        "funders": Field(
            shape=Many(Text(80)), get=each("funders", "slug"), meaning="Slugs of organisations"
        ),
        "applicants": Field(
            shape=Many(Choice(values=APPLICANTS)), get=each("applicants", "applicant")
        ),
        "deadline_model": Field(shape=Choice(values=DEADLINE_MODELS)),
        "close_reason": Field(
            shape=Choice(values=("", *rules.CLOSE_REASONS)), meaning="Empty: by its dates"
        ),
        "key_dates": Field(
            shape=Many(KEY_DATE, rows=True),
            get=lambda row: sorted(row.key_dates, key=lambda date: (date.utc_at, date.id)),
        ),
        "currency": Field(shape=Text(3), meaning="ISO 4217; of every amount"),
        "total_budget": Field(shape=Amount()),
        "award_min": Field(shape=Amount(), meaning="Least for a project"),
        "award_max": Field(shape=Amount(), meaning="Funding cap for a project"),
        "expected_awards": Field(shape=Whole()),
        "cofinancing_min": Field(shape=Amount(), meaning="Share of the costs, in percent"),
        "cofinancing_max": Field(shape=Amount(), meaning="Share of the costs, in percent"),
        "aid_types": Field(shape=Many(Choice(values=rules.AID_TYPES))),
        "geographies": Field(shape=Many(COUNTRY), meaning="ISO 3166-1 alpha-2, and EU"),
        "trl_min": Field(shape=Whole(9)),
        "trl_max": Field(shape=Whole(9)),
        "apply_url": Field(shape=Text(1000)),
        "info_url": Field(shape=Text(1000)),
        "contact_role": Field(shape=Text(200)),
        "contact_email": Field(shape=Text(254)),
        "documents": Field(shape=Many(LINK, rows=True)),
        **SPOKEN,
    },
)
