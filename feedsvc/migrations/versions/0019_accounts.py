"""Roles and their clusters, who wrote an entry, and an audit log that cannot be edited."""

import sqlalchemy as sa
from alembic import op

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0019"
down_revision = "0014"
branch_labels = None
depends_on = None

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
    op.add_column("account", sa.Column("language", sa.String(5), nullable=False, server_default=""))
    op.add_column("entry", sa.Column("created_by", Number))
    op.execute(WRITERS)
    op.add_column("history", sa.Column("client", sa.String(60), nullable=False, server_default=""))
    for statement in ON_POSTGRESQL if _is_postgresql() else ON_SQLITE:
        op.execute(statement)


def downgrade() -> None:
    for name in ("edited", "emptied") if _is_postgresql() else ("edited", "deleted"):
        op.execute(f"DROP TRIGGER history_is_never_{name}{_on_history()}")
    if _is_postgresql():
        op.execute("DROP FUNCTION history_is_never_edited")
    op.drop_column("history", "client")
    op.drop_column("entry", "created_by")
    op.drop_column("account", "language")
    op.drop_table("account_cluster")


def _on_history() -> str:
    return " ON history" if _is_postgresql() else ""


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
