"""Whether a reply helped: what the author of the review says, through their platform."""

from typing import Annotated

import strawberry

from auth import scope
from auth.permissions import Permission
from models import ids
from models.audit import Deed, Place
from models.errors import BadInput, NotFound
from models.reply import Reply
from models.sql import Sql
from models.submission import MAX_STRUCTURES
from models.wall import lifted
from resolvers.context import Info
from resolvers.done import Done
from resolvers.intake import Source, own_source
from resolvers.locked import locked
from resolvers.review_rows import REPLY
from resolvers.rows import select
from resolvers.selection import NOTHING

SourceId = Annotated[
    strawberry.ID, strawberry.argument(description="The identifier of the review at the source.")
]
Position = Annotated[
    int,
    strawberry.argument(description="Which of its structures replied: its `position`, 1 to 3."),
]
Helpful = Annotated[bool, strawberry.argument(description="Whether the reply helped the author.")]


async def rate(
    info: Info, source: Source, source_id: SourceId, position: Position, helpful: Helpful
) -> Done:
    """Take down whether the published reply of one structure helped; the last word counts."""
    viewer = info.context.viewer
    await own_source(source, viewer.account)
    if not 1 <= position <= MAX_STRUCTURES:
        message = "Between {least} and {most} are expected."
        raise BadInput(message, "position", least=1, most=MAX_STRUCTURES)
    published = Sql(
        "p.state = 'published' AND s.position = ? AND s.review_id ="
        " (SELECT r.id FROM review r WHERE r.source = ? AND r.source_id = ?)",
        (position, source, source_id if source_id.isprintable() else ""),
    )
    # A platform brings reviews in and reads none: the gate alone says whose reply it may rate.
    async with lifted():
        scoped = scope.replies_to(viewer, Permission.INTAKE).narrow(where=[published])
        found = await select(REPLY, scoped, NOTHING)
        if not found:
            message = "There is no published reply of that structure within your scope."
            raise NotFound(message, "sourceId")
        reply = await locked(Reply, REPLY, scoped, found[0].key, "sourceId")
        structure = await reply.structure
        await reply.rate(helpful=helpful)
    facts = {
        "structure": ids.encode("ReviewStructure", structure.id),
        "review": ids.encode("Review", structure.review_id),
        "helpful": helpful,
    }
    deed = Deed("reply.rated", ids.encode("Reply", reply.id), Place.of(structure), facts)
    return Done(deed, told={"helpful": helpful})
