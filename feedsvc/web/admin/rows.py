"""Add and take away rows of a form's lists, without a script: a submit button names what to do.

`add:key_dates` makes one more row, `remove:key_dates-2` takes the third one away; lists in the
part of a language are `texts-en-quotes`. The buttons' own script does the same in the page.
"""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, FormField

from feedsvc.web.admin.forms.base import Form


def changed(form: Form, action: str) -> str | None:
    """Do what the button says; the id of the place that wants the cursor, None if it is no row's."""
    verb, _, place = action.partition(":")
    if verb == "add":
        found = _list(form, place)
        if found is not None and len(found) < found.max_entries:
            return first_field(found.append_entry())
        return place
    if verb == "remove":
        name, _, number = place.rpartition("-")
        found = _list(form, name)
        if found is not None and number.isdigit() and int(number) < len(found):
            found.pop_entry(int(number))
        return f"{name}-add"
    return None


def blank(field: FieldList) -> Any:
    """An empty row whose names hold `__n__` where the number goes: the template for the script."""
    row = field.unbound_field.bind(form=None, name=f"{field.name}-__n__", _meta=field.meta)
    row.process(None)
    return row


def first_field(row: Any) -> str:
    """The first input of a row that is not hidden."""
    shown = [field for field in row if field.type != "HiddenField"]
    return str(shown[0].id)


def _list(form: Form, name: str) -> FieldList | None:
    found: Any = form
    for part in name.split("-"):
        if isinstance(found, FieldList) or part not in (found.data or {}):
            return None
        found = found[part]
        if isinstance(found, FormField):
            found = found.form
    return found if isinstance(found, FieldList) else None
