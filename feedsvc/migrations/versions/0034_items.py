"""What an item costs: it refers to its reader and its date without keys of the database's.

What these two keys looked up was a third of what writing a row took on PostgreSQL. Triggers do instead
what they did when a reader or a date goes; who writes items locks both (`reminders.writing`).
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KEYS = {"subscriber": "SET NULL", "key_date": "CASCADE"}
# What becomes of the items when a row of these tables goes. What its subscriptions are to an item is
# as in migration 0018; its reader and its date were keys then.
SUBSCRIPTION = (
    "BEFORE", "subscription",
    ("UPDATE reminder_item SET subscription_id = NULL"
    " WHERE subscriber_id = OLD.subscriber_id AND subscription_id = OLD.id"),
)  # fmt: skip
FORMER = (
    "BEFORE", "subscriber",
    ("UPDATE reminder_item SET subscription_id = NULL"
    " WHERE subscriber_id = OLD.id AND subscription_id IS NOT NULL"),
)  # fmt: skip
# After the row is gone: who writes items has let go of it then, and what they wrote is seen.
READER = (
    "AFTER", "subscriber",
    ("UPDATE reminder_item SET subscriber_id = NULL, subscription_id = NULL"
    " WHERE subscriber_id = OLD.id"),
)  # fmt: skip
DATE = ("AFTER", "key_date", "DELETE FROM reminder_item WHERE key_date_id = OLD.id")


def upgrade() -> None:
    # SQLite copies the table, and no trigger may name it meanwhile.
    _drop("subscription")
    _drop("subscriber")
    with op.batch_alter_table("reminder_item") as table:
        for name in KEYS:
            table.drop_constraint(f"fk_reminder_item_{name}_id", type_="foreignkey")
    for trigger in (SUBSCRIPTION, READER, DATE):
        _create(*trigger)


def downgrade() -> None:
    for name in ("subscription", "subscriber", "key_date"):
        _drop(name)
    with op.batch_alter_table("reminder_item") as table:
        for name, then in KEYS.items():
            table.create_foreign_key(
                f"fk_reminder_item_{name}_id", name, [f"{name}_id"], ["id"], ondelete=then
            )
    for trigger in (SUBSCRIPTION, FORMER):
        _create(*trigger)


def _create(when: str, table: str, statement: str) -> None:
    name = f"{table}_ends_for_items"
    if not _is_postgresql():
        op.execute(f"CREATE TRIGGER {name} {when} DELETE ON {table} BEGIN {statement}; END")
        return
    op.execute(f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN {statement}; RETURN OLD; END $$;
        CREATE TRIGGER {name} {when} DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()
    """)


def _drop(table: str) -> None:
    name = f"{table}_ends_for_items"
    if _is_postgresql():
        op.execute(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}")
    else:
        op.execute(f"DROP TRIGGER {name}")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
