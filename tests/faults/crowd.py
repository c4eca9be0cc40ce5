"""Far more connections than requests: each is open, and most say nothing."""

import asyncio
from collections.abc import Sequence
from statistics import quantiles
from time import monotonic
from urllib.parse import urlsplit

from tests.faults.ground import Figure, databases, filled, serving, verdict

LATE = 0.5
"""Seconds that others may wait, 99 times of 100."""


async def faults(*, short: bool) -> list[Figure]:
    """Open 5,000, and ask on others."""
    return await beside("sockets opened", 500 if short else 5000, [b""], seconds=1 if short else 10)


async def beside(name: str, count: int, said: Sequence[bytes], *, seconds: float) -> list[Figure]:
    """How others are served while so many connections say one of `said`, and then nothing."""
    with databases("postgres") as made:
        async with serving(await filled(made)) as service:
            await service.ledger.works()
            parts, before = urlsplit(service.ledger.address), service.memory()
            token = f"authorization: {service.ledger.headers['authorization']}".encode()
            writers = []
            for number in range(count):
                _, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1024)
                writer.write(said[number % len(said)].replace(b"AUTH", token))
                writers.append(writer)
            await service.ledger.works()  # what they asked for is answered
            begun = monotonic()
            async with service.ledger.busy(4):
                await asyncio.sleep(seconds)
            held = (service.memory() - before) / count
            asked = [one.took for one in service.ledger.since(begun) if one.status == 200]
            failed = sum(one.status != 200 for one in service.ledger.since(begun))
            for writer in writers:
                writer.transport.abort()
            figures = await verdict(name, service)
    late = quantiles(asked, n=100)[98]
    return [
        Figure(name, "at once", f"{count:,}"),
        Figure(name, "others not served", f"{failed} of {len(asked):,}", not failed),
        Figure(name, "99 of 100 others wait at most", f"{late * 1000:.0f} ms", late <= LATE),
        Figure(name, "memory of each", f"{held / 1024:.0f} KiB", held <= 64 * 1024),
        *figures,
    ]
