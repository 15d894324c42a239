"""The pages of the site itself: about, privacy, accessibility, imprint."""

from __future__ import annotations

from email.utils import parseaddr

from flask import Blueprint

from feedsvc import markup, urls
from feedsvc.content import static_pages
from feedsvc.web import context
from feedsvc.web.context import Page
from feedsvc.web.public import answers
from feedsvc.web.views.reader import Reader, here

blueprint = Blueprint("static_pages", __name__, template_folder="templates")

EXCERPT = 160  # characters, for search engines


@blueprint.get(urls.ABOUT)
@answers.kept
def about() -> str:
    return _page("about", urls.ABOUT)


@blueprint.get(urls.PRIVACY)
@answers.kept
def privacy() -> str:
    return _page("privacy", urls.PRIVACY)


@blueprint.get(urls.ACCESSIBILITY)
@answers.kept
def accessibility() -> str:
    return _page("accessibility", urls.ACCESSIBILITY)


@blueprint.get(urls.IMPRINT)
@answers.kept
def imprint() -> str:
    return _page("imprint", urls.IMPRINT)


def _page(name: str, path: str) -> str:
    reader = here()
    with context.db().read() as session:
        text = static_pages.texts(session, name)[reader.language.code]
    body = _filled(text.body, reader)
    page = Page(title=text.title, path=path, description=markup.excerpt(body, EXCERPT))
    return context.render("public/page.html", page=page, body=body)


def _filled(body: str, reader: Reader) -> str:
    """The text with what the site knows of itself. Other braces stay as they are."""
    known = {
        "site": context.site_name(),
        "address": context.settings().base_url,
        "mail": parseaddr(context.settings().mail_from)[1],
        "feeds": reader.path("/feeds/"),
        "imprint": reader.path(urls.IMPRINT),
        "data": reader.path(urls.STORED_DATA),
        "embed": reader.path(urls.EMBED),
    }
    for name, value in known.items():
        body = body.replace("{" + name + "}", value)
    return body
