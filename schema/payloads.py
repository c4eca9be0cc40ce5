"""What mutations answer: a value, or why there is none. Each runs in one transaction."""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from auth import scope
from models.access import digest
from models.audit import AuditEntry
from models.errors import Refusal, StaleVersion
from models.event import Event
from models.idempotency import MAX_KEY, Idempotency
from models.wall import behind
from resolvers.context import Context, Info
from resolvers.done import Done
from resolvers.nodes import THINGS
from resolvers.rows import Row
from resolvers.selection import selected
from schema.access import AccessToken, Account, Grant
from schema.office import Network
from schema.requests import noted
from schema.review import Reply, Review, ReviewStructure
from schema.submission import Submission, SubmissionResult


@strawberry.type(description="Why a change was refused. Nothing was changed.")
class UserError:
    code: str = strawberry.field(description="A stable code: see docs/errors.md.")
    message: str = strawberry.field(description="A sentence for people, in their language.")
    field: list[str] = strawberry.field(
        description="Path of the argument at fault, outermost first; empty when none is."
    )
    current_version: int | None = strawberry.field(
        description="The version it is at now, where the code is STALE_VERSION; else null."
    )


@strawberry.type
class Payload:
    user_errors: list[UserError] = strawberry.field(
        description="Why it was refused; empty when it was done."
    )


@strawberry.type(description="A reply that was changed, with its structure, or why not.")
class ReplyPayload(Payload):
    reply: Reply | None = strawberry.field(
        description="The reply or draft; null once withdrawn, or when refused."
    )
    structure: ReviewStructure | None = strawberry.field(
        description="The structure that replied; null when refused."
    )


@strawberry.type(description="A submission that was changed, or why not.")
class SubmissionPayload(Payload):
    submission: Submission | None = strawberry.field(
        description="The submission; null when refused."
    )
    review: Review | None = strawberry.field(
        description="The review that was published of it, if it just was."
    )


@strawberry.type(description="What became of reviews that were handed over, or why nothing did.")
class SubmissionsPayload(Payload):
    results: list[SubmissionResult] | None = strawberry.field(
        description="One for each review, in the order given; null when all were refused."
    )


@strawberry.type(description="A review that was redacted, or why not.")
class ReviewPayload(Payload):
    review: Review | None = strawberry.field(description="The review; null when refused.")


@strawberry.type(description="What was received of a review, or why it is not told.")
class ReviewOriginalPayload(Payload):
    received: str | None = strawberry.field(
        description="The texts as they were received, as JSON; null when refused, and under an "
        "idempotency key that was used."
    )
    review: Review | None = strawberry.field(description="The review; null when refused.")


@strawberry.type(description="A network that works otherwise now, or why not.")
class NetworkPayload(Payload):
    network: Network | None = strawberry.field(description="The network; null when refused.")


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
        description="What to send as bearer token. Shown this once, and not again under the "
        "same idempotency key: keep it safe."
    )


KEY = Annotated[
    str | None,
    strawberry.argument(
        description=f"A key of your choice, 1 to {MAX_KEY} ASCII characters: what is asked again "
        "under it within 24 hours is not done again, and answered with what was done."
    ),
]


def change(
    use_case: Callable[..., Awaitable[Done]], payload: type[Payload]
) -> Callable[..., Awaitable[Row]]:
    """`use_case` as a mutation: one transaction, rolled back when it refuses.

    What it did is written to the audit trail and the events in that same transaction, or nothing
    is done. Each takes an idempotency key.
    """
    names = [field.python_name for field in payload.__strawberry_definition__.fields]  # type: ignore[attr-defined]

    @wraps(use_case)
    async def mutate(*args: Any, idempotency_key: str | None = None, **arguments: Any) -> Row:
        info: Info = arguments["info"]
        answer: Row = _row(dict.fromkeys(names) | {"user_errors": []})

        async def once() -> Done:
            if idempotency_key is None:
                return await _do(info, use_case(*args, **arguments))
            asked = _fingerprint(info, arguments)
            viewer = info.context.viewer.account
            kept = await Idempotency.of(viewer, idempotency_key, asked)
            if kept.done is not None:
                return Done(told=kept.done["told"], **kept.done["things"])
            done = await _do(info, use_case(*args, **arguments))
            if done.refused is None:
                await kept.keep(things=done.things, told=done.told)
            else:
                await kept.delete()
            return done

        try:
            async with behind(scope.reach(info.context.viewer), change=True):
                done = await once()
                values = await _shown(info, done)
        except Refusal as refusal:
            answer.user_errors = [_user_error(refusal, info.context)]
        else:
            for name, value in values.items():
                setattr(answer, name, value)
            if done.refused is not None:
                answer.user_errors = [_user_error(done.refused, info.context)]
        return answer

    taken = signature(use_case)
    key = Parameter("idempotency_key", Parameter.KEYWORD_ONLY, default=None, annotation=KEY)
    mutate.__signature__ = taken.replace(parameters=[*taken.parameters.values(), key])  # type: ignore[attr-defined]
    mutate.__annotations__ = {**use_case.__annotations__, "idempotency_key": KEY}
    return mutate


async def _do(info: Info, use_case: Awaitable[Done]) -> Done:
    done = await use_case
    for deed in done.deeds:
        await Event.add(await AuditEntry.add(deed, info.context.doer), [deed])
    return done


async def _shown(info: Info, done: Done) -> dict[str, Any]:
    """The values of a payload: things as they are now, as far as the viewer may see them."""
    wanted = selected(info)
    things = {
        name: await THINGS[name](info, key, wanted.under(to_camel_case(name)))
        for name, key in done.things.items()
    }
    return {**things, **{name: _row(value) for name, value in done.told.items()}, **done.once}


def _row(told: Any) -> Any:
    """JSON as the schema reads it: objects as rows."""
    if isinstance(told, list):
        return [_row(one) for one in told]
    if not isinstance(told, dict):
        return told
    row = Row()
    for name, value in told.items():
        setattr(row, name, value)
    return row


def _fingerprint(info: Info, arguments: dict[str, Any]) -> str:
    """What was asked for, but not which fields of the answer."""
    given = sorted((name, value) for name, value in arguments.items() if name != "info")
    return digest(f"{info.field_name} {given!r}")


def _user_error(refusal: Refusal, context: Context) -> Row:
    noted().codes[refusal.code] = None
    error = Row()
    error.code = refusal.code
    error.message = context.sentence(refusal)
    error.field = list(refusal.field)
    stale = isinstance(refusal, StaleVersion)
    error.current_version = refusal.values["version"] if stale else None
    return error
