"""Erasing for good: what was told, all that was said of it, and what is kept to know it again.

It runs within one transaction of the caller, lifted over the wall, with what is erased locked.
Rows that hang on a review go with it in the database itself; what does not hang on it is named
here. docs/decisions/0031 says what stays, and why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from models import ids
from models.attachment import Attachment
from models.audit import Deed, Place
from models.document import Document
from models.event import Event
from models.flag import ReviewFlag
from models.idempotency import Idempotency
from models.report import TRIAGED, DocumentReport, ReportOriginal
from models.retention import PURGE
from models.review import Review, ReviewOriginal, ReviewStructure
from models.routing import Move
from models.submission import Submission
from models.task import Task
from models.tombstone import Marks, Tombstone, Trace
from models.webhook import Delivery, DeliveryState, Trouble

REVIEW, REPORT = "review", "report"
"""The kinds of what is erased."""


class EraseReason(StrEnum):
    """Why something is erased for good."""

    AUTHOR_REQUEST = "author_request"
    THIRD_PARTY_REQUEST = "third_party_request"
    LEGAL_ORDER = "legal_order"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True)
class _Known:
    """By what others know what is erased: its type and key, and the places that were told of it."""

    type_name: str
    key: int
    places: frozenset[Place]

    @property
    def subject(self) -> str:
        return ids.encode(self.type_name, self.key)

    def deeds(self, action: str) -> list[Deed]:
        """That it was erased, wherever it was of concern."""
        return [Deed(action, self.subject, place) for place in self.places]


async def erase_review(
    source: str, source_id: str, marks: Marks, reason: EraseReason
) -> list[Deed]:
    """Erase what a user told, published or not: what was done. Empty when there is no such thing.

    Whoever follows the places that it concerned, now or before, is told `review.erased`.
    """
    submission = await Submission.get_or_none(source=source, source_id=source_id)
    review = await Review.get_or_none(source=source, source_id=source_id)
    if submission is None and review is None:
        return []
    traces = {Trace.at(REVIEW, source, source_id), *await _words(submission, review)}
    things = [("Submission", submission.id)] if submission else []
    told = list[Deed]()
    published = review.id if review else submission and submission.archived_review
    if published:
        known = _Known("Review", published, await _places(published))
        things.append(("Review", published))
        told = known.deeds("review.erased")
        await _untold(known.subject)
    await ReviewFlag.filter(review_id=published).delete()
    for row in (submission, review):
        if row is not None:
            await row.delete()
    return await _done(things, source_id, marks, traces, reason, told)


async def erase_report(
    source: str, source_id: str, marks: Marks, reason: EraseReason
) -> list[Deed]:
    """Erase a report of a document, with its file and what was rewritten for it, likewise.

    The document goes with the last report of it.
    """
    report = await DocumentReport.get_or_none(source=source, source_id=source_id)
    if report is None:
        return []
    told = Trace.told(REPORT, report.title, report.passage, report.suggestion)
    kept = await ReportOriginal.get_or_none(report=report)
    first = orjson.loads(kept.received) if kept and kept.received else {}
    received = Trace.told(REPORT, *(first.get(name, "") for name in _REPORTED))
    traces = {Trace.at(REPORT, source, source_id)} | {one for one in (told, received) if one}
    known = _Known("DocumentReport", report.id, await _read_at(report))
    await _untold(known.subject)
    await report.delete()
    if report.attachment_id is not None:
        await Attachment.release(report.attachment_id)
    document = report.document_id
    if document is not None and not await DocumentReport.exists(document_id=document):
        await Document.filter(id=document).delete()
    things, deeds = [("DocumentReport", report.id)], known.deeds("report.erased")
    return await _done(things, source_id, marks, traces, reason, deeds)


_REPORTED = ("title", "passage", "suggestion")


async def _words(submission: Submission | None, review: Review | None) -> set[Trace]:
    """By which words it would be known again: as it was received, and as it was shown."""
    texts = [(row.title, row.description) for row in (submission, review) if row is not None]
    kept = await ReviewOriginal.get_or_none(review=review) if review else None
    if kept and kept.received:
        first = orjson.loads(kept.received)
        title, body = first.get("title", first.get("titre")), first.get("description")
        texts.append((str(title or ""), str(body or "")))
    return {trace for text in texts if (trace := Trace.told(REVIEW, *text))}


async def _places(review: int) -> frozenset[Place]:
    """Where a review is of concern, and where it ever was."""
    parts = await ReviewStructure.filter(review_id=review)
    moves = await Move.filter(structure__review_id=review)
    now, before = (Place.of(part) for part in parts), (move.origin for move in moves)
    return frozenset((*now, *before, *await _told_of(review, "Review")))


async def _read_at(report: DocumentReport) -> frozenset[Place]:
    """Where a report is read, and where it ever was; nowhere, if it was not accepted."""
    now = (Place.of(report),) if report.state in TRIAGED else ()
    return frozenset((*now, *await _told_of(report.id)))


async def _told_of(key: int, type_name: str = "DocumentReport") -> Iterable[Place]:
    """The places that events about it were told at, as far back as events are kept."""
    events = Event.filter(item=ids.encode(type_name, key), network_id__isnull=False)
    return [Place.of(event) for event in await events]


async def _untold(item: str) -> None:
    """Nothing that waits to be sent of it holds up that it was erased."""
    waiting = Delivery.filter(item=item, state=DeliveryState.PENDING)
    await waiting.update(state=DeliveryState.DEAD, trouble=Trouble.FORGOTTEN)


async def _done(
    things: list[tuple[str, int]],
    source_id: str,
    marks: Marks,
    traces: set[Trace],
    reason: EraseReason,
    told: list[Deed],
) -> list[Deed]:
    await Idempotency.forget(*_answers(things, source_id))
    await Tombstone.lay(marks, traces)
    await Task.ask(PURGE, "all")  # exports that hold it, its file, and the files of SQLite
    subject = ids.encode(*things[0])
    return [Deed("erasure.done", subject, facts={"reason": reason.value}), *told]


def _answers(things: list[tuple[str, int]], source_id: str) -> Iterable[str]:
    """How stored answers name what was erased."""
    yield f'"source_id":{orjson.dumps(source_id).decode()}'
    for type_name, key in things:
        yield f'"{ids.encode(type_name, key)}"'
        for end in (",", "}"):
            yield f'"{_AS[type_name]}":{key}{end}'


_AS: dict[str, Any] = {"Submission": "submission", "Review": "review", "DocumentReport": "report"}
"""What payloads call it."""
