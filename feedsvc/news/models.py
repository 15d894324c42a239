"""News items."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.content.models import Entry


class NewsItem(Entry):
    """A news item: an entry and nothing more but its place in the house."""

    __tablename__ = "news_item"
    __mapper_args__ = {"polymorphic_identity": "news"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
