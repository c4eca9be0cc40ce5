"""Whether the service is alive, and ready to answer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from starlette.requests import Request
from starlette.responses import Response
from tortoise.exceptions import BaseORMException

from models.sql import Sql, fetch
from models.task import Task
from models.wall import system
from schema.errors import UNAVAILABLE
from schema.http import answer
from schema.stopping import Stopping

LATE = timedelta(minutes=15)
"""A task that has been due for longer tells of a backlog."""

PATIENCE = 2.0
"""Seconds that the database has to answer."""

KNOWN = 5.0
"""Seconds for which a good state of what is dear to look at is known."""


async def alive(_: Request) -> Response:
    """The process answers."""
    return answer({"status": "alive"})


class Ready:
    """Whether requests may come: the database answers, is of this release, and nobody says stop.

    A backlog is told, but no reason to send requests elsewhere: they are answered all the same.
    """

    def __init__(self, stopping: Stopping, misfit: Callable[[], Awaitable[str]]) -> None:
        self._stopping = stopping
        self._misfit = misfit
        self._backlog = ""
        self._known_until = 0.0

    async def serve(self, _: Request) -> Response:
        """What is asked of a load balancer's probe."""
        if self._stopping.leaving:
            return _told("not ready", "stopping")
        try:
            async with asyncio.timeout(PATIENCE):
                await fetch(Sql("SELECT 1"))
                if monotonic() > self._known_until:
                    if wrong := await self._misfit():
                        return _told("not ready", f"the database {wrong}")
                    await self._look()
        except (BaseORMException, *UNAVAILABLE):
            return _told("not ready", "the database does not answer")
        return _told("ready", self._backlog)

    async def _look(self) -> None:
        async with system():
            since = await Task.waiting_since()
        late = since is not None and datetime.now(UTC) - since > LATE
        self._backlog = "work waits for longer than it should" if late else ""
        self._known_until = monotonic() + KNOWN


def _told(status: str, reason: str) -> Response:
    body = {"status": status, "reason": reason} if reason else {"status": status}
    return answer(body, 200 if status == "ready" else 503)
