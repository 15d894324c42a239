"""Roles and their clusters, a second step to sign in, who wrote an entry, a log nobody edits."""

import sqlalchemy as sa
from alembic import op

from feedsvc.db import UTCDateTime

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TEXTS = (
    ("account", "language", sa.String(5)),
    ("account", "totp_salt", sa.String(32)),
    ("web_session", "client", sa.String(60)),
    ("web_session", "agent", sa.String(300)),
    ("history", "client", sa.String(60)),
)
WRITERS = """
    UPDATE entry SET created_by = (
        SELECT actor_id FROM history
        WHERE subject = entry.kind AND subject_id = entry.id AND act = 'created'
        ORDER BY history.id DESC LIMIT 1
    )
"""
REFUSAL = "the audit log is appended, never edited"
ON_SQLITE = [
    f"""
    CREATE TRIGGER history_is_never_{word} BEFORE {act} ON history
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """
    for word, act in (("edited", "UPDATE"), ("deleted", "DELETE"))
]
ON_POSTGRESQL = [
    f"""
    CREATE FUNCTION history_is_never_edited() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
    """,
    """
    CREATE TRIGGER history_is_never_edited BEFORE UPDATE OR DELETE ON history
    FOR EACH ROW EXECUTE FUNCTION history_is_never_edited()
    """,
    """
    CREATE TRIGGER history_is_never_emptied BEFORE TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION history_is_never_edited()
    """,
]


def upgrade() -> None:
    op.create_table(
        "account_cluster",
        sa.Column(
            "account_id", Number, sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column(
            "cluster_id", Number, sa.ForeignKey("cluster.id", ondelete="CASCADE"),
            primary_key=True, index=True,
        ),
    )  # fmt: skip
    op.create_table(
        "recovery_code",
        sa.Column(
            "account_id", Number, sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("digest", sa.String(32), primary_key=True),
    )
    for table, column, kind in TEXTS:
        op.add_column(table, sa.Column(column, kind, nullable=False, server_default=""))
    op.add_column("account", sa.Column("totp_since", UTCDateTime()))
    op.add_column("account", sa.Column("totp_step", Number, nullable=False, server_default="0"))
    op.add_column("web_session", sa.Column("confirmed_at", UTCDateTime()))
    op.add_column("entry", sa.Column("created_by", Number))
    op.execute(WRITERS)
    op.create_index("ix_history_actor", "history", ["actor_id", "id"])
    for statement in ON_POSTGRESQL if _is_postgresql() else ON_SQLITE:
        op.execute(statement)


def downgrade() -> None:
    for name in ("edited", "emptied") if _is_postgresql() else ("edited", "deleted"):
        op.execute(f"DROP TRIGGER history_is_never_{name}{_on_history()}")
    if _is_postgresql():
        op.execute("DROP FUNCTION history_is_never_edited")
    op.drop_index("ix_history_actor", "history")
    op.drop_column("entry", "created_by")
    op.drop_column("web_session", "confirmed_at")
    op.drop_column("account", "totp_step")
    op.drop_column("account", "totp_since")
    for table, column, _ in TEXTS:
        op.drop_column(table, column)
    op.drop_table("recovery_code")
    op.drop_table("account_cluster")


def _on_history() -> str:
    return " ON history" if _is_postgresql() else ""


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
