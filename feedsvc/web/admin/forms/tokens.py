"""The form of a token that a program uses."""

from __future__ import annotations

from feedsvc.auth.access import rules
from feedsvc.auth.access.changes import TokenEdit
from feedsvc.i18n import N_
from feedsvc.web.admin.forms.base import Form, Line, Many
from feedsvc.web.admin.forms.fields import NumberField

SCOPE_NAMES = {
    rules.READ: N_("Read what you may see here, drafts too"),
    rules.WRITE: N_("Write drafts, change and delete them"),
    rules.PUBLISH: N_("Publish, withdraw and cancel, and change what readers see"),
    rules.CHANGE_PARTS: N_("Change clusters, organisations, programmes and pages"),
    rules.MEDIA: N_("Bring photos and documents, describe and delete them"),
}


class TokenForm(Form):
    """The choices of `scopes` are the view's: those that the role may use."""

    name = Line(N_("Which program will use it"), most=rules.LONGEST_NAME)
    scopes = Many(N_("What it may do"))
    days = NumberField(N_("Good for so many days"), default=rules.USUAL_DAYS)

    def edit(self) -> TokenEdit:
        known = {value for value, _ in self.scopes.choices}
        return TokenEdit(
            name=self.name.data or "",
            scopes=tuple(scope for scope in self.scopes.data or () if scope in known),
            days=self.days.data,
        )
