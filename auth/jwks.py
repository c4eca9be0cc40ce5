"""The public keys that an issuer publishes, and what a token signed by one of them says."""

import asyncio
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import orjson
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from auth.refused import Expired, IssuerAway, Refused

LEEWAY = 120
"""Seconds that clocks may differ."""

PAUSE = 10.0
"""Seconds between two looks at an issuer, however many unknown keys tokens name."""

STALE = 3600.0
"""Seconds after which keys are asked for anew."""

MAX_ANSWER = 256 * 1024
"""Bytes that an issuer may answer."""


class RemoteKeys:
    """The keys of one issuer: remembered, looked for again, and kept while it is away."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        issuer: str,
        jwks_url: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._clock = clock
        self._keys: list[RSAKey | ECKey | OKPKey] = []
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def claims(
        self,
        token: str,
        algorithms: Sequence[str],
        audience: str,
        require: Sequence[str] = ("iss", "aud", "sub", "exp", "iat"),
    ) -> dict[str, Any]:
        """What a token of this issuer for `audience` says. Raises Refused, Expired, IssuerAway."""
        key = await self._key(token)
        wanted: dict[str, Any] = {name: {"essential": True} for name in require}
        wanted["iss"] = {"essential": True, "value": self._issuer}
        wanted["aud"] = {"essential": True, "value": audience}
        try:
            claims = jwt.decode(token, key, algorithms=list(algorithms)).claims
            jwt.JWTClaimsRegistry(leeway=LEEWAY, **wanted).validate(claims)
        except ExpiredTokenError:
            raise Expired from None
        except Exception:  # noqa: BLE001  (what a stranger wrote is never a fault of ours)
            raise Refused from None
        return dict(claims)

    async def _key(self, token: str) -> RSAKey | ECKey | OKPKey:
        kid = _kid(token)
        if self._clock() - self._asked_at > STALE or (
            self._named(kid) is None and self._clock() - self._asked_at > PAUSE
        ):
            await self._ask(kid)
        found = self._named(kid)
        if found is None:
            raise Refused if self._keys else IssuerAway
        return found

    def _named(self, kid: str | None) -> RSAKey | ECKey | OKPKey | None:
        named = [key for key in self._keys if kid is None or key.kid == kid]
        return named[0] if len(named) == 1 else None

    async def _ask(self, kid: str | None) -> None:
        """Look at the issuer; whoever waited for another's look takes what that one found."""
        before = self._asked_at
        async with self._asking:
            if self._asked_at != before and (
                self._named(kid) is not None or self._clock() - self._asked_at <= PAUSE
            ):
                return
            try:
                url = self._jwks_url or await self._discovered()
                found = _public(await self._json(url))
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
                found = []
            if found:
                self._keys = found
            self._asked_at = self._clock()

    async def _discovered(self) -> str:
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = await self._json(url)
        if metadata["issuer"] != self._issuer:
            message = "the metadata is of another issuer"
            raise ValueError(message)
        return str(metadata["jwks_uri"])

    async def _json(self, url: str) -> dict[str, Any]:
        body = bytearray()
        async with self._http.stream("GET", url) as answer:
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER:
                    message = "the answer is too large"
                    raise ValueError(message)
        found = orjson.loads(bytes(body))
        if not isinstance(found, dict):
            message = "the answer is not an object"
            raise TypeError(message)
        return found


def client() -> httpx.AsyncClient:
    """What issuers are asked by: not for long, and never led elsewhere."""
    return httpx.AsyncClient(timeout=3.0, follow_redirects=False)


def _kid(token: str) -> str | None:
    try:
        header = jws.extract_compact(token.encode()).headers()
    except Exception:  # noqa: BLE001  (as above)
        raise Refused from None
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise Refused
    return kid


def _public(answer: dict[str, Any]) -> list[RSAKey | ECKey | OKPKey]:
    """The keys in a set that may verify; those that can't be read are left out."""
    found: list[RSAKey | ECKey | OKPKey] = []
    for one in answer["keys"]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", SecurityWarning)
                (key,) = KeySet.import_key_set({"keys": [one]}).keys
        except Exception:  # noqa: BLE001, S112  (one bad key must not shut out the others)
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey) and one.get("use", "sig") == "sig":
            found.append(key)
    return found
