"""Where a form leads when it is done: only to a page of the admin itself."""

from __future__ import annotations

import re

from flask import url_for

# No scheme, no host, nothing that a browser could read as one.
OWN_PATH = re.compile(r"/admin/[A-Za-z0-9_./-]*(?:\?[A-Za-z0-9_.=&%+-]*)?", re.ASCII)


def of(wanted: str | None) -> str:
    """The address if it is one of the admin's own, else the overview."""
    if wanted and OWN_PATH.fullmatch(wanted):
        return wanted
    return url_for("admin.dashboard")
