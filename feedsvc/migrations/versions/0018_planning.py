"""When a subscription was confirmed, in the indexes by which the planner finds who asks for a call."""

from alembic import op

revision = "0018"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index(["subscriber_id", "confirmed_at"])


def downgrade() -> None:
    _index(["subscriber_id"])


def _index(more: list[str]) -> None:
    for subject in ("filter", "entry"):
        op.drop_index(f"ix_subscription_{subject}", "subscription")
        op.create_index(f"ix_subscription_{subject}", "subscription", [f"{subject}_id", *more])
