"""Nothing typed is lost to a session that has ended: the fields wait while the editor signs in.

1. A form that arrives without a session is answered with the sign-in page, which carries what was
   typed in hidden fields.
2. Signing in repeats the request (307); its token is that of another session, so it is refused,
3. with a page that carries the fields once more and one button. That button shows the form as it
   was typed. Nothing is written until the editor saves it there: a stranger's page can at most
   fill in a form that its reader has to look at.
"""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import pages, passkeys
from feedsvc.web.admin.forms.account import SignInForm

FORMS = ("_new", "_edit")  # how the endpoints end whose fields are worth keeping
SHOW = "find"  # the action of the button: lists of the form may be searched by it as well
OWN = ("csrf_token", "action", "email", "password", "code", "passkey", "next", "back")


def fields() -> list[tuple[str, str]]:
    """What was typed, without what belongs to the session, to signing in or to the buttons."""
    return [(name, text) for name, text in request.form.items(multi=True) if name not in OWN]


def sign_in_first() -> Response:
    """The sign-in page in place of an answer to a form."""
    return pages.page(
        "sign_in.html",
        title=context.lang().gettext(N_("Sign in")),
        form=SignInForm(next=request.path),
        kept=fields(),
        options=passkeys.request_options(),
        status=401,
    )


def send_again() -> Response:
    """The answer to a form whose token is not of this session."""
    return pages.page(
        "held.html",
        title=context.lang().gettext(N_("Look at it once more")),
        kept=fields() if holds() else [],
        back=request.path if holds() else url_for("admin.dashboard"),
        status=400,
    )


def holds() -> bool:
    """Whether this request is a form whose fields are worth keeping."""
    return request.method == "POST" and str(request.endpoint).endswith(FORMS)
