"""What the admin's forms have in common: fields that read what people type, and where errors go.

Fields never refuse a post by themselves. `Form.right()` gathers what could not be read and what the
domain's rules say, and marks each field once; templates show the marks at the field and on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import wtforms
from wtforms import Field, FieldList, FormField, StringField, TextAreaField
from wtforms.widgets import TextInput

from feedsvc.errors import Invalid, Problem
from feedsvc.i18n import N_
from feedsvc.web import context

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ErrorLine:
    """One line of the error summary: the id of the field that it links to, and the sentence."""

    id: str
    text: str


class Read(StringField):
    """A text that means something: `read` makes the value of it, `write` the text again.

    What was typed is shown again as it was typed.
    """

    data: Any

    def __init__(
        self,
        label: str,
        *,
        read: Callable[[str], Any],
        write: Callable[[Any], str] = str,
        input_type: str = "text",
        **options: Any,
    ) -> None:
        super().__init__(label, widget=TextInput(input_type), **options)
        self.read, self.write = read, write

    def process_formdata(self, values: list[str]) -> None:
        text = values[0].strip() if values else ""
        self.data = None
        if text:
            self.data = self.read(text)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)


class Line(StringField):
    """A line of text of at most `most` characters: what its column holds."""

    data: Any

    def __init__(self, label: str = "", *, most: int = 200, **options: Any) -> None:
        super().__init__(label, **options)
        self.most = most

    def process_formdata(self, values: list[str]) -> None:
        self.data = values[0] if values else None
        if self.data and len(self.data) > self.most:
            words = N_("Shorten this to %(most)s characters.")
            raise ValueError(Problem(self.id, words, (("most", self.most),)))


class Area(TextAreaField):
    """A text of several lines. Browsers send CRLF at their ends, whatever they were shown."""

    def process_formdata(self, values: list[str]) -> None:
        self.data = values[0].replace("\r\n", "\n") if values else None


class One(StringField):
    """One value out of `choices` (value, words), which the view may set."""

    data: Any

    def __init__(self, label: str, choices: Choices = (), **options: Any) -> None:
        super().__init__(label, **options)
        self.choices = choices


class Many(Field):
    """Any number of values out of `choices` (value, words), which the view may set.

    `searched` says that these are not all there are: the others are found by words.
    """

    data: Any

    def __init__(self, label: str, choices: Choices = (), **options: Any) -> None:
        super().__init__(label, **options)
        self.choices = choices
        self.searched = False

    def process_formdata(self, values: list[str]) -> None:
        self.data = list(dict.fromkeys(values))

    def _value(self) -> list[str]:
        return self.data or []


class Form(wtforms.Form):
    """A form whose errors are marks: sentences by the id of the field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.marks: dict[str, list[str]] = {}
        # Rows of a list that say nothing are skipped: which row the n-th of the edit came from.
        self.rows: dict[str, list[int]] = {}

    def check(self) -> None:
        """The domain's rules, for forms that have any. Raises: Invalid."""

    def right(self) -> bool:
        """Whether everything can be read and stands to the rules; marks what does not."""
        self.marks = {}
        for field in leaves(self):
            if field.process_errors:
                self.marks[field.id] = [
                    context.lang().gettext(str(e)) for e in field.process_errors
                ]
        try:
            self.check()
        except Invalid as invalid:
            self.mark(*invalid.problems)
        return not self.marks

    def mark(self, *problems: Problem) -> None:
        """Put each problem at its field, unless something at or around it is marked already."""
        before = set(self.marks)
        for problem in problems:
            place = self.place(problem.field)
            if not any(_around(place, marked) for marked in before):
                self.marks.setdefault(place, []).append(said(problem))

    def errors_of(self, field: Field) -> list[str]:
        return self.marks.get(field.id, [])

    def problems(self) -> list[ErrorLine]:
        """The lines of the summary, in the order of the page as far as it is known."""
        order = {field_id: number for number, field_id in enumerate(ids(self))}
        places = sorted(self.marks, key=lambda place: order.get(place, -1))
        return [ErrorLine(place, text) for place in places for text in self.marks[place]]

    def has_marks(self, prefix: str) -> bool:
        """Whether something inside that part of the form is marked."""
        return any(_around(prefix, marked) for marked in self.marks)

    def place(self, name: str) -> str:
        """The id of a field by its name.

        `key_dates.1.date` is the second date that was typed, maybe in the third row.
        """
        parts = name.split(".")
        for place, part in enumerate(parts):
            rows = self.rows.get("-".join(parts[:place]))
            if rows is not None and part.isdigit() and int(part) < len(rows):
                parts[place] = str(rows[int(part)])
        return "-".join(parts)


def said(error: Problem | str) -> str:
    """What is wrong, in the language of the page."""
    if isinstance(error, Problem):
        return context.lang().gettext(error.message, **dict(error.values))
    return context.lang().gettext(error)


def leaves(fields: Any) -> Iterator[Field]:
    """Every field that holds a value itself."""
    for field in fields:
        if isinstance(field, FormField | FieldList):
            yield from leaves(field)
        else:
            yield field


def ids(fields: Any) -> Iterator[str]:
    """The ids of all fields, groups before what is in them."""
    for field in fields:
        yield field.id
        if isinstance(field, FormField | FieldList):
            yield from ids(field)


def _around(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "-") or other.startswith(one + "-")
