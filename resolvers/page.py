"""Keyset pages: a cursor is a place in an order, so pages hold while rows come and go."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import orjson
import strawberry

from auth.scope import Scoped
from models.errors import BadCursor, BadInput
from models.sql import Sql, every, some
from resolvers.rows import Noun, Ordering, Row, count, select
from resolvers.selection import Selection

DEFAULT_SIZE = 20
MAX_SIZE = 100
COUNT_CAP = 10_000

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"Items from the start, at most {MAX_SIZE}; {DEFAULT_SIZE} when neither "
        "`first` nor `last` is given."
    ),
]
After = Annotated[
    str | None, strawberry.argument(description="Only items after the one of this cursor.")
]
Last = Annotated[
    int | None, strawberry.argument(description=f"Items from the end, at most {MAX_SIZE}.")
]
Before = Annotated[
    str | None, strawberry.argument(description="Only items before the one of this cursor.")
]


@dataclass(frozen=True, slots=True)
class Order:
    """An order of rows: by `key`, then by `unique`, both the same way. Nulls always come last."""

    name: str
    key: Sql
    unique: str
    parse: Callable[[Any], Any]
    descending: bool = False
    nullable: bool = False

    def after(self, key: Any, unique: int) -> Sql:
        """The rows that come after the place (key, unique)."""
        sign = "<" if self.descending else ">"
        beyond = self._beyond(sign, key, unique)
        if not self.nullable:
            return beyond
        if key is None:
            return every((self._is_null(), Sql(f"{self.unique} {sign} ?", (unique,))))
        return some((beyond, self._is_null()))

    def before(self, key: Any, unique: int) -> Sql:
        """The rows that come before the place (key, unique)."""
        sign = ">" if self.descending else "<"
        if key is not None:
            return self._beyond(sign, key, unique)
        not_null = Sql(f"{self.key.text} IS NOT NULL", self.key.args)
        return some((not_null, Sql(f"{self.unique} {sign} ?", (unique,))))

    def by(self, *, backward: bool) -> Sql:
        """What comes after ORDER BY."""
        way = "DESC" if self.descending != backward else "ASC"
        nulls = f" NULLS {'FIRST' if backward else 'LAST'}" if self.nullable else ""
        return Sql(f"{self.key.text} {way}{nulls}, {self.unique} {way}", self.key.args)

    def _beyond(self, sign: str, key: Any, unique: int) -> Sql:
        text = f"({self.key.text}, {self.unique}) {sign} (?, ?)"
        return Sql(text, (*self.key.args, key, unique))

    def _is_null(self) -> Sql:
        return Sql(f"{self.key.text} IS NULL", self.key.args)

    def cursor(self, row: Row) -> str:
        """The place of `row` in this order."""
        key = self.parse(row.sort_key) if row.sort_key is not None else None
        place = orjson.dumps([self.name, key, row.key])
        return base64.urlsafe_b64encode(place).decode().rstrip("=")

    def place(self, cursor: str, argument: str) -> tuple[Any, int]:
        """The key and unique value that `cursor` stands for. Raises BadCursor."""
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            name, key, unique = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
            key = None if key is None and self.nullable else self.parse(key)
            known = name == self.name and type(unique) is int and 0 < unique < 2**63
        except (binascii.Error, ValueError, TypeError, OverflowError):
            known = False
        if not known:
            message = "This cursor is not of this list in this order: start again without it."
            raise BadCursor(message, argument)
        return key, unique


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted: `first`/`after`, or `last`/`before`."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def size(self) -> int:
        """How many items are wanted. Raises BadInput when that can't be told, or is too many."""
        if self.first is not None and self.last is not None:
            message = "Give `first` or `last`, not both."
            raise BadInput(message, "last")
        name = "first" if self.last is None else "last"
        size = next((n for n in (self.first, self.last) if n is not None), DEFAULT_SIZE)
        if not 0 <= size <= MAX_SIZE:
            message = "Between {least} and {most} are expected."
            raise BadInput(message, name, least=0, most=MAX_SIZE)
        return size


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A row and its place."""

    node: Row
    cursor: str


@dataclass(frozen=True, slots=True)
class Connection:
    """A page of rows, with the place of each."""

    nodes: list[Row]
    edges: list[Edge]
    page_info: PageInfo
    total_count: int | None
    total_count_capped: bool


async def connect(
    noun: Noun,
    scoped: Scoped[Any],
    selection: Selection,
    order: Order,
    page: Page,
    finish: Callable[[Sequence[Row], Selection], Any] | None = None,
) -> Connection:
    """The page of `scoped` in `order`; `finish` adds to its rows what is not in their columns."""
    size, backward = page.size(), page.last is not None
    bounds = []
    if page.after is not None:
        bounds.append(order.after(*order.place(page.after, "after")))
    if page.before is not None:
        bounds.append(order.before(*order.place(page.before, "before")))
    wanted = selection.under("nodes") | selection.under("edges", "node")
    ordering = Ordering(order.by(backward=backward), size + 1, order.key)
    rows = await select(noun, scoped.narrow(where=bounds), wanted, ordering)
    more, rows = len(rows) > size, rows[:size]
    if backward:
        rows.reverse()
    if finish is not None:
        await finish(rows, wanted)
    total = None
    if "totalCount" in selection or "totalCountCapped" in selection:
        total = await count(noun, scoped, COUNT_CAP + 1)
    return Connection(
        nodes=rows,
        edges=[Edge(row, order.cursor(row)) for row in rows] if "edges" in selection else [],
        page_info=_page_info(order, rows, page, more=more),
        total_count=None if total is None else min(total, COUNT_CAP),
        total_count_capped=total is not None and total > COUNT_CAP,
    )


def _page_info(order: Order, rows: Sequence[Row], page: Page, *, more: bool) -> PageInfo:
    backward = page.last is not None
    return PageInfo(
        has_next_page=page.before is not None if backward else more,
        has_previous_page=more if backward else page.after is not None,
        start_cursor=order.cursor(rows[0]) if rows else None,
        end_cursor=order.cursor(rows[-1]) if rows else None,
    )


def whole(value: Any) -> int:
    """A key from a cursor. Raises ValueError for what can't be one."""
    if type(value) is not int or not 0 < value < 2**63:
        raise ValueError
    return value


def either_way(order: Order, *, descending: bool) -> Order:
    """`order`, turned round or not; cursors say which way they are for."""
    way = "desc" if descending else "asc"
    return replace(order, name=f"{order.name}:{way}", descending=descending)
