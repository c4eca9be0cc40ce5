"""Reports of documents that are hard to understand, and the documents they gather on."""

from datetime import datetime

import strawberry

from resolvers.names import (
    DiffOp,
    EntryMode,
    MediaType,
    RejectReason,
    ReportReason,
    ReportState,
    ReportStep,
)
from schema.finding import Finding
from schema.node import Node
from schema.office import Department, Network, Office
from schema.payloads import Payload
from schema.procedure import Procedure


@strawberry.type(description="How many reports of a document stand somewhere.")
class ReportsByState:
    state: ReportState = strawberry.field(description="Where they stand.")
    reports: int = strawberry.field(description="How many.")


@strawberry.type(description="How many reports of a document are for a reason.")
class ReportsByReason:
    reason: ReportReason = strawberry.field(description="The reason.")
    reports: int = strawberry.field(description="How many.")


@strawberry.type(
    description="A document that was reported. Reports of one network are of the same document "
    "when they share the form number, else the address, else the title; only triaged reports that "
    "the viewer may read count."
)
class Document(Node):
    title: str = strawberry.field(description="What the first of its reports called it.")
    form_number: str | None = strawberry.field(
        description="Number of the form, without the revision of a Cerfa."
    )
    url: str | None = strawberry.field(description="Where it is.")
    network: Network = strawberry.field(description="The network it is of.")
    reports: int = strawberry.field(description="How many reports of it there are.")
    by_state: list[ReportsByState] = strawberry.field(description="How many stand where.")
    by_reason: list[ReportsByReason] = strawberry.field(description="How many for which reason.")


@strawberry.type(description="A file that came with a report.")
class Attachment:
    id: strawberry.ID = strawberry.field(description="Its id.")
    url: str = strawberry.field(description="The path at which it is, for who may read the report.")
    media_type: MediaType = strawberry.field(description="What it is, by its content.")
    size: int = strawberry.field(description="Bytes.")
    sha256: str = strawberry.field(description="SHA-256 of its bytes, in hexadecimal.")


@strawberry.type(description="A piece of what was rewritten.")
class DiffPiece:
    op: DiffOp = strawberry.field(description="What became of it.")
    text: str = strawberry.field(description="Its words, with the blanks that follow.")


@strawberry.type(description="What the viewer may do with a document report.")
class ReportRights:
    rewrite: bool = strawberry.field(
        description="Whether it is the viewer's to acknowledge, rewrite for or decline."
    )
    triage: bool = strawberry.field(description="Whether it is the viewer's to accept or reject.")


@strawberry.type(
    description='A report that a document is too hard to understand ("signalement"). Before '
    "triage it is for moderators, and for whoever brought it in."
)
class DocumentReport(Node):
    source: str = strawberry.field(description="The platform it came from.")
    source_id: str = strawberry.field(description="Its identifier there.")
    entry: EntryMode = strawberry.field(description="How it came in.")
    state: ReportState = strawberry.field(description="How far it has come.")
    steps: list[ReportStep] = strawberry.field(
        description="What can be done with it in this state, by those who may."
    )
    document: Document | None = strawberry.field(
        description="The document, once triage has let it through."
    )
    title: str = strawberry.field(description="What the user calls the document.")
    form_number: str | None = strawberry.field(
        description="Number of the form, without the revision of a Cerfa."
    )
    url: str | None = strawberry.field(description="Where the document is.")
    passage: str = strawberry.field(description="The passage that is hard.")
    suggestion: str = strawberry.field(description="What the user suggests; may be empty.")
    reason: ReportReason = strawberry.field(description="What makes it hard.")
    network: Network = strawberry.field(description="The network that it concerns.")
    department: Department | None = strawberry.field(description="The department, if any.")
    office: Office | None = strawberry.field(description="The office, if any.")
    procedure: Procedure | None = strawberry.field(
        description="The procedure that it belongs to; null where none is named."
    )
    attachment: Attachment | None = strawberry.field(description="The file that came with it.")
    findings: list[Finding] = strawberry.field(
        description="What the rules propose to look at in `title`, `passage` and `suggestion`."
    )
    reject_reason: RejectReason | None = strawberry.field(
        description="Why the national team let it not through."
    )
    note: str = strawberry.field(description="A word on it, or why the document stays as it is.")
    before: str | None = strawberry.field(description="What stood there before it was rewritten.")
    after: str | None = strawberry.field(description="What was written in its place.")
    diff: list[DiffPiece] | None = strawberry.field(
        description="What stayed, went and came, word by word; null until it is rewritten."
    )
    readability_before: int | None = strawberry.field(
        description="A hint at how easily the passage reads: the index of Kandel and Moles, 0 "
        "(hard) to 100 (easy); null up to 100 words."
    )
    readability_after: int | None = strawberry.field(description="The same of what was written.")
    version: int = strawberry.field(
        description="Goes up by one with each step: give it as `expectedVersion`."
    )
    submitted_at: datetime = strawberry.field(description="When it came in.")
    submitted_by: strawberry.ID | None = strawberry.field(
        description="Id of the `Account` that brought it in."
    )
    viewer_can: ReportRights = strawberry.field(
        description="What the viewer may do with it: a client need not guess."
    )


@strawberry.type(description="A step of a document report.")
class ReportVersion:
    version: int = strawberry.field(description="Which version it made of the report.")
    step: str = strawberry.field(description="`bring`, or a `ReportStep` in lower case.")
    state: ReportState = strawberry.field(description="How far the report was after it.")
    at: datetime = strawberry.field(description="When that was.")
    by: strawberry.ID | None = strawberry.field(description="Id of the `Account` that did it.")


@strawberry.type(description="What became of one report that was handed over.")
class ReportResult:
    source_id: strawberry.ID = strawberry.field(description="Its identifier at the source.")
    status: str | None = strawberry.field(
        description="`accepted`, or `unchanged` where it was known; null when refused."
    )
    report_id: strawberry.ID | None = strawberry.field(
        description="Id of the `DocumentReport`; null when refused."
    )
    code: str | None = strawberry.field(description="Why it was refused: see docs/errors.md.")
    message: str | None = strawberry.field(description="The same as a sentence for people.")
    field: list[str] | None = strawberry.field(
        description="Path of the argument at fault, outermost first."
    )


@strawberry.type(description="A document report that was changed, or why not.")
class ReportPayload(Payload):
    report: DocumentReport | None = strawberry.field(description="The report; null when refused.")


@strawberry.type(description="What became of reports that were handed over, or why nothing did.")
class ReportsPayload(Payload):
    results: list[ReportResult] | None = strawberry.field(
        description="One for each report, in the order given; null when all were refused."
    )


@strawberry.type(description="What was received of a report, or why it is not told.")
class ReportOriginalPayload(Payload):
    received: str | None = strawberry.field(
        description="The texts as they were received, as JSON; null when refused, and under an "
        "idempotency key that was used."
    )
    report: DocumentReport | None = strawberry.field(description="The report; null when refused.")
