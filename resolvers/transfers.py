"""Requests to let another place answer, which the national team decides."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from auth import scope
from auth.permissions import Permission
from auth.scope import Scoped
from models import ids
from models.audit import Deed, Place
from models.errors import BadInput
from models.network import Department
from models.routing import Transfer
from models.said import MAX_SAID
from models.sql import Sql
from models.wall import lifted
from resolvers import reference
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.names import TransferState
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect, whole
from resolvers.reviews import with_reviews
from resolvers.routing import ExpectedVersion, StructureId, held, open_office, went
from resolvers.rows import Row, select
from resolvers.selection import Selection, selected
from resolvers.work_rows import TRANSFER

QUEUE = Order("transfer", Sql("x.id"), "x.id", parse=whole)


@strawberry.input(description="A place that is to answer: an office, or a network or a part of it.")
class TargetInput:
    network: str | None = strawberry.field(
        default=None, description="Code of the network; may be left out where the office is named."
    )
    department: str | None = strawberry.field(
        default=None, description="Code of the department, where no office is named."
    )
    office: strawberry.ID | None = strawberry.field(default=None, description="Id of the office.")


@strawberry.input(description="Which requests: those that meet every condition given.")
class TransferFilter:
    states: list[TransferState] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, away from one of which it is asked for."
    )


Target = Annotated[TargetInput, strawberry.argument(description="The place that is to answer.")]
Reason = Annotated[str, strawberry.argument(description=f"Why: 1 to {MAX_SAID} characters.")]
Note = Annotated[
    str,
    strawberry.argument(description=f"A word for those who asked: at most {MAX_SAID} characters."),
]
Refusal = Annotated[
    str, strawberry.argument(description=f"Why it stays: 1 to {MAX_SAID} characters.")
]
TransferId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Transfer`.")]
TransferWhere = Annotated[
    TransferFilter | None, strawberry.argument(description="Conditions; all of them without.")
]


async def request(
    info: Info,
    id: StructureId,  # noqa: A002  (its name in the API)
    to: Target,
    reason: Reason,
    expected_version: ExpectedVersion,
) -> Done:
    """Ask for another place to answer."""
    found = await held(info, id, Permission.TRANSFER)
    target = await _target(info, to)
    asked = await Transfer.request(
        found,
        target,
        reason,
        by=info.context.viewer.account,
        expected_version=expected_version,
    )
    return _changed("transfer.requested", asked)


async def approve(
    info: Info,
    id: TransferId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    note: Note = "",
) -> Done:
    """Let the structure go where it was asked to."""
    found = await _locked(id, scope.decided_transfers(info.context.viewer))
    by = info.context.viewer.account
    async with lifted():
        made = await found.approve(note, by=by, expected_version=expected_version)
        structure = await made.structure
    return _changed("transfer.approved", found, *went(structure, made))


async def refuse(
    info: Info,
    id: TransferId,  # noqa: A002  (its name in the API)
    note: Refusal,
    expected_version: ExpectedVersion,
) -> Done:
    """Let the structure stay where it is, and say why."""
    found = await _locked(id, scope.decided_transfers(info.context.viewer))
    by = info.context.viewer.account
    await found.refuse(note, by=by, expected_version=expected_version)
    return _changed("transfer.refused", found)


async def cancel(
    info: Info,
    id: TransferId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Take a request back."""
    found = await _locked(id, scope.asked_transfers(info.context.viewer))
    await found.cancel(by=info.context.viewer.account, expected_version=expected_version)
    return _changed("transfer.cancelled", found)


async def queue(
    info: Info,
    where: TransferWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Requests in reach, the oldest first."""
    where, met = where or TransferFilter(), []
    if where.states is not None:
        met.append(Sql("x.state IN ??", ([one.value for one in where.states],)))
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("x.network_id IN ??", (keys,)))
    scoped = scope.transfers(info.context.viewer).narrow(where=met)

    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await with_reviews(info, rows, wanted)

    page = Page(first, after, last, before)
    return await connect(TRANSFER, scoped, selected(info), QUEUE, page, finish)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The request of `key`, if it is in scope."""
    scoped = scope.transfers(info.context.viewer).narrow(where=[Sql("x.id = ?", (key,))])
    rows = await select(TRANSFER, scoped, selection)
    await with_reviews(info, rows, selection)
    return next(iter(rows), None)


async def _target(info: Info, given: TargetInput) -> Place:
    """Where it is to go. Raises BadInput, BadId or NotFound."""
    office = None if given.office is None else await open_office(given.office, "to", "office")
    network = office.network_id if office else None
    if given.network is not None:
        (network,) = await reference.network_keys(info, [given.network], "to", "network")
    if network is None:
        raise BadInput("Name a network or an office.", "to", "network")
    if office is not None and office.network_id != network:
        raise BadInput("The office is not of that network.", "to", "office")
    if office is not None:
        return Place.of_office(office)
    if given.department is not None and not await Department.exists(code=given.department):
        raise BadInput("There is no department of that code.", "to", "department")
    return Place(network, given.department)


def _changed(action: str, found: Transfer, *more: Deed) -> Done:
    facts = {
        "review": ids.encode("Review", found.review_id),
        "structure": ids.encode("ReviewStructure", found.structure_id),
        "version": found.version,
    }
    own = Deed(action, ids.encode("Transfer", found.id), Place.of(found), facts)
    return Done(own, *more, transfer=found.id)


async def _locked(global_id: str, scoped: Scoped[Transfer]) -> Transfer:
    key = ids.key_of("Transfer", global_id, "id")
    return await locked(Transfer, TRANSFER, scoped, key)
