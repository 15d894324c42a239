"""What editors leave on the desk: forms that are not saved yet, who sits at which entry, lists to
find again, and acts that can be taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.db import Base, JSONValue


class Slot(Base):
    """What somebody has typed and not saved: one form for each person and place.

    `place` is a kind for an entry that is not written yet, else kind and number: `news`, `call:7`.
    Among its fields is the version of the entry that the form began with.
    """

    __tablename__ = "desk_slot"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[str] = mapped_column(String(40), primary_key=True)
    entry_id: Mapped[int | None] = mapped_column(
        ForeignKey("entry.id", ondelete="CASCADE"), index=True
    )
    saved_at: Mapped[datetime] = mapped_column(index=True)
    fields: Mapped[list[list[str]]] = mapped_column(JSONValue)  # name, text


class Presence(Base):
    """Who has the form of an entry open, and when their browser last said so."""

    __tablename__ = "desk_presence"

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    seen_at: Mapped[datetime]


class View(Base):
    """A list as somebody wants to find it again: its conditions and order, under a name.

    One that is `shared` is everybody's to look at. The `first` of a person is what their list of
    that kind opens with.
    """

    __tablename__ = "desk_view"
    __table_args__ = (UniqueConstraint("account_id", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(2000))
    shared: Mapped[bool] = mapped_column(default=False)
    first: Mapped[bool] = mapped_column(default=False)


class Batch(Base):
    """An act on many entries at once, as far as it can be taken back.

    `done` has a line for each entry: its number, its version afterwards, and what was before.
    """

    __tablename__ = "desk_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(8))
    act: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    cluster_id: Mapped[int | None]
    done: Mapped[list[dict[str, Any]]] = mapped_column(JSONValue)
