"""Where a request comes from, for limits."""

from __future__ import annotations

import ipaddress

from flask import request


def client() -> str:
    """An address, of IPv6 the network of 64 bits.

    `X-Forwarded-For` counts only as far as the operator trusts proxies (see `app.py`).
    """
    address = request.remote_addr or ""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address
