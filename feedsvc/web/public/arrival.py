"""Whoever comes to the front page for the first time is led to it in the language they read.

Afterwards the path alone says the language: who comes from one of our own pages has seen the
switch, and means the address that they chose. Nothing is remembered of anybody for that.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request, redirect
from werkzeug.wrappers import Response

from feedsvc.web import context

# On what the answer depends, for caches that keep it for others.
VARY = ("Accept-Language", "Sec-Fetch-Site", "Referer")


def elsewhere(asked: Request) -> Response | None:
    """302 to the front page in the reader's language, where that is another than this one's."""
    site, here = context.site(), context.lang().code
    if here != site.languages[0] or _comes_from_here(asked):
        return None
    # The best first, whatever the country: a British reader reads English before French.
    read = (tag.partition("-")[0].lower() for tag, quality in asked.accept_languages if quality)
    wanted = next((code for code in read if code in site.languages), here)
    if wanted == here:
        return None
    answer = redirect(context.path("/", wanted), 302)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _comes_from_here(asked: Request) -> bool:
    # https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header; the other for old browsers
    if asked.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    ours = urlsplit(context.settings().base_url).netloc
    return urlsplit(asked.headers.get("Referer", "")).netloc == ours
