"""Networks, types of offices, departments and regions: small, public, and remembered."""

from collections.abc import Iterable
from typing import Any

from auth import scope
from models import ids
from models.errors import BadInput
from models.network import PublicationLevel
from models.sql import Sql, changing, fetch
from models.text import fold
from resolvers.context import Info
from resolvers.rows import Column, Noun, One, Row, condition, everything, plan, select
from resolvers.selection import Selection

TTL = 30.0
"""Seconds for which a process may not know of a network that was just added."""

NETWORK = Noun(
    name="Network",
    alias="n",
    source="network n",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("Network", key)),
        "code": Column("@.code"),
        "name": Column("@.name"),
        "level": Column("@.level", PublicationLevel),
        "validates_replies": Column("@.validates_replies", bool),
        "reply_days": Column("@.reply_days"),
        "bulk_replies": Column("@.bulk_replies", bool),
    },
)
OFFICE_TYPE = Noun(
    name="OfficeType",
    alias="t",
    source="office_type t",
    key="@.code",
    columns={"code": Column("@.code"), "name": Column("@.name")},
)
REGION = Noun(
    name="Region",
    alias="g",
    source="region g",
    key="@.code",
    columns={"code": Column("@.code"), "name": Column("@.name")},
)
DEPARTMENT = Noun(
    name="Department",
    alias="d",
    source="department d",
    key="@.code",
    columns={"code": Column("@.code"), "name": Column("@.name")},
    ones={"region": One(REGION, "LEFT JOIN region # ON #.code = @.region_id")},
)


async def networks(info: Info) -> list[Row]:
    """All networks, by name."""
    return await _all(info, NETWORK, scope.networks(info.context.viewer))


async def reply_targets(info: Info) -> dict[int, list[int]]:
    """The networks of each target, which is in how many days they mean to reply."""
    found: dict[int, list[int]] = {}
    for network in await networks(info):
        found.setdefault(network.reply_days, []).append(network.key)
    return found


async def departments(info: Info) -> list[Row]:
    """All departments, by name."""
    return await _all(info, DEPARTMENT, scope.departments(info.context.viewer))


async def regions(info: Info) -> list[Row]:
    """All regions, by name."""
    return await _all(info, REGION, scope.regions(info.context.viewer))


async def office_types(info: Info) -> list[Row]:
    """All types of offices, by name."""
    return await _all(info, OFFICE_TYPE, scope.office_types(info.context.viewer))


async def network_keys(info: Info, codes: Iterable[str], *field: str) -> list[int]:
    """The keys of the networks of `codes`. Raises BadInput for a code of none."""
    return _keys(await networks(info), codes, "There is no network of that code.", *field)


async def by_key(info: Info, key: int, _: Selection) -> Row | None:
    """The network of `key`, as it is now."""
    scoped = scope.networks(info.context.viewer).narrow(where=[Sql("n.id = ?", (key,))])
    return next(iter(await select(NETWORK, scoped, everything(NETWORK))), None)


async def department_codes(info: Info, codes: Iterable[str], *field: str) -> list[str]:
    """`codes`, each of which must be a department's. Raises BadInput."""
    return _keys(await departments(info), codes, "There is no department of that code.", *field)


async def region_departments(info: Info, codes: Iterable[str], *field: str) -> list[str]:
    """The departments of the regions of `codes`. Raises BadInput for a code of none."""
    known = _keys(await regions(info), codes, "There is no region of that code.", *field)
    return [row.code for row in await departments(info) if row.region and row.region.code in known]


async def type_codes(info: Info, codes: Iterable[str], *field: str) -> list[str]:
    """`codes`, each of which must be a type of offices. Raises BadInput."""
    return _keys(
        await office_types(info), codes, "There is no type of offices of that code.", *field
    )


def _keys(rows: list[Row], codes: Iterable[str], unknown: str, *field: str) -> list[Any]:
    keys = {row.code: row.key for row in rows}
    for code in codes:
        if code not in keys:
            raise BadInput(unknown, *field)
    return [keys[code] for code in codes]


async def _all(info: Info, noun: Noun, scoped: scope.Scoped[Any]) -> list[Row]:
    """Every row, whole. What is remembered is the same for all viewers: it is open data."""
    read = plan(noun, everything(noun), noun.alias, 0)
    where = condition(noun, scoped)
    source = " ".join((noun.source, *read.joins))
    text = f"SELECT {', '.join(read.columns)} FROM {source} WHERE {where.text}"
    # Read where it is asked: who holds a transaction must not wait for a second connection.
    key = f"reference:{noun.name}"
    records = await info.context.cache.known(key)
    if records is None:
        records = [list(record) for record in await fetch(Sql(text, where.args))]
        if not changing():  # what a change sees may be undone
            await info.context.cache.keep(key, TTL, records)
    rows = [read.build(record) for record in records]
    return sorted(rows, key=lambda row: (fold(row.name), row.code))
