"""The worker: takes what is due, does it, and lets go of it; any number of workers may run.

A task is leased, so that one worker has it, and leased on while it is done. What a worker that died
had begun is begun again by another, once the lease is over: doing it twice must do no harm.
"""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeAlias
from uuid import uuid4

from models import task
from models.event import TOPIC as EVENTS
from models.measures import TASK_SECONDS, TASKS
from models.signal import listening, relay
from models.task import LEASE, Lease, Task

log = logging.getLogger("relais")

SLOTS = 32
"""Tasks that one worker has in hand at once; most of them wait for a network."""

PAUSE = 1.0
"""Seconds between two looks for what is due, when nothing is announced."""

GRACE = 20.0
"""Seconds that tasks in hand get when the worker is told to stop; what is left begins anew."""

Handler: TypeAlias = Callable[[Lease], Awaitable[datetime | None]]
"""Does a task, and says when it goes on; None when it is done. Failing, it is tried again."""

Look: TypeAlias = Callable[[], Awaitable[None]]
"""Looks for what there is to do, and asks for it (`Task.ask`)."""


class Worker:
    """Does the tasks that it has handlers for, until it is stopped."""

    def __init__(self, handlers: Mapping[str, Handler], looks: Sequence[Look] = ()) -> None:
        self._handlers = handlers
        self._looks = looks
        self._name = f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid4().hex[:12]}"
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Take nothing more, and end when what is in hand is done."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until told to stop."""
        async with relay():
            with listening(task.TOPIC, EVENTS) as rung:
                while not self._stopping.is_set():
                    rung.clear()
                    await self._guarded(self._round())
                    await self._wait(rung)
        if self._running:
            await asyncio.wait(self._running, timeout=GRACE)
        for left in self._running:
            left.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def drain(self) -> None:
        """Do what is due now, and what comes of it; then end."""
        while await self._round():
            await asyncio.wait(self._running)

    async def _round(self) -> int:
        for look in self._looks:
            await look()
        free = SLOTS - len(self._running)
        taken = await Task.lease(self._handlers, self._name, free) if free else []
        for lease in taken:
            doing = asyncio.create_task(self._guarded(self._do(lease)))
            self._running.add(doing)
            doing.add_done_callback(self._running.discard)
        return len(taken)

    async def _wait(self, rung: asyncio.Event) -> None:
        """Until something is announced, a task ends, the worker is to stop, or a while passed."""
        waits = [asyncio.create_task(rung.wait()), asyncio.create_task(self._stopping.wait())]
        await asyncio.wait(
            [*waits, *self._running], timeout=PAUSE, return_when=asyncio.FIRST_COMPLETED
        )
        for wait in waits:
            wait.cancel()

    async def _do(self, lease: Lease) -> None:
        doing = asyncio.ensure_future(self._handlers[lease.kind](lease))
        outcome = "lost"
        try:
            with TASK_SECONDS.labels(lease.kind).time():
                while not (await asyncio.wait([doing], timeout=LEASE.total_seconds() / 3))[0]:
                    if not await lease.renew():
                        log.warning("task %s %s went to another worker", lease.kind, lease.key)
                        return
                due = doing.result()
        except Exception as error:
            outcome = "failed"
            log.exception("task %s %s failed", lease.kind, lease.key)
            await lease.failed(error)
        else:
            outcome = "done" if due is None else "again"
            await (lease.done() if due is None else lease.again(due))
        finally:
            TASKS.labels(lease.kind, outcome).inc()
            doing.cancel()
            await asyncio.wait([doing])

    async def _guarded(self, work: Awaitable[object]) -> None:
        """Whatever happens to one task, or to the database, the worker goes on."""
        try:
            await work
        except Exception as error:
            log.warning("the worker goes on after %s", type(error).__name__, exc_info=error)
            await asyncio.sleep(PAUSE)


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """`worker` at work while it lasts, in this process."""
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await running
