"""What is to be changed: found through the gate, and locked until the change is done."""

from typing import TypeVar

from tortoise.models import Model

from auth.scope import Scoped
from models.errors import NotFound
from models.sql import Sql
from resolvers.rows import Noun, select
from resolvers.selection import NOTHING

M = TypeVar("M", bound=Model)


async def locked(model: type[M], noun: Noun, scoped: Scoped[M], key: int, *field: str) -> M:
    """The one of `key` in scope, locked until the end of the transaction.

    Raises NotFound, naming `field`: the argument `id` unless told otherwise.
    """
    row = await model.filter(id=key).select_for_update().first()
    within = scoped.narrow(where=[Sql(f"{noun.alias}.id = ?", (key,))])
    if row is None or not await select(noun, within, NOTHING):
        message = "There is nothing by this id within your scope."
        raise NotFound(message, *(field or ("id",)))
    return row
