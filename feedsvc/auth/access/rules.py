"""What a token is good for, how long, and how often it may ask. Pure.

A scope only takes away: what a token may do is what its account may do now, and its scopes allow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from feedsvc.auth.rules import AUTHOR, PARTS, RIGHTS
from feedsvc.errors import Problem
from feedsvc.i18n import N_

# See what the account sees; write what no reader sees yet; publish, and change what readers see;
# change clusters, organisations, programmes and pages; upload pictures.
READ, WRITE, PUBLISH, CHANGE_PARTS, MEDIA = "read", "write", "publish", "parts", "media"
SCOPES = (READ, WRITE, PUBLISH, CHANGE_PARTS, MEDIA)

PREFIX = "feedsvc_"  # by which those who look for leaked secrets recognise one
HINT = len(PREFIX) + 6  # characters that are shown
LONGEST_NAME = 60
LONGEST_DAYS, USUAL_DAYS = 366, 90
MOST_TOKENS = 20  # of one account at a time

REQUESTS, WINDOW = 300, timedelta(minutes=1)
ANSWERS_KEPT = timedelta(hours=24)
ENDED_KEPT = timedelta(days=90)  # for those who ask which token it was


def offered(role: str) -> tuple[str, ...]:
    """The scopes that mean something for an account of that role."""
    none: set[str] = set()
    if role == AUTHOR:
        none.add(PUBLISH)
    if PARTS not in RIGHTS.get(role, ()):
        none.add(CHANGE_PARTS)
    return tuple(scope for scope in SCOPES if scope not in none)


def problems(name: str, scopes: Sequence[str], days: int | None, role: str) -> list[Problem]:
    """What must be put right before a token can be made."""
    found = []
    if not name:
        found.append(Problem("name", N_("Say which program will use it, like “Website”.")))
    elif len(name) > LONGEST_NAME:
        words = N_("Shorten this to %(most)s characters.")
        found.append(Problem("name", words, (("most", LONGEST_NAME),)))
    if not scopes or not set(scopes) <= set(offered(role)):
        found.append(Problem("scopes", N_("Choose what it is good for.")))
    if days is None or not 1 <= days <= LONGEST_DAYS:
        words = N_("Enter a number of days from 1 to %(most)s.")
        found.append(Problem("days", words, (("most", LONGEST_DAYS),)))
    return found


def is_alive(expires_at: datetime, revoked_at: datetime | None, now: datetime) -> bool:
    return revoked_at is None and now < expires_at


def missing(scopes: Collection[str], needed: Collection[str]) -> list[str]:
    """The scopes that a token lacks, in their order."""
    return [scope for scope in SCOPES if scope in needed and scope not in scopes]
