"""What is counted about the use of the site: numbers by day, and nobody's name, address or hour."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.db import Base


class FeedPoll(Base):
    """How often programs of one name asked for feeds of one format on one day (UTC).

    `subscribers` is the largest number of readers that such a program said to ask for: aggregators
    ask once for many people, and say for how many.
    """

    __tablename__ = "feed_poll"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    program: Mapped[str] = mapped_column(String(40), primary_key=True)
    format: Mapped[str] = mapped_column(String(10), primary_key=True)
    polls: Mapped[int]
    subscribers: Mapped[int]


class LostSearch(Base):
    """Words that were searched for and found nothing, and how often on one day (UTC)."""

    __tablename__ = "lost_search"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(80), primary_key=True)
    asked: Mapped[int]


class MailWeek(Base):
    """How many mails of a kind were written in the week that begins on a Monday (UTC)."""

    __tablename__ = "mail_week"

    week: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    sent: Mapped[int]
    bounced: Mapped[int]  # of those that were sent
    failed: Mapped[int]  # that the mail server never took
