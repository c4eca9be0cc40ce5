"""Figures read from rollups: the coarsest cells that can answer, and the deltas still to fold.

What was read is remembered under the statement itself, its arguments, which hold the viewer's
scope, and the version of the data: an answer is never stale, and never someone else's.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from auth import scope
from auth.viewer import Viewer
from models import rollup
from models.errors import TooManyCells
from models.figures import Figures, Peers
from models.rollup import KEYS, Level
from models.sql import Sql, every, fetch
from resolvers.context import Info
from resolvers.names import Axis, TimeGrain

EPOCH = date(1970, 1, 1)
MAX_ROWS = 20_000
"""Rows that one question may read; a cell of the answer is made of one or a few."""

TTL = 300.0
"""Seconds for which an answer is remembered; a change makes it another question before."""

BASE = ("n", "positive", "negative")
AXES = tuple(f"{axis.name.lower()}_{polarity}" for axis in Axis for polarity in rollup.POLARITIES)
DELAYS = tuple(name for name in rollup.MEASURES if name.startswith("delay"))
REPLIES = ("answered",)

_STARTS = {
    TimeGrain.DAY: "u.day",
    TimeGrain.WEEK: "(u.day + 3) / 7",
    TimeGrain.MONTH: "u.month",
    TimeGrain.QUARTER: "(u.month / 100) * 4 + (u.month % 100 + 2) / 3 - 1",
    TimeGrain.YEAR: "u.month / 100",
}
_BY_DAY = {TimeGrain.DAY, TimeGrain.WEEK}

Key = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both among them; none when the last is before the first."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def whole_months(self) -> bool:
        """Whether it begins and ends with a month."""
        return self.first.day == 1 and (self.last + timedelta(days=1)).day == 1

    @property
    def before(self) -> "Days":
        """As many days just before; as many months, if it is whole months."""
        last = self.first - timedelta(days=1)
        if not self.whole_months:
            return Days(self.first - timedelta(days=self.count), last)
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return Days(months_before(self.first, months), last)


def months_before(first: date, months: int) -> date:
    """The first of a month, some months before that of `first`."""
    number = first.year * 12 + first.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of rollups: which of them, told apart by what, and which sums."""

    days: Days
    by: tuple[str, ...] = ()
    grain: TimeGrain | None = None
    where: tuple[Sql, ...] = ()
    uses: frozenset[str] = frozenset()
    """The keys that `where` is about."""

    measures: tuple[str, ...] = BASE
    benchmark: bool = False
    """Whether it is of whole networks, beyond what the viewer may count of them."""


async def read(info: Info, asked: Question) -> dict[Key, Figures]:
    """The sums of each group: its keys in the order of `by`, then the number of its time.

    Raises TooManyCells.
    """
    if asked.days.count < 1:
        return {}
    cells = _statement(info.context.viewer, asked)
    limited = Sql(f"{cells.text} LIMIT {MAX_ROWS + 1}", cells.args, skewed=True)
    return _by_key(asked, await _remembered(info, limited))


async def all_of(viewer: Viewer, asked: Question) -> dict[Key, Figures]:
    """The same, however many there are, and remembered nowhere."""
    if asked.days.count < 1:
        return {}
    rows = await fetch(_statement(viewer, asked))
    return _by_key(asked, [list(map(_plain, row)) for row in rows])


async def how_many(viewer: Viewer, asked: Question, cap: int) -> int:
    """How many groups there are of which anything is told, counted up to `cap`."""
    if asked.days.count < 1:
        return 0
    cells = _statement(viewer, replace(asked, measures=("n",)))
    text = f"SELECT count(*) FROM (SELECT 1 FROM ({cells.text}) c WHERE c.n > 0 LIMIT ?) capped"
    ((found,),) = await fetch(Sql(text, (*cells.args, cap), skewed=True))
    return int(found)


def _by_key(asked: Question, rows: list[list[Any]]) -> dict[Key, Figures]:
    width = len(asked.by) + (asked.grain is not None)
    return {
        tuple(row[:width]): Figures(dict(zip(asked.measures, row[width:], strict=True)))
        for row in rows
        if any(row[width:])
    }


async def peers(info: Info, asked: Question) -> dict[int, Peers]:
    """The moments of all offices in scope that anything is told of, by network."""
    inner = _cells(
        info.context.viewer, replace(asked, by=("network_id", "office_id"), measures=BASE)
    )
    text = (
        "SELECT network_id, count(*), sum(n), sum(positive), sum(n * n),"
        " round(sum(positive * positive * 1e6 / n)) FROM"
        " (SELECT u.network_id, u.office_id, sum(n) AS n, sum(positive) AS positive"
        f" FROM ({inner.text}) u WHERE u.office_id <> 0 GROUP BY 1, 2 HAVING sum(n) > 0) offices"
        " GROUP BY network_id"
    )
    rows = await _remembered(info, Sql(text, inner.args, skewed=True))
    return {row[0]: Peers(row[1], row[2], row[3], row[4], row[5] / 1e6) for row in rows}


async def _remembered(info: Info, statement: Sql) -> list[list[Any]]:
    told = repr((statement.text, statement.args, await rollup.version()))
    key = f"figures:{hashlib.sha256(told.encode()).hexdigest()}"
    rows: list[list[Any]] | None = await info.context.cache.known(key)
    if rows is None:
        rows = [list(map(_plain, row)) for row in await fetch(statement)]
        if len(rows) > MAX_ROWS:
            message = "These are too many cells: ask for fewer groups, or a shorter period."
            raise TooManyCells(message, "groupBy")
        await info.context.cache.keep(key, TTL, rows)
    return rows


def _plain(value: Any) -> int | str:
    """PostgreSQL adds up to decimals, and both databases nothing to null."""
    return value if isinstance(value, str) else int(value or 0)


def _statement(viewer: Viewer, asked: Question) -> Sql:
    cells = _cells(viewer, asked)
    keys = [f"u.{name}" for name in asked.by]
    if asked.grain is not None:
        keys.append(_STARTS[asked.grain])
    numbers = ", ".join(str(place) for place in range(1, len(keys) + 1))
    sums = ", ".join((*keys, *(f"sum({name}) AS {name}" for name in asked.measures)))
    grouped = f"GROUP BY {numbers} ORDER BY {numbers}" if keys else ""
    return Sql(f"SELECT {sums} FROM ({cells.text}) u {grouped}", cells.args, skewed=True)


def _cells(viewer: Viewer, asked: Question) -> Sql:
    parts = list(_parts(viewer, asked))
    text = " UNION ALL ".join(part.text for part in parts)
    return Sql(text, tuple(arg for part in parts for arg in part.args))


def _parts(viewer: Viewer, asked: Question) -> Iterator[Sql]:
    """The cells of whole months, those of the days around, and the deltas of all days."""
    allowed, told = scope.rollups(viewer), {*asked.by, *asked.uses, *scope.rollup_keys(viewer)}
    if asked.benchmark:
        allowed, told = scope.benchmarks(viewer), {*asked.by, *asked.uses}
    reached = every(allowed.narrow(where=asked.where).where)
    for level, span in _levels(asked, told):
        text = f"SELECT {rollup.cells(asked.measures)} WHERE u.level = {level:d} AND {span.text}"
        yield Sql(f"{text} AND ({reached.text})", (*span.args, *reached.args))
    if asked.benchmark:  # deltas tell offices: those of others are not to be seen
        return
    span = _days(asked.days)
    text = f"SELECT {rollup.pending(asked.measures)} WHERE {span.text} AND ({reached.text})"
    yield Sql(text, (*span.args, *reached.args))


def _levels(asked: Question, told: set[str]) -> Iterator[tuple[Level, Sql]]:
    by_day = _coarsest({"day", *told})
    first, last = asked.days.first, asked.days.last
    begin = first if first.day == 1 else months_before(first, -1)
    end = months_before(last + timedelta(days=1), 0)
    if asked.grain in _BY_DAY or begin >= end:
        yield by_day, _days(asked.days)
        return
    months = Sql("u.month BETWEEN ? AND ?", (_month(begin), _month(end - timedelta(days=1))))
    yield _coarsest(told), months
    for around in (Days(first, begin - timedelta(days=1)), Days(end, last)):
        if around.count > 0:
            yield by_day, _days(around)


def _coarsest(told: set[str]) -> Level:
    return next(level for level in Level if told <= KEYS[level])


def _days(days: Days) -> Sql:
    """Also by month: cells are found by it."""
    return Sql(
        "u.month BETWEEN ? AND ? AND u.day BETWEEN ? AND ?",
        (_month(days.first), _month(days.last), number(days.first), number(days.last)),
    )


def number(day: date) -> int:
    """Of a day, from 1970-01-01."""
    return (day - EPOCH).days


def _month(day: date) -> int:
    return day.year * 100 + day.month


def span(grain: TimeGrain, at: int) -> Days:
    """The days of the week, month ... of a number."""
    if grain is TimeGrain.DAY:
        return Days(EPOCH + timedelta(days=at), EPOCH + timedelta(days=at))
    if grain is TimeGrain.WEEK:
        monday = EPOCH + timedelta(days=at * 7 - 3)
        return Days(monday, monday + timedelta(days=6))
    if grain is TimeGrain.MONTH:
        first, months = date(at // 100, at % 100, 1), 1
    elif grain is TimeGrain.QUARTER:
        first, months = date(at // 4, at % 4 * 3 + 1, 1), 3
    else:
        first, months = date(at, 1, 1), 12
    return Days(first, months_before(first, -months) - timedelta(days=1))


def at(grain: TimeGrain, day: date) -> int:
    """The number of the week, month ... of a day."""
    return {
        TimeGrain.DAY: number(day),
        TimeGrain.WEEK: (number(day) + 3) // 7,
        TimeGrain.MONTH: _month(day),
        TimeGrain.QUARTER: day.year * 4 + (day.month - 1) // 3,
        TimeGrain.YEAR: day.year,
    }[grain]


def merged(cells: Iterable[tuple[Key, Figures]]) -> dict[Key, Figures]:
    """Figures by key, those of one key added up."""
    found: dict[Key, Figures] = {}
    for key, sums in cells:
        found[key] = found[key] + sums if key in found else sums
    return found
