"""Accounts of editors, their sessions, attempts to sign in, and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedsvc.db import Base, JSONValue

# Which clusters an editor of clusters may touch. A cluster that is deleted takes its row along:
# then the account may touch less, never more.
account_cluster = Table(
    "account_cluster",
    Base.metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "cluster_id", ForeignKey("cluster.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
)


class Account(Base):
    """A person who may sign in. `email` is kept in lower case.

    `password_hash` is empty until an invitation is accepted. An account is never deleted, because
    the audit log names it: `disabled_at` shuts it.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))  # one of `rules.ROLES`
    language: Mapped[str] = mapped_column(String(5), default="")  # of its mails
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    # The second step of signing in: its secret is derived from the salt and the site's key, so that
    # a copy of the database makes no codes. `totp_step` is the newest that was used.
    totp_salt: Mapped[str] = mapped_column(String(32), default="")
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """Stands in once for a code when the telephone is gone. Only its keyed digest is kept."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)


class Passkey(Base):
    """A key in the owner's device or password manager, which signs in for them. It is public.

    `signatures` counts what it has signed, as far as it tells.
    """

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(60))
    credential: Mapped[str] = mapped_column(String(1400), unique=True)  # up to 1023 bytes
    public_key: Mapped[str] = mapped_column(Text)
    signatures: Mapped[int]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OpenidLink(Base):
    """Whom an OpenID provider means by a subject of its own: the owner of this account.

    `name` is what the provider called them when they were linked, for its owner to know it again.
    """

    __tablename__ = "openid_link"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("account_id", "issuer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser. The cookie holds a secret; only its digest is kept here.

    `confirmed_at` is when its owner last showed that it is them.
    """

    __tablename__ = "web_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    data: Mapped[dict[str, Any]] = mapped_column(JSONValue, default=dict)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]
    client: Mapped[str] = mapped_column(String(60), default="")  # address, of IPv6 the network
    agent: Mapped[str] = mapped_column(String(300), default="")  # what the browser says it is

    account: Mapped[Account | None] = relationship()


class SignInAttempt(Base):
    """A failed try to sign in, by the address typed and the client it came from."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(80))  # keyed digest of an address or a client
    at: Mapped[datetime]


class History(Base):
    """Who did what, when and from where: one row for each act. Both databases refuse to edit one."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_subject", "subject", "subject_id", "id"),
        Index("ix_history_actor", "actor_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200))
    client: Mapped[str] = mapped_column(String(60), default="")  # address, of IPv6 the network
    subject: Mapped[str] = mapped_column(String(20))  # news | call | cluster | account ...
    subject_id: Mapped[int]
    act: Mapped[str] = mapped_column(String(20))  # created | edited | published | deleted ...
    changes: Mapped[dict[str, Any]] = mapped_column(JSONValue, default=dict)  # field: [old, new]
