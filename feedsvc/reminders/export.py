"""The ledger of a call as a table: who was told what, and when. Proof that all were treated alike.

A reader is a pseudonym that is good for this call only: it tells rows of one reader from those of
another, and nobody can look for a person by it or compare two calls. Addresses are added only for
those who may have them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from feedsvc import sheets, tokens
from feedsvc.i18n import Language
from feedsvc.reminders import reasons, walk, words
from feedsvc.reminders.rounds import Round
from feedsvc.reminders.told import Row
from feedsvc.settings import Settings
from feedsvc.subscriptions import rules

COLUMNS = (
    "planned_at", "kind", "about", "date_utc", "days_before", "reader", "state", "reason", "mail",
    "accepted_at", "server_reply",
)  # fmt: skip
ADDRESS = "address"
PSEUDONYM = 12  # hex digits: no two of a million readers alike, nearly always


def lines(
    session: Session,
    rounds: Sequence[Round],
    call_uid: str,
    *,
    addresses: bool,
    language: Language,
    settings: Settings,
) -> Iterator[bytes]:
    """The names of the columns, then every row, round by round; read as it is sent."""
    yield sheets.line((*COLUMNS, ADDRESS) if addresses else COLUMNS)
    for row in walk.every(session, rounds):
        cells = _cells(row, pseudonym(row.reader, call_uid, settings), language)
        if addresses:
            yield sheets.line([*cells, row.address])
        else:  # a mail server repeats to whom it says no
            yield sheets.line([rules.without_addresses(cell) for cell in cells])


def pseudonym(reader: str, call_uid: str, settings: Settings) -> str:
    """Of a reader of that call; empty for one who was forgotten."""
    if not reader:
        return ""
    return tokens.keyed(settings.secret_key, "ledger", f"{call_uid}\0{reader}")[:PSEUDONYM]


def _cells(row: Row, reader: str, language: Language) -> list[str]:
    reply = reasons.reply(row.reason)
    return [
        _stamp(row.planned_at),
        row.kind,
        words.about(row, language),
        _stamp(row.at),
        "" if row.days is None else str(row.days),
        reader,
        row.word,
        "" if reply else reasons.words(row.reason, language),
        "" if row.mail_id is None else str(row.mail_id),
        _stamp(row.left_at),
        reply,
    ]


def _stamp(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
