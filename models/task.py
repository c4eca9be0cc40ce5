"""What is to be done without a request: each thing once, by whichever worker takes it first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from models.signal import announce
from models.sql import Sql, connection, returned

LEASE = timedelta(seconds=15)
"""For how long a task is a worker's; it says so again while it works (`Lease.renew`)."""

MAX_ATTEMPTS = 10
"""After so many failures, or workers lost, a task is given up; asking for it tries again."""

MAX_ERROR = 500

TOPIC = "task"
"""What is announced when there are new ones (models/signal.py)."""


class Task(Model):
    """Something to do: a kind of work, and the `key` of what it is about.

    There is one for each kind and key: asked for again, it is done again, not twice at once.
    `facts` hold ids. While `leased_until` is to come it is the worker's `leased_by`.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=32)
    key = fields.CharField(max_length=64)
    facts = fields.TextField()
    asked_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    asked = fields.IntField(default=1)
    attempts = fields.SmallIntField(default=0)
    error = fields.CharField(max_length=MAX_ERROR, default="")
    leased_by = fields.CharField(max_length=64, null=True)
    leased_until = fields.DatetimeField(null=True)

    class Meta:
        table = "task"
        unique_together = (("kind", "key"),)

    @classmethod
    async def ask(
        cls, kind: str, key: object, *, due: datetime | None = None, **facts: Any
    ) -> None:
        """Have it done, at once or when `due`; what waits already is not put off by that.

        Written in the transaction there is, and announced.
        """
        now = datetime.now(UTC)
        text = (
            "INSERT INTO task (kind, key, facts, asked_at, due_at, asked, attempts, error)"
            " VALUES (?, ?, ?, ?, ?, 1, 0, '') ON CONFLICT (kind, key) DO UPDATE SET"
            " due_at = CASE WHEN task.due_at < excluded.due_at THEN task.due_at"
            " ELSE excluded.due_at END, asked = task.asked + 1, attempts = 0"
        )
        told = orjson.dumps(facts).decode()
        await returned(Sql(text, (kind, str(key), told, now, due or now)))
        await announce(TOPIC)

    @classmethod
    async def lease(cls, kinds: Iterable[str], by: str, most: int) -> list["Lease"]:
        """Take at most `most` due tasks, those that waited longest first; nobody else gets them."""
        now = datetime.now(UTC)
        skip = "" if connection().capabilities.dialect == "sqlite" else "FOR UPDATE SKIP LOCKED"
        text = (
            "WITH due AS MATERIALIZED (SELECT id FROM task WHERE kind IN ?? AND due_at <= ?"
            " AND attempts < ? AND (leased_until IS NULL OR leased_until < ?)"
            f" ORDER BY due_at, id LIMIT ? {skip})"
            " UPDATE task SET leased_by = ?, leased_until = ?, attempts = attempts + 1"
            " WHERE id IN (SELECT id FROM due) RETURNING id, kind, key, facts, asked, attempts"
        )
        args = (list(kinds), now, MAX_ATTEMPTS, now, most, by, now + LEASE)
        rows = sorted(await returned(Sql(text, args)), key=lambda row: row["id"])
        return [Lease(**{**row, "facts": orjson.loads(row["facts"])}, by=by) for row in rows]

    @classmethod
    async def waiting_since(cls) -> datetime | None:
        """Since when the oldest is due that nobody holds, and that was not given up."""
        free = Q(leased_until=None) | Q(leased_until__lt=datetime.now(UTC))
        waiting = cls.filter(free, due_at__lte=datetime.now(UTC), attempts__lt=MAX_ATTEMPTS)
        first = await waiting.order_by("due_at").first().values_list("due_at", flat=True)
        return cast(datetime | None, first)


@dataclass(frozen=True, slots=True)
class Lease:
    """A task that a worker holds. What it says of a task that was lost to another is ignored."""

    id: int
    kind: str
    key: str
    facts: dict[str, Any]
    asked: int
    attempts: int
    by: str

    async def renew(self) -> bool:
        """Hold it for longer; False when it was lost."""
        return await self._set("leased_until = ?", datetime.now(UTC) + LEASE)

    async def done(self) -> None:
        """It is done; asked for meanwhile, it is done again."""
        text = "DELETE FROM task WHERE id = ? AND leased_by = ? AND asked = ? RETURNING id"
        if not await returned(Sql(text, (self.id, self.by, self.asked))):
            await self._release()

    async def again(self, due: datetime) -> None:
        """It went well so far, and goes on when `due`; asked for meanwhile, at once."""
        text = ", due_at = CASE WHEN asked = ? THEN CAST(? AS {}) ELSE due_at END"
        kind = "text" if connection().capabilities.dialect == "sqlite" else "timestamptz"
        await self._release(text.format(kind), self.asked, due)

    async def failed(self, error: BaseException) -> None:
        """It went wrong: try again after a while, twice as long each time."""
        due = datetime.now(UTC) + timedelta(seconds=2**self.attempts)
        said = f"{type(error).__name__}: {error}"[:MAX_ERROR].replace("\0", "")
        await self._set("leased_by = NULL, leased_until = NULL, due_at = ?, error = ?", due, said)

    async def _release(self, more: str = "", *args: Any) -> None:
        words = f"leased_by = NULL, leased_until = NULL, attempts = 0, error = ''{more}"
        await self._set(words, *args)

    async def _set(self, words: str, *args: Any) -> bool:
        text = f"UPDATE task SET {words} WHERE id = ? AND leased_by = ? RETURNING id"
        return bool(await returned(Sql(text, (*args, self.id, self.by))))
