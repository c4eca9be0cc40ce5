"""What those who answer for a structure keep with its part of a review."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from auth import scope
from auth.scope import Scoped
from models import ids
from models.sql import Sql, every, some
from resolvers.context import Info
from resolvers.names import Permission, Sentiment, TransferState
from resolvers.offices import bounded
from resolvers.review_rows import STRUCTURE
from resolvers.rows import Noun, Row, select
from resolvers.selection import NOTHING, Selection
from resolvers.work_rows import IMPROVEMENT, STRUCTURE_TAG, TRANSFER

if TYPE_CHECKING:
    from resolvers.reviews import ReviewFilter


@strawberry.input(description="A business tag, and what the user felt of that subject.")
class TagFilter:
    tag: strawberry.ID = strawberry.field(description="Id of the `BusinessTag`.")
    polarity: Sentiment | None = strawberry.field(
        default=None, description="What the user felt of it; anything when left out."
    )


def on_work(info: Info, where: "ReviewFilter") -> list[Sql]:
    """What structures `s`, which the viewer reads for, must meet in what is kept with them."""
    met = _assigned(info, where)
    for wanted in bounded(where.tags or [], "where", "tags"):
        key = ids.key_of("BusinessTag", wanted.tag, "where", "tags", "tag")
        felt = None if wanted.polarity is None else int(wanted.polarity)
        text = (
            "SELECT 1 FROM structure_tag h JOIN business_tag b ON b.id = h.tag_id"
            " WHERE h.structure_id = s.id AND b.network_id = s.network_id AND b.id = ?"
        )
        more = "" if felt is None else " AND h.polarity = ?"
        met.append(Sql(f"EXISTS ({text}{more})", (key,) if felt is None else (key, felt)))
    if where.improvements is not None:
        text = "SELECT 1 FROM improvement w WHERE w.structure_id = s.id AND w.state IN ??"
        states = [state.value for state in where.improvements]
        met.append(Sql(f"EXISTS ({text})", (states,)))
    return met


def _assigned(info: Info, where: "ReviewFilter") -> list[Sql]:
    """Who is to answer is known to those who work there only."""
    me, met = info.context.viewer.account, []
    if where.assigned is not None:
        met.append(Sql(f"s.assignee_id IS {'NOT ' if where.assigned else ''}NULL"))
    if where.assigned_to is not None:
        key = ids.key_of("Account", where.assigned_to, "where", "assignedTo")
        met.append(Sql("s.assignee_id = ?", (key,)))
    if where.assigned_to_me is not None:
        is_mine = Sql("s.assignee_id = ?", (me,))
        is_not = Sql("s.assignee_id <> ? OR s.assignee_id IS NULL", (me,))
        met.append(is_mine if where.assigned_to_me else is_not)
    return [every((*scope.worked(info.context.viewer).where, *met))] if met else []


async def with_work(info: Info, structures: Sequence[Row], selection: Selection) -> None:
    """Give each of `structures` what is kept with it, as far as the viewer may see it."""
    if not structures or _KEPT.isdisjoint(selection):
        return
    viewer = info.context.viewer
    among = Sql("s.id IN ??", ([row.key for row in structures],))
    if "assignee" in selection:
        worked = scope.worked(viewer).narrow(where=[among])
        found = {row.key: row.assignee_of for row in await select(STRUCTURE, worked, _ASSIGNEE)}
        for row in structures:
            row.assignee = found.get(row.key)
    tags, improvements = scope.structure_tags(viewer), scope.improvements(viewer)
    await _gather("tags", STRUCTURE_TAG, tags, structures, selection)
    await _gather("improvements", IMPROVEMENT, improvements, structures, selection)
    opened = Sql("x.state = ?", (TransferState.OPEN.value,))
    asked = scope.transfers(viewer).narrow(where=[opened])
    await _gather("transfers", TRANSFER, asked, structures, selection, "openTransfer")
    for row in structures if "openTransfer" in selection else ():
        row.open_transfer = next(iter(row.transfers), None)
    if "viewerCan" in selection:
        await _with_rights(info, structures, selection["viewerCan"], among)


_KEPT = {"assignee", "tags", "improvements", "openTransfer", "viewerCan"}


def kept_with(structures: Sequence[Row], name: str, selection: Selection) -> list[Row]:
    """The open transfers, or the improvements, of `structures`, if they were selected."""
    if name not in selection:
        return []
    if name == "improvements":
        return [one for row in structures for one in row.improvements]
    return [row.open_transfer for row in structures if row.open_transfer]


async def _gather(
    name: str,
    noun: Noun,
    scoped: Scoped[Any],
    structures: Sequence[Row],
    selection: Selection,
    field: str | None = None,
) -> None:
    """Give each of `structures` its rows of `noun`, the first one first: one statement for all."""
    wanted = selection.get(field or name)
    if wanted is None:
        return
    of: dict[int, list[Row]] = {row.key: [] for row in structures}
    among = Sql(f"{noun.alias}.structure_id IN ??", ([*of],))
    for found in await select(noun, scoped.narrow(where=[among]), wanted | _OF):
        of[found.structure_key].append(found)
    for row in structures:
        setattr(row, name, sorted(of[row.key], key=lambda found: found.key))


async def _with_rights(info: Info, structures: Sequence[Row], asked: Selection, among: Sql) -> None:
    """What may be done next: a structure that answered, or has an open request, stays."""
    viewer = info.context.viewer
    waits = "SELECT 1 FROM transfer x WHERE x.structure_id = s.id AND x.state = 'open'"
    stays = some((Sql("s.answered"), Sql(f"EXISTS ({waits})")))
    free = Sql(f"NOT ({stays.text})")
    movable = scope.may(viewer, Permission.TRANSFER).narrow(where=[free])
    rights = {
        "assign": scope.may(viewer, Permission.REPLY),
        "move": movable.narrow(where=[Sql(_BELOW)]),
        "request_transfer": movable,
        "comment": scope.worked(viewer),
    }
    for name, scoped in rights.items():
        if to_camel_case(name) in asked:
            own = await select(STRUCTURE, scoped.narrow(where=[among]), NOTHING)
            keys = {row.key for row in own}
            for row in structures:
                setattr(row.viewer_can, name, row.key in keys)


_BELOW = (
    "EXISTS (SELECT 1 FROM office o WHERE o.closed_at IS NULL AND o.network_id = s.network_id"
    " AND CASE WHEN s.office_id IS NOT NULL THEN o.parent_id = s.office_id"
    " ELSE s.department_id IS NULL OR o.department_id = s.department_id END)"
)
_ASSIGNEE = Selection({"assigneeOf": NOTHING})
_OF = Selection({"structureKey": NOTHING})
