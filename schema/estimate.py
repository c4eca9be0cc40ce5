"""Figures with how sure one may be of them, and those of one office."""

from datetime import date

import strawberry


@strawberry.type(
    description="A figure and its 95% interval: of 100 such intervals, 95 hold the true value."
)
class Estimate:
    value: float = strawberry.field(description="The figure itself.")
    low: float = strawberry.field(description="Where the interval begins.")
    high: float = strawberry.field(description="Where the interval ends.")


@strawberry.type(
    description="What users say of an office, over the 365 days up to yesterday. To compare "
    "offices take `shrunkRate`, or look whether intervals overlap: of three reviews a rate says "
    "little."
)
class OfficeFigures:
    first: date = strawberry.field(name="from", description="The first day.")
    last: date = strawberry.field(name="to", description="The last day.")
    count: int = strawberry.field(description="Published reviews that concern the office itself.")
    rate: Estimate | None = strawberry.field(
        description="positive / count, with its Wilson score interval (Wilson 1927); null where "
        "there is no review."
    )
    shrunk_rate: float | None = strawberry.field(
        description="(positive + peerWeight * peerRate) / (count + peerWeight): empirical Bayes, "
        "drawn towards the peers the more, the fewer reviews there are. Null where there is no "
        "review of any of them."
    )
    peer_rate: float | None = strawberry.field(
        description="The rate of all offices of the network that the viewer may count."
    )
    peer_weight: float | None = strawberry.field(
        description="How many reviews that counts for, from 1 to 200: a beta law fitted by moments "
        "(Kleinman 1973)."
    )
