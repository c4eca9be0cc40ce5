"""Figures: what is counted, what follows from it, and how sure one may be of it."""

from datetime import date

import strawberry

from models.figures import ALPHA
from resolvers.names import Axis, Channel
from schema.estimate import Estimate
from schema.node import Node
from schema.office import Department, Network, Office, Region
from schema.procedure import Procedure


@strawberry.type(description="How the satisfaction rate moved.")
class Change:
    points: float = strawberry.field(description="Points of 100: the rate now minus the one then.")
    p_value: float | None = strawberry.field(
        description="How often chance alone would bring as large a change: pooled two-proportion "
        "z test, two-sided. Null where fewer than 5 positive or 5 other reviews are to be expected "
        "on a side (Cochran 1954)."
    )
    significant: bool | None = strawberry.field(
        description=f"Whether that is less than {ALPHA}; null where it can't be told."
    )


@strawberry.type(
    description="Days from publication to the first reply, of what was answered with a date. "
    "Percentiles are interpolated in classes that end at 4 h, 12 h, then days 1 to 7, 10, 14, 19, "
    "25, 33, 45, 60, 90, 120, 180, 270 and 365: the error is less than the class is wide; "
    "365 stands for 365 and more."
)
class ReplyDelay:
    replies: int = strawberry.field(description="How many replies it is measured on.")
    mean_days: float | None = strawberry.field(description="The mean, exact.")
    median_days: float | None = strawberry.field(description="Half of them came sooner.")
    p75_days: float | None = strawberry.field(description="75% of them came sooner.")
    p90_days: float | None = strawberry.field(description="90% of them came sooner.")
    p95_days: float | None = strawberry.field(description="95% of them came sooner.")


@strawberry.type(description="What reviews say on one of the general tags.")
class AxisProfile:
    axis: Axis = strawberry.field(description="The tag.")
    count: int = strawberry.field(description="Reviews that say something on it.")
    positive: int = strawberry.field(description="Those that are positive on it.")
    neutral: int = strawberry.field(description="Those that are neutral on it.")
    negative: int = strawberry.field(description="Those that are negative on it.")
    rate: Estimate | None = strawberry.field(
        description="positive / count, with its Wilson score interval (Wilson 1927)."
    )


@strawberry.type(
    description="Figures of one group in one piece of the period. What is counted are published "
    "reviews once for each structure that they concern. Null where there is nothing to divide by."
)
class SatisfactionCell:
    network: Network | None = strawberry.field(description="Its network, if told apart by it.")
    office: Office | None = strawberry.field(
        description="Its office, if told apart by it; null also for what names none."
    )
    department: Department | None = strawberry.field(
        description="Its department, if told apart by it; null also for what is in none."
    )
    region: Region | None = strawberry.field(
        description="Its region, if told apart by it; null also for what is in none."
    )
    procedure: Procedure | None = strawberry.field(
        description="Its procedure, if told apart by it; null also for what names none."
    )
    channel: Channel | None = strawberry.field(
        description="Its channel, if told apart by it; null also for what names none."
    )
    axis: Axis | None = strawberry.field(description="Its general tag, if told apart by it.")
    first: date = strawberry.field(name="from", description="Its first day.")
    last: date = strawberry.field(name="to", description="Its last day.")
    count: int = strawberry.field(description="How many there are; on an axis, that speak of it.")
    positive: int = strawberry.field(description="Those that are positive.")
    neutral: int = strawberry.field(description="Those that are neutral.")
    negative: int = strawberry.field(description="Those that are negative.")
    rate: Estimate | None = strawberry.field(
        description='Satisfaction: positive / count ("taux de satisfaction" of Services publics '
        "+), with its Wilson score interval (Wilson 1927)."
    )
    net: Estimate | None = strawberry.field(
        description="(positive - negative) / count, from -1 to 1. Its interval is that of `score`, "
        "on another scale."
    )
    score: Estimate | None = strawberry.field(
        description="(10 positive + 5 neutral) / count, out of 10. Its interval is Wilson's, of "
        "the score as a share of 10: no narrower than it should be, as neutral reviews vary less."
    )
    answered: int | None = strawberry.field(description="Those answered; null on an axis.")
    reply_rate: Estimate | None = strawberry.field(
        description="answered / count, with its Wilson score interval; null on an axis."
    )
    overdue: int | None = strawberry.field(
        description="Those that wait for a reply beyond `Network.replyDays`, counted by days: what "
        "falls due today is overdue tomorrow. Null on an axis, and in a barometer."
    )
    delay: ReplyDelay | None = strawberry.field(description="How long replies took; null on axes.")
    axes: list[AxisProfile] = strawberry.field(
        description="The tag profile: of each general tag on which anything is said."
    )
    previous: "SatisfactionCell | None" = strawberry.field(
        description="The same group just before: as many days (as many months, if the period is "
        "whole months), or with `by` the whole piece before. Null where nothing was told then."
    )
    change: Change | None = strawberry.field(
        description="How the rate moved since `previous`; null where there is none."
    )


@strawberry.type(description="Figures of what is in scope, all together and in cells.")
class Satisfaction:
    total: SatisfactionCell = strawberry.field(description="All together, whatever the groups.")
    cells: list[SatisfactionCell] = strawberry.field(
        description="One for each group and piece of the period of which there is anything, by "
        "the names of the groups, then by time."
    )


@strawberry.type(description="What the platform measures, as it publishes it (indicateur).")
class Indicator:
    code: str = strawberry.field(description="Its code, such as `IND-27`.")
    title: str = strawberry.field(description="What is measured.")
    source: str = strawberry.field(description="Where the figures come from.")
    method: str = strawberry.field(description="How they are worked out.")
    unit: str = strawberry.field(description="Their unit, such as `%`.")


@strawberry.type(
    description='A published result of an indicator ("résultat"), as it was imported: of an '
    "office, of a network, or of the country."
)
class IndicatorResult(Node):
    indicator: Indicator = strawberry.field(description="What was measured.")
    network: Network | None = strawberry.field(description="Of which network; null for all.")
    office: Office | None = strawberry.field(
        description="Of which office; null where none is named, or the directory does not tell it."
    )
    received_code: str = strawberry.field(description="The structure as the file names it.")
    value: float = strawberry.field(description="The value, in the unit of the indicator.")
    updated_on: date = strawberry.field(description="The day of which it is.")
    file: str = strawberry.field(description="The file it was imported from.")


@strawberry.type(description="A year or a quarter of the country, or of a network.")
class BarometerPoint:
    figures: SatisfactionCell = strawberry.field(
        description="Its figures. `network` is null for the country; `previous` and `change` are "
        "of the same piece a year before; `overdue` is not told."
    )
    reference: IndicatorResult | None = strawberry.field(
        description="The last result of the reference for the country within it."
    )
