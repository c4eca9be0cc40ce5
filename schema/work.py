"""Where reviews go, and what those who work on them keep beside them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry
from strawberry.scalars import JSON

from resolvers.names import (
    AccountKind,
    FlagState,
    FlagStep,
    ImprovementState,
    ImprovementStep,
    RejectReason,
    Sentiment,
    TransferState,
    TransferStep,
)
from schema.node import Node
from schema.office import Department, Network, Office

if TYPE_CHECKING:
    from schema.review import Review

ItsReview: TypeAlias = Annotated["Review", strawberry.lazy("schema.review")] | None


@strawberry.type(description="Who may reply for a structure.")
class Colleague:
    id: strawberry.ID = strawberry.field(description="Id of the `Account`.")
    kind: AccountKind = strawberry.field(description="A person or a machine.")
    label: str = strawberry.field(
        description="What it is called: of a person, the address that they sign in with."
    )


@strawberry.type(description="Where something is of concern: a network, or a part of it.")
class ConcernedPlace:
    network: Network = strawberry.field(description="The network.")
    department: Department | None = strawberry.field(description="The department, if any.")
    office: Office | None = strawberry.field(description="The office, if any.")


@strawberry.type(description="That a structure's part of a review went from one place to another.")
class StructureMove:
    origin: ConcernedPlace = strawberry.field(description="Where it was.")
    target: ConcernedPlace = strawberry.field(description="Where it went.")
    reason: str = strawberry.field(description="Why; may be empty.")
    at: datetime = strawberry.field(description="When.")
    by: strawberry.ID | None = strawberry.field(
        description="Id of the `Account` that moved it, or approved that it be moved."
    )


@strawberry.type(
    description="A request to let another place answer: for the national team, and for those who "
    "may transfer where it is asked from."
)
class Transfer(Node):
    state: TransferState = strawberry.field(description="Where it stands.")
    steps: list[TransferStep] = strawberry.field(
        description="What can be done with it in this state, by those who may."
    )
    origin: ConcernedPlace = strawberry.field(description="Where it is asked from.")
    target: ConcernedPlace = strawberry.field(description="Where it is to go.")
    reason: str = strawberry.field(description="Why.")
    note: str = strawberry.field(description="What the national team said on it; may be empty.")
    asked_at: datetime = strawberry.field(description="When it was asked for.")
    asked_by: strawberry.ID | None = strawberry.field(description="Id of the `Account` that asked.")
    decided_at: datetime | None = strawberry.field(description="When it was decided, or cancelled.")
    decided_by: strawberry.ID | None = strawberry.field(
        description="Id of the `Account` that decided, or cancelled, it."
    )
    version: int = strawberry.field(
        description="Goes up by one with each step: give it as `expectedVersion`."
    )
    structure_id: strawberry.ID = strawberry.field(
        description="Id of the `ReviewStructure`, which stays the same wherever it goes."
    )
    review: ItsReview = strawberry.field(
        description="The review; null once no part of it is in scope any more."
    )


@strawberry.type(
    description="A demand to look at a published review again: for the national team, and for "
    "whoever asked."
)
class ReviewFlag(Node):
    state: FlagState = strawberry.field(description="Where it stands.")
    steps: list[FlagStep] = strawberry.field(
        description="What can be done with it in this state, by the national team."
    )
    reason: RejectReason = strawberry.field(description="What is amiss, by the charter.")
    note: str = strawberry.field(description="A word on it; may be empty.")
    answer: str = strawberry.field(description="A word for whoever asked; may be empty.")
    flagged_at: datetime = strawberry.field(description="When it was asked.")
    flagged_by: strawberry.ID | None = strawberry.field(
        description="Id of the `Account` that asked."
    )
    decided_at: datetime | None = strawberry.field(description="When it was decided.")
    version: int = strawberry.field(
        description="Goes up by one with each step: give it as `expectedVersion`."
    )
    review: ItsReview = strawberry.field(
        description="The review; null once it is not published, or not in scope, any more."
    )


@strawberry.type(
    description="A word among those who work on a review: seen by the structures concerned and the "
    "national team, never published, never exported."
)
class Comment(Node):
    body: str = strawberry.field(description="What is said.")
    at: datetime = strawberry.field(description="When.")
    edited_at: datetime | None = strawberry.field(description="When it was last said otherwise.")
    author: strawberry.ID | None = strawberry.field(description="Id of the `Account` that says it.")
    mentions: list[strawberry.ID] = strawberry.field(
        description="Ids of the accounts that it calls."
    )
    version: int = strawberry.field(
        description="Goes up by one with each change: give it as `expectedVersion`."
    )
    review: ItsReview = strawberry.field(description="The review it is on, where one may read it.")


@strawberry.type(description='A subject that a network sorts what it is told by ("étiquette").')
class BusinessTag(Node):
    name: str = strawberry.field(description="What it is called.")
    network: Network = strawberry.field(description="The network it is of.")
    active: bool = strawberry.field(description="Whether it can be put on reviews.")
    version: int = strawberry.field(
        description="Goes up by one with each change: give it as `expectedVersion`."
    )


@strawberry.type(description="A business tag on a structure's part of a review.")
class StructureTag:
    tag: BusinessTag = strawberry.field(description="The tag.")
    polarity: Sentiment = strawberry.field(description="What the user felt of that subject.")


@strawberry.type(
    description="Something that a structure makes better because of what it was told: for those "
    "who read for that structure."
)
class Improvement(Node):
    state: ImprovementState = strawberry.field(description="How far it has come.")
    steps: list[ImprovementStep] = strawberry.field(
        description="What can be done with it in this state, by those who may."
    )
    need: str = strawberry.field(description="What is to be improved.")
    plan: str = strawberry.field(description="What is to be done; empty until it is planned.")
    planned_for: date | None = strawberry.field(description="The day for which it is planned.")
    change: str = strawberry.field(description="What changed; empty until it is made.")
    made_on: date | None = strawberry.field(description="The day since which it is so.")
    why_dropped: str = strawberry.field(description="Why it will not be done; else empty.")
    flagged_at: datetime = strawberry.field(description="When someone saw it.")
    flagged_by: strawberry.ID | None = strawberry.field(description="Id of the `Account` that did.")
    version: int = strawberry.field(
        description="Goes up by one with each step: give it as `expectedVersion`."
    )
    structure_id: strawberry.ID = strawberry.field(description="Id of the `ReviewStructure`.")
    review: ItsReview = strawberry.field(description="The review that told it.")


@strawberry.type(description="A filter of reviews that the viewer keeps under a name.")
class SavedFilter(Node):
    name: str = strawberry.field(description="What it is called.")
    where: JSON = strawberry.field(
        description="Its conditions, ready to be sent as the variable `where` of `reviews`."
    )
    version: int = strawberry.field(
        description="Goes up by one with each change: give it as `expectedVersion`."
    )
