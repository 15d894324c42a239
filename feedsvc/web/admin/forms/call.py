"""The call form: any number of key dates, and money."""

from __future__ import annotations

import datetime as dt
from typing import Any

import wtforms
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
)
from wtforms.utils import unset_value

from feedsvc.calls import dates, rules
from feedsvc.calls.edits import CallEdit, Document, KeyDateEdit
from feedsvc.calls.models import Call, KeyDate
from feedsvc.calls.words import AID_NAMES, KEY_DATE_NAMES
from feedsvc.content.words import APPLICANT_NAMES, MODEL_NAMES
from feedsvc.i18n import N_
from feedsvc.web import context
from feedsvc.web.admin.forms.base import Area, Form, Line, Many, One, Read
from feedsvc.web.admin.forms.entry import MOST_ROWS, EntryForm, TextForm, entry_values, in_languages
from feedsvc.web.admin.forms.fields import (
    AmountField,
    CountriesField,
    DateField,
    NumberField,
    RateField,
    SizeField,
    TimeField,
    ZoneField,
)

EXACT = "day"
CHOOSE = ("", N_("Choose"))
DATE_TYPES = [CHOOSE, *((kind, KEY_DATE_NAMES[kind]) for kind in dates.KEY_DATE_TYPES)]
PRECISIONS = [
    (EXACT, N_("this day")),
    ("month", N_("some day of this month")),
    ("quarter", N_("some day of this quarter")),
    ("year", N_("some day of this year")),
]
CERTAINTIES = [("confirmed", N_("confirmed")), ("estimated", N_("expected"))]
CLOSE_REASONS = [
    ("", N_("by its dates")),
    ("budget_exhausted", N_("closed early: the budget is used up")),
    ("withdrawn", N_("closed early: withdrawn")),
    ("superseded", N_("closed early: replaced by another call")),
    ("deadline", N_("closed: the deadline has passed")),
]


class CallTextForm(TextForm):
    eligibility = Area(N_("Who can apply"))
    how_to_apply = Area(N_("How to apply"))
    funding = Area(N_("What is funded"))

    sections = rules.SECTIONS


class LineForm(wtforms.Form):
    """One line of text in one language: the field takes the whole part."""

    line = Line(most=300)


class KeyDateForm(wtforms.Form):
    """One date of the call. With `uid` it is a known one; wholly empty, it says nothing."""

    uid = HiddenField()
    type = One(N_("What"), choices=DATE_TYPES)
    date = DateField(N_("Date"))
    time = TimeField(N_("Time"))
    zone = ZoneField(N_("Time zone"))
    precision = One(N_("How exact"), choices=PRECISIONS, default=EXACT)
    certainty = One(N_("How sure"), choices=CERTAINTIES, default="confirmed")
    optional = BooleanField(N_("Applicants may skip it"))
    labels = FormField(in_languages(LineForm), N_("Own name of this date"))

    @property
    def is_empty(self) -> bool:
        typed = (self.uid, self.type, self.date, self.time)
        return not any(field.data or (field.raw_data and field.raw_data[0]) for field in typed)

    @property
    def is_bare(self) -> bool:
        """Whether it says nothing but what the date will be."""
        typed = (
            self.uid,
            self.date,
            self.time,
            *(self.labels[code].form.line for code in self.labels.data),
        )
        return not any(field.data or (field.raw_data and field.raw_data[0]) for field in typed)

    def edit(self) -> KeyDateEdit | None:
        """The date as far as it can be read; None without a day and a zone."""
        if self.date.data is None or self.zone.data is None:
            return None
        precision = self.precision.data or EXACT
        time = self.time.data if precision == EXACT else None
        return KeyDateEdit(
            type=self.type.data or "",
            date=self.date.data,
            time=time,
            zone=self.zone.data,
            uid=self.uid.data or None,
            precision="minute" if time is not None else precision,
            certainty=self.certainty.data or "confirmed",
            mandatory=not self.optional.data,
            labels=lines(self.labels),
        )


class DocumentForm(wtforms.Form):
    title = Line(N_("Title"))
    url = Line(N_("Web address"), most=1000)
    size = SizeField(N_("Size"))


class DateRows(FieldList):
    """The key dates. What a new call begins with is not shown of one that has none."""

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        if data is not unset_value:
            self.default = ()
        super().process(formdata, data, extra_filters)


class CallForm(EntryForm):
    """A call for projects."""

    texts = FormField(in_languages(CallTextForm), N_("Texts"))
    deadline_model = One(
        N_("How it closes"), choices=list(MODEL_NAMES.items()), default="single_stage"
    )
    key_dates = DateRows(
        FormField(KeyDateForm),
        N_("Key dates"),
        max_entries=MOST_ROWS,
        default=({"type": "submission"},),  # what nearly every new call has
    )
    close_reason = One(N_("The call closes"), choices=CLOSE_REASONS)
    reasons = FormField(in_languages(LineForm), N_("Why it changes"))
    minor = BooleanField(N_("A correction that readers need not be told of"))

    currency = Line(N_("Currency"), default="EUR")
    award_max = AmountField(N_("Funding cap for a project"))
    award_min = AmountField(N_("Least for a project"))
    total_budget = AmountField(N_("Total budget of the call"))
    cofinancing_min = RateField(N_("Share of the costs from, in percent"))
    cofinancing_max = RateField(N_("Share of the costs up to, in percent"))
    expected_awards = NumberField(N_("Number of projects expected"))
    aid_types = Many(N_("Kind of funding"), tuple(AID_NAMES.items()))

    applicants = Many(N_("Who can apply"), tuple(APPLICANT_NAMES.items()))
    geographies = CountriesField(N_("Countries, by their codes"))
    trl_min = NumberField(N_("Technology readiness from"))
    trl_max = NumberField(N_("Technology readiness up to"))

    funders = Many(N_("Funders"))
    funders_find = Line(N_("Find a funder by words of its name"))
    programme = One(N_("Programme"))
    series = Line(N_("Series"))
    edition = Line(N_("Edition"), most=60)
    reference = Line(N_("Reference of the funder"))
    apply_url = Line(N_("Where to apply"), most=1000)
    info_url = Line(N_("The funder’s page about the call"), most=1000)
    contact_role = Line(N_("Contact, by role"))
    contact_email = Line(N_("Contact, e-mail address"), most=254)
    documents = FieldList(FormField(DocumentForm), N_("Documents"), max_entries=MOST_ROWS)

    def check(self) -> None:
        edit = self.edit()
        _mark_incomplete(self)
        (rules.check_draft if self.is_draft else rules.check)(edit)

    def edit(self) -> CallEdit:
        return CallEdit(
            **self.shared(),
            **_lined(self),
            **{name: self[name].data for name in _VALUES},
            currency=(self.currency.data or "").strip().upper(),
            close_reason=self.close_reason.data or "",
            programme=self.programme.data or None,
            **_listed(self),
            key_dates=self._key_dates(),
            documents=self._documents(),
            reasons=lines(self.reasons),
            material=not self.minor.data,
        )

    def _key_dates(self) -> tuple[KeyDateEdit, ...]:
        found = [(number, row.form.edit()) for number, row in enumerate(self.key_dates)]
        self.rows["key_dates"] = [number for number, edit in found if edit is not None]
        return tuple(edit for _, edit in found if edit is not None)

    def _documents(self) -> tuple[Document, ...]:
        found = [(number, _document(row.form)) for number, row in enumerate(self.documents)]
        kept = [(number, document) for number, document in found if document.title or document.url]
        self.rows["documents"] = [number for number, _ in kept]
        return tuple(document for _, document in kept)


_LINES = (
    "series",
    "edition",
    "reference",
    "apply_url",
    "info_url",
    "contact_role",
    "contact_email",
)
_LISTS = ("applicants", "funders", "aid_types", "geographies")
_VALUES = (
    "deadline_model", "total_budget", "award_min", "award_max", "expected_awards",
    "cofinancing_min", "cofinancing_max", "trl_min", "trl_max",
)  # fmt: skip


def call_values(call: Call) -> dict[str, Any]:
    """What the form shows of a call."""
    return {
        **entry_values(call),
        **{name: getattr(call, name) for name in (*_LINES, *_VALUES, "currency", "close_reason")},
        "aid_types": call.aid_types,
        "geographies": call.geographies,
        "applicants": [row.applicant for row in call.applicants],
        "funders": [funder.slug for funder in call.funders],
        "programme": call.programme.slug if call.programme else "",
        "documents": call.documents,
        "key_dates": [_date_values(date) for date in call.key_dates],
    }


def _date_values(date: KeyDate) -> dict[str, Any]:
    return {
        "uid": date.uid,
        "type": date.type,
        "date": date.local_date,
        "time": date.local_time,
        "zone": date.zone,
        "precision": EXACT if date.precision == "minute" else date.precision,
        "certainty": date.certainty,
        "optional": not date.mandatory,
        "labels": {code: {"line": label} for code, label in date.labels.items()},
    }


def _document(row: DocumentForm) -> Document:
    title, url = ((field.data or "").strip() for field in (row.title, row.url))
    return Document(title, url, row.size.data)


def _lined(form: Form) -> dict[str, Any]:
    return {name: (form[name].data or "").strip() for name in _LINES}


def _listed(form: Form) -> dict[str, Any]:
    return {name: tuple(form[name].data or ()) for name in _LISTS}


def lines(field: Any) -> dict[str, str]:
    """The lines that were written, by language."""
    lines = {code: field[code].form.line.data or "" for code in context.settings().languages}
    return {code: line for code, line in lines.items() if line.strip()}


def _mark_incomplete(form: CallForm) -> None:
    """A row that says something needs its day and its zone; of a draft, one that says more than
    what it will be."""
    for row in form.key_dates:
        if not (row.form.is_empty or (form.is_draft and row.form.is_bare)):
            _mark_if_missing(form, row.form.date, N_("Enter the date, or take this line away."))
            _mark_if_missing(form, row.form.zone, N_("Choose a time zone, like Europe/Luxembourg."))


def _mark_if_missing(form: CallForm, field: Read, sentence: str) -> None:
    if field.data is None and not field.process_errors:
        form.marks.setdefault(field.id, []).append(context.lang().gettext(sentence))


def instant(row: KeyDateForm) -> dt.datetime | None:
    """The instant that the row means, if it can be read and exists."""
    edit = row.edit()
    return rules.written_instant(edit) if edit is not None and rules.is_right(edit) else None
