"""Figures of moderation, by closed months: what may be told of what is not for others to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import strawberry
from strawberry.utils.str_converters import to_camel_case

from auth import scope
from models.errors import BadPeriod
from models.sql import Sql
from resolvers import reference
from resolvers.context import Info
from resolvers.names import ModerationKind, ModerationOutcome
from resolvers.rows import Column, Noun, One, Row, select
from resolvers.selection import NOTHING, Selection, selected
from resolvers.statistics import FIRST, LAST

FIGURE = Noun(
    name="ModerationFigures",
    alias="f",
    source="moderation_figure f",
    key="@.id",
    columns={
        name: Column(f"@.{name}")
        for name in ("month", "accepted", "kept_back", *map(str, ModerationOutcome))
    },
    ones={"network": One(reference.NETWORK, "LEFT JOIN network # ON #.id = @.network_id")},
)

Kind = Annotated[ModerationKind, strawberry.argument(description="Of what.")]
Year = Annotated[int, strawberry.argument(description="The year in which they came in.")]


@dataclass(frozen=True, slots=True)
class Count:
    """A count, or None where it would tell of few."""

    value: int | None
    outcome: ModerationOutcome | None = None

    @property
    def suppressed(self) -> bool:
        """Whether it would."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class Month:
    """A closed month in a network, or in all of them."""

    month: date
    network: Row | None
    accepted: int
    kept_back: Count
    outcomes: Sequence[Count]

    @property
    def received(self) -> Count:
        """All that came in."""
        kept = self.kept_back.value
        return Count(None if kept is None else self.accepted + kept)


async def moderation_figures(info: Info, kind: Kind, year: Year) -> list[Month]:
    """By month; all networks first, then each by name."""
    if not FIRST.year <= year <= LAST.year:
        message = "The year must lie between {first} and {last}."
        raise BadPeriod(message, "year", first=FIRST.year, last=LAST.year)
    met = Sql("f.kind = ? AND f.month BETWEEN ? AND ?", (kind.value, year * 100, year * 100 + 12))
    scoped = scope.moderation_figures(info.context.viewer).narrow(where=[met])
    network = selected(info).under("network") | Selection({"name": NOTHING})
    rows = await select(FIGURE, scoped, _COUNTS | Selection({"network": network}))
    return sorted(map(_month, rows), key=_order)


_COUNTS = Selection({to_camel_case(name): NOTHING for name in FIGURE.columns})


def _month(row: Row) -> Month:
    counts = [Count(getattr(row, outcome.value), outcome) for outcome in ModerationOutcome]
    first = date(row.month // 100, row.month % 100, 1)
    return Month(first, row.network, row.accepted, Count(row.kept_back), counts)


def _order(month: Month) -> tuple[date, str]:
    return month.month, month.network.name if month.network else ""
