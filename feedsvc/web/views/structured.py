"""Pages as schema.org describes them, for machines that read pages (JSON-LD). Pure.

Each page is one graph: what it is about, and where it stands on the site. Only what schema.org
knows of a type is said of it: a MonetaryGrant has neither a language nor dates, so the page has the
one, and applying, with its times, is an action on the grant.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from feedsvc import urls
from feedsvc.calls import dates
from feedsvc.calls.models import Call, KeyDate
from feedsvc.content.models import Entry
from feedsvc.content.rules import updated
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.views import cards
from feedsvc.web.views.reader import Reader

CONTEXT = "https://schema.org"
Data = dict[str, Any]


def website(name: str, reader: Reader) -> Data:
    """The front page: the site, its search, and who publishes it."""
    return _graph(
        _publisher(name, reader),
        {
            "@type": "WebSite",
            "name": name,
            "url": reader.absolute("/"),
            "inLanguage": list(reader.site.languages),
            "publisher": {"@id": _publisher_id(reader)},
            "potentialAction": {
                "@type": "SearchAction",
                "target": reader.absolute("/search") + "?q={q}",
                "query-input": "required name=q",
            },
        },
    )


def article(item: Entry, publisher: str, reader: Reader) -> Data:
    found = reader.text(item)
    address = reader.absolute(urls.news_item(found.text.slug))
    return _graph(
        _without_empty(
            {
                "@type": "NewsArticle",
                "@id": f"{address}#article",
                "headline": found.text.title,
                "description": cards.summary(found),
                "inLanguage": found.language,
                "datePublished": item.publish_at.isoformat() if item.publish_at else "",
                "dateModified": updated(item).isoformat(),
                "url": address,
                "mainEntityOfPage": address,
                "isAccessibleForFree": True,
                "keywords": [tag.name for tag in cards.tags(item, reader)],
                "image": [reader.site.absolute(cards.picture(item))],
                "author": {"@id": _publisher_id(reader)},
                "publisher": {"@id": _publisher_id(reader)},
            }
        ),
        _publisher(publisher, reader),
        _breadcrumbs(reader, (reader.say(N_("News")), "/news/"), found.text.title, address),
    )


def grant(call: Call, publisher: str, reader: Reader) -> Data:
    found = reader.text(call)
    address = reader.absolute(urls.call(found.text.slug))
    return _graph(
        _without_empty(
            {
                "@type": "MonetaryGrant",
                "@id": f"urn:uuid:{call.uid}",
                "name": found.text.title,
                "description": cards.summary(found),
                "identifier": call.reference,
                "url": address,
                "sameAs": call.info_url,
                "amount": _amount(call),
                "funder": [
                    _without_empty(
                        {"@type": "Organization", "name": reader.organisation(f), "url": f.url}
                    )
                    for f in call.funders
                ],
                "potentialAction": _applying(call, address),
            }
        ),
        {
            "@type": "WebPage",
            "@id": address,
            "url": address,
            "name": found.text.title,
            "inLanguage": found.language,
            "datePublished": call.publish_at.isoformat() if call.publish_at else None,
            "dateModified": updated(call).isoformat(),
            "mainEntity": {"@id": f"urn:uuid:{call.uid}"},
            "publisher": {"@id": _publisher_id(reader)},
        },
        _publisher(publisher, reader),
        _breadcrumbs(reader, (reader.say(N_("Calls")), "/calls/"), found.text.title, address),
    )


def _amount(call: Call) -> Data:
    """The money of one award; `maxValue` is the funding cap."""
    limits = {"minValue": call.award_min, "maxValue": call.award_max}
    known = {name: float(value) for name, value in limits.items() if value is not None}
    return {"@type": "MonetaryAmount", "currency": call.currency, **known} if known else {}


def _applying(call: Call, address: str) -> Data:
    """When and where to apply; nothing where nobody can, and no date that may still move."""
    if call.cancelled_at is not None or call.suspended_at is not None:
        return {}
    opens = next((date for date in call.key_dates if date.type == "opens"), None)
    deadlines = [date for date in call.key_dates if date.is_deadline]
    times = _without_empty(
        {
            "startTime": _instant(opens) if opens else "",
            "endTime": _instant(deadlines[-1]) if deadlines else "",
        }
    )
    if not times and not call.apply_url:
        return {}
    return {"@type": "ApplyAction", "target": call.apply_url or address, **times}


def _instant(date: KeyDate) -> str:
    """The instant on the call's own clock; empty if it is not exact, or not confirmed.

    A deadline without a time is the last second of its day, so that the day itself is right.
    """
    if date.certainty != "confirmed" or date.precision not in ("minute", "day"):
        return ""
    at: datetime = date.utc_at
    if date.local_time is None and date.is_deadline:
        at -= timedelta(seconds=1)
    return at.astimezone(dates.zone(date.zone)).isoformat()


def _publisher(name: str, reader: Reader) -> Data:
    return {
        "@type": "Organization",
        "@id": _publisher_id(reader),
        "name": name,
        "url": reader.site.absolute("/"),
        "logo": urls.logo(context.settings()) or reader.site.absolute("/favicon.svg"),
    }


def _publisher_id(reader: Reader) -> str:
    """The same on every page and in every language."""
    return reader.site.absolute("/#publisher")


def _breadcrumbs(reader: Reader, section: tuple[str, str], title: str, address: str) -> Data:
    name, path = section
    steps = (
        (reader.say(N_("Home")), reader.absolute("/")),
        (name, reader.absolute(path)),
        (title, address),
    )
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": item}
            for place, (name, item) in enumerate(steps, start=1)
        ],
    }


def _graph(*things: Data) -> Data:
    return {"@context": CONTEXT, "@graph": list(things)}


def _without_empty(values: Data) -> Data:
    return {name: value for name, value in values.items() if value not in ("", None, [], {})}
