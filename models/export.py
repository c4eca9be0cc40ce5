"""Exports: what is taken out in bulk, written by the worker and kept for less than a day."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

import orjson
from tortoise import fields
from tortoise.models import Model

from models import ids
from models.account import Account
from models.audit import Deed
from models.errors import ExportQuota, StaleVersion
from models.workflow import Workflow

KEPT = timedelta(hours=20)
"""How long a file may be fetched. With what the purge takes, what is erased is nowhere in a day."""

WRITE = "export"
"""The kind of task by which the worker writes the export of a key."""

AT_ONCE = 3
"""Exports of one account that may be unfinished at once."""

A_DAY = 20
"""Exports that one account may ask for within 24 hours."""


class ExportKind(StrEnum):
    """What is taken out."""

    REVIEWS = "reviews"
    REPLIES = "replies"
    REPORTS = "reports"
    STATISTICS = "statistics"
    EVENTS = "events"
    OPEN_DATA = "open_data"


class ExportFormat(StrEnum):
    """As which kind of file."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class ExportState(StrEnum):
    """How far an export has come."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class ExportStep(StrEnum):
    """What can be done with an export."""

    RUN = "run"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    EXPIRE = "expire"


class ExportFault(StrEnum):
    """Why an export failed."""

    NOT_FOUND = "not_found"
    DISK_FULL = "disk_full"
    INTERNAL = "internal"


_QUEUED, _RUNNING, _READY, _FAILED, _CANCELLED, _EXPIRED = ExportState

UNFINISHED = (_QUEUED, _RUNNING)

EXPORTING = Workflow(
    "Export",
    _QUEUED,
    {
        ExportStep.RUN: {_QUEUED: _RUNNING, _RUNNING: _RUNNING},
        ExportStep.FINISH: {_RUNNING: _READY},
        ExportStep.FAIL: {_QUEUED: _FAILED, _RUNNING: _FAILED},
        ExportStep.CANCEL: {_QUEUED: _CANCELLED, _RUNNING: _CANCELLED, _READY: _CANCELLED},
        ExportStep.EXPIRE: {_READY: _EXPIRED},
    },
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which rows are taken out, by keys: those that meet every condition given."""

    networks: tuple[int, ...] | None = None
    offices: tuple[int, ...] | None = None
    departments: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def stored(self) -> str:
        """As JSON."""
        return orjson.dumps(self).decode()

    @classmethod
    def of(cls, stored: str) -> Self:
        """What `stored` gave."""
        found = orjson.loads(stored)
        for name in ("networks", "offices", "departments"):
            found[name] = None if found[name] is None else tuple(found[name])
        for name in ("since", "until"):
            found[name] = found[name] and datetime.fromisoformat(found[name])
        return cls(**found)


def topic(key: int) -> str:
    """What is announced when the export of `key` got further (models/signal.py)."""
    return f"export:{key}"


class Export(Model):
    """What an account asked to take out, how far that is, and the file that came of it.

    `reach` is what the account reached when the file was written, and `position` the last event
    by then: both are held against what is true when it is fetched.
    """

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="exports", on_delete=fields.CASCADE
    )
    kind = fields.CharEnumField(ExportKind, max_length=16)
    format = fields.CharEnumField(ExportFormat, max_length=16)
    conditions = fields.TextField()
    state = fields.CharEnumField(ExportState, max_length=16, default=_QUEUED)
    fault: Any = fields.CharEnumField(ExportFault, max_length=16, null=True)
    rows = fields.BigIntField(default=0)
    total = fields.BigIntField(null=True)
    size = fields.BigIntField(null=True)
    sha256 = fields.CharField(max_length=64, null=True)
    reach = fields.TextField(default="[]")
    position = fields.BigIntField(default=0)
    version = fields.IntField(default=1)
    requested_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)

    account_id: int

    class Meta:
        table = "export"

    @classmethod
    async def ask(
        cls, account: int, kind: ExportKind, form: ExportFormat, conditions: Conditions
    ) -> Self:
        """A new one, for the worker to write. Raises ExportQuota.

        Who asks twice at the same moment is counted one after the other.
        """
        await Account.filter(id=account).select_for_update().first()
        now = datetime.now(UTC)
        own = cls.filter(account_id=account)
        if await own.filter(state__in=UNFINISHED).count() >= AT_ONCE:
            message = "At most {most} exports at once: wait for one, or cancel it."
            raise ExportQuota(message, most=AT_ONCE)
        if await own.filter(requested_at__gt=now - timedelta(days=1)).count() >= A_DAY:
            message = "At most {most} exports in 24 hours: ask again later."
            raise ExportQuota(message, most=A_DAY)
        return await cls.create(
            account_id=account,
            kind=kind,
            format=form,
            conditions=conditions.stored(),
            requested_at=now,
        )

    @property
    def file_name(self) -> str:
        """What its file is called in the folder of exports."""
        return f"{self.id}.{self.format.value}"

    @property
    def over(self) -> bool:
        """Whether its time is over, were its file there still."""
        return self.expires_at is not None and self.expires_at <= datetime.now(UTC)

    async def run(self) -> None:
        """It is being written. This and every step: the row must be locked by the caller."""
        await self._step(ExportStep.RUN, rows=0)

    async def finish(self, *, rows: int, size: int, sha256: str, reach: str, position: int) -> None:
        """Its file is whole, and may be fetched for a while."""
        now = datetime.now(UTC)
        found = {"rows": rows, "size": size, "sha256": sha256, "reach": reach, "position": position}
        await self._step(ExportStep.FINISH, finished_at=now, expires_at=now + KEPT, **found)

    async def fail(self, fault: ExportFault) -> None:
        """There will be no file."""
        await self._step(ExportStep.FAIL, fault=fault, finished_at=datetime.now(UTC))

    async def cancel(self, *, expected_version: int) -> None:
        """Give it up: what is being written stops, and its file can't be fetched any more."""
        if self.version != expected_version:
            message = "This is at version {version} now: read it again."
            raise StaleVersion(message, "expectedVersion", version=self.version)
        await self._step(ExportStep.CANCEL, finished_at=datetime.now(UTC))

    async def expire(self) -> None:
        """Its file is gone."""
        await self._step(ExportStep.EXPIRE)

    def deed(self, action: str) -> Deed:
        """What was done with it, for the audit trail."""
        facts = {"kind": self.kind.value, "format": self.format.value, "rows": self.rows}
        return Deed(action, ids.encode("Export", self.id), facts=facts)

    async def _step(self, step: ExportStep, **columns: Any) -> None:
        self.state = EXPORTING.after(self.state, step)
        self.version += 1
        for name, value in columns.items():
            setattr(self, name, value)
        await self.save()
