"""The places of the admin: its menu, and where else one can jump to. Each asks for a right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from feedsvc.auth.rules import ACCOUNTS, INSIGHT, MAILS, PARTS, SITE, WRITE
from feedsvc.i18n import N_


@dataclass(frozen=True)
class Place:
    """`section` is what pages below it name as theirs."""

    section: str
    endpoint: str
    words: str
    right: str
    values: Mapping[str, str] = field(default_factory=dict)


MENU = (
    Place("dashboard", "dashboard", N_("Overview"), WRITE),
    Place("news", "news", N_("News"), WRITE),
    Place("calls", "calls", N_("Calls"), WRITE),
    Place("media", "media", N_("Media"), WRITE),
    Place("clusters", "parts", N_("Clusters"), PARTS, {"path": "clusters"}),
    Place("organisations", "parts", N_("Organisations"), PARTS, {"path": "organisations"}),
    Place("programmes", "parts", N_("Programmes"), PARTS, {"path": "programmes"}),
    Place("pages", "parts", N_("Pages"), PARTS, {"path": "pages"}),
    Place("outbox", "outbox", N_("Mails"), MAILS),
    Place("accounts", "accounts", N_("Accounts"), ACCOUNTS),
    Place("insight", "insight", N_("Insight"), INSIGHT),
    Place("settings", "settings_edit", N_("Settings"), SITE),
)
BEYOND = (
    Place("calls", "call_new", N_("Write a call"), WRITE),
    Place("news", "news_new", N_("Write a news item"), WRITE),
    Place("media", "documents", N_("Documents"), WRITE),
    Place("clusters", "part_new", N_("Add a cluster"), PARTS, {"path": "clusters"}),
    Place("organisations", "part_new", N_("Add an organisation"), PARTS, {"path": "organisations"}),
    Place("programmes", "part_new", N_("Add a programme"), PARTS, {"path": "programmes"}),
    Place("outbox", "suppressions", N_("Addresses without mail"), MAILS),
    Place("accounts", "log", N_("Audit log"), ACCOUNTS),
    Place("accounts", "account_new", N_("Invite somebody"), ACCOUNTS),
    Place("accounts", "account_tokens", N_("Access tokens of all accounts"), ACCOUNTS),
    Place("settings", "settings_look_edit", N_("Settings: logo and colour"), SITE),
    Place("settings", "settings_mail_edit", N_("Settings: sender and mails"), SITE),
    Place("settings", "demo_away", N_("Take the demo content away"), SITE),
    Place("", "password", N_("Change your password"), WRITE),
    Place("", "two_step", N_("Second step when signing in"), WRITE),
    Place("", "passkeys", N_("Passkeys"), WRITE),
    Place("", "openid", N_("Sign in with another account"), WRITE),
    Place("", "sessions", N_("Where you are signed in"), WRITE),
    Place("", "tokens", N_("Your access tokens"), WRITE),
    Place("", "token_new", N_("Make a token"), WRITE),
    Place("", "keys", N_("Keyboard"), WRITE),
)
