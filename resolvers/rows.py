"""From what a client selects to one SQL statement, and from its rows to plain objects.

A `Noun` says, for each type of the schema, where its fields are read from. Only the columns that
were selected are read; what belongs to exactly one other thing comes by JOIN in the same statement.
Rows are plain objects without relations: nothing can be followed from them past the gate.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from strawberry.utils.str_converters import to_camel_case

from auth.scope import Scoped
from models.sql import Sql, every, fetch, is_several
from resolvers.selection import NOTHING, Selection

Convert: TypeAlias = Callable[[Any], Any]


class Row:
    """A plain object with the attributes that were selected, and `key`, its primary key."""

    __slots__ = ("__dict__",)
    noun = ""

    if TYPE_CHECKING:  # its attributes are whichever were selected

        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field is read from, with `@` for the alias of its table, and how it is turned."""

    sql: str
    convert: Convert | None = None


@dataclass(frozen=True, slots=True)
class One:
    """A field that holds one other thing, found by `join` (`@` this table, `#` the other's).

    Without a join it is a group of columns of the same table, and always there.
    """

    noun: "Noun"
    join: str = ""


@dataclass(frozen=True, eq=False)
class Noun:
    """What the rows of a type are made of. `source` is its FROM clause, with alias `alias`."""

    name: str
    alias: str
    source: str
    key: str
    columns: Mapping[str, Column]
    ones: dict[str, One] = field(default_factory=dict)
    part_of: str = ""
    """A condition template for types met through parts; `{}` takes the conditions on a part."""

    blank: Mapping[str, Any] = field(default_factory=dict)
    """Attributes that a use case may set, and what they are where it does not."""

    @cached_property
    def row(self) -> type[Row]:
        """The class of its rows."""
        return type(f"{self.name}Row", (Row,), {"__slots__": (), "noun": self.name, **self.blank})


def as_datetime(value: Any) -> datetime:
    """A point in time, in UTC; SQLite keeps it as text, and so does a cursor."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def as_date(value: Any) -> date:
    """A day; SQLite keeps it as text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which columns to select through which joins, and how a row is built from them."""

    columns: tuple[str, ...]
    joins: tuple[str, ...]
    build: Callable[[Sequence[Any]], Any]


@lru_cache(maxsize=1024)
def plan(noun: Noun, selection: Selection, alias: str, offset: int) -> _Plan:
    """How to read `selection` of `noun`, when its first column is at `offset`."""
    columns, joins = [noun.key.replace("@", alias)], []
    reads: list[tuple[str, int, Convert | None]] = [("key", offset, None)]
    for name, column in noun.columns.items():
        if to_camel_case(name) in selection:
            reads.append((name, offset + len(columns), column.convert))
            columns.append(column.sql.replace("@", alias))
    nested: list[tuple[str, Callable[[Sequence[Any]], Any]]] = []
    for name, one in noun.ones.items():
        inner = selection.get(to_camel_case(name))
        if inner is not None:
            # Named by its place: PostgreSQL cuts names after 63 characters.
            other = f"j{offset + len(columns)}" if one.join else alias
            below = plan(one.noun, inner, other, offset + len(columns))
            columns.extend(below.columns)
            if one.join:
                joins.append(one.join.replace("@", alias).replace("#", other))
            joins.extend(below.joins)
            nested.append((name, below.build))
    return _Plan(tuple(columns), tuple(joins), _builder(noun.row, reads, nested))


def _builder(
    row_class: type[Row],
    reads: list[tuple[str, int, Convert | None]],
    nested: list[tuple[str, Callable[[Sequence[Any]], Any]]],
) -> Callable[[Sequence[Any]], Row | None]:
    key = reads[0][1]
    places = {name: index for name, index, convert in reads if convert is None}
    # With the key once more, since of one place alone it would not give a tuple.
    names, plain = (*places, "key"), itemgetter(*places.values(), key)
    turned = tuple((name, index, convert) for name, index, convert in reads if convert is not None)

    def build(record: Sequence[Any]) -> Row | None:
        if record[key] is None:
            return None
        row = row_class()
        attributes = row.__dict__
        attributes.update(zip(names, plain(record), strict=True))
        for name, index, convert in turned:
            value = record[index]
            attributes[name] = None if value is None else convert(value)
        for name, make in nested:
            attributes[name] = make(record)
        return row

    return build


@dataclass(frozen=True, slots=True)
class Ordering:
    """ORDER BY and LIMIT of a statement, and the key that goes with each row."""

    by: Sql
    limit: int
    key: Sql


async def select(
    noun: Noun, scoped: Scoped[Any], selection: Selection, ordering: Ordering | None = None
) -> list[Row]:
    """The rows of `noun` in scope, in order, with what was selected; `sort_key` when ordered."""
    extra = (ordering.key,) if ordering else ()
    read = plan(noun, selection, noun.alias, len(extra))
    where = condition(noun, scoped)
    columns = ", ".join((*(piece.text for piece in extra), *read.columns))
    text = f"SELECT {columns} FROM {' '.join((noun.source, *read.joins))} WHERE {where.text}"
    args = (*(arg for piece in extra for arg in piece.args), *where.args)
    if ordering is None:
        return [read.build(record) for record in await fetch(Sql(text, args))]
    # In the text, since a plan for any number of rows is one for many.
    text = f"{text} ORDER BY {ordering.by.text} LIMIT {ordering.limit:d}"
    args, skewed = (*args, *ordering.by.args), where.skewed or any(map(is_several, args))
    rows = []
    for record in await fetch(Sql(text, args, skewed=skewed)):
        row = read.build(record)
        row.sort_key = record[0]
        rows.append(row)
    return rows


def everything(noun: Noun) -> Selection:
    """All the columns of `noun` and of what belongs to it."""
    fields = {to_camel_case(name): NOTHING for name in noun.columns}
    ones = {to_camel_case(name): everything(one.noun) for name, one in noun.ones.items()}
    return Selection({**fields, **ones})


async def count(noun: Noun, scoped: Scoped[Any], cap: int) -> int:
    """How many rows of `noun` are in scope, counted up to `cap`."""
    where = condition(noun, scoped)
    text = f"SELECT count(*) FROM (SELECT 1 FROM {noun.source} WHERE {where.text} LIMIT ?) capped"
    rows = await fetch(Sql(text, (*where.args, cap), skewed=True))
    return int(rows[0][0])


async def tally(
    noun: Noun, scoped: Scoped[Any], *by: str, most: int | None = None
) -> list[tuple[Any, ...]]:
    """The combinations of columns among the rows of `noun` in scope, each with its count.

    Given `most`, no more than that, the most frequent first.
    """
    where, columns = condition(noun, scoped), ", ".join(by)
    text = f"SELECT {columns}, count(*) FROM {noun.source} WHERE {where.text} GROUP BY {columns}"
    if most is not None:
        text = f"{text} ORDER BY count(*) DESC, {columns} LIMIT {most:d}"
    return [tuple(row) for row in await fetch(Sql(text, where.args, skewed=True))]


def condition(noun: Noun, scoped: Scoped[Any]) -> Sql:
    """What a row of `noun` must meet to be in scope."""
    where = every(scoped.where)
    if not scoped.parts:
        return where
    part = every(scoped.parts)
    # Of the parts of one review that match, the first stands for it; most reviews have but one.
    first = Sql(noun.part_of.replace("{}", part.text), part.args)
    return every((part, first, where))
