"""A library of pictures and documents: what they show, who brought them, which entry hands out what."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OF_PHOTOS = (
    ("label", sa.String(200), ""),
    ("credit", sa.String(200), ""),
    ("decorative", sa.Boolean(), sa.false()),
    ("focus_x", Number, "50"),
    ("focus_y", Number, "50"),
    ("ready", sa.Boolean(), sa.false()),
    ("has_avif", sa.Boolean(), sa.false()),
    ("version", Number, "1"),
)
# What was written of a photo at its entries is what the library knows of it.
SHOWN = """
    INSERT INTO photo_text (photo_id, language, alt)
    SELECT entry.photo_id, translation.language, min(translation.photo_alt)
    FROM entry JOIN translation ON translation.entry_id = entry.id
    WHERE entry.photo_id IS NOT NULL AND translation.photo_alt <> ''
    GROUP BY entry.photo_id, translation.language
"""
CREDITED = """
    UPDATE photo SET credit = coalesce(
        (SELECT min(entry.photo_credit) FROM entry WHERE entry.photo_id = photo.id), ''
    )
"""


def upgrade() -> None:
    op.add_column("photo", sa.Column("created_by", Number))
    for name, kind, default in OF_PHOTOS:
        op.add_column("photo", sa.Column(name, kind, nullable=False, server_default=default))
    op.create_table(
        "photo_text",
        sa.Column("id", Number, primary_key=True),
        sa.Column(
            "photo_id", Number, sa.ForeignKey("photo.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("alt", sa.String(300), nullable=False),
        sa.UniqueConstraint("photo_id", "language"),
    )
    op.create_table(
        "document",
        sa.Column("id", Number, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("bytes", Number, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", Number),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("version", Number, nullable=False),
    )
    op.create_table(
        "document_text",
        sa.Column("id", Number, primary_key=True),
        sa.Column(
            "document_id", Number, sa.ForeignKey("document.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.UniqueConstraint("document_id", "language"),
    )
    op.create_table(
        "attachment",
        sa.Column(
            "entry_id", Number, sa.ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column(
            "document_id", Number, sa.ForeignKey("document.id", ondelete="RESTRICT"),
            primary_key=True,
        ),
        sa.Column("position", Number, nullable=False),
    )  # fmt: skip
    op.create_index("ix_attachment_document_id", "attachment", ["document_id"])
    op.create_index("ix_entry_photo_id", "entry", ["photo_id"])
    op.execute(SHOWN)
    op.execute(CREDITED)


def downgrade() -> None:
    op.drop_index("ix_entry_photo_id", "entry")
    op.drop_table("attachment")
    op.drop_table("document_text")
    op.drop_table("document")
    op.drop_table("photo_text")
    for name, _, _ in OF_PHOTOS:
        op.drop_column("photo", name)
    op.drop_column("photo", "created_by")
