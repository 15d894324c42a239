"""The return path of each mail: an address of its own, so that what comes back names its mail.

`bounces+<id>.<code>@domain`; the code is an HMAC, so that nobody can make up such an address for
the mail of somebody else. Pure. Called VERP by those who run mailing lists.
"""

from __future__ import annotations

import hmac
import re
from email.utils import parseaddr
from functools import lru_cache

from feedsvc import tokens
from feedsvc.settings import Settings

CODE_LENGTH = 20  # hex digits: 80 bits, and they survive a server that lowers capitals
LONGEST_ID = 18  # digits: what still fits into the 64 octets of a local part
_TAIL = re.compile(r"([1-9][0-9]*)\.([0-9a-f]+)")


def return_path(settings: Settings, mail_id: int) -> str:
    """Where a mail that cannot be delivered is sent back to: the sender if no place is set."""
    local, _, domain = settings.bounce_address.rpartition("@")
    if not local:
        return _bare(settings.mail_from)
    return f"{local}+{mail_id}.{_code(settings, mail_id)}@{domain}"


def is_ours(settings: Settings, address: str) -> bool:
    """Whether it has the form of a return path of this site, whoever wrote it."""
    local, _, domain = settings.bounce_address.lower().rpartition("@")
    address = address.strip().lower()
    return bool(local) and address.startswith(f"{local}+") and address.endswith(f"@{domain}")


def mail_id(settings: Settings, address: str) -> int | None:
    """The mail whose return path it is; None for every other address, and a forged one."""
    if not is_ours(settings, address):
        return None
    name = address.strip().lower().rpartition("@")[0]
    found = _TAIL.fullmatch(name[len(settings.bounce_address.rpartition("@")[0]) + 1 :])
    if found is None or len(found[1]) > LONGEST_ID:
        return None
    number = int(found[1])
    return number if hmac.compare_digest(found[2], _code(settings, number)) else None


@lru_cache(maxsize=8)
def _bare(sender: str) -> str:
    """Kept: it is asked for each mail, and taking a sender apart takes as long as sending one."""
    return parseaddr(sender)[1]


def _code(settings: Settings, mail_id: int) -> str:
    return tokens.keyed(settings.secret_key, "return-path", str(mail_id))[:CODE_LENGTH]
