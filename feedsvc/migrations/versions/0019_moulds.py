"""What many mails have in common is kept once. Mails that are there keep their whole text."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime
from feedsvc.mail.casting import Mould

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_mould",
        sa.Column("digest", sa.String(32), primary_key=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
    )
    with op.batch_alter_table("outbox_mail") as table:
        table.add_column(sa.Column("mould", sa.String(32)))
        table.create_foreign_key(op.f("fk_outbox_mail_mould"), "mail_mould", ["mould"], ["digest"])
    moulded = sa.text("mould IS NOT NULL")
    op.create_index(
        "ix_outbox_mail_mould", "outbox_mail", ["mould"],
        sqlite_where=moulded, postgresql_where=moulded,
    )  # fmt: skip


def downgrade() -> None:
    _put_together()
    op.drop_index("ix_outbox_mail_mould", "outbox_mail")
    with op.batch_alter_table("outbox_mail") as table:
        table.drop_constraint(op.f("fk_outbox_mail_mould"), type_="foreignkey")
        table.drop_column("mould")
    op.drop_table("mail_mould")


def _put_together() -> None:
    """Each mail gets its whole text again."""
    mail = sa.table("outbox_mail", *(sa.column(name) for name in ("id", "content", "mould")))
    kept = sa.table("mail_mould", *(sa.column(name) for name in ("digest", "content")))
    link = op.get_bind()
    for digest, pieces in link.execute(sa.select(kept.c.digest, kept.c.content)).all():
        mould = Mould.of_text(pieces)
        rows = link.execute(sa.select(mail.c.id, mail.c.content).where(mail.c.mould == digest))
        for mail_id, values in rows.all():
            link.execute(
                sa.update(mail).where(mail.c.id == mail_id).values(content=mould.cast(values))
            )
