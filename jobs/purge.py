"""What is kept no longer is removed when its time is over: jobs/retention.py says what."""

from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from tqdm import tqdm

from jobs.command import Exit, say, with_database
from jobs.retention import CLASSES
from models import months
from models.retention import PURGE
from models.task import MAX_ATTEMPTS, Lease, Task
from settings import Settings, settings

EVERY = timedelta(hours=1)


async def look() -> None:
    """Ask for it, if nobody has, or if it was given up."""
    if not await Task.filter(kind=PURGE, attempts__lt=MAX_ATTEMPTS).exists():
        await Task.ask(PURGE, "all")


async def purge(config: Settings) -> None:
    """Remove all whose time is over, and make room for what is to come."""
    await months.make()
    purges = [one.purge for one in CLASSES if one.purge]
    for one in tqdm(purges, "purging", disable=None):
        if removed := await one(config):
            say(f"purged: {removed} {one.__name__}")


def hourly(config: Settings) -> Callable[[Lease], Awaitable[datetime | None]]:
    """The task that purges."""

    async def run(_: Lease) -> datetime:
        await purge(config)
        return datetime.now(UTC) + EVERY

    return run


def run(_: Namespace) -> Exit:
    """Remove what is kept no longer, by docs/privacy.md. The worker does it too, every hour."""

    async def work() -> Exit:
        await purge(settings())
        return Exit.DONE

    return with_database(work)
