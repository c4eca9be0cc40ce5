"""What hurts: where negative reviews come from, compared with the networks they are of."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from operator import itemgetter
from typing import Annotated

import strawberry

from models.errors import BadInput
from models.figures import Figures
from models.paris import beginning
from models.sql import Sql
from models.words import Word, telling
from resolvers import documents, reference, reports, reviews
from resolvers.causes import Cause, by_thing, compared, things
from resolvers.context import Info
from resolvers.figures import AXES, BASE, Days, Key, Question, read
from resolvers.late import Overdue, overdue
from resolvers.names import Axis, Sentiment
from resolvers.offices import OFFICE
from resolvers.page import MAX_SIZE
from resolvers.procedures import PROCEDURE
from resolvers.reports import DocumentReportFilter
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
class WhatHurts:
    """All of it; what was not selected is empty."""

    count: int
    negative: int
    axes: list[Cause]
    offices: list[Cause]
    procedures: list[Cause]
    words: list[Word]
    documents: list[Row]
    overdue: Overdue | None


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
        await _documents(info, where, asked.days, most) if "documents" in wanted else [],
        await overdue(info, asked, most) if "overdue" in wanted else None,
    )


def _bounded(first: int) -> int:
    if not 0 <= first <= MAX_SIZE:
        message = "Between {least} and {most} are expected."
        raise BadInput(message, "first", least=0, most=MAX_SIZE)
    return first


def _axes(own: Mapping[Key, Figures], peers: Mapping[Key, Figures]) -> list[Cause]:
    """Of all reviews, how many are negative on an axis."""
    return [
        replace(compared(own, peers, itemgetter(f"{axis.name.lower()}_negative")), thing=axis)
        for axis in Axis
    ]


def _first(causes: list[Cause], most: int) -> list[Cause]:
    """Those with the most negative reviews beyond what is expected."""
    more = [cause for cause in causes if cause.wrong and cause.excess > 0]
    return sorted(more, key=lambda cause: -cause.excess)[:most]


async def _things(
    info: Info, noun: Noun, asked: Question, peers: Mapping[Key, Figures], most: int
) -> list[Cause]:
    """Offices, or procedures, each compared with its networks."""
    name = noun.name.lower()
    told = await read(info, replace(asked, by=("network_id", f"{name}_id"), measures=BASE))
    causes = {
        key: compared(own, peers, itemgetter("negative")) for key, own in by_thing(told).items()
    }
    kept = _first(list(causes.values()), most)
    keys = [key for cause in kept for key, one in causes.items() if one is cause]
    rows = await things(info, noun, keys, selected(info).under(f"{name}s", name))
    pairs = zip(keys, kept, strict=True)
    return [replace(cause, thing=rows[key]) for key, cause in pairs if key in rows]


async def _documents(info: Info, where: FigureFilter, days: Days, most: int) -> list[Row]:
    """Those that most reports which the viewer may read are of."""
    if where.channels is not None:  # a report names none
        return []
    asked = DocumentReportFilter(
        networks=where.networks,
        offices=where.offices,
        departments=await _departments(info, where),
        procedures=where.procedures,
        since=beginning(days.first),
        until=beginning(days.last + timedelta(days=1)),
    )
    met = await reports.conditions(info, asked)
    return await documents.most_reported(info, met, most, selected(info).under("documents"))


async def _words(info: Info, where: FigureFilter, days: Days, most: int) -> list[Word]:
    """Words of negative reviews that others hold less, where the viewer may read them."""
    here = await _texts(info, where, days, [Sentiment.NEGATIVE])
    elsewhere = await _texts(info, where, days, [Sentiment.NEUTRAL, Sentiment.POSITIVE])
    return await asyncio.to_thread(telling, here, elsewhere, most)


async def _departments(info: Info, where: FigureFilter) -> list[str] | None:
    """Those that are asked for, also by their regions."""
    if where.regions is None:
        return where.departments
    within = await reference.region_departments(info, where.regions, "where", "regions")
    return [code for code in within if where.departments is None or code in where.departments]


async def _texts(
    info: Info, where: FigureFilter, days: Days, sentiments: list[Sentiment]
) -> list[str]:
    scoped = await reviews.met(
        info,
        ReviewFilter(
            networks=where.networks,
            offices=where.offices,
            departments=await _departments(info, where),
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
