"""How the admin answers: a page with its title, or a redirect with a sentence."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template
from werkzeug.wrappers import Response

from feedsvc.web import context
from feedsvc.web.admin.forms.base import ErrorLine


def page(
    template: str,
    *,
    title: str,
    section: str = "",
    problems: list[ErrorLine] | None = None,
    status: int = 200,
    **values: Any,
) -> Response:
    """A page of the admin. `problems` fill the summary on top and mark the title."""
    body = render_template(
        f"admin/{template}",
        title=title,
        section=section,
        problems=problems or [],
        now=context.now(),
        zone=context.zone(),
        **values,
    )
    return make_response(body, status)


def done(address: str, sentence: str) -> Response:
    """Redirect after a change; the next page says the sentence (already translated)."""
    flash(sentence)
    return redirect(address, 303)
