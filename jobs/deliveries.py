"""Webhooks: events become deliveries, deliveries are sent, signed, in order for each item.

One task stands for each endpoint, so one worker at a time sends to it, and a receiver that hangs
holds up its own task only.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson
from standardwebhooks import Webhook
from tortoise.transactions import in_transaction

from auth import scope
from auth.accounts import follower
from jobs.sending import Sender, Unsent
from models import ids
from models.audit import AuditEntry, Doer, Place
from models.event import Event, EventLog
from models.measures import DELIVERIES
from models.outward import Outward
from models.sql import Sql, fetch
from models.task import MAX_ATTEMPTS, Lease, Task
from models.webhook import (
    DELIVER,
    FAILURES,
    Delivery,
    Endpoint,
    EndpointState,
    EndpointStep,
    Trouble,
)
from resolvers.events import EVENT, between
from resolvers.rows import Row, as_datetime, select
from resolvers.selection import NOTHING, Selection

AT_ONCE = 8
"""Deliveries that one receiver is sent at the same moment, each of another item."""

AHEAD = 500
"""Events of an endpoint that become deliveries at once."""

TURN = timedelta(seconds=10)
"""For how long one endpoint is served before others get a turn."""

_KEPT = Selection({"type": NOTHING, "item": NOTHING})
_TOLD = Selection(
    {
        **dict.fromkeys(("id", "position", "at", "type", "catalogue", "subject"), NOTHING),
        **dict.fromkeys(("item", "tombstone", "facts"), NOTHING),
        "network": Selection({"code": NOTHING}),
        "department": Selection({"code": NOTHING}),
        "office": Selection({"id": NOTHING}),
    }
)


async def look() -> None:
    """Ask for each endpoint for which something may have happened."""
    now = datetime.now(UTC)
    text = (
        "SELECT w.id FROM webhook_endpoint w LEFT JOIN task t"
        " ON t.kind = ? AND t.key = CAST(w.id AS text)"
        " WHERE w.state = ? AND w.position < (SELECT max(id) FROM event)"
        " AND (t.id IS NULL OR ((t.due_at > ? OR t.attempts >= ?)"
        " AND (t.leased_until IS NULL OR t.leased_until < ?)))"
    )
    args = (DELIVER, EndpointState.ACTIVE.value, now, MAX_ATTEMPTS, now)
    for (key,) in await fetch(Sql(text, args)):
        await Task.ask(DELIVER, key)


class Deliveries:
    """Sends to the endpoints."""

    def __init__(self, sender: Sender, outward: Outward) -> None:
        self._sender = sender
        self._outward = outward

    async def deliver(self, lease: Lease) -> datetime | None:
        """Send what is due to one endpoint; when to go on, if something is left."""
        begun = datetime.now(UTC)
        while True:
            behind = await _spread(int(lease.key))
            due = await self._send_due(int(lease.key))
            now = datetime.now(UTC)
            if not behind and (due is None or due > now):
                return due
            if now - begun > TURN:
                return now

    async def _send_due(self, key: int) -> datetime | None:
        """Send a round of what is due. When the next one is; None when nothing is left."""
        endpoint = await Endpoint.get_or_none(id=key)
        if endpoint is None or endpoint.state is not EndpointState.ACTIVE:
            return None
        if endpoint.retry_at and endpoint.retry_at > datetime.now(UTC):
            return endpoint.retry_at
        # One that failed again and again is asked by one delivery whether it is back.
        due = await _due(key, 1 if endpoint.failures >= FAILURES else AT_ONCE)
        if due:
            events = await _events(endpoint, due)
            sent = [self._send(endpoint, one, events.get(one.event_id or 0)) for one in due]
            await _written(key, due, await asyncio.gather(*sent))
        return await _next(key)

    async def _send(
        self, endpoint: Endpoint, delivery: Delivery, event: Row | None
    ) -> int | Unsent:
        if event is None and delivery.event_id is not None:
            return Unsent(Trouble.FORGOTTEN)
        now, body = datetime.now(UTC), payload(endpoint, delivery, event)
        secrets = endpoint.secrets(self._outward.seals)
        signed = [Webhook(one).sign(delivery.message, now, body.decode()) for one in secrets]
        headers = {
            "content-type": "application/json",
            "user-agent": "Relais",
            "webhook-id": delivery.message,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signed),
        }
        try:
            return await self._sender.send(endpoint.url, headers, body)
        except Unsent as unsent:
            return unsent


def payload(endpoint: Endpoint, delivery: Delivery, event: Row | None) -> bytes:
    """What is sent: what happened, by ids and facts. docs/events.md shows one."""
    if event is None:
        data = {"endpoint": ids.encode("WebhookEndpoint", endpoint.id)}
        return orjson.dumps({"type": delivery.type, "timestamp": delivery.asked_at, "data": data})
    data = {
        "id": event.id,
        "position": event.position,
        "catalogue": event.catalogue,
        "subject": event.subject,
        "item": event.item,
        "tombstone": event.tombstone,
        "network": event.network and event.network.code,
        "department": event.department and event.department.code,
        "office": event.office and event.office.id,
        "facts": event.facts,
    }
    return orjson.dumps({"type": event.type, "timestamp": event.at, "data": data})


async def _spread(key: int) -> bool:
    """Make deliveries of what happened since; whether there is more."""
    async with in_transaction():
        endpoint = await Endpoint.filter(id=key).select_for_update().first()
        if endpoint is None or endpoint.state is not EndpointState.ACTIVE:
            return False
        viewer, types = await follower(Place.of(endpoint)), orjson.loads(endpoint.types)
        head = (await EventLog.span()).head
        told = await between(viewer, endpoint.position, head, _KEPT, AHEAD, types)
        await endpoint.owe([(row.key, row.type, row.item) for row in told.rows])
        endpoint.position = told.position
        await endpoint.save(update_fields=["position"])
    return told.more


_FIRST = (
    "y.endpoint_id = ? AND y.state = 'pending' AND NOT EXISTS (SELECT 1 FROM webhook_delivery b"
    " WHERE b.endpoint_id = y.endpoint_id AND b.item = y.item AND b.state = 'pending'"
    " AND b.event_id < y.event_id)"
)
"""Of each item the first delivery that waits: none overtakes another."""


async def _due(key: int, most: int) -> list[Delivery]:
    """Deliveries to be sent now."""
    text = (
        f"SELECT y.id FROM webhook_delivery y WHERE {_FIRST} AND y.due_at <= ?"
        " ORDER BY y.due_at, y.id LIMIT ?"
    )
    rows = await fetch(Sql(text, (key, datetime.now(UTC), most)))
    return await Delivery.filter(id__in=[row[0] for row in rows]).order_by("id")


async def _next(key: int) -> datetime | None:
    """When the next delivery of an endpoint is due."""
    text = f"SELECT min(y.due_at) FROM webhook_delivery y WHERE {_FIRST}"
    ((first,),) = await fetch(Sql(text, (key,)))
    return as_datetime(first) if first else None


async def _events(endpoint: Endpoint, due: Sequence[Delivery]) -> dict[int, Row]:
    keys = [one.event_id for one in due if one.event_id is not None]
    within = scope.events(await follower(Place.of(endpoint))).narrow([Sql("e.id IN ??", (keys,))])
    return {row.key: row for row in await select(EVENT, within, _TOLD)}


async def _written(key: int, sent: Sequence[Delivery], answers: Sequence[int | Unsent]) -> None:
    """Write down what became of a round; switch the endpoint off when it is hopeless."""
    async with in_transaction():
        endpoint = await Endpoint.filter(id=key).select_for_update().first()
        if endpoint is None:
            return
        for delivery, answer in zip(sent, answers, strict=True):
            if isinstance(answer, Unsent):
                delivery.refused(answer.status, answer.trouble)
            else:
                delivery.taken(answer)
            DELIVERIES.labels(delivery.trouble or "delivered").inc()
            await delivery.save(
                update_fields=["state", "attempts", "due_at", "tried_at", "status", "trouble"]
            )
        troubles = [one.trouble for one in answers if isinstance(one, Unsent)]
        if len(troubles) < len(answers):
            endpoint.answered()
        else:
            endpoint.failed(troubles[0])
        gone = Trouble.GONE in troubles
        if (gone or endpoint.hopeless) and endpoint.state is EndpointState.ACTIVE:
            endpoint.step(EndpointStep.FAIL)
            deed = endpoint.deed("webhook.failed", gone=gone)
            await Event.add(await AuditEntry.add(deed, Doer(None, "worker")), [deed])
        await endpoint.save(
            update_fields=["failures", "failing_since", "retry_at", "state", "disabled_at"]
        )
