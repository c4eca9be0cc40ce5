"""What changed since one last asked: for back-offices that poll."""

from collections.abc import Iterable
from typing import Annotated

import strawberry

from auth import scope
from models.errors import BadInput
from models.event import CATALOGUE, EventLog
from resolvers.context import Info
from resolvers.events import Stretch, cursor, position, stretch
from resolvers.page import DEFAULT_SIZE, MAX_SIZE, Page
from resolvers.rows import Row
from resolvers.selection import selected

Since = Annotated[
    str | None,
    strawberry.argument(
        description="The `endCursor` of the last answer: what happened after it is told. Without, "
        "nothing but a cursor of now: take it before you read the lists for the first time."
    ),
]
Types = Annotated[
    list[str] | None,
    strawberry.argument(description="Types, such as `review.published`: these only; all without."),
]
Most = Annotated[
    int | None,
    strawberry.argument(description=f"Events at most, up to {MAX_SIZE}; {DEFAULT_SIZE} without."),
]


async def changes(info: Info, after: Since = None, types: Types = None, first: Most = None) -> Row:
    """Events in the order in which they happened, each once."""
    most, viewer = Page(first).size(), info.context.viewer
    known = known_types(types)
    if after is None:
        told = Stretch((), (await EventLog.span()).head)
    else:
        place, wanted = position(viewer, after), selected(info).under("nodes")
        told = await stretch(viewer, place, wanted, most, *known)
    row = Row()
    row.nodes, row.has_next_page, row.resync_required = told.rows, told.more, told.resync
    row.end_cursor = cursor(viewer, told.position) if scope.follows(viewer) else None
    return row


def known_types(
    types: list[str] | None, *field: str, among: Iterable[str] = CATALOGUE
) -> list[str]:
    """`types` of events as they were asked for; none is all. Raises BadInput, naming `field`."""
    for name in types or ():
        if name not in among:
            message = "There are no events of the type {name}: docs/events.md lists the types."
            raise BadInput(message, *(field or ("types",)), name=name[:64])
    if types == []:
        raise BadInput("Name a type, or leave this out for all.", *(field or ("types",)))
    return sorted(set(types or ()))
