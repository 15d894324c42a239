"""Signing in, passwords, and what an account is."""

from __future__ import annotations

from wtforms import Field, HiddenField, PasswordField, StringField

from feedsvc import i18n
from feedsvc.auth import rules
from feedsvc.auth.accounts import AccountEdit
from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web.admin.forms.base import Form, Line, Many, One

ROLE_NAMES = {
    rules.ADMINISTRATOR: N_("Administrator"),
    rules.EDITOR: N_("Editor"),
    rules.CLUSTER_EDITOR: N_("Editor of clusters"),
    rules.AUTHOR: N_("Author"),
}
ROLE_MEANINGS = {
    rules.ADMINISTRATOR: N_("Administrator: everything, with accounts and readers’ addresses"),
    rules.EDITOR: N_("Editor: writes and publishes everything"),
    rules.CLUSTER_EDITOR: N_("Editor of clusters: writes and publishes what belongs to these only"),
    rules.AUTHOR: N_("Author: writes drafts, which an editor publishes"),
}


class SignInForm(Form):
    email = StringField(N_("E-mail address"))
    password = PasswordField(N_("Password"))
    next = HiddenField()

    def check(self) -> None:
        problems = []
        if not (self.email.data or "").strip():
            problems.append(Problem("email", N_("Enter your e-mail address.")))
        if not self.password.data:
            problems.append(Problem("password", N_("Enter your password.")))
        if problems:
            raise Invalid(*problems)


class CodeForm(Form):
    """The second step. `next` is where to go on."""

    code = Line(N_("Code"), most=40)
    next = HiddenField()


class PasskeyForm(Form):
    """`passkey` is what the browser answered, as JSON."""

    name = Line(N_("Where it is kept"), most=60)
    passkey = HiddenField()


class ConfirmForm(Form):
    """`proof` stands in for the password: a provider has said who it is."""

    password = PasswordField(N_("Password"))
    code = Line(N_("Code"), most=40)
    next = HiddenField()
    proof = HiddenField()

    @property
    def first(self) -> Field:
        """The field that is shown first."""
        return self.code if self.proof.data else self.password


class PasswordForm(Form):
    old = PasswordField(N_("Present password"))
    new = PasswordField(N_("New password"))


class ForgotForm(Form):
    email = Line(N_("E-mail address"), most=254)

    def check(self) -> None:
        if not (self.email.data or "").strip():
            raise Invalid(Problem("email", N_("Enter your e-mail address.")))


class ChooseForm(Form):
    new = PasswordField(N_("New password"))


class AccountForm(Form):
    """Who may sign in, as what. The choices of `clusters` (ids) and `language` are the view's."""

    name = Line(N_("Name"))
    email = Line(N_("E-mail address"), most=254)
    role = One(N_("Role"), tuple(ROLE_MEANINGS.items()))
    clusters = Many(N_("Clusters"))
    language = One(N_("Language of mails"))

    def edit(self) -> AccountEdit:
        known = {value for value, _ in self.clusters.choices}
        chosen = [int(value) for value in self.clusters.data or () if value in known]
        return AccountEdit(
            email=self.email.data or "",
            name=self.name.data or "",
            role=self.role.data or "",
            clusters=chosen,
            language=self.language.data if self.language.data in i18n.NAMES else "",
        )
