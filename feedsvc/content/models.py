"""What news and calls share: entries and their texts; clusters, organisations, programmes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from feedsvc.content import sorting
from feedsvc.content.media.models import Attachment, Photo
from feedsvc.db import Base, JSONValue

# In the order of its bytes, whatever language the database server speaks.
BYTEWISE = String(sorting.LONGEST).with_variant(
    String(sorting.LONGEST, collation="C"), "postgresql"
)

entry_cluster = Table(
    "entry_cluster",
    Base.metadata,
    Column("entry_id", ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "cluster_id",
        ForeignKey("cluster.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)

entry_related = Table(
    "entry_related",
    Base.metadata,
    Column("entry_id", ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "related_id",
        ForeignKey("entry.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)


class Cluster(Base):
    """A sector. Its slug is the same in every language: it names the brand."""

    __tablename__ = "cluster"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    colour: Mapped[str] = mapped_column(String(7))  # #rrggbb, for generated covers
    founded: Mapped[int | None]  # year
    manager_email: Mapped[str] = mapped_column(String(254), default="")
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    texts: Mapped[list[ClusterText]] = relationship(
        back_populates="cluster", cascade="all, delete-orphan", lazy="selectin"
    )
    former_names: Mapped[list[FormerName]] = relationship(
        back_populates="cluster",
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="FormerName.since",
    )


class ClusterText(Base):
    """Name and description of a cluster in one language, and what its contact is called there."""

    __tablename__ = "cluster_text"
    __table_args__ = (UniqueConstraint("cluster_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cluster_id: Mapped[int] = mapped_column(ForeignKey("cluster.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")  # Markdown
    manager_role: Mapped[str] = mapped_column(String(200), default="")

    cluster: Mapped[Cluster] = relationship(back_populates="texts")


class FormerName(Base):
    """A name that the cluster had from one year to another; its slug redirects."""

    __tablename__ = "former_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    cluster_id: Mapped[int] = mapped_column(
        ForeignKey("cluster.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    since: Mapped[int | None]  # year
    until: Mapped[int | None]  # year

    cluster: Mapped[Cluster] = relationship(back_populates="former_names")


class Organisation(Base):
    """A funder, programme owner or managing body."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    url: Mapped[str] = mapped_column(String(500), default="")
    country: Mapped[str] = mapped_column(String(2), default="")  # ISO 3166-1 alpha-2
    version: Mapped[int] = mapped_column(default=1)

    texts: Mapped[list[OrganisationText]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan", lazy="selectin"
    )


class OrganisationText(Base):
    """Name of an organisation in one language."""

    __tablename__ = "organisation_text"
    __table_args__ = (UniqueConstraint("organisation_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(300))

    organisation: Mapped[Organisation] = relationship(back_populates="texts")


class Programme(Base):
    """What calls belong to year after year; its names are proper names, the same everywhere."""

    __tablename__ = "programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )
    version: Mapped[int] = mapped_column(default=1)

    owner: Mapped[Organisation | None] = relationship()


class Entry(Base):
    """What news items and calls share.

    `publish_at` is None for a draft and in the future for a scheduled entry; once past it never
    moves, and is the published date in every feed. From `withdrawn_at` on it is off the site, which
    may be a day to come. `revision` goes up with every visible change,
    including those of a cluster's or funder's name, so that it names the entry's rendered form.
    """

    __tablename__ = "entry"
    __table_args__ = (
        Index("ix_entry_listing", "publish_at", "id"),
        Index("ix_entry_photo_id", "photo_id"),
        # The lists of the desk: by the last edit, by the day of publication (which counts the
        # states as well), of what nobody has seen, and of one author. Languages are in the first
        # two so that those which lack one are found without a look at each row.
        Index("ix_entry_edited", "kind", "updated_at", "id", "languages"),
        Index(
            "ix_entry_published",
            "kind",
            "publish_at",
            "id",
            "withdrawn_at",
            "review",
            "languages",
        ),
        Index(
            "ix_entry_unseen",
            "kind",
            "review",
            "updated_at",
            "id",
            sqlite_where=text("publish_at IS NULL"),
            postgresql_where=text("publish_at IS NULL"),
        ),
        Index("ix_entry_author", "created_by", "kind", "updated_at", "id"),
        Index(  # what feeds name as taken away; most entries never are
            "ix_entry_withdrawn",
            "withdrawn_at",
            "kind",
            sqlite_where=text("withdrawn_at IS NOT NULL"),
            postgresql_where=text("withdrawn_at IS NOT NULL"),
        ),
        UniqueConstraint("source", "source_id"),
    )
    __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)  # UUID, minted once
    kind: Mapped[str] = mapped_column(String(8))  # news | call
    publish_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    review: Mapped[str] = mapped_column(String(8), default="")  # of a draft: asked | rejected
    review_at: Mapped[datetime | None]  # since when
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]  # account; None for an importer's and the demo's
    updated_at: Mapped[datetime]  # last visible edit
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)  # optimistic lock of the form
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photo.id", ondelete="SET NULL"))
    photo_credit: Mapped[str] = mapped_column(String(200), default="")
    languages: Mapped[str] = mapped_column(String(60), default="")  # of its titles: ` de en `
    source: Mapped[str | None] = mapped_column(String(60))  # where it was imported from
    source_id: Mapped[str | None] = mapped_column(String(200))
    source_digest: Mapped[str | None] = mapped_column(String(64))  # what the source last said
    is_example: Mapped[bool] = mapped_column(default=False)  # demo content with invented facts

    translations: Mapped[list[Translation]] = relationship(
        back_populates="entry", cascade="all, delete-orphan", lazy="selectin"
    )
    clusters: Mapped[list[Cluster]] = relationship(
        secondary=entry_cluster, order_by="Cluster.position", lazy="selectin"
    )
    related: Mapped[list[Entry]] = relationship(
        secondary=entry_related,
        primaryjoin=lambda: Entry.id == entry_related.c.entry_id,
        secondaryjoin=lambda: Entry.id == entry_related.c.related_id,
    )
    photo: Mapped[Photo | None] = relationship(lazy="joined", innerjoin=False)
    attachments: Mapped[list[Attachment]] = relationship(
        cascade="all, delete-orphan", order_by="Attachment.position"
    )


class Translation(Base):
    """The texts of an entry in one language. `body` and `sections` are Markdown.

    `stale_since` stands from when another language changed, or the entry was copied for a next
    edition, until this one follows or an editor says that it stands as it is.
    """

    __tablename__ = "translation"
    __table_args__ = (
        UniqueConstraint("entry_id", "language"),
        UniqueConstraint("kind", "language", "slug"),
        Index("ix_translation_sorted", "kind", "language", "sort_key", "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))  # the entry's, for the unique slug
    language: Mapped[str] = mapped_column(String(5))
    slug: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(300))
    sort_key: Mapped[str] = mapped_column(BYTEWISE, default="")  # follows the title
    summary: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    sections: Mapped[dict[str, str]] = mapped_column(JSONValue, default=dict)
    quotes: Mapped[list[dict[str, str]]] = mapped_column(JSONValue, default=list)  # text, source
    photo_alt: Mapped[str] = mapped_column(String(300), default="")
    stale_since: Mapped[datetime | None]

    entry: Mapped[Entry] = relationship(back_populates="translations")

    @validates("title")
    def _sort(self, _: str, title: str) -> str:
        self.sort_key = sorting.key(title)
        return title


class StaticPage(Base):
    """A page of the site itself, once an editor has changed it; `id` is its place in `pages.NAMES`.

    It holds only what differs from the text that comes with the software.
    """

    __tablename__ = "static_page"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(default=0)

    texts: Mapped[list[StaticPageText]] = relationship(
        back_populates="page", cascade="all, delete-orphan", lazy="selectin"
    )


class StaticPageText(Base):
    """Title and text (Markdown) of such a page in one language."""

    __tablename__ = "static_page_text"
    __table_args__ = (UniqueConstraint("page_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("static_page.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)

    page: Mapped[StaticPage] = relationship(back_populates="texts")


class SlugHistory(Base):
    """An address that was public once and now leads elsewhere, for ever."""

    __tablename__ = "slug_history"
    __table_args__ = (UniqueConstraint("kind", "language", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))  # news | call | cluster
    language: Mapped[str] = mapped_column(String(5))  # "" where the slug has no language
    slug: Mapped[str] = mapped_column(String(100))
    target_id: Mapped[int] = mapped_column(index=True)


class Tombstone(Base):
    """An address whose entry was public once and was deleted: 410."""

    __tablename__ = "tombstone"
    __table_args__ = (UniqueConstraint("kind", "language", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(5))
    slug: Mapped[str] = mapped_column(String(100))
    deleted_at: Mapped[datetime]


class Generation(Base):
    """The one counter of everything public. `changed_at` rises by a second at least each time."""

    __tablename__ = "generation"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int]
    changed_at: Mapped[datetime]


class EntryChange(Base):
    """The generation that first shows an entry as it is now, or without it.

    Triggers write it whenever an entry comes or goes or its version counts up, whoever did that
    (migration 0032): who keeps something for each entry reads what changed, and not all of them.
    """

    __tablename__ = "entry_change"

    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[int] = mapped_column(index=True)
