"""Satisfaction: how content users are, how often and how soon they are answered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry

from auth import scope
from models import figures
from models.errors import BadInput, BadPeriod, TooManyCells
from models.figures import Change, Estimate, Figures
from models.sql import Sql
from resolvers import procedures, reference
from resolvers.context import Info
from resolvers.figures import (
    AXES,
    BASE,
    DELAYS,
    REPLIES,
    Days,
    Key,
    Question,
    at,
    merged,
    read,
    span,
)
from resolvers.late import fallen_due, waiting
from resolvers.names import Axis, Channel, TimeGrain
from resolvers.offices import OFFICE, at_or_below, bounded
from resolvers.procedures import PROCEDURE
from resolvers.review_rows import channels_of
from resolvers.rows import select
from resolvers.selection import NOTHING, Selection, selected

MAX_CELLS = 1_000
"""Cells of one answer."""

FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)
MAX_DAYS = 3_660
"""Days of a period: ten years."""


@strawberry.input(description="From one day to another, both counted, as days of Europe/Paris.")
class Period:
    first: date = strawberry.field(name="from", description=f"The first day, from {FIRST} on.")
    last: date = strawberry.field(
        name="to", description=f"The last day, at most {MAX_DAYS} days in all."
    )


@strawberry.enum(description="What figures are told apart by.")
class Group(Enum):
    NETWORK = strawberry.enum_value("network", description="Networks.")
    OFFICE = strawberry.enum_value("office", description="Offices, each by itself.")
    DEPARTMENT = strawberry.enum_value("department", description="Departments.")
    REGION = strawberry.enum_value("region", description="Regions.")
    PROCEDURE = strawberry.enum_value("procedure", description="Procedures that reviews name.")
    CHANNEL = strawberry.enum_value(
        "channel",
        description="Channels. What came by two of them counts for each.",
    )
    AXIS = strawberry.enum_value(
        "axis",
        description="The general tags: the figures are then of what reviews say on each of them.",
    )


@strawberry.input(description="Which figures: of structures that meet every condition given.")
class FigureFilter:
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which is concerned."
    )
    offices: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of offices, one of which, or one below it, is concerned."
    )
    departments: list[str] | None = strawberry.field(
        default=None, description="Codes of departments, one of which the structure is in."
    )
    regions: list[str] | None = strawberry.field(
        default=None, description="Codes of regions, one of which the structure is in."
    )
    procedures: list[str] | None = strawberry.field(
        default=None, description="Codes of procedures, one of which the review names."
    )
    channels: list[Channel] | None = strawberry.field(
        default=None, description="Channels, one of which the user took to the structure."
    )


PeriodAsked = Annotated[
    Period, strawberry.argument(description="The days of publication that count.")
]
GroupBy = Annotated[
    list[Group] | None, strawberry.argument(description="What to tell apart; nothing without.")
]
By = Annotated[
    TimeGrain | None,
    strawberry.argument(description="Pieces to cut the period into; one whole without."),
]
FigureWhere = Annotated[
    FigureFilter | None, strawberry.argument(description="Conditions; all in scope without.")
]


@dataclass(frozen=True, slots=True)
class Delay:
    """How long the first reply took, in days."""

    replies: int
    mean_days: float | None
    median_days: float | None
    p75_days: float | None
    p90_days: float | None
    p95_days: float | None


@dataclass(frozen=True, slots=True)
class Profile:
    """What reviews say on one general tag."""

    axis: Axis
    count: int
    positive: int
    neutral: int
    negative: int
    rate: Estimate | None


@dataclass(frozen=True, slots=True)
class Cell:
    """The figures of one group in one piece of the period, and what they are compared with."""

    sums: Figures
    days: Days
    group: Mapping[Group, Any]
    overdue: int | None = None
    before: Figures | None = None
    before_days: Days | None = None

    def __getattr__(self, name: str) -> Any:
        """A group's thing, where it is told apart by it."""
        group = _GROUPS.get(name)
        if group is None:
            raise AttributeError(name)
        return self.group.get(group)

    @property
    def first(self) -> date:
        """Its first day."""
        return self.days.first

    @property
    def last(self) -> date:
        """Its last day."""
        return self.days.last

    @property
    def count(self) -> int:
        """Structures concerned, or what is said on an axis."""
        return self.sums.count

    @property
    def positive(self) -> int:
        """Positive ones."""
        return self.sums["positive"]

    @property
    def neutral(self) -> int:
        """Neutral ones."""
        return self.sums.neutral

    @property
    def negative(self) -> int:
        """Negative ones."""
        return self.sums["negative"]

    @property
    def rate(self) -> Estimate | None:
        """Positive of all."""
        return self.sums.rate

    @property
    def net(self) -> Estimate | None:
        """(Positive - negative) of all."""
        return self.sums.net

    @property
    def score(self) -> Estimate | None:
        """Out of 10."""
        return self.sums.score

    @property
    def answered(self) -> int | None:
        """Those answered; not told of an axis."""
        return None if Group.AXIS in self.group else self.sums["answered"]

    @property
    def reply_rate(self) -> Estimate | None:
        """Answered of all."""
        answered = self.answered
        return None if answered is None else figures.wilson(answered, self.count)

    @property
    def delay(self) -> Delay | None:
        """How long replies took; not told of an axis."""
        if Group.AXIS in self.group:
            return None
        classes = self.sums.delays
        shares = (0.5, 0.75, 0.9, 0.95)
        within = [figures.percentile(classes, share) for share in shares]
        return Delay(sum(classes), self.sums.mean_delay, *within)

    @property
    def axes(self) -> list[Profile]:
        """The tag profile: what is said on each axis that anything is said on."""
        said = ((axis, self.sums.on(axis.name.lower())) for axis in Axis)
        return [
            Profile(axis, on.count, on["positive"], on.neutral, on["negative"], on.rate)
            for axis, on in said
            if on.count
        ]

    @property
    def previous(self) -> "Cell | None":
        """The same group in the piece before."""
        if self.before is None or self.before_days is None:
            return None
        return Cell(self.before, self.before_days, self.group)

    @property
    def change(self) -> Change | None:
        """Of the rate, since then."""
        if self.before is None:
            return None
        was, now = self.before, self.sums
        return figures.change((was["positive"], was.count), (now["positive"], now.count))


_GROUPS = {group.name.lower(): group for group in Group}


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What is asked for, all together and in cells."""

    total: Cell
    cells: list[Cell]


async def satisfaction(
    info: Info,
    period: PeriodAsked,
    group_by: GroupBy = None,
    by: By = None,
    where: FigureWhere = None,
) -> Satisfaction:
    """Figures of what is in scope."""
    groups = tuple(group_by or ())
    if len(set(groups)) < len(groups):
        message = "Each group can be named once."
        raise BadInput(message, "groupBy")
    wanted = selected(info)
    asked = replace(await question(info, where or FigureFilter()), days=days_of(period))
    total = await _Table(info, wanted.under("total"), asked, ()).cells()
    told = []
    if "cells" in wanted:
        told = await _Table(info, wanted.under("cells"), asked, groups, by).cells()
    whole = total[0] if total else Cell(Figures({}), asked.days, {}, overdue=0)
    return Satisfaction(whole, told)


def days_of(period: Period) -> Days:
    """The days of a period. Raises BadPeriod."""
    days = Days(period.first, period.last)
    if days.count < 1:
        message = "The period ends before it begins."
        raise BadPeriod(message, "period")
    if days.first < FIRST or days.last > LAST:
        message = "The period must lie between {first} and {last}."
        raise BadPeriod(message, "period", first=FIRST, last=LAST)
    if days.count > MAX_DAYS:
        message = "The period is longer than {most} days."
        raise BadPeriod(message, "period", most=MAX_DAYS)
    return days


async def question(info: Info, where: FigureFilter) -> Question:
    """What meets `where`, on no day yet. Raises BadInput and BadId for what there is not."""
    met, uses = [], set()
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("u.network_id IN ??", (keys,)))
    if where.offices is not None:
        keys = await at_or_below(where.offices, "where", "offices")
        met.append(Sql("u.office_id IN ??", (keys,)))
        uses.add("office_id")
    for name, known in (
        ("departments", reference.department_codes),
        ("regions", reference.region_departments),
    ):
        given = getattr(where, name)
        if given is not None:
            codes = await known(info, bounded(given, "where", name), "where", name)
            met.append(Sql("u.department_id IN ??", (codes,)))
            uses.add("department_id")
    if where.procedures is not None:
        keys = await procedures.keys_of(info, where.procedures, "where", "procedures")
        met.append(Sql("u.procedure_id IN ??", (keys,)))
        uses.add("procedure_id")
    if where.channels is not None:
        met.append(Sql("(u.channels & ?) <> 0", (sum(set(where.channels)),)))
        uses.add("channels")
    return Question(Days(LAST, FIRST), where=tuple(met), uses=frozenset(uses))


_COLUMNS = {
    Group.NETWORK: "network_id",
    Group.OFFICE: "office_id",
    Group.DEPARTMENT: "department_id",
    Group.REGION: "department_id",
    Group.PROCEDURE: "procedure_id",
    Group.CHANNEL: "channels",
}


class _Table:
    """One answer in the making: the cells of some groups."""

    def __init__(
        self,
        info: Info,
        wanted: Selection,
        asked: Question,
        groups: Sequence[Group],
        grain: TimeGrain | None = None,
    ) -> None:
        self._info, self._wanted, self._groups, self._grain = info, wanted, groups, grain
        columns = dict.fromkeys(_COLUMNS[one] for one in groups if one in _COLUMNS)
        self._asked = replace(
            asked, by=tuple(columns), grain=grain, measures=measures(wanted, groups)
        )

    async def cells(self) -> list[Cell]:
        """They, in the order of their groups' names, then of time. Raises TooManyCells."""
        self._regions = {
            row.code: row.region.code if row.region else ""
            for row in await reference.departments(self._info)
        }
        now = await self._read(self._asked)
        if len(now) > MAX_CELLS:
            message = "These are too many cells: ask for fewer groups, or a shorter period."
            raise TooManyCells(message, "groupBy")
        before = await self._before(now) if {"previous", "change"} & {*self._wanted} else {}
        late = await self._overdue() if "overdue" in self._wanted else {}
        things = await self._things(now)
        cells = []
        for key, sums in now.items():
            found = dict(zip(self._groups, key, strict=False))
            days = self._days(key)
            cell = Cell(
                sums,
                Days(
                    max(days.first, self._asked.days.first), min(days.last, self._asked.days.last)
                ),
                {group: things[group].get(one) for group, one in found.items()},
                None if Group.AXIS in found else late.get(key, 0),
                before.get(key),
                self._days_before(key),
            )
            cells.append((self._order(cell), cell))
        return [cell for _, cell in sorted(cells, key=lambda one: one[0])]

    def _order(self, cell: Cell) -> tuple[Any, ...]:
        names = (cell.group[one] for one in self._groups)
        told = (getattr(one, "name", one) if one is not None else "\uffff" for one in names)
        return (*map(str, told), cell.days.first)

    async def _read(self, asked: Question) -> dict[Key, Figures]:
        return merged(self._split(await read(self._info, asked)))

    def _split(self, found: Mapping[Key, Figures]) -> Iterator[tuple[Key, Figures]]:
        """What was read by columns, as cells of groups."""
        for key, sums in found.items():
            row = dict(zip(self._asked.by, key, strict=False))
            keys: list[tuple[Key, Figures]] = [((), sums)]
            for group in self._groups:
                keys = [
                    ((*known, one), part)
                    for known, sums in keys
                    for one, part in self._ones(group, row, sums)
                ]
            for known, part in keys:
                yield (*known, *key[len(self._asked.by) :]), part

    def _ones(
        self, group: Group, row: Mapping[str, Any], sums: Figures
    ) -> Iterable[tuple[Any, Figures]]:
        if group is Group.AXIS:
            said = ((axis, sums.on(axis.name.lower())) for axis in Axis)
            return [(axis, on) for axis, on in said if on.count]
        value = row[_COLUMNS[group]]
        if group is Group.REGION:
            return [(self._regions.get(value, ""), sums)]
        if group is Group.CHANNEL:
            return [(channel, sums) for channel in channels_of(value) or (0,)]
        return [(value, sums)]

    def _days(self, key: Key) -> Days:
        return self._asked.days if self._grain is None else span(self._grain, int(key[-1]))

    def _days_before(self, key: Key) -> Days:
        return self._days(key).before

    async def _before(self, now: Mapping[Key, Figures]) -> dict[Key, Figures]:
        """Of each cell, what the same group was in the piece before."""
        if self._grain is None:
            return await self._read(replace(self._asked, days=self._asked.days.before))
        # The period may begin within its first piece, which is told whole to the one after.
        first = span(self._grain, at(self._grain, self._asked.days.first))
        days = Days(first.before.first, first.last)
        known = {**now, **await self._read(replace(self._asked, days=days))}
        found = {}
        for key in now:
            then = (*key[:-1], at(self._grain, self._days_before(key).first))
            if then in known:
                found[key] = known[then]
        return found

    async def _overdue(self) -> dict[Key, int]:
        due = await fallen_due(self._info, self._asked)
        told = self._split({key: Figures({"n": waiting(sums)}) for key, sums in due.items()})
        return {key: sums.count for key, sums in merged(told).items()}

    async def _things(self, cells: Iterable[Key]) -> dict[Group, dict[Any, Any]]:
        """What the keys of each group stand for."""
        things: dict[Group, dict[Any, Any]] = {
            Group.AXIS: {axis: axis for axis in Axis},
            Group.CHANNEL: {channel: channel for channel in Channel},
        }
        for group, rows in (
            (Group.NETWORK, reference.networks),
            (Group.DEPARTMENT, reference.departments),
            (Group.REGION, reference.regions),
        ):
            if group in self._groups:
                things[group] = {row.key: row for row in await rows(self._info)}
        viewer = self._info.context.viewer
        for group, noun, scoped in (
            (Group.OFFICE, OFFICE, scope.offices(viewer)),
            (Group.PROCEDURE, PROCEDURE, scope.procedures(viewer)),
        ):
            if group in self._groups:
                place = self._groups.index(group)
                keys = sorted({int(key[place]) for key in cells})
                wanted = self._wanted.under(group.name.lower()) | _NAMED
                among = scoped.narrow(where=[Sql(f"{noun.alias}.id IN ??", (keys,))])
                things[group] = {row.key: row for row in await select(noun, among, wanted)}
        return things


_NAMED = Selection({"name": NOTHING})


def measures(wanted: Selection, groups: Sequence[Group]) -> tuple[str, ...]:
    """Which sums the selected fields are made of."""
    fields = {*wanted, *wanted.under("previous")}
    return (
        *BASE,
        *(REPLIES if fields & {"answered", "replyRate", "overdue"} else ()),
        *(DELAYS if "delay" in fields else ()),
        *(AXES if "axes" in fields or Group.AXIS in groups else ()),
    )
