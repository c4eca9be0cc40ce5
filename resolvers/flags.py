"""Agencies ask the national team to look at a published review again."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from auth import scope
from models import ids
from models.audit import Deed
from models.flag import ReviewFlag
from models.review import Review
from models.said import MAX_SAID
from models.sql import Sql
from models.wall import lifted
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.names import FlagState, RejectReason
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect, whole
from resolvers.review_rows import REVIEW
from resolvers.reviews import with_reviews
from resolvers.routing import ExpectedVersion
from resolvers.rows import Row, select
from resolvers.selection import Selection, selected
from resolvers.work_rows import FLAG

QUEUE = Order("flag", Sql("y.id"), "y.id", parse=whole)

ReviewId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Review`.")]
FlagId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `ReviewFlag`.")]
Reason = Annotated[RejectReason, strawberry.argument(description="What is amiss, by the charter.")]
Note = Annotated[
    str, strawberry.argument(description=f"A word on it: at most {MAX_SAID} characters.")
]
Answer = Annotated[
    str,
    strawberry.argument(description=f"A word for whoever asked: at most {MAX_SAID} characters."),
]
States = Annotated[
    list[FlagState] | None,
    strawberry.argument(description="In one of these states; in any without."),
]


async def flag(
    info: Info,
    id: ReviewId,  # noqa: A002  (its name in the API)
    reason: Reason,
    note: Note = "",
) -> Done:
    """Ask the national team to look at a review again."""
    key = ids.key_of("Review", id, "id")
    found = await locked(Review, REVIEW, scope.worked_reviews(info.context.viewer), key)
    by = info.context.viewer.account
    async with lifted():
        made = await ReviewFlag.raise_for(found, RejectReason(reason), note, by=by)
    return Done(_deed("flag.raised", made, id), flag=made.id)


async def dismiss(
    info: Info,
    id: FlagId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    answer: Answer = "",
) -> Done:
    """Leave the review as it is."""
    key = ids.key_of("ReviewFlag", id, "id")
    scoped = scope.decided_flags(info.context.viewer)
    found = await locked(ReviewFlag, FLAG, scoped, key)
    by = info.context.viewer.account
    await found.dismiss(answer, by=by, expected_version=expected_version)
    return Done(_deed("flag.dismissed", found, None), flag=found.id)


async def uphold(info: Info, review: int, *, forget: bool = False) -> list[Deed]:
    """What was asked of a review was done: close what is open, and tell it."""
    async with lifted():
        found = await ReviewFlag.open_of(review)
        for one in found:
            await one.uphold(by=info.context.viewer.account)
        if forget:
            await ReviewFlag.forget(review)
    return [_deed("flag.upheld", one, ids.encode("Review", review)) for one in found]


async def queue(
    info: Info,
    states: States = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Demands in reach, the oldest first."""
    met = []
    if states is not None:
        met.append(Sql("y.state IN ??", ([one.value for one in states],)))
    scoped = scope.flags(info.context.viewer).narrow(where=met)

    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await with_reviews(info, rows, wanted)

    page = Page(first, after, last, before)
    return await connect(FLAG, scoped, selected(info), QUEUE, page, finish)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The demand of `key`, if it is in scope."""
    scoped = scope.flags(info.context.viewer).narrow(where=[Sql("y.id = ?", (key,))])
    rows = await select(FLAG, scoped, selection)
    await with_reviews(info, rows, selection)
    return next(iter(rows), None)


def _deed(action: str, found: ReviewFlag, review: str | None) -> Deed:
    facts = {"review": review, "reason": found.reason.value, "version": found.version}
    return Deed(action, ids.encode("ReviewFlag", found.id), facts=facts)
