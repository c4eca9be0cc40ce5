"""What happened, for those who follow it."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from schema.node import Node
from schema.office import Department, Network, Office


@strawberry.type(
    description="Something that happened. It tells ids and numbers only: read the item itself for "
    "the rest. docs/events.md lists the types."
)
class Event(Node):
    position: str = strawberry.field(
        description="Grows with each event: of two for one `item`, the greater one is the later."
    )
    cursor: str = strawberry.field(
        description="Where to go on from after this one: `changes(after:)`."
    )
    at: datetime = strawberry.field(description="When it happened.")
    type: str = strawberry.field(description="What happened, such as `review.published`.")
    catalogue: int = strawberry.field(
        description="The version of the catalogue of types that it was written by."
    )
    subject: strawberry.ID = strawberry.field(description="Id of what it happened to.")
    item: strawberry.ID = strawberry.field(
        description="Id of what events are in order for: of a reply, its `Review`."
    )
    tombstone: bool = strawberry.field(
        description="Whether the item is not to be found there any more, so that a copy of it is "
        "to be dropped: withdrawn, erased, or moved away."
    )
    network: Network | None = strawberry.field(
        description="Where it was of concern then; null when to all."
    )
    department: Department | None = strawberry.field(description="The department, if any.")
    office: Office | None = strawberry.field(description="The office, if any.")
    facts: JSON = strawberry.field(description="What else was so: ids and numbers.")


@strawberry.type(description="Work without a request, of one kind.")
class Backlog:
    kind: str = strawberry.field(description="The kind of work, such as `deliver`.")
    waiting: int = strawberry.field(description="Tasks that are due, and that nobody does yet.")
    running: int = strawberry.field(description="Tasks that a worker has in hand.")
    given_up: int = strawberry.field(description="Tasks that failed too often.")
    waiting_since: datetime | None = strawberry.field(
        description="Since when the oldest of those that wait is due; null when none waits."
    )


@strawberry.type(description="What happened since one last asked.")
class Changes:
    nodes: list[Event] = strawberry.field(
        description="Events in the order in which they happened, each once."
    )
    end_cursor: str | None = strawberry.field(
        description="Give it as `after` next time. It can be kept for as long as events are "
        "(`RELAIS_EVENT_DAYS`). Null for those who may follow nothing."
    )
    has_next_page: bool = strawberry.field(description="Whether more is there already: ask on.")
    resync_required: bool = strawberry.field(
        description="Whether `after` can't be gone on from: it is older than what is kept, so much "
        "was imported at once that it is not told one by one, or the viewer may follow something "
        "else now. Nothing is told then: read the lists anew, and go on from `endCursor`."
    )
