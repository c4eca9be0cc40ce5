"""Nothing is kept longer than docs/privacy.md says, and nothing goes early."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.purge import purge
from jobs.retention import CLASSES
from models.access import Session
from models.account import Account
from models.attachment import Attachment, MediaType
from models.audit import AuditEntry, Deed, Doer
from models.comment import Comment
from models.contact import ContactRequest, ContactState
from models.event import Event
from models.export import Conditions, Export, ExportFormat, ExportKind, ExportState
from models.flag import FlagState, ReviewFlag
from models.idempotency import Idempotency
from models.reply import LateEdit, Reply, ReplyState, ReplyText, ReplyVersion
from models.report import DocumentReport, ReportOriginal, ReportState, ReportVersion
from models.review import Review, ReviewOriginal, ReviewStructure
from models.submission import RejectReason, Submission, SubmissionState
from models.webhook import Delivery, DeliveryState
from settings import Settings
from tests import factories as make

pytestmark = pytest.mark.usefixtures("world")
Left = Callable[[], Awaitable[bool]]
"""Whether what was made is still there."""


async def _rejected(at: datetime) -> Left:
    office = await make.office()
    state = SubmissionState.REJECTED
    made = await make.submission(office, state=state, decided_at=at, note="x", archive="{}")

    async def left() -> bool:
        now = await Submission.get(id=made.id)
        told = {now.title, now.description, now.note, now.archive or ""}
        assert now.state is state
        return told != {""}

    return left


async def _report(at: datetime, state: ReportState, step: str) -> DocumentReport:
    by = await Account.machine("x")
    file = Attachment.new("0" * 64, MediaType.PDF, 1, by=by.id)
    await file.save()
    report = await make.report(attachment_id=file.id)
    await ReportVersion.create(report=report, version=2, step=step, state=state, at=at)
    await DocumentReport.filter(id=report.id).update(state=state)
    return report


async def _rejected_report(at: datetime) -> Left:
    report = await _report(at, ReportState.REJECTED, "reject")
    return DocumentReport.filter(id=report.id).exclude(title="", passage="").exists


async def _used_file(at: datetime) -> Left:
    report = await _report(at, ReportState.REWRITTEN, "rewrite")
    return DocumentReport.filter(id=report.id, attachment_id__isnull=False).exists


async def _original(at: datetime) -> Left:
    review = await make.review(await make.office())
    await Review.filter(id=review.id).update(published_at=at)
    await ReviewOriginal.create(review=review, received="{}", fingerprint="x")
    return ReviewOriginal.filter(review=review).exclude(received="").exists


async def _original_report(at: datetime) -> Left:
    report = await make.accepted(await make.report())
    await DocumentReport.filter(id=report.id).update(submitted_at=at)
    return ReportOriginal.filter(report=report).exists


async def _part() -> ReviewStructure:
    return await ReviewStructure.get(review=await make.review(await make.office()))


async def _contact(**columns: Any) -> Left:
    made = await ContactRequest.create(structure=await _part(), contact="06", **columns)
    return ContactRequest.filter(id=made.id, contact__isnull=False).exists


async def _met(at: datetime) -> Left:
    return await _contact(state=ContactState.MET, asked_at=at, ended_at=at)


async def _uncalled(at: datetime) -> Left:
    return await _contact(asked_at=at)


async def _comment(at: datetime) -> Left:
    review = await make.review(await make.office())
    made = await Comment.create(review=review, body="x", at=at)
    return Comment.filter(id=made.id).exists


async def _decided(at: datetime) -> Left:
    made = await ReviewFlag.create(
        state=FlagState.DISMISSED,
        reason=RejectReason.INSULT,
        note="x",
        answer="x",
        flagged_at=at,
        decided_at=at,
    )
    return ReviewFlag.filter(id=made.id, note="x").exists


async def _reply(at: datetime, state: ReplyState, **columns: Any) -> Reply:
    made = await Reply.create(structure=await _part(), body="x", state=state, **columns)
    await made.keep("draft", None)
    await ReplyVersion.filter(reply=made).update(at=at)
    return made


async def _draft(at: datetime) -> Left:
    return Reply.filter(id=(await _reply(at, ReplyState.DRAFT)).id).exists


async def _withdrawn(at: datetime) -> Left:
    made = await _reply(at, ReplyState.WITHDRAWN, withdrawn_at=at)
    return Reply.filter(id=made.id).exists


async def _late(at: datetime) -> Left:
    reply = await _reply(at, ReplyState.PUBLISHED)
    words: Any = {"greeting": "", "body": "x", "signature": "", "version": 1}
    made = await LateEdit.create(reply=reply, at=at, **words)
    return LateEdit.filter(id=made.id).exists


async def _session(at: datetime) -> Left:
    by = await Account.machine("x")
    made = await Session.create(account=by, sha256="x", sealed="x", checked_at=at, expires_at=at)
    return Session.filter(id=made.id).exists


async def _key(at: datetime) -> Left:
    made = await Idempotency.create(account_id=1, key="k", request="x", made_at=at)
    return Idempotency.filter(id=made.id).exists


async def _event(at: datetime) -> Left:
    deed = Deed("review.published", "x")
    entry = await AuditEntry.add(deed, Doer(None, "x"))
    entry.at = at
    await Event.add(entry, [deed])
    return Event.all().exists


async def _delivery(at: datetime) -> Left:
    endpoint = await make.webhook(await make.office())
    done: Any = {"state": DeliveryState.DELIVERED, "type": "x", "item": "x", "message": "x"}
    made = await Delivery.create(endpoint=endpoint, asked_at=at, due_at=at, **done)
    return Delivery.filter(id=made.id).exists


async def _export(at: datetime) -> Left:
    by = await Account.machine("x")
    made = await Export.ask(by.id, ExportKind.REVIEWS, ExportFormat.CSV, Conditions())
    over = at + timedelta(hours=20)
    await Export.filter(id=made.id).update(state=ExportState.READY, expires_at=over)
    return Export.filter(id=made.id, state=ExportState.READY).exists


KEPT = [
    (_rejected, timedelta(days=40)),
    (_rejected_report, timedelta(days=40)),
    (_original, timedelta(days=50)),
    (_original_report, timedelta(days=50)),
    (_used_file, timedelta(days=60)),
    (_met, timedelta(days=10)),
    (_uncalled, timedelta(days=20)),
    (_comment, timedelta(days=70)),
    (_decided, timedelta(days=70)),
    (_draft, timedelta(days=80)),
    (_withdrawn, timedelta(days=80)),
    (_late, timedelta(days=80)),
    (_session, timedelta(days=90)),
    (_key, timedelta(hours=24)),
    (_event, timedelta(days=30)),
    (_delivery, timedelta(days=30)),
    (_export, timedelta(hours=20)),
]


@pytest.fixture
def config(config: Settings, tmp_path: Path) -> Settings:
    """Each period another one, so that none stands in for another."""
    days = {"contact": 10, "contact_open": 20, "rejected": 40, "original": 50, "attachment": 60}
    days |= {"comment": 70, "draft": 80, "session": 90, "event": 30}
    told = {f"{name}_days": count for name, count in days.items()}
    folders = {name: tmp_path / name for name in ("export_dir", "attachment_dir")}
    return config.model_copy(update=told | folders)


PERIODS = pytest.mark.parametrize(("made", "period"), KEPT, ids=[one.__name__ for one, _ in KEPT])
MARGIN = timedelta(minutes=5)


@PERIODS
async def test_nothing_goes_early(
    config: Settings, made: Callable[[datetime], Awaitable[Left]], period: timedelta
) -> None:
    left = await made(datetime.now(UTC) - period + MARGIN)

    await purge(config)

    assert await left()


@PERIODS
async def test_all_goes_when_its_time_is_over(
    config: Settings, made: Callable[[datetime], Awaitable[Left]], period: timedelta
) -> None:
    left = await made(datetime.now(UTC) - period - MARGIN)

    await purge(config)

    assert not await left()


async def test_what_waits_is_never_forgotten(config: Settings) -> None:
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    await make.submission(await make.office(), submitted_at=long_ago)
    report = await make.report()
    await DocumentReport.filter(id=report.id).update(submitted_at=long_ago)
    await ReportVersion.all().update(at=long_ago)
    published = await _reply(long_ago, ReplyState.PUBLISHED, published_at=long_ago)

    await purge(config)

    assert (await Submission.get()).title == "Attente"
    assert (await DocumentReport.get()).passage == report.passage
    assert await Reply.exists(id=published.id)


async def test_a_draft_that_someone_works_on_is_kept(config: Settings) -> None:
    draft = await _reply(datetime(2020, 1, 1, tzinfo=UTC), ReplyState.DRAFT)
    await draft.edit(ReplyText("Encore."), by=(await Account.machine("x")).id, expected_version=1)

    await purge(config)

    assert await Reply.exists(id=draft.id)


def test_the_page_says_what_is_purged() -> None:
    page = (Path(__file__).parent.parent / "docs" / "privacy.md").read_text()

    rows = [f"| {one.what} | {one.kept} | {one.why} |" for one in CLASSES]
    assert [row for row in rows if row not in page] == []
    assert page.count("\n| ") == len(rows) + 1
