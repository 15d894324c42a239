"""What the rights of readers need: a limit per client, consent that nothing edits, old numbers."""

import sqlalchemy as sa
from alembic import op

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

REFUSAL = "the proof of consent is appended, never edited"
ON_SQLITE = f"""
    CREATE TRIGGER consent_event_is_never_edited BEFORE UPDATE ON consent_event
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
"""
ON_POSTGRESQL = f"""
    CREATE FUNCTION consent_event_is_never_edited() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$;
    CREATE TRIGGER consent_event_is_never_edited BEFORE UPDATE ON consent_event
    FOR EACH ROW EXECUTE FUNCTION consent_event_is_never_edited()
"""


def upgrade() -> None:
    op.create_table(
        "asking_client",
        sa.Column("client", sa.String(32), primary_key=True),
        sa.Column("day", sa.Date(), nullable=False, index=True),
        sa.Column("number", Number, nullable=False),
    )
    op.create_table(
        "told_tally",
        sa.Column(
            "call_id", Number, sa.ForeignKey("call.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("word", sa.String(10), primary_key=True),
        sa.Column("number", Number, nullable=False),
    )
    readable = sa.text("address <> ''")
    op.create_index(
        "ix_outbox_mail_readable", "outbox_mail", ["id"],
        sqlite_where=readable, postgresql_where=readable,
    )  # fmt: skip
    op.execute(ON_POSTGRESQL if _is_postgresql() else ON_SQLITE)


def downgrade() -> None:
    table = " ON consent_event" if _is_postgresql() else ""
    op.execute(f"DROP TRIGGER consent_event_is_never_edited{table}")
    if _is_postgresql():
        op.execute("DROP FUNCTION consent_event_is_never_edited")
    op.drop_index("ix_outbox_mail_readable", "outbox_mail")
    op.drop_table("told_tally")
    op.drop_table("asking_client")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
