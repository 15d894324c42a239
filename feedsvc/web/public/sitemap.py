"""The sitemap (sitemaps.org): every public page in every language in which its text exists.

Each address names the same page in its other languages. Where there are more entries than fit into
one file, `/sitemap.xml` is the index of several.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import Blueprint, Response, render_template
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from feedsvc import urls
from feedsvc.content import queries as content
from feedsvc.content.models import Entry, Translation
from feedsvc.errors import NotFound
from feedsvc.feeds import vocabulary
from feedsvc.i18n import N_
from feedsvc.urls import Site
from feedsvc.web import compression, context

blueprint = Blueprint("sitemap", __name__, template_folder="templates")

# The protocol allows 50,000 addresses and 50 MB: with every language named at every address, these
# stay far below both.
ENTRIES = 5_000
LISTS = (
    "/", "/news/", "/calls/", "/changes/", "/clusters/", "/feeds/", vocabulary.PATH,
    urls.ABOUT, urls.PRIVACY, urls.ACCESSIBILITY, urls.IMPRINT,
)  # fmt: skip
AN_HOUR = "public, max-age=3600"


@dataclass(frozen=True)
class Listed:
    """A page: its absolute address in each language that it has, the first one being the default."""

    addresses: dict[str, str]
    changed: str = ""  # the instant of its last change, where it is known

    @property
    def default(self) -> str:
        return next(iter(self.addresses.values()))


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    with context.db().read() as session:
        parts = _parts(session)
        pages = list(_pages(session, 1)) if parts == 1 else []
    if parts == 1:
        return _answer("public/sitemap.xml", pages=pages)
    site = context.site()
    files = [site.absolute(f"/sitemap-{part}.xml") for part in range(1, parts + 1)]
    return _answer("public/sitemap_index.xml", files=files)


@blueprint.get("/sitemap-<int:part>.xml")
def sitemap_part(part: int) -> Response:
    with context.db().read() as session:
        if not 1 <= part <= _parts(session):
            raise NotFound(N_("There is no page at this address."))
        pages = list(_pages(session, part))
    return _answer("public/sitemap.xml", pages=pages)


def _answer(template: str, **values: object) -> Response:
    response = Response(render_template(template, **values), mimetype="application/xml")
    response.headers["Cache-Control"] = AN_HOUR
    return compression.squeeze(response)


def _parts(session: Session) -> int:
    """How many files there are: one at least."""
    number = session.scalar(select(func.count(Entry.id)).where(content.public(context.now()))) or 0
    return max(1, -(-number // ENTRIES))


def _pages(session: Session, part: int) -> Iterator[Listed]:
    """The pages of one file; lists and clusters are in the first."""
    site = context.site()
    if part == 1:
        clusters = [urls.cluster(cluster.slug) for cluster in content.clusters(session)]
        for local in (*LISTS, *clusters):
            yield Listed({code: site.absolute(local, code) for code in site.languages})
    rows = session.execute(_entries(context.now(), part, site.languages))
    for _, texts in groupby(rows, key=lambda row: row.id):
        yield _entry(texts, site)


def _entries(
    now: datetime, part: int, languages: tuple[str, ...]
) -> Select[int, str, datetime, datetime | None, str, str]:
    """The texts of the entries of a file, entry by entry. Ids never change, so files seldom do."""
    ids = (
        select(Entry.id).where(content.public(now)).order_by(Entry.id)
        .limit(ENTRIES).offset((part - 1) * ENTRIES)
    )  # fmt: skip
    return (
        select(
            Entry.id, Entry.kind, Entry.updated_at, Entry.publish_at,
            Translation.language, Translation.slug,
        )
        .join(Translation, Translation.entry_id == Entry.id)
        .where(Entry.id.in_(ids), Translation.language.in_(languages))
        .order_by(Entry.id)
    )  # fmt: skip


def _entry(
    texts: Iterable[Row[int, str, datetime, datetime | None, str, str]], site: Site
) -> Listed:
    rows = {row.language: row for row in texts}
    written = {
        code: site.absolute(urls.entry(rows[code].kind, rows[code].slug), code)
        for code in site.languages
        if code in rows
    }
    any_row = next(iter(rows.values()))
    changed = max(any_row.updated_at, any_row.publish_at)
    return Listed(written, changed.isoformat())
