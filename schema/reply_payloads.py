"""What is answered to several replies at once, and to what their readers say of them."""

import strawberry

from schema.payloads import Payload


@strawberry.type(description="What became of the reply of one structure among several.")
class ReplyResult:
    structure_id: strawberry.ID = strawberry.field(
        description="Id of the `ReviewStructure`, as it was given."
    )
    reply_id: strawberry.ID | None = strawberry.field(
        description="Id of the `Reply`; null when refused."
    )
    code: str | None = strawberry.field(description="Why it was refused: see docs/errors.md.")
    message: str | None = strawberry.field(description="The same as a sentence for people.")


@strawberry.type(description="What became of replies that were given at once, or why nothing did.")
class RepliesPayload(Payload):
    results: list[ReplyResult] | None = strawberry.field(
        description="One for each structure, in the order given; null when all were refused."
    )


@strawberry.type(description="What the author said of a reply, or why it was not taken down.")
class ReplyRatePayload(Payload):
    helpful: bool | None = strawberry.field(description="Whether it helped; null when refused.")
