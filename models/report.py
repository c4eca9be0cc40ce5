"""Reports of documents that are too hard to understand: brought in, triaged, rewritten."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

import orjson
from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models import text
from models.account import Account
from models.attachment import Attachment
from models.detection import findings
from models.difference import difference
from models.document import MAX_FORM, MAX_TITLE, MAX_URL, Document, address, form_number
from models.errors import BadInput
from models.network import Department, Network
from models.office import Office
from models.procedure import Procedure
from models.readability import readability
from models.redaction import Span, redact
from models.sql import alone
from models.submission import ENTERED, EntryMode, RejectReason
from models.workflow import Workflow, next_version

MAX_PASSAGE = 10_000
MAX_NOTE = 1_000


class ReportReason(StrEnum):
    """What makes a document hard."""

    JARGON = "jargon"
    TOO_LONG = "too_long"
    CONTRADICTORY = "contradictory"
    TONE = "tone"
    MISSING_INFORMATION = "missing_information"
    OUTDATED = "outdated"
    LAYOUT = "layout"
    OTHER = "other"


class ReportText(StrEnum):
    """A text of a report, which words may be taken out of."""

    TITLE = "title"
    PASSAGE = "passage"
    SUGGESTION = "suggestion"
    URL = "url"


class ReportState(StrEnum):
    """How far a report has come."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ACKNOWLEDGED = "acknowledged"
    BEING_REWRITTEN = "being_rewritten"
    REWRITTEN = "rewritten"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ReportStep(StrEnum):
    """What can be done with a report."""

    ACCEPT = "accept"
    REJECT = "reject"
    ACKNOWLEDGE = "acknowledge"
    BEGIN_REWRITING = "begin_rewriting"
    REWRITE = "rewrite"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


_SUBMITTED, _ACCEPTED, _REJECTED, _ACKNOWLEDGED, _BEING, _REWRITTEN, _DECLINED, _WITHDRAWN = (
    ReportState
)
TRIAGED = (_ACCEPTED, _ACKNOWLEDGED, _BEING, _REWRITTEN, _DECLINED)
"""The states in which those whom a report concerns read it."""

REPORTING = Workflow(
    "DocumentReport",
    _SUBMITTED,
    {
        ReportStep.ACCEPT: {_SUBMITTED: _ACCEPTED},
        ReportStep.REJECT: {_SUBMITTED: _REJECTED},
        ReportStep.ACKNOWLEDGE: {_ACCEPTED: _ACKNOWLEDGED},
        ReportStep.BEGIN_REWRITING: {_ACKNOWLEDGED: _BEING},
        ReportStep.REWRITE: {_BEING: _REWRITTEN},
        ReportStep.DECLINE: dict.fromkeys((_ACCEPTED, _ACKNOWLEDGED, _BEING), _DECLINED),
        ReportStep.WITHDRAW: dict.fromkeys((_SUBMITTED, *TRIAGED), _WITHDRAWN),
    },
)
TEXTS = ("title", "passage", "suggestion")


@dataclass(frozen=True, slots=True)
class Reported:
    """What a user says of a document, cleaned and bounded."""

    title: str
    form: str | None
    url: str | None
    passage: str
    suggestion: str
    reason: ReportReason
    network_id: int
    department_id: str | None = None
    office_id: int | None = None
    procedure_id: int | None = None
    attachment_id: int | None = None

    @classmethod
    def of(
        cls, title: str, passage: str, *, form: str, url: str, suggestion: str, **rest: Any
    ) -> Self:
        """As it was received. Raises BadInput for what is empty, too long or no address."""
        told = cls(
            title=" ".join(bounded(title, MAX_TITLE, "title").split()),
            form=form_number(bounded(form, MAX_FORM, "formNumber")),
            url=address(bounded(url, MAX_URL, "url")),
            passage=bounded(passage, MAX_PASSAGE, "passage"),
            suggestion=bounded(suggestion, MAX_PASSAGE, "suggestion"),
            **rest,
        )
        if not text.words(told.title):
            raise BadInput("Name the document.", "title")
        if not told.passage and told.attachment_id is None:
            raise BadInput("A passage, or a file, is needed.", "passage")
        return told

    @property
    def fingerprint(self) -> str:
        """What tells it from another one."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def bounded(received: str, most: int, name: str) -> str:
    """What was received, cleaned. Raises BadInput, naming the argument, when it is too long."""
    cleaned = text.clean(received)
    if len(cleaned) > most:
        raise BadInput("This is longer than {most} characters.", name, most=most)
    return cleaned


class DocumentReport(Model):
    """A report of a document. Only moderators, and whoever brought it in, see it before triage.

    The document is known from then on. `before`, `after` and `diff` tell what was rewritten.
    """

    id = fields.BigIntField(primary_key=True)
    source = fields.CharField(max_length=32)
    source_id = fields.CharField(max_length=64)
    entry = fields.CharEnumField(EntryMode, max_length=16)
    state = fields.CharEnumField(ReportState, max_length=16, default=_SUBMITTED)
    document: fields.ForeignKeyNullableRelation[Document] = fields.ForeignKeyField(
        "models.Document", related_name="reports", on_delete=fields.RESTRICT, null=True
    )
    title = fields.CharField(max_length=MAX_TITLE)
    form = fields.CharField(max_length=MAX_FORM, null=True)
    url = fields.CharField(max_length=MAX_URL, null=True)
    passage = fields.TextField()
    suggestion = fields.TextField()
    reason = fields.CharEnumField(ReportReason, max_length=32)
    network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="document_reports", on_delete=fields.RESTRICT
    )
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="document_reports", on_delete=fields.RESTRICT, null=True
    )
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="document_reports", on_delete=fields.RESTRICT, null=True
    )
    procedure: fields.ForeignKeyNullableRelation[Procedure] = fields.ForeignKeyField(
        "models.Procedure", related_name="document_reports", on_delete=fields.RESTRICT, null=True
    )
    attachment: fields.OneToOneNullableRelation[Attachment] = fields.OneToOneField(
        "models.Attachment", related_name="report", on_delete=fields.RESTRICT, null=True
    )
    findings = fields.TextField()
    suspects = fields.IntField()
    fingerprint = fields.CharField(max_length=64)
    reject_reason: Any = fields.CharEnumField(RejectReason, max_length=32, null=True)
    note = fields.CharField(max_length=MAX_NOTE, default="")
    before = fields.TextField(null=True)
    after = fields.TextField(null=True)
    diff = fields.TextField(null=True)
    readability_before = fields.SmallIntField(null=True)
    readability_after = fields.SmallIntField(null=True)
    version = fields.IntField(default=1)
    submitted_at = fields.DatetimeField()
    submitted_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="document_reports", on_delete=fields.SET_NULL, null=True
    )

    document_id: int | None
    network_id: int
    department_id: str | None
    office_id: int | None
    procedure_id: int | None
    attachment_id: int | None
    submitted_by_id: int | None

    class Meta:
        table = "document_report"
        unique_together = (("source", "source_id"),)

    @classmethod
    async def known(cls, source: str, source_ids: Sequence[str]) -> dict[str, Self]:
        """Those of a source, by their identifiers there."""
        found = await cls.filter(source=source, source_id__in=source_ids)
        return {one.source_id: one for one in found}

    @classmethod
    async def claim(cls, source: str, account: int) -> bool:
        """Whether `source` is of `account`, as `Submission.claim` says it of reviews."""
        await alone(f"source of reports {source}")
        first = await cls.filter(source=source).order_by("id").first()
        return source != ENTERED and (first is None or first.submitted_by_id == account)

    @classmethod
    async def bring(
        cls, source: str, source_id: str, entry: EntryMode, told: Reported, *, by: int
    ) -> Self:
        """A report that waits for triage from now on."""
        made = cls(
            source=source,
            source_id=source_id,
            entry=entry,
            submitted_at=datetime.now(UTC),
            submitted_by_id=by,
            fingerprint=told.fingerprint,
            **{name: getattr(told, name) for name in Reported.__slots__},
        )
        made._look()
        await made.save()
        await made._keep("bring", by)
        return made

    async def accept(
        self,
        redactions: Mapping[str, Sequence[Span]],
        *,
        without_attachment: bool,
        by: int,
        expected_version: int,
    ) -> None:
        """Let those whom it concerns read it, without the words that are redacted.

        This and every step: the row must be locked by the caller. Raises StaleVersion or
        IllegalStep.
        """
        self._step(ReportStep.ACCEPT, expected_version)
        received = {name: getattr(self, name) for name in (*TEXTS, "url", "form")}
        for name in TEXTS:
            shown = redact(getattr(self, name), redactions.get(name, []), "redactions")
            setattr(self, name, shown)
        if len(self.title) > MAX_TITLE:
            raise BadInput("This is longer than {most} characters.", "redactions", most=MAX_TITLE)
        if redactions.get("url"):  # what is left of an address leads nowhere
            self.url = None
        if without_attachment:
            self.attachment_id = None
        document = await Document.of(self.network_id, self.title, self.form, self.url)
        self.document_id = document.id
        self._look()
        await ReportOriginal.create(report=self, received=orjson.dumps(received).decode())
        await self._done("accept", by)

    async def reject(
        self, reason: RejectReason, note: str, *, by: int, expected_version: int
    ) -> None:
        """Keep it from those whom it concerns."""
        self._step(ReportStep.REJECT, expected_version)
        self.reject_reason, self.note = reason, bounded(note, MAX_NOTE, "note")
        await self._done("reject", by)

    async def go_on(self, step: ReportStep, *, by: int, expected_version: int) -> None:
        """Acknowledge it, or begin to rewrite."""
        self._step(step, expected_version)
        await self._done(step, by)

    async def rewrite(
        self, before: str | None, after: str, *, by: int, expected_version: int
    ) -> None:
        """Keep what was written in place of what; without `before`, in place of the passage."""
        self._step(ReportStep.REWRITE, expected_version)
        self.before = bounded(self.passage if before is None else before, MAX_PASSAGE, "before")
        self.after = bounded(after, MAX_PASSAGE, "after")
        if not self.after:
            raise BadInput("1 to {most} characters are expected.", "after", most=MAX_PASSAGE)
        self.diff = orjson.dumps([*map(tuple, difference(self.before, self.after))]).decode()
        self.readability_before = readability(self.before)
        self.readability_after = readability(self.after)
        await self._done("rewrite", by)

    async def decline(self, reason: str, *, by: int, expected_version: int) -> None:
        """Say why the document stays as it is."""
        self._step(ReportStep.DECLINE, expected_version)
        self.note = bounded(reason, MAX_NOTE, "reason")
        if not self.note:
            raise BadInput("1 to {most} characters are expected.", "reason", most=MAX_NOTE)
        await self._done("decline", by)

    async def withdraw(self, *, by: int, expected_version: int) -> None:
        """What its author takes back is not ours to keep: its texts and its file go."""
        self._step(ReportStep.WITHDRAW, expected_version)
        document, self.document_id = self.document_id, None
        for name, value in FORGOTTEN.items():
            setattr(self, name, value)
        await ReportOriginal.filter(report=self).delete()
        await self._done("withdraw", by)
        if document is not None and not await DocumentReport.exists(document_id=document):
            await Document.filter(id=document).delete()

    @classmethod
    def kept_back(cls, before: datetime) -> QuerySet[Self]:
        """Those that were rejected before then and still tell something."""
        rejected = Q(state=_REJECTED, versions__step=ReportStep.REJECT, versions__at__lt=before)
        return cls.filter(rejected).exclude(title="")

    @classmethod
    def closed(cls, before: datetime) -> QuerySet[Self]:
        """Those that came to their end before then, and have a file."""
        last = (ReportStep.REWRITE, ReportStep.DECLINE)
        ended = Q(versions__step__in=last, versions__at__lt=before)
        return cls.filter(ended, state__in=[_REWRITTEN, _DECLINED], attachment_id__isnull=False)

    async def received(self) -> str:
        """What was received, as JSON: for moderators only, and each reading is written down."""
        kept = await ReportOriginal.get_or_none(report=self)
        if kept is not None:
            return kept.received
        told = {name: getattr(self, name) for name in (*TEXTS, "url", "form")}
        return orjson.dumps(told).decode()

    def _look(self) -> None:
        """What the rules find in its texts, and how easily the passage reads."""
        found = {
            name: [(one.kind.value, one.start, one.end) for one in findings(getattr(self, name))]
            for name in TEXTS
        }
        self.findings = orjson.dumps(found).decode()
        self.suspects = sum(map(len, found.values()))
        self.readability_before = readability(self.passage)

    def _step(self, step: ReportStep, expected_version: int) -> None:
        version = next_version(self.version, expected_version)
        self.state = REPORTING.after(self.state, step)
        self.version = version

    async def _done(self, step: str, by: int) -> None:
        await self.save()
        await self._keep(step, by)

    async def _keep(self, step: str, by: int) -> None:
        await ReportVersion.create(
            report=self,
            version=self.version,
            step=str(step),
            state=self.state,
            at=datetime.now(UTC),
            by_id=by,
        )


FORGOTTEN: dict[str, Any] = {
    "title": "",
    "form": None,
    "url": None,
    "passage": "",
    "suggestion": "",
    "note": "",
    "findings": "{}",
    "suspects": 0,
    "before": None,
    "after": None,
    "diff": None,
    "readability_before": None,
    "readability_after": None,
    "attachment_id": None,
}


class ReportOriginal(Model):
    """A report as it was received, kept apart: it is never shown, searched or exported."""

    report: fields.OneToOneRelation[DocumentReport] = fields.OneToOneField(
        "models.DocumentReport", related_name="original", on_delete=fields.CASCADE, primary_key=True
    )
    received = fields.TextField()

    class Meta:
        table = "report_original"


class ReportVersion(Model):
    """A step of a report: who took it, and when."""

    id = fields.BigIntField(primary_key=True)
    report: fields.ForeignKeyRelation[DocumentReport] = fields.ForeignKeyField(
        "models.DocumentReport", related_name="versions", on_delete=fields.CASCADE
    )
    version = fields.IntField()
    step = fields.CharField(max_length=16)
    state = fields.CharEnumField(ReportState, max_length=16)
    at = fields.DatetimeField()
    by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="report_versions", on_delete=fields.SET_NULL, null=True
    )

    class Meta:
        table = "report_version"
        unique_together = (("report", "version"),)
