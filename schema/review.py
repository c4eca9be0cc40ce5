"""Reviews, the structures they concern, and their replies."""

from datetime import date, datetime

import strawberry

from resolvers.names import Channel, ReplyState, ReplyStep, Sentiment
from schema.finding import Finding
from schema.node import Node
from schema.office import Department, Network, Office
from schema.procedure import Procedure
from schema.work import Improvement, StructureTag, Transfer


@strawberry.type(description="What a structure answered, in public.")
class Reply(Node):
    state: ReplyState = strawberry.field(description="How far it has come.")
    steps: list[ReplyStep] = strawberry.field(
        description="What can be done with it in this state, by those who may."
    )
    greeting: str = strawberry.field(description='How it begins ("Bonjour,"); may be empty.')
    body: str = strawberry.field(description="Its text.")
    signature: str = strawberry.field(
        description="How it is signed, by function; empty where it is not."
    )
    helpful: bool | None = strawberry.field(
        description="Whether the author of the review found it helpful; null until they say."
    )
    findings: list[Finding] = strawberry.field(
        description="What seems to name someone, or to tell a number of theirs, and should not be "
        "public by accident: publishing it then asks for `acceptFindings`."
    )
    published_at: datetime | None = strawberry.field(
        description="When it was published; null where the source does not say."
    )
    edited_at: datetime | None = strawberry.field(description="When it was last changed.")
    version: int = strawberry.field(
        description="Goes up by one with each change: give it as `expectedVersion`."
    )


@strawberry.type(description="A reply after one of its steps: nothing that was written is lost.")
class ReplyVersion:
    version: int = strawberry.field(
        description="Which version it made of the reply; of what came late, the one that was read."
    )
    step: str = strawberry.field(
        description="`draft`, a `ReplyStep` in lower case, `import` for what came from "
        "elsewhere, or `late` for words that were refused with STALE_VERSION or "
        "ALREADY_WITHDRAWN: they changed nothing, and are kept."
    )
    state: ReplyState = strawberry.field(description="How far the reply was after it.")
    greeting: str = strawberry.field(description="How it began.")
    body: str = strawberry.field(description="Its text.")
    signature: str = strawberry.field(description="How it was signed.")
    note: str = strawberry.field(description="What was said when giving it back; else empty.")
    at: datetime = strawberry.field(description="When that was.")
    by: strawberry.ID | None = strawberry.field(
        description="Id of the `Account` that did it; null where it came from elsewhere."
    )


@strawberry.type(description="What a review says on the five general tags; null where nothing.")
class ReviewAxes:
    accessibility: Sentiment | None = strawberry.field(description='"Accessibilité".')
    information: Sentiment | None = strawberry.field(description='"Information / explication".')
    relation: Sentiment | None = strawberry.field(description='"Relation".')
    responsiveness: Sentiment | None = strawberry.field(description='"Réactivité".')
    simplicity: Sentiment | None = strawberry.field(description='"Simplicité / complexité".')


@strawberry.type(description="What the viewer may do with a structure's part of a review.")
class StructureRights:
    reply: bool = strawberry.field(
        description="Whether it is the viewer's to answer: to reply, edit and withdraw."
    )
    validate: bool = strawberry.field(
        description="Whether replies for it are the viewer's to validate."
    )
    transfer: bool = strawberry.field(
        description="Whether it is the viewer's to move to another structure."
    )
    assign: bool = strawberry.field(description="Whether they may say who is to answer.")
    move: bool = strawberry.field(
        description="Whether they may let an office below it answer, now: it has not answered, and "
        "no request for a transfer is open."
    )
    request_transfer: bool = strawberry.field(
        description="Whether they may ask for a transfer, now."
    )
    comment: bool = strawberry.field(
        description="Whether they may comment on the review, and read comments."
    )


@strawberry.type(
    description="One of the one to three structures that a review concerns. Each replies for "
    "itself, and everyone in whose scope one of them lies sees them all."
)
class ReviewStructure(Node):
    position: int = strawberry.field(description="1, 2 or 3: the order in which they are named.")
    network: Network = strawberry.field(description="The network concerned.")
    office: Office | None = strawberry.field(
        description="The office concerned; a review may name a network only."
    )
    department: Department | None = strawberry.field(description="Where the office is.")
    received_name: str | None = strawberry.field(
        description="The structure's name as it was received."
    )
    channels: list[Channel] = strawberry.field(description="How the user met it.")
    answered: bool = strawberry.field(description="Whether it has answered.")
    replied_at: datetime | None = strawberry.field(
        description="When it replied; null too where the source says answered but not when."
    )
    reply: Reply | None = strawberry.field(description="Its published reply.")
    draft: Reply | None = strawberry.field(
        description="A reply that is not published yet; null too for those who neither write nor "
        "validate it."
    )
    due_at: datetime = strawberry.field(
        description="Until when a reply is in time: the end, in Paris, of as many days after the "
        "day of publication as its network says."
    )
    overdue: bool = strawberry.field(description="Whether a reply is due and was not given.")
    assignee: strawberry.ID | None = strawberry.field(
        description="Id of the `Account` that is to answer; null where nobody is, and for those "
        "who do not work there."
    )
    tags: list[StructureTag] = strawberry.field(
        description="The business tags of its network on it; none for those who do not read for it."
    )
    improvements: list[Improvement] = strawberry.field(
        description="What it makes better because of it; none for those who do not read for it."
    )
    open_transfer: Transfer | None = strawberry.field(
        description="The request to let another place answer that waits for the national team; "
        "null too for those who may not transfer it."
    )
    version: int = strawberry.field(
        description="Goes up by one when it is assigned, tagged or moved: give it as "
        "`expectedVersion`."
    )
    viewer_can: StructureRights = strawberry.field(
        description="What the viewer may do with it: a client need not guess."
    )


@strawberry.type(description='An experience that a user told of public services ("expérience").')
class Review(Node):
    source: str = strawberry.field(description="The platform it came from.")
    source_id: str = strawberry.field(description="Its identifier there (`id_experience`).")
    title: str = strawberry.field(description="Its title, in plain text.")
    description: str = strawberry.field(description="What the user tells, in plain text.")
    sentiment: Sentiment = strawberry.field(description="What the user felt.")
    written_on: date | None = strawberry.field(description="The day it was written.")
    published_at: datetime = strawberry.field(
        description="When it was published; midnight in Paris where only the day is known."
    )
    posted_as: str | None = strawberry.field(description="In which capacity the user writes.")
    country: str | None = strawberry.field(description="The user's country.")
    postal_code: str | None = strawberry.field(description="The user's postal code.")
    improvement: str | None = strawberry.field(
        description='Whether the service sees something to improve ("amélioration à considérer").'
    )
    action: str | None = strawberry.field(description="What the service did about it.")
    version: int = strawberry.field(
        description="Goes up by one with each redaction: give it as `expectedVersion`."
    )
    redacted: bool = strawberry.field(
        description="Whether words were taken out since it was published."
    )
    axes: ReviewAxes = strawberry.field(description="What it says on the general tags.")
    procedure: Procedure | None = strawberry.field(
        description="The procedure that it is about; null where none is named."
    )
    structures: list[ReviewStructure] = strawberry.field(
        description="The structures it concerns, in the order they are named."
    )
