"""Calls for projects: funding, key dates, and the events in a call's life."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedsvc.calls.dates import REMOVED
from feedsvc.content.models import Entry, Organisation, Programme
from feedsvc.db import Base, JSONValue

call_funder = Table(
    "call_funder",
    Base.metadata,
    Column("call_id", ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "organisation_id",
        ForeignKey("organisation.id", ondelete="RESTRICT"),
        primary_key=True,
        index=True,
    ),
)


class Call(Entry):
    """A call for projects.

    `opens_at` and `closes_at` are computed from the key dates when these are written; the status
    is computed from them and the time, and stored nowhere. Amounts are in `currency`;
    `award_max` is the funding cap, `cofinancing_*` are percentages.
    """

    __tablename__ = "call"
    __mapper_args__ = {"polymorphic_identity": "call"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    reference: Mapped[str] = mapped_column(String(200), default="")
    series: Mapped[str] = mapped_column(String(200), default="", index=True)
    edition: Mapped[str] = mapped_column(String(60), default="")
    programme_id: Mapped[int | None] = mapped_column(
        ForeignKey("programme.id", ondelete="SET NULL"), index=True
    )
    deadline_model: Mapped[str] = mapped_column(String(20))
    opens_at: Mapped[datetime | None] = mapped_column(index=True)
    closes_at: Mapped[datetime | None] = mapped_column(index=True)
    suspended_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    close_reason: Mapped[str] = mapped_column(String(30), default="")
    retitled_at: Mapped[datetime | None]  # when readers last saw its title change

    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    total_budget: Mapped[Decimal | None]
    award_min: Mapped[Decimal | None]
    award_max: Mapped[Decimal | None] = mapped_column(index=True)
    expected_awards: Mapped[int | None]
    cofinancing_min: Mapped[Decimal | None]
    cofinancing_max: Mapped[Decimal | None]
    aid_types: Mapped[list[str]] = mapped_column(JSONValue, default=list)

    geographies: Mapped[list[str]] = mapped_column(JSONValue, default=list)  # ISO 3166 codes, EU
    trl_min: Mapped[int | None]
    trl_max: Mapped[int | None]
    apply_url: Mapped[str] = mapped_column(String(1000), default="")
    info_url: Mapped[str] = mapped_column(String(1000), default="")
    contact_role: Mapped[str] = mapped_column(String(200), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    documents: Mapped[list[dict[str, Any]]] = mapped_column(  # title, url, size in bytes
        JSONValue, default=list
    )

    programme: Mapped[Programme | None] = relationship(lazy="joined", innerjoin=False)
    funders: Mapped[list[Organisation]] = relationship(
        secondary=call_funder, order_by="Organisation.slug", lazy="selectin"
    )
    applicants: Mapped[list[CallApplicant]] = relationship(
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="CallApplicant.applicant",
    )
    places: Mapped[list[CallPlace]] = relationship(
        cascade="all, delete-orphan", order_by="CallPlace.place"
    )
    key_dates: Mapped[list[KeyDate]] = relationship(
        primaryjoin=lambda: and_(Call.id == KeyDate.call_id, KeyDate.type != REMOVED),
        back_populates="call",
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="KeyDate.utc_at, KeyDate.id",
    )
    events: Mapped[list[CallEvent]] = relationship(
        cascade="all, delete-orphan", order_by="CallEvent.at, CallEvent.id"
    )


class CallApplicant(Base):
    """A kind of applicant whom the call admits (`content.filters.APPLICANTS`)."""

    __tablename__ = "call_applicant"

    call_id: Mapped[int] = mapped_column(
        ForeignKey("call.id", ondelete="CASCADE"), primary_key=True
    )
    applicant: Mapped[str] = mapped_column(String(20), primary_key=True, index=True)


class CallPlace(Base):
    """A place of `geographies` by which a call is found; what says nothing more is left out."""

    __tablename__ = "call_place"

    call_id: Mapped[int] = mapped_column(
        ForeignKey("call.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[str] = mapped_column(String(2), primary_key=True, index=True)


class WrittenDate:
    """A date as it was written: local day, local time if one was given, and the zone.

    `utc_at` is the instant meant: of a deadline without a time, the end of that day in its zone;
    of an opening without a time, the start of it. `sequence` goes up whenever the instant moves,
    and whenever the date is called off or comes back (RFC 5545 section 3.8.7.4).
    """

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    type: Mapped[str] = mapped_column(String(20))
    local_date: Mapped[date]
    local_time: Mapped[time | None]
    zone: Mapped[str] = mapped_column(String(60))  # IANA name or AoE
    precision: Mapped[str] = mapped_column(
        String(8), default="day"
    )  # minute|day|month|quarter|year
    certainty: Mapped[str] = mapped_column(String(10), default="confirmed")  # or estimated
    is_deadline: Mapped[bool]  # by its type, for the index
    utc_at: Mapped[datetime]
    labels: Mapped[dict[str, str]] = mapped_column(JSONValue, default=dict)  # by language
    sequence: Mapped[int] = mapped_column(default=0)


class KeyDate(WrittenDate, Base):
    """A date of a call. `restored_at` is when calendars that had struck it were told of it again.

    One of which readers may have been told stays when an editor takes it away, as REMOVED: whom it
    was told is known by its row, and they are told that it is no more.
    """

    __tablename__ = "key_date"
    __table_args__ = (Index("ix_key_date_closing", "is_deadline", "utc_at", "call_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    mandatory: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime]
    restored_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship(back_populates="key_dates")


class StruckDate(WrittenDate, Base):
    """A date that calendars were told of and that no longer stands: they strike it for a while.

    It is whole in itself, for its call may be gone: the titles and slugs (by language) and what a
    filter asks of a call are as they were when the date was called off.
    """

    __tablename__ = "struck_date"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_uid: Mapped[str] = mapped_column(String(36), index=True)
    called_off_at: Mapped[datetime] = mapped_column(index=True)
    titles: Mapped[dict[str, str]] = mapped_column(JSONValue)
    slugs: Mapped[dict[str, str]] = mapped_column(JSONValue)
    published_at: Mapped[datetime]
    names: Mapped[list[str]] = mapped_column(JSONValue)  # uids of clusters, funders, programme
    applicants: Mapped[list[str]] = mapped_column(JSONValue)
    deadline_model: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    award_max: Mapped[Decimal | None]
    cofinancing: Mapped[Decimal | None]
    places: Mapped[list[str]] = mapped_column(JSONValue, default=list)
    words: Mapped[str] = mapped_column(Text, deferred=True)  # as search knows them


class CallEvent(Base):
    """Something that happened to a published call. `reasons` is the editor's, by language."""

    __tablename__ = "call_event"
    __table_args__ = (Index("ix_call_event_listing", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    type: Mapped[str] = mapped_column(String(24))
    key_date_uid: Mapped[str | None] = mapped_column(String(36))
    old: Mapped[Any] = mapped_column(JSONValue, nullable=True)
    new: Mapped[Any] = mapped_column(JSONValue, nullable=True)
    reasons: Mapped[dict[str, str]] = mapped_column(JSONValue, default=dict)
    material: Mapped[bool] = mapped_column(default=True)


class CheckedLink(Base):
    """An address that calls lead to, and what was met there last: see `links`.

    `failures` counts how often in a row it did not answer well, from `failing_since` on.
    """

    __tablename__ = "checked_link"

    url: Mapped[str] = mapped_column(String(1000), primary_key=True)
    checked_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    trouble: Mapped[str] = mapped_column(String(20), default="")
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
