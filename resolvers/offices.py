"""Offices: where they are and who runs them."""

from collections.abc import Sequence
from math import asin, sin, sqrt
from typing import Annotated, TypeVar

import strawberry

from auth import scope
from models import ids, text
from models.errors import BadInput
from models.office import below, on_sphere
from models.sql import Sql
from resolvers import reference
from resolvers.context import Info
from resolvers.page import Connection, Order, Page, connect
from resolvers.rows import Column, Noun, One, Row, as_date, as_datetime, select
from resolvers.selection import Selection

T = TypeVar("T")

EARTH_RADIUS_KM = 6371.0088
"""Mean radius, as the IUGG gives it."""

MAX_KM = 500.0
MAX_VALUES = 100
"""Values that one filter takes."""

DIRECTORY_FILE = Noun(
    name="DirectoryFile",
    alias="f",
    source="directory_file f",
    key="@.id",
    columns={
        "name": Column("@.name"),
        "published_on": Column("@.published_on", as_date),
        "source": Column("@.source"),
        "licence": Column("@.licence"),
        "imported_at": Column("@.imported_at", as_datetime),
    },
)
_OFFICE_COLUMNS = {
    "id": Column("@.id", lambda key: ids.encode("Office", key)),
    "directory_id": Column("@.directory_id"),
    "pivot_code": Column("@.pivot_code"),
    "name": Column("@.name"),
    "address": Column("@.address"),
    "postal_code": Column("@.postal_code"),
    "city": Column("@.city"),
    "commune_code": Column("@.commune_code"),
    "latitude": Column("@.latitude"),
    "longitude": Column("@.longitude"),
    "phone": Column("@.phone"),
    "email": Column("@.email"),
    "website": Column("@.website"),
    "closed_at": Column("@.closed_at", as_datetime),
    "network_key": Column("@.network_id"),
    "department_key": Column("@.department_id"),
}
_OFFICE_ONES = {
    "type": One(reference.OFFICE_TYPE, "JOIN office_type # ON #.code = @.type_id"),
    "network": One(reference.NETWORK, "JOIN network # ON #.id = @.network_id"),
    "department": One(reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"),
    "file": One(DIRECTORY_FILE, "JOIN directory_file # ON #.id = @.file_id"),
}
OFFICE = Noun(
    "Office",
    alias="o",
    source="office o",
    key="@.id",
    columns=_OFFICE_COLUMNS,
    ones=_OFFICE_ONES,
    blank={"distance_km": None, "satisfaction": None},
)
OFFICE.ones["parent"] = One(OFFICE, "LEFT JOIN office # ON #.id = @.parent_id")

BY_NAME = Order("name", Sql("o.search"), "o.id", parse=str)


@strawberry.input(description="A circle on the map.")
class Near:
    latitude: float = strawberry.field(description="Degrees north, WGS 84, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees east, WGS 84, -180 to 180.")
    km: float = strawberry.field(
        description=f"Radius in kilometres as the crow flies, over 0 and at most {MAX_KM:g}."
    )


@strawberry.input(description="Which offices: those that meet every condition given.")
class OfficeFilter:
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which it belongs to."
    )
    types: list[str] | None = strawberry.field(
        default=None, description="Codes of types of offices, one of which it is of."
    )
    departments: list[str] | None = strawberry.field(
        default=None, description="Codes of departments, one of which it is in."
    )
    regions: list[str] | None = strawberry.field(
        default=None, description="Codes of regions, one of which it is in."
    )
    text: str | None = strawberry.field(
        default=None,
        description="Beginnings of words, all of which its name, city or postal code holds; "
        "accents and case do not count.",
    )
    near: Near | None = strawberry.field(
        default=None, description="A circle it lies in. The nearest come first then."
    )
    include_closed: bool = strawberry.field(
        default=False, description="Also offices that the directory no longer lists."
    )


OfficeWhere = Annotated[
    OfficeFilter | None, strawberry.argument(description="Conditions; all offices without.")
]


async def listed(info: Info, where: OfficeFilter, page: Page, wanted: Selection) -> Connection:
    """Offices by name; with `near`, by distance."""
    scoped = scope.offices(info.context.viewer).narrow(where=await _conditions(info, where))
    order = _by_distance(where.near) if where.near else BY_NAME

    async def measure(rows: Sequence[Row], _: Selection) -> None:
        for row in rows if where.near else ():
            row.distance_km = 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(row.sort_key) / 2))

    return await connect(OFFICE, scoped, wanted, order, page, measure)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The office of `key`."""
    scoped = scope.offices(info.context.viewer).narrow(where=[Sql("o.id = ?", (key,))])
    return next(iter(await select(OFFICE, scoped, selection)), None)


async def at_or_below(global_ids: Sequence[str], *field: str) -> list[int]:
    """The keys of offices and of all under them. Raises BadId, or BadInput when there are none."""
    keys = [ids.key_of("Office", global_id, *field) for global_id in bounded(global_ids, *field)]
    return await below(keys)


def bounded(values: Sequence[T], *field: str) -> Sequence[T]:
    """`values`, which must be few enough for one filter. Raises BadInput."""
    if len(values) > MAX_VALUES:
        message = "At most {most} values."
        raise BadInput(message, *field, most=MAX_VALUES)
    return values


async def _conditions(info: Info, where: OfficeFilter) -> list[Sql]:
    met = [] if where.include_closed else [Sql("o.closed_at IS NULL")]
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("o.network_id IN ??", (keys,)))
    if where.types is not None:
        codes = await reference.type_codes(info, where.types, "where", "types")
        met.append(Sql("o.type_id IN ??", (codes,)))
    if where.departments is not None:
        codes = await reference.department_codes(info, where.departments, "where", "departments")
        met.append(Sql("o.department_id IN ??", (codes,)))
    if where.regions is not None:
        codes = await reference.region_departments(info, where.regions, "where", "regions")
        met.append(Sql("o.department_id IN ??", (codes,)))
    if where.text is not None:
        met.extend(
            Sql("o.search LIKE ?", (f"% {word}%",))
            for word in bounded(text.words(where.text), "where", "text")
        )
    if where.near is not None:
        met.append(_within(where.near))
    return met


def _by_distance(near: Near) -> Order:
    x, y, z = on_sphere(near.latitude, near.longitude)
    squared = "(o.x - ?) * (o.x - ?) + (o.y - ?) * (o.y - ?) + (o.z - ?) * (o.z - ?)"
    return Order("distance", Sql(f"({squared})", (x, x, y, y, z, z)), "o.id", parse=float)


def _within(near: Near) -> Sql:
    """Whether the straight line through the earth is short enough, and first, whether a box is."""
    if not (abs(near.latitude) <= 90 and abs(near.longitude) <= 180):
        message = "Latitude is from -90 to 90 degrees, longitude from -180 to 180."
        raise BadInput(message, "where", "near")
    if not 0 < near.km <= MAX_KM:
        message = "The radius must be over 0 and at most {most} km."
        raise BadInput(message, "where", "near", "km", most=f"{MAX_KM:g}")
    chord = 2 * sin(near.km / EARTH_RADIUS_KM / 2)
    z = on_sphere(near.latitude, near.longitude)[2]
    distance = _by_distance(near).key
    text = f"o.z BETWEEN ? AND ? AND {distance.text} <= ?"
    return Sql(text, (z - chord, z + chord, *distance.args, chord * chord), skewed=True)
