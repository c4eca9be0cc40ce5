"""What can be asked and changed of where reviews go, and of work on them."""

import strawberry

from resolvers import (
    comments,
    flags,
    improvements,
    routing,
    saved_filters,
    tags,
    transfers,
)
from schema.node import Connection
from schema.payloads import change
from schema.work import (
    BusinessTag,
    Colleague,
    Comment,
    Improvement,
    ReviewFlag,
    SavedFilter,
    StructureMove,
    Transfer,
)
from schema.work_payloads import (
    BusinessTagPayload,
    CommentPayload,
    ImprovementPayload,
    ReviewFlagPayload,
    SavedFilterPayload,
    StructurePayload,
    TransferPayload,
)


@strawberry.type
class WorkQuery:
    structure_history = strawberry.field(
        resolver=routing.history,
        graphql_type=list[StructureMove],
        description="Where a structure's part of a review went, the first move first; empty for "
        "those who do not read for it.",
    )
    structure_colleagues = strawberry.field(
        resolver=routing.colleagues,
        graphql_type=list[Colleague],
        description="Who may reply for a structure, and can be assigned or mentioned there; empty "
        "for those who do not work on it.",
    )
    transfers = strawberry.field(
        resolver=transfers.queue,
        graphql_type=Connection[Transfer],
        description="Requests for a transfer, the oldest first: all for the national team, and for "
        "others those of their side.",
    )
    review_flags = strawberry.field(
        resolver=flags.queue,
        graphql_type=Connection[ReviewFlag],
        description="Demands to look at a review again, the oldest first: all for the national "
        "team, and for others their own.",
    )
    mentions = strawberry.field(
        resolver=comments.mentioned,
        graphql_type=Connection[Comment],
        description="Comments that mention the viewer, who has not read them, the oldest first.",
    )
    comments = strawberry.field(
        resolver=comments.listing,
        graphql_type=Connection[Comment],
        description="The comments on a review, the oldest first; none for those who do not work "
        "on it.",
    )
    business_tags = strawberry.field(
        resolver=tags.listing,
        graphql_type=list[BusinessTag],
        description="The business tags of a network, those out of use too.",
    )
    improvements = strawberry.field(
        resolver=improvements.listing,
        graphql_type=Connection[Improvement],
        description="Improvements at the structures that the viewer reads for, the latest first.",
    )
    saved_filters = strawberry.field(
        resolver=saved_filters.listing,
        graphql_type=list[SavedFilter],
        description="The filters of reviews that the viewer keeps.",
    )


@strawberry.type
class WorkMutation:
    structure_assign = strawberry.field(
        resolver=change(routing.assign, StructurePayload),
        graphql_type=StructurePayload,
        description="Say who is to answer for a structure, or that nobody is. Refused with "
        "NOT_FOUND, BAD_ID or STALE_VERSION.",
    )
    structure_move = strawberry.field(
        resolver=change(routing.move, StructurePayload),
        graphql_type=StructurePayload,
        description="Let an office below the present one answer, at once; a draft of a reply goes "
        "with it. Refused with NOT_FOUND, BAD_ID, BAD_INPUT, STALE_VERSION, NOT_BELOW, "
        "ALREADY_REPLIED, ALREADY_CONCERNED or ALREADY_OPEN.",
    )
    structure_tag = strawberry.field(
        resolver=change(tags.put, StructurePayload),
        graphql_type=StructurePayload,
        description="Say by which subjects of its network a structure's part of a review is "
        "sorted. Refused with NOT_FOUND, BAD_ID, BAD_INPUT or STALE_VERSION.",
    )
    transfer_request = strawberry.field(
        resolver=change(transfers.request, TransferPayload),
        graphql_type=TransferPayload,
        description="Ask the national team to let another place answer. Refused with NOT_FOUND, "
        "BAD_ID, BAD_INPUT, STALE_VERSION, ALREADY_REPLIED, ALREADY_CONCERNED, ALREADY_OPEN or, to "
        "another network while someone drafts a reply, DRAFT_OPEN.",
    )
    transfer_approve = strawberry.field(
        resolver=change(transfers.approve, TransferPayload),
        graphql_type=TransferPayload,
        description="Let a structure go where it was asked to: the scope of everyone follows at "
        "once. Refused with NOT_FOUND, BAD_ID, BAD_INPUT, STALE_VERSION, ILLEGAL_STEP, "
        "ALREADY_REPLIED, ALREADY_CONCERNED or DRAFT_OPEN.",
    )
    transfer_refuse = strawberry.field(
        resolver=change(transfers.refuse, TransferPayload),
        graphql_type=TransferPayload,
        description="Let a structure stay where it is. Refused with NOT_FOUND, BAD_ID, BAD_INPUT, "
        "STALE_VERSION or ILLEGAL_STEP.",
    )
    transfer_cancel = strawberry.field(
        resolver=change(transfers.cancel, TransferPayload),
        graphql_type=TransferPayload,
        description="Take a request back that one's own side made. Refused with NOT_FOUND, BAD_ID, "
        "STALE_VERSION or ILLEGAL_STEP.",
    )
    review_flag = strawberry.field(
        resolver=change(flags.flag, ReviewFlagPayload),
        graphql_type=ReviewFlagPayload,
        description="Ask the national team to look at a review again. Refused with NOT_FOUND, "
        "BAD_ID, BAD_INPUT or ALREADY_OPEN.",
    )
    review_flag_dismiss = strawberry.field(
        resolver=change(flags.dismiss, ReviewFlagPayload),
        graphql_type=ReviewFlagPayload,
        description="Leave a review as it is. Refused with NOT_FOUND, BAD_ID, BAD_INPUT, "
        "STALE_VERSION or ILLEGAL_STEP.",
    )
    comment_add = strawberry.field(
        resolver=change(comments.add, CommentPayload),
        graphql_type=CommentPayload,
        description="Say something to those who work on a review. Refused with NOT_FOUND, BAD_ID "
        "or BAD_INPUT.",
    )
    comment_edit = strawberry.field(
        resolver=change(comments.edit, CommentPayload),
        graphql_type=CommentPayload,
        description="Say one's own comment otherwise. Refused with NOT_FOUND, BAD_ID, BAD_INPUT or "
        "STALE_VERSION.",
    )
    comment_remove = strawberry.field(
        resolver=change(comments.remove, CommentPayload),
        graphql_type=CommentPayload,
        description="Take one's own comment back. Refused with NOT_FOUND, BAD_ID or STALE_VERSION.",
    )
    comment_read = strawberry.field(
        resolver=change(comments.read, CommentPayload),
        graphql_type=CommentPayload,
        description="Have read a comment, which is not among `mentions` any more. Refused with "
        "NOT_FOUND or BAD_ID.",
    )
    business_tag_create = strawberry.field(
        resolver=change(tags.create, BusinessTagPayload),
        graphql_type=BusinessTagPayload,
        description="A new tag of a network that one administers as a whole. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT or NAME_TAKEN.",
    )
    business_tag_update = strawberry.field(
        resolver=change(tags.update, BusinessTagPayload),
        graphql_type=BusinessTagPayload,
        description="Call a tag otherwise, or take it out of use. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT, STALE_VERSION or NAME_TAKEN.",
    )
    improvement_flag = strawberry.field(
        resolver=change(improvements.flag, ImprovementPayload),
        graphql_type=ImprovementPayload,
        description="See something to improve at a structure. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT or ALREADY_OPEN.",
    )
    improvement_plan = strawberry.field(
        resolver=change(improvements.plan, ImprovementPayload),
        graphql_type=ImprovementPayload,
        description="Say what is to be done, and for when. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    improvement_make = strawberry.field(
        resolver=change(improvements.make, ImprovementPayload),
        graphql_type=ImprovementPayload,
        description="Say what changed, and when. Refused with NOT_FOUND, BAD_ID, BAD_INPUT, "
        "STALE_VERSION or ILLEGAL_STEP.",
    )
    improvement_drop = strawberry.field(
        resolver=change(improvements.drop, ImprovementPayload),
        graphql_type=ImprovementPayload,
        description="Say that it will not be done, and why. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    saved_filter_create = strawberry.field(
        resolver=change(saved_filters.create, SavedFilterPayload),
        graphql_type=SavedFilterPayload,
        description="Keep a filter of reviews under a name. Refused with BAD_ID, BAD_INPUT or "
        "NAME_TAKEN.",
    )
    saved_filter_update = strawberry.field(
        resolver=change(saved_filters.update, SavedFilterPayload),
        graphql_type=SavedFilterPayload,
        description="Call a filter otherwise, or keep other conditions. Refused with NOT_FOUND, "
        "BAD_ID, BAD_INPUT, STALE_VERSION or NAME_TAKEN.",
    )
    saved_filter_remove = strawberry.field(
        resolver=change(saved_filters.remove, SavedFilterPayload),
        graphql_type=SavedFilterPayload,
        description="Keep a filter no longer. Refused with NOT_FOUND, BAD_ID or STALE_VERSION.",
    )
