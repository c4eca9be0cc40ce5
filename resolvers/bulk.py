"""One same reply to several reviews: only where the network allows it."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from models import ids
from models.audit import Deed
from models.errors import BadInput, BulkNotAllowed, Refusal
from models.network import Network
from models.reply import ReplyText
from models.review import ReviewStructure
from resolvers.context import Info
from resolvers.done import Done
from resolvers.replies import Accept, Body, Greeting, Signature, answerable, at_once

MAX_REPLIES = 50

StructureIds = Annotated[
    list[strawberry.ID],
    strawberry.argument(
        description=f"Ids of 1 to {MAX_REPLIES} `ReviewStructure`s that reply, each once."
    ),
]


async def reply(
    info: Info,
    ids: StructureIds,
    body: Body,
    greeting: Greeting = None,
    signature: Signature = None,
    accept_findings: Accept = False,
) -> Done:
    """Publish the same reply for each structure; each is accepted or refused by itself."""
    if not 1 <= len(ids) <= MAX_REPLIES or len(set(ids)) < len(ids):
        message = "Between {least} and {most} are expected, each once."
        raise BadInput(message, "ids", least=1, most=MAX_REPLIES)
    words = ReplyText.of(body, greeting, signature)
    words.confirm(accepted=accept_findings)
    found = await _answerable(info, ids)
    await _allowed([one for one in found.values() if isinstance(one, ReviewStructure)])
    results, deeds = list[dict[str, Any]](), list[Deed]()
    for given in ids:
        result: dict[str, Any] = dict.fromkeys(_RESULT) | {"structure_id": given}
        try:
            one = found[given]
            if isinstance(one, Refusal):
                raise one
            done = await at_once(info, one, words, accepted=accept_findings)
            deeds += done.deeds
            result["reply_id"] = done.deeds[0].subject
        except Refusal as refusal:
            message = info.context.sentence(refusal)
            result |= {"code": refusal.code, "message": message}
        results.append(result)
    return Done(*deeds, told={"results": results})


_RESULT = ("structure_id", "reply_id", "code", "message")


async def _answerable(info: Info, given: Sequence[str]) -> dict[str, ReviewStructure | Refusal]:
    """Each structure that is named, or why it is not the viewer's to answer.

    They are locked in one same order, whatever the order given: two who do this at once wait.
    """
    found: dict[str, ReviewStructure | Refusal] = {}
    for one in sorted(given, key=_place):
        try:
            found[one] = await answerable(info, one)
        except Refusal as refusal:
            found[one] = refusal
    return found


def _place(global_id: str) -> tuple[int, str]:
    try:
        return ids.decode(global_id)[1], global_id
    except ids.BadId:
        return 0, global_id


async def _allowed(structures: Sequence[ReviewStructure]) -> None:
    keys = {one.network_id for one in structures}
    if await Network.exists(id__in=[*keys], bulk_replies=False):
        message = "This network wants each review answered by itself."
        raise BulkNotAllowed(message, "ids")
