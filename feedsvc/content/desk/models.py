"""What editors leave on the desk: forms that are not saved yet, and who sits at which entry."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
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
