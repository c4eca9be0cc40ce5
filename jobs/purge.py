"""What is not kept for ever, and is removed when its time is over."""

from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from tortoise.transactions import in_transaction

from jobs import attachments, exports
from jobs.command import Exit, say, with_database
from jobs.operator import audited
from models.attachment import Folder
from models.audit import Deed
from models.contact import ContactRequest
from models.event import EventLog
from models.idempotency import KEPT, Idempotency
from models.task import MAX_ATTEMPTS, Lease, Task
from models.webhook import Delivery, DeliveryState
from settings import Settings, settings

PURGE = "purge"
"""The kind of the task that purges, once an hour."""

EVERY = timedelta(hours=1)

BATCH = 1_000
"""Rows removed in one statement, so that nobody waits for long."""

Purge: TypeAlias = Callable[[Settings], Awaitable[int]]


async def events(config: Settings) -> int:
    """Events, after `RELAIS_EVENT_DAYS`: how many."""
    before, removed = datetime.now(UTC) - timedelta(days=config.event_days), 0
    while count := await EventLog.forget(before, BATCH):
        removed += count
    return removed


async def deliveries(config: Settings) -> int:
    """What was sent of them, or given up, after as long: how many."""
    before, removed = datetime.now(UTC) - timedelta(days=config.event_days), 0
    old = Delivery.filter(asked_at__lt=before).exclude(state=DeliveryState.PENDING)
    while keys := await old.order_by("id").limit(BATCH).values_list("id"):
        removed += await Delivery.filter(id__in=[key[0] for key in keys]).delete()
    return removed


async def keys(_: Settings) -> int:
    """Idempotency keys that stand for nothing any more: how many."""
    return await Idempotency.filter(made_at__lt=datetime.now(UTC) - KEPT).delete()


async def contacts(config: Settings) -> int:
    """How to reach users who were met, or given up, `RELAIS_CONTACT_DAYS` ago: how many."""
    before = datetime.now(UTC) - timedelta(days=config.contact_days)
    async with in_transaction():
        forgotten = await ContactRequest.forget(before)
        if forgotten:
            await audited(Deed("contact.forgotten", "", facts={"requests": forgotten}))
    return forgotten


async def files(config: Settings) -> int:
    """Files that were uploaded, and that no report has named within a day: how many."""
    return await attachments.remove_unused(Folder(config.attachment_dir), datetime.now(UTC))


PURGES: tuple[Purge, ...] = (events, deliveries, keys, contacts, files, exports.purge)


async def look() -> None:
    """Ask for it, if nobody has, or if it was given up."""
    if not await Task.filter(kind=PURGE, attempts__lt=MAX_ATTEMPTS).exists():
        await Task.ask(PURGE, "all")


async def purge(config: Settings) -> None:
    """Remove all whose time is over."""
    for one in PURGES:
        if removed := await one(config):
            say(f"purged: {removed} {one.__name__}")


def hourly(config: Settings) -> Callable[[Lease], Awaitable[datetime | None]]:
    """The task that purges."""

    async def run(_: Lease) -> datetime:
        await purge(config)
        return datetime.now(UTC) + EVERY

    return run


def run(_: Namespace) -> Exit:
    """Remove what is kept no longer. The worker does it too, every hour."""

    async def work() -> Exit:
        await purge(settings())
        return Exit.DONE

    return with_database(work)
