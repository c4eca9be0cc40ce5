"""An identity provider of the tests, over a real socket, that can be told to misbehave."""

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.servers import served

CLIENT, SECRET = "relais", "s3cret"


def key(kind: str = "RS256") -> RSAKey | ECKey:
    """A new key that signs."""
    made: RSAKey | ECKey = (
        RSAKey.generate_key(2048, auto_kid=True)
        if kind == "RS256"
        else ECKey.generate_key("P-256", auto_kid=True)
    )
    return made


class TestProvider:
    """Everybody is `person`; what it says may be bent by `claims`, `late`, `away` and the like.

    Codes and tokens begin with `mark`; those that are signed are kept in `given`.
    """

    __test__ = False

    def __init__(self) -> None:
        self.issuer = ""
        self.key = key()
        self.signs_with: RSAKey | ECKey | None = None
        self.person: dict[str, Any] = {"sub": "u1", "email": "Agent@caf.fr"}
        self.claims: dict[str, Any] = {}
        self.late = 0
        self.away = False
        self.signed_userinfo = True
        self.userinfo: dict[str, Any] = {}
        self.ended = ""
        self.refreshed = 0
        self.mark = ""
        self.given: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def app(self) -> Starlette:
        """Its addresses."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/jwks", self._jwks),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/userinfo", self._userinfo),
            ],
            exception_handlers={ConnectionError: _out_of_order},
        )

    async def _metadata(self, _: Request) -> Response:
        self._answering()
        ends = ("authorization", "token", "userinfo", "end_session")
        paths = {f"{end}_endpoint": f"{self.issuer}/{end.split('_')[0]}" for end in ends}
        paths["authorization_endpoint"] = f"{self.issuer}/authorize"
        return JSONResponse({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **paths})

    async def _jwks(self, _: Request) -> Response:
        self._answering()
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        code = f"{self.mark}code-{len(self._codes)}"
        self._codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}")

    async def _token(self, request: Request) -> Response:
        self._answering()
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = dict(parse_qsl((await request.body()).decode()))
        if asked["grant_type"] == "refresh_token":
            self.refreshed += 1
            if self.ended:
                return JSONResponse({"error": self.ended}, 400)
            return JSONResponse({"access_token": f"{self.mark}a", "token_type": "Bearer"})
        flow = self._codes.pop(asked["code"], None)
        proof = hashlib.sha256(asked["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if (
            flow is None
            or challenge != flow["code_challenge"]
            or asked["redirect_uri"] != flow["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {
                "id_token": self._signed({"nonce": flow["nonce"], **self.claims}),
                "access_token": f"{self.mark}a",
                "refresh_token": f"{self.mark}r",
                "token_type": "Bearer",
            }
        )

    async def _userinfo(self, _: Request) -> Response:
        self._answering()
        told = self.person | self.userinfo
        if not self.signed_userinfo:
            return JSONResponse(told)
        return Response(self._signed(told), media_type="application/jwt")

    def _signed(self, more: dict[str, Any]) -> str:
        signer = self.signs_with or self.key
        now = int(time.time()) + self.late
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.person["sub"],
            "iat": now,
            "exp": now + 60,
            **more,
        }
        algorithm = "RS256" if isinstance(signer, RSAKey) else "ES256"
        self.given.append(jwt.encode({"alg": algorithm, "kid": signer.kid}, claims, signer))
        return self.given[-1]

    def _answering(self) -> None:
        if self.away:
            raise ConnectionError


async def _out_of_order(_: Request, __: Exception) -> Response:
    return Response(status_code=502)


@asynccontextmanager
async def providing() -> AsyncIterator[TestProvider]:
    """A provider that answers."""
    provider = TestProvider()
    async with served(provider.app()) as address:
        provider.issuer = address
        yield provider


class Browser:
    """Keeps cookies, and goes where it is sent, as a browser does."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.cookies: dict[str, str] = {}

    async def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        """One request to the service, with its cookies."""
        held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"cookie": held, **more.pop("headers", {})}
        async with httpx.AsyncClient(timeout=30) as http:
            answer = await http.request(method, f"{self.service}{url}", headers=headers, **more)
        for line in answer.headers.get_list("set-cookie"):
            assert line.startswith("__Host-")
            assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(line.split("; "))
            name, _, value = line.partition(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value.strip('"')
        return answer

    async def sign_in(self, path: str = "") -> httpx.Response:
        """Go to the provider and back; what the service answers at last."""
        away = await self.ask("GET", f"/auth/login?next={path}")
        if away.status_code != 303:
            return away
        async with httpx.AsyncClient() as http:
            back = await http.get(away.headers["location"])
        return await self.ask("GET", back.headers["location"].removeprefix(self.service))

    async def graphql(self, query: str, **headers: str) -> httpx.Response:
        """Ask the service as whoever is signed in, from a page of its own unless told otherwise."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        told = named or {"origin": self.service}
        return await self.ask("POST", "/graphql", json={"query": query}, headers=told)
