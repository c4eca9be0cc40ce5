"""Whoever follows what happens: asked again who they are while they do, and counted."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from time import time

from starlette.authentication import AuthenticationError
from starlette.requests import HTTPConnection

from auth.credentials import Credentials
from auth.refused import Expired, Refused
from auth.tokens import ends
from auth.viewer import Viewer
from models.measures import FOLLOWERS
from schema.errors import UNAVAILABLE

WATCH = 10.0
"""Seconds between two looks whether what one came in by opens anything still.

Before each event it is asked too: nothing is told more than 2 seconds after a right was taken back.
"""

PATIENCE = 10.0
"""Seconds for which a message may wait for a reader that is slow."""

MAX_STREAMS = 20
"""Subscriptions of one connection."""

MAX_OF_ACCOUNT = 100
"""Subscriptions, and connections, of one account at one process."""


class Presence:
    """Who a connection is of, as long as what it came in by opens the service."""

    def __init__(self, credentials: Credentials, conn: HTTPConnection, viewer: Viewer) -> None:
        self.viewer = viewer
        self._credentials = credentials
        self._conn = conn
        self._refusal = ""
        self._refused = asyncio.Event()
        self._ends = ends(conn.headers.get("authorization", ""))

    async def again(self) -> Viewer:
        """The viewer as of now, by no more than 2 seconds; without any grant once refused."""
        if not self._refusal:
            try:
                if self._ends is not None and self._ends <= time():
                    raise Expired
                found = await self._credentials.authenticate(self._conn)
                if found is None:
                    raise Refused
                self.viewer = found[1]
            except AuthenticationError as error:
                self._refusal = getattr(error, "code", Refused.code)
                self._refused.set()
        return replace(self.viewer, grants=()) if self._refusal else self.viewer

    async def over(self) -> str:
        """Wait until it is refused: the code of why."""
        while not self._refusal:
            left = WATCH if self._ends is None else min(WATCH, max(0.05, self._ends - time()))
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._refused.wait()
            with suppress(*UNAVAILABLE):  # it is asked once more after a while
                await self.again()
        return self._refusal


class Full(Exception):
    """As many subscriptions or connections as an account may have."""


class Seats:
    """How many connections and subscriptions each account has at this process."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, int]] = Counter()

    @contextmanager
    def taken(self, what: str, account: int) -> Iterator[None]:
        """A seat for `what`, while it lasts. Raises Full."""
        key = (what, account)
        if self._taken[key] >= MAX_OF_ACCOUNT:
            raise Full
        self._taken[key] += 1
        try:
            with FOLLOWERS.labels(what).track_inprogress():
                yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
