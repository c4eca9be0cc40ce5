"""PostgreSQL is stopped, in order or at once, and started again; the service is left alone."""

import asyncio
from time import monotonic

from tests.faults.ground import Figure, back, databases, filled, longest, serving, verdict
from tests.standby import run

AWAY = 3.0
"""Seconds for which it is away."""


async def faults(*, short: bool) -> list[Figure]:
    """Stop and start it several times."""
    name, waits, backs = "PostgreSQL restarted", [0.0], [0.0]
    with databases("postgres") as made:
        async with serving(await filled(made)) as service:
            async with service.ledger.busy():
                for way in ("fast", "immediate") * (1 if short else 5):
                    await asyncio.sleep(0.5)
                    begun = monotonic()
                    await asyncio.to_thread(run, "pg_ctl", made, "-w", "-m", way, "stop")
                    await asyncio.sleep(AWAY)
                    waits.append(longest(service.ledger.since(begun)))
                    await asyncio.to_thread(made._server.ensure_postgres_running)
                    backs.append(await back(service, monotonic()))
            figures = await verdict(name, service)
    return [
        Figure(
            name, "longest wait for an answer meanwhile", f"{max(waits):.1f} s", max(waits) <= 2
        ),
        Figure(name, "until all works again", f"{max(backs):.1f} s at most", max(backs) <= 5),
        *figures,
    ]
