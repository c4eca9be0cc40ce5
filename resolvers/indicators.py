"""What the platform publishes of quality: its indicators and their results, as imported."""

from typing import Annotated

import strawberry
from strawberry.utils.str_converters import to_camel_case

from auth import scope
from models import ids
from models.sql import Sql
from resolvers import reference
from resolvers.context import Info
from resolvers.offices import OFFICE, at_or_below, bounded
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect, either_way
from resolvers.rows import Column, Noun, One, Row, as_date, everything, select
from resolvers.selection import NOTHING, Selection, selected

INDICATOR = Noun(
    name="Indicator",
    alias="i",
    source="indicator i",
    key="@.code",
    columns={
        "code": Column("@.code"),
        "title": Column("@.title"),
        "source": Column("@.source"),
        "method": Column("@.method"),
        "unit": Column("@.unit"),
    },
)
RESULT = Noun(
    name="IndicatorResult",
    alias="x",
    source="indicator_result x",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("IndicatorResult", key)),
        "value": Column("@.value"),
        "updated_on": Column("@.updated_on", as_date),
        "received_code": Column("@.received_code"),
        "file": Column("@.file"),
    },
    ones={
        "indicator": One(INDICATOR, "JOIN indicator # ON #.code = @.indicator_id"),
        "network": One(reference.NETWORK, "LEFT JOIN network # ON #.id = @.network_id"),
        "office": One(OFFICE, "LEFT JOIN office # ON #.id = @.office_id"),
    },
)
_WHOLE = Selection(
    {to_camel_case(name): NOTHING for name in RESULT.columns} | {"indicator": everything(INDICATOR)}
)
BY_DAY = Order("updated", Sql("x.updated_on"), "x.id", parse=as_date)


@strawberry.input(description="Which results: those that meet every condition given.")
class ResultFilter:
    indicators: list[str] | None = strawberry.field(
        default=None, description="Codes of indicators, such as `IND-27`: of one of these."
    )
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, of one of which it is."
    )
    offices: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of offices: of one of these, or of one below it."
    )


ResultWhere = Annotated[
    ResultFilter | None, strawberry.argument(description="Conditions; all results without.")
]


async def results(
    info: Info,
    where: ResultWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Results, the latest first."""
    met, where = [], where or ResultFilter()
    if where.indicators is not None:
        codes = bounded(where.indicators, "where", "indicators")
        met.append(Sql("x.indicator_id IN ??", (codes,)))
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("x.network_id IN ??", (keys,)))
    if where.offices is not None:
        offices = await at_or_below(where.offices, "where", "offices")
        met.append(Sql("x.office_id IN ??", (offices,)))
    scoped = scope.indicator_results(info.context.viewer).narrow(where=met)
    page = Page(first, after, last, before)
    return await connect(RESULT, scoped, selected(info), either_way(BY_DAY, descending=True), page)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The result of `key`, until another import takes its place."""
    met = [Sql("x.id = ?", (key,))]
    scoped = scope.indicator_results(info.context.viewer).narrow(where=met)
    return next(iter(await select(RESULT, scoped, selection)), None)


_OF_COUNTRY = Sql("x.network_id IS NULL AND x.office_id IS NULL AND x.received_code = ''")


async def of_country(info: Info, code: str) -> list[Row]:
    """The results of an indicator for the whole country, the oldest first."""
    met = [Sql("x.indicator_id = ?", (code,)), _OF_COUNTRY]
    scoped = scope.indicator_results(info.context.viewer).narrow(where=met)
    found = await select(RESULT, scoped, _WHOLE)
    return sorted(found, key=lambda row: (row.updated_on, row.key))
