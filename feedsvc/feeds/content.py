"""The full text of an entry as HTML that stands on its own: absolute addresses, facts in words.

Most readers know nothing of extensions: every fact that a machine finds elsewhere is said here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import urljoin

from feedsvc import markup
from feedsvc.calls import words
from feedsvc.content import words as content_words
from feedsvc.content.models import Translation
from feedsvc.feeds.model import FeedCall, File, Image
from feedsvc.i18n import N_, Language

SECTIONS = {
    "eligibility": N_("Who can apply"),
    "funding": N_("Funding"),
    "how_to_apply": N_("How to apply"),
}
# Only a tag can hold this: `<` in a text is `&lt;`.
_LINK = re.compile(r'(<a (?:[a-z]+="[^"]*" )*href=")([^"]*)')


def html(
    text: Translation,
    *,
    said: Language,
    is_fallback: bool,
    url: str,
    image: Image | None,
    alt: str,
    credit: str,
    call: FeedCall | None,
    files: Sequence[File] = (),
) -> str:
    """The entry's text, with its facts first if it is a call. `url` is its page."""
    parts = [
        _fallback_note(text, said) if is_fallback else "",
        _figure(image, alt, credit) if image else "",
        facts(call, said) if call else "",
        _fit(call, said) if call and call.fit else "",
        f"<p><strong>{escape(text.summary)}</strong></p>" if text.summary else "",
        absolute(markup.html(text.body), url),
        *(_section(name, text, said, url) for name in SECTIONS),
        *(_quote(quote) for quote in text.quotes),
        _documents(files, said) if not call else "",  # those of a call are among its facts
    ]
    return "\n".join(part.strip() for part in parts if part)


def _documents(files: Sequence[File], said: Language) -> str:
    items = [f'<li><a href="{escape(file.url)}">{escape(file.title)}</a></li>' for file in files]
    heading = escape(said.gettext(N_("Documents")))
    return f"<h2>{heading}</h2>\n<ul>{''.join(items)}</ul>" if items else ""


def absolute(html: str, url: str) -> str:
    """The HTML with its links as a reader elsewhere needs them; many readers ignore xml:base."""
    return _LINK.sub(lambda found: found[1] + urljoin(url, found[2]), html)


def _fallback_note(text: Translation, said: Language) -> str:
    note = said.gettext(
        "Not available in %(wanted)s, shown in %(shown)s.",
        wanted=said.called(said.code),
        shown=said.called(text.language),
    )
    return f"<p><em>{escape(note)}</em></p>"


def _figure(image: Image, alt: str, credit: str) -> str:
    caption = f"<figcaption>{escape(credit)}</figcaption>" if credit else ""
    return f'<figure><img src="{escape(image.url)}" alt="{escape(alt)}">{caption}</figure>'


def facts(call: FeedCall, said: Language) -> str:
    """What is known of a call, as a list in words."""
    rows = [(said.gettext("Status"), call.status_name)]
    rows += [(date.name, date.words) for date in call.dates]
    rows += [
        (said.gettext("How it closes"), said.gettext(content_words.MODEL_NAMES[call.model])),
        (said.gettext("Funding"), call.money),
        (said.gettext("Share of the costs"), call.share),
        (said.gettext("Total budget"), _budget(call, said)),
        (said.gettext("Expected to fund"), _awards(call, said)),
        (said.gettext("Funder"), ", ".join(call.funders)),
        (said.gettext("Programme"), call.programme),
        (said.gettext("Series"), call.series),
        (said.gettext("Edition"), call.edition),
        (said.gettext("Reference"), call.reference),
        (said.gettext("Who can apply"), _applicants(call, said)),
    ]
    items = [
        f"<li>{words.labelled(f'<strong>{escape(name)}</strong>', escape(value), said)}</li>"
        for name, value in rows
        if value
    ]
    return "<ul>" + "".join([*items, *_links(call, said)]) + "</ul>"


def _fit(call: FeedCall, said: Language) -> str:
    reasons = "".join(f"<li>{escape(line)}</li>" for line in call.fit)
    return f"<h2>{escape(said.gettext('Does it fit you?'))}</h2>\n<ul>{reasons}</ul>"


def _budget(call: FeedCall, said: Language) -> str:
    return "" if call.total_budget is None else said.money(call.total_budget, call.currency)


def _awards(call: FeedCall, said: Language) -> str:
    if not call.expected_awards:
        return ""
    return said.ngettext("%(n)s project", "%(n)s projects", call.expected_awards)


def _links(call: FeedCall, said: Language) -> list[str]:
    """Where to go from here, the application first."""
    links = (
        (said.gettext("Apply"), call.apply_url),
        (said.gettext("Official page of this call"), call.info_url),
        *call.documents,
        (said.gettext("Add to calendar"), call.calendar_url),
    )
    return [
        f'<li><a href="{escape(address)}">{escape(name)}</a></li>'
        for name, address in links
        if address
    ]


def _applicants(call: FeedCall, said: Language) -> str:
    names = [said.gettext(content_words.APPLICANT_NAMES[name]) for name in call.applicants]
    return ", ".join(names)


def _section(name: str, text: Translation, said: Language, url: str) -> str:
    body = text.sections.get(name, "")
    if not body:
        return ""
    heading = escape(said.gettext(SECTIONS[name]))
    return f"<h2>{heading}</h2>\n{absolute(markup.html(body), url)}"


def _quote(quote: dict[str, str]) -> str:
    source = f"<p>— {escape(quote['source'])}</p>" if quote.get("source") else ""
    return f"<blockquote><p>{escape(quote['text'])}</p>{source}</blockquote>"
