"""How an export is read: as its fields, and as pages of flat rows that come through the gate."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from auth.scope import Scoped
from auth.viewer import Viewer
from models.event import REVIEW_REMOVALS
from models.export import Conditions
from models.sql import Sql
from resolvers.rows import Noun, Ordering, Row, count, select
from resolvers.selection import NOTHING, Selection

PAGE = 1_000
"""Rows that are in memory at once."""

UNCOUNTED = 1 << 62
Flat = dict[str, Any]


class Value(Enum):
    """What a field holds."""

    TEXT = auto()
    NUMBER = auto()
    DECIMAL = auto()
    BOOLEAN = auto()
    MOMENT = auto()
    DAY = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """A column of an export."""

    name: str
    value: Value = Value.TEXT


class Source(Protocol):
    """Where the rows of a kind come from."""

    @property
    def fields(self) -> Sequence[Field]:
        """What each row tells, in order."""

    @property
    def removals(self) -> Sequence[str]:
        """Types of events that take words out of what was written."""

    async def total(self, viewer: Viewer, conditions: Conditions, cap: int = UNCOUNTED) -> int:
        """How many rows there are, counted up to `cap`."""

    async def page(
        self, viewer: Viewer, conditions: Conditions, after: int
    ) -> tuple[list[Flat], int]:
        """The rows after the key `after`, and the last key among them; none at the end."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows of a noun, in the order of `key`, and how they are made flat."""

    fields: tuple[Field, ...]
    noun: Noun
    key: str
    selection: Selection
    scoped: Callable[[Viewer, Conditions], Scoped[Any]]
    flat: Callable[[Viewer, Sequence[Row]], Awaitable[list[Flat]]]
    removals: tuple[str, ...] = REVIEW_REMOVALS

    async def total(self, viewer: Viewer, conditions: Conditions, cap: int = UNCOUNTED) -> int:
        """How many rows there are, counted up to `cap`."""
        return await count(self.noun, self.scoped(viewer, conditions), cap)

    async def page(
        self, viewer: Viewer, conditions: Conditions, after: int
    ) -> tuple[list[Flat], int]:
        """The rows after the key `after`, and the last key among them; none at the end."""
        beyond = self.scoped(viewer, conditions).narrow(where=[Sql(f"{self.key} > ?", (after,))])
        ordering = Ordering(Sql(self.key), PAGE, Sql(self.key))
        rows = await select(self.noun, beyond, self.selection, ordering)
        return await self.flat(viewer, rows), rows[-1].sort_key if rows else after


def met(conditions: Conditions, moment: str, alias: str = "s") -> Iterable[Sql]:
    """The conditions on where something is of concern, and on the `moment` that counts."""
    for column, keys in (
        ("network_id", conditions.networks),
        ("office_id", conditions.offices),
        ("department_id", conditions.departments),
    ):
        if keys is not None:
            yield Sql(f"{alias}.{column} IN ??", (list(keys),))
    if conditions.since is not None:
        yield Sql(f"{moment} >= ?", (conditions.since,))
    if conditions.until is not None:
        yield Sql(f"{moment} < ?", (conditions.until,))


def picked(*names: str, **inner: Selection) -> Selection:
    """What to read: the fields `names`, and of what belongs to it, what `inner` says."""
    return Selection({**dict.fromkeys(names, NOTHING), **inner})
