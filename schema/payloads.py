"""What mutations answer: a value, or why there is none. Each runs in one transaction."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import strawberry

from auth import scope
from models.audit import AuditEntry
from models.errors import Refusal
from models.wall import behind
from resolvers.context import Context
from resolvers.done import Done
from resolvers.rows import Row
from schema.access import AccessToken, Account, Grant
from schema.review import Reply, ReviewStructure


@strawberry.type(description="Why a change was refused. Nothing was changed.")
class UserError:
    code: str = strawberry.field(description="A stable code: see docs/errors.md.")
    message: str = strawberry.field(description="A sentence for people, in their language.")
    field: list[str] = strawberry.field(
        description="Path of the argument at fault, outermost first; empty when none is."
    )


@strawberry.type
class Payload:
    user_errors: list[UserError] = strawberry.field(
        description="Why it was refused; empty when it was done."
    )


@strawberry.type(description="A reply that was changed, with its structure, or why not.")
class ReplyPayload(Payload):
    reply: Reply | None = strawberry.field(
        description="The reply; null once withdrawn, or when refused."
    )
    structure: ReviewStructure | None = strawberry.field(
        description="The structure that replied; null when refused."
    )


@strawberry.type(description="A grant that was given or revoked, or why not.")
class GrantPayload(Payload):
    grant: Grant | None = strawberry.field(description="The grant; null when refused.")


@strawberry.type(description="An account that was changed, or why not.")
class AccountPayload(Payload):
    account: Account | None = strawberry.field(description="The account; null when refused.")


@strawberry.type(description="A machine's token that was revoked, or why not.")
class AccessTokenPayload(Payload):
    token: AccessToken | None = strawberry.field(description="The token; null when refused.")


@strawberry.type(description="A machine with a new token, or why not.")
class ServiceAccountPayload(Payload):
    account: Account | None = strawberry.field(description="The machine; null when refused.")
    token: AccessToken | None = strawberry.field(description="Its token; null when refused.")
    secret: str | None = strawberry.field(
        description="What to send as bearer token. Shown this once: keep it safe."
    )


def change(
    use_case: Callable[..., Awaitable[Done]], payload: type[Payload]
) -> Callable[..., Awaitable[Row]]:
    """`use_case` as a mutation: one transaction, rolled back when it refuses.

    What it did is written to the audit trail in that same transaction, or nothing is done.
    """
    names = [field.python_name for field in payload.__strawberry_definition__.fields]  # type: ignore[attr-defined]

    @wraps(use_case)
    async def mutate(*args: Any, **arguments: Any) -> Row:
        context: Context = arguments["info"].context
        answer = Row()
        for name in names:
            setattr(answer, name, None)
        answer.user_errors = []
        try:
            async with behind(scope.reach(context.viewer), change=True):
                done = await use_case(*args, **arguments)
                for deed in done.deeds:
                    await AuditEntry.add(deed, context.doer)
        except Refusal as refusal:
            answer.user_errors = [_user_error(refusal, context)]
        else:
            for name, value in done.values.items():
                setattr(answer, name, value)
        return answer

    return mutate


def _user_error(refusal: Refusal, context: Context) -> Row:
    error = Row()
    error.code = refusal.code
    error.message = context.translate(refusal.message).format(**refusal.values)
    error.field = list(refusal.field)
    return error
