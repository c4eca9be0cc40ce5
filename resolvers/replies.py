"""Replies: what a local office answers, for its own part of a review."""

from typing import Annotated

import strawberry

from auth import scope
from auth.permissions import Permission
from models import ids
from models.account import Account
from models.audit import Deed, Place
from models.review import MAX_REPLY_LENGTH, Reply, ReviewStructure
from resolvers import reviews
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.review_rows import REPLY, STRUCTURE
from resolvers.selection import selected

StructureId = Annotated[
    strawberry.ID, strawberry.argument(description="Id of the `ReviewStructure` that replies.")
]
ReplyId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Reply`.")]
Body = Annotated[
    str,
    strawberry.argument(
        description=f"What is answered, in public: 1 to {MAX_REPLY_LENGTH} characters of plain "
        "text. Sign by function, never by name."
    ),
]
ExpectedVersion = Annotated[
    int,
    strawberry.argument(
        description="The `version` that was read: a reply that changed since is left alone."
    ),
]


async def reply(info: Info, id: StructureId, body: Body) -> Done:  # noqa: A002  (its name in the API)
    """Publish a reply for one's own structure."""
    key = ids.key_of("ReviewStructure", id, "id")
    scoped = scope.may(info.context.viewer, Permission.REPLY)
    structure = await locked(ReviewStructure, STRUCTURE, scoped, key)
    published = await structure.reply(body, by=await _author(info))
    return await _answered(info, "reply.published", published, structure)


async def edit(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    body: Body,
    expected_version: ExpectedVersion,
) -> Done:
    """Put another text in place of a reply of one's own structure."""
    found = await _own(info, id)
    await found.edit(body, expected_version=expected_version)
    return await _answered(info, "reply.edited", found)


async def withdraw(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Take a reply of one's own structure back."""
    found = await _own(info, id)
    await found.withdraw(expected_version=expected_version)
    return await _answered(info, "reply.withdrawn", found)


async def _own(info: Info, global_id: str) -> Reply:
    key = ids.key_of("Reply", global_id, "id")
    return await locked(Reply, REPLY, scope.own_replies(info.context.viewer), key)


async def _author(info: Info) -> Account | None:
    return await Account.get_or_none(id=info.context.viewer.account)


async def _answered(
    info: Info, action: str, changed: Reply, structure: ReviewStructure | None = None
) -> Done:
    structure = structure or await changed.structure
    facts = {
        "structure": ids.encode("ReviewStructure", structure.id),
        "review": ids.encode("Review", structure.review_id),
        "version": changed.version,
    }
    deed = Deed(action, ids.encode("Reply", changed.id), Place.of(structure), facts)
    wanted = selected(info)
    return Done(
        deed,
        structure=await reviews.structure_by_key(info, structure.id, wanted.under("structure")),
        reply=await reviews.reply_by_key(info, changed.id, wanted.under("reply")),
    )
