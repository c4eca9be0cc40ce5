"""What hurts: where negative reviews come from, compared with the networks they are of."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import strawberry

from auth import scope
from models.errors import BadInput
from models.figures import Estimate, Figures, change, wilson
from models.sql import Sql
from models.words import Word, telling
from resolvers import reference, reviews
from resolvers.context import Info
from resolvers.figures import AXES, BASE, Days, Key, Question, read
from resolvers.names import Axis, Sentiment
from resolvers.offices import OFFICE
from resolvers.page import MAX_SIZE
from resolvers.procedures import PROCEDURE
from resolvers.review_rows import REVIEW
from resolvers.reviews import ReviewFilter
from resolvers.rows import Noun, Ordering, Row, select
from resolvers.selection import NOTHING, Selection, selected
from resolvers.statistics import (
    FigureFilter,
    FigureWhere,
    PeriodAsked,
    days_of,
    question,
)

DEFAULT = 10
SAMPLE = 500
"""Reviews of either kind that words are looked for in: the latest."""

LONGEST = 2_000
"""Characters of each that are read."""

Most = Annotated[int, strawberry.argument(description=f"How many of each, at most {MAX_SIZE}.")]


@dataclass(frozen=True, slots=True)
class Cause:
    """One of the things that reviews are negative of, and what would be expected of it."""

    thing: Row | Axis
    count: int
    negative: int
    expected: float
    elsewhere: tuple[int, int]
    """Negative and all of the rest of the networks."""

    @property
    def share(self) -> Estimate | None:
        """Negative of all."""
        return wilson(self.negative, self.count)

    @property
    def excess(self) -> float:
        """More than in the networks as a whole."""
        return self.negative - self.expected

    @property
    def significant(self) -> bool | None:
        """Whether chance does not explain it."""
        moved = change(self.elsewhere, (self.negative, self.count))
        return moved.significant if moved else None

    @property
    def axis(self) -> Row | Axis:
        """Where it is an axis."""
        return self.thing

    @property
    def office(self) -> Row | Axis:
        """Where it is an office."""
        return self.thing

    @property
    def procedure(self) -> Row | Axis:
        """Where it is a procedure."""
        return self.thing


@dataclass(frozen=True, slots=True)
class WhatHurts:
    """All of it; what was not selected is empty."""

    count: int
    negative: int
    axes: list[Cause]
    offices: list[Cause]
    procedures: list[Cause]
    words: list[Word]


async def what_hurts(
    info: Info, period: PeriodAsked, where: FigureWhere = None, first: Most = DEFAULT
) -> WhatHurts:
    """What explains negative reviews best, of what is in scope."""
    most, where = _bounded(first), where or FigureFilter()
    asked = replace(
        await question(info, where),
        days=days_of(period),
        by=("network_id",),
        measures=(*BASE, *AXES),
    )
    own, wanted = await read(info, asked), selected(info)
    networks = [int(key[0]) for key in own]
    among = Sql("u.network_id IN ??", (networks,))
    peers = await read(info, replace(asked, where=(among,), uses=frozenset(), benchmark=True))
    total = sum(own.values(), Figures({}))
    return WhatHurts(
        total.count,
        total["negative"],
        _first(_axes(own, peers), most) if "axes" in wanted else [],
        await _things(info, OFFICE, asked, peers, most) if "offices" in wanted else [],
        await _things(info, PROCEDURE, asked, peers, most) if "procedures" in wanted else [],
        await _words(info, where, asked.days, most) if "words" in wanted else [],
    )


def _bounded(first: int) -> int:
    if not 0 <= first <= MAX_SIZE:
        message = "Between {least} and {most} are expected."
        raise BadInput(message, "first", least=0, most=MAX_SIZE)
    return first


def _axes(own: Mapping[Key, Figures], peers: Mapping[Key, Figures]) -> list[Cause]:
    """Of all reviews, how many are negative on an axis."""
    return [_cause(axis, f"{axis.name.lower()}_negative", own, peers) for axis in Axis]


def _cause(
    thing: Row | Axis, name: str, own: Mapping[Key, Figures], peers: Mapping[Key, Figures]
) -> Cause:
    """Of what is `own` of a thing, by network, compared with the networks as wholes."""
    told, whole = sum(own.values(), Figures({})), Figures({})
    expected = 0.0
    for key, sums in own.items():
        network = peers.get(key[:1], sums)
        expected += sums.count * network[name] / network.count if network.count else 0.0
        whole = whole + network
    rest = (max(0, whole[name] - told[name]), max(0, whole.count - told.count))
    return Cause(thing, told.count, told[name], expected, rest)


def _first(causes: list[Cause], most: int) -> list[Cause]:
    """Those with the most negative reviews beyond what is expected."""
    more = [cause for cause in causes if cause.negative and cause.excess > 0]
    return sorted(more, key=lambda cause: -cause.excess)[:most]


async def _things(
    info: Info, noun: Noun, asked: Question, peers: Mapping[Key, Figures], most: int
) -> list[Cause]:
    """Offices, or procedures, each compared with its networks."""
    name = f"{noun.name.lower()}_id"
    told = await read(info, replace(asked, by=("network_id", name), measures=BASE))
    found: dict[int, dict[Key, Figures]] = {}
    for (network, key), sums in told.items():
        if key:
            found.setdefault(int(key), {})[network,] = sums
    row = noun.row()
    causes = {key: _cause(row, "negative", own, peers) for key, own in found.items()}
    kept = _first(list(causes.values()), most)
    keys = [key for cause in kept for key, one in causes.items() if one is cause]
    viewer = info.context.viewer
    scoped = scope.offices(viewer) if noun is OFFICE else scope.procedures(viewer)
    wanted = selected(info).under(f"{noun.name.lower()}s", noun.name.lower())
    among = scoped.narrow(where=[Sql(f"{noun.alias}.id IN ??", (keys,))])
    rows = {one.key: one for one in await select(noun, among, wanted)}
    pairs = zip(keys, kept, strict=True)
    return [replace(cause, thing=rows[key]) for key, cause in pairs if key in rows]


async def _words(info: Info, where: FigureFilter, days: Days, most: int) -> list[Word]:
    """Words of negative reviews that others hold less, where the viewer may read them."""
    here = await _texts(info, where, days, [Sentiment.NEGATIVE])
    elsewhere = await _texts(info, where, days, [Sentiment.NEUTRAL, Sentiment.POSITIVE])
    return await asyncio.to_thread(telling, here, elsewhere, most)


async def _texts(
    info: Info, where: FigureFilter, days: Days, sentiments: list[Sentiment]
) -> list[str]:
    departments = where.departments
    if where.regions is not None:
        within = await reference.region_departments(info, where.regions, "where", "regions")
        departments = [code for code in within if departments is None or code in departments]
    scoped = await reviews.met(
        info,
        ReviewFilter(
            networks=where.networks,
            offices=where.offices,
            departments=departments,
            procedures=where.procedures,
            channels=where.channels,
            sentiments=sentiments,
            published_from=days.first,
            published_to=days.last,
        ),
    )
    latest = Ordering(Sql("s.published_at DESC, s.review_id DESC"), SAMPLE, Sql("s.published_at"))
    rows = await select(REVIEW, scoped, _TEXT, latest)
    return [f"{row.title} {row.description}"[:LONGEST] for row in rows]


_TEXT = Selection({"title": NOTHING, "description": NOTHING})
