"""Which right each address of the admin asks for: the one table, and the one place that checks it.

An endpoint that has no line here is closed, also one that is added tomorrow; a test holds the table
to the routes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import lazyload

from feedsvc.auth import rules
from feedsvc.auth.rules import ACCOUNTS, AUTHOR, INSIGHT, MAILS, PARTS, SITE, WRITE, Actor
from feedsvc.content import rights
from feedsvc.content.models import Entry
from feedsvc.content.rights import DELETE, EDIT, PUBLISH, REFUSED, SEE, SUBMIT
from feedsvc.db import Database
from feedsvc.errors import Forbidden

ANYONE, SIGNED_IN = "anyone", "signed in"

# What an address asks for, or for entries what looking at it and sending its form ask for.
NEEDS: dict[str, str | tuple[str, str]] = {
    "sign_in": ANYONE,
    "language": ANYONE,
    "forgot": ANYONE,
    "invitation": ANYONE,
    "reset": ANYONE,
    "code": ANYONE,
    "passkey": ANYONE,
    "openid_start": ANYONE,
    "openid_back": ANYONE,
    "sign_out": SIGNED_IN,
    "password": SIGNED_IN,
    "two_step": SIGNED_IN,
    "two_step_codes": SIGNED_IN,
    "two_step_off": SIGNED_IN,
    "passkeys": SIGNED_IN,
    "passkey_add": SIGNED_IN,
    "passkey_remove": SIGNED_IN,
    "openid": SIGNED_IN,
    "openid_link": SIGNED_IN,
    "openid_keep": SIGNED_IN,
    "openid_remove": SIGNED_IN,
    "openid_confirm": SIGNED_IN,
    "sessions": SIGNED_IN,
    "sessions_end": SIGNED_IN,
    "confirm": SIGNED_IN,
    "tokens": SIGNED_IN,
    "token_new": SIGNED_IN,
    "token_revoke": SIGNED_IN,
    "dashboard": WRITE,
    "jump": WRITE,
    "keys": WRITE,
    "news": WRITE,
    "news_new": WRITE,
    "news_new_beside": WRITE,
    "news_edit": (SEE, EDIT),
    "news_beside": (SEE, SEE),
    "news_preview": (SEE, SEE),
    "news_publish": (PUBLISH, PUBLISH),
    "news_unpublish": (PUBLISH, PUBLISH),
    "news_delete": (DELETE, DELETE),
    "calls": WRITE,
    "call_new": WRITE,
    "call_new_beside": WRITE,
    "call_edit": (SEE, EDIT),
    "call_beside": (SEE, SEE),
    "call_preview": (SEE, SEE),
    "call_duplicate": (SEE, SEE),
    "call_publish": (PUBLISH, PUBLISH),
    "call_unpublish": (PUBLISH, PUBLISH),
    "call_cancel": (PUBLISH, PUBLISH),
    "call_move": (PUBLISH, PUBLISH),
    "call_delete": (DELETE, DELETE),
    "call_told": (PUBLISH, PUBLISH),
    "call_told_count": (PUBLISH, PUBLISH),
    "call_told_table": (PUBLISH, PUBLISH),
    "history_of": (SEE, SEE),
    # Whether it may be done to each entry is asked of each.
    "list_view_save": WRITE,
    "list_view_remove": WRITE,
    "list_table": WRITE,
    "list_workbook": WRITE,
    "bulk": WRITE,
    "bulk_delete": WRITE,
    "bulk_done": WRITE,
    "bulk_undo": WRITE,
    "entry_submit": (SUBMIT, SUBMIT),
    "entry_take_back": (SUBMIT, SUBMIT),
    "entry_review": (PUBLISH, PUBLISH),
    "revisions": (SEE, SEE),
    "revision": (SEE, EDIT),
    "new_keep": WRITE,
    "new_drop": WRITE,
    "entry_keep": (EDIT, EDIT),
    "entry_drop": (EDIT, EDIT),
    "entry_here": (EDIT, EDIT),
    # Whose picture or document it is, and who sees it, `content.media` asks.
    "media": WRITE,
    "media_file": WRITE,
    "photo_edit": WRITE,
    "photo_delete": WRITE,
    "documents": WRITE,
    "document_edit": WRITE,
    "document_delete": WRITE,
    "previews_of": (SEE, SEE),
    "parts": PARTS,
    "part_new": PARTS,
    "part_edit": PARTS,
    "part_delete": PARTS,
    "part_history": PARTS,
    "outbox": MAILS,
    "mail": MAILS,
    "mail_html": MAILS,
    "mail_source": MAILS,
    "mail_retry": MAILS,
    "mail_hasten": MAILS,
    "suppressions": MAILS,
    "lift": MAILS,
    "accounts": ACCOUNTS,
    "log": ACCOUNTS,
    "log_table": ACCOUNTS,
    "account_new": ACCOUNTS,
    "account_edit": ACCOUNTS,
    "account_invite": ACCOUNTS,
    "account_two_step_off": ACCOUNTS,
    "account_shut": ACCOUNTS,
    "account_open": ACCOUNTS,
    "account_tokens": ACCOUNTS,
    "account_token_revoke": ACCOUNTS,
    "insight": INSIGHT,
    "settings_edit": SITE,
    "settings_look_edit": SITE,
    "settings_mail_edit": SITE,
    "settings_mail_test": SITE,
    "checklist_hide": SITE,
    "demo_away": SITE,
    "setup": ANYONE,
}
# What cannot be undone, or opens a door: who it is, is asked once more.
CAREFUL = frozenset((
    "news_delete", "call_delete", "bulk_delete", "part_delete", "two_step_codes", "two_step_off",
    "passkeys", "passkey_add", "passkey_remove", "account_new", "account_edit", "account_invite",
    "account_two_step_off", "account_shut", "account_open", "settings_edit", "settings_mail_edit",
    "demo_away", "token_new", "openid_link", "openid_keep", "openid_remove",
))  # fmt: skip
# What is open to who must turn the second step on first.
BEFORE_SECOND_STEP = frozenset(("two_step", "sign_out", "confirm", "openid_confirm"))


def is_open(endpoint: str) -> bool:
    """Whether a visitor may ask for it."""
    return NEEDS.get(endpoint) == ANYONE


def check(
    endpoint: str, entry_id: int | None, actor: Actor, *, sends: bool, db: Database, now: datetime
) -> None:
    """Whether the actor may ask for that address; `sends` tells a form that was sent from a look.

    Raises: Forbidden; NotFound for an entry that the actor may not even see.
    """
    needs = NEEDS.get(endpoint)
    if isinstance(needs, tuple):
        _check_entry(entry_id, needs[sends], actor, db=db, now=now)
    elif needs is None or not (needs == SIGNED_IN or rules.may(actor, needs)):
        raise Forbidden(REFUSED)


def of_entry(entry: Entry | None, actor: Actor, now: datetime) -> tuple[str, ...]:
    """All that the actor may do with the entry, for pages that offer it; None is a new one."""
    if entry is None:
        return (SEE, EDIT, SUBMIT) if actor.role == AUTHOR else (SEE, EDIT, SUBMIT, PUBLISH)
    return tuple(rights.allowed(actor, rights.facts(entry, now)))


def _check_entry(
    entry_id: int | None, act: str, actor: Actor, *, db: Database, now: datetime
) -> None:
    if not rules.may(actor, WRITE):
        raise Forbidden(REFUSED)
    if rights.sees_all(actor):
        return
    with db.read() as session:
        entry = session.get(Entry, entry_id, options=[lazyload("*")])  # texts are not asked for
        about = rights.facts(entry, now) if entry is not None else None
    rights.require(actor, act, about)
