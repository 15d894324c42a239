"""Who may do what, what a password must be, and how often one may try. Pure.

What a role may do with an entry depends on the entry too: see `content.rights`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.errors import Problem
from feedsvc.i18n import N_

ADMINISTRATOR, EDITOR = "administrator", "editor"
CLUSTER_EDITOR, AUTHOR = "cluster_editor", "author"

# Write entries; change clusters, organisations and programmes; see the mails; take the addresses
# of readers away in a file; manage accounts and read the audit log; see the figures of the use of
# the site; decide about the site itself.
WRITE, PARTS, MAILS, ADDRESSES, ACCOUNTS = "write", "parts", "mails", "addresses", "accounts"
INSIGHT, SITE = "insight", "site"
RIGHTS = {
    ADMINISTRATOR: frozenset((WRITE, PARTS, MAILS, ADDRESSES, ACCOUNTS, INSIGHT, SITE)),
    EDITOR: frozenset((WRITE, PARTS, MAILS, INSIGHT)),
    CLUSTER_EDITOR: frozenset((WRITE,)),
    AUTHOR: frozenset((WRITE,)),
}
ROLES = tuple(RIGHTS)

# Guessing, not typing, is what a limit must stop: ten tries in five minutes is 2,880 a day.
ATTEMPTS = 10
ATTEMPT_WINDOW = timedelta(minutes=5)
CODE_ATTEMPTS = 5
RESETS, RESETS_OF_CLIENT, RESET_WINDOW = 3, 20, timedelta(hours=1)
SESSION_LIFETIME = timedelta(hours=12)
CONFIRMED_FOR = timedelta(minutes=10)  # then a dangerous act asks who it is once more
HALF_WAY = timedelta(minutes=10)  # between the password and the code

# Length is what counts (NIST SP 800-63B section 5.1.1): no rules about kinds of characters.
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_COMMON = """
    passwordpassword password1234 password12345 password123456 123456789012 1234567890123
    12345678901234 123456123456 123123123123 111111111111 000000000000 qwertyuiopas
    qwertyuiop12 qwertyqwerty qwerty123456 1q2w3e4r5t6y 1qaz2wsx3edc abcdefghijkl abc123abc123
    administrator adminadminadmin letmeinletmein iloveyouiloveyou welcomewelcome changemechangeme
    motdepassemotdepasse passwortpasswort innovationagency feedsvcfeedsvc
"""
COMMON = frozenset(_COMMON.split())


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, or a process (`id` None) such as the importer or the demo.

    `clusters` are the ids of those that an editor of clusters may touch; `client` is the address
    that the request came from.
    """

    id: int | None
    name: str
    role: str = EDITOR
    clusters: frozenset[int] = frozenset()
    client: str = ""


SYSTEM = Actor(None, "feedsvc", ADMINISTRATOR)


def may(actor: Actor, right: str) -> bool:
    """Whether the actor's role has the right. A role that nobody knows has none."""
    return right in RIGHTS.get(actor.role, ())


def may_have_addresses(actor: Actor) -> bool:
    """Whether the actor may take readers' addresses away in a file."""
    return may(actor, ADDRESSES)


def is_confirmed(confirmed_at: datetime | None, now: datetime) -> bool:
    """Whether a session may do what is dangerous without asking who it is."""
    return confirmed_at is not None and now - confirmed_at < CONFIRMED_FOR


def needs_second_step(role: str, whom: str) -> bool:
    """Whether an account of that role must have one: `whom` is nobody, administrators, everyone."""
    return whom == "everyone" or (whom == "administrators" and role == ADMINISTRATOR)


def same_address(email: str) -> str:
    """The form in which addresses are kept and compared."""
    return email.strip().casefold()


def account_problems(*, email: str, name: str, role: str) -> list[Problem]:
    """What must be put right before an account can be made."""
    problems = []
    local, _, host = email.partition("@")
    if not local or "." not in host or any(c.isspace() for c in email) or len(email) > 254:
        problems.append(Problem("email", N_("Enter an e-mail address, like name@example.org.")))
    if not name.strip():
        problems.append(Problem("name", N_("Enter the name of the person.")))
    if role not in ROLES:
        problems.append(Problem("role", N_("Choose a role.")))
    return problems


def password_problems(password: str, *, email: str, field: str = "password") -> list[Problem]:
    """What is wrong with a new password; any characters are welcome."""
    if len(password) < SHORTEST_PASSWORD:
        words = N_("Choose a password of at least %(least)s characters.")
        return [Problem(field, words, (("least", SHORTEST_PASSWORD),))]
    if len(password) > LONGEST_PASSWORD:
        words = N_("Choose a password of at most %(most)s characters.")
        return [Problem(field, words, (("most", LONGEST_PASSWORD),))]
    plain = password.casefold()
    if plain in COMMON or len(set(plain)) < 5 or plain in (email, email.partition("@")[0]):
        return [Problem(field, N_("This password is easy to guess. Choose another one."))]
    return []
