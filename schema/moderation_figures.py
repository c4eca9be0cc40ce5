"""Figures of moderation, of which nothing tells of few."""

from datetime import date

import strawberry

from resolvers.names import ModerationOutcome
from schema.office import Network


@strawberry.type(
    description="A count of what is not for others to read. It is suppressed under k "
    "(`RELAIS_DISCLOSURE_K`, 11 at least), and where it would give one back that is."
)
class DisclosedCount:
    value: int | None = strawberry.field(description="The count; null when it is suppressed.")
    suppressed: bool = strawberry.field(
        description="Whether it is: it may be any number, zero and large ones too."
    )


@strawberry.type(description="How many came to an outcome.")
class OutcomeCount(DisclosedCount):
    outcome: ModerationOutcome = strawberry.field(description="The outcome.")


@strawberry.type(
    description="What came in in one month of Paris, and what had become of it when the month was "
    "closed, a month after its end. Counted once, then, and never again: what happens later "
    "changes nothing here. A review counts in the network of the structure that it names first."
)
class ModerationFigures:
    month: date = strawberry.field(description="Its first day.")
    network: Network | None = strawberry.field(
        description="The network; null for all networks together."
    )
    received: DisclosedCount = strawberry.field(description="accepted + keptBack.")
    accepted: int = strawberry.field(
        description="Published, or read by those whom it concerns: never suppressed."
    )
    kept_back: DisclosedCount = strawberry.field(description="All others: the sum of `outcomes`.")
    outcomes: list[OutcomeCount] = strawberry.field(
        description="What became of what was kept back: each outcome, once."
    )
