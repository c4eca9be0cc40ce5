"""Indicators that the platform publishes, and their results: open data, beside our own figures."""

from tortoise import fields
from tortoise.models import Model

from models.network import Network
from models.office import Office


class Indicator(Model):
    """What is measured ("indicateur", such as IND-27), by whom, how and in which unit."""

    code = fields.CharField(max_length=32, primary_key=True)
    title = fields.CharField(max_length=512)
    source = fields.CharField(max_length=1024, default="")
    method = fields.TextField()
    unit = fields.CharField(max_length=64, default="")

    class Meta:
        table = "indicator"


class IndicatorResult(Model):
    """A result of an indicator ("résultat"): of an office, of a network, or of the country."""

    id = fields.BigIntField(primary_key=True)
    indicator: fields.ForeignKeyRelation[Indicator] = fields.ForeignKeyField(
        "models.Indicator", related_name="results", on_delete=fields.CASCADE
    )
    network: fields.ForeignKeyNullableRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="results", on_delete=fields.RESTRICT, null=True
    )
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="results", on_delete=fields.RESTRICT, null=True
    )
    received_code = fields.CharField(max_length=255, default="")
    value = fields.FloatField()
    updated_on = fields.DateField()
    file = fields.CharField(max_length=255)

    class Meta:
        table = "indicator_result"
        indexes = (("updated_on", "id"),)
