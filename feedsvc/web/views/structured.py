"""Entries as schema.org describes them, for machines that read pages (JSON-LD). Pure."""

from __future__ import annotations

from typing import Any

from feedsvc import urls
from feedsvc.calls.models import Call
from feedsvc.content.models import Entry
from feedsvc.content.rules import updated
from feedsvc.web.views import cards
from feedsvc.web.views.reader import Reader

CONTEXT = "https://schema.org"


def website(name: str, reader: Reader) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "name": name,
        "url": reader.absolute("/"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": reader.absolute("/search") + "?q={q}",
            "query-input": "required name=q",
        },
    }


def article(item: Entry, publisher: str, reader: Reader) -> dict[str, Any]:
    found = reader.text(item)
    return {
        "@context": CONTEXT,
        "@type": "NewsArticle",
        "headline": found.text.title,
        "description": cards.summary(found),
        "inLanguage": found.language,
        "datePublished": item.publish_at.isoformat() if item.publish_at else None,
        "dateModified": updated(item).isoformat(),
        "url": reader.absolute(urls.news_item(found.text.slug)),
        "image": reader.site.absolute(cards.picture(item)),
        "publisher": {"@type": "Organization", "name": publisher, "url": reader.absolute("/")},
    }


def grant(call: Call, reader: Reader) -> dict[str, Any]:
    """The type MonetaryGrant has no deadline: applying, with its times, is an action on it."""
    found = reader.text(call)
    data: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "MonetaryGrant",
        "name": found.text.title,
        "description": cards.summary(found),
        "inLanguage": found.language,
        "identifier": call.uid,
        "url": reader.absolute(urls.call(found.text.slug)),
        "funder": [
            {"@type": "Organization", "name": reader.organisation(funder)}
            for funder in call.funders
        ],
    }
    if call.award_max is not None:
        data["amount"] = {
            "@type": "MonetaryAmount",
            "currency": call.currency,
            "maxValue": float(call.award_max),
        }
    times = {"startTime": call.opens_at, "endTime": call.closes_at}
    if any(times.values()) and call.cancelled_at is None:
        data["potentialAction"] = {
            "@type": "ApplyAction",
            "target": call.apply_url or data["url"],
            **{name: at.isoformat() for name, at in times.items() if at},
        }
    return data
