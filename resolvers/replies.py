"""Replies: what a local office answers, for its own part of a review."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from auth import scope
from auth.permissions import Permission
from models import ids
from models.audit import Deed, Place
from models.errors import AlreadyWithdrawn, StaleVersion, ValidationRequired
from models.network import Network
from models.reply import (
    MAX_LINE,
    MAX_NOTE,
    MAX_REPLY_LENGTH,
    Reply,
    ReplyState,
    ReplyText,
)
from models.review import ReviewStructure
from models.sql import Sql
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.review_rows import LATE_EDIT, REPLY, REPLY_VERSION, STRUCTURE
from resolvers.rows import Row, select
from resolvers.selection import NOTHING, Selection, selected

StructureId = Annotated[
    strawberry.ID, strawberry.argument(description="Id of the `ReviewStructure` that replies.")
]
ReplyId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Reply`.")]
Body = Annotated[
    str,
    strawberry.argument(
        description=f"What is answered, in public: 1 to {MAX_REPLY_LENGTH} characters of plain "
        "text. Sign by function, never by name."
    ),
]
Greeting = Annotated[
    str | None,
    strawberry.argument(
        description=f'How it begins ("Bonjour,"): a line of at most {MAX_LINE} characters.'
    ),
]
Signature = Annotated[
    str | None,
    strawberry.argument(
        description="How it is signed, by function and never by a person's name: a line of at "
        f"most {MAX_LINE} characters."
    ),
]
Note = Annotated[
    str,
    strawberry.argument(description=f"What is to be changed: 1 to {MAX_NOTE} characters."),
]
ExpectedVersion = Annotated[
    int,
    strawberry.argument(
        description="The `version` that was read: a reply that changed since is left alone."
    ),
]
Accept = Annotated[
    bool,
    strawberry.argument(
        description="Whether it may be public although it seems to name someone: see `findings`."
    ),
]


async def reply(
    info: Info,
    id: StructureId,  # noqa: A002  (its name in the API)
    body: Body,
    greeting: Greeting = None,
    signature: Signature = None,
    accept_findings: Accept = False,
) -> Done:
    """Write and publish a reply at once, where the network does not validate."""
    structure = await answerable(info, id)
    words = ReplyText.of(body, greeting, signature)
    return await at_once(info, structure, words, accepted=accept_findings)


async def draft(
    info: Info,
    id: StructureId,  # noqa: A002  (its name in the API)
    body: Body,
    greeting: Greeting = None,
    signature: Signature = None,
) -> Done:
    """Begin a reply that only those who write or validate it see."""
    structure = await answerable(info, id)
    words = ReplyText.of(body, greeting, signature)
    made = await Reply.draft(structure, words, by=info.context.viewer.account)
    return _changed("reply.drafted", made, structure)


async def edit(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    body: Body,
    expected_version: ExpectedVersion,
    greeting: Greeting = None,
    signature: Signature = None,
    accept_findings: Accept = False,
) -> Done:
    """Put other words in place of those of a reply; those that come too late are kept aside."""
    found, structure = await _found(info, id, Permission.REPLY)
    public = found.state is ReplyState.PUBLISHED
    if public and await _validates(structure):
        # It would be read by all at once: only those who may validate change it.
        await _found(info, id, Permission.VALIDATE)
    words, by = ReplyText.of(body, greeting, signature), info.context.viewer.account
    try:
        await found.edit(words, by=by, expected_version=expected_version, accepted=accept_findings)
    except (StaleVersion, AlreadyWithdrawn) as late:
        await found.set_aside(words, by=by, read=expected_version)
        return Done(*_changed("reply.edited_late", found, structure).deeds, refused=late)
    return _changed("reply.edited" if public else "reply.redrafted", found, structure)


async def submit(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Ask for a draft to be validated."""
    found, structure = await _found(info, id, Permission.REPLY)
    await found.submit(by=info.context.viewer.account, expected_version=expected_version)
    return _changed("reply.submitted", found, structure)


async def validate(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Find a reply good that someone else wrote."""
    found, structure = await _found(info, id, Permission.VALIDATE)
    await found.validate(by=info.context.viewer.account, expected_version=expected_version)
    return _changed("reply.validated", found, structure)


async def give_back(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    note: Note,
    expected_version: ExpectedVersion,
) -> Done:
    """Give a reply back to those who write it, and say why."""
    found, structure = await _found(info, id, Permission.VALIDATE)
    by = info.context.viewer.account
    await found.give_back(note, by=by, expected_version=expected_version)
    return _changed("reply.returned", found, structure)


async def publish(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    accept_findings: Accept = False,
) -> Done:
    """Let all read a reply."""
    found, structure = await _found(info, id, Permission.REPLY)
    await found.publish(
        by=info.context.viewer.account,
        expected_version=expected_version,
        validated=await _validates(structure),
        accepted=accept_findings,
    )
    return _changed("reply.published", found, structure)


async def withdraw(
    info: Info,
    id: ReplyId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Take a reply back, or give a draft up."""
    found, structure = await _found(info, id, Permission.REPLY)
    public = found.state is ReplyState.PUBLISHED
    await found.withdraw(by=info.context.viewer.account, expected_version=expected_version)
    return _changed("reply.withdrawn" if public else "reply.discarded", found, structure)


async def history(info: Info, id: ReplyId) -> Sequence[Row]:  # noqa: A002  (its name in the API)
    """What a reply was after each of its steps, the first one first, and what came too late."""
    of_reply = Sql("v.reply_id = ?", (ids.key_of("Reply", id, "id"),))
    wanted = selected(info) | Selection({"version": NOTHING})
    kept = scope.reply_versions(info.context.viewer).narrow(where=[of_reply])
    rows = await select(REPLY_VERSION, kept, wanted)
    late = scope.late_edits(info.context.viewer).narrow(where=[of_reply])
    aside = await select(LATE_EDIT, late, wanted)
    return sorted([*rows, *aside], key=lambda row: row.version)


async def at_once(
    info: Info, structure: ReviewStructure, words: ReplyText, *, accepted: bool
) -> Done:
    """Publish a reply without a draft before it. Raises ValidationRequired, among others."""
    if await _validates(structure):
        message = "This network validates replies: save a draft and submit it."
        raise ValidationRequired(message, "id")
    by = info.context.viewer.account
    made = await Reply.draft(structure, words, by=by)
    await made.publish(by=by, expected_version=made.version, validated=False, accepted=accepted)
    return _changed("reply.published", made, structure)


async def answerable(info: Info, global_id: str) -> ReviewStructure:
    """The structure of `global_id`, if its part of the review is the viewer's to answer."""
    key = ids.key_of("ReviewStructure", global_id, "id")
    scoped = scope.may(info.context.viewer, Permission.REPLY)
    return await locked(ReviewStructure, STRUCTURE, scoped, key)


async def _found(
    info: Info, global_id: str, permission: Permission
) -> tuple[Reply, ReviewStructure]:
    key = ids.key_of("Reply", global_id, "id")
    scoped = scope.replies_to(info.context.viewer, permission)
    found = await locked(Reply, REPLY, scoped, key)
    return found, await found.structure


async def _validates(structure: ReviewStructure) -> bool:
    return (await Network.get(id=structure.network_id)).validates_replies


def _changed(action: str, changed: Reply, structure: ReviewStructure) -> Done:
    facts = {
        "structure": ids.encode("ReviewStructure", structure.id),
        "review": ids.encode("Review", structure.review_id),
        "version": changed.version,
    }
    deed = Deed(action, ids.encode("Reply", changed.id), Place.of(structure), facts)
    return Done(deed, structure=structure.id, reply=changed.id)
