"""Reviews: the inbox of whoever answers them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated

import strawberry

from auth import scope
from auth.viewer import Viewer
from models import text
from models.audit import Place
from models.errors import BadInput
from models.paris import beginning, late_before
from models.review import Review, matching
from models.sql import Sql, every, some
from resolvers import procedures, reference
from resolvers.context import Info
from resolvers.names import (
    Axis,
    Channel,
    ImprovementState,
    Permission,
    ReplyState,
    Sentiment,
)
from resolvers.offices import at_or_below, bounded
from resolvers.page import (
    After,
    Before,
    Connection,
    First,
    Last,
    Order,
    Page,
    connect,
    either_way,
)
from resolvers.review_rows import AXES, REPLY, REVIEW, STRUCTURE
from resolvers.rows import Row, as_datetime, select
from resolvers.selection import NOTHING, Selection, selected
from resolvers.work import TagFilter, kept_with, on_work, with_work


@strawberry.enum(description="What reviews are sorted by. Equal ones keep a fixed order.")
class ReviewOrderField(Enum):
    PUBLISHED_AT = strawberry.enum_value("published_at", description="When it was published.")
    REPLIED_AT = strawberry.enum_value(
        "replied_at",
        description="When the first structure in scope replied; those without a reply come last.",
    )


@strawberry.enum(description="Which way a list is sorted.")
class Direction(Enum):
    ASC = strawberry.enum_value("asc", description="From the least, or the oldest.")
    DESC = strawberry.enum_value("desc", description="From the greatest, or the newest.")


@strawberry.input(description="An order of reviews.")
class ReviewOrder:
    field: ReviewOrderField = strawberry.field(
        default=ReviewOrderField.PUBLISHED_AT, description="What to sort by."
    )
    direction: Direction = strawberry.field(default=Direction.DESC, description="Which way.")


@strawberry.input(description="What a review says on one of the general tags.")
class AxisFilter:
    axis: Axis = strawberry.field(description="The general tag.")
    polarity: Sentiment | None = strawberry.field(
        default=None, description="What it says of it; anything when left out."
    )


@strawberry.input(
    description="Which reviews: those that meet every condition given. Conditions on structures "
    "(networks, offices, departments, channels, answered, overdue, assignedTo, tags ...) are to be "
    "met by one same structure in the viewer's scope."
)
class ReviewFilter:
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which is concerned."
    )
    offices: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of offices, one of which, or one below it, is concerned."
    )
    departments: list[str] | None = strawberry.field(
        default=None, description="Codes of departments, one of which the structure is in."
    )
    channels: list[Channel] | None = strawberry.field(
        default=None, description="Channels, one of which the user took to the structure."
    )
    answered: bool | None = strawberry.field(
        default=None, description="Whether the structure has answered."
    )
    overdue: bool | None = strawberry.field(
        default=None, description="Whether a reply is due and was not given."
    )
    assigned: bool | None = strawberry.field(
        default=None, description="Whether someone is to answer for the structure."
    )
    assigned_to: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the `Account` that is to answer for the structure."
    )
    assigned_to_me: bool | None = strawberry.field(
        default=None, description="Whether it is the viewer who is to answer for the structure."
    )
    tags: list[TagFilter] | None = strawberry.field(
        default=None, description="Business tags that the structure put on it: all of these."
    )
    improvements: list[ImprovementState] | None = strawberry.field(
        default=None, description="An improvement at the structure is in one of these states."
    )
    sentiments: list[Sentiment] | None = strawberry.field(
        default=None, description="What the user felt: one of these."
    )
    axes: list[AxisFilter] | None = strawberry.field(
        default=None, description="What it says on the general tags: all of these."
    )
    procedures: list[str] | None = strawberry.field(
        default=None, description="Codes of procedures, one of which it names."
    )
    published_from: date | None = strawberry.field(
        default=None, description="Published on this day (Europe/Paris) or later."
    )
    published_to: date | None = strawberry.field(
        default=None, description="Published on this day (Europe/Paris) or earlier."
    )
    text: str | None = strawberry.field(
        default=None,
        description="Words that title or description all hold, in any form: accents, case and "
        "endings do not count.",
    )


ReviewWhere = Annotated[
    ReviewFilter | None,
    strawberry.argument(description="Conditions; all reviews in scope without."),
]
OrderBy = Annotated[
    ReviewOrder | None, strawberry.argument(description="The order; newest first without.")
]

ORDERS = {
    ReviewOrderField.PUBLISHED_AT: Order(
        "published", Sql("s.published_at"), "s.review_id", parse=as_datetime
    ),
    ReviewOrderField.REPLIED_AT: Order(
        "replied", Sql("s.replied_at"), "s.review_id", parse=as_datetime, nullable=True
    ),
}


async def inbox(
    info: Info,
    where: ReviewWhere = None,
    order_by: OrderBy = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Reviews in the viewer's scope."""
    where, order_by = where or ReviewFilter(), order_by or ReviewOrder()
    scoped = await met(info, where)
    order = either_way(ORDERS[order_by.field], descending=order_by.direction is Direction.DESC)

    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await with_structures(info, rows, wanted)
        await procedures.with_named(info, rows, wanted)

    page = Page(first, after, last, before)
    return await connect(REVIEW, scoped, selected(info), order, page, finish)


async def check(info: Info, where: ReviewFilter) -> None:
    """Return if the conditions can be asked for. Raises BadInput or BadId."""
    await met(info, where)


async def met(info: Info, where: ReviewFilter) -> scope.Scoped[Review]:
    """Reviews in scope that meet `where`. Raises BadInput and BadId."""
    parts = [*await _on_structure(info, where), *on_work(info, where)]
    return scope.reviews(info.context.viewer).narrow(
        where=await _on_review(info, where), parts=parts
    )


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The review of `key`, if it is in scope."""
    return next(iter(await by_keys(info, [key], selection)), None)


async def by_keys(info: Info, keys: Sequence[int], selection: Selection) -> list[Row]:
    """The reviews of `keys` that are in scope."""
    scoped = scope.reviews(info.context.viewer).narrow(where=[Sql("r.id IN ??", (keys,))])
    rows = await select(REVIEW, scoped, selection)
    await with_structures(info, rows, selection)
    await procedures.with_named(info, rows, selection)
    return rows


async def with_reviews(info: Info, rows: Sequence[Row], selection: Selection) -> None:
    """Put the review, where it is in scope, in place of its key in each of `rows`."""
    wanted = selection.get("review")
    if wanted is not None and rows:
        keys = [row.review for row in rows if row.review is not None]
        found = {one.key: one for one in await by_keys(info, keys, wanted)}
        for row in rows:
            row.review = found.get(row.review)


async def structure_by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The structure of a review in scope."""
    scoped = scope.structures(info.context.viewer).narrow(where=[Sql("s.id = ?", (key,))])
    rows = await select(STRUCTURE, scoped, selection | PLACE)
    await with_own(info, rows, selection)
    return next(iter(rows), None)


async def reply_by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The reply to a review in scope; a withdrawn one is no longer there."""
    met = [Sql("p.id = ?", (key,)), Sql("p.withdrawn_at IS NULL")]
    scoped = scope.replies(info.context.viewer).narrow(where=met)
    return next(iter(await select(REPLY, scoped, selection)), None)


async def with_structures(info: Info, reviews: Sequence[Row], selection: Selection) -> None:
    """Give each of `reviews` its structures, if they were selected: one statement for all."""
    wanted = selection.get("structures")
    if wanted is None or not reviews:
        return
    keys = [review.key for review in reviews]
    among = Sql("s.review_id IN ??", (keys,))
    scoped = scope.structures(info.context.viewer).narrow(where=[among])
    found: dict[int, list[Row]] = {key: [] for key in keys}
    structures = await select(STRUCTURE, scoped, wanted | _OF_REVIEW | PLACE)
    await with_own(info, structures, wanted)
    for row in structures:
        found[row.review_key].append(row)
    for review in reviews:
        review.structures = sorted(found[review.key], key=lambda row: row.position)


async def with_own(info: Info, structures: Sequence[Row], selection: Selection) -> None:
    """Give each of `structures` what is for those who answer for it, if that was selected."""
    if "viewerCan" in selection:
        _with_rights(info.context.viewer, structures)
    await with_work(info, structures, selection)
    for name in ("openTransfer", "improvements"):
        await with_reviews(info, kept_with(structures, name, selection), selection.under(name))
    if "draft" in selection and structures:
        keys = [row.key for row in structures]
        unpublished = Sql("p.structure_id IN ?? AND p.withdrawn_at IS NULL", (keys,))
        scoped = scope.workable_replies(info.context.viewer).narrow(where=[unpublished])
        published = Sql("p.state <> ?", (ReplyState.PUBLISHED.value,))
        found = await select(REPLY, scoped.narrow(where=[published]), selection["draft"] | _OF)
        drafts = {row.structure_key: row for row in found}
        for row in structures:
            row.draft = drafts.get(row.key)


def _with_rights(viewer: Viewer, structures: Sequence[Row]) -> None:
    """Tell of each of `structures` what the viewer may do with it."""
    for row in structures:
        place = Place(row.network_key, row.department_key, row.office_key)
        row.viewer_can = Row()
        for right in (Permission.REPLY, Permission.VALIDATE, Permission.TRANSFER):
            setattr(row.viewer_can, right.value, scope.covers(viewer, right, place))


_OF = Selection({"structureKey": NOTHING})
_OF_REVIEW = Selection({"reviewKey": NOTHING, "position": NOTHING})
PLACE = Selection(dict.fromkeys(("networkKey", "departmentKey", "officeKey"), NOTHING))


async def _on_structure(info: Info, where: ReviewFilter) -> list[Sql]:
    met = []
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("s.network_id IN ??", (keys,)))
    if where.offices is not None:
        met.append(
            Sql("s.office_id IN ??", (await at_or_below(where.offices, "where", "offices"),))
        )
    if where.departments is not None:
        codes = await reference.department_codes(info, where.departments, "where", "departments")
        met.append(Sql("s.department_id IN ??", (codes,)))
    if where.channels is not None:
        met.append(Sql("(s.channels & ?) <> 0", (sum(set(where.channels)),)))
    if where.overdue is not None:
        met.append(await _overdue(info, where.overdue))
    if where.answered is not None:
        met.append(Sql("s.answered" if where.answered else "NOT s.answered"))
    return met


async def _overdue(info: Info, wanted: bool) -> Sql:
    late = some(
        Sql("s.network_id IN ?? AND s.published_at < ?", (keys, late_before(days)))
        for days, keys in (await reference.reply_targets(info)).items()
    )
    if wanted:
        return every((Sql("NOT s.answered"), late))
    return Sql(f"s.answered OR NOT ({late.text})", late.args)


async def _on_review(info: Info, where: ReviewFilter) -> list[Sql]:
    met = []
    if where.procedures is not None:
        keys = await procedures.keys_of(info, where.procedures, "where", "procedures")
        met.append(Sql("r.procedure_id IN ??", (keys,), skewed=True))
    if where.sentiments is not None:
        met.append(Sql("s.sentiment IN ??", ([*map(int, where.sentiments)],)))
    for axis in bounded(where.axes or [], "where", "axes"):
        column = f"r.{AXES[axis.axis]}"
        met.append(
            Sql(f"{column} IS NOT NULL")
            if axis.polarity is None
            else Sql(f"{column} = ?", (int(axis.polarity),))
        )
    if where.published_from is not None:
        since = midnight(where.published_from, "publishedFrom")
        met.append(Sql("s.published_at >= ?", (since,)))
    if where.published_to is not None:
        until = midnight(where.published_to, "publishedTo", days=1)
        met.append(Sql("s.published_at < ?", (until,)))
    if where.text is not None:
        met.append(_holding(where.text))
    return met


def _holding(words: str) -> Sql:
    terms = bounded(text.search_terms(words), "where", "text")
    if not terms:
        message = "There is no word to search for in it."
        raise BadInput(message, "where", "text")
    return matching(terms)


def midnight(day: date, field: str, days: int = 0) -> datetime:
    """The moment at which `day`, or the day some `days` after it, begins in Paris; in UTC."""
    try:
        return beginning(day + timedelta(days=days))
    except OverflowError:
        message = "This day is beyond the calendar."
        raise BadInput(message, "where", field) from None
