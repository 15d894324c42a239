"""What is decided in the admin about the whole site, and the codes that open the first visit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from feedsvc.db import Base, JSONValue

FIRST_STEPS = "first_steps"  # a decision that is no setting: not to show them any more


class Decision(Base):
    """One setting that was decided in the admin; without a row the operator's holds."""

    __tablename__ = "decision"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)  # a field of `edits.Decided`
    value: Mapped[Any] = mapped_column(JSONValue)


class SetupCode(Base):
    """A code that the server has printed for the first visit. Only its digest is kept."""

    __tablename__ = "setup_code"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime]
