"""Role by operation: what each role gets from every root field. An unlisted field fails."""

import asyncio
from datetime import date
from typing import Any

import pytest

from models.account import Role
from models.audit import AuditEntry, Deed, Doer, Place
from models.event import Event
from models.indicator import Indicator, IndicatorResult
from models.moderation_figure import ModerationFigure
from models.network import Network
from models.office import Office
from models.task import Task
from models.wall import system
from schema.root import schema
from tests import factories as make
from tests.client import Client
from tests.follower import stream
from tests.things import MAKERS, things, used

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
    "reviewErase": "reviewErase(id: $review, reason: MISTAKE, expectedVersion: 1) { erasedId }",
    "submissionErase": "submissionErase(id: $waiting, reason: MISTAKE, expectedVersion: 1)"
    " { erasedId }",
    "reportErase": "reportErase(id: $triaged, reason: MISTAKE, expectedVersion: 2) { erasedId }",
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
    "reportEvents": "reportEvents { type }",
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
    "reviewErase",
    "submissionErase",
    "reportErase",
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
FOLLOWS = {"changes", "reviewEvents", "reportEvents", "webhooks", "webhookDeliveries"} | HOOKS
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
            deeds = [Deed(kind, "x", place) for kind in ("review.published", "report.accepted")]
            await Event.add(await AuditEntry.add(deeds[0], Doer(None, "test")), deeds)
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
    await things(office, person, *MAKERS)  # for those that list what there is
    got = set()
    for name, selection in ASKED.items():
        given = await things(office, person, *used(selection))
        kind = "mutation" if name in CHANGES else "query"
        head = f"({', '.join(f'${variable}: ID!' for variable in given)})" if given else ""
        data = await api.data(person, f"{kind} {head} {{ {selection} }}", **given)
        got |= set() if is_empty(data) else {name}

    for name, selection in FOLLOWED.items():
        export = (await things(office, person, "export"))["export"]
        if await hears(api, person, selection, office, export):
            got.add(name)

    assert got == ALLOWED[role]


async def test_nobody_gets_anything_without_a_token(api: Client) -> None:
    told = {}
    for name, selection in ASKED.items():
        answer = await api.http.post("/graphql", json={"query": f"{{ {selection} }}"})
        told[name] = answer.status_code, answer.json()["errors"][0]["extensions"]

    assert told == dict.fromkeys(ASKED, (401, {"code": "UNAUTHENTICATED"}))
