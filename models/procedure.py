"""Procedures ("démarches"): what users do with public services, in one or several networks."""

import re

from tortoise import fields
from tortoise.models import Model

from models.network import Network

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a code looks like."""


class Procedure(Model):
    """A procedure, by a code that stays. `search` is a blank and the folded words of its name."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=255)
    url = fields.CharField(max_length=1024, null=True)
    search = fields.CharField(max_length=600)
    closed_at = fields.DatetimeField(null=True)

    networks: fields.ReverseRelation["ProcedureNetwork"]

    class Meta:
        table = "procedure"
        indexes = (("search", "id"),)


class ProcedureNetwork(Model):
    """A network that a procedure goes through."""

    id = fields.BigIntField(primary_key=True)
    procedure: fields.ForeignKeyRelation[Procedure] = fields.ForeignKeyField(
        "models.Procedure", related_name="networks", on_delete=fields.CASCADE
    )
    network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="procedures", on_delete=fields.RESTRICT
    )

    procedure_id: int
    network_id: int

    class Meta:
        table = "procedure_network"
        unique_together = (("procedure", "network"),)
