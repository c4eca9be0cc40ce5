"""Templates of replies: kept by whoever administers a place, used by whoever replies there."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from auth import scope
from auth.permissions import Permission
from models import ids
from models.audit import Deed, Place
from models.errors import BadInput, NotFound
from models.paris import PARIS
from models.reply import MAX_LINE, MAX_REPLY_LENGTH, ReplyText
from models.sql import Sql
from models.template import PLACEHOLDERS, ReplyTemplate, filled
from resolvers import reference
from resolvers.context import Info
from resolvers.done import Done
from resolvers.giving import PlaceInput, place_of
from resolvers.intake import ExpectedVersion
from resolvers.locked import locked
from resolvers.offices import OFFICE
from resolvers.review_rows import REVIEW, STRUCTURE
from resolvers.rows import Column, Noun, One, Row, select
from resolvers.selection import NOTHING, Selection, selected

REPLY_TEMPLATE = Noun(
    name="ReplyTemplate",
    alias="l",
    source="reply_template l",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("ReplyTemplate", key)),
        "name": Column("@.name"),
        "greeting": Column("@.greeting"),
        "body": Column("@.body"),
        "signature": Column("@.signature"),
        "version": Column("@.version"),
    },
    ones={
        "network": One(reference.NETWORK, "JOIN network # ON #.id = @.network_id"),
        "department": One(
            reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"
        ),
        "office": One(OFFICE, "LEFT JOIN office # ON #.id = @.office_id"),
    },
    blank={"rendered": None},
)

_LINE = f"a line of at most {MAX_LINE} characters"
_HOLDS = "It may hold " + ", ".join(f"`{{{one}}}`" for one in PLACEHOLDERS)
TemplateId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `ReplyTemplate`.")]
TemplatePlace = Annotated[
    PlaceInput,
    strawberry.argument(
        description="A network; its offices in a department; or an office and those below it."
    ),
]
Name = Annotated[str, strawberry.argument(description=f"What it is called: {_LINE}.")]
Body = Annotated[
    str,
    strawberry.argument(
        description=f"What is answered, 1 to {MAX_REPLY_LENGTH} characters. {_HOLDS}."
    ),
]
Greeting = Annotated[
    str | None, strawberry.argument(description=f"How it begins: {_LINE}. {_HOLDS}.")
]
Signature = Annotated[
    str | None,
    strawberry.argument(description=f"How it is signed, by function: {_LINE}. {_HOLDS}."),
]
ForStructure = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Id of the `ReviewStructure` that is to be answered: those that may be used "
        "there. Without, those that the viewer keeps."
    ),
]


async def listing(info: Info, structure: ForStructure = None) -> Sequence[Row]:
    """Templates by name; for a structure, with its values in place of the placeholders."""
    wanted, viewer = selected(info), info.context.viewer
    if structure is None:
        scoped = scope.reply_templates(viewer)
    else:
        key = ids.key_of("ReviewStructure", structure, "structure")
        scoped = scope.usable_templates(viewer, key)
    rows = await select(REPLY_TEMPLATE, scoped, wanted | _WORDS)
    if structure is not None and rows and "rendered" in wanted:
        values = await _values(info, key)
        for row in rows:
            row.rendered = Row()
            for name in ("greeting", "body", "signature"):
                setattr(row.rendered, name, filled(getattr(row, name), values))
    return sorted(rows, key=lambda row: (row.name, row.key))


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The template of `key`, if the viewer keeps it."""
    scoped = scope.reply_templates(info.context.viewer).narrow(where=[Sql("l.id = ?", (key,))])
    return next(iter(await select(REPLY_TEMPLATE, scoped, selection)), None)


async def create(
    info: Info,
    place: TemplatePlace,
    name: Name,
    body: Body,
    greeting: Greeting = None,
    signature: Signature = None,
) -> Done:
    """Keep words that are said often."""
    at, parts = await place_of(place, "place")
    if at.network is None:
        raise BadInput("Name a network or an office.", "place", "network")
    if at.office is not None and at.department is not None:
        raise BadInput("Name a department or an office, not both.", "place", "department")
    office = parts["office"]
    if office is not None and office.network_id != at.network:
        raise BadInput("The office is not of that network.", "place", "office")
    seat = office.department_id if office is not None else at.department
    if not scope.covers(
        info.context.viewer, Permission.ADMINISTER, Place(at.network, seat, at.office)
    ):
        message = "There is nothing by this id within your scope."
        raise NotFound(message, "place")
    made = await ReplyTemplate.add(name, ReplyText.of(body, greeting, signature), **parts)
    return _changed("reply_template.created", made)


async def update(
    info: Info,
    id: TemplateId,  # noqa: A002  (its name in the API)
    name: Name,
    body: Body,
    expected_version: ExpectedVersion,
    greeting: Greeting = None,
    signature: Signature = None,
) -> Done:
    """Put another name and other words in place."""
    found = await _found(info, id)
    words = ReplyText.of(body, greeting, signature)
    await found.change(name, words, expected_version=expected_version)
    return _changed("reply_template.updated", found)


async def remove(
    info: Info,
    id: TemplateId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Keep it no more; replies that were written from it stay."""
    found = await _found(info, id)
    found.check(expected_version)
    await found.delete()
    return Done(*_changed("reply_template.removed", found).deeds, told={"removed_id": id})


def _changed(action: str, template: ReplyTemplate) -> Done:
    subject, facts = ids.encode("ReplyTemplate", template.id), {"version": template.version}
    return Done(Deed(action, subject, Place.of(template), facts), template=template.id)


async def _found(info: Info, global_id: str) -> ReplyTemplate:
    key = ids.key_of("ReplyTemplate", global_id, "id")
    scoped = scope.reply_templates(info.context.viewer)
    return await locked(ReplyTemplate, REPLY_TEMPLATE, scoped, key)


async def _values(info: Info, structure: int) -> dict[str, str]:
    """What stands for each placeholder, on one line each; empty where nothing is known."""
    own = scope.may(info.context.viewer, Permission.REPLY)
    (row,) = await select(STRUCTURE, own.narrow(where=[Sql("s.id = ?", (structure,))]), _NAMES)
    read = scope.reviews(info.context.viewer).narrow(where=[Sql("r.id = ?", (row.review_key,))])
    review = next(iter(await select(REVIEW, read, _TOLD)), None)
    day = review.published_at.astimezone(PARIS) if review else None
    values: dict[str, Any] = {
        "office": row.office.name if row.office else row.received_name or row.network.name,
        "network": row.network.name,
        "department": row.department.name if row.department else "",
        "reviewTitle": review.title if review else "",
        "publishedOn": f"{day:%d/%m/%Y}" if day else "",
    }
    return {name: " ".join(value.split()) for name, value in values.items()}


_NAME = Selection({"name": NOTHING})
_WORDS = Selection(dict.fromkeys(("name", "greeting", "body", "signature"), NOTHING))
_NAMES = Selection(
    {
        **dict.fromkeys(("office", "network", "department"), _NAME),
        **dict.fromkeys(("reviewKey", "receivedName"), NOTHING),
    }
)
_TOLD = Selection(dict.fromkeys(("title", "publishedAt"), NOTHING))
