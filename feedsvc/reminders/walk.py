"""The rows of a call one after another: round by round, and in a round reader by reader.

Each table has a key that begins with what a round has in common and ends with the reader: a page
costs what is on it, however many readers there are. Rows of a state that few have are found from
their mails, which lie between the first and the last of the round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.orm import Session

from feedsvc.mail.models import OutboxMail
from feedsvc.reminders import ledger, told
from feedsvc.reminders.models import DigestEntry, Item, NoticeItem
from feedsvc.reminders.rounds import Round
from feedsvc.reminders.told import DIGEST, REMINDER, Row
from feedsvc.statements import constant

# What the page filters by, and the words of a row that each stands for.
GROUPS = {
    "waiting": ledger.WAITING,
    "accepted": ("accepted",),
    "bounced": ("bounced",),
    "failed": ("failed",),
    "expired": ("expired",),
    "void": ("void",),
}
OWN = ("planned", "void")  # words of rows without a mail
BATCH = 2_000
FEW = 20  # less than one in so many: rather looked for than met on the way


class Place(NamedTuple):
    """Where a page ends: the round, and there the reader, or the row of one who was forgotten."""

    round: str
    forgotten: bool
    number: int


class Spot(NamedTuple):
    id: int
    table: int
    place: Place


@dataclass(frozen=True)
class Page:
    """Some rows, and the place after which it goes on, if it does."""

    rows: list[Row]
    more: Place | None


def page(
    session: Session,
    rounds: Sequence[Round],
    *,
    group: str = "",
    after: Place | None = None,
    limit: int = 50,
) -> Page:
    """Rows of these rounds, from behind that place on. A place in no round of them has none."""
    words = GROUPS.get(group, ())
    spots = _spots(session, rounds, words, after, limit + 1)
    shown = spots[:limit]
    rows = told.whole(session, [(spot.table, spot.id) for spot in shown])
    return Page(rows, shown[-1].place if len(spots) > limit else None)


def every(session: Session, rounds: Sequence[Round], *, batch: int = BATCH) -> Iterator[Row]:
    """All rows, read as they are asked for: there may be hundreds of thousands."""
    some = page(session, rounds, limit=batch)
    yield from some.rows
    while some.more is not None:
        some = page(session, rounds, after=some.more, limit=batch)
        yield from some.rows


def _spots(
    session: Session, rounds: Sequence[Round], words: Sequence[str], after: Place | None, most: int
) -> list[Spot]:
    found: list[Spot] = []
    for one, forgotten, number in _stretches(rounds, after):
        if len(found) >= most:
            break
        if words and not one.tally.of(words):
            continue
        query = _query(one, words, forgotten, number)
        rows = session.execute(query.limit(most - len(found)))
        found += (Spot(id_, one.table, Place(one.key, forgotten, n)) for id_, n in rows)
    return found


def _stretches(rounds: Sequence[Round], after: Place | None) -> Iterator[tuple[Round, bool, int]]:
    """Each round twice: the readers, then who was forgotten. With the number to go on from."""
    reached = after is None
    for one in rounds:
        for forgotten in (False,) if one.table == DIGEST else (False, True):
            if after is not None and (one.key, forgotten) == (after.round, after.forgotten):
                reached = True
                yield one, forgotten, after.number
            elif reached:
                yield one, forgotten, 0


def _query(one: Round, words: Sequence[str], forgotten: bool, after: int) -> Select[int, int]:
    """The id of each row of a stretch and its number, in the order of those."""
    few = bool(words) and not forgotten and one.tally.of(words) * FEW < one.tally.planned
    if one.table == DIGEST:
        parts = [_digests(one, words, few)]
    elif few:
        parts = _few(one, words)
    else:
        parts = [_met(one, words, forgotten)]
    parts = [part.where(part.selected_columns[1] > after) for part in parts]
    if len(parts) == 1:
        return parts[0].order_by(parts[0].selected_columns[1])
    rows = union_all(*parts).subquery("rows")
    return select(rows).order_by(rows.c.number)


def _met(one: Round, words: Sequence[str], forgotten: bool) -> Select[int, int]:
    """Rows as they are met on the way from reader to reader."""
    planned, same = _of(one)
    number = planned.id if forgotten else planned.subscriber_id
    query = select(planned.id, number.label("number")).where(*same)
    if forgotten:
        query = query.where(planned.subscriber_id.is_(None))
    if words:
        query = query.outerjoin(OutboxMail, OutboxMail.id == planned.mail_id)
        query = query.where(ledger.word_of(planned).in_(words))
    return query


def _few(one: Round, words: Sequence[str]) -> list[Select[int, int]]:
    """Rows that are looked for: without a mail by their own state, all others from their mails."""
    planned, same = _of(one)
    query = select(planned.id, planned.subscriber_id.label("number"))
    # A partial index is used where its condition is written out.
    own = (planned.state == constant(word) for word in words if word in OWN)
    _, unindexed = _of(one, through_index=False)
    mailed = query.join(OutboxMail, OutboxMail.id == planned.mail_id).where(
        planned.state == "mailed", *_from_mails(one, words), *unindexed
    )
    return [*(query.where(*same, state) for state in own), mailed]


def _digests(one: Round, words: Sequence[str], few: bool) -> Select[int, int]:
    """One reader has one row for each digest: its mail is the row, and its number."""
    mail = DigestEntry.mail_id
    query = select(mail.label("id"), mail.label("number"))
    if not words:
        return query.where(DigestEntry.entry_id == one.number)
    query = query.join(OutboxMail, OutboxMail.id == mail)
    if few:
        return query.where(DigestEntry.entry_id + 0 == one.number, *_from_mails(one, words))
    return query.where(DigestEntry.entry_id == one.number, OutboxMail.state.in_(words))


def _of(
    one: Round, *, through_index: bool = True
) -> tuple[ledger.Planned, Sequence[ColumnElement[bool]]]:
    """The table of a round's rows, and what they have in common.

    Without `through_index` SQLite begins elsewhere, and looks at this last.
    """
    if one.table == REMINDER:
        date: ColumnElement[int] = Item.key_date_id.expression
        which = date if through_index else date + 0
        return Item, (which == one.number, Item.deadline_at == one.at, Item.days == one.days)
    notice: ColumnElement[int] = NoticeItem.notice_id.expression
    return NoticeItem, ((notice if through_index else notice + 0) == one.number,)


def _from_mails(one: Round, words: Sequence[str]) -> Sequence[ColumnElement[bool]]:
    tally = one.tally
    return OutboxMail.state.in_(words), OutboxMail.id.between(tally.low or 0, tally.high or 0)
