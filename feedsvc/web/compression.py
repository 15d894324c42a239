"""Send text compressed to who reads it that way: pages, stylesheets, scripts."""

from __future__ import annotations

import gzip

from flask import Response, request

from feedsvc.web.codings import accepted

WORTH_IT = 860  # bytes; what is smaller fits into one packet as it is
LEVEL = 5


def squeeze(response: Response) -> Response:
    """The answer, with its body gzipped if the reader accepts that.

    Only for bodies that hold no secret: length would tell of it. The validator must be a weak one,
    since it then names both codings.
    """
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or response.content_encoding:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    wanted = accepted(request.headers.get("Accept-Encoding"))
    best = next((coding for coding in wanted if coding in ("gzip", "identity")), "identity")
    if len(body) >= WORTH_IT and best == "gzip":
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.content_encoding = "gzip"
    return response
