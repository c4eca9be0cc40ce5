"""Replies: what a local office answers, for its own part of a review."""

from dataclasses import dataclass
from typing import Annotated, TypeVar

import strawberry
from tortoise.models import Model

from auth import scope
from models.account import Account
from models.errors import NotFound
from models.review import MAX_REPLY_LENGTH, Reply, ReviewStructure
from models.sql import Sql
from resolvers import ids, reviews
from resolvers.context import Info
from resolvers.review_rows import REPLY, STRUCTURE
from resolvers.rows import Noun, Row, select
from resolvers.selection import NOTHING, selected

M = TypeVar("M", bound=Model)

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


@dataclass(frozen=True, slots=True)
class Answered:
    """What a change of a reply leads to."""

    structure: Row | None
    reply: Row | None


async def reply(info: Info, id: StructureId, body: Body) -> Answered:  # noqa: A002  (its name in the API)
    """Publish a reply for one's own structure."""
    key = ids.key_of("ReviewStructure", id, "id")
    scoped = scope.answerable(info.context.viewer)
    structure = await _locked(ReviewStructure, STRUCTURE, scoped, key)
    published = await structure.reply(body, by=await _author(info))
    return await _answered(info, structure.id, published.id)


async def edit(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    body: Body,
    expected_version: ExpectedVersion,
) -> Answered:
    """Put another text in place of a reply of one's own structure."""
    found = await _own(info, id)
    await found.edit(body, expected_version=expected_version)
    return await _answered(info, found.structure_id, found.id)


async def withdraw(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Answered:
    """Take a reply of one's own structure back."""
    found = await _own(info, id)
    await found.withdraw(expected_version=expected_version)
    return await _answered(info, found.structure_id, None)


async def _own(info: Info, global_id: str) -> Reply:
    key = ids.key_of("Reply", global_id, "id")
    return await _locked(Reply, REPLY, scope.own_replies(info.context.viewer), key)


async def _locked(model: type[M], noun: Noun, scoped: scope.Scoped[M], key: int) -> M:
    """The one of `key` in scope, locked until the end of the transaction. Raises NotFound."""
    row = await model.filter(id=key).select_for_update().first()
    within = scoped.narrow(where=[Sql(f"{noun.alias}.id = ?", (key,))])
    if row is None or not await select(noun, within, NOTHING):
        message = "There is nothing by this id within your scope."
        raise NotFound(message, "id")
    return row


async def _author(info: Info) -> Account | None:
    return await Account.get_or_none(id=info.context.viewer.account)


async def _answered(info: Info, structure: int, reply_key: int | None) -> Answered:
    wanted = selected(info)
    row = await reviews.structure_by_key(info, structure, wanted.under("structure"))
    if reply_key is None:
        return Answered(row, None)
    return Answered(row, await reviews.reply_by_key(info, reply_key, wanted.under("reply")))
