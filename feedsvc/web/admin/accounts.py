"""Accounts, for administrators: who may sign in, as what, and for which clusters."""

from __future__ import annotations

import logging

from flask import url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedsvc import i18n
from feedsvc.auth import accounts, audit, letters, links, queries, rules, second_step
from feedsvc.auth.models import Account
from feedsvc.auth.notices import Change
from feedsvc.content import queries as content
from feedsvc.errors import Conflict, Invalid
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin import choices, noticed, pages
from feedsvc.web.admin.forms.account import ROLE_NAMES, AccountForm
from feedsvc.web.admin.forms.base import Form
from feedsvc.web.admin.gate import actor, blueprint, only_shown, posted
from feedsvc.web.admin.house import address

log = logging.getLogger(__name__)


@blueprint.get("/accounts/", endpoint="accounts")
def index() -> Response:
    with context.db().read() as session:
        names = _cluster_names(session)
        clusters = queries.clusters(session)
        return pages.page(
            "accounts/list.html",
            title=context.lang().gettext(N_("Accounts")),
            section="accounts",
            accounts=queries.accounts(session),
            roles=ROLE_NAMES,
            clusters_of=lambda one: [names[n] for n in names if n in clusters.get(one.id, ())],
            state_of=state_of,
        )


@blueprint.route("/accounts/new", methods=["GET", "POST"], endpoint="account_new")
def invite() -> Response:
    """An account without a password, and the mail with which its owner chooses one."""
    form = _form(AccountForm(posted(), role=rules.AUTHOR, language=context.lang().code))
    if posted() is None or only_shown():
        return _page(None, form)
    if not form.right():
        return _page(None, form, status=422)
    now = context.now()
    try:
        with context.db().begin() as session:
            account = accounts.add(session, form.edit(), actor=actor(), now=now)
            _send_invitation(session, account)
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _page(None, form, status=422)
    log.info("account %s invited by account %s", account.id, actor().id)
    return _done(N_("The invitation is on its way."))


@blueprint.post("/accounts/<int:account_id>/invite", endpoint="account_invite")
def invite_again(account_id: int) -> Response:
    with context.db().begin() as session:
        account = queries.loaded(session, account_id)
        if state_of(account) != "invited":
            raise Conflict(N_("This account waits for no invitation."))
        _send_invitation(session, account)
        audit.record(
            session, accounts.SUBJECT, account.id, "invited", {}, actor=actor(), now=context.now()
        )
    return _done(N_("The invitation is on its way."))


@blueprint.route("/accounts/<int:account_id>", methods=["GET", "POST"], endpoint="account_edit")
def edit(account_id: int) -> Response:
    with context.db().read() as session:
        account = queries.loaded(session, account_id)
        values = _values(session, account)
    form = _form(AccountForm(posted(), data=values))
    if posted() is None or only_shown():
        return _page(account, form)
    if not form.right():
        return _page(account, form, status=422)
    try:
        with context.db().begin() as session:
            accounts.change(session, account_id, form.edit(), actor=actor(), now=context.now())
            noticed.tell_of_address(session, account_id, account.email, actor=actor())
    except Invalid as invalid:
        form.mark(*invalid.problems)
        return _page(account, form, status=422)
    return _done(N_("Saved."))


@blueprint.route(
    "/accounts/<int:account_id>/shut", methods=["GET", "POST"], endpoint="account_shut"
)
def shut(account_id: int) -> Response:
    """Nobody signs in with it any more."""
    form = Form()
    with context.db().read() as session:
        account = queries.loaded(session, account_id)
    if posted() is not None:
        try:
            with context.db().begin() as session:
                accounts.shut(session, account_id, actor=actor(), now=context.now())
        except Invalid as invalid:
            form.mark(*invalid.problems)
        else:
            log.info("account %s shut by account %s", account_id, actor().id)
            return _done(N_("Nobody can sign in with this account any more."))
    return pages.page(
        "accounts/shut.html",
        title=context.lang().gettext(N_("Shut the account of %(name)s"), name=account.name),
        section="accounts",
        problems=form.problems(),
        status=422 if form.marks else 200,
        account=account,
        back=url_for("admin.account_edit", account_id=account_id),
    )


@blueprint.post("/accounts/<int:account_id>/two-step-off", endpoint="account_two_step_off")
def two_step_off(account_id: int) -> Response:
    """For who has lost the telephone and the recovery codes."""
    with context.db().begin() as session:
        if second_step.turn_off(session, account_id, actor=actor(), now=context.now()):
            noticed.tell(session, account_id, Change.SECOND_STEP_OFF, actor=actor())
    log.info("second step of account %s turned off by account %s", account_id, actor().id)
    return _done(N_("For this account the password is enough now."))


@blueprint.post("/accounts/<int:account_id>/open", endpoint="account_open")
def open_again(account_id: int) -> Response:
    with context.db().begin() as session:
        accounts.open_again(session, account_id, actor=actor(), now=context.now())
    log.info("account %s opened by account %s", account_id, actor().id)
    return _done(N_("The account can be used again."))


def state_of(account: Account) -> str:
    """active | invited | shut"""
    if account.disabled_at is not None:
        return "shut"
    return "active" if account.password_hash else "invited"


def _form(form: AccountForm) -> AccountForm:
    """The form with its choices."""
    with context.db().read() as session:
        names = _cluster_names(session)
    form.clusters.choices = tuple((str(number), name) for number, name in names.items())
    form.language.choices = tuple((code, i18n.NAMES[code]) for code in context.settings().languages)
    return form


def _send_invitation(session: Session, account: Account) -> None:
    letters.enqueue(
        session, links.INVITATION, account,
        inviter=actor().name, settings=context.settings(), now=context.now(),
    )  # fmt: skip


def _page(account: Account | None, form: AccountForm, *, status: int = 200) -> Response:
    return pages.page(
        "accounts/form.html",
        title=account.name if account else context.lang().gettext(N_("Invite somebody")),
        section="accounts",
        problems=form.problems(),
        status=status,
        form=form,
        account=account,
        nowhere=address.nowhere(),
        state=state_of(account) if account else "new",
    )


def _values(session: Session, account: Account) -> dict[str, object]:
    theirs = queries.clusters(session).get(account.id, frozenset())
    return {
        "email": account.email,
        "name": account.name,
        "role": account.role,
        "language": account.language or context.settings().default_language,
        "clusters": [str(number) for number in sorted(theirs)],
    }


def _cluster_names(session: Session) -> dict[int, str]:
    return {row.id: choices.name(row.texts) for row in content.clusters(session)}


def _done(sentence: str) -> Response:
    return pages.done(url_for("admin.accounts"), context.lang().gettext(sentence))
