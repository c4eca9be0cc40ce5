"""Signing in and out in a browser, and the page that says what one has access to."""

import base64
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps
from html import escape
from typing import Any

from starlette.authentication import AuthenticationError
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from auth.attempts import Attempts
from auth.credentials import Credentials, source_of
from auth.provider import SignInRefused
from auth.refused import Refused, SessionEnded, TooManyAttempts
from auth.sessions import COOKIE, LIFETIME, Sessions
from auth.tokens import Keys
from auth.viewer import Viewer
from models.cache import Cache
from models.outward import Outward
from resolvers.context import Context
from schema.http import doer
from schema.language import language, translate
from schema.root import schema

FLOW_COOKIE = "__Host-relais-sign-in"
FLOW_LIFETIME = timedelta(minutes=10)
"""How long one may take to sign in at the provider."""

ACCESS = """{ viewer { label email advice grants {
  role endsAt network { name } department { name } office { name } } } }"""

log = logging.getLogger("relais")

# A path, in ASCII: browsers take "//" and "\" for the beginning of a host.
_PATH = re.compile(r"/(?!/)[!-\[\]-~]{0,999}")
_STYLE = """
body{margin:0;font:1.125rem/1.6 Marianne,system-ui,sans-serif;color:#161616;background:#f5f5fe}
main{max-width:40rem;margin:8vh auto;padding:2rem 2.5rem;background:#fff;
border-top:4px solid #000091}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 1rem}
dt{font-weight:700}dd{margin:0 0 1rem}
a.button,button{display:inline-block;font:inherit;border:0;padding:.5rem 1.25rem;cursor:pointer;
color:#fff;background:#000091;text-decoration:none}
a.button:hover,button:hover{background:#1212ff}
:focus-visible{outline:3px solid #0a76f6;outline-offset:2px}
code{font-size:.9em;color:#666}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
# Nothing is said of form-action: signing out leads to the provider, whose origin it would name.
_HTML_HEADERS = _HEADERS | {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}

REFUSALS = {
    "SIGN_IN_STATE": (
        400,
        "This request did not come from a page opened here, or it waited too long. Start again.",
    ),
    "SIGN_IN_DENIED": (403, "The identity provider said no. Start again, or ask the provider."),
    "SIGN_IN_LEVEL": (
        403,
        "This service asks for a stronger authentication. Start again and choose it.",
    ),
    "SIGN_IN_FAILED": (
        400,
        "You could not be signed in. Start again, and if it fails again tell your administrator.",
    ),
    "ISSUER_UNAVAILABLE": (
        503,
        "The identity provider does not answer. Start again in a minute.",
    ),
    "ACCOUNT_CLOSED": (403, "Your account is closed. Ask your administrator."),
    "TOO_MANY_ATTEMPTS": (429, "Too many attempts came from here. Start again in a minute."),
}
"""What each refusal of a sign-in is told by: its status, and a sentence."""

Endpoint = Callable[[Request], Awaitable[Response]]


class SignIn:
    """What browsers sign in and out by; `keys` sign what a browser keeps on the way."""

    def __init__(self, sessions: Sessions, keys: Keys, cache: Cache, outward: Outward) -> None:
        self._sessions = sessions
        self._provider = sessions.provider
        self._keys = keys
        self._cache = cache
        self._outward = outward
        self._attempts = Attempts()

    def routes(self, credentials: Credentials) -> list[Route]:
        """Its addresses."""
        known = Middleware(AuthenticationMiddleware, backend=credentials, on_error=_signed_out)
        return [
            Route("/auth/login", _told(self.login)),
            Route("/auth/callback", _told(self.callback)),
            Route("/auth/logout", _told(self.logout), methods=["POST"]),
            Route("/auth/signed-out", self.signed_out),
            Route("/account", self.account, middleware=[known]),
        ]

    async def login(self, request: Request) -> Response:
        """Send the browser to the provider."""
        wanted = request.query_params.get("next", "")
        flow = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        response = _to(await self._provider.authorization(**flow))
        flow["next"] = wanted if _PATH.fullmatch(wanted) else "/account"
        seconds = int(FLOW_LIFETIME.total_seconds())
        _keep(response, FLOW_COOKIE, self._keys.seal(flow, "sign-in", seconds), seconds)
        return response

    async def callback(self, request: Request) -> Response:
        """Begin a session for whom the provider sends back."""
        source = source_of(request)
        try:
            self._attempts.check(source)
        except TooManyAttempts:
            raise SignInRefused("TOO_MANY_ATTEMPTS", "its source failed too often") from None
        try:
            flow = self._flow(request)
            code = request.query_params.get("code", "")
            vouched, tokens = await self._provider.exchange(code, flow["verifier"], flow["nonce"])
            old, number = request.cookies.get(COOKIE, ""), request.scope["relais.request"]
            cookie = await self._sessions.begin(vouched, tokens, old, source, number)
        except SignInRefused as refused:
            if refused.code != "ISSUER_UNAVAILABLE":
                self._attempts.failed(source)
            raise
        response = _to(flow["next"])
        _keep(response, COOKIE, cookie, int(LIFETIME.total_seconds()))
        _forget(response, FLOW_COOKIE)
        return response

    async def logout(self, request: Request) -> Response:
        """End the session here, and send the browser to end it at the provider."""
        if self._sessions.foreign(request):
            raise SignInRefused("SIGN_IN_STATE", "signing out was asked for by another site")
        source = source_of(request)
        cookie = request.cookies.get(COOKIE, "")
        there = await self._sessions.end(cookie, source, request.scope["relais.request"])
        response = _to(there or "/auth/signed-out")
        _forget(response, COOKIE)
        return response

    async def signed_out(self, _: Request) -> Response:
        """Where the provider sends the browser after signing out."""
        return _page("You are signed out", _sentence("Your session has ended.") + _again())

    async def account(self, request: Request) -> Response:
        """What a person has access to, or what to do when that is nothing."""
        viewer = request.user
        if not isinstance(viewer, Viewer):
            return _signed_out(request, SessionEnded())
        context = Context(viewer, self._cache, doer(request, viewer), translate, self._outward)
        result = await schema.execute(ACCESS, context_value=context)
        if result.data is None:
            raise result.errors[0].original_error or result.errors[0]  # type: ignore[index]
        me = result.data["viewer"]
        return _page("Your access", _access(me) + _SIGN_OUT.format(escape(translate("Sign out"))))

    def _flow(self, request: Request) -> dict[str, str]:
        """What the browser set out with, and the provider answers yes. Raises SignInRefused."""
        said, issuer = request.query_params, self._provider.issuer
        try:
            flow = self._keys.unseal(request.cookies.get(FLOW_COOKIE, ""), "sign-in")
        except Refused:
            raise SignInRefused("SIGN_IN_STATE", "no sign-in was begun here of late") from None
        if not hmac.compare_digest(said.get("state", "").encode(), flow["state"].encode()):
            raise SignInRefused("SIGN_IN_STATE", "the state is another")
        if said.get("iss", issuer) != issuer:
            raise SignInRefused("SIGN_IN_STATE", "another issuer answered")
        if said.get("error") in {"server_error", "temporarily_unavailable"}:
            raise SignInRefused("ISSUER_UNAVAILABLE", "the provider says that it is out of order")
        if "error" in said:
            raise SignInRefused("SIGN_IN_DENIED", "the provider said no")
        return flow


def _told(endpoint: Endpoint) -> Endpoint:
    """`endpoint`, whose refusals become pages that people can read."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except SignInRefused as refused:
            log.warning("sign-in refused: %s: %s", refused.code, refused.reason)
            status, sentence = REFUSALS[refused.code]
            code = f"<p><code>{refused.code}</code></p>"
            response = _page("You are not signed in", _sentence(sentence) + code + _again(), status)
            _forget(response, FLOW_COOKIE)
            return response

    return answered


def _signed_out(_: HTTPConnection, error: AuthenticationError) -> Response:
    status = 503 if not isinstance(error, Refused) else 401
    sentence = "Sign in to see what you have access to."
    return _page("You are not signed in", _sentence(sentence) + _again(), status)


def _access(me: dict[str, Any]) -> str:
    address = f" ({escape(me['email'])})" if me["email"] and me["email"] != me["label"] else ""
    who = f"<p><strong>{escape(me['label'])}</strong>{address}</p>"
    if me["advice"]:
        return who + _sentence(me["advice"])
    return f"{who}<dl>{''.join(map(_grant, me['grants']))}</dl>"


def _grant(grant: dict[str, Any]) -> str:
    role = translate(grant["role"].replace("_", " ").lower())
    parts = [grant[part]["name"] for part in ("network", "department", "office") if grant[part]]
    place = ", ".join(parts) or translate("the whole country")
    until = f"{translate('until')} {grant['endsAt'][:10]}" if grant["endsAt"] else ""
    told = ", ".join(filter(None, (place, until)))
    return f"<dt>{escape(role.capitalize())}</dt><dd>{escape(told)}</dd>"


_SIGN_OUT = '<form method="post" action="/auth/logout"><button>{}</button></form>'


def _sentence(text: str) -> str:
    return f"<p>{escape(translate(text))}</p>"


def _again() -> str:
    return f'<p><a class="button" href="/auth/login">{escape(translate("Sign in"))}</a></p>'


def _page(title: str, content: str, status: int = 200) -> Response:
    said = escape(translate(title))
    return HTMLResponse(
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{said} - Relais</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{said}</h1>{content}</main></body></html>",
        status,
        _HTML_HEADERS,
    )


def _to(url: str) -> Response:
    return RedirectResponse(url, 303, headers=_HEADERS)


def _keep(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, seconds, secure=True, httponly=True, samesite="lax")


def _forget(response: Response, name: str) -> None:
    response.delete_cookie(name, secure=True, httponly=True, samesite="lax")
