"""Credentials that open nothing, each with a stable code."""

from starlette.authentication import AuthenticationError


class Refused(AuthenticationError):
    """A credential that does not open anything. `code` is stable."""

    code = "TOKEN_INVALID"


class Expired(Refused):
    """A credential whose time is over: ask for another."""

    code = "TOKEN_EXPIRED"


class TooManyAttempts(Refused):
    """Too many bad credentials from one source, or for one account: wait."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class IssuerAway(Refused):
    """The keys of the issuer can't be had: try again."""

    code = "ISSUER_UNAVAILABLE"


class SessionEnded(Refused):
    """A session that is over: sign in again."""

    code = "SESSION_ENDED"


class ForeignOrigin(Refused):
    """A session's cookie, brought by a page of another site: it takes a token of its own."""

    code = "FOREIGN_ORIGIN"
