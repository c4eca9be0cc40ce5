"""Months of moderation that are closed: their figures are written once, and stay."""

from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from jobs.command import Exit, say, with_database
from models.moderation_figure import ModerationFigure
from models.task import MAX_ATTEMPTS, Lease, Task
from settings import Settings, settings

CLOSE = "close-months"
"""The kind of the task that closes months, looked at once an hour."""

EVERY = timedelta(hours=1)


async def look() -> None:
    """Ask for it, if nobody has, or if it was given up."""
    if not await Task.filter(kind=CLOSE, attempts__lt=MAX_ATTEMPTS).exists():
        await Task.ask(CLOSE, "all")


async def close(config: Settings) -> None:
    """Close the months whose time has come."""
    for month in await ModerationFigure.due(datetime.now(UTC)):
        if await ModerationFigure.close(month, config.disclosure_k):
            say(f"closed: {month}")


def hourly(config: Settings) -> Callable[[Lease], Awaitable[datetime | None]]:
    """The task that closes months."""

    async def run(_: Lease) -> datetime:
        await close(config)
        return datetime.now(UTC) + EVERY

    return run


def run(_: Namespace) -> Exit:
    """Count moderation in the months that are over since another one, for good.

    The worker does it too, every hour. What touches too few is suppressed: RELAIS_DISCLOSURE_K.
    """

    async def work() -> Exit:
        await close(settings())
        return Exit.DONE

    return with_database(work)
