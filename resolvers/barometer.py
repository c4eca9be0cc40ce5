"""The barometer: how satisfaction moves from year to year, beside a reference that is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry

from models.errors import BadPeriod
from models.figures import Figures
from resolvers import figures, indicators
from resolvers import reference as known
from resolvers.context import Info
from resolvers.figures import Days, Key, Question
from resolvers.names import TimeGrain
from resolvers.rows import Row
from resolvers.selection import selected
from resolvers.statistics import FIRST, LAST, Cell, Group, measures

MAX_YEARS = 10
"""Years of one barometer."""


@strawberry.enum(description="How finely a barometer tells time.")
class Pace(Enum):
    YEAR = strawberry.enum_value("year", description="By years.")
    QUARTER = strawberry.enum_value("quarter", description="By quarters.")


FirstYear = Annotated[
    int, strawberry.argument(name="from", description="The first year, such as 2024.")
]
LastYear = Annotated[
    int, strawberry.argument(name="to", description=f"The last year, at most {MAX_YEARS} in all.")
]
By = Annotated[Pace, strawberry.argument(description="How finely.")]
Reference = Annotated[
    str | None,
    strawberry.argument(
        description="Code of the indicator whose results for the country are set beside, such as "
        "that of the yearly study; loaded by `import-results`."
    ),
]


@dataclass(frozen=True, slots=True)
class Point:
    """A year, or a quarter, of the country or of a network."""

    figures: Cell
    reference: Row | None


async def barometer(
    info: Info, from_: FirstYear, to: LastYear, by: By = Pace.YEAR, reference: Reference = None
) -> list[Point]:
    """The country first, then networks by name; each by time. Compared with a year before."""
    if not FIRST.year < from_ <= to <= LAST.year:
        message = "The years must lie between {first} and {last}, in order."
        raise BadPeriod(message, "from", first=FIRST.year + 1, last=LAST.year)
    if to - from_ >= MAX_YEARS:
        message = "At most {most} years."
        raise BadPeriod(message, "to", most=MAX_YEARS)
    grain, year = (TimeGrain.YEAR, 1) if by is Pace.YEAR else (TimeGrain.QUARTER, 4)
    cells = await _cells(info, Days(date(from_ - 1, 1, 1), date(to, 12, 31)), grain)
    results = await indicators.of_country(info, reference) if reference is not None else []
    networks = {row.key: row for row in await known.networks(info)}
    points = []
    for (network, at), sums in cells.items():
        days, then = figures.span(grain, at), figures.span(grain, at - year)
        if days.first.year < from_:
            continue
        named = {Group.NETWORK: networks[network]} if network else {}
        cell = Cell(sums, days, named, None, cells.get((network, at - year)), then)
        points.append(Point(cell, _within(results, days) if not network else None))
    return sorted(points, key=_order)


async def _cells(info: Info, days: Days, grain: TimeGrain) -> dict[tuple[int, int], Figures]:
    """By network, 0 for all of them, and number of the piece."""
    wanted = measures(selected(info).under("figures"), ())
    asked = Question(days, by=("network_id",), grain=grain, measures=wanted)
    found = await figures.read(info, asked)
    whole: list[tuple[Key, Figures]] = [((0, key[1]), sums) for key, sums in found.items()]
    merged: dict[Any, Figures] = figures.merged([*found.items(), *whole])
    return merged


def _within(results: Sequence[Row], days: Days) -> Row | None:
    """The last of `results` of these days."""
    found = [one for one in results if days.first <= one.updated_on <= days.last]
    return found[-1] if found else None


def _order(point: Point) -> tuple[str, date]:
    network = point.figures.network
    return network.name if network else "", point.figures.days.first
