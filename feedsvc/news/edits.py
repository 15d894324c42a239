"""What an editor wants a news item to be."""

from __future__ import annotations

from dataclasses import dataclass

from feedsvc.content.edits import EntryEdit


@dataclass(frozen=True, kw_only=True)
class NewsEdit(EntryEdit):
    """A news item has nothing that an entry has not."""
