"""The settings that are decided in the admin, on three pages; each change is a line of the log."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from flask import request, url_for
from werkzeug.wrappers import Response

from feedsvc import colours
from feedsvc.auth import queries
from feedsvc.content.media import logos
from feedsvc.errors import Invalid, TooMany
from feedsvc.house import changes, trial
from feedsvc.house.edits import Decided, is_fixed
from feedsvc.i18n import N_
from feedsvc.mail import transports
from feedsvc.web import context, theme
from feedsvc.web.admin import pages
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.forms.fields import zone_names
from feedsvc.web.admin.forms.house import LookForm, MailForm, SiteForm
from feedsvc.web.admin.gate import actor, blueprint, only_shown, posted
from feedsvc.web.admin.house import address

F = TypeVar("F", SiteForm, LookForm, MailForm)


@blueprint.route("/settings/", methods=["GET", "POST"], endpoint="settings_edit")
def of_site() -> Response:
    """Name, languages, zone."""
    form = SiteForm(posted(), data=SiteForm.values(context.settings()))
    if _kept(form, form.edit):
        return _done("admin.settings_edit")
    return _page("site.html", form, zones=zone_names())


@blueprint.route("/settings/look", methods=["GET", "POST"], endpoint="settings_look_edit")
def of_look() -> Response:
    """Logo and colour."""
    form = LookForm(posted(), data=LookForm.values(context.settings()))
    if _kept(form, lambda: _with_logo(form.edit())):
        return _done("admin.settings_look_edit")
    return _page("look.html", form, inks=_inks(form.accent.data or ""))


@blueprint.route("/settings/mail", methods=["GET", "POST"], endpoint="settings_mail_edit")
def of_mail() -> Response:
    """Sender, foot of mails, days of reminders."""
    form = MailForm(posted(), data=MailForm.values(context.settings()))
    if _kept(form, form.edit):
        return _done("admin.settings_mail_edit")
    return _mail_page(form)


@blueprint.post("/settings/mail/test", endpoint="settings_mail_test")
def test_mail() -> Response:
    """A mail to who asks for it, and what the mail server said."""
    db, settings, now = context.db(), context.settings(), context.now()
    try:
        with db.begin() as session:
            account = queries.loaded(session, actor().id or 0)
            trial.count(session, account, settings=settings, now=now)
    except TooMany as refused:
        form = MailForm(None, data=MailForm.values(settings))
        form.marks["test"] = [context.lang().gettext(refused.message)]
        return _mail_page(form, status=429)
    transport = transports.from_settings(settings)
    said = trial.send(transport, account, said=context.lang(), settings=settings, now=now)
    with db.begin() as session:
        trial.record(session, said, actor=actor(), now=now)
    sentence = context.lang().gettext(said.sentence, address=said.address, reply=said.reply)
    return pages.done(url_for("admin.settings_mail_edit"), sentence)


def _kept(form: Form, edit: object) -> bool:
    """Whether something was sent and is decided now; what is wrong with it is marked."""
    if posted() is None or only_shown() or not form.right():
        return False
    assert callable(edit)
    try:
        wanted = edit()
        with context.db().begin() as session:
            changes.decide(
                session, wanted, settings=context.runtime().settings, actor=actor(),
                now=context.now(),
            )  # fmt: skip
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return False
    return True


def _with_logo(wanted: Decided) -> Decided:
    """With the file that came beside the form, if one did. Raises: Invalid."""
    upload = request.files.get("logo")
    if upload is None or not upload.filename:
        return wanted
    settings = context.settings()
    name = logos.store(upload.read(), settings.media_path, limit=settings.upload_limit)
    return replace(wanted, logo=name)


def _inks(accent: str) -> dict[str, tuple[str, float]]:
    """What becomes of a colour on light and on dark paper, with its contrast."""
    if not colours.is_colour(accent):
        return {}
    grounds = {
        "light": (theme.LIGHT_TINT, colours.TEXT_CONTRAST),
        "dark": (theme.DARK_PAPER, theme.COMFORTABLE),
    }
    found = {}
    for name, (paper, ratio) in grounds.items():
        ink = colours.readable(accent, paper, ratio)
        found[name] = (ink, round(colours.contrast(ink, paper), 1))
    return found


def _mail_page(form: MailForm, *, status: int = 0) -> Response:
    sends = context.settings().mail_url.partition(":")[0] != "outbox"
    return _page("mail.html", form, status=status, sends=sends)


def _page(template: str, form: Form, *, status: int = 0, **values: object) -> Response:
    operators = context.runtime().settings
    return pages.page(
        f"house/{template}",
        title=context.lang().gettext(N_("Settings")),
        section="settings",
        problems=form.problems(),
        status=status or (422 if form.marks else 200),
        form=form,
        held=context.settings(),
        nowhere=address.nowhere(),
        fixed=lambda name: is_fixed(operators, name),
        **values,
    )


def _done(endpoint: str) -> Response:
    return pages.done(url_for(endpoint), context.lang().gettext(N_("Saved.")))
