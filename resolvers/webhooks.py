"""Endpoints of webhooks and what was sent to them, as those who keep them see it."""

from collections.abc import Callable
from typing import Annotated, Any

import orjson
import strawberry

from auth import scope
from models import ids
from models.sql import Sql
from models.webhook import CALLING
from models.webhook import EndpointState as State
from resolvers import reference
from resolvers.context import Info
from resolvers.names import DeliveryState, DeliveryTrouble, EndpointState, EndpointStep
from resolvers.offices import OFFICE
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect, whole
from resolvers.rows import Column, Noun, One, Row, as_datetime, select
from resolvers.selection import Selection, selected


def _counted(state: str) -> str:
    return (
        "(SELECT count(*) FROM webhook_delivery n WHERE n.endpoint_id = @.id"
        f" AND n.state = '{state}')"
    )


def _id_of(type_name: str) -> Callable[[Any], str]:
    return lambda key: ids.encode(type_name, key)


WEBHOOK = Noun(
    name="WebhookEndpoint",
    alias="w",
    source="webhook_endpoint w",
    key="@.id",
    columns={
        "id": Column("@.id", _id_of("WebhookEndpoint")),
        "label": Column("@.label"),
        "url": Column("@.url"),
        "types": Column("@.types", orjson.loads),
        "state": Column("@.state", EndpointState),
        "steps": Column("@.state", lambda state: _steps(State(state))),
        "failing_since": Column("@.failing_since", as_datetime),
        "retry_at": Column("@.retry_at", as_datetime),
        "disabled_at": Column("@.disabled_at", as_datetime),
        "former_secret_until": Column("@.former_until", as_datetime),
        "made_at": Column("@.made_at", as_datetime),
        "made_by": Column("@.made_by_id", _id_of("Account")),
        "version": Column("@.version"),
        "pending": Column(_counted("pending")),
        "dead": Column(_counted("dead")),
    },
    ones={
        "network": One(reference.NETWORK, "LEFT JOIN network # ON #.id = @.network_id"),
        "department": One(
            reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"
        ),
        "office": One(OFFICE, "LEFT JOIN office # ON #.id = @.office_id"),
    },
)
DELIVERY = Noun(
    name="WebhookDelivery",
    alias="y",
    source="webhook_delivery y JOIN webhook_endpoint w ON w.id = y.endpoint_id",
    key="@.id",
    columns={
        "id": Column("@.id", _id_of("WebhookDelivery")),
        "endpoint_id": Column("@.endpoint_id", _id_of("WebhookEndpoint")),
        "event_id": Column("@.event_id", _id_of("Event")),
        "type": Column("@.type"),
        "item": Column("CASE WHEN @.event_id IS NOT NULL THEN @.item END"),
        "message": Column("@.message"),
        "state": Column("@.state", DeliveryState),
        "attempts": Column("@.attempts"),
        "asked_at": Column("@.asked_at", as_datetime),
        "due_at": Column("CASE WHEN @.state = 'pending' THEN @.due_at END", as_datetime),
        "tried_at": Column("@.tried_at", as_datetime),
        "status": Column("@.status"),
        "trouble": Column("@.trouble", DeliveryTrouble),
    },
)
WEBHOOKS = Order("webhook", Sql("w.id"), "w.id", parse=whole)
DELIVERIES = Order("delivery", Sql("y.id"), "y.id", parse=whole, descending=True)


def _steps(state: State) -> list[EndpointStep]:
    return [step for step in CALLING.possible(state) if step is not EndpointStep.FAIL]


@strawberry.input(description="Which deliveries: those that meet every condition given.")
class DeliveryFilter:
    states: list[DeliveryState] | None = strawberry.field(
        default=None, description="In one of these states; `DEAD` are the dead letters."
    )
    types: list[str] | None = strawberry.field(
        default=None, description="Of events of one of these types."
    )


EndpointId = Annotated[
    strawberry.ID, strawberry.argument(description="Id of the `WebhookEndpoint`.")
]
DeliveryWhere = Annotated[
    DeliveryFilter | None, strawberry.argument(description="Conditions; all of them without.")
]


async def listing(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Endpoints over what the viewer both administers and may follow."""
    scoped = scope.webhooks(info.context.viewer)
    page = Page(first, after, last, before)
    return await connect(WEBHOOK, scoped, selected(info), WEBHOOKS, page)


async def deliveries(
    info: Info,
    endpoint: EndpointId,
    where: DeliveryWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """What was sent to an endpoint, and what waits, the latest first."""
    where = where or DeliveryFilter()
    met = [Sql("y.endpoint_id = ?", (ids.key_of("WebhookEndpoint", endpoint, "endpoint"),))]
    if where.states is not None:
        met.append(Sql("y.state IN ??", ([one.value for one in where.states],)))
    if where.types is not None:
        met.append(Sql("y.type IN ??", (where.types,)))
    scoped = scope.webhook_deliveries(info.context.viewer).narrow(where=met)
    page = Page(first, after, last, before)
    return await connect(DELIVERY, scoped, selected(info), DELIVERIES, page)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The endpoint of `key`, if it is the viewer's to keep."""
    scoped = scope.webhooks(info.context.viewer).narrow(where=[Sql("w.id = ?", (key,))])
    return next(iter(await select(WEBHOOK, scoped, selection)), None)


async def delivery_by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The delivery of `key`, if its endpoint is the viewer's to keep."""
    scoped = scope.webhook_deliveries(info.context.viewer).narrow(where=[Sql("y.id = ?", (key,))])
    return next(iter(await select(DELIVERY, scoped, selection)), None)
