"""Reviews on their way to publication."""

from datetime import date, datetime

import strawberry

from resolvers.names import (
    Channel,
    EntryMode,
    RejectReason,
    Sentiment,
    SubmissionState,
    SubmissionStep,
)
from schema.finding import Finding
from schema.node import Node
from schema.procedure import Procedure
from schema.review import ReviewAxes


@strawberry.type(description="A structure that a submission concerns.")
class ConcernedStructure:
    network_code: str = strawberry.field(description="Code of the network.")
    department_code: str | None = strawberry.field(description="Code of the department.")
    office_id: strawberry.ID | None = strawberry.field(description="Id of the `Office`.")
    received_name: str | None = strawberry.field(description="Its name as it was received.")
    channels: list[Channel] = strawberry.field(description="How the user met it.")


@strawberry.type(
    description="A review on its way to publication: for moderators, and for whoever brought it in."
)
class Submission(Node):
    source: str = strawberry.field(description="The platform it came from.")
    source_id: str = strawberry.field(description="Its identifier there.")
    entry: EntryMode = strawberry.field(description="How it came in.")
    state: SubmissionState = strawberry.field(description="Where it stands.")
    steps: list[SubmissionStep] = strawberry.field(
        description="What can be done with it in this state, by those who may."
    )
    title: str = strawberry.field(description="Its title, as it was received.")
    description: str = strawberry.field(description="What it tells, as it was received.")
    sentiment: Sentiment = strawberry.field(description="What the user felt.")
    axes: ReviewAxes = strawberry.field(description="What it says on the general tags.")
    written_on: date | None = strawberry.field(description="The day it was written.")
    posted_as: str | None = strawberry.field(description="In which capacity the user writes.")
    country: str | None = strawberry.field(description="The user's country.")
    postal_code: str | None = strawberry.field(description="The user's postal code.")
    procedure: Procedure | None = strawberry.field(
        description="The procedure that it is about; null where none is named."
    )
    structures: list[ConcernedStructure] = strawberry.field(
        description="The structures it concerns, in the order they are named."
    )
    findings: list[Finding] = strawberry.field(
        description="What the rules propose to look at: names, addresses, numbers, insults."
    )
    reason: RejectReason | None = strawberry.field(description="Why it is not published.")
    note: str = strawberry.field(description="A word on it for the record.")
    version: int = strawberry.field(
        description="Goes up by one with each step: give it as `expectedVersion`."
    )
    submitted_at: datetime = strawberry.field(description="When it came in.")
    submitted_by: strawberry.ID | None = strawberry.field(
        description="Id of the `Account` that brought it in."
    )
    decided_at: datetime | None = strawberry.field(description="When it was decided.")
    review_id: strawberry.ID | None = strawberry.field(
        description="Id of the `Review` that was published of it."
    )


@strawberry.type(description="What became of one review that was handed over.")
class SubmissionResult:
    source_id: strawberry.ID = strawberry.field(description="Its identifier at the source.")
    status: str | None = strawberry.field(
        description="`accepted`, or `unchanged` where it was known; null when refused."
    )
    submission_id: strawberry.ID | None = strawberry.field(
        description="Id of the `Submission`; null when refused."
    )
    code: str | None = strawberry.field(description="Why it was refused: see docs/errors.md.")
    message: str | None = strawberry.field(description="The same as a sentence for people.")
    field: list[str] | None = strawberry.field(
        description="Path of the argument at fault, outermost first."
    )
