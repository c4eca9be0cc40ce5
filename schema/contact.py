"""Users who ask to talk to someone."""

from datetime import datetime

import strawberry

from resolvers.names import ContactState, ContactStep
from schema.node import Node
from schema.payloads import Payload
from schema.review import ReviewStructure


@strawberry.type(
    description="A user asks a structure to talk to someone: for those who reply for it. How to "
    "reach them is told by `contactRequestReveal` only."
)
class ContactRequest(Node):
    state: ContactState = strawberry.field(description="How far it has come.")
    steps: list[ContactStep] = strawberry.field(
        description="What can be done with it in this state, by those who may."
    )
    forgotten: bool = strawberry.field(
        description="Whether how to reach them was forgotten, as it is some time after the end."
    )
    note: str = strawberry.field(description="A word on the last call.")
    calls: int = strawberry.field(description="How often somebody called.")
    version: int = strawberry.field(
        description="Goes up by one with each step: give it as `expectedVersion`."
    )
    asked_at: datetime = strawberry.field(description="When the review was published.")
    called_at: datetime | None = strawberry.field(description="When somebody last called.")
    ended_at: datetime | None = strawberry.field(description="When they were met, or given up.")
    review_id: strawberry.ID = strawberry.field(description="Id of the `Review`.")
    structure: ReviewStructure = strawberry.field(description="The structure that is asked.")


@strawberry.type(description="A request for a human contact that was changed, or why not.")
class ContactRequestPayload(Payload):
    contact_request: ContactRequest | None = strawberry.field(
        description="The request; null when refused."
    )


@strawberry.type(description="How to reach a user who asked for it, or why it is not told.")
class ContactRequestRevealPayload(Payload):
    contact: str | None = strawberry.field(
        description="How to reach them; null once forgotten, when refused, and under an "
        "idempotency key that was used."
    )
    contact_request: ContactRequest | None = strawberry.field(
        description="The request; null when refused."
    )
