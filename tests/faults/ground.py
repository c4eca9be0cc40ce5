"""Where faults happen: the service in a process that can be killed, and databases that can fail."""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import httpx

from settings import Settings
from tests.faults.ledger import Ledger, some_reviews
from tests.servers import Databases, free_port

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["app", "tests.faults.ground"])


@dataclass(frozen=True)
class Figure:
    """What was measured of a fault, and whether that is as promised."""

    fault: str
    what: str
    figure: str
    kept: bool = True


def _serve(environ: dict[str, str]) -> None:
    from app import main  # noqa: PLC0415  (in the process that serves)

    os.environ.update(environ)
    main()


class Service:
    """The service in a process of its own, which begins soon: what it imports is there already."""

    def __init__(self, config: Settings, **more: Any) -> None:
        self.config = config
        self.port = free_port()
        told = {"port": self.port, "log_level": "error", "cost_budget": 0, **more}
        told |= {"database_url": config.database_url, "token_key_file": config.token_key_file}
        told["export_dir"] = config.export_dir
        self._told = {f"RELAIS_{name.upper()}": str(value) for name, value in told.items()}
        self.ledger = Ledger(config, f"http://127.0.0.1:{self.port}")
        self.process: BaseProcess | None = None

    async def start(self) -> None:
        """Start it; it is ready afterwards."""
        self.process = FORKS.Process(target=_serve, args=(self._told,), daemon=True)
        self.process.start()
        async with asyncio.timeout(30), httpx.AsyncClient() as http:
            while True:
                with suppress(httpx.TransportError):
                    if (await http.get(f"{self.ledger.address}/readyz")).status_code == 200:
                        return
                assert self.process.is_alive()
                await asyncio.sleep(0.01)

    async def kill(self) -> None:
        """End it as a power cut does."""
        if self.process is not None:
            self.process.kill()
            await asyncio.to_thread(self.process.join)

    def memory(self) -> int:
        """Bytes of memory that it holds."""
        assert self.process is not None
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0


@asynccontextmanager
async def serving(config: Settings, **more: Any) -> AsyncIterator[Service]:
    """The service that `config` sets."""
    service = Service(config, **more)
    try:
        await service.start()
        yield service
    finally:
        await service.kill()


@contextmanager
def databases(dialect: str, disk: Path | None = None) -> Iterator[Databases]:
    """Databases that may fail; what they acknowledge is on the disk."""
    with TemporaryDirectory() as name:
        made = Databases(dialect, disk or Path(name), disk)
        try:
            if dialect == "postgres":
                made._server.psql("ALTER SYSTEM RESET fsync; SELECT pg_reload_conf();")
            yield made
        finally:
            if dialect == "postgres":
                made.stop()


async def filled(made: Databases) -> Settings:
    """A database with some reviews."""
    return made.settings(await made.copy(some_reviews))


def longest(asked: list[Any]) -> float:
    """The most seconds that one of them waited for its answer, right or not."""
    return max((one.took for one in asked if one.status), default=0.0)


async def verdict(fault: str, service: Service) -> list[Figure]:
    """What every fault must leave: all that was acknowledged, and no answer that is a fault."""
    ledger = service.ledger
    found = await ledger.missing()
    told = f"0 of {len(ledger.acknowledged):,}" if not found else ", ".join(found)
    wrong = ledger.wrong()
    return [
        Figure(fault, "acknowledged changes lost, done twice or by half", told, not found),
        Figure(
            fault, "answers other than right or 503", f"{wrong} of {len(ledger.told):,}", not wrong
        ),
    ]


async def back(service: Service, begun: float) -> float:
    """Seconds from a moment until the service works."""
    await service.ledger.works()
    return monotonic() - begun
