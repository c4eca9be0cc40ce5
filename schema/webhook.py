"""Webhooks: where others are told of events, and what became of it."""

from datetime import datetime

import strawberry

from resolvers.names import DeliveryState, DeliveryTrouble, EndpointState, EndpointStep
from schema.node import Node
from schema.office import Department, Network, Office
from schema.payloads import Payload


@strawberry.type(
    description="An address to which the events of a place are sent, signed as Standard Webhooks "
    "are: for those who administer the place and may follow it."
)
class WebhookEndpoint(Node):
    label: str = strawberry.field(description="What it is called.")
    url: str = strawberry.field(description="Where events are sent.")
    network: Network | None = strawberry.field(
        description="The network whose events are sent; null for those of the country."
    )
    department: Department | None = strawberry.field(description="The department, if narrowed.")
    office: Office | None = strawberry.field(
        description="The office, with those below it, if narrowed."
    )
    types: list[str] = strawberry.field(
        description="The types of events that are sent; all when empty."
    )
    state: EndpointState = strawberry.field(description="Whether events are sent.")
    steps: list[EndpointStep] = strawberry.field(
        description="What can be done with it as a whole in this state."
    )
    failing_since: datetime | None = strawberry.field(
        description="Since when it has taken nothing of what was sent; null while it does. After "
        "24 hours it is switched off."
    )
    retry_at: datetime | None = strawberry.field(
        description="Until when it is left alone after failures in a row; null when it is not."
    )
    disabled_at: datetime | None = strawberry.field(description="When it was switched off.")
    former_secret_until: datetime | None = strawberry.field(
        description="Until when the secret before the present one is signed by too."
    )
    made_at: datetime = strawberry.field(description="When it was made.")
    made_by: strawberry.ID | None = strawberry.field(
        description="Id of the `Account` that made it."
    )
    version: int = strawberry.field(
        description="Goes up by one with each change: give it as `expectedVersion`."
    )
    pending: int = strawberry.field(description="How many deliveries wait.")
    dead: int = strawberry.field(
        description="How many deliveries were given up: `webhookReplay` sends them again."
    )


@strawberry.type(description="One event at one endpoint, and what became of it.")
class WebhookDelivery(Node):
    endpoint_id: strawberry.ID = strawberry.field(description="Id of the `WebhookEndpoint`.")
    event_id: strawberry.ID | None = strawberry.field(
        description="Id of the `Event`; null for a test."
    )
    type: str = strawberry.field(description="Its type.")
    item: strawberry.ID | None = strawberry.field(
        description="Id of what deliveries are in order for; null for a test."
    )
    message: str = strawberry.field(
        description="What is sent as `webhook-id`: the same each time, so that a receiver knows "
        "what it has."
    )
    state: DeliveryState = strawberry.field(description="Where it stands.")
    attempts: int = strawberry.field(description="How often it was sent since it was last asked.")
    asked_at: datetime = strawberry.field(description="When it was last asked for.")
    due_at: datetime | None = strawberry.field(
        description="When it is sent next, if the endpoint is not left alone; null unless it waits."
    )
    tried_at: datetime | None = strawberry.field(description="When it was last sent.")
    status: int | None = strawberry.field(
        description="The HTTP status of the last answer; null when there was none."
    )
    trouble: DeliveryTrouble | None = strawberry.field(
        description="Why it was not taken the last time; null when it was."
    )


@strawberry.type(description="An endpoint that was changed, or why not.")
class WebhookPayload(Payload):
    endpoint: WebhookEndpoint | None = strawberry.field(
        description="The endpoint; null when refused."
    )


@strawberry.type(description="An endpoint with a new secret, or why not.")
class WebhookSecretPayload(Payload):
    endpoint: WebhookEndpoint | None = strawberry.field(
        description="The endpoint; null when refused."
    )
    secret: str | None = strawberry.field(
        description="What its signatures are verified by (`whsec_...`). Shown this once, and not "
        "again under the same idempotency key: keep it safe."
    )


@strawberry.type(description="An endpoint that was removed, or why not.")
class WebhookRemovedPayload(Payload):
    removed: strawberry.ID | None = strawberry.field(description="Its id; null when refused.")


@strawberry.type(description="A test that is sent, or why not.")
class WebhookTestPayload(Payload):
    endpoint: WebhookEndpoint | None = strawberry.field(
        description="The endpoint; null when refused."
    )
    delivery: WebhookDelivery | None = strawberry.field(
        description="The test, which waits to be sent: read it again to see what became of it."
    )


@strawberry.type(description="Events that are sent again, or why not.")
class WebhookReplayPayload(Payload):
    endpoint: WebhookEndpoint | None = strawberry.field(
        description="The endpoint; null when refused."
    )
    replayed: int | None = strawberry.field(
        description="How many are sent again; null when refused."
    )
