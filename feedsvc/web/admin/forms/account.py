"""Signing in, and a new password."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField

from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web.admin.forms.base import Form


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


class PasswordForm(Form):
    old = PasswordField(N_("Present password"))
    new = PasswordField(N_("New password"))
