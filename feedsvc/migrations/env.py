"""Alembic's entry: run on the connection that `feedsvc.migrations` hands over, in its transaction."""

from alembic import context

import feedsvc.auth.models
import feedsvc.calls.models
import feedsvc.content.models
import feedsvc.house.models
import feedsvc.insight.models
import feedsvc.mail.models
import feedsvc.news.models
import feedsvc.reminders.models
import feedsvc.subscriptions.models
import feedsvc.websub.models  # noqa: F401
from feedsvc.db import Base
from feedsvc.migrations import connection_of, is_ours

context.configure(
    connection=connection_of(context.config),
    target_metadata=Base.metadata,
    include_name=is_ours,
    render_as_batch=True,
    user_module_prefix="feedsvc.db.",
)
context.run_migrations()
