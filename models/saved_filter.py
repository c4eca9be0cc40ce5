"""Filters that people keep under a name."""

from collections.abc import Mapping
from typing import Any, Self

import orjson
from tortoise import fields
from tortoise.models import Model

from models.account import Account
from models.errors import BadInput, NameTaken
from models.said import MAX_NAME, named
from models.text import fold
from models.workflow import next_version

MAX_FILTERS = 100
"""Filters of one account."""

MAX_CONDITIONS = 10_000
"""Characters of one filter, as JSON."""


class SavedFilter(Model):
    """A filter of reviews that an account keeps for itself, as JSON."""

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="saved_filters", on_delete=fields.CASCADE
    )
    name = fields.CharField(max_length=MAX_NAME)
    folded = fields.CharField(max_length=2 * MAX_NAME)
    conditions = fields.TextField()
    version = fields.IntField(default=1)

    account_id: int

    class Meta:
        table = "saved_filter"
        unique_together = (("account", "folded"),)

    @classmethod
    async def keep(cls, name: str, conditions: Mapping[str, Any], *, by: int) -> Self:
        """Keep a filter under a name. Raises BadInput or NameTaken."""
        await Account.filter(id=by).select_for_update().first()
        if await cls.filter(account_id=by).count() >= MAX_FILTERS:
            raise BadInput("At most {most} can be kept: remove one.", "name", most=MAX_FILTERS)
        made = cls(account_id=by, conditions=_told(conditions))
        await made._call(name)
        await made.save()
        return made

    async def change(
        self, name: str | None, conditions: Mapping[str, Any] | None, *, expected_version: int
    ) -> None:
        """Call it otherwise, or keep other conditions; what is None stays."""
        self.version = next_version(self.version, expected_version)
        if conditions is not None:
            self.conditions = _told(conditions)
        if name is not None:
            await Account.filter(id=self.account_id).select_for_update().first()
            await self._call(name)
        await self.save()

    async def remove(self, *, expected_version: int) -> None:
        """Keep it no longer."""
        next_version(self.version, expected_version)
        await self.delete()

    async def _call(self, name: str) -> None:
        self.name = named(name, "name")
        self.folded = fold(self.name)[: 2 * MAX_NAME]
        others = SavedFilter.filter(account_id=self.account_id, folded=self.folded)
        if await others.exclude(id=self.id or 0).exists():
            raise NameTaken("This name is taken: choose another.", "name")


def _told(conditions: Mapping[str, Any]) -> str:
    told = orjson.dumps(conditions).decode()
    if len(told) > MAX_CONDITIONS:
        raise BadInput("This is longer than {most} characters.", "where", most=MAX_CONDITIONS)
    return told
