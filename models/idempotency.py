"""A change that is asked for twice under one key is done once."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self

import orjson
from tortoise import fields
from tortoise.models import Model

from models.errors import BadInput, KeyReused
from models.sql import Sql, returned

KEPT = timedelta(hours=24)
"""How long a key stands for what was done under it."""

MAX_KEY = 64


class Idempotency(Model):
    """What was asked for under a key of an account, and what was done."""

    id = fields.BigIntField(primary_key=True)
    account_id = fields.BigIntField()
    key = fields.CharField(max_length=MAX_KEY)
    request = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()
    outcome = fields.TextField(null=True)

    class Meta:
        table = "idempotency"
        unique_together = (("account_id", "key"),)

    @classmethod
    async def of(cls, account: int, key: str, request: str) -> Self:
        """What stands under `key`, new or from before; it is kept when the transaction commits.

        Who asks at the same moment waits for whoever was first. Raises BadInput for what is no
        key, KeyReused when it stands for another `request`.
        """
        if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
            message = "1 to {most} printable ASCII characters are expected."
            raise BadInput(message, "idempotencyKey", most=MAX_KEY)
        now = datetime.now(UTC)
        await cls.filter(account_id=account, made_at__lt=now - KEPT).delete()
        mine = cls(account_id=account, key=key, request=request, made_at=now)
        await cls.bulk_create([mine], ignore_conflicts=True)
        found = await cls.get(account_id=account, key=key)
        if found.request != request:
            message = "This key was used for something else: take a new one."
            raise KeyReused(message, "idempotencyKey")
        return found

    @property
    def done(self) -> dict[str, Any] | None:
        """What was done under the key before, as it was kept."""
        return orjson.loads(self.outcome) if self.outcome else None

    async def keep(self, **outcome: Any) -> None:
        """Write down what was done under the key."""
        self.outcome = orjson.dumps(outcome).decode()
        await self.save(update_fields=["outcome"])

    @classmethod
    async def forget(cls, *words: str) -> None:
        """Keep no answer that has one of `words` in it, as JSON: what it tells of is gone."""
        for word in words:
            text = "DELETE FROM idempotency WHERE replace(outcome, ?, '') <> outcome"
            await returned(Sql(text, (word,)))
