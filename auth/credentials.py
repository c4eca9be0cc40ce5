"""From what a request brings to its viewer: a token, or the session of a browser."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from starlette.authentication import AuthCredentials, AuthenticationBackend
from starlette.requests import HTTPConnection
from tortoise.expressions import Q

from auth import accounts
from auth.attempts import Attempts
from auth.issuers import Issuers
from auth.refused import ForeignOrigin, IssuerAway, Refused, SessionEnded
from auth.sessions import COOKIE, Sessions
from auth.tokens import Keys
from auth.viewer import Viewer
from models.access import PREFIX, AccessToken, digest, visible
from models.account import OURS, Account
from models.cache import Kept
from models.wall import system

VIEWER_TTL = 2.0
"""Seconds for which a process may go on with the grants it read: revocation takes that long."""

USE_NOTED = timedelta(minutes=1)
"""A machine's last use is known to the minute."""

KNOWN = 10_000
"""Good credentials that a process knows again: no stranger's guesses keep them out."""

MACHINE, SIGNED, SESSION = "machine", "signed", "session"
"""The ways in: a token of ours, one that is signed, and the session of a browser."""


class Credentials(AuthenticationBackend):
    """Starlette's way to a viewer: `Authorization: Bearer TOKEN`, or else the session's cookie.

    Grants are remembered within the process only, never in a cache that others can write.
    """

    def __init__(self, keys: Keys, issuers: Issuers, sessions: Sessions | None = None) -> None:
        self._keys = keys
        self.marks = keys.marks()
        self._issuers = issuers
        self._sessions = sessions
        self._attempts = Attempts()
        self._viewers: Kept[Viewer] = Kept(VIEWER_TTL, KNOWN, "viewer")

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, Viewer] | None:
        """The viewer of a request; None when it brings nothing. Raises Refused."""
        scheme, _, token = conn.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            secret = token.strip()
            guess = (source_of(conn), *_named(secret))
            way = MACHINE if secret.startswith(PREFIX) else SIGNED
            return await self._viewer(way, secret, guess, lambda: self._bearer(secret, conn))
        cookie, sessions = conn.cookies.get(COOKIE), self._sessions
        if cookie is None or sessions is None or "authorization" in conn.headers:
            return None
        if sessions.foreign(conn):
            raise ForeignOrigin
        secret = f"{COOKIE}={cookie}"
        guess = (source_of(conn),)
        return await self._viewer(SESSION, secret, guess, lambda: _browser(sessions, cookie))

    async def _viewer(
        self,
        way: str,
        secret: str,
        guess: Sequence[str],
        find: Callable[[], Awaitable[Viewer]],
    ) -> tuple[AuthCredentials, Viewer]:
        """Whom `secret` stands for; one that stands for nobody counts against each of `guess`."""
        key = digest(secret)
        known = key in self._viewers
        if not known:
            self._attempts.check(*guess)
        try:
            viewer = await self._viewers.get(key, find)
        except IssuerAway:
            raise
        except Refused as refused:
            self._viewers.forget(key)
            # A session that is over was not guessed, and whoever signs in again comes from there.
            if not known and not isinstance(refused, SessionEnded):
                self._attempts.failed(*guess)
            raise
        return AuthCredentials([way]), viewer

    async def _bearer(self, token: str, conn: HTTPConnection) -> Viewer:
        """The viewer of a bearer token. Raises Refused."""
        machine = token.startswith(PREFIX)
        vouched = None if machine else await self._issuers.person(token)
        async with system():
            if machine:
                account = await _machine(token)
            elif vouched:
                request = conn.scope["relais.request"]
                account = await accounts.met(vouched, source_of(conn), request)
            else:
                subject = self._keys.subject(token)
                account = await Account.get_or_none(issuer=OURS, subject=subject)
            return await _granted(account)


async def _browser(sessions: Sessions, cookie: str) -> Viewer:
    """The viewer of a session. Raises Refused."""
    account = await sessions.account(cookie)
    async with system():
        return await _granted(account)


async def _granted(account: Account | None) -> Viewer:
    if account is None or account.deactivated_at is not None:
        raise Refused
    return await accounts.held_by(account)


def source_of(conn: HTTPConnection) -> str:
    """The address that a request comes from; empty when there is none."""
    return conn.client.host[:64] if conn.client else ""


async def _machine(token: str) -> Account | None:
    now = datetime.now(UTC)
    live = AccessToken.filter(sha256=digest(token), revoked_at=None, expires_at__gt=now)
    found = await live.prefetch_related("account").first()
    if found is None:
        return None
    if found.last_used_at is None or found.last_used_at < now - USE_NOTED:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED)
        await AccessToken.filter(unnoted, id=found.id).update(last_used_at=now)
    return found.account


def _named(secret: str) -> tuple[str, ...]:
    """The account that a guess aims at, if it says: the visible part of a machine's token."""
    return (visible(secret),) if secret.startswith(PREFIX) else ()
