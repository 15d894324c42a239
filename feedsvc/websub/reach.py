"""Which addresses the hub may call: those of the public Internet, and no other. Pure.

A callback is an address that a stranger wrote down and that this machine connects to. Whoever may
name any address could reach what only this machine can: other services on it, the provider's
metadata, the office behind the firewall (OWASP: server-side request forgery).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

PORTS = (80, 443, 8080, 8443)  # what web servers listen on; mail or database servers do not
# Names that only a local network knows (RFC 6761, RFC 6762, RFC 8375, and ICANN's `internal`).
LOCAL_NAMES = ("localhost", "local", "internal", "lan", "home", "corp", "home.arpa", "intranet")

# The IANA special-purpose registries, written down: what `is_global` says differs between Pythons.
_NO_PUBLIC_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_PUBLIC_V6 = IPv6Network("2000::/3")
# Inside of it: protocols (Teredo among them), documentation, 6to4, which wraps any IPv4 address.
_NO_PUBLIC_V6 = tuple(
    IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


def is_public(text: str) -> bool:
    """Whether an address, as a resolver gives it, belongs to the public Internet."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        return _is_public_v6(address)
    return _is_public_v4(address)


def is_literal(host: str) -> bool:
    """Whether a host is an address, not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def may_be_public(host: str) -> bool:
    """Whether a host as it is written can be public; of a name, only resolving it tells."""
    if is_literal(host):
        return is_public(host)
    labels = host.lower().rstrip(".").split(".")
    if len(labels) < 2 or labels[-1].isdigit() or labels[-1].startswith("0x"):
        return False  # `intranet`; `127.1` and `0x7f.1`, which resolvers read as addresses
    return not any(labels[-len(local) :] == local for local in _LOCAL)


def _is_public_v4(address: IPv4Address) -> bool:
    return not any(address in block for block in _NO_PUBLIC_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id:
        return False
    if address in _NAT64:
        return _is_public_v4(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _PUBLIC_V6 and not any(address in block for block in _NO_PUBLIC_V6)


_LOCAL = tuple(name.split(".") for name in LOCAL_NAMES)
