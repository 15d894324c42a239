"""An index for what was taken away: each Atom feed asks for it when it is made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SOME = sa.text("withdrawn_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_entry_withdrawn", "entry", ["withdrawn_at"], sqlite_where=SOME, postgresql_where=SOME
    )


def downgrade() -> None:
    op.drop_index("ix_entry_withdrawn", "entry")
