"""Refusals: what a person may be told when a change, or a question, cannot be accepted."""

from typing import ClassVar


class Refusal(Exception):
    """An expected "no". `code` is stable: clients may branch on it."""

    code: ClassVar[str]

    def __init__(self, message: str, *field: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        """A sentence in English, with `{name}` for each of `values`; the schema translates it."""
        self.values = values
        self.field = field
        """Path of the argument at fault, outermost first; empty when none is."""

    def __str__(self) -> str:
        return self.message.format(**self.values)


class NotFound(Refusal):
    """Nothing by that id in the viewer's scope: missing and forbidden are told alike."""

    code = "NOT_FOUND"


class BadInput(Refusal):
    """A value that can't be right, whatever the state of the data."""

    code = "BAD_INPUT"


class BadCursor(BadInput):
    """A cursor that this service did not issue for this order."""

    code = "BAD_CURSOR"


class BadPeriod(BadInput):
    """A period that ends before it begins, or is too long."""

    code = "BAD_PERIOD"


class TooManyCells(Refusal):
    """More figures than one answer may hold."""

    code = "TOO_MANY_CELLS"


class AlreadyReplied(Refusal):
    """The structure has a published reply: edit or withdraw that one."""

    code = "ALREADY_REPLIED"


class AlreadyWithdrawn(Refusal):
    """The reply was withdrawn: nothing more can be done with it."""

    code = "ALREADY_WITHDRAWN"


class StaleVersion(Refusal):
    """Someone else changed it since it was read: read again, then decide."""

    code = "STALE_VERSION"


class IllegalStep(Refusal):
    """What can't be done in the state it is in; the message tells what can."""

    code = "ILLEGAL_STEP"


class ValidationRequired(Refusal):
    """The network wants replies validated before they are published."""

    code = "VALIDATION_REQUIRED"


class SelfValidation(Refusal):
    """Nobody validates what they wrote."""

    code = "SELF_VALIDATION"


class AlreadyConcerned(Refusal):
    """The review concerns that place already: none twice."""

    code = "ALREADY_CONCERNED"


class NotBelow(Refusal):
    """The office is not below the present one: a transfer is to be asked for."""

    code = "NOT_BELOW"


class DraftOpen(Refusal):
    """A draft of a reply would be read by another network."""

    code = "DRAFT_OPEN"


class AlreadyOpen(Refusal):
    """There is one under way: go on with that one."""

    code = "ALREADY_OPEN"


class NameTaken(Refusal):
    """Something else of its kind has that name."""

    code = "NAME_TAKEN"


class FindingsToConfirm(Refusal):
    """What would be public seems to name someone: a person says that it may."""

    code = "FINDINGS_TO_CONFIRM"


class BulkNotAllowed(Refusal):
    """The network wants each review answered by itself."""

    code = "BULK_NOT_ALLOWED"


class KeyReused(Refusal):
    """An idempotency key that stands for another request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class Erased(Refusal):
    """It was erased at somebody's wish: it does not come back."""

    code = "ERASED"


class SourceIdTaken(Refusal):
    """The source's identifier stands for another review."""

    code = "SOURCE_ID_TAKEN"


class ResyncRequired(Refusal):
    """What happened since can't all be told: read anew, and follow from now on."""

    code = "RESYNC_REQUIRED"


class ExportEmpty(Refusal):
    """Nothing within the viewer's scope, and their right to export, meets the conditions."""

    code = "EXPORT_EMPTY"


class ExportQuota(Refusal):
    """More exports than an account may ask for."""

    code = "EXPORT_QUOTA"


class ExportUnready(Refusal):
    """An export that can't be fetched: it is not written yet, or never will be."""

    code = "EXPORT_UNREADY"


class ExportExpired(Refusal):
    """An export whose time is over: ask for another."""

    code = "EXPORT_EXPIRED"


class ExportOutdated(Refusal):
    """An export that holds what its owner may not have any more: ask for another."""

    code = "EXPORT_OUTDATED"


class AlreadyRevoked(Refusal):
    """It was revoked before: nothing more can be done with it."""

    code = "ALREADY_REVOKED"


class AlreadyActive(Refusal):
    """The account is not shut out."""

    code = "ALREADY_ACTIVE"


class BeyondOwn(Refusal):
    """A grant wider than those of its giver: in scope, in rights or in time."""

    code = "BEYOND_OWN_RIGHTS"


class SelfGrant(Refusal):
    """Nobody gives rights to themselves."""

    code = "SELF_GRANT"
