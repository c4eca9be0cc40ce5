"""What hurts: where negative reviews come from, what is too hard, what waits too long."""

from datetime import date

import strawberry

from resolvers.names import Axis
from schema.estimate import Estimate
from schema.office import Office
from schema.procedure import Procedure
from schema.report import Document, ReportsByReason, ReportsByState


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


@strawberry.type(description="A document of which reports say that it is too hard to understand.")
class ReportedDocument:
    document: Document = strawberry.field(description="The document.")
    reports: int = strawberry.field(
        description="Triaged reports of it that came in over the period and the viewer may read."
    )
    by_state: list[ReportsByState] = strawberry.field(description="How many stand where.")
    by_reason: list[ReportsByReason] = strawberry.field(description="How many for which reason.")


@strawberry.type(
    description="Replies that are overdue, and how many would be if all were as in the networks as "
    "wholes. They are those of `overdue: true` in the inbox: not given by the end of `dueAt`."
)
class Lateness:
    late: int = strawberry.field(description="Reviews that wait, once for each structure.")
    due: int = strawberry.field(description="All that a reply was due to, given or not.")
    share: Estimate | None = strawberry.field(
        description="late / due, with its Wilson score interval (Wilson 1927)."
    )
    expected: float = strawberry.field(
        description="Sum over networks of due * (late / due of the whole network)."
    )
    excess: float = strawberry.field(description="late - expected.")
    significant: bool | None = strawberry.field(
        description="Whether the share differs from that of the rest of the networks by more than "
        "chance explains (two-proportion z test, 5%); null where it can't be told."
    )
    oldest: date | None = strawberry.field(
        description="When what waits longest was published; null where nothing does."
    )


@strawberry.type(description="An office whose replies are overdue.")
class OverdueOffice(Lateness):
    office: Office = strawberry.field(description="The office.")


@strawberry.type(description="What is overdue, and where.")
class Overdue(Lateness):
    offices: list[OverdueOffice] = strawberry.field(
        description="Offices, the one with the most first."
    )


@strawberry.type(
    description="What explains negative reviews best, what documents are too hard, and what "
    "waits too long. The networks that it is compared with are "
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
    documents: list[ReportedDocument] = strawberry.field(
        description="Documents, the most reported first; none for those who may not read "
        "verbatims, nor with `channels`, as a report names none."
    )
    overdue: Overdue = strawberry.field(
        description="Replies that are overdue, to reviews published over the period."
    )
