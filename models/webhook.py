"""Where others are told of events: endpoints of webhooks, and what was sent to them."""

import base64
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import uniform
from typing import Any, Self
from uuid import uuid4

import orjson
from cryptography.fernet import MultiFernet
from tortoise import fields
from tortoise.models import Model

from models import ids
from models.account import Account
from models.audit import Deed, Place
from models.event import EventLog
from models.network import Department, Network
from models.office import Office
from models.workflow import Workflow, next_version

MAX_OVERLAP = 7 * 24
"""Hours for which a former secret may go on."""

WINDOW = timedelta(hours=24)
"""For how long a delivery is tried; an endpoint that fails for as long is switched off."""

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=2)

FAILURES = 5
"""Failures in a row after which an endpoint is left alone for a while, whatever waits for it."""


DELIVER = "deliver"
"""The kind of the task that sends to an endpoint, whose key it is about."""

TEST = "webhook.test"
"""The type of what is sent to try an endpoint out; it is no event."""


def pause(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: three times as long each, more or less."""
    usual = min(FIRST_PAUSE * 3.0 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return usual * uniform(0.8, 1.2)  # noqa: S311  (spreads load, guards nothing)


class EndpointState(StrEnum):
    """Whether events are sent to an endpoint."""

    ACTIVE = "active"
    OFF = "off"
    FAILED = "failed"


class EndpointStep(StrEnum):
    """What can be done with an endpoint as a whole."""

    ENABLE = "enable"
    DISABLE = "disable"
    FAIL = "fail"


CALLING: Workflow[EndpointState, EndpointStep] = Workflow(
    "Endpoint of webhooks",
    EndpointState.ACTIVE,
    {
        EndpointStep.DISABLE: {EndpointState.ACTIVE: EndpointState.OFF},
        EndpointStep.FAIL: {EndpointState.ACTIVE: EndpointState.FAILED},
        EndpointStep.ENABLE: {
            EndpointState.OFF: EndpointState.ACTIVE,
            EndpointState.FAILED: EndpointState.ACTIVE,
        },
    },
)


class DeliveryState(StrEnum):
    """What became of one event at one endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class Trouble(StrEnum):
    """Why an event was not taken."""

    NOT_PUBLIC = "not_public"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    TIMEOUT = "timeout"
    NOT_HTTP = "not_http"
    REDIRECT = "redirect"
    REFUSED = "refused"
    GONE = "gone"
    FORGOTTEN = "forgotten"


_ALIVE = frozenset({Trouble.REFUSED, Trouble.FORGOTTEN})
"""What does not tell that the receiver is in trouble as a whole: it answers."""


def secret() -> str:
    """A new secret, in the form of Standard Webhooks."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class Endpoint(Model):
    """An address to which the events of a place are sent, each signed.

    Secrets are kept sealed (docs/decisions/0023). `position` is the last event that was looked at
    for it. After `FAILURES` failures in a row it is left alone until `retry_at`.
    """

    id = fields.BigIntField(primary_key=True)
    label = fields.CharField(max_length=255)
    url = fields.CharField(max_length=2000)
    network: fields.ForeignKeyNullableRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="webhooks", on_delete=fields.RESTRICT, null=True
    )
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="webhooks", on_delete=fields.RESTRICT, null=True
    )
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="webhooks", on_delete=fields.RESTRICT, null=True
    )
    types = fields.TextField(default="[]")
    secret = fields.TextField()
    former_secret = fields.TextField(null=True)
    former_until = fields.DatetimeField(null=True)
    state = fields.CharEnumField(EndpointState, max_length=16, default=EndpointState.ACTIVE)
    position = fields.BigIntField()
    failures = fields.IntField(default=0)
    failing_since = fields.DatetimeField(null=True)
    retry_at = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    made_at = fields.DatetimeField(auto_now_add=True)
    made_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="webhooks", on_delete=fields.SET_NULL, null=True
    )
    version = fields.IntField(default=1)

    network_id: int | None
    department_id: str | None
    office_id: int | None

    class Meta:
        table = "webhook_endpoint"

    @classmethod
    async def make(
        cls,
        place: Place,
        url: str,
        *,
        label: str,
        types: Sequence[str],
        seals: MultiFernet,
        by: int,
    ) -> tuple[Self, str]:
        """A new endpoint, told of what happens from now on; and its secret, told this once."""
        plain = secret()
        made = await cls.create(
            label=label,
            url=url,
            network_id=place.network,
            department_id=place.department,
            office_id=place.office,
            types=orjson.dumps(list(types)).decode(),
            secret=seals.encrypt(plain.encode()).decode(),
            position=(await EventLog.span()).head,
            made_by_id=by,
        )
        return made, plain

    def expect(self, version: int) -> None:
        """Go up by one version. Raises StaleVersion when it changed since it was read."""
        self.version = next_version(self.version, version)

    def rotate(self, seals: MultiFernet, overlap: timedelta) -> str:
        """Give it a new secret, beside which the one it has goes on for a while."""
        plain = secret()
        self.former_secret, self.former_until = self.secret, datetime.now(UTC) + overlap
        self.secret = seals.encrypt(plain.encode()).decode()
        return plain

    def secrets(self, seals: MultiFernet) -> list[str]:
        """The secrets to sign with now, the newest first."""
        sealed = [self.secret]
        if self.former_secret and self.former_until and self.former_until > datetime.now(UTC):
            sealed.append(self.former_secret)
        return [seals.decrypt(one).decode() for one in sealed]

    def step(self, step: EndpointStep) -> None:
        """Switch it on or off. Raises IllegalStep."""
        self.state = CALLING.after(self.state, step)
        active = self.state is EndpointState.ACTIVE
        self.disabled_at = None if active else datetime.now(UTC)
        if active:
            self.answered()

    async def owe(self, events: Iterable[tuple[int, str, str]]) -> None:
        """It is to be sent these events (key, type and item), each once."""
        now = datetime.now(UTC)
        made = [
            Delivery(
                endpoint=self,
                event_id=key,
                type=kind,
                item=item,
                message=f"evt_{key}",
                asked_at=now,
                due_at=now,
            )
            for key, kind, item in events
        ]
        await Delivery.bulk_create(made, batch_size=500, ignore_conflicts=True)

    async def try_out(self) -> "Delivery":
        """It is to be sent a test, which is about nothing."""
        now, message = datetime.now(UTC), f"test_{uuid4().hex}"
        return await Delivery.create(
            endpoint=self, type=TEST, item=message, message=message, asked_at=now, due_at=now
        )

    async def replay(self, events: Sequence[tuple[int, str, str]]) -> None:
        """It is to be sent these events once more, or now."""
        again = [f"evt_{key}" for key, _, _ in events]
        now = datetime.now(UTC)
        await Delivery.filter(endpoint=self, message__in=again).update(
            state=DeliveryState.PENDING, attempts=0, asked_at=now, due_at=now
        )
        await self.owe(events)

    async def resume(self) -> None:
        """It is to be sent at once what waits for it, as if that had not been tried."""
        now, waiting = datetime.now(UTC), Delivery.filter(endpoint=self)
        await waiting.filter(state=DeliveryState.PENDING).update(
            attempts=0, asked_at=now, due_at=now
        )

    def answered(self) -> None:
        """It took what was sent: whatever went wrong before is over."""
        self.failures, self.failing_since, self.retry_at = 0, None, None

    def failed(self, trouble: Trouble) -> None:
        """It did not take what was sent."""
        now = datetime.now(UTC)
        self.failing_since = self.failing_since or now
        if trouble in _ALIVE:
            return
        self.failures += 1
        if self.failures >= FAILURES:
            self.retry_at = now + pause(self.failures - FAILURES + 2)

    @property
    def hopeless(self) -> bool:
        """Whether it took nothing for so long that it is to be switched off."""
        since = self.failing_since
        return since is not None and datetime.now(UTC) - since > WINDOW

    def deed(self, action: str, **facts: Any) -> Deed:
        """What was done with it."""
        return Deed(action, ids.encode("WebhookEndpoint", self.id), Place.of(self), facts)


class Delivery(Model):
    """One event at one endpoint: whether it was taken, and what went wrong last.

    `message` is its id at the receiver: the same however often it is sent. Without an event it is
    a test.
    """

    id = fields.BigIntField(primary_key=True)
    endpoint: fields.ForeignKeyRelation[Endpoint] = fields.ForeignKeyField(
        "models.Endpoint", related_name="deliveries", on_delete=fields.CASCADE, db_index=False
    )
    event_id = fields.BigIntField(null=True)
    type = fields.CharField(max_length=64)
    item = fields.CharField(max_length=128)
    message = fields.CharField(max_length=64)
    state = fields.CharEnumField(DeliveryState, max_length=16, default=DeliveryState.PENDING)
    attempts = fields.IntField(default=0)
    asked_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    tried_at = fields.DatetimeField(null=True)
    status = fields.SmallIntField(null=True)
    trouble = fields.CharEnumField(Trouble, max_length=16, null=True)

    endpoint_id: int

    class Meta:
        table = "webhook_delivery"
        unique_together = (("endpoint", "message"),)

    def again(self) -> None:
        """Send it once more, as if it had not been tried."""
        self.state, self.attempts = DeliveryState.PENDING, 0
        self.asked_at = self.due_at = datetime.now(UTC)

    def taken(self, status: int) -> None:
        """The receiver has it."""
        self._tried(status, None)
        self.state = DeliveryState.DELIVERED

    def refused(self, status: int | None, trouble: Trouble) -> None:
        """The receiver did not take it: later, unless it was tried for long enough."""
        self._tried(status, trouble)
        self.due_at = datetime.now(UTC) + pause(self.attempts)
        if self.due_at - self.asked_at > WINDOW or trouble is Trouble.FORGOTTEN:
            self.state = DeliveryState.DEAD

    def _tried(self, status: int | None, trouble: Trouble | None) -> None:
        self.attempts += 1
        self.tried_at = datetime.now(UTC)
        self.status = status
        self.trouble = trouble  # type: ignore[assignment]  # Tortoise does not type null enums
