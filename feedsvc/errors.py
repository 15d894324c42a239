"""The domain's words for what can go wrong. `web.errors` turns each into a page.

Every error carries a message id (an English sentence with `%(name)s` slots) and its values,
so that the edge can say it in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass


class FeedsvcError(Exception):
    """A sentence for the person who asked, with the values that fill it."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class NotFound(FeedsvcError):
    """There is no such thing, or not for this reader: 404."""


class Gone(FeedsvcError):
    """It was public once and has been taken away for good: 410."""


class Forbidden(FeedsvcError):
    """The account may not do this: 403."""


class Conflict(FeedsvcError):
    """Somebody else changed it first: 409."""


class TooMany(FeedsvcError):
    """Too many attempts: 429. `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int, **values: object) -> None:
        super().__init__(message, **values)
        self.retry_after = retry_after


class TooSlow(FeedsvcError):
    """To answer would take too long: 503. What to say of it is the page's."""

    def __init__(self) -> None:
        super().__init__("")


class BadRequest(FeedsvcError):
    """The address or the body says something that has no meaning here: 400."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field, as a sentence that says what to do."""

    field: str
    message: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.message % dict(self.values) if self.values else self.message


class Invalid(FeedsvcError):
    """What was typed cannot be kept as it is: one `Problem` per field."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.field}: {p}" for p in problems))
        self.problems = problems
