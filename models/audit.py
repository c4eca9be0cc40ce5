"""The audit trail: who did what, when and from where; each entry seals the one before."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import orjson
from tortoise import fields
from tortoise.models import Model

from models.measures import AUDIT_FAILURES
from models.network import Department, Network
from models.office import Office

GENESIS = "0" * 64
"""What the first entry seals."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is of concern: a network, or a part of it; the whole country without."""

    network: int | None = None
    department: str | None = None
    office: int | None = None

    @classmethod
    def of(cls, placed: Any) -> Self:
        """Where a grant holds, or what a structure is of."""
        return cls(placed.network_id, placed.department_id, placed.office_id)

    @classmethod
    def of_office(cls, office: Office) -> Self:
        """Where an office is."""
        return cls(office.network_id, office.department_id, office.id)


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done: its name, to what, where, and facts that hold no text of a user."""

    action: str
    subject: str
    place: Place = Place()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doer:
    """Who did it, and through which request."""

    account: int | None
    label: str
    address: str | None = None
    request: str | None = None


class AuditEntry(Model):
    """One deed. Never changed, never removed: the database refuses it, and the seals tell it."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor = fields.BigIntField(null=True)
    actor_label = fields.CharField(max_length=255)
    action = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=128)
    network: fields.ForeignKeyNullableRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="audit", on_delete=fields.RESTRICT, null=True
    )
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="audit", on_delete=fields.RESTRICT, null=True
    )
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="audit", on_delete=fields.RESTRICT, null=True
    )
    facts = fields.TextField()
    address = fields.CharField(max_length=64, null=True)
    request = fields.CharField(max_length=64, null=True)
    seal = fields.CharField(max_length=64)

    network_id: int | None
    department_id: str | None
    office_id: int | None

    class Meta:
        table = "audit_entry"

    @classmethod
    async def add(cls, deed: Deed, by: Doer) -> "AuditEntry":
        """Write what was done, in the transaction that does it, as the last thing there.

        The head is locked until the commit: entries are numbered without a gap.
        """
        with AUDIT_FAILURES.count_exceptions():
            return await cls._add(deed, by)

    @classmethod
    async def _add(cls, deed: Deed, by: Doer) -> "AuditEntry":
        head = await AuditHead.all().select_for_update().get(id=1)
        entry = cls(
            id=head.entries + 1,
            at=datetime.now(UTC),
            actor=by.account,
            actor_label=by.label,
            action=deed.action,
            subject=deed.subject,
            network_id=deed.place.network,
            department_id=deed.place.department,
            office_id=deed.place.office,
            facts=orjson.dumps(dict(deed.facts), option=orjson.OPT_SORT_KEYS).decode(),
            address=by.address,
            request=by.request,
        )
        entry.seal = entry.sealed(head.seal)
        await entry.save(force_create=True)
        await AuditHead.filter(id=1).update(entries=entry.id, seal=entry.seal)
        return entry

    def sealed(self, before: str) -> str:
        """The seal that this entry must bear after one whose seal is `before`."""
        told = {name: getattr(self, name) for name in _SEALED}
        told["at"] = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        content = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(before.encode() + content).hexdigest()


_SEALED = (
    "id",
    "actor",
    "actor_label",
    "action",
    "subject",
    "network_id",
    "department_id",
    "office_id",
    "facts",
    "address",
    "request",
)


class AuditHead(Model):
    """How many entries there are, and the seal of the last: one row."""

    id = fields.IntField(primary_key=True)
    entries = fields.BigIntField()
    seal = fields.CharField(max_length=64)

    class Meta:
        table = "audit_head"
