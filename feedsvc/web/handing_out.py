"""Hand out a file that somebody uploaded, so that nothing in it runs anywhere.

1. Its type is the one that it was recognised as, and browsers are told not to guess another.
2. A document is saved, not shown, under a name made of its title (RFC 6266, RFC 8187).
3. Whatever shows it all the same does so in a sandbox that may load nothing.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import NotFound

from feedsvc import markup
from feedsvc.content.media import files, logos, recognise, words
from feedsvc.content.media.models import Document
from feedsvc.web import context, security

PICTURES = {".webp": "image/webp", ".avif": "image/avif", ".jpg": "image/jpeg"}
LONGEST_NAME = 80


def picture(name: str) -> Response:
    """A photo or one of its copies. Raises: NotFound."""
    media_type = next((kind for ending, kind in PICTURES.items() if name.endswith(ending)), None)
    if media_type is None:
        raise NotFound
    return _file(name, media_type)


def logo(name: str) -> Response | None:
    """The logo as PNG, by its name; None if this is none of its names."""
    settings = context.settings()
    data = logos.as_png(name, settings.logo, settings.media_path)
    return _inert(data, name, "image/png") if data is not None else None


def document(row: Document) -> Response:
    """A document to be saved. Raises: NotFound."""
    response = _file(row.name, recognise.KINDS[row.kind].media_type)
    response.headers["Content-Disposition"] = _disposition(row)
    return response


def _file(name: str, media_type: str) -> Response:
    """The name is the digest of the content, and so the tag as well."""
    path = context.settings().media_path / name
    if not files.NAME.fullmatch(name) or not path.is_file():
        raise NotFound
    return _inert(path.read_bytes(), name, media_type)


def _inert(data: bytes, name: str, media_type: str) -> Response:
    response = Response(data, mimetype=media_type)
    response.set_etag(name)
    response.headers["Content-Security-Policy"] = security.INERT_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request, accept_ranges=True, complete_length=response.content_length)
    return response


def _disposition(row: Document) -> str:
    """Plain letters for old programs, the title as it is for all others."""
    title = words.title(row, row.language, context.settings().languages)
    plain = f"{markup.slug(title)[:LONGEST_NAME].strip('-') or 'document'}.{row.kind}"
    whole = _for_a_disk(title) or plain.rpartition(".")[0]
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(f'{whole}.{row.kind}', safe='')}"


def _for_a_disk(title: str) -> str:
    """The title without what some disk takes for something else."""
    kept = "".join(" " if letter in '/\\:*?"<>|%' else letter for letter in title)
    return markup.one_line(kept).strip(". ")[:LONGEST_NAME]
