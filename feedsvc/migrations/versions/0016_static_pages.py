"""The pages of the site itself, as far as editors have changed them."""

import sqlalchemy as sa
from alembic import op

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "static_page",
        sa.Column("id", Number, primary_key=True, autoincrement=False),
        sa.Column("version", Number, nullable=False),
    )
    op.create_table(
        "static_page_text",
        sa.Column("id", Number, primary_key=True),
        sa.Column(
            "page_id", Number, sa.ForeignKey("static_page.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.UniqueConstraint("page_id", "language"),
    )


def downgrade() -> None:
    op.drop_table("static_page_text")
    op.drop_table("static_page")
