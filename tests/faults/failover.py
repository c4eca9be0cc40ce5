"""The primary dies, and its synchronous standby takes its place, at the same address."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.faults.ground import Figure, back, databases, filled, longest, serving, verdict
from tests.standby import following, power_cut, run

STREAMS = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"


async def faults(*, short: bool) -> list[Figure]:
    """Fail over several times, each time with other servers."""
    name, waits, backs = "failed over", [0.0], [0.0]
    figures: list[Figure] = []
    for time in range(1, 2 if short else 6):
        with databases("postgres") as made, TemporaryDirectory() as folder:
            address = Path(folder) / "address"
            address.symlink_to(made._home)
            config = await filled(made)
            url = config.database_url.replace(str(made._home), str(address))
            config = config.model_copy(update={"database_url": url})
            with following(made) as standby:
                home = standby.pgdata
                made._server.psql(
                    "ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf();"
                )
                async with asyncio.timeout(30):
                    while "1" not in made._server.psql(STREAMS).split():
                        await asyncio.sleep(0.1)
                async with serving(config) as service:
                    async with service.ledger.busy():
                        await asyncio.sleep(1)
                        begun = monotonic()
                        power_cut(made._home)
                        made._server._postmaster_info = None  # it is not stopped once more
                        await asyncio.sleep(1)
                        await asyncio.to_thread(run, "pg_ctl", made, "-w", "promote", at=home)
                        address.unlink()
                        address.symlink_to(home)
                        backs.append(await back(service, monotonic()))
                        waits.append(longest(service.ledger.since(begun)))
                    figures += await verdict(f"{name}, time {time}", service)
    return [
        Figure(
            name, "longest wait for an answer meanwhile", f"{max(waits):.1f} s", max(waits) <= 2
        ),
        Figure(name, "until all works again", f"{max(backs):.1f} s at most", max(backs) <= 5),
        *figures,
    ]
