"""Networks of public services, and the official geography they are seen through."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

REPLY_DAYS = 5
"""Days within which a network means to reply, unless it says otherwise: the programme's target."""


class PublicationLevel(StrEnum):
    """At which level a network publishes what users say of it ("maille")."""

    NATIONAL = "national"
    REGION = "region"
    DEPARTMENT = "department"
    SITE = "site"


class Network(Model):
    """A network of offices under one administration ("réseau": CAF, police nationale ...)."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=255, unique=True)
    level = fields.CharEnumField(PublicationLevel, max_length=16)
    validates_replies = fields.BooleanField(default=False)
    bulk_replies = fields.BooleanField(default=False)
    reply_days = fields.SmallIntField(default=REPLY_DAYS)

    class Meta:
        table = "network"


class OfficeType(Model):
    """A kind of office in the national directory ("type de service local": caf, cpam ...)."""

    code = fields.CharField(max_length=64, primary_key=True)
    name = fields.CharField(max_length=255)
    network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="office_types", on_delete=fields.RESTRICT
    )

    class Meta:
        table = "office_type"


class Region(Model):
    """A region, by its code in the official geographic code (INSEE)."""

    code = fields.CharField(max_length=3, primary_key=True)
    name = fields.CharField(max_length=128)

    class Meta:
        table = "region"


class Department(Model):
    """A department or overseas collectivity, by its official code: 01, 2A, 974 ..."""

    code = fields.CharField(max_length=3, primary_key=True)
    name = fields.CharField(max_length=128)
    region: fields.ForeignKeyNullableRelation[Region] = fields.ForeignKeyField(
        "models.Region", related_name="departments", on_delete=fields.RESTRICT, null=True
    )

    class Meta:
        table = "department"
