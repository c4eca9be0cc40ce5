"""Somebody locks a table: transactions wait, and soon hold all the connections that there are."""

import asyncio
from time import monotonic
from urllib.parse import urlsplit

import asyncpg
import httpx

from tests.faults.ground import Figure, back, databases, filled, longest, serving, verdict

POOL = 4
ASKING = 60
"""Requests at once."""


async def faults(*, short: bool) -> list[Figure]:
    """Lock it for a while."""
    name, waits, backs, refused = "pool exhausted", [0.0], [0.0], 0
    with databases("postgres") as made:
        config = await filled(made)
        async with serving(config, database_pool_size=POOL) as service:
            base = urlsplit(config.database_url).path.strip("/")
            admin = await asyncpg.connect(host=str(made._home), user="postgres", database=base)
            for _ in range(1 if short else 5):
                async with httpx.AsyncClient(timeout=30, limits=httpx.Limits()) as http:
                    begun = monotonic()
                    async with admin.transaction():
                        await admin.execute("LOCK TABLE review IN ACCESS EXCLUSIVE MODE")
                        asking = [
                            asyncio.create_task(service.ledger.read(http)) for _ in range(ASKING)
                        ]
                        await asyncio.sleep(3)
                    freed = monotonic()
                    backs.append(await back(service, freed))
                    await asyncio.gather(*asking)
                away = [one for one in service.ledger.since(begun) if one.status == 503]
                waits.append(longest(away))
                refused += len(away)
            await admin.close()
            figures = await verdict(name, service)
    return [
        Figure(name, "refused with 503", f"{refused:,}", refused > 0),
        Figure(name, "longest wait for that", f"{max(waits):.1f} s", max(waits) <= 2),
        Figure(name, "until all works again", f"{max(backs):.1f} s at most", max(backs) <= 5),
        *figures,
    ]
