"""Users who ask to talk to someone: for those who answer for the structure, and nobody else."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from auth import scope
from auth.permissions import Permission
from models import ids
from models.audit import Deed, Place
from models.contact import CONTACTING, MAX_CONTACT_NOTE, ContactRequest, ContactState, ContactStep
from models.review import ReviewStructure
from models.sql import Sql
from resolvers import reference, reviews
from resolvers.context import Info
from resolvers.done import Done
from resolvers.intake import ExpectedVersion
from resolvers.locked import locked
from resolvers.names import ContactState as StateName
from resolvers.offices import at_or_below
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect
from resolvers.review_rows import STRUCTURE
from resolvers.rows import Column, Noun, Row, as_datetime, select
from resolvers.selection import Selection, selected

CONTACT_REQUEST = Noun(
    name="ContactRequest",
    alias="c",
    source="contact_request c JOIN review_structure s ON s.id = c.structure_id",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("ContactRequest", key)),
        "state": Column("@.state", StateName),
        "steps": Column("@.state", lambda state: CONTACTING.possible(ContactState(state))),
        "forgotten": Column("@.contact IS NULL", bool),
        "note": Column("@.note"),
        "calls": Column("@.calls"),
        "version": Column("@.version"),
        "asked_at": Column("@.asked_at", as_datetime),
        "called_at": Column("@.called_at", as_datetime),
        "ended_at": Column("@.ended_at", as_datetime),
        "structure": Column("@.structure_id"),
        "review_id": Column("s.review_id", lambda key: ids.encode("Review", key)),
    },
)
ASKED = Order("contacts", Sql("c.asked_at"), "c.id", parse=as_datetime)


@strawberry.input(description="Which requests: those that meet every condition given.")
class ContactRequestFilter:
    states: list[StateName] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which is asked."
    )
    departments: list[str] | None = strawberry.field(
        default=None, description="Codes of departments, in one of which it is."
    )
    offices: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of offices, one of which, or one below it, is asked."
    )


ContactWhere = Annotated[
    ContactRequestFilter | None, strawberry.argument(description="Conditions; all without.")
]
ContactId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `ContactRequest`.")]
ContactNote = Annotated[
    str,
    strawberry.argument(
        description=f"A word on it, at most {MAX_CONTACT_NOTE:,} characters; the one before stays "
        "when it is empty, and it is forgotten together with how to reach them."
    ),
]


async def listing(
    info: Info,
    where: ContactWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Requests that are the viewer's to meet, the oldest first."""
    met = await _conditions(info, where or ContactRequestFilter())
    scoped = scope.contact_requests(info.context.viewer).narrow(where=met)

    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await _with_structures(info, rows, wanted)

    page = Page(first, after, last, before)
    return await connect(CONTACT_REQUEST, scoped, selected(info), ASKED, page, finish)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The request of `key`, if it is the viewer's to meet."""
    scoped = scope.contact_requests(info.context.viewer).narrow(where=[Sql("c.id = ?", (key,))])
    rows = await select(CONTACT_REQUEST, scoped, selection)
    await _with_structures(info, rows, selection)
    return next(iter(rows), None)


async def reveal(info: Info, id: ContactId) -> Done:  # noqa: A002  (its name in the API)
    """Read how to reach the user; the reading is written down."""
    found = await _found(info, id)
    done = await _done("contact.revealed", found)
    return Done(*done.deeds, once={"contact": found.contact}, contact_request=found.id)


async def call(
    info: Info,
    id: ContactId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    note: ContactNote = "",
) -> Done:
    """Write down that somebody called; several calls may be needed."""
    return await _take(info, id, ContactStep.CALL, note, expected_version)


async def meet(
    info: Info,
    id: ContactId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    note: ContactNote = "",
) -> Done:
    """Write down that they were talked to."""
    return await _take(info, id, ContactStep.MEET, note, expected_version)


async def give_up(
    info: Info,
    id: ContactId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    note: ContactNote = "",
) -> Done:
    """Write down that they can't be reached."""
    return await _take(info, id, ContactStep.GIVE_UP, note, expected_version)


async def _take(
    info: Info, global_id: str, step: ContactStep, note: str, expected_version: int
) -> Done:
    found, by = await _found(info, global_id), info.context.viewer.account
    await found.take(step, note, by=by, expected_version=expected_version)
    return await _done(f"contact.{found.state.value}", found)


async def _done(action: str, found: ContactRequest) -> Done:
    structure: ReviewStructure = await found.structure
    facts = {
        "structure": ids.encode("ReviewStructure", structure.id),
        "calls": found.calls,
        "version": found.version,
    }
    deed = Deed(action, ids.encode("ContactRequest", found.id), Place.of(structure), facts)
    return Done(deed, contact_request=found.id)


async def _found(info: Info, global_id: str) -> ContactRequest:
    key = ids.key_of("ContactRequest", global_id, "id")
    scoped = scope.contact_requests(info.context.viewer)
    return await locked(ContactRequest, CONTACT_REQUEST, scoped, key)


async def _with_structures(info: Info, rows: Sequence[Row], selection: Selection) -> None:
    wanted = selection.get("structure")
    if wanted is None or not rows:
        return
    among = Sql("s.id IN ??", ([row.structure for row in rows],))
    own = scope.may(info.context.viewer, Permission.REPLY).narrow(where=[among])
    structures = await select(STRUCTURE, own, wanted | reviews.PLACE)
    await reviews.with_own(info, structures, wanted)
    found = {one.key: one for one in structures}
    for row in rows:
        row.structure = found[row.structure]


async def _conditions(info: Info, where: ContactRequestFilter) -> list[Sql]:
    met = []
    if where.states is not None:
        met.append(Sql("c.state IN ??", ([one.value for one in where.states],)))
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("s.network_id IN ??", (keys,)))
    if where.departments is not None:
        codes = await reference.department_codes(info, where.departments, "where", "departments")
        met.append(Sql("s.department_id IN ??", (codes,)))
    if where.offices is not None:
        below = await at_or_below(where.offices, "where", "offices")
        met.append(Sql("s.office_id IN ??", (below,)))
    return met
