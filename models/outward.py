"""Where the service may speak to by itself: public addresses, and nothing inside."""

import ssl
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx
from cryptography.fernet import MultiFernet

from models.errors import BadInput

MAX_URL = 2000

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_UNICAST = IPv6Network("2000::/3")
_SPECIAL = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
"""What some Pythons take for public: protocols, relays, addresses that hold another, examples."""


@dataclass(frozen=True, slots=True)
class Outward:
    """What seals the secrets of webhooks; and whether this machine itself may be spoken to."""

    seals: MultiFernet
    loopback: bool = False

    def checked(self, url: str, *field: str) -> str:
        """`url`, if webhooks may go there as far as it tells. Raises BadInput, naming `field`.

        What its name stands for is seen when it is connected to.
        """
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            host = ""
        plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL
        if not (plain and host) or "@" in parts.netloc or "#" in url or "\\" in url:
            message = "This is no address that can be called: https://HOST/PATH is expected."
            raise BadInput(message, *field)
        here = self.loopback and host in _LOCAL
        if parts.scheme != "https" and not (here and parts.scheme == "http"):
            raise BadInput("Webhooks go by https only.", *field)
        if _literal(host) is not None and not self.allows(host):
            raise BadInput("This is not an address of the public internet.", *field)
        return url

    def allows(self, address: str) -> bool:
        """Whether the IP address may be connected to: unicast of the public internet."""
        ip = _literal(address)
        if ip is None:
            return False
        if ip.is_loopback:
            return self.loopback
        plain = isinstance(ip, IPv4Address) or ip in _UNICAST  # else mapped, local, multicast
        special = ip.is_multicast or ip.is_reserved or any(ip in net for net in _SPECIAL)
        return plain and ip.is_global and not special


@cache
def authorities() -> ssl.SSLContext:
    """By whose word others are who they say. To read them takes 20 ms, so they are read once."""
    return httpx.create_ssl_context()


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None
