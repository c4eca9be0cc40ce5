"""What users tell comes in: from the national platform's machine, or through an office."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from itertools import chain
from typing import Annotated, Any
from uuid import uuid4

import strawberry

from auth import scope
from auth.permissions import Permission
from models import ids
from models.audit import Deed, Place
from models.erasure import REVIEW
from models.errors import BadInput, NotFound, Refusal, SourceIdTaken
from models.submission import (
    ENTERED,
    MAX_STRUCTURES,
    EntryMode,
    Submission,
    SubmissionStep,
    Told,
    published,
)
from models.tombstone import Trace
from models.wall import lifted
from resolvers import erased, flags
from resolvers.concerned import ConcernedInput, Known
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.names import EntryMode as EntryName
from resolvers.names import Sentiment
from resolvers.submissions import SUBMISSION

MAX_ITEMS = 250
MAX_SOURCE_ID = 64


@strawberry.input(description="What a user tells on the general tags; null where nothing.")
class AxesInput:
    accessibility: Sentiment | None = strawberry.field(default=None, description='"Accessibilité".')
    information: Sentiment | None = strawberry.field(
        default=None, description='"Information / explication".'
    )
    relation: Sentiment | None = strawberry.field(default=None, description='"Relation".')
    responsiveness: Sentiment | None = strawberry.field(default=None, description='"Réactivité".')
    simplicity: Sentiment | None = strawberry.field(
        default=None, description='"Simplicité / complexité".'
    )


@strawberry.input(description="What a user tells: a title or a description is needed.")
class ReviewInput:
    sentiment: Sentiment = strawberry.field(description="What the user felt.")
    structures: list[ConcernedInput] = strawberry.field(
        description=f"The structures it concerns, 1 to {MAX_STRUCTURES}."
    )
    title: str = strawberry.field(default="", description="A title, at most 1,000 characters.")
    description: str = strawberry.field(
        default="", description="What happened, at most 20,000 characters."
    )
    axes: AxesInput | None = strawberry.field(
        default=None, description="What it says on the general tags."
    )
    procedure: str | None = strawberry.field(
        default=None, description="Code of the procedure that it is about."
    )
    written_on: date | None = strawberry.field(
        default=None, description="The day it was written, not after today."
    )
    posted_as: str | None = strawberry.field(
        default=None, description="In which capacity the user writes."
    )
    country: str | None = strawberry.field(default=None, description="The user's country.")
    postal_code: str | None = strawberry.field(default=None, description="Their postal code.")
    contact: str | None = strawberry.field(
        default=None,
        description="How to reach the user, if they ask to talk to someone: seen only by those who "
        "answer, and forgotten once that is done.",
    )


@strawberry.input(description="A review as a platform hands it over.")
class ReviewSubmission:
    source_id: strawberry.ID = strawberry.field(
        description=f"Its identifier at the source, 1 to {MAX_SOURCE_ID} characters: the same "
        "again changes nothing."
    )
    review: ReviewInput = strawberry.field(description="What the user tells.")


Source = Annotated[
    str,
    strawberry.argument(
        description="Name of the platform, 1 to 32 lower-case letters, digits or hyphens; it is "
        "of the machine that first used it."
    ),
]
Items = Annotated[
    list[ReviewSubmission], strawberry.argument(description=f"1 to {MAX_ITEMS} reviews.")
]
SubmissionId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Submission`.")]
ReviewArgument = Annotated[ReviewInput, strawberry.argument(description="What the user tells.")]
Mode = Annotated[EntryName, strawberry.argument(description="How the person told it.")]
ExpectedVersion = Annotated[int, strawberry.argument(description="The `version` that was read.")]


async def submit(info: Info, source: Source, reviews: Items) -> Done:
    """Hand reviews over to moderation, each accepted or refused by itself."""
    if not 1 <= len(reviews) <= MAX_ITEMS:
        message = "Between {least} and {most} are expected."
        raise BadInput(message, "reviews", least=1, most=MAX_ITEMS)
    me = info.context.viewer.account
    await own_source(source, me)
    given = [str(one.source_id) for one in reviews if is_source_id(str(one.source_id))]
    known = await Submission.known(source, given)
    async with lifted():
        taken = await published(source, given) - known.keys()
    places = await _known(info, *(item.review for item in reviews))
    gone = await _gone(info, source, reviews)
    results, fresh = list[dict[str, Any]](), list[Submission]()
    for item in reviews:
        await asyncio.sleep(0)  # others are answered between two texts, each of which may be long
        result: dict[str, Any] = dict.fromkeys(_RESULT) | {"source_id": str(item.source_id)}
        try:
            told = _told(info, item.review, Permission.INTAKE, places)
            result |= _accepted(source, item, told, known, taken, gone, me, fresh)
        except Refusal as refusal:
            message = info.context.sentence(refusal)
            at = [] if refusal.field == ("sourceId",) else ["review"]
            field = ["reviews", str(len(results)), *at, *refusal.field]
            result |= {"code": refusal.code, "message": message, "field": field}
        results.append(result)
    await Submission.bulk_create(fresh)
    made = await Submission.known(source, [one.source_id for one in fresh])
    for result in results:
        one = made.get(result["source_id"]) or known.get(result["source_id"])
        if one is not None and result["code"] is None:
            result["submission_id"] = ids.encode("Submission", one.id)
    counts = {"source": source, "new": len(fresh), "given": len(reviews)}
    deeds = [Deed("reviews.submitted", ids.encode("Account", me), Place(), counts)]
    return Done(*deeds, told={"results": results})


_RESULT = ("source_id", "status", "submission_id", "code", "message", "field")


def _accepted(
    source: str,
    given: ReviewSubmission,
    told: Told,
    known: dict[str, Submission],
    taken: set[str],
    gone: set[Trace],
    by: int,
    fresh: list[Submission],
) -> dict[str, Any]:
    source_id = str(given.source_id)
    if not is_source_id(source_id):
        message = "1 to {most} printable characters are expected."
        raise BadInput(message, "sourceId", most=MAX_SOURCE_ID)
    before = known.get(source_id)
    if before is not None and before.fingerprint == told.fingerprint:
        return {"status": "unchanged"}
    if before is not None or source_id in taken:
        message = "This source identifier stands for another review: update that one."
        raise SourceIdTaken(message, "sourceId")
    erased.refuse(gone, Trace.at(REVIEW, source, source_id), field=["sourceId"])
    erased.refuse(gone, _words(given.review), field=["description"])
    made = Submission.new(source, source_id, EntryMode.ONLINE, told, by=by)
    fresh.append(made)
    known[source_id] = made
    return {"status": "accepted"}


async def _gone(info: Info, source: str, given: Sequence[ReviewSubmission]) -> set[Trace]:
    """What of it was erased."""
    named = [str(one.source_id) for one in given if is_source_id(str(one.source_id))]
    traces = (Trace.at(REVIEW, source, one) for one in named)
    return await erased.met(info, chain(traces, (_words(one.review) for one in given)))


def _words(given: ReviewInput) -> Trace | None:
    return erased.words(REVIEW, given.title, given.description)


async def _allow(info: Info, given: ReviewInput) -> None:
    """Raise Erased when a review in the same words was erased."""
    words = _words(given)
    erased.refuse(await erased.met(info, [words]), words, field=["description"])


def is_source_id(given: str) -> bool:
    """Whether it can name something at its source."""
    return 0 < len(given) <= MAX_SOURCE_ID and given.isprintable()


async def update(
    info: Info,
    id: SubmissionId,  # noqa: A002  (its name in the API)
    review: ReviewArgument,
    expected_version: ExpectedVersion,
) -> Done:
    """Tell otherwise what was handed over, before it is decided."""
    found = await _brought(info, id)
    online = found.entry is EntryMode.ONLINE
    right = Permission.INTAKE if online else Permission.REPLY
    known = await _known(info, review)
    told = _told(info, review, right, known, first_only=not online)
    await _allow(info, review)
    await found.update(told, expected_version=expected_version)
    return _changed("submission.updated", found)


async def withdraw(
    info: Info,
    id: SubmissionId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Take back, for its author, what was handed over, published or not."""
    found = await _brought(info, id)
    return await take_out(info, found, SubmissionStep.WITHDRAW, expected_version)


async def enter(info: Info, review: ReviewArgument, mode: Mode) -> Done:
    """Write down for a person what they tell at the counter, by telephone or on paper."""
    if mode is EntryMode.ONLINE:
        message = "What a person types themselves comes from their platform."
        raise BadInput(message, "mode")
    known = await _known(info, review)
    told = _told(info, review, Permission.REPLY, known, first_only=True)
    await _allow(info, review)
    by = info.context.viewer.account
    made = Submission.new(ENTERED, uuid4().hex, EntryMode(mode), told, by=by)
    await made.save()
    return _changed("submission.entered", made)


async def take_out(
    info: Info,
    found: Submission,
    step: SubmissionStep,
    expected_version: int,
    **more: Any,
) -> Done:
    """What was public of it is not any more; those it concerned are told."""
    deeds = await _tombstones(found)
    if found.review_id is not None:
        deeds += await flags.uphold(info, found.review_id, forget=True)
    by = info.context.viewer.account
    async with lifted():
        await found.take_out(step, by=by, expected_version=expected_version, **more)
    action = f"submission.{'withdrawn' if step is SubmissionStep.WITHDRAW else 'unpublished'}"
    return _changed(action, found, *deeds)


async def _tombstones(found: Submission) -> list[Deed]:
    if found.review_id is None:
        return []
    async with lifted():
        parts = await found.parts_published()
    subject = ids.encode("Review", found.review_id)
    return [Deed("review.withdrawn", subject, Place.of(part)) for part in parts]


def _changed(action: str, found: Submission, *more: Deed) -> Done:
    facts = {"source": found.source, "version": found.version}
    deed = Deed(action, ids.encode("Submission", found.id), Place(), facts)
    return Done(deed, *more, submission=found.id)


async def _brought(info: Info, global_id: str) -> Submission:
    key = ids.key_of("Submission", global_id, "id")
    return await locked(Submission, SUBMISSION, scope.brought(info.context.viewer), key)


async def own_source(
    source: str, account: int, claim: Callable[[str, int], Awaitable[bool]] = Submission.claim
) -> None:
    """Raise BadInput unless `source` is a name, and by `claim` that of what `account` brings in."""
    plain = source.replace("-", "")
    if not (0 < len(source) <= 32 and plain.isascii() and plain.isalnum() and source.islower()):
        message = "1 to 32 lower-case letters, digits or hyphens are expected."
        raise BadInput(message, "source")
    async with lifted():
        own = await claim(source, account)
    if not own:
        raise BadInput("This source is of another machine.", "source")


async def _known(info: Info, *given: ReviewInput) -> Known:
    """What the reviews name, read once for all."""
    structures = [one for review in given for one in review.structures]
    return await Known.of(info, structures, {one.procedure for one in given if one.procedure})


def _told(
    info: Info,
    given: ReviewInput,
    permission: Permission,
    known: Known,
    *,
    first_only: bool = False,
) -> Told:
    """What was given, where every structure, or the first, is the viewer's to bring in for."""
    structures = []
    for n, one in enumerate(given.structures[: MAX_STRUCTURES + 1]):
        concerned = known.concerned(one, "structures", str(n))
        own = scope.covers(
            info.context.viewer,
            permission,
            Place(concerned.network_id, concerned.department_id, concerned.office_id),
        )
        if not own and not (first_only and n > 0):
            message = "This structure is beyond what you may bring reviews in for."
            raise NotFound(message, "structures", str(n))
        structures.append(concerned)
    procedure = None if given.procedure is None else known.procedure(given.procedure, "procedure")
    axes = vars(given.axes) if given.axes else {}
    return Told.of(
        given.title,
        given.description,
        sentiment=given.sentiment,
        structures=tuple(structures),
        axes={name: value for name, value in axes.items() if value is not None},
        written_on=given.written_on,
        posted_as=given.posted_as,
        country=given.country,
        postal_code=given.postal_code,
        contact=given.contact,
        procedure_id=procedure,
    )
