"""The steps of a review in words, after the name of who took them."""

from __future__ import annotations

from feedsvc.content.desk.reviews import APPROVED, CHANGES, REJECTED, SUBMITTED, TAKEN_BACK
from feedsvc.i18n import N_

SAID = {
    SUBMITTED: N_("asks for it to be read"),
    TAKEN_BACK: N_("has taken that back"),
    APPROVED: N_("has let it go"),
    CHANGES: N_("has handed it back"),
    REJECTED: N_("has refused it"),
}
