"""Speaking to receivers of webhooks, whoever they are: little is believed, and all is bounded."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeAlias

import httpcore

from models.outward import Outward, authorities
from models.webhook import Trouble

PATIENCE = 10.0
"""Seconds for the whole of it: to find, to connect, to send, and to be answered."""

ENOUGH = 16 * 1024
"""Bytes of an answer that are read, so that the connection can be used again; more ends it."""

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]


class Unsent(Exception):
    """It was not taken, for this reason, and with this status if there was one."""

    def __init__(self, trouble: Trouble, status: int | None = None) -> None:
        super().__init__(trouble.value)
        self.trouble, self.status = trouble, status


async def resolve(host: str, port: int) -> list[str]:
    """The addresses that `host` stands for at this moment."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to the very address that was checked; the name stays that of the certificate.

    A name that stands for one address that is not public is not connected to at all.
    """

    def __init__(self, outward: Outward, resolve: Resolve) -> None:
        self._outward = outward
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, *args: Any, **options: Any
    ) -> httpcore.AsyncNetworkStream:
        """A connection to `host`. Raises Unsent."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise Unsent(Trouble.UNREACHABLE) from None
        if not all(map(self._outward.allows, addresses)):
            raise Unsent(Trouble.NOT_PUBLIC)
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, *args, **options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        raise Unsent(Trouble.UNREACHABLE)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Sender:
    """Sends what is to be sent by POST. Redirects are not followed."""

    def __init__(
        self,
        outward: Outward,
        *,
        resolve: Resolve = resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust or authorities(),
            max_connections=None,
            max_keepalive_connections=20,
            keepalive_expiry=5,
            network_backend=Guarded(outward, resolve),
        )

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status by which a receiver says that it has it. Raises Unsent."""
        try:
            async with asyncio.timeout(PATIENCE):
                status = await self._send(url, headers.items(), body)
        except TimeoutError:
            raise Unsent(Trouble.TIMEOUT) from None
        except httpcore.ConnectError as error:
            # What TLS says of a certificate is at the end of the chain.
            known = "CERTIFICATE" in str(error).upper() or "SSL" in str(error).upper()
            raise Unsent(Trouble.UNTRUSTED if known else Trouble.UNREACHABLE) from None
        except httpcore.TimeoutException:
            raise Unsent(Trouble.TIMEOUT) from None
        except (httpcore.RemoteProtocolError, httpcore.LocalProtocolError):
            raise Unsent(Trouble.NOT_HTTP) from None
        except (httpcore.NetworkError, httpcore.ProxyError, OSError):
            raise Unsent(Trouble.UNREACHABLE) from None
        if 200 <= status < 300:
            return status
        if status == 410:
            raise Unsent(Trouble.GONE, status)
        if 300 <= status < 400:
            raise Unsent(Trouble.REDIRECT, status)
        later = status >= 500 or status in {408, 429}
        raise Unsent(Trouble.UNREACHABLE if later else Trouble.REFUSED, status)

    async def _send(self, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> int:
        given = [(name.encode(), value.encode()) for name, value in headers]
        async with self._pool.stream("POST", url, headers=given, content=body) as response:
            size = 0
            async for chunk in response.aiter_stream():
                size += len(chunk)
                if size > ENOUGH:
                    break
            return response.status

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.aclose()
