"""What those who work on a review tell each other."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from auth import accounts, scope
from models import ids
from models.account import Account
from models.audit import Deed
from models.comment import Comment, Mention
from models.errors import BadInput, NotFound
from models.review import Review
from models.said import MAX_SAID
from models.sql import Sql
from models.wall import lifted
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect, whole
from resolvers.review_rows import REVIEW
from resolvers.reviews import with_reviews
from resolvers.routing import ExpectedVersion
from resolvers.rows import Row, select
from resolvers.selection import NOTHING, Selection, selected
from resolvers.work_rows import COMMENT, MENTION

MAX_MENTIONS = 20
ORDER = Order("comment", Sql("c.id"), "c.id", parse=whole)

ReviewId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Review`.")]
CommentId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Comment`.")]
Body = Annotated[
    str, strawberry.argument(description=f"What is said: 1 to {MAX_SAID} characters of plain text.")
]
Mentions = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(
        description=f"Ids of the accounts it calls, which see the review: at most {MAX_MENTIONS}."
    ),
]


async def add(
    info: Info,
    id: ReviewId,  # noqa: A002  (its name in the API)
    body: Body,
    mentions: Mentions = None,
) -> Done:
    """Say something to those who work on a review."""
    key, me = ids.key_of("Review", id, "id"), info.context.viewer.account
    await locked(Review, REVIEW, scope.worked_reviews(info.context.viewer), key)
    made = await Comment.add(key, body, await _called(key, mentions), by=me)
    return Done(_deed("comment.added", made), comment=made.id)


async def edit(
    info: Info,
    id: CommentId,  # noqa: A002  (its name in the API)
    body: Body,
    expected_version: ExpectedVersion,
    mentions: Mentions = None,
) -> Done:
    """Say one's own comment otherwise."""
    found = await _own(info, id)
    called = await _called(found.review_id, mentions)
    await found.edit(body, called, expected_version=expected_version)
    return Done(_deed("comment.edited", found), comment=found.id)


async def remove(
    info: Info,
    id: CommentId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Take one's own comment back."""
    found = await _own(info, id)
    deed = _deed("comment.removed", found)
    await found.remove(expected_version=expected_version)
    return Done(deed, told={"removed_id": id})


async def read(info: Info, id: CommentId) -> Done:  # noqa: A002  (its name in the API)
    """Have read a comment that mentions one."""
    key = ids.key_of("Comment", id, "id")
    await locked(Comment, COMMENT, scope.comments(info.context.viewer), key)
    await Mention.read(key, by=info.context.viewer.account)
    return Done(comment=key)


async def listing(
    info: Info,
    review: ReviewId,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """The comments on a review, the first one first."""
    of = Sql("c.review_id = ?", (ids.key_of("Review", review, "review"),))
    return await _page(info, [of], Page(first, after, last, before))


async def mentioned(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """The comments that mention the viewer, who has not read them; the first one first."""
    text = (
        "SELECT 1 FROM mention i"
        " WHERE i.comment_id = c.id AND i.account_id = ? AND i.read_at IS NULL"
    )
    unread = Sql(f"EXISTS ({text})", (info.context.viewer.account,))
    return await _page(info, [unread], Page(first, after, last, before))


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The comment of `key`, if it is in scope."""
    scoped = scope.comments(info.context.viewer).narrow(where=[Sql("c.id = ?", (key,))])
    rows = await select(COMMENT, scoped, selection)
    await _finish(info, rows, selection)
    return next(iter(rows), None)


async def _page(info: Info, met: Sequence[Sql], page: Page) -> Connection:
    async def finish(rows: Sequence[Row], wanted: Selection) -> None:
        await _finish(info, rows, wanted)

    scoped = scope.comments(info.context.viewer).narrow(where=met)
    return await connect(COMMENT, scoped, selected(info), ORDER, page, finish)


async def _finish(info: Info, rows: Sequence[Row], wanted: Selection) -> None:
    await with_reviews(info, rows, wanted)
    if "mentions" not in wanted or not rows:
        return
    among = Sql("i.comment_id IN ??", ([row.key for row in rows],))
    scoped = scope.mentions(info.context.viewer).narrow(where=[among])
    found = await select(MENTION, scoped, _OF)
    for row in rows:
        called = [one for one in found if one.comment_key == row.key]
        row.mentions = [one.account for one in sorted(called, key=lambda one: one.key)]


_OF = Selection({"account": NOTHING, "commentKey": NOTHING})


async def _called(review: int, mentions: Sequence[str] | None) -> list[int]:
    """The keys of the accounts that are mentioned. Raises NotFound for one that sees nothing."""
    if len(mentions or ()) > MAX_MENTIONS:
        raise BadInput("At most {most} values.", "mentions", most=MAX_MENTIONS)
    keys = [ids.key_of("Account", one, "mentions") for one in dict.fromkeys(mentions or ())]
    for key in keys:
        async with lifted():
            found = await Account.get_or_none(id=key, deactivated_at=None)
            viewer = await accounts.held_by(found) if found else None
        of = Sql("r.id = ?", (review,))
        if viewer is None or not await select(
            REVIEW, scope.worked_reviews(viewer).narrow(where=[of]), NOTHING
        ):
            message = "This account does not see the review: mention someone who does."
            raise NotFound(message, "mentions")
    return keys


def _deed(action: str, found: Comment) -> Deed:
    facts = {"review": ids.encode("Review", found.review_id), "version": found.version}
    return Deed(action, ids.encode("Comment", found.id), facts=facts)


async def _own(info: Info, global_id: str) -> Comment:
    key = ids.key_of("Comment", global_id, "id")
    return await locked(Comment, COMMENT, scope.own_comments(info.context.viewer), key)
