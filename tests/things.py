"""One of each kind that an operation may be about, in the state in which it can be done."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

from models import ids
from models.access import AccessToken
from models.account import Account, Grant, Role
from models.audit import Place
from models.comment import Comment
from models.contact import ContactRequest, ContactState
from models.export import Conditions, Export, ExportFormat, ExportKind
from models.flag import ReviewFlag
from models.improvement import Improvement
from models.network import Network
from models.office import Office
from models.reply import Reply, ReplyState, ReplyText
from models.report import DocumentReport, ReportStep
from models.review import Review, ReviewStructure
from models.routing import Move, Transfer
from models.saved_filter import SavedFilter
from models.submission import EntryMode, RejectReason, SubmissionState
from models.tag import BusinessTag
from models.template import ReplyTemplate
from models.webhook import Endpoint, EndpointState
from tests import factories as make
from tests.factories import START

Made = Callable[[Office, int], Awaitable[str]]
"""Makes one at an office, by the account of this key if it is someone's: its global id."""


async def things(office: Office, person: str, *names: str) -> dict[str, str]:
    """The global ids of those that are named, made at `office`, by `person` if they are theirs."""
    me = (await Account.get(subject=person)).id
    return {name: await MAKERS[name](office, me) for name in names}


def used(selection: str) -> list[str]:
    """What a selection names by variables."""
    return [name for name in dict.fromkeys(re.findall(r"\$(\w+)", selection)) if name in MAKERS]


async def _part(office: Office) -> ReviewStructure:
    return await ReviewStructure.get(review=await make.review(office))


async def _account(office: Office, me: int) -> str:
    return ids.encode(
        "Account", await _held(office, await Account.create(subject=uuid4().hex, label="x"))
    )


async def _machine(office: Office, me: int) -> str:
    return ids.encode("Account", await _held(office, await Account.machine("x")))


async def _held(office: Office, account: Account) -> int:
    await _granted(office, account)
    key: int = account.id
    return key


async def _granted(office: Office, account: Account) -> Grant:
    return await Grant.create(
        account=account,
        role=Role.SERVICE,
        rights="read_aggregates",
        network_id=office.network_id,
        office=office,
    )


async def _shut(office: Office, me: int) -> str:
    now = datetime.now(UTC)
    account = await Account.create(subject=uuid4().hex, label="x", deactivated_at=now)
    return ids.encode("Account", await _held(office, account))


async def _grant(office: Office, me: int) -> str:
    return ids.encode("Grant", (await _granted(office, await Account.machine("x"))).id)


async def _token(office: Office, me: int) -> str:
    machine = await Account.machine("x")
    await _granted(office, machine)
    token, _ = await AccessToken.issue(machine, datetime(2100, 1, 1, tzinfo=UTC))
    return ids.encode("AccessToken", token.id)


async def _review(office: Office, me: int) -> str:
    return ids.encode("Review", (await make.review(office)).id)


async def _structure(office: Office, me: int) -> str:
    return ids.encode("ReviewStructure", (await _part(office)).id)


async def _reply(office: Office, me: int) -> str:
    answered = await make.review(office, replied=1)
    structure = await ReviewStructure.get(review=answered).prefetch_related("replies")
    await structure.replies[0].keep("import", None)
    return ids.encode("Reply", structure.replies[0].id)


async def _source_id(office: Office, me: int) -> str:
    return (await make.review(office, replied=1)).source_id


def _drafted(state: ReplyState) -> Made:
    async def made(office: Office, me: int) -> str:
        reply = await Reply.create(structure=await _part(office), body="x", state=state)
        await reply.keep("draft", None)
        return ids.encode("Reply", reply.id)

    return made


async def _template(office: Office, me: int) -> str:
    words = ReplyText("x")
    place = {"network_id": office.network_id, "office_id": office.id}
    return ids.encode("ReplyTemplate", (await ReplyTemplate.add("x", words, **place)).id)


def _contact(state: ContactState) -> Made:
    async def made(office: Office, me: int) -> str:
        structure = await _part(office)
        asked = await ContactRequest.create(
            structure=structure, contact="06", asked_at=START, state=state
        )
        return ids.encode("ContactRequest", asked.id)

    return made


async def _brought(office: Office, me: int) -> str:
    by = (await Account.get(id=me)).subject
    return ids.encode(
        "Submission", (await make.submission(office, by=by, entry=EntryMode.COUNTER)).id
    )


def _submission(state: SubmissionState) -> Made:
    async def made(office: Office, me: int) -> str:
        return ids.encode("Submission", (await make.submission(office, state=state)).id)

    return made


async def _moved(office: Office, me: int) -> str:
    part = await _part(office)
    await Move.create(
        structure=part,
        from_network_id=part.network_id,
        to_network_id=part.network_id,
        reason="x",
        at=datetime.now(UTC),
    )
    return ids.encode("ReviewStructure", part.id)


async def _transfer(office: Office, me: int) -> str:
    police, other = await Network.get(code="police"), await Account.machine("x")
    part = await _part(office)
    asked = await Transfer.request(part, Place(police.id), "x", by=other.id, expected_version=1)
    return ids.encode("Transfer", asked.id)


async def _flag(office: Office, me: int) -> str:
    review, other = await make.review(office), await Account.machine("x")
    flag = await ReviewFlag.raise_for(review, RejectReason.INSULT, "", by=other.id)
    return ids.encode("ReviewFlag", flag.id)


async def _discussed(office: Office, me: int) -> str:
    review: Review = await make.review(office)
    await Comment.add(review.id, "x", [me], by=me)
    return ids.encode("Review", review.id)


async def _comment(office: Office, me: int) -> str:
    return ids.encode(
        "Comment", (await Comment.add((await make.review(office)).id, "x", [me], by=me)).id
    )


async def _tag(office: Office, me: int) -> str:
    network = await Network.get(id=office.network_id)
    return ids.encode("BusinessTag", (await BusinessTag.add(network, uuid4().hex)).id)


async def _improvement(office: Office, me: int) -> str:
    other = await Account.machine("x")
    return ids.encode(
        "Improvement", (await Improvement.flag(await _part(office), "x", by=other.id)).id
    )


async def _saved(office: Office, me: int) -> str:
    return ids.encode("SavedFilter", (await SavedFilter.keep(uuid4().hex, {}, by=me)).id)


def _report(*steps: ReportStep, accepted: bool = True, mine: bool = False) -> Made:
    async def made(office: Office, me: int) -> str:
        by = (await Account.get(id=me)).subject if mine else None
        report: DocumentReport = await make.report(office=office, by=by)
        if accepted:
            await make.accepted(report)
        for step in steps:
            await report.go_on(step, by=me, expected_version=report.version)
        return ids.encode("DocumentReport", report.id)

    return made


async def _export(office: Office, me: int) -> str:
    export = await Export.ask(me, ExportKind.REVIEWS, ExportFormat.CSV, Conditions())
    await Export.exclude(id=export.id).delete()
    return ids.encode("Export", export.id)


async def _endpoint(office: Office, me: int) -> str:
    hook = await make.webhook(office)
    await hook.try_out()
    return ids.encode("WebhookEndpoint", hook.id)


async def _quiet(office: Office, me: int) -> str:
    hook = await make.webhook(office)
    await Endpoint.filter(id=hook.id).update(state=EndpointState.OFF)
    return ids.encode("WebhookEndpoint", hook.id)


async def _delivery(office: Office, me: int) -> str:
    return ids.encode("WebhookDelivery", (await (await make.webhook(office)).try_out()).id)


async def _network(office: Office, me: int) -> str:
    return ids.encode("Network", office.network_id)


async def _office(office: Office, me: int) -> str:
    return ids.encode("Office", office.id)


async def _child(office: Office, me: int) -> str:
    return ids.encode("Office", (await make.office(parent=office)).id)


MAKERS: dict[str, Made] = {
    "account": _account,
    "acknowledged": _report(ReportStep.ACKNOWLEDGE),
    "brought": _brought,
    "called": _contact(ContactState.CALLED),
    "child": _child,
    "comment": _comment,
    "contact": _contact(ContactState.TO_DO),
    "delivery": _delivery,
    "discussed": _discussed,
    "draft": _drafted(ReplyState.DRAFT),
    "endpoint": _endpoint,
    "export": _export,
    "flag": _flag,
    "grant": _grant,
    "improvement": _improvement,
    "machine": _machine,
    "mine": _report(accepted=False, mine=True),
    "moved": _moved,
    "network": _network,
    "office": _office,
    "published": _submission(SubmissionState.PUBLISHED),
    "quiet": _quiet,
    "reply": _reply,
    "review": _review,
    "rewriting": _report(ReportStep.ACKNOWLEDGE, ReportStep.BEGIN_REWRITING),
    "saved": _saved,
    "shut": _shut,
    "sourceId": _source_id,
    "structure": _structure,
    "submitted": _drafted(ReplyState.SUBMITTED),
    "tag": _tag,
    "template": _template,
    "token": _token,
    "transfer": _transfer,
    "triaged": _report(),
    "untriaged": _report(accepted=False),
    "waiting": _submission(SubmissionState.SUBMITTED),
}
"""What tests call each by."""
