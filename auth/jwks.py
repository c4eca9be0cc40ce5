"""The public keys that an issuer publishes, and what a token signed by one of them says."""

import asyncio
import logging
import time
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import httpx
import orjson
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from auth.refused import Expired, IssuerAway, Refused
from models.outward import authorities

LEEWAY = 120
"""Seconds that clocks may differ."""

PAUSE = 10.0
"""Seconds between two looks at an issuer, however many unknown keys tokens name."""

STALE = 3600.0
"""Seconds after which keys are asked for anew."""

MAX_ANSWER = 256 * 1024
"""Bytes that an issuer may answer."""

PATIENCE = 3.0
"""Seconds that an issuer may take for a whole answer."""

PublicKey = RSAKey | ECKey | OKPKey
T = TypeVar("T")

log = logging.getLogger(__name__)


class _Published(Generic[T]):
    """What an issuer publishes: asked for by one on behalf of all, and kept while it is away."""

    def __init__(self, ask: Callable[[], Awaitable[T]], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._found: T | None = None
        self._found_at = self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def latest(self, holds: Callable[[T], bool] = lambda _: True) -> T:
        """It, asked for anew when it is old or lacks what is looked for. Raises IssuerAway.

        While one asks again, the others go on with what is old.
        """
        waits = self._found is None or not holds(self._found) or not self._asking.locked()
        if waits and self._due(holds):
            async with self._asking:
                if self._due(holds):
                    await self._look()
        if self._found is None:
            raise IssuerAway
        return self._found

    def _due(self, holds: Callable[[T], bool]) -> bool:
        now = self._clock()
        wanted = self._found is None or now - self._found_at > STALE or not holds(self._found)
        return wanted and now - self._asked_at > PAUSE

    async def _look(self) -> None:
        try:
            self._found = await self._ask()
            self._found_at = self._clock()
        except (IssuerAway, ValueError, KeyError, TypeError) as error:
            log.warning("an issuer can't be read: %s", type(error).__name__)
        self._asked_at = self._clock()


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
        self._discovered = _Published(self._discover, clock)
        self._keys = _Published(self._look_up, clock)

    async def metadata(self) -> dict[str, Any]:
        """What the issuer says of itself by OpenID discovery. Raises IssuerAway."""
        return await self._discovered.latest()

    async def claims(
        self,
        token: str,
        algorithms: Sequence[str],
        audience: str,
        require: Sequence[str] = ("iss", "aud", "sub", "exp", "iat"),
    ) -> dict[str, Any]:
        """What a token of this issuer for `audience` says. Raises Refused, Expired, IssuerAway."""
        kid = _kid(token)
        keys = await self._keys.latest(lambda keys: _named(keys, kid) is not None)
        key = _named(keys, kid)
        wanted: dict[str, Any] = {name: {"essential": True} for name in require}
        wanted["iss"] = {"essential": True, "value": self._issuer}
        wanted["aud"] = {"essential": True, "value": audience}
        if key is None:
            raise Refused
        try:
            claims = jwt.decode(token, key, algorithms=list(algorithms)).claims
            jwt.JWTClaimsRegistry(leeway=LEEWAY, **wanted).validate(claims)
        except ExpiredTokenError:
            raise Expired from None
        except Exception:  # noqa: BLE001  (what a stranger wrote is never a fault of ours)
            raise Refused from None
        return dict(claims)

    async def _discover(self) -> dict[str, Any]:
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = await self._json(url)
        if metadata["issuer"] != self._issuer:
            message = "the metadata is of another issuer"
            raise ValueError(message)
        return metadata

    async def _look_up(self) -> list[PublicKey]:
        found = _public(await self._json(self._jwks_url or (await self.metadata())["jwks_uri"]))
        if not found:
            message = "there is no key that verifies"
            raise ValueError(message)
        return found

    async def _json(self, url: str) -> dict[str, Any]:
        answer = await asked(self._http, "GET", url)
        if not answer.is_success:
            raise IssuerAway
        found = orjson.loads(answer.content)
        if not isinstance(found, dict):
            message = "the answer is not an object"
            raise TypeError(message)
        return found


def client() -> httpx.AsyncClient:
    """What issuers are asked by: not for long, and never led elsewhere."""
    return httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, verify=authorities())


async def asked(http: httpx.AsyncClient, method: str, url: str, **more: Any) -> httpx.Response:
    """An issuer's answer, whatever its status. Raises IssuerAway when it is late or too large."""
    body = bytearray()
    try:
        async with (
            asyncio.timeout(PATIENCE),
            http.stream(method, url, follow_redirects=False, **more) as answer,
        ):
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER:
                    raise IssuerAway
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, TypeError, ValueError):
        raise IssuerAway from None
    kind = {"content-type": answer.headers.get("content-type", "")}
    return httpx.Response(answer.status_code, headers=kind, content=bytes(body))


def _kid(token: str) -> str | None:
    try:
        header = jws.extract_compact(token.encode()).headers()
    except Exception:  # noqa: BLE001  (as above)
        raise Refused from None
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise Refused
    return kid


def _named(keys: list[PublicKey], kid: str | None) -> PublicKey | None:
    """The one key that a token may mean: two of the same name are none."""
    named = [key for key in keys if kid is None or key.kid == kid]
    return named[0] if len(named) == 1 else None


def _public(answer: dict[str, Any]) -> list[PublicKey]:
    """The keys in a set that may verify; those that can't be read are left out."""
    found: list[PublicKey] = []
    for one in answer["keys"]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", SecurityWarning)
                (key,) = KeySet.import_key_set({"keys": [one]}).keys
        except Exception:  # noqa: BLE001, S112  (one bad key must not shut out the others)
            continue
        if isinstance(key, PublicKey) and one.get("use", "sig") == "sig":
            found.append(key)
    return found
