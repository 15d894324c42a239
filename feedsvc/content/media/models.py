"""Pictures and documents that editors brought, and which entries hand a document out.

A file is named by the digest of its content: no name from outside ever reaches the disk. What it
was called stands in `label`, a text to find it by.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedsvc.db import Base


class Photo(Base):
    """An image that was encoded anew; `name` is its file in the media folder.

    `focus_x` and `focus_y` are what a crop keeps in view, in percent from the top left. Its smaller
    copies, which `sizes` names, are there once it is `ready`; those in AVIF if it `has_avif`.
    """

    __tablename__ = "photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]  # account
    label: Mapped[str] = mapped_column(String(200), default="")
    credit: Mapped[str] = mapped_column(String(200), default="")
    decorative: Mapped[bool] = mapped_column(default=False)  # says nothing: needs no description
    focus_x: Mapped[int] = mapped_column(default=50)
    focus_y: Mapped[int] = mapped_column(default=50)
    ready: Mapped[bool] = mapped_column(default=False)
    has_avif: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    texts: Mapped[list[PhotoText]] = relationship(
        back_populates="photo", cascade="all, delete-orphan", lazy="selectin"
    )


class PhotoText(Base):
    """What the photo shows, in one language, for those who do not see it."""

    __tablename__ = "photo_text"
    __table_args__ = (UniqueConstraint("photo_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    alt: Mapped[str] = mapped_column(String(300))

    photo: Mapped[Photo] = relationship(back_populates="texts")


class Document(Base):
    """A file for readers to take along, kept byte by byte as it came.

    `kind` is what its content was recognised as (`recognise.KINDS`), `checksum` the SHA-256 of it,
    `language` the one that it is written in, empty for none or several; `runs` is whether it holds
    a program, as forms do.
    """

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    checksum: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]  # account
    label: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(5), default="")
    version: Mapped[int] = mapped_column(default=1)
    runs: Mapped[bool] = mapped_column(default=False)

    texts: Mapped[list[DocumentText]] = relationship(
        back_populates="document", cascade="all, delete-orphan", lazy="selectin"
    )


class DocumentText(Base):
    """The title of a document in one language."""

    __tablename__ = "document_text"
    __table_args__ = (UniqueConstraint("document_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(200))

    document: Mapped[Document] = relationship(back_populates="texts")


class Attachment(Base):
    """A document that an entry hands out, at its place in the list."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_document_id", "document_id"),)

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True
    )
    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id", ondelete="RESTRICT"), primary_key=True
    )
    position: Mapped[int]

    document: Mapped[Document] = relationship(lazy="joined", innerjoin=True)
