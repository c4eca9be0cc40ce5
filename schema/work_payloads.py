"""What changes of routing and of work on reviews answer."""

import strawberry

from schema.payloads import Payload
from schema.review import ReviewStructure
from schema.work import BusinessTag, Comment, Improvement, ReviewFlag, SavedFilter, Transfer


@strawberry.type(description="A structure's part of a review that was changed, or why not.")
class StructurePayload(Payload):
    structure: ReviewStructure | None = strawberry.field(
        description="The structure; null when refused, or out of scope now."
    )


@strawberry.type(description="A request for a transfer that was changed, or why not.")
class TransferPayload(Payload):
    transfer: Transfer | None = strawberry.field(description="The request; null when refused.")


@strawberry.type(description="A demand to look at a review again, or why not.")
class ReviewFlagPayload(Payload):
    flag: ReviewFlag | None = strawberry.field(description="The demand; null when refused.")


@strawberry.type(description="A comment that was changed, or why not.")
class CommentPayload(Payload):
    comment: Comment | None = strawberry.field(
        description="The comment; null once removed, or when refused."
    )
    removed_id: strawberry.ID | None = strawberry.field(
        description="Id of the comment that was removed, if it just was."
    )


@strawberry.type(description="A business tag that was changed, or why not.")
class BusinessTagPayload(Payload):
    tag: BusinessTag | None = strawberry.field(description="The tag; null when refused.")


@strawberry.type(description="An improvement that was changed, or why not.")
class ImprovementPayload(Payload):
    improvement: Improvement | None = strawberry.field(
        description="The improvement; null when refused."
    )


@strawberry.type(description="A filter that was changed, or why not.")
class SavedFilterPayload(Payload):
    saved_filter: SavedFilter | None = strawberry.field(
        description="The filter; null once removed, or when refused."
    )
    removed_id: strawberry.ID | None = strawberry.field(
        description="Id of the filter that was removed, if it just was."
    )
