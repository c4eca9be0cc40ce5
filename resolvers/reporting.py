"""Document reports come in: from a platform's machine, or through an office."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Annotated, Any
from uuid import uuid4

import strawberry

from auth import scope
from auth.permissions import Permission
from models import ids
from models.audit import Deed, Place
from models.erasure import REPORT as KIND
from models.errors import BadInput, NotFound, Refusal, SourceIdTaken
from models.office import Office
from models.report import DocumentReport, Reported
from models.submission import ENTERED, EntryMode
from models.tombstone import Trace
from models.wall import lifted
from resolvers import attachments, erased, procedures, reference
from resolvers.context import Info
from resolvers.done import Done
from resolvers.intake import (
    MAX_ITEMS,
    MAX_SOURCE_ID,
    ExpectedVersion,
    Mode,
    Source,
    is_source_id,
    own_source,
)
from resolvers.locked import locked
from resolvers.names import ReportReason
from resolvers.reports import REPORT, ReportId


@strawberry.input(description="What a user says of a document that is hard to understand.")
class ReportInput:
    title: str = strawberry.field(description="What the document is called, 1 to 500 characters.")
    reason: ReportReason = strawberry.field(description="What makes it hard.")
    form_number: str = strawberry.field(
        default="", description="Number of the form, such as `Cerfa 12345*02`."
    )
    url: str = strawberry.field(default="", description="Where the document is.")
    passage: str = strawberry.field(
        default="", description="The passage, at most 10,000 characters; or a file is needed."
    )
    suggestion: str = strawberry.field(
        default="", description="What would be clearer, at most 10,000 characters."
    )
    network: str | None = strawberry.field(
        default=None,
        description="Code of the network that it is of; may be left out where the office is named.",
    )
    department: str | None = strawberry.field(
        default=None, description="Code of the department, where no office is named."
    )
    office: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the office that it came from."
    )
    procedure: str | None = strawberry.field(
        default=None, description="Code of the procedure that it belongs to."
    )
    attachment: strawberry.ID | None = strawberry.field(
        default=None,
        description="Id of a file that one uploaded to `/attachments`, and did not name before.",
    )


@strawberry.input(description="A report as a platform hands it over.")
class ReportSubmission:
    source_id: strawberry.ID = strawberry.field(
        description=f"Its identifier at the source, 1 to {MAX_SOURCE_ID} characters: the same "
        "again changes nothing."
    )
    report: ReportInput = strawberry.field(description="What the user says.")


Reports = Annotated[
    list[ReportSubmission], strawberry.argument(description=f"1 to {MAX_ITEMS} reports.")
]
ReportArgument = Annotated[ReportInput, strawberry.argument(description="What the user says.")]


async def submit(info: Info, source: Source, reports: Reports) -> Done:
    """Hand reports over to the national team, each accepted or refused by itself."""
    if not 1 <= len(reports) <= MAX_ITEMS:
        message = "Between {least} and {most} are expected."
        raise BadInput(message, "reports", least=1, most=MAX_ITEMS)
    me = info.context.viewer.account
    await own_source(source, me, DocumentReport.claim)
    named = [str(one.source_id) for one in reports if is_source_id(str(one.source_id))]
    known = await DocumentReport.known(source, named)
    gone = await _gone(info, reports, (Trace.at(KIND, source, one) for one in named))
    results, new = list[dict[str, Any]](), 0
    for item in reports:
        source_id = str(item.source_id)
        result: dict[str, Any] = dict.fromkeys(_RESULT) | {"source_id": source_id}
        try:
            status = await _accepted(info, source, source_id, item.report, known, gone)
        except Refusal as refusal:
            message = info.context.sentence(refusal)
            field = ["reports", str(len(results)), "report", *refusal.field]
            result |= {"code": refusal.code, "message": message, "field": field}
        else:
            key = ids.encode("DocumentReport", known[source_id].id)
            result |= {"status": status, "report_id": key}
            new += status == "accepted"
        results.append(result)
    counts = {"source": source, "new": new, "given": len(reports)}
    deed = Deed("reports.submitted", ids.encode("Account", me), Place(), counts)
    return Done(deed, told={"results": results})


_RESULT = ("source_id", "status", "report_id", "code", "message", "field")


async def _accepted(
    info: Info,
    source: str,
    source_id: str,
    given: ReportInput,
    known: dict[str, DocumentReport],
    gone: set[Trace],
) -> str:
    if not is_source_id(source_id):
        message = "1 to {most} printable characters are expected."
        raise BadInput(message, "sourceId", most=MAX_SOURCE_ID)
    told = await _told(info, given, Permission.INTAKE)
    before = known.get(source_id)
    if before is not None:
        if before.fingerprint == told.fingerprint:
            return "unchanged"
        message = "This source identifier stands for another report."
        raise SourceIdTaken(message, "sourceId")
    erased.refuse(gone, Trace.at(KIND, source, source_id), field=["sourceId"])
    erased.refuse(gone, _words(given), field=["passage"])
    await _hold(info, given)
    known[source_id] = await DocumentReport.bring(
        source, source_id, EntryMode.ONLINE, told, by=info.context.viewer.account
    )
    return "accepted"


async def _gone(
    info: Info, given: Sequence[ReportSubmission], traces: Iterable[Trace]
) -> set[Trace]:
    """What of it was erased."""
    return await erased.met(info, chain(traces, (_words(one.report) for one in given)))


def _words(given: ReportInput) -> Trace | None:
    return erased.words(KIND, given.title, given.passage, given.suggestion)


async def enter(info: Info, report: ReportArgument, mode: Mode) -> Done:
    """Write down for a person what they say of a document."""
    if mode is EntryMode.ONLINE:
        message = "What a person types themselves comes from their platform."
        raise BadInput(message, "mode")
    told = await _told(info, report, Permission.REPLY)
    words = _words(report)
    erased.refuse(await erased.met(info, [words]), words, field=["passage"])
    await _hold(info, report)
    by = info.context.viewer.account
    made = await DocumentReport.bring(ENTERED, uuid4().hex, EntryMode(mode), told, by=by)
    return changed("report.entered", made)


async def withdraw(
    info: Info,
    id: ReportId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
) -> Done:
    """Take back, for its author, what was handed over, triaged or not."""
    key = ids.key_of("DocumentReport", id, "id")
    scoped = scope.brought_reports(info.context.viewer)
    found = await locked(DocumentReport, REPORT, scoped, key)
    document = found.document_id
    async with lifted():
        await found.withdraw(by=info.context.viewer.account, expected_version=expected_version)
    action = "report.taken_back" if document is None else "report.withdrawn"
    return changed(action, found, document)


def changed(action: str, found: DocumentReport, document: int | None = None) -> Done:
    """What was done with a report, where it is of concern."""
    key = document or found.document_id
    facts: dict[str, Any] = {"version": found.version}
    if key is not None:
        facts["document"] = ids.encode("Document", key)
    subject = ids.encode("DocumentReport", found.id)
    return Done(Deed(action, subject, Place.of(found), facts), report=found.id)


async def _hold(info: Info, given: ReportInput) -> None:
    """See that the file is the viewer's, and is named nowhere else."""
    await attachments.named(info.context.viewer, given.attachment, "attachment")


async def _told(info: Info, given: ReportInput, permission: Permission) -> Reported:
    """What was given, for a place that is the viewer's to bring reports in for."""
    place = await _place(info, given)
    if not scope.covers(info.context.viewer, permission, place) or place.network is None:
        message = "This structure is beyond what you may bring reports in for."
        raise NotFound(message, "office" if given.office else "network")
    named = [] if given.procedure is None else [given.procedure]
    keys = await procedures.keys_of(info, named, "procedure") if named else []
    file = given.attachment
    return Reported.of(
        given.title,
        given.passage,
        form=given.form_number,
        url=given.url,
        suggestion=given.suggestion,
        reason=given.reason,
        network_id=place.network,
        department_id=place.department,
        office_id=place.office,
        procedure_id=next(iter(keys), None),
        attachment_id=None if file is None else ids.key_of("Attachment", file, "attachment"),
    )


async def _place(info: Info, given: ReportInput) -> Place:
    office = None
    if given.office is not None:
        office = await Office.get_or_none(id=ids.key_of("Office", given.office, "office"))
        if office is None:
            raise NotFound("There is nothing by this id.", "office")
    network = office.network_id if office else None
    if given.network is not None:
        (network,) = await reference.network_keys(info, [given.network], "network")
    if network is None:
        raise BadInput("Name a network or an office.", "network")
    if office is not None and office.network_id != network:
        raise BadInput("The office is not of that network.", "office")
    department = office.department_id if office else given.department
    if office is None and department is not None:
        await reference.department_codes(info, [department], "department")
    return Place(network, department, office.id if office else None)
