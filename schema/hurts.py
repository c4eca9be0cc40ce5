"""What hurts: where negative reviews come from."""

import strawberry

from resolvers.names import Axis
from schema.estimate import Estimate
from schema.office import Office
from schema.procedure import Procedure


@strawberry.type(
    description="How many reviews are negative, and how many would be if all were as in the "
    "networks as wholes."
)
class Cause:
    count: int = strawberry.field(description="Reviews, once for each structure they concern.")
    negative: int = strawberry.field(description="Those that are negative: on the axis, or at all.")
    share: Estimate | None = strawberry.field(
        description="negative / count, with its Wilson score interval (Wilson 1927)."
    )
    expected: float = strawberry.field(
        description="Sum over networks of count * (negative / count of the whole network)."
    )
    excess: float = strawberry.field(description="negative - expected: what this is sorted by.")
    significant: bool | None = strawberry.field(
        description="Whether the share differs from that of the rest of the networks by more than "
        "chance explains (two-proportion z test, 5%); null where it can't be told."
    )


@strawberry.type(description="A general tag on which reviews are more negative than expected.")
class AxisCause(Cause):
    axis: Axis = strawberry.field(description="The general tag.")


@strawberry.type(description="An office whose reviews are more negative than expected.")
class OfficeCause(Cause):
    office: Office = strawberry.field(description="The office.")


@strawberry.type(description="A procedure of which reviews are more negative than expected.")
class ProcedureCause(Cause):
    procedure: Procedure = strawberry.field(description="The procedure.")


@strawberry.type(description="A word that negative reviews hold more often than others.")
class TellingWord:
    text: str = strawberry.field(description="The word, as it is written most often, unaccented.")
    here: int = strawberry.field(description="Negative reviews that hold it, in any form.")
    elsewhere: int = strawberry.field(description="Other reviews that do.")
    weight: float = strawberry.field(
        description="How telling it is: log-likelihood ratio (Dunning 1993). Over 3.84, chance "
        "alone explains it in fewer cases than 5%."
    )


@strawberry.type(
    description="What explains negative reviews best. The networks that it is compared with are "
    "those of the reviews in question, whole and over the same period, as they stood a moment ago."
)
class WhatHurts:
    count: int = strawberry.field(description="Reviews in question, once for each structure.")
    negative: int = strawberry.field(description="Those that are negative.")
    axes: list[AxisCause] = strawberry.field(description="General tags, the worst first.")
    offices: list[OfficeCause] = strawberry.field(description="Offices, the worst first.")
    procedures: list[ProcedureCause] = strawberry.field(description="Procedures, the worst first.")
    words: list[TellingWord] = strawberry.field(
        description="Words of the latest 500 negative reviews that the latest 500 others hold "
        "less; none for those who may not read verbatims."
    )
