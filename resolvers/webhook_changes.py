"""Keeping endpoints of webhooks: for those who administer a place and may follow it."""

from datetime import datetime, timedelta
from typing import Annotated

import orjson
import strawberry

from auth import scope
from auth.accounts import follower
from auth.permissions import Permission
from models import ids
from models.audit import Place
from models.errors import BadInput, BeyondOwn
from models.office import Office, below
from models.sql import Sql
from models.task import Task
from models.wall import lifted
from models.webhook import DELIVER, MAX_OVERLAP, Delivery, Endpoint, EndpointStep
from resolvers.changes import known_types
from resolvers.context import Info
from resolvers.done import Done
from resolvers.events import between
from resolvers.giving import PlaceInput, place_of
from resolvers.locked import locked
from resolvers.rows import as_datetime
from resolvers.selection import NOTHING, Selection
from resolvers.webhooks import DELIVERY, WEBHOOK, EndpointId

MAX_LABEL = 255

MAX_REPLAY = 5_000
"""Events that are sent again at once."""


@strawberry.input(description="An address to which events are to be sent.")
class WebhookInput:
    url: str = strawberry.field(description="`https://HOST/PATH`, on the public internet.")
    label: str = strawberry.field(
        description=f"What it is called: a function, never a name; 1 to {MAX_LABEL} characters."
    )
    place: PlaceInput = strawberry.field(
        description="Where what happens is sent: as wide as you both administer and may follow."
    )
    types: list[str] | None = strawberry.field(
        default=None, description="Types of events: these only; all, new ones too, without."
    )


WebhookArgument = Annotated[WebhookInput, strawberry.argument(description="The endpoint.")]
Url = Annotated[str | None, strawberry.argument(description="As for `webhookCreate`; or as it is.")]
Label = Annotated[
    str | None, strawberry.argument(description="As for `webhookCreate`; or as it is.")
]
EventTypes = Annotated[
    list[str] | None,
    strawberry.argument(description="Types of events: these only from now on; or as it is."),
]
ExpectedVersion = Annotated[
    int,
    strawberry.argument(
        description="The `version` that was read: an endpoint that changed since is left alone."
    ),
]
Overlap = Annotated[
    int,
    strawberry.argument(
        description="Hours for which what is sent is signed by the former secret too: 0 to "
        f"{MAX_OVERLAP}."
    ),
]
DeliveryId = Annotated[
    strawberry.ID | None, strawberry.argument(description="Id of the one `WebhookDelivery`.")
]
OfEndpoint = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Id of the `WebhookEndpoint`, for a range of time."),
]
ReplaySince = Annotated[
    datetime | None, strawberry.argument(description="What happened then or later.")
]
ReplayUntil = Annotated[
    datetime | None,
    strawberry.argument(description="What happened before then; up to now without."),
]


async def create(info: Info, input: WebhookArgument) -> Done:  # noqa: A002  (its name in the API)
    """Send what happens at a place to an address, from now on."""
    outward, viewer = info.context.outward, info.context.viewer
    url = outward.checked(input.url, "input", "url")
    label = _label(input.label, "input", "label")
    types = known_types(input.types, "input", "types")
    place, _ = await place_of(input.place, "input", "place")
    await _allow(info, place)
    made, secret = await Endpoint.make(
        place, url, label=label, types=types, seals=outward.seals, by=viewer.account
    )
    deed = made.deed("webhook.created", types=types)
    return Done(deed, endpoint=made.id, once={"secret": secret})


async def update(
    info: Info,
    id: EndpointId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    url: Url = None,
    label: Label = None,
    types: EventTypes = None,
) -> Done:
    """Call it otherwise, at another address, for other events; what is left out stays."""
    found = await _found(info, id, expected_version)
    if url is not None:
        found.url = info.context.outward.checked(url, "url")
    if label is not None:
        found.label = _label(label, "label")
    if types is not None:
        found.types = orjson.dumps(known_types(types)).decode()
    await found.save(update_fields=["url", "label", "types", "version"])
    return Done(found.deed("webhook.updated", types=orjson.loads(found.types)), endpoint=found.id)


async def remove(
    info: Info,
    id: EndpointId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Send nothing there any more, and forget what was sent."""
    found = await _found(info, id, expected_version)
    deed = found.deed("webhook.removed")
    await found.delete()
    return Done(deed, told={"removed": id})


async def rotate(
    info: Info,
    id: EndpointId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    overlap_hours: Overlap = 24,
) -> Done:
    """Sign by a new secret, and for a while by the former one too."""
    if not 0 <= overlap_hours <= MAX_OVERLAP:
        message = "Between {least} and {most} are expected."
        raise BadInput(message, "overlapHours", least=0, most=MAX_OVERLAP)
    found = await _found(info, id, expected_version)
    secret = found.rotate(info.context.outward.seals, timedelta(hours=overlap_hours))
    await found.save(update_fields=["secret", "former_secret", "former_until", "version"])
    deed = found.deed("webhook.secret_rotated", overlapHours=overlap_hours)
    return Done(deed, endpoint=found.id, once={"secret": secret})


async def enable(
    info: Info,
    id: EndpointId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Send again: what waits, and what happened meanwhile as far as it is kept."""
    return await _switched(info, id, EndpointStep.ENABLE, expected_version)


async def disable(
    info: Info,
    id: EndpointId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Send nothing for now."""
    return await _switched(info, id, EndpointStep.DISABLE, expected_version)


async def try_out(info: Info, id: EndpointId) -> Done:  # noqa: A002  (its name in the API)
    """Send a test."""
    found = await _found(info, id)
    made = await found.try_out()
    await _ask(found)
    return Done(found.deed("webhook.tested"), endpoint=found.id, delivery=made.id)


async def replay(
    info: Info,
    delivery: DeliveryId = None,
    endpoint: OfEndpoint = None,
    since: ReplaySince = None,
    until: ReplayUntil = None,
) -> Done:
    """Send again: one delivery, or what happened in a range of time."""
    if (delivery is None) is (endpoint is None or since is None):
        message = "Give `delivery`, or `endpoint` and `since`."
        raise BadInput(message, "delivery")
    if delivery is not None:
        key = ids.key_of("WebhookDelivery", delivery, "delivery")
        scoped = scope.webhook_deliveries(info.context.viewer)
        one = await locked(Delivery, DELIVERY, scoped, key, "delivery")
        one.again()
        await one.save(update_fields=["state", "attempts", "asked_at", "due_at"])
        found = await one.endpoint
        await _ask(found)
        deed = found.deed("webhook.replayed", deliveries=1)
        return Done(deed, endpoint=found.id, told={"replayed": 1})
    found = await _found(info, str(endpoint), field="endpoint")
    viewer, types = await follower(Place.of(found)), orjson.loads(found.types)
    range_ = [Sql("e.at >= ?", (_moment(since, "since"),))]
    if until is not None:
        range_.append(Sql("e.at < ?", (_moment(until, "until"),)))
    async with lifted():  # the endpoint follows as much as whoever keeps it
        kept = await between(viewer, 0, found.position, _OWED, MAX_REPLAY, types, range_)
    if kept.more:
        message = "These are more than {most} events: take a shorter time."
        raise BadInput(message, "since", most=MAX_REPLAY)
    await found.replay([(row.key, row.type, row.item) for row in kept.rows])
    await _ask(found)
    deed = found.deed("webhook.replayed", deliveries=len(kept.rows))
    return Done(deed, endpoint=found.id, told={"replayed": len(kept.rows)})


_OWED = Selection({"type": NOTHING, "item": NOTHING})


def _moment(given: datetime | None, field: str) -> datetime:
    try:
        return as_datetime(given)
    except OverflowError:
        raise BadInput("This moment is beyond what can be counted.", field) from None


async def _switched(info: Info, global_id: str, step: EndpointStep, version: int) -> Done:
    found = await _found(info, global_id, version)
    found.step(step)
    await found.save(
        update_fields=[
            "state",
            "disabled_at",
            "failures",
            "failing_since",
            "retry_at",
            "version",
        ]
    )
    if step is EndpointStep.ENABLE:
        await found.resume()
        await _ask(found)
    return Done(found.deed(f"webhook.{step.value}d"), endpoint=found.id)


async def _ask(found: Endpoint) -> None:
    async with lifted():
        await Task.ask(DELIVER, found.id)


async def _found(
    info: Info, global_id: str, expected_version: int | None = None, field: str = "id"
) -> Endpoint:
    key = ids.key_of("WebhookEndpoint", global_id, field)
    found = await locked(Endpoint, WEBHOOK, scope.webhooks(info.context.viewer), key, field)
    if expected_version is not None:
        found.expect(expected_version)
    return found


async def _allow(info: Info, place: Place) -> None:
    """Return if the viewer may both administer and follow all of `place`. Raises BeyondOwn."""
    parts = [place]
    if place.office is not None:
        seats = await Office.filter(id__in=await below([place.office]))
        parts = [Place(place.network, one.department_id, one.id) for one in seats]
    viewer = info.context.viewer
    for right in (Permission.ADMINISTER, Permission.READ_EVENTS):
        if not all(scope.covers(viewer, right, part) for part in parts):
            message = "This is more than you both administer and may follow."
            raise BeyondOwn(message, "input", "place")


def _label(given: str, *field: str) -> str:
    label = given.strip()
    if not (0 < len(label) <= MAX_LABEL and label.isprintable()):
        message = "1 to {most} printable characters are expected."
        raise BadInput(message, *field, most=MAX_LABEL)
    return label
