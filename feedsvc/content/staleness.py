"""Which translations lag behind: another language changed, and they did not follow.

1. A text that was up to date and changes leaves the others behind.
2. One that lags and changes has caught up, and leaves nobody behind.
3. An editor may say that a text stands as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from feedsvc.content.edits import EntryEdit
from feedsvc.content.models import Entry

Words = Mapping[str, tuple[Any, ...]]


def words(entry: Entry) -> Words:
    """What is translated, by language."""
    return {
        text.language: (text.title, text.summary, text.body, text.sections, text.quotes)
        for text in entry.translations
    }


def mark(entry: Entry, before: Words, edit: EntryEdit, *, now: datetime) -> None:
    """After the texts were assigned; `before` is how they were."""
    after = words(entry)
    changed = {code for code in before.keys() & after.keys() if before[code] != after[code]}
    stale = {text.language for text in entry.translations if text.stale_since is not None}
    leaves_behind = bool(changed - stale)
    for text in entry.translations:
        if text.language in changed or edit.texts[text.language].stands:
            text.stale_since = None
        elif leaves_behind and text.language in before and text.stale_since is None:
            text.stale_since = now
