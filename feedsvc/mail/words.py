"""Mails in words: what their kinds and states are called."""

from __future__ import annotations

from feedsvc.i18n import N_

STATE_NAMES = {
    "queued": N_("waiting"),
    "leased": N_("taken"),
    "sending": N_("being sent"),
    "accepted": N_("accepted"),
    "bounced": N_("came back"),
    "failed": N_("failed"),
    "expired": N_("expired"),
    "void": N_("not needed any more"),
}
KIND_NAMES = {
    "confirmation": N_("Confirmation"),
    "welcome": N_("Welcome"),
    "reminder": N_("Reminder"),
    "changed": N_("Change"),
    "cancelled": N_("Cancellation"),
    "edition": N_("Next edition"),
    "digest": N_("Digest"),
    "renewal": N_("Question whether to go on"),
    "invitation": N_("Invitation"),
    "reset": N_("New password"),
    "account": N_("Change of an account"),
    "review": N_("Asks for a review"),
    "reviewed": N_("Answer to a review"),
}
