"""Templates of replies."""

import strawberry

from schema.node import Node
from schema.office import Department, Network, Office
from schema.payloads import Payload


@strawberry.type(description="The words of a template, filled in for a review.")
class RenderedReply:
    greeting: str = strawberry.field(description="How it begins.")
    body: str = strawberry.field(description="Its text.")
    signature: str = strawberry.field(description="How it is signed.")


@strawberry.type(description="Words for replies that are said often.")
class ReplyTemplate(Node):
    name: str = strawberry.field(description="What it is called.")
    network: Network = strawberry.field(description="Whose it is.")
    department: Department | None = strawberry.field(
        description="The department in which it is used; null for all of the network."
    )
    office: Office | None = strawberry.field(
        description="The office that uses it, with those below; null for all of the network."
    )
    greeting: str = strawberry.field(description="How it begins, with placeholders.")
    body: str = strawberry.field(description="Its text, with placeholders.")
    signature: str = strawberry.field(description="How it is signed, with placeholders.")
    rendered: RenderedReply | None = strawberry.field(
        description="Its words for the structure that was named, to begin a draft with; null "
        "where none was."
    )
    version: int = strawberry.field(
        description="Goes up by one with each change: give it as `expectedVersion`."
    )


@strawberry.type(description="A template that was made or changed, or why not.")
class ReplyTemplatePayload(Payload):
    template: ReplyTemplate | None = strawberry.field(
        description="The template; null when refused."
    )


@strawberry.type(description="A template that is kept no more, or why it is.")
class ReplyTemplateRemovePayload(Payload):
    removed_id: strawberry.ID | None = strawberry.field(
        description="The id it had; null when refused."
    )
