"""Templates of replies: what a network, or an office, says often."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Self

from tortoise import fields
from tortoise.models import Model

from models import text
from models.errors import BadInput
from models.network import Department, Network
from models.office import Office
from models.reply import MAX_LINE, ReplyText
from models.workflow import next_version

PLACEHOLDERS = ("office", "network", "department", "reviewTitle", "publishedOn")
"""What `{...}` may name in a template: all there is."""

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


class ReplyTemplate(Model):
    """Words for a reply of a network, of its offices in a department, or of an office and below."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=MAX_LINE)
    network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="reply_templates", on_delete=fields.CASCADE
    )
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="reply_templates", on_delete=fields.CASCADE, null=True
    )
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="reply_templates", on_delete=fields.CASCADE, null=True
    )
    greeting = fields.CharField(max_length=MAX_LINE)
    body = fields.TextField()
    signature = fields.CharField(max_length=MAX_LINE)
    version = fields.IntField(default=1)

    network_id: int
    department_id: str | None
    office_id: int | None

    class Meta:
        table = "reply_template"

    @classmethod
    async def add(cls, name: str, words: ReplyText, **place: Any) -> Self:
        """A new one. Raises BadInput for a name that is none, or a placeholder that is none."""
        return await cls.create(name=_named(name), **_known(words), **place)

    async def change(self, name: str, words: ReplyText, *, expected_version: int) -> None:
        """Put another name and other words in place. The row must be locked by the caller."""
        self.check(expected_version)
        for column, value in {"name": _named(name), **_known(words)}.items():
            setattr(self, column, value)
        self.version += 1
        await self.save()

    def check(self, expected_version: int) -> None:
        """Raise StaleVersion when it is not at this version."""
        next_version(self.version, expected_version)


def filled(words: str, values: Mapping[str, str]) -> str:
    """`words` with its value in place of each placeholder; values are not looked into again."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), words)


def _named(name: str) -> str:
    line = text.line(name)
    if not 0 < len(line) <= MAX_LINE:
        raise BadInput("1 to {most} characters are expected.", "name", most=MAX_LINE)
    return line


def _known(words: ReplyText) -> dict[str, Any]:
    told: dict[str, Any] = asdict(words)
    for field, value in told.items():
        unknown = set(_PLACEHOLDER.findall(value)) - set(PLACEHOLDERS)
        if unknown:
            message = "`{unknown}` is no placeholder. There are: {known}."
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise BadInput(message, field, unknown=min(unknown)[:40], known=known)
    return told
