"""The identity provider by which people sign in: OpenID Connect, as with ProConnect."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
import orjson

from auth.issuers import Vouched, vouches
from auth.jwks import RemoteKeys, asked
from auth.refused import IssuerAway, Refused, SessionEnded

ALGORITHMS = ("RS256", "ES256")


class SignInRefused(Exception):
    """A sign-in that comes to nothing. `code` is stable; `reason` is for the log, without secrets.

    SIGN_IN_STATE: the answer is not to a question of this browser. SIGN_IN_DENIED: the provider
    said no. SIGN_IN_LEVEL: it vouches for too little. SIGN_IN_FAILED: what it said can't be
    trusted. ISSUER_UNAVAILABLE: it does not answer. ACCOUNT_CLOSED: the account was deactivated.
    TOO_MANY_ATTEMPTS: too many of these came from here.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the provider is told later, to ask again and to sign out."""

    id_token: str
    refresh_token: str | None


class Provider:
    """The provider, and who this service is to it.

    Of `acr` one is required, of `amr` all, where there are any.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        public_url: str,
        scope: str,
        acr: Sequence[str] = (),
        amr: Sequence[str] = (),
    ) -> None:
        self.issuer = issuer
        self.public_url = public_url
        self._http = http
        self._keys = RemoteKeys(http, issuer)
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._acr = tuple(acr)
        self._amr = frozenset(amr)

    async def authorization(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser goes to sign in. Raises SignInRefused."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        question = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._callback,
            "scope": self._scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if self._acr:
            question["acr_values"] = " ".join(self._acr)
        try:
            endpoint = httpx.URL(await self._endpoint("authorization_endpoint"))
        except (IssuerAway, httpx.InvalidURL):
            raise _away() from None
        return str(endpoint.copy_merge_params(question))

    async def exchange(self, code: str, verifier: str, nonce: str) -> tuple[Vouched, Tokens]:
        """Whom a code stands for, which is good once. Raises SignInRefused."""
        try:
            answer = await self._tokens(
                grant_type="authorization_code",
                code=code,
                redirect_uri=self._callback,
                code_verifier=verifier,
            )
            if not answer.is_success:
                raise _failed("the code was not taken")
            said = _object(answer)
            id_token, access_token = said.get("id_token"), said.get("access_token")
            if not (isinstance(id_token, str) and isinstance(access_token, str)):
                raise _failed("there are no tokens in the answer")
            claims = await self._keys.claims(id_token, ALGORITHMS, self._client_id)
            self._check(claims, nonce)
            person = await self._userinfo(access_token)
        except IssuerAway:
            raise _away() from None
        except Refused:
            raise _failed("a token can't be trusted") from None
        if person.get("sub") != claims["sub"]:
            raise _failed("userinfo is of someone else")
        # Whoever chose the provider trusts the addresses that it does not call unverified.
        verified = {"email_verified": person.get("email_verified", True)}
        try:
            vouched = vouches(self.issuer, person | verified)
        except Refused:
            raise _failed("the subject can't be kept") from None
        return vouched, Tokens(id_token, _refresh_token(said))

    async def refresh(self, tokens: Tokens) -> Tokens:
        """The tokens to go on with. Raises SessionEnded when the provider ended it, IssuerAway."""
        answer = await self._tokens(
            grant_type="refresh_token", refresh_token=tokens.refresh_token or ""
        )
        try:
            said = _object(answer)
        except SignInRefused:
            raise IssuerAway from None
        if not answer.is_success:
            raise SessionEnded if said.get("error") == "invalid_grant" else IssuerAway
        return Tokens(tokens.id_token, _refresh_token(said) or tokens.refresh_token)

    async def logout_url(self, id_token: str, state: str) -> str | None:
        """Where a browser goes to sign out of the provider too; None when that can't be known."""
        question = {
            "id_token_hint": id_token,
            "post_logout_redirect_uri": f"{self.public_url}/auth/signed-out",
            "state": state,
        }
        try:
            endpoint = httpx.URL(await self._endpoint("end_session_endpoint"))
        except (IssuerAway, httpx.InvalidURL):
            return None
        return str(endpoint.copy_merge_params(question))

    @property
    def _callback(self) -> str:
        return f"{self.public_url}/auth/callback"

    async def _endpoint(self, name: str) -> str:
        found = (await self._keys.metadata()).get(name)
        if not isinstance(found, str):
            raise IssuerAway
        return found

    async def _tokens(self, **question: str) -> httpx.Response:
        """What the token endpoint answers, unless it is out of order. Raises IssuerAway."""
        url = await self._endpoint("token_endpoint")
        ways = (await self._keys.metadata()).get("token_endpoint_auth_methods_supported")
        headers = {}
        if not isinstance(ways, list) or "client_secret_basic" in ways:
            pair = f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret)}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            question |= {"client_id": self._client_id, "client_secret": self._client_secret}
        answer = await asked(self._http, "POST", url, data=question, headers=headers)
        if answer.is_server_error:
            raise IssuerAway
        return answer

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        """What an ID token must say besides being good. Raises SignInRefused."""
        if claims.get("nonce") != nonce:
            raise _failed("the nonce is another")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._client_id) != self._client_id:
            raise _failed("the token was made for another client")
        methods = claims.get("amr")
        methods = methods if isinstance(methods, list) else []
        if self._acr and claims.get("acr") not in self._acr:
            raise SignInRefused("SIGN_IN_LEVEL", "the level (acr) is none of those required")
        if not all(method in methods for method in self._amr):
            raise SignInRefused("SIGN_IN_LEVEL", "a required method (amr) was not used")

    async def _userinfo(self, access_token: str) -> dict[str, Any]:
        url = await self._endpoint("userinfo_endpoint")
        headers = {"authorization": b"Bearer " + access_token.encode("utf-8", "replace")}
        answer = await asked(self._http, "GET", url, headers=headers)
        if answer.is_server_error:
            raise IssuerAway
        if not answer.is_success:
            raise _failed("userinfo was not given")
        kind = answer.headers["content-type"].partition(";")[0].strip().lower()
        if kind == "application/jwt":
            token = answer.content.decode("latin-1").strip()
            return await self._keys.claims(
                token, ALGORITHMS, self._client_id, ("iss", "aud", "sub")
            )
        if kind == "application/json":
            return _object(answer)
        raise _failed("userinfo is neither JSON nor a JWT")


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = orjson.loads(answer.content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _failed("an answer is not a JSON object")
    return found


def _refresh_token(said: dict[str, Any]) -> str | None:
    token = said.get("refresh_token")
    return token if isinstance(token, str) and token else None


def _failed(reason: str) -> SignInRefused:
    return SignInRefused("SIGN_IN_FAILED", reason)


def _away() -> SignInRefused:
    return SignInRefused("ISSUER_UNAVAILABLE", "the provider does not answer")
