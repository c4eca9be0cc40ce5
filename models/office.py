"""Offices, as the national directory lists them."""

from collections.abc import Iterable
from math import cos, radians, sin

from tortoise import fields
from tortoise.models import Model

from models.network import Department, Network, OfficeType
from models.sql import Sql, fetch


class DirectoryFile(Model):
    """A file of the national directory that was imported: the source that offices name."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=255)
    published_on = fields.DateField(null=True)
    sha256 = fields.CharField(max_length=64, unique=True)
    source = fields.CharField(max_length=255)
    licence = fields.CharField(max_length=255)
    imported_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "directory_file"


class Office(Model):
    """A place, or a unit, where a network meets its users ("structure").

    `x`, `y`, `z` are the office on a sphere of radius 1: the straight line between two such
    points grows with the distance on the ground, in plain arithmetic, on any database.
    `search` is a blank and the folded words of name, place and postal code: it finds and sorts.
    """

    id = fields.BigIntField(primary_key=True)
    directory_id = fields.CharField(max_length=64, unique=True)
    pivot_code = fields.CharField(max_length=64, null=True, db_index=True)
    name = fields.CharField(max_length=512)
    type: fields.ForeignKeyRelation[OfficeType] = fields.ForeignKeyField(
        "models.OfficeType", related_name="offices", on_delete=fields.RESTRICT
    )
    network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="offices", on_delete=fields.RESTRICT
    )
    parent: fields.ForeignKeyNullableRelation["Office"] = fields.ForeignKeyField(
        "models.Office", related_name="children", on_delete=fields.RESTRICT, null=True
    )
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="offices", on_delete=fields.RESTRICT, null=True
    )
    commune_code = fields.CharField(max_length=8, null=True)
    address = fields.CharField(max_length=1024, null=True)
    postal_code = fields.CharField(max_length=16, null=True)
    city = fields.CharField(max_length=255, null=True)
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    x = fields.FloatField(null=True)
    y = fields.FloatField(null=True)
    z = fields.FloatField(null=True)
    phone = fields.CharField(max_length=64, null=True)
    email = fields.CharField(max_length=255, null=True)
    website = fields.CharField(max_length=1024, null=True)
    search = fields.TextField()
    fingerprint = fields.CharField(max_length=64)
    closed_at = fields.DatetimeField(null=True)
    network_id: int
    department_id: str | None
    file: fields.ForeignKeyRelation[DirectoryFile] = fields.ForeignKeyField(
        "models.DirectoryFile", related_name="offices", on_delete=fields.RESTRICT
    )

    class Meta:
        table = "office"
        indexes = (("network_id", "search", "id"), ("department_id", "search", "id"))


async def below(offices: Iterable[int]) -> list[int]:
    """The ids of `offices` and of every office under them, at any depth, in order."""
    text = (
        "WITH RECURSIVE below (id) AS ("
        "SELECT id FROM office WHERE id IN ?? "
        "UNION SELECT office.id FROM office JOIN below ON office.parent_id = below.id"
        ") SELECT id FROM below ORDER BY id"
    )
    return [row[0] for row in await fetch(Sql(text, (tuple(offices),)))]


async def above(office: int) -> list[int]:
    """The ids of `office` and of every office that it is under, in order."""
    text = (
        "WITH RECURSIVE above (id, parent_id) AS ("
        "SELECT id, parent_id FROM office WHERE id = ? "
        "UNION SELECT o.id, o.parent_id FROM office o JOIN above ON o.id = above.parent_id"
        ") SELECT id FROM above ORDER BY id"
    )
    return [row[0] for row in await fetch(Sql(text, (office,)))]


def on_sphere(latitude: float, longitude: float) -> tuple[float, float, float]:
    """A place as a point on a sphere of radius 1."""
    north, east = radians(latitude), radians(longitude)
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)
