"""The sitemap: every public page in every language in which its text exists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from flask import Blueprint, Response, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content import queries as content
from feedsvc.content.models import Entry, Translation
from feedsvc.web import context

blueprint = Blueprint("sitemap", __name__, template_folder="templates")

MOST = 50_000  # addresses in one file, by the protocol
LISTS = ("/", "/news/", "/calls/", "/changes/", "/clusters/", "/feeds/")
AN_HOUR = "public, max-age=3600"


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    with context.db().read() as session:
        pages = list(islice(_pages(session), MOST))
    response = Response(
        render_template("public/sitemap.xml", pages=pages), mimetype="application/xml"
    )
    response.headers["Cache-Control"] = AN_HOUR
    return response


def _pages(session: Session) -> Iterator[tuple[str, str]]:
    """Addresses with the day of their last change where one is known; newest entries first."""
    site = context.site()
    clusters = [urls.cluster(cluster.slug) for cluster in content.clusters(session)]
    for language in site.languages:
        for local in (*LISTS, *clusters):
            yield site.absolute(local, language), ""
    rows = session.execute(
        select(Translation.language, Translation.slug, Entry.kind, Entry.updated_at)
        .join(Entry, Entry.id == Translation.entry_id)
        .where(content.public(context.now()), Translation.language.in_(site.languages))
        .order_by(Entry.publish_at.desc(), Translation.id)
    )
    for row in rows:
        local = urls.entry(row.kind, row.slug)
        yield site.absolute(local, row.language), row.updated_at.date().isoformat()
