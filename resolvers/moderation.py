"""What the national team decides: what is published, without which words, and what is not."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from auth import scope
from models import ids
from models.audit import Deed, Place
from models.errors import BadInput
from models.redaction import MAX_SPANS, Span
from models.review import Review, ReviewStructure
from models.submission import Submission, SubmissionStep
from models.wall import lifted
from resolvers import flags, intake
from resolvers.context import Info
from resolvers.done import Done
from resolvers.intake import ExpectedVersion, SubmissionId
from resolvers.locked import locked
from resolvers.names import RedactedField, RejectReason
from resolvers.review_rows import REVIEW
from resolvers.submissions import SUBMISSION


@strawberry.input(description="Words to be taken out: code points of a text, counted from 0.")
class RedactionInput:
    field: RedactedField = strawberry.field(description="Of which text.")
    start: int = strawberry.field(description="The first one.")
    end: int = strawberry.field(description="The one after the last.")


Redactions = Annotated[
    list[RedactionInput] | None,
    strawberry.argument(
        description=f"At most {MAX_SPANS} passages to be taken out of each text; `[…]` stands in "
        "their place, and nobody but moderators can read them any more."
    ),
]
Passages = Annotated[
    list[RedactionInput],
    strawberry.argument(
        description=f"1 to {MAX_SPANS} passages of each text, as it is shown now, to be taken out."
    ),
]
Reason = Annotated[RejectReason, strawberry.argument(description="Why, by the charter.")]
Note = Annotated[
    str, strawberry.argument(description="A word on it for the record, at most 1,000 characters.")
]
ReviewId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Review`.")]


async def approve(
    info: Info,
    id: SubmissionId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    redactions: Redactions = None,
) -> Done:
    """Publish a submission, without the words that are redacted."""
    found = await _queued(info, id)
    spans = _spans(redactions or [])
    by = info.context.viewer.account
    async with lifted():
        published = await found.approve(spans, by=by, expected_version=expected_version)
    facts = {"redactions": sum(map(len, spans.values())), "version": found.version}
    own = Deed("submission.approved", ids.encode("Submission", found.id), Place(), facts)
    return Done(
        own, *_of("review.published", published), submission=found.id, review=found.review_id
    )


async def reject(
    info: Info,
    id: SubmissionId,  # noqa: A002  (its name in the API)
    reason: Reason,
    expected_version: ExpectedVersion,
    note: Note = "",
) -> Done:
    """Keep a submission from being published."""
    found = await _queued(info, id)
    by = info.context.viewer.account
    await found.reject(reason, note, by=by, expected_version=expected_version)
    facts = {"reason": reason.value, "version": found.version}
    deed = Deed("submission.rejected", ids.encode("Submission", found.id), Place(), facts)
    return Done(deed, submission=found.id)


async def unpublish(
    info: Info,
    id: SubmissionId,  # noqa: A002  (its name in the API)
    reason: Reason,
    expected_version: ExpectedVersion,
) -> Done:
    """Take a published review out again; what it was stays in the archive of moderators."""
    found = await _queued(info, id)
    step = SubmissionStep.UNPUBLISH
    return await intake.take_out(info, found, step, expected_version, reason=reason)


async def redact(
    info: Info,
    id: ReviewId,  # noqa: A002  (its name in the API)
    passages: Passages,
    expected_version: ExpectedVersion,
) -> Done:
    """Take words out of a published review: they vanish from every text and search."""
    if not passages:
        raise BadInput("Name a passage.", "passages")
    brought = await Submission.hold(ids.key_of("Review", id, "id"))
    found = await _published(info, id)
    spans = _spans(passages)
    await found.redact(spans, expected_version=expected_version)
    if brought is not None:
        brought.show(found)
        await brought.save()
    upheld = await flags.uphold(info, found.id)
    return Done(*_of("review.changed", await found.parts()), *upheld, review=found.id)


async def original(info: Info, id: ReviewId) -> Done:  # noqa: A002  (its name in the API)
    """Read what a review said before words were taken out; the reading is written down."""
    found = await _published(info, id)
    async with lifted():
        received = await found.received()
    deed = Deed("review.original_read", ids.encode("Review", found.id))
    return Done(deed, once={"received": received}, review=found.id)


def _of(action: str, structures: Sequence[ReviewStructure]) -> list[Deed]:
    return [
        Deed(
            action,
            ids.encode("Review", one.review_id),
            Place.of(one),
            {"structure": ids.encode("ReviewStructure", one.id)},
        )
        for one in structures
    ]


def _spans(given: Sequence[RedactionInput]) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {}
    for one in given:
        spans.setdefault(one.field.value, []).append(Span(one.start, one.end))
    return spans


async def _queued(info: Info, global_id: str) -> Submission:
    key = ids.key_of("Submission", global_id, "id")
    return await locked(Submission, SUBMISSION, scope.moderated(info.context.viewer), key)


async def _published(info: Info, global_id: str) -> Review:
    key = ids.key_of("Review", global_id, "id")
    return await locked(Review, REVIEW, scope.moderated_reviews(info.context.viewer), key)
