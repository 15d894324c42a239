"""A QR code as a drawing inside of the page. The only module that knows segno."""

from __future__ import annotations

import segno
from markupsafe import Markup


def svg(text: str, *, title: str) -> Markup:
    """Dark on white in any theme, as cameras want it, with the quiet zone of four modules around.

    It holds no style and no script, so that the content policy of the pages allows it.
    """
    drawn = segno.make(text, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", title=title, svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704 - segno escapes the title, and the rest is a path
