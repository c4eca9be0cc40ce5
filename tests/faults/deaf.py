"""The network to PostgreSQL loses connections without a word: each end believes that it goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic

from tests.faults.ground import Figure, back, databases, filled, longest, serving, verdict
from tests.servers import free_port

NAME = "network half open"
BOUND = 10.0
"""Seconds that a request may wait whose connection was lost, or for what such a one locked."""


class Wire:
    """Carries what a PostgreSQL and those who connect tell each other."""

    def __init__(self, home: Path) -> None:
        self._there = next(one for one in home.glob(".s.PGSQL.*") if one.is_socket())
        self._carrying: list[asyncio.Task[None]] = []
        self._ends: list[asyncio.StreamWriter] = []

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry on a connection."""
        theirs, there = await asyncio.open_unix_connection(str(self._there))
        self._ends += writer, there
        for source, sink in ((reader, there), (theirs, writer)):
            self._carrying.append(asyncio.create_task(_carry(source, sink)))

    def lose(self) -> None:
        """Carry nothing more of the connections that there are."""
        for task in self._carrying:
            task.cancel()
        self._carrying.clear()

    def close(self) -> None:
        """End them all."""
        self.lose()
        for end in self._ends:
            end.transport.abort()


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while told := await source.read(65536):
            sink.write(told)
            await sink.drain()
        sink.close()


@asynccontextmanager
async def carried(home: Path) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the PostgreSQL of a folder, and its address."""
    wire, port = Wire(home), free_port()
    server = await asyncio.start_server(wire.take, "127.0.0.1", port)
    try:
        yield wire, f"127.0.0.1:{port}"
    finally:
        wire.close()
        server.close()


async def faults(*, short: bool) -> list[Figure]:
    """Lose all connections several times; others can be made."""
    waits, backs = [0.0], [0.0]
    with databases("postgres") as made:
        config = await filled(made)
        async with carried(made._home) as (wire, address):
            url = config.database_url.replace("@/", f"@{address}/").partition("?")[0]
            config = config.model_copy(update={"database_url": url})
            async with serving(config) as service:
                await service.ledger.works()
                for _ in range(1 if short else 5):
                    async with service.ledger.busy():
                        await asyncio.sleep(1)
                        begun = monotonic()
                        wire.lose()
                        backs.append(await back(service, begun))
                        await asyncio.sleep(1)
                    waits.append(longest(service.ledger.since(begun - 1)))
                figures = await verdict(NAME, service)
    return [
        Figure(NAME, "longest wait for an answer", f"{max(waits):.1f} s", max(waits) <= BOUND),
        Figure(NAME, "until all works again", f"{max(backs):.1f} s at most", max(backs) <= 15),
        *figures,
    ]
