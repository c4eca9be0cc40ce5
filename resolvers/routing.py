"""Who answers a review within an office, and which office below it does."""

from typing import Annotated

import strawberry

from auth import accounts, scope
from auth.permissions import Permission
from models import ids
from models.account import Account
from models.audit import Deed, Place
from models.errors import BadInput, NotFound
from models.office import Office
from models.review import ReviewStructure
from models.routing import Move, move_down
from models.said import MAX_SAID
from models.sql import Sql
from models.wall import lifted
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.review_rows import STRUCTURE
from resolvers.rows import Row, select
from resolvers.selection import NOTHING, Selection, selected
from resolvers.work_rows import MOVE

StructureId = Annotated[
    strawberry.ID, strawberry.argument(description="Id of the `ReviewStructure`.")
]
ExpectedVersion = Annotated[int, strawberry.argument(description="The `version` that was read.")]
Assignee = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Id of the `Account` that is to answer, and may reply there; nobody without."
    ),
]
OfficeBelow = Annotated[
    strawberry.ID, strawberry.argument(description="Id of the `Office`, below the present one.")
]
Why = Annotated[
    str, strawberry.argument(description=f"Why, for the history: at most {MAX_SAID} characters.")
]


async def assign(
    info: Info,
    id: StructureId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    account: Assignee = None,
) -> Done:
    """Say who is to answer."""
    found = await held(info, id, Permission.REPLY)
    to = None if account is None else await _replier(account, found)
    await found.assign(to, expected_version=expected_version)
    facts = {"assignee": account, "version": found.version}
    return Done(Deed("structure.assigned", id, Place.of(found), facts), structure=found.id)


async def _replier(global_id: str, structure: ReviewStructure) -> int:
    """The key of an account that may reply for `structure`. Raises NotFound."""
    key = ids.key_of("Account", global_id, "account")
    async with lifted():
        found = await Account.get_or_none(id=key, deactivated_at=None)
        viewer = await accounts.held_by(found) if found else None
    if viewer is None or not scope.covers(viewer, Permission.REPLY, Place.of(structure)):
        message = "This account may not reply for that structure."
        raise NotFound(message, "account")
    return key


async def move(
    info: Info,
    id: StructureId,  # noqa: A002  (its name in the API)
    to: OfficeBelow,
    expected_version: ExpectedVersion,
    reason: Why = "",
) -> Done:
    """Let an office below the present one answer, at once."""
    found = await held(info, id, Permission.TRANSFER)
    office = await open_office(to, "to")
    if not scope.covers(info.context.viewer, Permission.TRANSFER, Place.of_office(office)):
        raise NotFound("There is nothing by this id within your scope.", "to")
    by = info.context.viewer.account
    made = await move_down(found, office, reason, by=by, expected_version=expected_version)
    return Done(*went(found, made), structure=found.id)


def went(structure: ReviewStructure, move: Move) -> list[Deed]:
    """What is told where a review went, and where it is not of concern any more."""
    subject = ids.encode("Review", structure.review_id)
    facts = {"review": subject, "structure": ids.encode("ReviewStructure", structure.id)}
    return [
        Deed("review.moved_away", subject, move.origin, facts),
        Deed("review.transferred", subject, Place.of(structure), facts),
    ]


async def history(info: Info, id: StructureId) -> list[Row]:  # noqa: A002  (its name in the API)
    """Where a structure's part of a review went, for those who read for it."""
    among = Sql("m.structure_id = ?", (ids.key_of("ReviewStructure", id, "id"),))
    scoped = scope.moves(info.context.viewer).narrow(where=[among])
    return sorted(await select(MOVE, scoped, selected(info)), key=lambda row: row.key)


async def colleagues(info: Info, id: StructureId) -> list[Row]:  # noqa: A002  (its name in the API)
    """The accounts that may reply for a structure, for those who work on it."""
    key = ids.key_of("ReviewStructure", id, "id")
    scoped = scope.worked(info.context.viewer).narrow(where=[Sql("s.id = ?", (key,))])
    rows = []
    for found in await select(STRUCTURE, scoped, _PLACE):
        places = (found.network, found.department, found.office)
        place = Place(*(one.key if one else None for one in places))
        async with lifted():
            known = await accounts.holding(Permission.REPLY, place)
        for one in known:
            row = Row()
            row.id, row.kind, row.label = ids.encode("Account", one.key), one.kind, one.label
            rows.append(row)
    return rows


_PLACE = Selection(dict.fromkeys(("network", "department", "office"), NOTHING))


async def held(info: Info, global_id: str, permission: Permission) -> ReviewStructure:
    """The structure of this id, locked with its review. Raises NotFound."""
    key = ids.key_of("ReviewStructure", global_id, "id")
    await ReviewStructure.hold(key)
    scoped = scope.may(info.context.viewer, permission)
    return await locked(ReviewStructure, STRUCTURE, scoped, key)


async def open_office(global_id: str, *field: str) -> Office:
    """The office of this id. Raises NotFound, or BadInput for a closed one."""
    found = await Office.get_or_none(id=ids.key_of("Office", global_id, *field))
    if found is None:
        raise NotFound("There is nothing by this id.", *field)
    if found.closed_at is not None:
        raise BadInput("This office is closed.", *field)
    return found
