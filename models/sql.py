"""SQL in pieces that carry their own arguments, for both databases.

Reads are written as SQL (docs/decisions/0002): a piece is text with `?` for each argument, and
`IN ??` where the argument is a whole list. `fetch` turns it into what the database speaks.
"""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext

from models.engine.asyncpg import Transaction

_MARK = re.compile(r"IN \?\?|\?")


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and the arguments of its `?` marks, in order.

    It is `skewed` where few rows or many meet it, as the arguments are: PostgreSQL is then to plan
    for these, and otherwise once for all.
    """

    text: str
    args: tuple[Any, ...] = ()
    skewed: bool = False


ALWAYS = Sql("TRUE")
NEVER = Sql("FALSE")


def every(pieces: Iterable[Sql]) -> Sql:
    """All of `pieces` hold; true when there is none."""
    return _joined(" AND ", [piece for piece in pieces if piece is not ALWAYS]) or ALWAYS


def some(pieces: Iterable[Sql]) -> Sql:
    """At least one of `pieces` holds; false when there is none."""
    return _joined(" OR ", list(pieces)) or NEVER


def _joined(word: str, pieces: Sequence[Sql]) -> Sql | None:
    if len(pieces) < 2:
        return pieces[0] if pieces else None
    text = word.join(f"({piece.text})" for piece in pieces)
    args = tuple(arg for piece in pieces for arg in piece.args)
    return Sql(text, args, skewed=any(piece.skewed for piece in pieces))


@asynccontextmanager
async def database(config: dict[str, Any], *, shared: bool = True) -> AsyncIterator[None]:
    """Tortoise ORM with `config`, open for every task of this process unless not `shared`."""
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=shared)
        yield


def connection() -> BaseDBAsyncClient:
    """The connection in use: that of the transaction where there is one."""
    handler = get_connections()
    return handler.get(next(iter(handler.db_config)))


def changing() -> bool:
    """Whether this is within a transaction that may change something."""
    db = connection()
    return isinstance(db, TransactionalDBClient) and not getattr(db, "reads", False)


async def alone(name: str) -> None:
    """Until the end of the transaction nobody else does what goes by `name`: they wait.

    On SQLite there is one writer anyway.
    """
    db = connection()
    if db.capabilities.dialect != "sqlite":
        await db.execute_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [name])


async def fetch(query: Sql) -> Sequence[Sequence[Any]]:
    """The rows that `query` selects; columns are read by position."""
    db = connection()
    if query.skewed and isinstance(db, Transaction):
        await db.plan_anew()
    rows: Any = (await db.execute_query(*_spoken(query)))[1]
    return cast(Sequence[Sequence[Any]], rows)


async def returned(change: Sql) -> list[dict[str, Any]]:
    """The rows that `change` returns: its RETURNING."""
    return list(await connection().execute_query_dict(*_spoken(change)))


def _spoken(query: Sql) -> tuple[str, list[Any]]:
    """`query` as the database in use takes it."""
    args = list(query.args)
    ones = tuple(place for place, arg in enumerate(args) if _is_one(arg))
    text, lists, ones = _dialect(query.text, connection().capabilities.dialect, ones)
    for place in ones:
        (args[place],) = args[place]
    for place in lists:
        args[place] = orjson.dumps(list(args[place])).decode()
    return text, args


def is_several(arg: object) -> bool:
    """Whether it is a list that does not go as a value."""
    return isinstance(arg, list | tuple) and len(arg) != 1


def _is_one(arg: object) -> bool:
    return isinstance(arg, list | tuple) and len(arg) == 1


@lru_cache(maxsize=2048)
def _dialect(
    text: str, dialect: str, ones: tuple[int, ...]
) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """`text` as `dialect` writes it, which arguments go as JSON lists, and which by themselves.

    A list of one is a value: the order of an index holds on for one, and not for several.
    """
    marks = _MARK.findall(text)
    alone = {place for place in ones if marks[place] != "?"}
    lists = {place for place, mark in enumerate(marks) if mark != "?"} - alone
    numbers = iter(range(len(marks)))

    def written(mark: re.Match[str]) -> str:
        place = next(numbers)
        value = "?" if dialect == "sqlite" else f"${place + 1}"
        if mark[0] == "?":
            return value
        if place in alone:
            return f"= {value}"
        each = f"IN (SELECT value FROM json_each({value}))"
        return each if dialect == "sqlite" else f"= ANY({value})"

    spoken = _MARK.sub(written, text)
    return spoken, tuple(lists) if dialect == "sqlite" else (), tuple(alone)
