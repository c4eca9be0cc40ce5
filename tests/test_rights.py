"""Role by operation: what each role gets from every root field. An unlisted field fails."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from models import ids
from models.access import AccessToken
from models.account import Account, Grant, Role
from models.audit import AuditEntry, Deed, Doer, Place
from models.comment import Comment
from models.contact import ContactRequest, ContactState
from models.event import Event
from models.export import Conditions, Export, ExportFormat, ExportKind
from models.flag import ReviewFlag
from models.improvement import Improvement
from models.indicator import Indicator, IndicatorResult
from models.moderation_figure import ModerationFigure
from models.network import Network
from models.office import Office
from models.reply import Reply, ReplyState, ReplyText
from models.report import ReportStep
from models.review import Review, ReviewStructure
from models.routing import Move, Transfer
from models.saved_filter import SavedFilter
from models.submission import EntryMode, RejectReason, SubmissionState
from models.tag import BusinessTag
from models.task import Task
from models.template import ReplyTemplate
from models.wall import system
from models.webhook import Endpoint, EndpointState
from schema.root import schema
from tests import factories as make
from tests.client import Client
from tests.factories import START
from tests.follower import stream

ASKED = {
    "viewer": "viewer { label }",
    "node": "node(id: $review) { id }",
    "networks": "networks { code }",
    "departments": "departments { code }",
    "regions": "regions { code }",
    "officeTypes": "officeTypes { code }",
    "procedures": "procedures { nodes { id } }",
    "offices": "offices { nodes { id } }",
    "office": "office(id: $office) { id }",
    "reviews": "reviews { nodes { id } }",
    "review": "review(id: $review) { id }",
    "satisfaction": 'satisfaction(period: {from: "2026-01-01", to: "2026-01-31"})'
    " { total { rate { value } } }",
    "barometer": "barometer(from: 2026, to: 2026) { figures { count } }",
    "publishedResults": "publishedResults { nodes { id } }",
    "moderationFigures": "moderationFigures(kind: SUBMISSIONS, year: 2026) { accepted }",
    "whatHurts": 'whatHurts(period: {from: "2026-01-01", to: "2026-01-31"}) { count }',
    "roles": "roles { role }",
    "accounts": "accounts { nodes { id } }",
    "account": "account(id: $account) { id }",
    "grants": "grants { nodes { id } }",
    "auditTrail": "auditTrail { nodes { id } }",
    "changes": "changes { endCursor }",
    "backlog": "backlog { kind }",
    "webhooks": "webhooks { nodes { id } }",
    "webhookDeliveries": "webhookDeliveries(endpoint: $endpoint) { nodes { id } }",
    "webhookCreate": 'webhookCreate(input: {url: "https://example.com/x", label: "x",'
    " place: {office: $office}}) { secret }",
    "webhookUpdate": 'webhookUpdate(id: $endpoint, expectedVersion: 1, label: "y")'
    " { endpoint { id } }",
    "webhookRemove": "webhookRemove(id: $endpoint, expectedVersion: 1) { removed }",
    "webhookRotateSecret": "webhookRotateSecret(id: $endpoint, expectedVersion: 1) { secret }",
    "webhookTest": "webhookTest(id: $endpoint) { delivery { id } }",
    "webhookEnable": "webhookEnable(id: $quiet, expectedVersion: 1) { endpoint { id } }",
    "webhookDisable": "webhookDisable(id: $endpoint, expectedVersion: 1) { endpoint { id } }",
    "webhookReplay": "webhookReplay(delivery: $delivery) { replayed }",
    "exports": "exports { nodes { id } }",
    "exportStart": "exportStart(kind: REVIEWS, format: CSV) { export { id } }",
    "exportCancel": "exportCancel(id: $export, expectedVersion: 1) { export { id } }",
    "grantGive": 'grantGive(input: {role: READER, place: {office: $office}, email: "a@caf.fr"})'
    " { grant { id } }",
    "grantRevoke": "grantRevoke(id: $grant) { grant { id } }",
    "serviceAccountCreate": 'serviceAccountCreate(input: {label: "x", place: {office: $office},'
    " permissions: [READ_AGGREGATES]}) { secret }",
    "serviceAccountRotate": "serviceAccountRotate(id: $machine) { secret }",
    "accessTokenRevoke": "accessTokenRevoke(id: $token) { token { id } }",
    "accountDeactivate": "accountDeactivate(id: $account) { account { id } }",
    "accountReactivate": "accountReactivate(id: $shut) { account { id } }",
    "reviewReply": 'reviewReply(id: $structure, body: "Merci.") { reply { id } }',
    "replyHistory": "replyHistory(id: $reply) { version }",
    "reviewsReply": 'reviewsReply(ids: [$structure], body: "x") { results { replyId } }',
    "replyRate": 'replyRate(source: "test", sourceId: $sourceId, position: 1, helpful: true)'
    " { helpful }",
    "replyTemplates": "replyTemplates(structure: $structure) { id }",
    "replyTemplateCreate": 'replyTemplateCreate(place: {office: $office}, name: "x", body: "x")'
    " { template { id } }",
    "replyTemplateUpdate": 'replyTemplateUpdate(id: $template, name: "x", body: "x",'
    " expectedVersion: 1) { template { id } }",
    "replyTemplateRemove": "replyTemplateRemove(id: $template, expectedVersion: 1) { removedId }",
    "contactRequests": "contactRequests { nodes { id } }",
    "contactRequestReveal": "contactRequestReveal(id: $contact) { contact }",
    "contactRequestCall": "contactRequestCall(id: $contact, expectedVersion: 1)"
    " { contactRequest { id } }",
    "contactRequestMeet": "contactRequestMeet(id: $contact, expectedVersion: 1)"
    " { contactRequest { id } }",
    "contactRequestGiveUp": "contactRequestGiveUp(id: $called, expectedVersion: 1)"
    " { contactRequest { id } }",
    "replyDraft": 'replyDraft(id: $structure, body: "Merci.") { reply { id } }',
    "replySubmit": "replySubmit(id: $draft, expectedVersion: 1) { reply { id } }",
    "replyValidate": "replyValidate(id: $submitted, expectedVersion: 1) { reply { id } }",
    "replyReturn": 'replyReturn(id: $submitted, note: "Non.", expectedVersion: 1) { reply { id } }',
    "replyPublish": "replyPublish(id: $draft, expectedVersion: 1) { reply { id } }",
    "networkConfigure": "networkConfigure(id: $network, replyDays: 7) { network { id } }",
    "submissions": "submissions { nodes { id } }",
    "documentReports": "documentReports { nodes { id } }",
    "documents": "documents { nodes { id } }",
    "reportHistory": "reportHistory(id: $triaged) { version }",
    "reportsSubmit": 'reportsSubmit(source: "y", reports: [{sourceId: "1", report: {title: "x",'
    ' passage: "x", reason: TONE, office: $office}}]) { results { reportId } }',
    "reportEnter": 'reportEnter(mode: PHONE, report: {title: "x", passage: "x", reason: TONE,'
    " office: $office}) { report { id } }",
    "reportWithdraw": "reportWithdraw(id: $mine, expectedVersion: 1) { report { id } }",
    "reportAccept": "reportAccept(id: $untriaged, expectedVersion: 1) { report { id } }",
    "reportReject": "reportReject(id: $untriaged, reason: INSULT, expectedVersion: 1)"
    " { report { id } }",
    "reportOriginal": "reportOriginal(id: $triaged) { report { id } }",
    "reportAcknowledge": "reportAcknowledge(id: $triaged, expectedVersion: 2) { report { id } }",
    "reportBeginRewriting": "reportBeginRewriting(id: $acknowledged, expectedVersion: 3)"
    " { report { id } }",
    "reportRewrite": 'reportRewrite(id: $rewriting, after: "x", expectedVersion: 4)'
    " { report { id } }",
    "reportDecline": 'reportDecline(id: $triaged, reason: "x", expectedVersion: 2)'
    " { report { id } }",
    "reviewsSubmit": 'reviewsSubmit(source: "x", reviews: [{sourceId: "1", review: {title: "x",'
    " sentiment: NEUTRAL, structures: [{office: $office}]}}]) { results { submissionId } }",
    "reviewEnter": 'reviewEnter(mode: PHONE, review: {title: "x", sentiment: NEUTRAL,'
    " structures: [{office: $office}]}) { submission { id } }",
    "submissionUpdate": 'submissionUpdate(id: $brought, expectedVersion: 1, review: {title: "y",'
    " sentiment: NEUTRAL, structures: [{office: $office}]}) { submission { id } }",
    "submissionWithdraw": "submissionWithdraw(id: $brought, expectedVersion: 1)"
    " { submission { id } }",
    "submissionApprove": "submissionApprove(id: $waiting, expectedVersion: 1)"
    " { submission { id } }",
    "submissionReject": "submissionReject(id: $waiting, reason: INSULT, expectedVersion: 1)"
    " { submission { id } }",
    "submissionUnpublish": "submissionUnpublish(id: $published, reason: INSULT, expectedVersion: 1)"
    " { submission { id } }",
    "reviewRedact": "reviewRedact(id: $review, expectedVersion: 1,"
    " passages: [{field: TITLE, start: 0, end: 1}]) { review { id } }",
    "reviewOriginal": "reviewOriginal(id: $review) { review { id } }",
    "replyEdit": 'replyEdit(id: $reply, body: "Pardon.", expectedVersion: 1) { reply { id } }',
    "replyWithdraw": "replyWithdraw(id: $reply, expectedVersion: 1) { structure { id } }",
    "structureColleagues": "structureColleagues(id: $structure) { label }",
    "structureHistory": "structureHistory(id: $moved) { reason }",
    "structureAssign": "structureAssign(id: $structure, expectedVersion: 1) { structure { id } }",
    "structureMove": "structureMove(id: $structure, to: $child, expectedVersion: 1)"
    " { structure { id } }",
    "structureTag": "structureTag(id: $structure, tags: [], expectedVersion: 1)"
    " { structure { id } }",
    "transfers": "transfers { nodes { id } }",
    "transferRequest": 'transferRequest(id: $structure, to: {network: "police"}, reason: "x",'
    " expectedVersion: 1) { transfer { id } }",
    "transferApprove": "transferApprove(id: $transfer, expectedVersion: 1) { transfer { id } }",
    "transferRefuse": 'transferRefuse(id: $transfer, note: "x", expectedVersion: 1)'
    " { transfer { id } }",
    "transferCancel": "transferCancel(id: $transfer, expectedVersion: 1) { transfer { id } }",
    "reviewFlags": "reviewFlags { nodes { id } }",
    "reviewFlag": "reviewFlag(id: $review, reason: INSULT) { flag { id } }",
    "reviewFlagDismiss": "reviewFlagDismiss(id: $flag, expectedVersion: 1) { flag { id } }",
    "comments": "comments(review: $discussed) { nodes { id } }",
    "mentions": "mentions { nodes { id } }",
    "commentAdd": 'commentAdd(id: $review, body: "x") { comment { id } }',
    "commentEdit": 'commentEdit(id: $comment, body: "y", expectedVersion: 1) { comment { id } }',
    "commentRemove": "commentRemove(id: $comment, expectedVersion: 1) { removedId }",
    "commentRead": "commentRead(id: $comment) { comment { id } }",
    "businessTags": 'businessTags(network: "caf") { id }',
    "businessTagCreate": 'businessTagCreate(network: $network, name: "x") { tag { id } }',
    "businessTagUpdate": "businessTagUpdate(id: $tag, active: false, expectedVersion: 1)"
    " { tag { id } }",
    "improvements": "improvements { nodes { id } }",
    "improvementFlag": 'improvementFlag(id: $structure, need: "x") { improvement { id } }',
    "improvementPlan": 'improvementPlan(id: $improvement, plan: "x", expectedVersion: 1)'
    " { improvement { id } }",
    "improvementMake": 'improvementMake(id: $improvement, change: "x", madeOn: "2026-01-01",'
    " expectedVersion: 1) { improvement { id } }",
    "improvementDrop": 'improvementDrop(id: $improvement, why: "x", expectedVersion: 1)'
    " { improvement { id } }",
    "savedFilters": "savedFilters { id }",
    "savedFilterCreate": 'savedFilterCreate(name: "x", where: {}) { savedFilter { id } }',
    "savedFilterUpdate": 'savedFilterUpdate(id: $saved, name: "z", expectedVersion: 1)'
    " { savedFilter { id } }",
    "savedFilterRemove": "savedFilterRemove(id: $saved, expectedVersion: 1) { removedId }",
}
SAVES = {"savedFilterCreate", "savedFilterUpdate", "savedFilterRemove"}
FOLLOWED = {
    "reviewEvents": "reviewEvents { type }",
    "exportProgress": "exportProgress(id: $export) { id }",
}
OPEN = {"viewer", "roles", "networks", "departments", "regions", "officeTypes", "offices", "office"}
OPEN |= {"procedures", "publishedResults"}
FIGURES = {"satisfaction", "barometer", "whatHurts"}
WHOLE_FIGURES = {"moderationFigures"}
OPEN |= SAVES | {"savedFilters", "businessTags"}
VERBATIMS = {"node", "reviews", "review", "structureHistory", "improvements"}
VERBATIMS |= {"documentReports", "documents", "reportHistory"}
ANSWERS = {
    "structureAssign",
    "structureTag",
    "improvementFlag",
    "improvementPlan",
    "improvementMake",
    "improvementDrop",
}
MOVES = {"structureMove", "transferRequest", "transferCancel"}
SAYS = {"reviewFlag", "commentAdd", "commentEdit", "commentRemove", "commentRead"}
DISCUSSES = SAYS | {"comments", "mentions"}
DECIDES = {"transferApprove", "transferRefuse", "reviewFlagDismiss"}
REPLIES = {"reviewReply", "replyDraft", "replyEdit", "replySubmit", "replyPublish", "replyWithdraw"}
VALIDATION = {"replyValidate", "replyReturn"}
HISTORY = {"replyHistory"}
NETWORK = {"networkConfigure", "businessTagCreate", "businessTagUpdate"}
ENTERS = {"reviewEnter", "submissions", "submissionUpdate", "submissionWithdraw"}
ENTERS |= {"reportEnter", "reportWithdraw"}
INTAKE = {"reviewsSubmit", "replyRate", "submissions", "submissionWithdraw"}
INTAKE |= {"reportsSubmit", "reportWithdraw", "documentReports"}
MODERATES = {
    "reportAccept",
    "reportReject",
    "reportOriginal",
    "submissions",
    "submissionApprove",
    "submissionReject",
    "submissionUnpublish",
    "reviewRedact",
    "reviewOriginal",
}
MODERATES |= DECIDES | MOVES | DISCUSSES | {"transfers", "reviewFlags"}
REPLIES |= {"reviewsReply"}
CONTACTS = {
    "contactRequestReveal",
    "contactRequestCall",
    "contactRequestMeet",
    "contactRequestGiveUp",
}
TEMPLATES = {"replyTemplateCreate", "replyTemplateUpdate", "replyTemplateRemove"}
WRITES = REPLIES | HISTORY | CONTACTS | {"contactRequests", "replyTemplates"}
WRITES |= ANSWERS | MOVES | DISCUSSES | {"transfers", "structureColleagues"}
REWRITES = {"reportAcknowledge", "reportBeginRewriting", "reportRewrite", "reportDecline"}
WRITES |= REWRITES
EXPORTS = {"exports", "exportStart", "exportCancel", "exportProgress"}
MANAGES = WRITES | VALIDATION | EXPORTS
ADMINISTERS = {"accounts", "account", "grants"}
ADMINISTRATION = TEMPLATES | {
    "grantGive",
    "grantRevoke",
    "serviceAccountCreate",
    "serviceAccountRotate",
    "accessTokenRevoke",
    "accountDeactivate",
    "accountReactivate",
}
AUDIT = {"auditTrail"}
HOOKS = {
    "webhookCreate",
    "webhookUpdate",
    "webhookRemove",
    "webhookRotateSecret",
    "webhookTest",
    "webhookEnable",
    "webhookDisable",
    "webhookReplay",
}
FOLLOWS = {"changes", "reviewEvents", "webhooks", "webhookDeliveries"} | HOOKS
LOCAL = OPEN | FIGURES | VERBATIMS | MANAGES | ENTERS | ADMINISTERS | ADMINISTRATION | FOLLOWS
ALLOWED = {
    Role.OFFICE_AGENT: OPEN | FIGURES | VERBATIMS | WRITES | ENTERS,
    Role.OFFICE_MANAGER: LOCAL,
    Role.DEPARTMENT_MANAGER: LOCAL,
    Role.NETWORK_MANAGER: LOCAL | AUDIT | NETWORK | WHOLE_FIGURES,
    Role.VALIDATOR: OPEN | FIGURES | VERBATIMS | VALIDATION | HISTORY | DISCUSSES,
    Role.READER: OPEN | FIGURES | VERBATIMS,
    Role.ANALYST: OPEN | FIGURES | WHOLE_FIGURES,
    Role.MODERATOR: OPEN | FIGURES | WHOLE_FIGURES | VERBATIMS | MODERATES,
    Role.ADMINISTRATOR: OPEN
    | FIGURES
    | WHOLE_FIGURES
    | ADMINISTERS
    | ADMINISTRATION
    | AUDIT
    | NETWORK
    | {"backlog"},
    Role.SERVICE: OPEN | FIGURES | INTAKE,
}


CHANGES = REPLIES | CONTACTS | VALIDATION | ADMINISTRATION | NETWORK | HOOKS
CHANGES |= REWRITES | ANSWERS | MOVES | SAYS | DECIDES | SAVES
CHANGES |= (ENTERS | MODERATES | INTAKE | EXPORTS) - {
    "submissions",
    "documentReports",
    "comments",
    "mentions",
    "transfers",
    "reviewFlags",
    "exports",
    "exportProgress",
}


def root_fields() -> set[str]:
    core = schema._schema
    assert core.query_type
    assert core.mutation_type
    assert core.subscription_type
    kinds = (core.query_type, core.mutation_type, core.subscription_type)
    return {name for kind in kinds for name in kind.fields}


def test_every_operation_is_in_the_table() -> None:
    assert {*ASKED, *FOLLOWED} == root_fields()
    assert set(ALLOWED) == set(Role)


async def hears(api: Client, person: str, selection: str, office: Office, export: str) -> bool:
    """Whether anything is told to a person who follows this, when something happens."""
    head = "($export: ID!)" if "$export" in selection else ""
    query = f"subscription {head} {{ {selection} }}"
    async with stream(api.http, api.headers(person), query, export=export) as found:
        await asyncio.sleep(0.5)
        place = Place(office.network_id, office.department_id, office.id)
        async with system():
            entry = await AuditEntry.add(Deed("review.published", "x", place), Doer(None, "test"))
            await Event.add(entry, [Deed("review.published", "x", place)])
        try:
            name, told = await found.next(2.0)
        except TimeoutError:
            return False
    return name == "next" and "errors" not in told


def is_empty(value: Any) -> bool:
    """Whether nothing was found or done: no leaf in it holds anything."""
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    if isinstance(value, list):
        return all(map(is_empty, value))
    return value is None


async def beside(person: str, mark: str, answered: Review) -> dict[str, str]:
    """What is kept beside a review, made by `person` or by someone else."""
    mine = (await Account.get(subject=person)).id
    other = (await Account.create(subject=f"other-{mark}", label="x")).id
    third = await ReviewStructure.get(review=answered)
    police = await Network.get(code="police")
    move = await Move.create(
        structure=third,
        from_network_id=third.network_id,
        to_network_id=third.network_id,
        reason="x",
        at=datetime.now(UTC),
    )
    asked_of = await make.review(await Office.get(id=third.office_id))
    of_transfer = await ReviewStructure.get(review=asked_of)
    transfer = await Transfer.request(
        of_transfer, Place(police.id), "x", by=other, expected_version=1
    )
    comment = await Comment.add(answered.id, "x", [mine], by=mine)
    made = {
        "ReviewStructure": move.structure_id,
        "Transfer": transfer.id,
        "ReviewFlag": (await ReviewFlag.raise_for(answered, RejectReason.INSULT, "", by=other)).id,
        "Comment": comment.id,
        "BusinessTag": (await BusinessTag.add(await Network.get(code="caf"), mark)).id,
        "Improvement": (await Improvement.flag(third, "x", by=other)).id,
        "SavedFilter": (await SavedFilter.keep(mark, {}, by=mine)).id,
        "Review": answered.id,
    }
    found = (ids.encode(kind, key) for kind, key in made.items())
    return dict(zip(KEPT, found, strict=True))


KEPT = ("moved", "transfer", "flag", "comment", "tag", "improvement", "saved", "discussed")


async def reported(office: Office, person: str) -> dict[str, str]:
    """Document reports at `office`, in the states that ASKED expects."""
    by = (await Account.get(subject=person)).id
    made = {
        "mine": await make.report(office=office, by=person),
        "untriaged": await make.report(office=office),
        "triaged": await make.accepted(await make.report(office=office)),
        "acknowledged": await make.accepted(await make.report(office=office)),
        "rewriting": await make.accepted(await make.report(office=office)),
    }
    for called in ("acknowledged", "rewriting"):
        await made[called].go_on(ReportStep.ACKNOWLEDGE, by=by, expected_version=2)
    await made["rewriting"].go_on(ReportStep.BEGIN_REWRITING, by=by, expected_version=3)
    return {called: ids.encode("DocumentReport", one.id) for called, one in made.items()}


async def things(office: Office, person: str) -> dict[str, str]:
    """The ids of one of each kind at `office`, in the states that ASKED expects."""
    mark = uuid4().hex
    answered, waiting = await make.review(office, replied=1), await make.review(office)
    structure = await ReviewStructure.get(review=answered).prefetch_related("replies")
    holder = await Account.create(subject=f"holder-{mark}", label="x")
    machine = await Account.machine("x")
    for account in (holder, machine):
        grant = await Grant.create(
            account=account,
            role=Role.SERVICE,
            rights="read_aggregates",
            network_id=office.network_id,
            office=office,
        )
    token, _ = await AccessToken.issue(machine, datetime(2100, 1, 1, tzinfo=UTC))
    shut = await Account.create(subject=f"shut-{mark}", label="x", deactivated_at=datetime.now(UTC))
    await Grant.create(account=shut, role=Role.READER, network_id=office.network_id, office=office)
    await structure.replies[0].keep("import", None)
    template = await ReplyTemplate.add(
        "x", ReplyText("x"), network_id=office.network_id, office_id=office.id
    )
    asked = [
        await ContactRequest.create(structure=structure, contact="06", asked_at=START, state=state)
        for state in (ContactState.TO_DO, ContactState.CALLED)
    ]
    others = {}
    for state in (ReplyState.DRAFT, ReplyState.SUBMITTED):
        of = await ReviewStructure.get(review=await make.review(office))
        reply = await Reply.create(structure=of, body="x", state=state)
        await reply.keep("draft", None)
        others[state.value] = ids.encode("Reply", reply.id)
    queued = {
        "brought": await make.submission(office, by=person, entry=EntryMode.COUNTER),
        "waiting": await make.submission(office),
        "published": await make.submission(office, state=SubmissionState.PUBLISHED),
    }
    return {
        **others,
        **await beside(person, mark, answered),
        **await reported(office, person),
        "child": ids.encode("Office", (await make.office(parent=office)).id),
        "sourceId": answered.source_id,
        "template": ids.encode("ReplyTemplate", template.id),
        "contact": ids.encode("ContactRequest", asked[0].id),
        "called": ids.encode("ContactRequest", asked[1].id),
        **{called: ids.encode("Submission", one.id) for called, one in queued.items()},
        "network": ids.encode("Network", office.network_id),
        "shut": ids.encode("Account", shut.id),
        "account": ids.encode("Account", holder.id),
        "machine": ids.encode("Account", machine.id),
        "grant": ids.encode("Grant", grant.id),
        "token": ids.encode("AccessToken", token.id),
        "review": ids.encode("Review", waiting.id),
        "office": ids.encode("Office", office.id),
        "structure": ids.encode("ReviewStructure", (await ReviewStructure.get(review=waiting)).id),
        "reply": ids.encode("Reply", structure.replies[0].id),
    }


@pytest.mark.parametrize("role", Role)
async def test_each_role_gets_what_the_table_says(api: Client, role: Role) -> None:
    office = await make.office()
    await make.procedure()
    scope: dict[Role, dict[str, Any]] = {
        Role.OFFICE_AGENT: {"office": office},
        Role.DEPARTMENT_MANAGER: {"network": "caf", "department": "69"},
        Role.NETWORK_MANAGER: {"network": "caf"},
        Role.ANALYST: {"network": "caf"},
        Role.MODERATOR: {},
        Role.ADMINISTRATOR: {},
        Role.SERVICE: {"office": office, "rights": "intake read_aggregates"},
    }
    person = await make.person(role, **scope.get(role, {"office": office}))
    caf = Place(office.network_id, None, office.id)
    await Network.filter(code="caf").update(bulk_replies=True)
    await AuditEntry.add(Deed("test", "test", caf), Doer(None, "test"))
    await Task.ask("purge", "all")
    await ModerationFigure.close(202601, 11)
    await Indicator.create(code="x", title="x", method="")
    await IndicatorResult.create(indicator_id="x", value=1, updated_on=date(2026, 1, 1), file="x")
    got = set()
    for name, selection in ASKED.items():
        given = await things(office, person)
        export = await Export.ask(
            (await Account.get(subject=person)).id,
            ExportKind.REVIEWS,
            ExportFormat.CSV,
            Conditions(),
        )
        await Export.exclude(id=export.id).delete()
        hooks = [await make.webhook(office) for _ in range(2)]
        delivery = await hooks[0].try_out()
        await Endpoint.filter(id=hooks[1].id).update(state=EndpointState.OFF)
        given |= {
            "export": ids.encode("Export", export.id),
            "endpoint": ids.encode("WebhookEndpoint", hooks[0].id),
            "quiet": ids.encode("WebhookEndpoint", hooks[1].id),
            "delivery": ids.encode("WebhookDelivery", delivery.id),
        }
        kind = "mutation" if name in CHANGES else "query"
        used = [variable for variable in given if f"${variable}" in selection]
        head = f"({', '.join(f'${variable}: ID!' for variable in used)})" if used else ""
        data = await api.data(
            person, f"{kind} {head} {{ {selection} }}", **{key: given[key] for key in used}
        )
        got |= set() if is_empty(data) else {name}

    for name, selection in FOLLOWED.items():
        if await hears(api, person, selection, office, ids.encode("Export", export.id)):
            got.add(name)

    assert got == ALLOWED[role]


@pytest.mark.parametrize("name", sorted(ASKED))
async def test_nobody_gets_anything_without_a_token(api: Client, name: str) -> None:
    answer = await api.http.post("/graphql", json={"query": f"{{ {ASKED[name]} }}"})

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
