"""Everything there is at first: the tables, the search index and the first generation."""

import sqlalchemy as sa
from alembic import op

import feedsvc.db
from feedsvc.search import index

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", Number, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "cluster",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("founded", Number, nullable=True),
        sa.Column("manager_email", sa.String(length=254), nullable=False),
        sa.Column("position", Number, nullable=False),
        sa.Column("version", Number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster")),
        sa.UniqueConstraint("slug", name=op.f("uq_cluster_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_cluster_uid")),
    )
    op.create_table(
        "consent_event",
        sa.Column("id", Number, nullable=False),
        sa.Column("at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("subscriber_uid", sa.String(length=36), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("wording", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("details", feedsvc.db.JSONValue(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_event")),
    )
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consent_event_subscriber_uid"), ["subscriber_uid"], unique=False
        )

    op.create_table(
        "generation",
        sa.Column("id", Number, nullable=False),
        sa.Column("value", Number, nullable=False),
        sa.Column("changed_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_generation_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation")),
    )
    op.create_table(
        "history",
        sa.Column("id", Number, nullable=False),
        sa.Column("at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor_id", Number, nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", Number, nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("changes", feedsvc.db.JSONValue(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_history_at"), ["at"], unique=False)
        batch_op.create_index("ix_history_subject", ["subject", "subject_id", "id"], unique=False)

    op.create_table(
        "job_heartbeat",
        sa.Column("job", sa.String(length=30), nullable=False),
        sa.Column("finished_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_heartbeat")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("version", Number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisation_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_organisation_uid")),
    )
    op.create_table(
        "outbox_mail",
        sa.Column("id", Number, nullable=False),
        sa.Column("recipient_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("slot_key", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("priority", Number, nullable=False),
        sa.Column("created_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("dated_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("send_after", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("attempts", Number, nullable=False),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.Column("lease_until", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(length=40), nullable=True),
        sa.Column("settled_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint(
            "recipient_key",
            "kind",
            "slot_key",
            name=op.f("uq_outbox_mail_recipient_key_kind_slot_key"),
        ),
    )
    with op.batch_alter_table("outbox_mail", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_mail_due",
            ["priority", "send_after", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'queued'"),
            sqlite_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index("ix_outbox_mail_state", ["state", "lease_until"], unique=False)

    op.create_table(
        "photo",
        sa.Column("id", Number, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("width", Number, nullable=False),
        sa.Column("height", Number, nullable=False),
        sa.Column("bytes", Number, nullable=False),
        sa.Column("created_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_photo_name")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", Number, nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempt_subject_at", ["subject", "at"], unique=False)

    op.create_table(
        "slug_history",
        sa.Column("id", Number, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("target_id", Number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slug_history")),
        sa.UniqueConstraint(
            "kind", "language", "slug", name=op.f("uq_slug_history_kind_language_slug")
        ),
    )
    with op.batch_alter_table("slug_history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slug_history_target_id"), ["target_id"], unique=False)

    op.create_table(
        "stored_filter",
        sa.Column("id", Number, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("award_max_from", feedsvc.db.Amount(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("q", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_filter")),
        sa.UniqueConstraint("digest", name=op.f("uq_stored_filter_digest")),
    )
    op.create_table(
        "subscriber",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("created_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmation_sent_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("email", name=op.f("uq_subscriber_email")),
        sa.UniqueConstraint("uid", name=op.f("uq_subscriber_uid")),
    )
    with op.batch_alter_table("subscriber", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscriber_zone"), ["zone"], unique=False)

    op.create_table(
        "suppression",
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("since", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_suppression")),
    )
    op.create_table(
        "tombstone",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("deleted_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstone")),
        sa.UniqueConstraint(
            "kind", "language", "slug", name=op.f("uq_tombstone_kind_language_slug")
        ),
    )
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tombstone_uid"), ["uid"], unique=False)

    op.create_table(
        "cluster_text",
        sa.Column("id", Number, nullable=False),
        sa.Column("cluster_id", Number, nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("manager_role", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["cluster.id"],
            name=op.f("fk_cluster_text_cluster_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_text")),
        sa.UniqueConstraint(
            "cluster_id", "language", name=op.f("uq_cluster_text_cluster_id_language")
        ),
    )
    op.create_table(
        "entry",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("publish_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revision", Number, nullable=False),
        sa.Column("version", Number, nullable=False),
        sa.Column("photo_id", Number, nullable=True),
        sa.Column("photo_credit", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("source_id", sa.String(length=200), nullable=True),
        sa.Column("source_digest", sa.String(length=64), nullable=True),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photo.id"], name=op.f("fk_entry_photo_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_entry_source_source_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_entry_uid")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index("ix_entry_listing", ["publish_at", "id"], unique=False)

    op.create_table(
        "filter_key",
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("filter_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["filter_id"],
            ["stored_filter.id"],
            name=op.f("fk_filter_key_filter_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "filter_id", name=op.f("pk_filter_key")),
    )
    with op.batch_alter_table("filter_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filter_key_filter_id"), ["filter_id"], unique=False)

    op.create_table(
        "former_name",
        sa.Column("id", Number, nullable=False),
        sa.Column("cluster_id", Number, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("since", Number, nullable=True),
        sa.Column("until", Number, nullable=True),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["cluster.id"],
            name=op.f("fk_former_name_cluster_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_name")),
    )
    with op.batch_alter_table("former_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_name_cluster_id"), ["cluster_id"], unique=False)

    op.create_table(
        "organisation_text",
        sa.Column("id", Number, nullable=False),
        sa.Column("organisation_id", Number, nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_text_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_text")),
        sa.UniqueConstraint(
            "organisation_id",
            "language",
            name=op.f("uq_organisation_text_organisation_id_language"),
        ),
    )
    op.create_table(
        "programme",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("owner_id", Number, nullable=True),
        sa.Column("version", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_programme_owner_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("slug", name=op.f("uq_programme_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_programme_uid")),
    )
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_programme_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "web_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", Number, nullable=True),
        sa.Column("data", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("created_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_web_session_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_web_session")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "call",
        sa.Column("id", Number, nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("series", sa.String(length=200), nullable=False),
        sa.Column("edition", sa.String(length=60), nullable=False),
        sa.Column("programme_id", Number, nullable=True),
        sa.Column("deadline_model", sa.String(length=20), nullable=False),
        sa.Column("opens_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closes_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.String(length=30), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_budget", feedsvc.db.Amount(), nullable=True),
        sa.Column("award_min", feedsvc.db.Amount(), nullable=True),
        sa.Column("award_max", feedsvc.db.Amount(), nullable=True),
        sa.Column("expected_awards", Number, nullable=True),
        sa.Column("cofinancing_min", feedsvc.db.Amount(), nullable=True),
        sa.Column("cofinancing_max", feedsvc.db.Amount(), nullable=True),
        sa.Column("aid_types", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("geographies", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("trl_min", Number, nullable=True),
        sa.Column("trl_max", Number, nullable=True),
        sa.Column("apply_url", sa.String(length=1000), nullable=False),
        sa.Column("info_url", sa.String(length=1000), nullable=False),
        sa.Column("contact_role", sa.String(length=200), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("documents", feedsvc.db.JSONValue(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["entry.id"], name=op.f("fk_call_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_call_programme_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_award_max"), ["award_max"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_closes_at"), ["closes_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_opens_at"), ["opens_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "entry_cluster",
        sa.Column("entry_id", Number, nullable=False),
        sa.Column("cluster_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["cluster.id"],
            name=op.f("fk_entry_cluster_cluster_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_entry_cluster_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "cluster_id", name=op.f("pk_entry_cluster")),
    )
    with op.batch_alter_table("entry_cluster", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_entry_cluster_cluster_id"), ["cluster_id"], unique=False
        )

    op.create_table(
        "entry_related",
        sa.Column("entry_id", Number, nullable=False),
        sa.Column("related_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_entry_related_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["related_id"],
            ["entry.id"],
            name=op.f("fk_entry_related_related_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_id", "related_id", name=op.f("pk_entry_related")),
    )
    with op.batch_alter_table("entry_related", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_entry_related_related_id"), ["related_id"], unique=False
        )

    op.create_table(
        "news_item",
        sa.Column("id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["entry.id"], name=op.f("fk_news_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_item")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("subscriber_id", Number, nullable=False),
        sa.Column("filter_id", Number, nullable=True),
        sa.Column("entry_id", Number, nullable=True),
        sa.Column("created_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", feedsvc.db.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(filter_id IS NULL) <> (entry_id IS NULL)", name=op.f("ck_subscription_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_subscription_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["stored_filter.id"], name=op.f("fk_subscription_filter_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_subscription_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint(
            "subscriber_id", "entry_id", name=op.f("uq_subscription_subscriber_id_entry_id")
        ),
        sa.UniqueConstraint(
            "subscriber_id", "filter_id", name=op.f("uq_subscription_subscriber_id_filter_id")
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_subscription_uid")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index("ix_subscription_entry", ["entry_id", "id"], unique=False)
        batch_op.create_index("ix_subscription_filter", ["filter_id", "id"], unique=False)

    op.create_table(
        "translation",
        sa.Column("id", Number, nullable=False),
        sa.Column("entry_id", Number, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sections", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("quotes", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("photo_alt", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_translation_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translation")),
        sa.UniqueConstraint("entry_id", "language", name=op.f("uq_translation_entry_id_language")),
        sa.UniqueConstraint(
            "kind", "language", "slug", name=op.f("uq_translation_kind_language_slug")
        ),
    )
    op.create_table(
        "call_applicant",
        sa.Column("call_id", Number, nullable=False),
        sa.Column("applicant", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_call_applicant_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "applicant", name=op.f("pk_call_applicant")),
    )
    with op.batch_alter_table("call_applicant", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_call_applicant_applicant"), ["applicant"], unique=False
        )

    op.create_table(
        "call_event",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("call_id", Number, nullable=False),
        sa.Column("at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("key_date_uid", sa.String(length=36), nullable=True),
        sa.Column("old", feedsvc.db.JSONValue(), nullable=True),
        sa.Column("new", feedsvc.db.JSONValue(), nullable=True),
        sa.Column("reasons", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_call_event_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_event")),
        sa.UniqueConstraint("uid", name=op.f("uq_call_event_uid")),
    )
    with op.batch_alter_table("call_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_event_call_id"), ["call_id"], unique=False)

    op.create_table(
        "call_funder",
        sa.Column("call_id", Number, nullable=False),
        sa.Column("organisation_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_call_funder_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_call_funder_organisation_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("call_id", "organisation_id", name=op.f("pk_call_funder")),
    )
    with op.batch_alter_table("call_funder", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_call_funder_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "key_date",
        sa.Column("id", Number, nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("call_id", Number, nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=True),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("precision", sa.String(length=8), nullable=False),
        sa.Column("certainty", sa.String(length=10), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("is_deadline", sa.Boolean(), nullable=False),
        sa.Column("utc_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("labels", feedsvc.db.JSONValue(), nullable=False),
        sa.Column("sequence", Number, nullable=False),
        sa.Column("updated_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_key_date_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_date")),
        sa.UniqueConstraint("uid", name=op.f("uq_key_date_uid")),
    )
    with op.batch_alter_table("key_date", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_key_date_call_id"), ["call_id"], unique=False)
        batch_op.create_index(
            "ix_key_date_closing", ["is_deadline", "utc_at", "call_id"], unique=False
        )

    op.create_table(
        "subscription_offset",
        sa.Column("subscription_id", Number, nullable=False),
        sa.Column("days", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_subscription_offset_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "days", name=op.f("pk_subscription_offset")),
    )
    op.create_table(
        "occasion",
        sa.Column("id", Number, nullable=False),
        sa.Column("key_date_id", Number, nullable=False),
        sa.Column("call_id", Number, nullable=False),
        sa.Column("deadline_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("days", Number, nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("due_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("known_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_occasion_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["key_date_id"],
            ["key_date.id"],
            name=op.f("fk_occasion_key_date_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occasion")),
        sa.UniqueConstraint(
            "key_date_id",
            "deadline_at",
            "days",
            "zone",
            name=op.f("uq_occasion_key_date_id_deadline_at_days_zone"),
        ),
    )
    with op.batch_alter_table("occasion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_occasion_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_occasion_deadline_at"), ["deadline_at"], unique=False)
        batch_op.create_index(
            "ix_occasion_due",
            ["due_at"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "reminder_item",
        sa.Column("id", Number, nullable=False),
        sa.Column("occasion_id", Number, nullable=False),
        sa.Column("subscriber_id", Number, nullable=False),
        sa.Column("subscription_id", Number, nullable=True),
        sa.Column("key_date_id", Number, nullable=False),
        sa.Column("deadline_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("days", Number, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("turn", Number, nullable=False),
        sa.Column("mail_id", Number, nullable=True),
        sa.Column("planned_at", feedsvc.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_date_id"],
            ["key_date.id"],
            name=op.f("fk_reminder_item_key_date_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["outbox_mail.id"],
            name=op.f("fk_reminder_item_mail_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["occasion_id"],
            ["occasion.id"],
            name=op.f("fk_reminder_item_occasion_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_reminder_item_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_reminder_item_subscription_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_item")),
        sa.UniqueConstraint(
            "subscriber_id",
            "key_date_id",
            "deadline_at",
            "days",
            name=op.f("uq_reminder_item_subscriber_id_key_date_id_deadline_at_days"),
        ),
    )
    with op.batch_alter_table("reminder_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reminder_item_key_date_id"), ["key_date_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_reminder_item_mail_id"), ["mail_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_reminder_item_occasion_id"), ["occasion_id"], unique=False
        )
        batch_op.create_index(
            "ix_reminder_item_planned",
            ["subscriber_id"],
            unique=False,
            postgresql_where=sa.text("state = 'planned'"),
            sqlite_where=sa.text("state = 'planned'"),
        )
        batch_op.create_index(
            batch_op.f("ix_reminder_item_subscription_id"), ["subscription_id"], unique=False
        )

    for statement in index.create_ddl(op.get_context().dialect.name):
        op.execute(statement)
    op.execute(
        "INSERT INTO generation (id, value, changed_at) VALUES (1, 0, '2000-01-01 00:00:00+00')"
        if op.get_context().dialect.name == "postgresql"
        else "INSERT INTO generation (id, value, changed_at)"
        " VALUES (1, 0, '2000-01-01 00:00:00.000000')"
    )


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first schema; restore a backup instead")
