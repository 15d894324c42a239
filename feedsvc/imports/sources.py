"""What is known of each source of calls that its rows do not say themselves. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

NO_END_YEAR = 2099  # forms that insist on a date are fed 31 December 2099


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a source writes from, and its habits.

    `zone` holds for dates that name none. `area` is an ISO 3166-1 code, or EU. `state` completes
    names of funders such as “Department of Health”. A deadline in `no_end_year` or later stands
    for “no end”. `funder` is who publishes the source, for rows that name nobody.
    """

    zone: str
    area: str
    state: str = ""
    no_end_year: int = NO_END_YEAR
    funder: str = ""


BRUSSELS = "Europe/Brussels"
NEW_YORK = "America/New_York"
LOS_ANGELES = "America/Los_Angeles"

_EUROPE = Source(zone=BRUSSELS, area="EU", funder="European Commission")
_CALIFORNIA = Source(zone=LOS_ANGELES, area="US", state="California")

SOURCES = {
    "eu-ft": _EUROPE,
    "horizon-europe-2021-2024": _EUROPE,
    "grants.gov": Source(zone=NEW_YORK, area="US"),
    "nsf-funding": Source(zone=NEW_YORK, area="US", funder="U.S. National Science Foundation"),
    "arpa-e": Source(
        zone=NEW_YORK, area="US", funder="Advanced Research Projects Agency - Energy (ARPA-E)"
    ),
    "nyserda": Source(zone=NEW_YORK, area="US", funder="NYSERDA"),
    # All its 40 deadlines from 2035 on belong to grants that are open always or come back.
    "pennsylvania": Source(zone=NEW_YORK, area="US", state="Pennsylvania", no_end_year=2035),
    "california-2025": _CALIFORNIA,
    "california-2026": _CALIFORNIA,
}

ZONE_NAMES = {"ET": NEW_YORK, "EST": NEW_YORK, "EDT": NEW_YORK, "PT": LOS_ANGELES,
              "CET": BRUSSELS, "CEST": BRUSSELS}  # fmt: skip

FUNDER_NAMES = {
    "National Science Foundation": "U.S. National Science Foundation",
    "Advanced Research Projects Agency Energy": "Advanced Research Projects Agency - Energy (ARPA-E)",
    "ARPA-E eXCHANGE": "Advanced Research Projects Agency - Energy (ARPA-E)",
}

# The plus sign was lost on the way.
PROGRAMME_NAMES = {
    "Erasmus (ERASMUS )": "Erasmus+",
    "European Social Fund (ESF)": "European Social Fund Plus (ESF+)",
}

# Parts of Horizon Europe that lie wholly within one of the sectors of this kind of site. The broad
# ones (“Climate, Energy and Mobility”, “Digital, Industry and Space”) do not, and are left out.
CLUSTERS = {
    "1. Health": "healthtech",
    "Innovative Health Initiative Joint Undertaking": "healthtech",
    "Global Health - European and Developing Countries Clinical Trials Partnership"
    " Joint Undertaking": "healthtech",
    "Clean Hydrogen Joint Technology Initiatives": "cleantech",
    "Circular Bio-based Europe Joint Undertaking": "cleantech",
    "Smart Networks and Services Joint Undertaking": "ict",
    "Key Digital Technologies Joint Undertaking": "ict",
    "Chips Joint Undertaking": "ict",
    "European High Performance Computing Joint Undertaking": "ict",
}

_PUBLIC = (
    "state governments", "special district governments", "public agency",
    "public and indian housing authorities",
)  # fmt: skip
_TRIBAL = (
    "tribal", "tribal government", "federally recognized native american tribal governments",
    "other native american tribal organizations",
)  # fmt: skip
APPLICANT_TYPES = {
    **dict.fromkeys(_PUBLIC, "public_body"),
    **dict.fromkeys(_TRIBAL, "tribal"),
    "county governments": "municipality",
    "city or township governments": "municipality",
    "independent school districts": "school",
    "public and state institutions of higher education": "university",
    "private institutions of higher education": "university",
    "nonprofit": "non_profit",
    "nonprofits with 501(c)(3) status": "non_profit",
    "nonprofits without 501(c)(3) status": "non_profit",
    "for-profit organizations other than small businesses": "company",
    "business": "company",
    "small businesses": "sme",
    "individual": "individual",
    "individuals": "individual",
    "other": "other",
    "other legal entity": "other",
}
UNRESTRICTED = "unrestricted"  # grants.gov: whoever they are may apply
