"""The server is killed again and again, while many write."""

import asyncio
from random import Random

from tests.faults.ground import Figure, databases, filled, serving, verdict

PAUSE = 0.4
"""Seconds at most between two deaths."""


async def faults(*, short: bool) -> list[Figure]:
    """Half of the kills on each database."""
    figures, chance = [], Random(1)
    for dialect in ("postgres", "sqlite"):
        with databases(dialect) as made:
            async with serving(await filled(made)) as service:
                async with service.ledger.busy():
                    for _ in range(3 if short else 100):
                        await asyncio.sleep(0.05 + chance.random() * PAUSE)
                        await service.kill()
                        await service.start()
                await service.ledger.works()
                cut = sum(not asked.status for asked in service.ledger.told)
                kills = f"{3 if short else 100}, {cut:,} requests cut off"
                figures += [Figure(f"server killed, {dialect}", "kills", kills)]
                figures += await verdict(f"server killed, {dialect}", service)
    return figures
