"""What structures make better because of what they were told."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import strawberry

from auth import scope
from auth.permissions import Permission
from models import ids
from models.audit import Deed, Place
from models.improvement import Improvement
from models.review import ReviewStructure
from models.said import MAX_SAID
from models.sql import Sql
from resolvers import reference
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.names import ImprovementState
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect, whole
from resolvers.reviews import with_reviews
from resolvers.routing import ExpectedVersion, StructureId, held
from resolvers.rows import Row, select
from resolvers.selection import Selection, selected
from resolvers.work_rows import IMPROVEMENT

ORDER = Order("improvement", Sql("w.id"), "w.id", parse=whole, descending=True)


@strawberry.input(description="Which improvements: those that meet every condition given.")
class ImprovementFilter:
    states: list[ImprovementState] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which it is of."
    )


ImprovementId = Annotated[
    strawberry.ID, strawberry.argument(description="Id of the `Improvement`.")
]
ImprovementWhere = Annotated[
    ImprovementFilter | None, strawberry.argument(description="Conditions; all of them without.")
]
Need = Annotated[
    str, strawberry.argument(description=f"What is to be improved: 1 to {MAX_SAID} characters.")
]
Plan = Annotated[
    str, strawberry.argument(description=f"What is to be done: 1 to {MAX_SAID} characters.")
]
PlannedFor = Annotated[
    date | None, strawberry.argument(description="The day for which it is planned, if any.")
]
Change = Annotated[
    str, strawberry.argument(description=f"What changed: 1 to {MAX_SAID} characters.")
]
MadeOn = Annotated[
    date, strawberry.argument(description="The day since which it is so, not after today.")
]
Why = Annotated[
    str, strawberry.argument(description=f"Why it will not be done: 1 to {MAX_SAID} characters.")
]


async def flag(info: Info, id: StructureId, need: Need) -> Done:  # noqa: A002  (its name in the API)
    """See something to improve."""
    found = await held(info, id, Permission.REPLY)
    made = await Improvement.flag(found, need, by=info.context.viewer.account)
    return _changed("improvement.flagged", made, found)


async def plan(
    info: Info,
    id: ImprovementId,  # noqa: A002  (its name in the API)
    plan: Plan,
    expected_version: ExpectedVersion,
    planned_for: PlannedFor = None,
) -> Done:
    """Say what is to be done, and for when."""
    found, structure = await _found(info, id)
    await found.set_plan(plan, planned_for, expected_version=expected_version)
    return _changed("improvement.planned", found, structure)


async def make(
    info: Info,
    id: ImprovementId,  # noqa: A002  (its name in the API)
    change: Change,
    made_on: MadeOn,
    expected_version: ExpectedVersion,
) -> Done:
    """Say what changed, and when."""
    found, structure = await _found(info, id)
    await found.make(change, made_on, expected_version=expected_version)
    return _changed("improvement.made", found, structure)


async def drop(
    info: Info,
    id: ImprovementId,  # noqa: A002  (its name in the API)
    why: Why,
    expected_version: ExpectedVersion,
) -> Done:
    """Say that it will not be done, and why."""
    found, structure = await _found(info, id)
    await found.drop(why, expected_version=expected_version)
    return _changed("improvement.dropped", found, structure)


async def listing(
    info: Info,
    where: ImprovementWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Improvements in reach, the latest first."""
    where, met = where or ImprovementFilter(), []
    if where.states is not None:
        met.append(Sql("w.state IN ??", ([one.value for one in where.states],)))
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("s.network_id IN ??", (keys,)))
    scoped = scope.improvements(info.context.viewer).narrow(where=met)

    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await with_reviews(info, rows, wanted)

    page = Page(first, after, last, before)
    return await connect(IMPROVEMENT, scoped, selected(info), ORDER, page, finish)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The improvement of `key`, if it is in scope."""
    scoped = scope.improvements(info.context.viewer).narrow(where=[Sql("w.id = ?", (key,))])
    rows = await select(IMPROVEMENT, scoped, selection)
    await with_reviews(info, rows, selection)
    return next(iter(rows), None)


def _changed(action: str, found: Improvement, structure: ReviewStructure) -> Done:
    facts = {
        "review": ids.encode("Review", structure.review_id),
        "structure": ids.encode("ReviewStructure", structure.id),
        "version": found.version,
    }
    deed = Deed(action, ids.encode("Improvement", found.id), Place.of(structure), facts)
    return Done(deed, improvement=found.id)


async def _found(info: Info, global_id: str) -> tuple[Improvement, ReviewStructure]:
    key = ids.key_of("Improvement", global_id, "id")
    scoped = scope.own_improvements(info.context.viewer)
    found = await locked(Improvement, IMPROVEMENT, scoped, key)
    return found, await found.structure
