"""What is taken out in bulk."""

from datetime import datetime

import strawberry

from resolvers.names import ExportFault, ExportFormat, ExportKind, ExportState, ExportStep
from schema.node import Node
from schema.payloads import Payload


@strawberry.type(description="A file of what one may read, which the worker writes.")
class Export(Node):
    kind: ExportKind = strawberry.field(description="What it holds.")
    format: ExportFormat = strawberry.field(description="Which kind of file it is.")
    state: ExportState = strawberry.field(description="How far it has come.")
    steps: list[ExportStep] = strawberry.field(
        description="What can be done with it in this state."
    )
    fault: ExportFault | None = strawberry.field(description="Why it failed, if it did.")
    rows: int = strawberry.field(description="Rows written so far.")
    total: int | None = strawberry.field(
        description="Rows there will be; null until they are counted."
    )
    size: str | None = strawberry.field(
        description="Bytes of the file, as a decimal number; null until it is ready."
    )
    sha256: str | None = strawberry.field(
        description="SHA-256 of the file, in hexadecimal; null until it is ready."
    )
    url: str | None = strawberry.field(
        description="Path on this service at which the file is fetched, with the same credentials; "
        "null unless it is ready."
    )
    version: int = strawberry.field(
        description="Goes up by one with each step: give it as `expectedVersion`."
    )
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(
        description="When it became ready, failed or was cancelled."
    )
    expires_at: datetime | None = strawberry.field(description="Until when it may be fetched.")


@strawberry.type(description="An export that was asked for or given up, or why not.")
class ExportPayload(Payload):
    export: Export | None = strawberry.field(description="The export; null when refused.")
