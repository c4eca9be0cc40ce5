"""What mutations answer: a value, or why there is none. Each runs in one transaction."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import strawberry
from tortoise.transactions import in_transaction

from models.errors import Refusal
from resolvers.rows import Row
from schema.review import Reply, ReviewStructure


@strawberry.type(description="Why a change was refused. Nothing was changed.")
class UserError:
    code: str = strawberry.field(description="A stable code: see docs/errors.md.")
    message: str = strawberry.field(description="A sentence for people.")
    field: list[str] = strawberry.field(
        description="Path of the argument at fault, outermost first; empty when none is."
    )


@strawberry.type(description="A reply that was changed, with its structure, or why not.")
class ReplyPayload:
    reply: Reply | None = strawberry.field(
        description="The reply; null once withdrawn, or when refused."
    )
    structure: ReviewStructure | None = strawberry.field(
        description="The structure that replied; null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why it was refused; empty when it was done."
    )


def change(use_case: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Row]]:
    """`use_case` as a mutation: one transaction, rolled back when it refuses."""

    @wraps(use_case)
    async def mutate(*args: Any, **arguments: Any) -> Row:
        payload = Row()
        payload.reply = payload.structure = None
        payload.user_errors = []
        try:
            async with in_transaction():
                done = await use_case(*args, **arguments)
        except Refusal as refusal:
            payload.user_errors = [_user_error(refusal)]
        else:
            payload.reply, payload.structure = done.reply, done.structure
        return payload

    return mutate


def _user_error(refusal: Refusal) -> Row:
    error = Row()
    error.code, error.message = refusal.code, refusal.message
    error.field = list(refusal.field)
    return error
