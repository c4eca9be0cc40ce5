"""The disk of the database is full, and has room again after a while."""

import asyncio
import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic

import httpx

from settings import Settings
from tests.faults.ground import Figure, back, databases, filled, serving, verdict
from tests.servers import Databases

SIZES = {"sqlite": 48, "postgres": 512}
"""MiB of the disks."""


async def faults(*, short: bool) -> list[Figure]:
    """Fill the disk of each database."""
    figures = []
    for dialect, size in SIZES.items():
        name = f"disk full, {dialect}"
        try:
            with _disk(size) as disk:
                figures += await _filled(name, dialect, disk, 1 if short else 3)
        except PermissionError:
            figures.append(Figure(name, "not tried: only root may mount a small disk", ""))
    return figures


async def _filled(name: str, dialect: str, disk: Path, times: int) -> list[Figure]:
    reads, backs, refused = [], [0.0], 0
    with databases(dialect, disk) as made:
        async with serving(await _made(made)) as service:
            for _ in range(times):
                async with service.ledger.busy(4):
                    await asyncio.sleep(0.5)
                    begun = monotonic()
                    _fill(disk)
                    if dialect == "postgres":
                        await asyncio.to_thread(_use_up, made)
                    await asyncio.sleep(2)
                    async with httpx.AsyncClient(timeout=30) as http:
                        reads.append((await service.ledger.read(http)).status)
                    (disk / "filler").unlink()
                    freed = monotonic()
                    if dialect == "postgres":  # as whoever watches it does, should it have stopped
                        await asyncio.to_thread(made._server.ensure_postgres_running)
                    backs.append(await back(service, freed))
                refused += sum(one.status == 503 for one in service.ledger.since(begun))
            figures = await verdict(name, service)
    whole = reads.count(200)
    return [
        Figure(name, "changes refused with 503", f"{refused:,}", refused > 0),
        Figure(name, "reads answered meanwhile", f"{whole} of {len(reads)}"),
        Figure(name, "until all works again", f"{max(backs):.1f} s at most", max(backs) <= 5),
        *figures,
    ]


async def _made(made: Databases) -> Settings:
    config = await filled(made)
    if made._dialect == "postgres":  # no segment of its log is used again
        made._server.psql("ALTER SYSTEM SET wal_keep_size = '1GB'; SELECT pg_reload_conf();")
    return config


@contextmanager
def _disk(size: int) -> Iterator[Path]:
    """A disk of so many MiB. Raises PermissionError for whoever may not mount one."""
    folder = Path(mkdtemp(prefix="relais-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=755", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        raise PermissionError(errno.EPERM, "mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607
        folder.rmdir()


def _use_up(made: Databases) -> None:
    """Have PostgreSQL write to segments of its log that are not there yet."""
    with suppress(subprocess.CalledProcessError):  # it is away already
        for _ in range(8):
            made._server.psql("SELECT pg_switch_wal(); SELECT pg_sleep(0.1);")


def _fill(disk: Path) -> None:
    """Take all the room that there is."""
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
