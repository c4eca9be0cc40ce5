"""Procedures: what users do with public services."""

from datetime import datetime

import strawberry

from schema.node import Node
from schema.office import Network


@strawberry.type(description='What users do with public services ("démarche").')
class Procedure(Node):
    code: str = strawberry.field(description="Its code, which stays.")
    name: str = strawberry.field(description="What it is called.")
    url: str | None = strawberry.field(description="Where it is done or explained.")
    networks: list[Network] = strawberry.field(description="The networks it goes through, by name.")
    closed_at: datetime | None = strawberry.field(
        description="When it was closed; null while it is open."
    )
