"""Tokens by which programs act for an account, and answers that are kept for who asks twice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedsvc.auth.models import Account
from feedsvc.db import Base, JSONValue


class AccessToken(Base):
    """Lets a program act for an account. Its secret is kept nowhere, only the digest of it.

    `hint` is how the secret begins, so that its owner recognises it. `counted` requests have come
    since `counted_since`, for the limit.
    """

    __tablename__ = "access_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(60))
    hint: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSONValue)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_on: Mapped[date | None]
    counted: Mapped[int] = mapped_column(default=0)
    counted_since: Mapped[datetime]

    account: Mapped[Account] = relationship()


class KeptAnswer(Base):
    """What a request was answered that came with a key of its own: asked again, it is said again.

    `key` is the digest of that key, `asked` that of the request.
    """

    __tablename__ = "kept_answer"

    token_id: Mapped[int] = mapped_column(
        ForeignKey("access_token.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    asked: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONValue)
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(index=True)
