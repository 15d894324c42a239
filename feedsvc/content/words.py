"""What the values of a filter are called. Pure: marks for the catalogues, translated where shown."""

from __future__ import annotations

from feedsvc.i18n import N_

KIND_NAMES = {"call": N_("Calls for projects"), "news": N_("News")}
STATUS_NAMES = {
    "open": N_("Open"),
    "closing_soon": N_("Closing soon"),
    "forecast": N_("Opens soon"),
    "closed": N_("Closed"),
    "archived": N_("Archived"),
    "suspended": N_("Suspended"),
    "cancelled": N_("Cancelled"),
}
MODEL_NAMES = {
    "single_stage": N_("One stage"),
    "two_stage": N_("Two stages"),
    "multiple_cut_off": N_("Several cut-off dates"),
    "rolling": N_("Rolling"),
    "permanent": N_("Permanent"),
    "until_exhausted": N_("Until the budget is used up"),
    "to_be_announced": N_("Dates to be announced"),
}
APPLICANT_NAMES = {
    "company": N_("Companies"),
    "sme": N_("Small and medium-sized companies"),
    "start_up": N_("Start-ups"),
    "research": N_("Research organisations"),
    "university": N_("Universities"),
    "public_body": N_("Public bodies"),
    "non_profit": N_("Non-profit organisations"),
    "municipality": N_("Municipalities"),
    "individual": N_("Individuals"),
    "school": N_("Schools"),
    "tribal": N_("Tribal organisations"),
    "other": N_("Others"),
}
