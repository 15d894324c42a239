"""What stands on the picture of an entry, where its link is shared."""

from __future__ import annotations

from feedsvc.calls import words
from feedsvc.calls.models import Call
from feedsvc.content.models import Entry
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.share_card import Card
from feedsvc.web.views import cards, leaves
from feedsvc.web.views.reader import Reader


def card_of(entry: Entry, reader: Reader) -> Card:
    site = context.settings()
    logo = site.media_path / site.logo if site.logo else None
    title = reader.text(entry).text.title
    if not isinstance(entry, Call):
        day = reader.language.date((entry.publish_at or entry.created_at).astimezone(reader.zone))
        names = " · ".join(tag.name for tag in cards.tags(entry, reader))
        colour = entry.clusters[0].colour if entry.clusters else site.accent
        kind = reader.say(N_("News"))
        return Card(title, kind, context.site_name(), (names, day), colour, logo=logo)
    leaf = leaves.leaf(entry, reader)
    funders = " · ".join(reader.organisation(funder) for funder in entry.funders)
    return Card(
        title,
        reader.say(N_("Call for projects")),
        context.site_name(),
        tuple(filter(None, (funders, words.funding(entry, reader.language)))),
        site.accent,
        (leaf.top, leaf.big, leaf.bottom),
        logo,
    )
