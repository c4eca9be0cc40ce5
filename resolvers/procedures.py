"""Procedures: what users do with public services, as reference data that all may read."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import strawberry

from auth import scope
from models import ids, text
from models.errors import BadInput
from models.procedure import CODE
from models.sql import Sql
from resolvers import reference
from resolvers.context import Info
from resolvers.offices import bounded
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect
from resolvers.rows import Column, Noun, One, Row, as_datetime, select
from resolvers.selection import NOTHING, Selection, selected

PROCEDURE = Noun(
    name="Procedure",
    alias="c",
    source="procedure c",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Procedure", key)),
        "code": Column("@.code"),
        "name": Column("@.name"),
        "url": Column("@.url"),
        "closed_at": Column("@.closed_at", as_datetime),
    },
)
NAMED = One(PROCEDURE, "LEFT JOIN procedure # ON #.id = @.procedure_id")
"""The procedure that something names."""

_LINK = Noun(
    name="ProcedureNetwork",
    alias="l",
    source="procedure_network l",
    key="@.id",
    columns={
        "procedure_key": Column("@.procedure_id"),
        "network_key": Column("@.network_id"),
    },
)
_BOTH = Selection({"procedureKey": NOTHING, "networkKey": NOTHING})

BY_NAME = Order("procedure", Sql("c.search"), "c.id", parse=str)


@strawberry.input(description="Which procedures: those that meet every condition given.")
class ProcedureFilter:
    codes: list[str] | None = strawberry.field(default=None, description="Of one of these codes.")
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which it goes through."
    )
    text: str | None = strawberry.field(
        default=None,
        description="Beginnings of words, all of which its name holds; accents and case do not "
        "count.",
    )
    include_closed: bool = strawberry.field(
        default=False, description="Also procedures that are closed."
    )


ProcedureWhere = Annotated[
    ProcedureFilter | None,
    strawberry.argument(description="Conditions; all open procedures without."),
]


async def listing(
    info: Info,
    where: ProcedureWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Procedures by name."""
    where = where or ProcedureFilter()
    met = [] if where.include_closed else [Sql("c.closed_at IS NULL")]
    if where.codes is not None:
        keys = await keys_of(info, where.codes, "where", "codes")
        met.append(Sql("c.id IN ??", (keys,)))
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        among = "SELECT l.procedure_id FROM procedure_network l WHERE l.network_id IN ??"
        met.append(Sql(f"c.id IN ({among})", (keys,)))
    if where.text is not None:
        met.extend(
            Sql("c.search LIKE ?", (f"% {word}%",))
            for word in bounded(text.words(where.text), "where", "text")
        )
    scoped = scope.procedures(info.context.viewer).narrow(where=met)

    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await with_networks(info, rows, wanted)

    page = Page(first, after, last, before)
    return await connect(PROCEDURE, scoped, selected(info), BY_NAME, page, finish)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The procedure of `key`."""
    scoped = scope.procedures(info.context.viewer).narrow(where=[Sql("c.id = ?", (key,))])
    rows = await select(PROCEDURE, scoped, selection)
    await with_networks(info, rows, selection)
    return next(iter(rows), None)


async def keys_of(info: Info, codes: Sequence[str], *field: str) -> list[int]:
    """The keys of the procedures of `codes`, closed ones too. Raises BadInput for one of none."""
    found = await known(info, bounded(codes, *field))
    if len(found) < len(set(codes)):
        raise BadInput("There is no procedure of that code.", *field)
    return list(found.values())


async def known(info: Info, codes: Iterable[str]) -> dict[str, int]:
    """The keys of the procedures among `codes`, closed ones too."""
    among = Sql("c.code IN ??", (list({code for code in codes if CODE.fullmatch(code)}),))
    scoped = scope.procedures(info.context.viewer).narrow(where=[among])
    rows = await select(PROCEDURE, scoped, Selection({"code": NOTHING}))
    return {row.code: row.key for row in rows}


async def with_named(info: Info, rows: Sequence[Any], selection: Selection) -> None:
    """Give the procedures that `rows` name their networks, if those were selected."""
    named = [row.procedure for row in rows if "procedure" in selection and row.procedure]
    await with_networks(info, named, selection.under("procedure"))


async def with_networks(info: Info, rows: Sequence[Row], selection: Selection) -> None:
    """Give each of `rows` its networks, if those were selected: one statement for all."""
    if "networks" not in selection or not rows:
        return
    among = Sql("l.procedure_id IN ??", (list({row.key for row in rows}),))
    links = scope.procedure_networks(info.context.viewer).narrow(where=[among])
    found = {(one.procedure_key, one.network_key) for one in await select(_LINK, links, _BOTH)}
    networks = await reference.networks(info)
    for row in rows:
        row.networks = [one for one in networks if (row.key, one.key) in found]
