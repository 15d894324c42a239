"""How many working days before a deadline a reader wants to be ready, and by whose holidays."""

import sqlalchemy as sa
from alembic import op

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("workdays", Number))
    op.add_column(
        "subscriber",
        sa.Column("holidays", sa.String(6), nullable=False, server_default=sa.text("'LU'")),
    )


def downgrade() -> None:
    op.drop_column("subscriber", "holidays")
    op.drop_column("subscriber", "workdays")
