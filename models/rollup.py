"""Rollups: how often what was told, kept in the transaction that changes it (decision 0018).

Triggers write a delta, `+1` or `-1`, for whatever changes a structure or the tags of its review:
the service, an import, a transfer, an erasure, a repair by hand. A delta is a new row that nobody
else touches, so writers never wait for one another. Deltas are folded into cells later; a reader
adds up both, and is right at any moment.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import IntEnum, StrEnum
from typing import Any, Final

from tortoise.transactions import in_transaction

from models.review import Axis
from models.sql import Sql, connection, fetch
from models.wall import system

HOUR, DAY = 3_600, 86_400

DELAYS: Final = (
    *(hours * HOUR for hours in (4, 12)),
    *(days * DAY for days in (1, 2, 3, 4, 5, 6, 7, 10, 14, 19, 25, 33, 45, 60, 90)),
    *(days * DAY for days in (120, 180, 270, 365)),
)
"""Upper bounds, in seconds, of the classes of reply delays; the last class has none."""

POLARITIES: Final = ("positive", "neutral", "negative")


class TimeGrain(StrEnum):
    """Pieces of a period, by the calendar of mainland France."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Level(IntEnum):
    """A grain at which cells are kept: the coarsest that can answer is read."""

    NETWORK_MONTH = 1
    DEPARTMENT_MONTH = 2
    MONTH = 3
    NETWORK_DAY = 4
    DAY = 5


KEYS: Final[Mapping[Level, frozenset[str]]] = {
    Level.NETWORK_MONTH: frozenset({"month", "network_id"}),
    Level.DEPARTMENT_MONTH: frozenset({"month", "network_id", "department_id"}),
    Level.MONTH: frozenset(
        {"month", "network_id", "department_id", "office_id", "procedure_id", "channels"}
    ),
    Level.NETWORK_DAY: frozenset({"month", "day", "network_id"}),
    Level.DAY: frozenset(
        {"month", "day", "network_id", "department_id", "office_id", "procedure_id", "channels"}
    ),
}
"""What each level tells apart; the rest is summed up."""

_SUMMED_UP = {
    "day": "0",
    "department_id": "''",
    "office_id": "0",
    "procedure_id": "0",
    "channels": "0",
}
_KEY = ("month", "day", "network_id", "department_id", "office_id", "procedure_id", "channels")


def _classes() -> Iterator[str]:
    below = -1
    for bound in DELAYS:
        yield f"delay > {below} AND delay <= {bound}"
        below = bound
    yield f"delay > {below}"


_COUNTED = {
    "n": "TRUE",
    "positive": "sentiment = 1",
    "negative": "sentiment = -1",
    **{
        f"{axis.name.lower()}_{polarity}": f"{axis.name.lower()} = {1 - value}"
        for axis in Axis
        for value, polarity in enumerate(POLARITIES)
    },
    "answered": "answered = 1",
    **{f"delay_{number}": condition for number, condition in enumerate(_classes())},
}
MEASURES: Final[Mapping[str, str]] = {
    **{name: f"CASE WHEN {met} THEN sign ELSE 0 END" for name, met in _COUNTED.items()},
    "delay": "coalesce(sign * delay, 0)",
}
"""What is counted, and how much of it one delta is. All of them add up over any cells."""


class Rollup:
    """A cell `u` of figures, or a delta of it. Scope hangs on its network, department, office.

    Days are numbered from 1970-01-01 and are those of Paris, months are written 202611; `''` and
    0 stand for no department, no office and no procedure.
    """


def pending(measures: Sequence[str]) -> str:
    """Deltas `u` as if they were cells: what to select from them, and where from."""
    told = ", ".join(f"{MEASURES[name]} AS {name}" for name in measures)
    return f"{', '.join(_KEY)}, {told} FROM rollup_delta u"


def cells(measures: Sequence[str]) -> str:
    """The same of cells `u`."""
    return f"{', '.join((*_KEY, *measures))} FROM rollup u"


async def version() -> tuple[int, int]:
    """What is different once anything counted has changed.

    Deltas go only by being folded, which raises the first; until then the second but grows.
    """
    text = "SELECT (SELECT folded FROM rollup_state), (SELECT count(*) FROM rollup_delta)"
    ((folded, waiting),) = await fetch(Sql(text))
    return int(folded), int(waiting)


async def waiting() -> bool:
    """Whether there are deltas to fold, whoever's."""
    async with system():
        return bool(await fetch(Sql("SELECT 1 FROM rollup_delta LIMIT 1")))


async def fold(most: int) -> int:
    """Add up to `most` deltas to their cells, and forget them: how many there were."""
    async with _alone():
        first = "SELECT id FROM rollup_delta ORDER BY id LIMIT ?"
        found = await fetch(Sql(f"SELECT count(*), max(id) FROM ({first}) oldest", (most,)))
        count, last = found[0]
        if count:
            for level in Level:
                await fetch(Sql(f"{_add(level, 'rollup_delta', 'id <= ?')} {_MERGED}", (last,)))
            await fetch(Sql("DELETE FROM rollup_delta WHERE id <= ?", (last,)))
            await fetch(Sql("DELETE FROM rollup WHERE n = 0"))
            await _count(count)
    return int(count)


async def months() -> list[int]:
    """The months of which there is something, or should be."""
    tables = ("rollup", "rollup_delta", "rollup_fact")
    text = " UNION ".join(f"SELECT month FROM {table}" for table in tables)
    return sorted(row[0] for row in await fetch(Sql(text)))


async def wrong(month: int) -> int:
    """How many cells of `month` are not what a recount finds."""
    return sum([await _wrong(level, month) for level in Level])


async def _wrong(level: Level, month: int) -> int:
    keys, sums = ", ".join(_KEY), ", ".join(f"sum({name})" for name in MEASURES)
    some = " OR ".join(f"sum({name}) <> 0" for name in MEASURES)
    cell = f"SELECT {cells(tuple(MEASURES))} WHERE level = {level:d} AND month = ?"
    delta = f"SELECT {_grouped(level, 'rollup_delta', 'month = ?')}"
    added = f"SELECT {keys}, {sums} FROM ({cell} UNION ALL {delta}) u GROUP BY {keys} HAVING {some}"
    counted = f"SELECT {_grouped(level, 'rollup_fact', 'month = ?')}"
    text = (
        f"WITH kept AS ({added}), told AS ({counted})"
        " SELECT (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM told) a),"
        " (SELECT count(*) FROM (SELECT * FROM told EXCEPT SELECT * FROM kept) b)"
    )
    ((more, less),) = await fetch(Sql(text, (month,) * 3))
    return max(int(more), int(less))


async def recount(month: int) -> None:
    """Make the cells of `month` what a count of the facts finds."""
    async with _alone():
        await fetch(Sql("DELETE FROM rollup WHERE month = ?", (month,)))
        await fetch(Sql("DELETE FROM rollup_delta WHERE month = ?", (month,)))
        for level in Level:
            await fetch(Sql(_add(level, "rollup_fact", "month = ?"), (month,)))
        await _count(1)


def _grouped(level: Level, source: str, where: str) -> str:
    told = [name if name in KEYS[level] else _SUMMED_UP[name] for name in _KEY]
    keys = ", ".join(name for name in _KEY if name in KEYS[level])
    sums = ", ".join(f"sum({amount})" for amount in MEASURES.values())
    return f"{', '.join(told)}, {sums} FROM {source} WHERE {where} GROUP BY {keys}"


def _add(level: Level, source: str, where: str) -> str:
    columns = ", ".join(("level", *_KEY, *MEASURES))
    return f"INSERT INTO rollup ({columns}) SELECT {level:d}, {_grouped(level, source, where)}"


_MERGED = f"ON CONFLICT (level, {', '.join(_KEY)}) DO UPDATE SET " + ", ".join(
    f"{name} = rollup.{name} + excluded.{name}" for name in MEASURES
)


async def _count(more: int) -> None:
    await fetch(Sql("UPDATE rollup_state SET folded = folded + ?", (more,)))


@asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    """A transaction in which nobody else folds, and every statement sees the same deltas."""
    async with in_transaction():
        db: Any = connection()
        if db.capabilities.dialect != "sqlite":
            for statement in (
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                "SET LOCAL relais.everything = 'on'",
                # Before the first look at the data: what the one before folded must be seen.
                "LOCK TABLE rollup_state IN EXCLUSIVE MODE",
            ):
                await db.execute_script(statement)
        yield
