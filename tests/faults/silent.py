"""PostgreSQL goes silent: it takes connections, answers nothing, and goes on as if nothing was."""

import asyncio
from time import monotonic

import httpx

from tests.faults.ground import (
    Figure,
    Service,
    back,
    databases,
    filled,
    longest,
    serving,
    verdict,
)
from tests.standby import stalled

NAME = "PostgreSQL silent"
BOUND = 8.0
"""Seconds that a request may wait for what was asked before it fell silent."""

SOON, PROBED = 3.0, 4.0
"""Seconds that a request may wait that is asked later, and both probes."""


async def faults(*, short: bool) -> list[Figure]:
    """Let it be silent several times, for longer than anybody waits."""
    waits, later, backs, probes, grown = [0.0], [0.0], [0.0], [0.0], [0]
    with databases("postgres") as made:
        async with serving(await filled(made)) as service:
            await service.ledger.works()
            for _ in range(1 if short else 3):
                before = service.memory()
                async with service.ledger.busy():
                    await asyncio.sleep(0.5)
                    with stalled(made._home):
                        begun = monotonic()
                        probes.append(await _probed(service))
                        await asyncio.sleep(BOUND)
                        grown.append(service.memory() - before)
                        async with service.ledger.busy():
                            await asyncio.sleep(SOON)
                            probes.append(await _probed(service))
                    heard = monotonic()
                    backs.append(await back(service, heard))
                asked = [one for one in service.ledger.told if begun - 1 < one.at < heard]
                waits.append(longest(asked))
                later.append(longest([one for one in asked if one.at > begun + BOUND]))
            figures = await verdict(NAME, service)
    return [
        Figure(NAME, "longest wait for an answer", f"{max(waits):.1f} s", max(waits) <= BOUND),
        Figure(NAME, "of what is asked later", f"{max(later):.1f} s", 0 < max(later) <= SOON),
        Figure(
            NAME, "both probes are answered within", f"{max(probes):.1f} s", max(probes) <= PROBED
        ),
        Figure(NAME, "more memory", f"{max(grown) >> 20} MiB", max(grown) <= 32 << 20),
        Figure(NAME, "until all works again", f"{max(backs):.1f} s at most", max(backs) <= 5),
        *figures,
    ]


async def _probed(service: Service) -> float:
    """Seconds that both probes take, which say that the process lives, and is not ready."""
    begun = monotonic()
    async with httpx.AsyncClient(timeout=60) as http:
        for path, status in (("healthz", 200), ("readyz", 503)):
            answer = await http.get(f"{service.ledger.address}/{path}")
            assert answer.status_code == status, answer.text
    return monotonic() - begun
