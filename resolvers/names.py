"""The enums of the models, named for GraphQL once: import them from here, never from models."""

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from auth.permissions import Permission
from models.account import AccountKind, Role
from models.attachment import MediaType
from models.contact import ContactState, ContactStep
from models.detection import FindingKind, FoundBy
from models.difference import DiffOp
from models.erasure import EraseReason
from models.export import ExportFault, ExportFormat, ExportKind, ExportState, ExportStep
from models.flag import FlagState, FlagStep
from models.improvement import ImprovementState, ImprovementStep
from models.moderation_figure import ModerationKind, ModerationOutcome
from models.network import PublicationLevel
from models.redaction import RedactedField
from models.reply import ReplyState, ReplyStep
from models.report import ReportReason, ReportState, ReportStep, ReportText
from models.review import Axis, Channel, Sentiment
from models.rollup import TimeGrain
from models.routing import TransferState, TransferStep
from models.submission import EntryMode, RejectReason, SubmissionState, SubmissionStep
from models.webhook import DeliveryState, EndpointState, EndpointStep
from models.webhook import Trouble as DeliveryTrouble


def _name(enum: type[Enum], description: str, /, called: str = "", **values: str) -> None:
    """Name `enum` for GraphQL, with what each of its values means."""
    strawberry.enum(enum, name=called or None, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[value.name]


_name(
    Sentiment,
    "What the user felt: three values, there are no stars.",
    NEGATIVE='"Négatif".',
    NEUTRAL='"Neutre".',
    POSITIVE='"Positif".',
)
_name(
    TimeGrain,
    "Pieces of a period, by the calendar of mainland France.",
    DAY="Days.",
    WEEK="Weeks, from Monday to Sunday.",
    MONTH="Months.",
    QUARTER="Quarters, the first of which begins on 1 January.",
    YEAR="Years.",
)
_name(
    Axis,
    "The five general tags that a review may carry.",
    ACCESSIBILITY='"Accessibilité".',
    INFORMATION='"Information / explication".',
    RELATION='"Relation".',
    RESPONSIVENESS='"Réactivité".',
    SIMPLICITY='"Simplicité / complexité".',
)
_name(
    Channel,
    "How the user met the structure.",
    COUNTER="At the counter.",
    PHONE="By telephone.",
    ONLINE="On a web site.",
    EMAIL="By e-mail.",
    MAIL="By letter.",
    APP="In an application.",
    OTHER="By a way that the source names otherwise.",
)
_name(
    PublicationLevel,
    'The level at which a network publishes its reviews ("maille").',
    NATIONAL="For the whole country.",
    REGION="By region.",
    DEPARTMENT="By department.",
    SITE="By office.",
)
_name(
    Role,
    "What a grant lets its holder do within its scope.",
    OFFICE_AGENT="Reads and answers for an office and those below it.",
    OFFICE_MANAGER="Answers for an office and those below it, and says who else may.",
    DEPARTMENT_MANAGER="Answers for a network within a department, and says who else may.",
    NETWORK_MANAGER="Answers for a network, says who else may, and reads its audit trail.",
    VALIDATOR="Reads, and validates replies that others wrote.",
    READER="Reads what users wrote, and figures; changes nothing.",
    ANALYST="Reads figures, of a network or of the country; no verbatims.",
    MODERATOR="Moderates for the whole country, before publication.",
    ADMINISTRATOR="Says who may do what in the whole country, and reads the audit trail; "
    "no verbatims.",
    SERVICE="A machine: its rights are named one by one in its grant.",
)
_name(
    AccountKind,
    "Who is behind an account.",
    PERSON="A person, who signs in by a browser or brings an identity provider's token.",
    MACHINE="A machine, which brings a token of ours.",
)
_name(
    Permission,
    "A right that a role carries.",
    READ_AGGREGATES="Read figures.",
    READ_VERBATIMS="Read what users wrote.",
    REPLY="Reply, edit and withdraw replies.",
    VALIDATE="Validate a reply that someone else wrote.",
    TRANSFER="Move an item to another structure, or ask for it.",
    MODERATE="Decide what is published.",
    READ_EVENTS="Follow what happens: changes, webhooks, live events.",
    EXPORT="Take data out in bulk.",
    INTAKE="Bring reviews in.",
    ADMINISTER="Give and revoke grants, and keep the accounts of machines.",
    READ_AUDIT="Read the audit trail.",
)

_name(
    ReplyState,
    "How far a reply has come.",
    DRAFT="It is being written.",
    SUBMITTED="It waits to be validated.",
    VALIDATED="It was found good, and waits to be published.",
    PUBLISHED="All may read it.",
    WITHDRAWN="It was taken back, or given up.",
)
_name(
    ReplyStep,
    "What can be done with a reply.",
    EDIT="Put other words in place: `replyEdit`.",
    SUBMIT="Ask for validation: `replySubmit`.",
    VALIDATE="Find it good: `replyValidate`.",
    RETURN="Give it back to be written anew: `replyReturn`.",
    PUBLISH="Let all read it: `replyPublish`.",
    WITHDRAW="Take it back, or give it up: `replyWithdraw`.",
)

_name(
    TransferState,
    "Where a request for a transfer stands.",
    OPEN="It waits for the national team.",
    APPROVED="The structure went where it was to go.",
    REFUSED="The structure stays where it is.",
    CANCELLED="Whoever asked took it back.",
)
_name(
    TransferStep,
    "What can be done with a request for a transfer.",
    APPROVE="Let the structure go there: `transferApprove`.",
    REFUSE="Let it stay where it is: `transferRefuse`.",
    CANCEL="Take the request back: `transferCancel`.",
)
_name(
    FlagState,
    "Where a demand to look at a review again stands.",
    OPEN="It waits for the national team.",
    UPHELD="Words were taken out of the review, or all of it.",
    DISMISSED="The review stays as it is.",
)
_name(
    FlagStep,
    "What can be done with a demand to look at a review again.",
    UPHOLD="Do what was asked for: `reviewRedact` or `submissionUnpublish`.",
    DISMISS="Leave the review as it is: `reviewFlagDismiss`.",
)
_name(
    ImprovementState,
    "How far an improvement has come.",
    FLAGGED="Someone saw something to improve.",
    PLANNED="It is to be done.",
    MADE="It was done.",
    DROPPED="It will not be done.",
)
_name(
    ImprovementStep,
    "What can be done with an improvement.",
    PLAN="Say what is to be done, and for when: `improvementPlan`.",
    MAKE="Say what changed, and when: `improvementMake`.",
    DROP="Say why it will not be done: `improvementDrop`.",
)

_name(
    EntryMode,
    "How a review came in.",
    ONLINE="Its author typed it.",
    COUNTER="An office wrote down what was told at the counter.",
    PHONE="An office wrote down what was told by telephone.",
    PAPER="An office copied a letter or a form.",
)
_name(
    SubmissionState,
    "Where a review stands with moderation.",
    SUBMITTED="It waits for the national team.",
    PUBLISHED="It is published.",
    REJECTED="It is not published, for a reason of the charter.",
    WITHDRAWN="Its author took it back.",
)
_name(
    SubmissionStep,
    "What can be done with a submission.",
    UPDATE="Tell it otherwise: `submissionUpdate`.",
    APPROVE="Publish it: `submissionApprove`.",
    REJECT="Keep it from being published: `submissionReject`.",
    UNPUBLISH="Take it out again: `submissionUnpublish`.",
    WITHDRAW="Take it back for its author: `submissionWithdraw`.",
)
_name(
    EraseReason,
    "Why something is erased for good.",
    AUTHOR_REQUEST="Whoever wrote it asks for it.",
    THIRD_PARTY_REQUEST="Somebody whom it tells of asks for it.",
    LEGAL_ORDER="A court or an authority orders it.",
    MISTAKE="It should never have come in.",
)
_name(
    RejectReason,
    "Why the charter keeps a review from being published.",
    INSULT="It insults.",
    PERSONAL_DATA="It holds personal data that can't be taken out.",
    AGENT_NAMED="It names an agent.",
    OUT_OF_PERIMETER="It is not about a service that takes part.",
    NOT_AN_EXPERIENCE="It tells no experience.",
    DUPLICATE="The same was told before.",
    ADVERTISING="It advertises.",
)
_name(
    ModerationKind,
    "What is moderated.",
    SUBMISSIONS="Reviews, before they are published.",
    DOCUMENT_REPORTS="Reports of documents, before those whom they concern read them.",
)
_name(
    ModerationOutcome,
    "What had become of something that is not for others to read.",
    WAITING="It waited still.",
    WITHDRAWN="Whoever brought it in took it back.",
    INSULT="Rejected: it insults.",
    PERSONAL_DATA="Rejected: it holds personal data that can't be taken out.",
    AGENT_NAMED="Rejected: it names an agent.",
    OUT_OF_PERIMETER="Rejected: it is not about a service that takes part.",
    NOT_AN_EXPERIENCE="Rejected: it tells no experience.",
    DUPLICATE="Rejected: the same was told before.",
    ADVERTISING="Rejected: it advertises.",
)
_name(
    ReportReason,
    "What makes a document hard to understand.",
    JARGON="Words that only the administration knows.",
    TOO_LONG="It is too long.",
    CONTRADICTORY="It contradicts itself, or another document.",
    TONE="Its tone.",
    MISSING_INFORMATION="Something that one needs to know is missing.",
    OUTDATED="It says what no longer holds.",
    LAYOUT="How it is laid out.",
    OTHER="Something else.",
)
_name(
    ReportText,
    "A text of a document report.",
    TITLE="The title of the document.",
    PASSAGE="The passage.",
    SUGGESTION="What the user suggests.",
    URL="The address of the document: taken out as a whole.",
)
_name(
    ReportState,
    "How far a document report has come.",
    SUBMITTED="It waits for the national team.",
    ACCEPTED="Those whom it concerns may read it.",
    REJECTED="They may not, for a reason of the charter.",
    ACKNOWLEDGED="They have taken it up.",
    BEING_REWRITTEN="The document is being rewritten.",
    REWRITTEN="The document was rewritten.",
    DECLINED="The document stays as it is, for a reason.",
    WITHDRAWN="Its author took it back.",
)
_name(
    ReportStep,
    "What can be done with a document report.",
    ACCEPT="Let those whom it concerns read it: `reportAccept`.",
    REJECT="Keep it from them: `reportReject`.",
    ACKNOWLEDGE="Take it up: `reportAcknowledge`.",
    BEGIN_REWRITING="Begin to rewrite: `reportBeginRewriting`.",
    REWRITE="Keep what was rewritten: `reportRewrite`.",
    DECLINE="Leave the document as it is: `reportDecline`.",
    WITHDRAW="Take it back for its author: `reportWithdraw`.",
)
_name(
    DiffOp,
    "What became of a piece of a text.",
    EQUAL="It stayed.",
    DELETE="It went.",
    INSERT="It came.",
)
_name(
    MediaType,
    "What a file is, by its content.",
    PDF="A PDF.",
    PNG="An image in PNG.",
    JPEG="An image in JPEG.",
)
_name(
    FindingKind,
    "What a passage looks like to the rules, which propose and decide nothing.",
    PERSON_NAME="A title and a name.",
    EMAIL="An e-mail address.",
    PHONE="A telephone number.",
    SOCIAL_SECURITY="A social security number, with the right key.",
    IBAN="A bank account number, with the right key.",
    INSULT="An insult.",
)
_name(
    FoundBy,
    "What proposes to look at a passage.",
    RULE="A rule, which is always on.",
    MODEL="A language model, which the service may run beside the rules.",
)
_name(
    ContactState,
    "How far it has come to talk to a user who asked for it.",
    TO_DO="Nobody called yet.",
    CALLED="Somebody called, and is to call again or to meet them.",
    MET="They were talked to.",
    UNREACHABLE="They could not be reached.",
)
_name(
    ContactStep,
    "What can be done about a user who asks to talk to someone.",
    CALL="Write down a call: `contactRequestCall`.",
    MEET="Write down that they were talked to: `contactRequestMeet`.",
    GIVE_UP="Write down that they can't be reached: `contactRequestGiveUp`.",
)


_name(
    EndpointState,
    "Whether events are sent to an endpoint.",
    ACTIVE="They are.",
    OFF="They are not: somebody switched it off.",
    FAILED="They are not: it took nothing for 24 hours, or said that it is gone.",
)
_name(
    EndpointStep,
    "What can be done with an endpoint as a whole.",
    ENABLE="Send to it again: `webhookEnable`.",
    DISABLE="Send it nothing for now: `webhookDisable`.",
    FAIL="The service itself switches it off.",
)
_name(
    DeliveryState,
    "What became of an event at an endpoint.",
    PENDING="It waits to be sent, for the first time or again.",
    DELIVERED="It was taken.",
    DEAD="It was given up: `webhookReplay` sends it again.",
)
_name(
    DeliveryTrouble,
    "Why an event was not taken.",
    called="DeliveryTrouble",
    NOT_PUBLIC="The address is not one of the public internet.",
    UNREACHABLE="Nobody answers there, or with a status that says to try later.",
    UNTRUSTED="The certificate can't be trusted.",
    TIMEOUT="It took too long.",
    NOT_HTTP="What came back is not HTTP.",
    REDIRECT="It pointed elsewhere: redirects are not followed.",
    REFUSED="It answered with a status that says no.",
    GONE="It answered 410: it is not there any more.",
    FORGOTTEN="The event is not kept any more.",
)
_name(
    ExportKind,
    "What is taken out in bulk.",
    REVIEWS="Reviews, one a row, with their structures and published replies.",
    REPLIES="Published replies, one a row.",
    REPORTS="Reports of documents that were accepted, one a row, without the words that were taken "
    "out.",
    STATISTICS="Figures: a row for each month, network, department and office of which anything is "
    "told (`READ_AGGREGATES` in the same grant).",
    EVENTS="What happened, as one may follow it (`READ_EVENTS` in the same grant).",
    OPEN_DATA="Published facts under the names of the platform's own open data: "
    "`python -m jobs import-reviews` takes it.",
)
_name(
    ExportFormat,
    "As which kind of file.",
    JSONL="A JSON object a line, UTF-8.",
    CSV="CSV, `;` between fields, UTF-8 with a byte order mark. A cell that a spreadsheet could "
    "take for a formula has an apostrophe put before it: docs/exports.md.",
    PARQUET="Apache Parquet, zstd.",
)
_name(
    ExportState,
    "How far an export has come.",
    QUEUED="It waits for the worker.",
    RUNNING="It is being written.",
    READY="It may be fetched at its `url`.",
    FAILED="There is no file; `fault` says why.",
    CANCELLED="It was given up.",
    EXPIRED="Its file is gone.",
)
_name(
    ExportStep,
    "What can be done with an export.",
    RUN="Write it: the worker does.",
    FINISH="Let it be fetched: the worker does, once it is whole.",
    FAIL="Give it up for a fault: the worker does.",
    CANCEL="Give it up: `exportCancel`.",
    EXPIRE="Remove its file: the worker does, in time.",
)
_name(
    ExportFault,
    "Why an export failed.",
    NOT_FOUND="Whoever asked may not export any more.",
    DISK_FULL="There was no room for it: ask again later.",
    INTERNAL="A fault of the service: ask again.",
)

_name(
    EndpointState,
    "Whether events are sent to an endpoint.",
    ACTIVE="They are.",
    OFF="They are not: somebody switched it off.",
    FAILED="They are not: it took nothing for 24 hours, or said that it is gone.",
)
_name(
    EndpointStep,
    "What can be done with an endpoint as a whole.",
    ENABLE="Send to it again: `webhookEnable`.",
    DISABLE="Send it nothing for now: `webhookDisable`.",
    FAIL="The service itself switches it off.",
)
_name(
    DeliveryState,
    "What became of an event at an endpoint.",
    PENDING="It waits to be sent, for the first time or again.",
    DELIVERED="It was taken.",
    DEAD="It was given up: `webhookReplay` sends it again.",
)
_name(
    DeliveryTrouble,
    "Why an event was not taken.",
    called="DeliveryTrouble",
    NOT_PUBLIC="The address is not one of the public internet.",
    UNREACHABLE="Nobody answers there, or with a status that says to try later.",
    UNTRUSTED="The certificate can't be trusted.",
    TIMEOUT="It took too long.",
    NOT_HTTP="What came back is not HTTP.",
    REDIRECT="It pointed elsewhere: redirects are not followed.",
    REFUSED="It answered with a status that says no.",
    GONE="It answered 410: it is not there any more.",
    FORGOTTEN="The event is not kept any more.",
)

_name(
    RedactedField,
    "A text of a review.",
    TITLE="Its title.",
    DESCRIPTION="What it tells.",
)

__all__ = [
    "AccountKind",
    "Axis",
    "Channel",
    "ContactState",
    "ContactStep",
    "DeliveryState",
    "DeliveryTrouble",
    "DiffOp",
    "EndpointState",
    "EndpointStep",
    "EntryMode",
    "EraseReason",
    "ExportFault",
    "ExportFormat",
    "ExportKind",
    "ExportState",
    "ExportStep",
    "FindingKind",
    "FlagState",
    "FlagStep",
    "FoundBy",
    "ImprovementState",
    "ImprovementStep",
    "MediaType",
    "ModerationKind",
    "ModerationOutcome",
    "Permission",
    "PublicationLevel",
    "RedactedField",
    "RejectReason",
    "ReplyState",
    "ReplyStep",
    "ReportReason",
    "ReportState",
    "ReportStep",
    "ReportText",
    "Role",
    "Sentiment",
    "SubmissionState",
    "SubmissionStep",
    "TimeGrain",
    "TransferState",
    "TransferStep",
]
