"""The table of contents: what can be asked, and what can be changed."""

import strawberry

from resolvers import (
    access,
    audit,
    backlog,
    barometer,
    bulk,
    changes,
    contacts,
    documents,
    erasing,
    exports,
    giving,
    hurts,
    indicators,
    intake,
    live,
    moderation,
    moderation_figures,
    near,
    networks,
    nodes,
    procedures,
    rating,
    reference,
    replies,
    reporting,
    reports,
    reviews,
    rewriting,
    statistics,
    submissions,
    templates,
    viewers,
    webhook_changes,
    webhooks,
)
from schema.access import AccessToken, Account, AuditEntry, Grant, RoleRights
from schema.contact import ContactRequest, ContactRequestPayload, ContactRequestRevealPayload
from schema.erasure import ErasePayload
from schema.event import Backlog, Changes, Event
from schema.export import Export, ExportPayload
from schema.hurts import WhatHurts
from schema.limits import RelaisSchema
from schema.moderation_figures import ModerationFigures
from schema.node import Connection, Node
from schema.office import Department, Network, Office, OfficeType, Region
from schema.payloads import (
    AccessTokenPayload,
    AccountPayload,
    GrantPayload,
    NetworkPayload,
    ReplyPayload,
    ReviewOriginalPayload,
    ReviewPayload,
    ServiceAccountPayload,
    SubmissionPayload,
    SubmissionsPayload,
    change,
)
from schema.procedure import Procedure
from schema.reply_payloads import RepliesPayload, ReplyRatePayload
from schema.report import (
    Document,
    DocumentReport,
    ReportOriginalPayload,
    ReportPayload,
    ReportsPayload,
    ReportVersion,
)
from schema.review import Reply, ReplyVersion, Review, ReviewStructure
from schema.statistics import BarometerPoint, IndicatorResult, Satisfaction
from schema.submission import Submission
from schema.template import ReplyTemplate, ReplyTemplatePayload, ReplyTemplateRemovePayload
from schema.viewer import Viewer
from schema.webhook import (
    WebhookDelivery,
    WebhookEndpoint,
    WebhookPayload,
    WebhookRemovedPayload,
    WebhookReplayPayload,
    WebhookSecretPayload,
    WebhookTestPayload,
)
from schema.work import BusinessTag, Comment, Improvement, ReviewFlag, SavedFilter, Transfer
from schema.work_root import WorkMutation, WorkQuery


@strawberry.type(description="What can be asked.")
class Query(WorkQuery):
    viewer = strawberry.field(
        resolver=viewers.me, graphql_type=Viewer, description="Who asks, and what they may see."
    )
    node = strawberry.field(
        resolver=nodes.node,
        graphql_type=Node | None,
        description="Anything by its global id; null when missing or not in scope.",
    )
    networks = strawberry.field(
        resolver=reference.networks, graphql_type=list[Network], description="All networks."
    )
    departments = strawberry.field(
        resolver=reference.departments,
        graphql_type=list[Department],
        description="All departments.",
    )
    regions = strawberry.field(
        resolver=reference.regions, graphql_type=list[Region], description="All regions."
    )
    office_types = strawberry.field(
        resolver=reference.office_types,
        graphql_type=list[OfficeType],
        description="All types of offices.",
    )
    procedures = strawberry.field(
        resolver=procedures.listing,
        graphql_type=Connection[Procedure],
        description="Procedures by name.",
    )
    offices = strawberry.field(
        resolver=near.listing,
        graphql_type=Connection[Office],
        description="Offices by name or, `near` a place, by distance.",
    )
    office = strawberry.field(
        resolver=nodes.office, graphql_type=Office | None, description="One office."
    )
    reviews = strawberry.field(
        resolver=reviews.inbox,
        graphql_type=Connection[Review],
        description="Reviews of which a structure lies in the viewer's scope.",
    )
    review = strawberry.field(
        resolver=nodes.review,
        graphql_type=Review | None,
        description="One review; null when missing or not in scope.",
    )
    satisfaction = strawberry.field(
        resolver=statistics.satisfaction,
        graphql_type=Satisfaction,
        description="How content users are and how they are answered, in figures that the viewer "
        f"may count: at most {statistics.MAX_CELLS} cells (`TOO_MANY_CELLS`). Refused with "
        "BAD_PERIOD, BAD_INPUT or BAD_ID.",
    )
    barometer = strawberry.field(
        resolver=barometer.barometer,
        graphql_type=list[BarometerPoint],
        description="Satisfaction of the country and of networks by years or quarters, each "
        "compared with a year before, of what the viewer may count. Refused with BAD_PERIOD.",
    )
    what_hurts = strawberry.field(
        resolver=hurts.what_hurts,
        graphql_type=WhatHurts,
        description="What explains negative reviews best, of what the viewer may count. Refused "
        "with BAD_PERIOD, BAD_INPUT, BAD_ID or TOO_MANY_CELLS.",
    )
    moderation_figures = strawberry.field(
        resolver=moderation_figures.moderation_figures,
        graphql_type=list[ModerationFigures],
        description="What came in and what became of it, by closed months, of whole networks that "
        "the viewer may count: what tells of few is suppressed. Refused with BAD_PERIOD.",
    )
    published_results = strawberry.field(
        resolver=indicators.results,
        graphql_type=Connection[IndicatorResult],
        description="Results of the platform's indicators, the latest first: open data, beside "
        "our own figures. Refused with BAD_INPUT or BAD_ID.",
    )
    exports = strawberry.field(
        resolver=exports.listing,
        graphql_type=Connection[Export],
        description="What the viewer asked to take out in bulk, the latest first.",
    )
    reply_history = strawberry.field(
        resolver=replies.history,
        graphql_type=list[ReplyVersion],
        description="What a reply was after each of its steps, the first one first, and words "
        "for it that came too late; empty for those who neither write nor validate it.",
    )
    reply_templates = strawberry.field(
        resolver=templates.listing,
        graphql_type=list[ReplyTemplate],
        description="Templates of replies, by name: those that may be used for a structure, or "
        "those that the viewer keeps.",
    )
    contact_requests = strawberry.field(
        resolver=contacts.listing,
        graphql_type=Connection[ContactRequest],
        description="Users who ask to talk to someone, the oldest first: for those who reply.",
    )
    document_reports = strawberry.field(
        resolver=reports.listing,
        graphql_type=Connection[DocumentReport],
        description="Reports of documents in the viewer's scope, the newest first. Before triage "
        "they are for moderators, and for whoever brought them in.",
    )
    documents = strawberry.field(
        resolver=documents.listing,
        graphql_type=Connection[Document],
        description="Documents that were reported, those with the most reports first.",
    )
    report_history = strawberry.field(
        resolver=reports.history,
        graphql_type=list[ReportVersion],
        description="The steps of a document report, the first one first; empty where it is not in "
        "scope.",
    )
    submissions = strawberry.field(
        resolver=submissions.queue,
        graphql_type=Connection[Submission],
        description="Reviews on their way to publication, the oldest first: all for moderators, "
        "and for others those they brought in.",
    )
    changes = strawberry.field(
        resolver=changes.changes,
        graphql_type=Changes,
        description="What happened within the viewer's scope since they last asked: every event "
        "once, in order, for those who poll.",
    )
    webhook_deliveries = strawberry.field(
        resolver=webhooks.deliveries,
        graphql_type=Connection[WebhookDelivery],
        description="What was sent to an endpoint, and what waits, the latest first.",
    )
    webhooks = strawberry.field(
        resolver=webhooks.listing,
        graphql_type=Connection[WebhookEndpoint],
        description="Endpoints of webhooks over what the viewer both administers and may follow.",
    )
    roles = strawberry.field(
        resolver=access.roles,
        graphql_type=list[RoleRights],
        description="The table of rights: what each role may do.",
    )
    accounts = strawberry.field(
        resolver=access.accounts,
        graphql_type=Connection[Account],
        description="People and machines that hold, or held, something the viewer administers.",
    )
    account = strawberry.field(
        resolver=nodes.account,
        graphql_type=Account | None,
        description="One account; null when missing or not in scope.",
    )
    grants = strawberry.field(
        resolver=access.grants,
        graphql_type=Connection[Grant],
        description="Grants over what the viewer administers, the latest first.",
    )
    backlog = strawberry.field(
        resolver=backlog.backlog,
        graphql_type=list[Backlog],
        description="Work without a request that waits or is being done, by kind, for those who "
        "administer the country.",
    )
    audit_trail = strawberry.field(
        resolver=audit.trail,
        graphql_type=Connection[AuditEntry],
        description="What was done, by whom and from where, the latest first: in the networks of "
        "whoever manages them, and everything for administrators.",
    )


@strawberry.type(description="What can be changed. Each is done whole or not at all.")
class Mutation(WorkMutation):
    review_reply = strawberry.field(
        resolver=change(replies.reply, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Write and publish a reply at once, for one's own structure. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT, ALREADY_REPLIED, VALIDATION_REQUIRED or "
        "FINDINGS_TO_CONFIRM.",
    )
    reviews_reply = strawberry.field(
        resolver=change(bulk.reply, RepliesPayload),
        graphql_type=RepliesPayload,
        description="Publish one same reply to several reviews, where the network allows it "
        "(`networkConfigure`); each is accepted or refused by itself. Refused with BAD_INPUT, "
        "BULK_NOT_ALLOWED or FINDINGS_TO_CONFIRM, each with what `reviewReply` is.",
    )
    reply_draft = strawberry.field(
        resolver=change(replies.draft, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Begin a reply that only those who write or validate it see. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT or ALREADY_REPLIED.",
    )
    reply_edit = strawberry.field(
        resolver=change(replies.edit, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Put other words in place of those of a reply: what was validated is a draft "
        "again, what is published stays so. Refused with NOT_FOUND (also to those who may not "
        "validate, where the network does), BAD_ID, BAD_INPUT, STALE_VERSION, "
        "ALREADY_WITHDRAWN or FINDINGS_TO_CONFIRM. Words that come too late are kept in "
        "`replyHistory`.",
    )
    reply_submit = strawberry.field(
        resolver=change(replies.submit, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Ask for a draft to be validated. Refused with NOT_FOUND, BAD_ID, "
        "STALE_VERSION, ALREADY_WITHDRAWN or ILLEGAL_STEP.",
    )
    reply_validate = strawberry.field(
        resolver=change(replies.validate, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Find a reply good that someone else wrote. Refused with NOT_FOUND, BAD_ID, "
        "STALE_VERSION, ALREADY_WITHDRAWN, ILLEGAL_STEP or SELF_VALIDATION.",
    )
    reply_return = strawberry.field(
        resolver=change(replies.give_back, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Give a reply back to those who write it, and say why. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT, STALE_VERSION, ALREADY_WITHDRAWN or ILLEGAL_STEP.",
    )
    reply_publish = strawberry.field(
        resolver=change(replies.publish, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Let all read a reply: a draft, or where the network validates replies one "
        "that was validated. Refused with NOT_FOUND, BAD_ID, STALE_VERSION, ALREADY_WITHDRAWN, "
        "ILLEGAL_STEP, VALIDATION_REQUIRED or FINDINGS_TO_CONFIRM.",
    )
    reply_withdraw = strawberry.field(
        resolver=change(replies.withdraw, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Take a reply back, whose structure is to be answered again, or give a draft "
        "up. Refused with "
        "NOT_FOUND, BAD_ID, STALE_VERSION or ALREADY_WITHDRAWN.",
    )
    reply_rate = strawberry.field(
        resolver=change(rating.rate, ReplyRatePayload),
        graphql_type=ReplyRatePayload,
        description="Take down, for the author of a review, whether a published reply helped. "
        "Refused with NOT_FOUND or BAD_INPUT.",
    )
    reply_template_create = strawberry.field(
        resolver=change(templates.create, ReplyTemplatePayload),
        graphql_type=ReplyTemplatePayload,
        description="Keep words that are said often, for a place that one administers. Refused "
        "with NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    reply_template_update = strawberry.field(
        resolver=change(templates.update, ReplyTemplatePayload),
        graphql_type=ReplyTemplatePayload,
        description="Give a template another name and other words. Refused with NOT_FOUND, "
        "BAD_ID, BAD_INPUT or STALE_VERSION.",
    )
    reply_template_remove = strawberry.field(
        resolver=change(templates.remove, ReplyTemplateRemovePayload),
        graphql_type=ReplyTemplateRemovePayload,
        description="Keep a template no more. Refused with NOT_FOUND, BAD_ID or STALE_VERSION.",
    )
    contact_request_reveal = strawberry.field(
        resolver=change(contacts.reveal, ContactRequestRevealPayload),
        graphql_type=ContactRequestRevealPayload,
        description="Read how to reach a user. Each reading is in the audit trail. Refused with "
        "NOT_FOUND or BAD_ID.",
    )
    contact_request_call = strawberry.field(
        resolver=change(contacts.call, ContactRequestPayload),
        graphql_type=ContactRequestPayload,
        description="Write down a call to a user who asked for it. Refused with NOT_FOUND, "
        "BAD_ID, BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    contact_request_meet = strawberry.field(
        resolver=change(contacts.meet, ContactRequestPayload),
        graphql_type=ContactRequestPayload,
        description="Write down that a user was talked to. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    contact_request_give_up = strawberry.field(
        resolver=change(contacts.give_up, ContactRequestPayload),
        graphql_type=ContactRequestPayload,
        description="Write down that a user can't be reached, once somebody called. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    export_start = strawberry.field(
        resolver=change(exports.start, ExportPayload),
        graphql_type=ExportPayload,
        description="Ask for a file of what grants with `EXPORT` let the viewer read. Refused with "
        "EXPORT_EMPTY (also to those who may export nothing), EXPORT_QUOTA, BAD_ID or BAD_INPUT.",
    )
    export_cancel = strawberry.field(
        resolver=change(exports.cancel, ExportPayload),
        graphql_type=ExportPayload,
        description="Give an export up: it is not written any further, and can't be fetched. "
        "Refused with NOT_FOUND, BAD_ID, STALE_VERSION or ILLEGAL_STEP.",
    )
    reviews_submit = strawberry.field(
        resolver=change(intake.submit, SubmissionsPayload),
        graphql_type=SubmissionsPayload,
        description="Hand reviews over to moderation, each accepted or refused by itself: with "
        "NOT_FOUND, BAD_ID, BAD_INPUT or SOURCE_ID_TAKEN.",
    )
    review_enter = strawberry.field(
        resolver=change(intake.enter, SubmissionPayload),
        graphql_type=SubmissionPayload,
        description="Write down for a person what they tell, as the office it concerns first. "
        "Refused with NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    submission_update = strawberry.field(
        resolver=change(intake.update, SubmissionPayload),
        graphql_type=SubmissionPayload,
        description="Tell otherwise what one brought in, before it is decided. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    submission_withdraw = strawberry.field(
        resolver=change(intake.withdraw, SubmissionPayload),
        graphql_type=SubmissionPayload,
        description="Take back what one brought in, for its author: it vanishes, published or not. "
        "Refused with NOT_FOUND, BAD_ID, STALE_VERSION or ILLEGAL_STEP.",
    )
    submission_approve = strawberry.field(
        resolver=change(moderation.approve, SubmissionPayload),
        graphql_type=SubmissionPayload,
        description="Publish a submission, without the words that are redacted. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    submission_reject = strawberry.field(
        resolver=change(moderation.reject, SubmissionPayload),
        graphql_type=SubmissionPayload,
        description="Keep a submission from being published. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    submission_unpublish = strawberry.field(
        resolver=change(moderation.unpublish, SubmissionPayload),
        graphql_type=SubmissionPayload,
        description="Take a published review out again, with its replies. Refused with NOT_FOUND, "
        "BAD_ID, STALE_VERSION or ILLEGAL_STEP.",
    )
    review_redact = strawberry.field(
        resolver=change(moderation.redact, ReviewPayload),
        graphql_type=ReviewPayload,
        description="Take words out of a published review. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT or STALE_VERSION.",
    )
    review_original = strawberry.field(
        resolver=change(moderation.original, ReviewOriginalPayload),
        graphql_type=ReviewOriginalPayload,
        description="Read what was received of a review. Each reading is in the audit trail. "
        "Refused with NOT_FOUND or BAD_ID.",
    )
    review_erase = strawberry.field(
        resolver=change(erasing.review, ErasePayload),
        graphql_type=ErasePayload,
        description="Erase a published review for good, with its replies and all that was said of "
        "it: it can't come back. Refused with NOT_FOUND, BAD_ID or STALE_VERSION.",
    )
    submission_erase = strawberry.field(
        resolver=change(erasing.submission, ErasePayload),
        graphql_type=ErasePayload,
        description="Erase a submission for good, published or not, likewise. Refused with "
        "NOT_FOUND, BAD_ID or STALE_VERSION.",
    )
    report_erase = strawberry.field(
        resolver=change(erasing.report, ErasePayload),
        graphql_type=ErasePayload,
        description="Erase a document report for good, with its file and what was rewritten for "
        "it. Refused with NOT_FOUND, BAD_ID or STALE_VERSION.",
    )
    webhook_create = strawberry.field(
        resolver=change(webhook_changes.create, WebhookSecretPayload),
        graphql_type=WebhookSecretPayload,
        description="Send what happens at a place to an address, from now on. Refused with "
        "BEYOND_OWN_RIGHTS, NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    webhook_update = strawberry.field(
        resolver=change(webhook_changes.update, WebhookPayload),
        graphql_type=WebhookPayload,
        description="Change where or of what an endpoint is told; what is left out stays. Refused "
        "with NOT_FOUND, BAD_ID, BAD_INPUT or STALE_VERSION.",
    )
    webhook_remove = strawberry.field(
        resolver=change(webhook_changes.remove, WebhookRemovedPayload),
        graphql_type=WebhookRemovedPayload,
        description="Send nothing there any more, and forget what was sent. Refused with "
        "NOT_FOUND, BAD_ID or STALE_VERSION.",
    )
    webhook_rotate_secret = strawberry.field(
        resolver=change(webhook_changes.rotate, WebhookSecretPayload),
        graphql_type=WebhookSecretPayload,
        description="Sign by a new secret, and for a while by the former one too. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT or STALE_VERSION.",
    )
    webhook_test = strawberry.field(
        resolver=change(webhook_changes.try_out, WebhookTestPayload),
        graphql_type=WebhookTestPayload,
        description="Send an endpoint a test (`webhook.test`). Refused with NOT_FOUND or BAD_ID.",
    )
    webhook_enable = strawberry.field(
        resolver=change(webhook_changes.enable, WebhookPayload),
        graphql_type=WebhookPayload,
        description="Send to an endpoint again: what waits, and what happened meanwhile as far as "
        "it is kept. Refused with NOT_FOUND, BAD_ID, STALE_VERSION or ILLEGAL_STEP.",
    )
    webhook_disable = strawberry.field(
        resolver=change(webhook_changes.disable, WebhookPayload),
        graphql_type=WebhookPayload,
        description="Send an endpoint nothing for now. Refused with NOT_FOUND, BAD_ID, "
        "STALE_VERSION or ILLEGAL_STEP.",
    )
    webhook_replay = strawberry.field(
        resolver=change(webhook_changes.replay, WebhookReplayPayload),
        graphql_type=WebhookReplayPayload,
        description="Send again: one delivery, or what happened in a range of time, as far as it "
        "is kept. Refused with NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    reports_submit = strawberry.field(
        resolver=change(reporting.submit, ReportsPayload),
        graphql_type=ReportsPayload,
        description="Hand document reports over to the national team, each accepted or refused by "
        "itself: with NOT_FOUND, BAD_ID, BAD_INPUT or SOURCE_ID_TAKEN.",
    )
    report_enter = strawberry.field(
        resolver=change(reporting.enter, ReportPayload),
        graphql_type=ReportPayload,
        description="Write down for a person what they say of a document. Refused with NOT_FOUND, "
        "BAD_ID or BAD_INPUT.",
    )
    report_withdraw = strawberry.field(
        resolver=change(reporting.withdraw, ReportPayload),
        graphql_type=ReportPayload,
        description="Take back what one brought in, for its author: its texts and its file vanish. "
        "Refused with NOT_FOUND, BAD_ID, STALE_VERSION or ILLEGAL_STEP.",
    )
    report_accept = strawberry.field(
        resolver=change(rewriting.accept, ReportPayload),
        graphql_type=ReportPayload,
        description="Let those whom a report concerns read it, without the words that are redacted."
        " Refused with NOT_FOUND, BAD_ID, BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    report_reject = strawberry.field(
        resolver=change(rewriting.reject, ReportPayload),
        graphql_type=ReportPayload,
        description="Keep a report from those whom it would concern. Refused with NOT_FOUND, "
        "BAD_ID, BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    report_original = strawberry.field(
        resolver=change(rewriting.original, ReportOriginalPayload),
        graphql_type=ReportOriginalPayload,
        description="Read what was received of a report. Each reading is in the audit trail. "
        "Refused with NOT_FOUND or BAD_ID.",
    )
    report_acknowledge = strawberry.field(
        resolver=change(rewriting.acknowledge, ReportPayload),
        graphql_type=ReportPayload,
        description="Take up a report that concerns one. Refused with NOT_FOUND, BAD_ID, "
        "STALE_VERSION or ILLEGAL_STEP.",
    )
    report_begin_rewriting = strawberry.field(
        resolver=change(rewriting.begin, ReportPayload),
        graphql_type=ReportPayload,
        description="Begin to rewrite the document. Refused with NOT_FOUND, BAD_ID, STALE_VERSION "
        "or ILLEGAL_STEP.",
    )
    report_rewrite = strawberry.field(
        resolver=change(rewriting.rewrite, ReportPayload),
        graphql_type=ReportPayload,
        description="Keep what was written in place of what. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    report_decline = strawberry.field(
        resolver=change(rewriting.decline, ReportPayload),
        graphql_type=ReportPayload,
        description="Say why the document stays as it is. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT, STALE_VERSION or ILLEGAL_STEP.",
    )
    network_configure = strawberry.field(
        resolver=change(networks.configure, NetworkPayload),
        graphql_type=NetworkPayload,
        description="Say how a network works, that one administers as a whole. Refused with "
        "NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    grant_give = strawberry.field(
        resolver=change(giving.give, GrantPayload),
        graphql_type=GrantPayload,
        description="Give a role over a scope that one administers. The same again changes "
        "nothing. Refused with BEYOND_OWN_RIGHTS, SELF_GRANT, NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    grant_revoke = strawberry.field(
        resolver=change(giving.revoke, GrantPayload),
        graphql_type=GrantPayload,
        description="Take a grant back: within two seconds it opens nothing. Refused with "
        "NOT_FOUND, BAD_ID or ALREADY_REVOKED.",
    )
    service_account_create = strawberry.field(
        resolver=change(giving.create_machine, ServiceAccountPayload),
        graphql_type=ServiceAccountPayload,
        description="Let a machine in, with a first token. Refused with BEYOND_OWN_RIGHTS, "
        "NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    service_account_rotate = strawberry.field(
        resolver=change(giving.rotate, ServiceAccountPayload),
        graphql_type=ServiceAccountPayload,
        description="Give a machine a new token, while its old ones go on for a while. Refused "
        "with NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    access_token_revoke = strawberry.field(
        resolver=change(giving.revoke_token, AccessTokenPayload),
        graphql_type=AccessTokenPayload,
        description="End a machine's token: within two seconds it opens nothing. Refused with "
        "NOT_FOUND, BAD_ID or ALREADY_REVOKED.",
    )
    account_deactivate = strawberry.field(
        resolver=change(giving.deactivate, AccountPayload),
        graphql_type=AccountPayload,
        description="Shut an account out, if one administers all that it holds. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT or ALREADY_REVOKED.",
    )
    account_reactivate = strawberry.field(
        resolver=change(giving.reactivate, AccountPayload),
        graphql_type=AccountPayload,
        description="Let an account in again, with the grants it has. Refused with NOT_FOUND, "
        "BAD_ID or ALREADY_ACTIVE.",
    )


@strawberry.type(
    description="What can be followed as it happens, over a WebSocket (`graphql-transport-ws`) or "
    "as server-sent events: docs/live.md."
)
class Subscription:
    review_events = strawberry.subscription(
        resolver=live.review_events,
        graphql_type=Event,
        description="What happens to reviews and replies, where the viewer may follow events. "
        "Refused with BAD_CURSOR, BAD_ID or BAD_INPUT; ends with RESYNC_REQUIRED when not all can "
        "be told, or the viewer may follow something else now.",
    )
    report_events = strawberry.subscription(
        resolver=live.report_events,
        graphql_type=Event,
        description="What happens to reports of documents, where the viewer may follow events. "
        "Refused with BAD_CURSOR, BAD_ID or BAD_INPUT; ends with RESYNC_REQUIRED when not all can "
        "be told, or the viewer may follow something else now.",
    )
    export_progress = strawberry.subscription(
        resolver=live.export_progress,
        graphql_type=Export,
        description="An export, each time that it got further; ends with it. Refused with "
        "NOT_FOUND or BAD_ID.",
    )


schema = RelaisSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[
        ContactRequest,
        Reply,
        ReplyTemplate,
        Submission,
        Export,
        Review,
        ReviewStructure,
        Office,
        Network,
        Procedure,
        Document,
        DocumentReport,
        Account,
        Grant,
        AccessToken,
        AuditEntry,
        Transfer,
        ReviewFlag,
        Comment,
        BusinessTag,
        Improvement,
        SavedFilter,
        Event,
        WebhookEndpoint,
        WebhookDelivery,
    ],
)
