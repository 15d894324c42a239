"""Which entries changed since a generation: written by triggers, so that nobody can forget it."""

import sqlalchemy as sa
from alembic import op

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# The change is seen with the next generation, which its own transaction begins. PostgreSQL takes
# the writers' turn here (`generation.hold`): until the commit no other generation begins.
NOTE = """
    INSERT INTO entry_change (entry_id, generation) SELECT {row}.id, value + 1 FROM generation
    WHERE true {lock} ON CONFLICT (entry_id) DO UPDATE SET generation = excluded.generation
"""
WHEN = {
    "comes": ("AFTER INSERT", "NEW", ""),
    "changes": ("AFTER UPDATE OF version", "NEW", "WHEN (NEW.version <> OLD.version)"),
    "goes": ("AFTER DELETE", "OLD", ""),
}


def upgrade() -> None:
    op.create_table(
        "entry_change",
        sa.Column("entry_id", Number, primary_key=True, autoincrement=False),
        sa.Column("generation", Number, nullable=False),
    )
    op.create_index("ix_entry_change_generation", "entry_change", ["generation"])
    for word in WHEN:
        op.execute(_trigger(word))


def downgrade() -> None:
    for word in WHEN:
        if _is_postgresql():
            op.execute(f"DROP TRIGGER entry_{word} ON entry; DROP FUNCTION entry_{word}")
        else:
            op.execute(f"DROP TRIGGER entry_{word}")
    op.drop_table("entry_change")


def _trigger(word: str) -> str:
    event, row, condition = WHEN[word]
    if _is_postgresql():
        note = NOTE.format(row=row, lock="FOR UPDATE")
        return f"""
            CREATE FUNCTION entry_{word}() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN {note}; RETURN NULL; END $$;
            CREATE TRIGGER entry_{word} {event} ON entry FOR EACH ROW {condition}
            EXECUTE FUNCTION entry_{word}()
        """
    note = NOTE.format(row=row, lock="")
    return f"CREATE TRIGGER entry_{word} {event} ON entry {condition} BEGIN {note}; END"


def _is_postgresql() -> bool:
    return bool(op.get_context().dialect.name == "postgresql")
