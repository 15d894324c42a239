"""What an item costs: it refers to its subscription without a key of the database's.

The index of that key and the look at the subscription were paid for each row. Triggers take the
reference away with the subscription instead; they find the items by their reader.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FOREIGN_KEY, INDEX = "fk_reminder_item_subscription_id", "ix_reminder_item_subscription_id"
FORGET = "UPDATE reminder_item SET subscription_id = NULL WHERE"
# A subscription that goes with its reader finds no items of them any more: hence the second.
ENDS = {
    "subscription": f"{FORGET} subscriber_id = OLD.subscriber_id AND subscription_id = OLD.id",
    "subscriber": f"{FORGET} subscriber_id = OLD.id AND subscription_id IS NOT NULL",
}


def upgrade() -> None:
    _index(["subscriber_id", "confirmed_at"])
    with op.batch_alter_table("reminder_item") as table:
        table.drop_index(INDEX)
        table.drop_constraint(FOREIGN_KEY, type_="foreignkey")
    for table_name, statement in ENDS.items():
        op.execute(_trigger(table_name, statement))


def downgrade() -> None:
    for table_name in ENDS:
        name = f"{table_name}_ends_for_items"
        if _is_postgresql():
            op.execute(f"DROP TRIGGER {name} ON {table_name}; DROP FUNCTION {name}")
        else:
            op.execute(f"DROP TRIGGER {name}")
    item = sa.table("reminder_item", sa.column("subscription_id"))
    op.execute(
        sa.update(item)
        .where(
            item.c.subscription_id.not_in(sa.select(sa.table("subscription", sa.column("id")).c.id))
        )
        .values(subscription_id=None)
    )
    with op.batch_alter_table("reminder_item") as table:
        table.create_foreign_key(
            FOREIGN_KEY, "subscription", ["subscription_id"], ["id"], ondelete="SET NULL"
        )
        table.create_index(INDEX, ["subscription_id"])
    _index(["subscriber_id"])


def _trigger(table: str, statement: str) -> str:
    name = f"{table}_ends_for_items"
    if _is_postgresql():
        return f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN {statement}; RETURN OLD; END $$;
            CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()
        """
    return f"CREATE TRIGGER {name} BEFORE DELETE ON {table} BEGIN {statement}; END"


def _index(more: list[str]) -> None:
    for subject in ("filter", "entry"):
        op.drop_index(f"ix_subscription_{subject}", "subscription")
        op.create_index(f"ix_subscription_{subject}", "subscription", [f"{subject}_id", *more])


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
