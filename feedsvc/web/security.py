"""What every answer forbids, and where a public form may come from."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Request, Response, request

from feedsvc.errors import Forbidden
from feedsvc.i18n import N_
from feedsvc.settings import Settings
from feedsvc.web import context

# connect-src and img-src 'self' let crawlers of our own pages fetch robots.txt and covers.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# A list for other people's sites may stand in any frame; the page that offers it shows it in one.
EMBED_POLICY = PAGE_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
PREVIEW_POLICY = PAGE_POLICY + "; frame-src 'self'"
INERT_POLICY = "default-src 'none'; sandbox"  # for media: nothing runs
FEED_POLICY = "default-src 'none'; style-src 'self'; sandbox"  # a feed may have our stylesheet
ONE_YEAR = 31_536_000


def install(app: Flask) -> None:
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Headers of every answer; a view that sets one itself keeps its own.

    An answer that does not say for how long it may be kept is not kept. With a 304 the reader keeps
    the headers that it has (RFC 9110 section 15.4.5).
    """
    response.headers.setdefault("Cache-Control", "no-store")
    if response.status_code == 304:
        return response
    for name, value in standard(context.settings()):
        response.headers.setdefault(name, value)
    return response


def standard(settings: Settings) -> list[tuple[str, str]]:
    """The headers of an answer that says nothing else."""
    headers = [
        ("Content-Security-Policy", PAGE_POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Permissions-Policy", "browsing-topics=()"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]
    if settings.base_url.startswith("https://"):
        headers.append(("Strict-Transport-Security", f"max-age={ONE_YEAR}; includeSubDomains"))
    return headers


def same_origin(asked: Request, settings: Settings) -> bool:
    """Whether a POST was sent by one of our own pages.

    Browsers say so in Sec-Fetch-Site, older ones in Origin or Referer. A request with none of
    these comes from no page at all (a script, a test) and carries no reader's authority: public
    forms use no cookie, so there is nothing that it could borrow.
    """
    fetch_site = asked.headers.get("Sec-Fetch-Site")
    if fetch_site:
        return fetch_site in ("same-origin", "none")
    source = asked.headers.get("Origin") or asked.headers.get("Referer")
    if not source:
        return True
    return _origin(source) in (_origin(settings.base_url), _origin(asked.host_url))


def require_same_origin() -> None:
    """First line of every public POST. Raises: Forbidden."""
    if not same_origin(request, context.settings()):
        raise Forbidden(
            N_("This form was sent from another site. Open the page here and send it again.")
        )


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ("", "")
    return (parts.scheme, parts.netloc)
