"""What is erased for good."""

import strawberry

from schema.payloads import Payload


@strawberry.type(description="What was erased for good, or why not.")
class ErasePayload(Payload):
    erased_id: strawberry.ID | None = strawberry.field(
        description="The id it had; null when refused. Nothing is found by it any more."
    )
