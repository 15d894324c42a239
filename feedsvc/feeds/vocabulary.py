"""The namespace of deadlines in words: what its page shows, held to the schema by a test. Pure.

`extension` writes these elements, `call-1.0.xsd` beside this file checks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from feedsvc.calls.dates import DEADLINE_TYPES
from feedsvc.content.filters import CHOICES
from feedsvc.i18n import N_

PATH = "/ns/call/1.0"  # of its page, in each language
SCHEMA_PATH = "/ns/call/1.0.xsd"
SCHEMA_TYPE = "application/xml"
SCHEMA = Path(__file__).with_name("call-1.0.xsd")

TEXT, CHOICE, INSTANT, DATE = N_("text"), N_("one of these words"), N_("instant"), N_("date")
ZONE, AMOUNT, CODE, ADDRESS, ID = (
    N_("time zone"), N_("number"), N_("currency code"), N_("web address"), N_("identifier"),
)  # fmt: skip
STATUSES = ("forecast", "open", "closed", "suspended", "cancelled")


@dataclass(frozen=True)
class Attribute:
    """What stands in an attribute. `choices` are all the values that there are, if few."""

    name: str
    type: str
    meaning: str
    example: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Element:
    """An element; `often` says how many of it a call has, `json` what holds it in `_call`."""

    name: str
    often: str
    meaning: str
    attributes: tuple[Attribute, ...]
    json: str


ONE, AT_MOST_ONE, ANY_NUMBER = N_("exactly one"), N_("none or one"), N_("any number")

_MOMENT = (
    Attribute("at", INSTANT, N_("The exact moment, with its distance from UTC (RFC 3339). A date has either “at” or “date”, never both."), "2027-04-30T17:00:00+02:00"),
    Attribute("date", DATE, N_("As much of the day as is known: a day, a month or a year. A deadline without a time ends with that day in its zone."), "2027-04-30"),
    Attribute("tz", ZONE, N_("The zone in which the call says its time: an IANA name, or AoE, Anywhere on Earth, which is UTC-12 all year."), "Europe/Luxembourg", required=True),
    Attribute("precision", CHOICE, N_("Stands only where less than the day is known. A quarter is named by a month in it."), "month", choices=("month", "quarter", "year")),
    Attribute("certainty", CHOICE, N_("Stands only where the funder has not yet confirmed the date."), "estimated", choices=("estimated",)),
)  # fmt: skip
_MONEY = (
    Attribute("amount", AMOUNT, N_("Digits, with a point before decimals."), "200000", required=True),
    Attribute("currency", CODE, N_("Three letters (ISO 4217)."), "EUR", required=True),
)  # fmt: skip

ELEMENTS = (
    Element(
        "call", ONE, N_("The block itself: a call for projects and where it stands."),
        (
            Attribute("status", CHOICE, N_("Where the call stands now. A call that closes soon is open; one that closed long ago is closed."), "open", required=True, choices=STATUSES),
            Attribute("id", ID, N_("Never changes: the same in every format and language, and the id of the entry."), "urn:uuid:b0000000-0000-4000-8000-000000000001", required=True),
            Attribute("model", CHOICE, N_("How the call closes."), "two_stage", required=True, choices=CHOICES["model"]),
            Attribute("reference", TEXT, N_("The funder’s own reference."), "BPF/11"),
            Attribute("series", TEXT, N_("What the editions of a recurring call have in common."), "Business Partnership Facility"),
            Attribute("edition", TEXT, N_("Which edition of the series this is."), "11"),
        ),
        "status, model, reference, series, edition",
    ),
    Element(
        "funder", ANY_NUMBER, N_("Who pays; one element for each."),
        (Attribute("name", TEXT, N_("The name in the language of the feed."), "Luxembourg Cooperation", required=True),),
        "funders: [\"…\"]",
    ),
    Element(
        "programme", AT_MOST_ONE, N_("The programme that the call belongs to."),
        (Attribute("name", TEXT, N_("Its name."), "Horizon Europe", required=True),),
        "programme: \"…\"",
    ),
    Element("opens", AT_MOST_ONE, N_("From when applications are taken."), _MOMENT, "opens: {…}"),
    Element(
        "deadline", ANY_NUMBER,
        N_("Until when something must be handed in. Deadlines stand in order of time: the final one is the last."),
        (
            Attribute("stage", CHOICE, N_("What is due."), "submission", required=True, choices=DEADLINE_TYPES),
            *_MOMENT,
        ),
        "deadlines: [{…}]",
    ),
    Element("fundingCap", AT_MOST_ONE, N_("The most that one award can be. Absent means that it is not known, never 0."), _MONEY, "fundingCap: {…}"),
    Element("fundingMinimum", AT_MOST_ONE, N_("The least that one award can be."), _MONEY, "fundingMinimum: {…}"),
    Element("totalBudget", AT_MOST_ONE, N_("All the money that the call has."), _MONEY, "totalBudget: {…}"),
    Element(
        "cofinancingRate", AT_MOST_ONE, N_("The share of the costs that is paid."),
        (
            Attribute("minPercent", AMOUNT, N_("The lowest share, from 0 to 100."), "50"),
            Attribute("maxPercent", AMOUNT, N_("The highest share, from 0 to 100."), "70"),
        ),
        "cofinancingRate: {…}",
    ),
    Element(
        "applyLink", AT_MOST_ONE, N_("Where to apply."),
        (Attribute("href", ADDRESS, N_("The address of the form or portal."), "https://bpf.example/apply", required=True),),
        "applyLink: \"…\"",
    ),
)  # fmt: skip

EXAMPLE = """\
<call:call xmlns:call="urn:feedsvc:call:1.0" status="open"
    id="urn:uuid:b0000000-0000-4000-8000-000000000001" model="two_stage"
    reference="BPF/11" series="Business Partnership Facility" edition="11">
  <call:funder name="Luxembourg Cooperation"/>
  <call:programme name="Business Partnership Facility"/>
  <call:opens date="2027-01-15" tz="Europe/Luxembourg"/>
  <call:deadline stage="stage_1" date="2027-02" tz="Europe/Luxembourg"
      precision="month" certainty="estimated"/>
  <call:deadline stage="submission" at="2027-04-30T17:00:00+02:00" tz="Europe/Luxembourg"/>
  <call:fundingCap amount="200000" currency="EUR"/>
  <call:cofinancingRate maxPercent="50"/>
  <call:applyLink href="https://bpf.example/apply"/>
</call:call>"""
JSON_EXAMPLE = """\
"_call": {
  "about": "%(about)s",
  "namespace": "urn:feedsvc:call:1.0",
  "status": "open",
  "model": "two_stage",
  "reference": "BPF/11",
  "series": "Business Partnership Facility",
  "edition": "11",
  "funders": ["Luxembourg Cooperation"],
  "programme": "Business Partnership Facility",
  "opens": {"date": "2027-01-15", "tz": "Europe/Luxembourg"},
  "deadlines": [
    {"stage": "stage_1", "date": "2027-02", "tz": "Europe/Luxembourg",
     "precision": "month", "certainty": "estimated"},
    {"stage": "submission", "at": "2027-04-30T17:00:00+02:00", "tz": "Europe/Luxembourg"}
  ],
  "fundingCap": {"amount": "200000", "currency": "EUR"},
  "cofinancingRate": {"maxPercent": "50"},
  "applyLink": "https://bpf.example/apply"
}"""
