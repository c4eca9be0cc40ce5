"""Sessions of people who signed in by a browser: begun, checked with the provider, ended."""

import base64
import secrets
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import orjson
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from starlette.requests import HTTPConnection

from auth import accounts
from auth.issuers import Vouched
from auth.provider import Provider, SignInRefused, Tokens
from auth.refused import IssuerAway, Refused, SessionEnded
from models.access import Session, digest
from models.account import Account
from models.audit import AuditEntry, Doer
from models.wall import system

COOKIE = "__Host-relais"

LIFETIME = timedelta(hours=12)
"""How long a session lasts, whatever happens in it."""

CHECK = timedelta(minutes=15)
"""How often the provider is asked whether a session goes on."""

AGAIN = timedelta(minutes=1)
"""When it is asked again, after it did not answer."""


class Sessions:
    """The sessions of those who signed in at `provider`."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def foreign(self, conn: HTTPConnection) -> bool:
        """Whether a page of another site asks, as far as the browser tells; a link is not asking.

        Cookies go along with what other hosts of the same site ask: SameSite does not tell.
        """
        if conn.scope.get("method") == "GET" and conn.headers.get("sec-fetch-mode") == "navigate":
            return False
        # A page without a referrer sends the origin "null": what the browser knows comes first.
        site = conn.headers.get("sec-fetch-site")
        if site:
            return site not in {"same-origin", "none"}
        here = self.provider.public_url
        return conn.headers.get("origin", here) != here

    async def begin(
        self, vouched: Vouched, tokens: Tokens, old: str, address: str | None, request: str
    ) -> str:
        """The cookie of a new session, in place of an old one. Raises SignInRefused."""
        now, cookie = datetime.now(UTC), secrets.token_urlsafe(32)
        async with system():
            person = await accounts.met(vouched, address, request)
            if person.deactivated_at is not None:
                raise SignInRefused("ACCOUNT_CLOSED", "the account is closed")
            await Session.filter(sha256=digest(old), ended_at=None).update(ended_at=now)
            await Session.create(
                account=person,
                sha256=digest(cookie),
                sealed=_sealed(tokens, cookie),
                checked_at=now,
                expires_at=now + LIFETIME,
            )
            doer = Doer(person.id, person.label, address, request)
            await AuditEntry.add(await person.deed("session.begun"), doer)
        return cookie

    async def account(self, cookie: str) -> Account:
        """Whose session it is. Raises SessionEnded, or Refused for what never was a session."""
        now = datetime.now(UTC)
        found = await _open(cookie, now)
        if found.checked_at <= now - CHECK:
            await self._check(found, cookie, now)
        return found.account

    async def end(self, cookie: str, address: str | None, request: str) -> str | None:
        """End a session; where to sign out of the provider too, if that can be known."""
        now = datetime.now(UTC)
        try:
            found = await _open(cookie, now)
            tokens = _unsealed(found.sealed, cookie)
        except Refused:
            return None
        async with system():
            await Session.filter(id=found.id).update(ended_at=now)
            person = found.account
            doer = Doer(person.id, person.label, address, request)
            await AuditEntry.add(await person.deed("session.ended"), doer)
        return await self.provider.logout_url(tokens.id_token, secrets.token_urlsafe(16))

    async def _check(self, found: Session, cookie: str, now: datetime) -> None:
        """Ask the provider whether the session goes on: one asks for all. Raises SessionEnded."""
        tokens = _unsealed(found.sealed, cookie)
        if tokens.refresh_token is None:
            return
        row = Session.filter(id=found.id, ended_at=None)
        async with system():
            if not await row.filter(checked_at__lte=now - CHECK).update(checked_at=now):
                return
        try:
            tokens = await self.provider.refresh(tokens)
        except SessionEnded:
            async with system():
                await row.update(ended_at=now)
                deed = await found.account.deed("session.ended", by="provider")
                await AuditEntry.add(deed, Doer(None, self.provider.issuer))
            raise
        except IssuerAway:
            async with system():
                await row.update(checked_at=now - CHECK + AGAIN)
            return
        async with system():
            await row.update(sealed=_sealed(tokens, cookie))


async def _open(cookie: str, now: datetime) -> Session:
    async with system():
        found = await Session.get_or_none(sha256=digest(cookie)).prefetch_related("account")
    if found is None:
        raise Refused
    if found.ended_at or found.expires_at <= now or found.account.deactivated_at:
        raise SessionEnded
    return found


def _fernet(cookie: str) -> Fernet:
    """What seals by the cookie: who has the database only can't open it."""
    key = HKDF(SHA256(), 32, salt=None, info=b"relais session").derive(cookie.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def _sealed(tokens: Tokens, cookie: str) -> str:
    return _fernet(cookie).encrypt(orjson.dumps(asdict(tokens))).decode()


def _unsealed(sealed: str, cookie: str) -> Tokens:
    try:
        return Tokens(**orjson.loads(_fernet(cookie).decrypt(sealed)))
    except InvalidToken:
        raise SessionEnded from None
