"""How a network works: whether it validates replies, and how soon it means to reply."""

from typing import Annotated

import strawberry

from auth import scope
from models import ids
from models.audit import Deed, Place
from models.errors import BadInput
from models.network import Network
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.reference import NETWORK

MAX_DAYS = 365

NetworkId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Network`.")]
Validates = Annotated[
    bool | None,
    strawberry.argument(
        description="Whether replies are validated before they are published; as it is, without."
    ),
]
Bulk = Annotated[
    bool | None,
    strawberry.argument(
        description="Whether `reviewsReply` is allowed, one same reply to several reviews; as it "
        "is, without."
    ),
]
ReplyDays = Annotated[
    int | None,
    strawberry.argument(
        description=f"Days within which it means to reply, 1 to {MAX_DAYS}; as it is, without."
    ),
]


async def configure(
    info: Info,
    id: NetworkId,  # noqa: A002  (its name in the API)
    validates_replies: Validates = None,
    reply_days: ReplyDays = None,
    bulk_replies: Bulk = None,
) -> Done:
    """Say how a network works; what is left out stays."""
    key = ids.key_of("Network", id, "id")
    scoped = scope.configurable_networks(info.context.viewer)
    network = await locked(Network, NETWORK, scoped, key)
    if validates_replies is not None:
        network.validates_replies = validates_replies
    if bulk_replies is not None:
        network.bulk_replies = bulk_replies
    if reply_days is not None:
        if not 1 <= reply_days <= MAX_DAYS:
            message = "Between {least} and {most} are expected."
            raise BadInput(message, "replyDays", least=1, most=MAX_DAYS)
        network.reply_days = reply_days
    await network.save(update_fields=["validates_replies", "reply_days", "bulk_replies"])
    facts = {
        "validatesReplies": network.validates_replies,
        "replyDays": network.reply_days,
        "bulkReplies": network.bulk_replies,
    }
    return Done(Deed("network.configured", id, Place(network.id), facts), network=network.id)
