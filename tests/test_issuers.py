import asyncio
import base64
import hmac
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

import auth.jwks
from auth.issuers import Issuers, Vouched
from auth.jwks import PAUSE, STALE, RemoteKeys
from auth.refused import Refused
from settings import Issuer, WrongSettings
from tests.servers import free_port, served

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one issuer serves them all

ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519")
REQUIRED = ("iss", "aud", "exp", "nbf", "sub")


def new_key(algorithm: str, **more: str) -> RSAKey | ECKey | OKPKey:
    """A key with a name of its own; what its set says of it besides may be taken away."""
    said: Any = {"use": "sig", "alg": algorithm} | more
    if algorithm in {"RS256", "PS256"}:
        return RSAKey.generate_key(2048, said, auto_kid=True)
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", said, auto_kid=True)
    return OKPKey.generate_key("Ed25519", said, auto_kid=True)


KEYS = {algorithm: new_key(algorithm) for algorithm in ALGORITHMS}
OTHERS = {algorithm: new_key(algorithm) for algorithm in ALGORITHMS}


class Provider:
    """An issuer of tokens, over a socket: which keys it shows, and how often it was asked."""

    def __init__(self, *keys: Key) -> None:
        self.at = ""
        self.keys: list[dict[str, Any]] = []
        self.asked = 0
        self.away = False
        self.shows(*keys)
        paths = {
            "/.well-known/openid-configuration": self._metadata,
            "/jwks": self._keys,
            "/drip": self._drip,
        }
        self.app = Starlette(routes=[Route(path, answer) for path, answer in paths.items()])

    def shows(self, *keys: Key, without: Sequence[str] = ()) -> None:
        """From now on these are its keys; their set does not say `without`."""
        parts = [key.as_dict(private=False) for key in keys]
        self.keys = [{k: v for k, v in part.items() if k not in without} for part in parts]

    async def _metadata(self, _: Request) -> JSONResponse:
        return JSONResponse({"issuer": self.at, "jwks_uri": f"{self.at}/jwks"})

    async def _keys(self, _: Request) -> JSONResponse:
        self.asked += 1
        return JSONResponse({"keys": self.keys}, 503 if self.away else 200)

    async def _drip(self, _: Request) -> StreamingResponse:
        """An answer of which there is always a little more, and never an end."""

        async def drops() -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(0.02)

        return StreamingResponse(drops())

    def trusted(self, *algorithms: Any, **more: Any) -> Issuer:
        """What the settings say of it."""
        given = {"issuer": self.at, "audience": "relais", "jwks_url": f"{self.at}/jwks"}
        return Issuer(**(given | {"algorithms": algorithms or ALGORITHMS} | more))

    def token(self, key: Key, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token signed by `key`, with other claims than the right ones; None takes one away."""
        whole = self.claims() | claims
        content = {name: value for name, value in whole.items() if value is not None}
        return signed(key, {"alg": key.alg, "kid": key.kid} | (header or {}), content)

    def claims(self) -> dict[str, Any]:
        now = int(time.time())
        who = {"iss": self.at, "aud": "relais", "sub": "agent-7"}
        return who | {"iat": now, "nbf": now, "exp": now + 600}


@asynccontextmanager
async def provider(*keys: Key) -> AsyncIterator[Provider]:
    one = Provider(*keys)
    async with served(one.app) as one.at:
        yield one


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def one_provider() -> AsyncIterator[Provider]:
    async with provider() as one:
        yield one


@pytest.fixture
def caf(one_provider: Provider) -> Provider:
    one_provider.shows(*KEYS.values())
    one_provider.asked, one_provider.away = 0, False
    return one_provider


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def issuers(caf: Provider, http: httpx.AsyncClient) -> Issuers:
    return Issuers([caf.trusted()], http)


def b64(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


def signed(key: Key, header: dict[str, Any], claims: Any, algorithm: str | None = None) -> str:
    """A token whose signature is good, whatever it is over."""
    text = b64(orjson.dumps(header)) + b"." + b64(orjson.dumps(claims))
    signer = JWSRegistry.algorithms[algorithm or header["alg"]]
    return b".".join((text, b64(signer.sign(text, key)))).decode()


def by_secret(secret: bytes, header: dict[str, Any], claims: Any) -> str:
    """A token signed by a secret: joserfc would not take what everybody knows for one."""
    text = b64(orjson.dumps(header)) + b"." + b64(orjson.dumps(claims))
    signature = hmac.digest(secret, text, header["alg"].replace("HS", "sha"))
    return b".".join((text, b64(signature))).decode()


async def told(issuers: Issuers, token: str) -> Vouched | str | None:
    """Whom the token is for, or the code of its refusal."""
    try:
        return await issuers.person(token)
    except Refused as refused:
        return refused.code


def somebody(caf: Provider, email: str | None = None) -> Vouched:
    return Vouched(caf.at, "agent-7", email)


# --- Whom a token is for ---------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_token_is_taken_when_its_algorithm_is_pinned_and_only_then(
    caf: Provider, http: httpx.AsyncClient, algorithm: str
) -> None:
    token = caf.token(KEYS[algorithm])
    others = [other for other in ALGORITHMS if other != algorithm]

    assert await told(Issuers([caf.trusted(algorithm)], http), token) == somebody(caf)
    assert await told(Issuers([caf.trusted()], http), token) == somebody(caf)
    assert await told(Issuers([caf.trusted(*others)], http), token) == "TOKEN_INVALID"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_an_algorithm_is_pinned_even_when_the_keys_do_not_say_theirs(
    caf: Provider, http: httpx.AsyncClient, algorithm: str
) -> None:
    caf.shows(*KEYS.values(), without=["alg", "use"])
    token = caf.token(KEYS[algorithm])
    others = [other for other in ALGORITHMS if other != algorithm]

    assert await told(Issuers([caf.trusted(algorithm)], http), token) == somebody(caf)
    assert await told(Issuers([caf.trusted(*others)], http), token) == "TOKEN_INVALID"


async def test_the_keys_are_discovered_when_no_address_is_given(
    caf: Provider, http: httpx.AsyncClient
) -> None:
    issuers = Issuers([caf.trusted(jwks_url=None)], http)

    assert await told(issuers, caf.token(KEYS["RS256"])) == somebody(caf)


async def test_a_token_may_be_meant_for_others_too(caf: Provider, issuers: Issuers) -> None:
    token = caf.token(KEYS["ES256"], aud=["another", "relais"])

    assert await told(issuers, token) == somebody(caf)


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"email": "Anne.Ex@Caf.fr", "email_verified": True}, "anne.ex@caf.fr"),
        ({"email": "anne@caf.fr", "email_verified": False}, None),
        ({"email": "anne@caf.fr", "email_verified": "true"}, None),
        ({"email": "anne@caf.fr", "email_verified": 1}, None),
        ({"email": "anne@caf.fr"}, None),
        ({"email_verified": True}, None),
        ({"email": ["anne@caf.fr"], "email_verified": True}, None),
        ({"email": "", "email_verified": True}, None),
        ({"email": "anne", "email_verified": True}, None),
        ({"email": "anne@caf.fr\n", "email_verified": True}, None),
        ({"email": "anne@\u212aaf.fr", "email_verified": True}, None),
        ({"email": f"{'a' * 248}@caf.fr", "email_verified": True}, f"{'a' * 248}@caf.fr"),
        ({"email": f"{'a' * 249}@caf.fr", "email_verified": True}, None),
    ],
)
async def test_an_address_counts_when_the_issuer_verified_it(
    caf: Provider, issuers: Issuers, claims: dict[str, Any], email: str | None
) -> None:
    assert await told(issuers, caf.token(KEYS["ES256"], **claims)) == somebody(caf, email)


@pytest.mark.parametrize("subject", ["x", "x" * 255, "é" * 255, "00u1 b@c|d", "0"])
async def test_a_subject_is_what_the_issuer_says(
    caf: Provider, issuers: Issuers, subject: str
) -> None:
    token = caf.token(KEYS["ES256"], sub=subject)

    assert await told(issuers, token) == Vouched(caf.at, subject, None)


@pytest.mark.parametrize("subject", ["", "x" * 256, "a\x00b", "a\n", "\x7f", "\x85", 7, ["x"], {}])
async def test_a_subject_that_is_none_is_refused(
    caf: Provider, issuers: Issuers, subject: Any
) -> None:
    assert await told(issuers, caf.token(KEYS["ES256"], sub=subject)) == "TOKEN_INVALID"


async def test_half_a_letter_is_no_subject(caf: Provider, issuers: Issuers) -> None:
    header = {"alg": "ES256", "kid": KEYS["ES256"].kid}
    content = orjson.dumps(caf.claims()).replace(b"agent-7", b"\\ud800")
    text = b64(orjson.dumps(header)) + b"." + b64(content)
    signature = b64(JWSRegistry.algorithms["ES256"].sign(text, KEYS["ES256"]))
    assert await told(issuers, b".".join((text, signature)).decode()) is None


# --- Tokens of others ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        ".",
        "..",
        "a.b.c",
        "rls_0123456789abcdef",
        "e30.e30.e30",
        "e30.e30.e30.e30.e30",
        "é.é.é",
        "\udc80.\udc80.\udc80",
        "x" * 100_000,
        f"{b64(b'[' * 30_000).decode()}.e30.e30",
        f"{b64(b'{}').decode()}.{b64(b'[' * 5_000).decode()}.e30",
    ],
    ids=lambda token: ascii(token[:12]),
)
async def test_what_is_no_jwt_is_left_to_others(
    caf: Provider, http: httpx.AsyncClient, token: str
) -> None:
    assert await told(Issuers([caf.trusted()], http), token) is None
    assert caf.asked == 0


@pytest.mark.parametrize("issuer", [None, "relais", "", 7, ["x"], {"x": "y"}, True])
async def test_a_token_of_another_issuer_is_left_to_others(
    caf: Provider, http: httpx.AsyncClient, issuer: Any
) -> None:
    token = caf.token(KEYS["ES256"], iss=issuer)

    assert await told(Issuers([caf.trusted()], http), token) is None
    assert await told(Issuers([], http), token) is None
    assert caf.asked == 0


async def test_an_issuer_that_is_almost_the_right_one_is_another(
    caf: Provider, issuers: Issuers
) -> None:
    almost = (f"{caf.at}/", caf.at.upper(), caf.at[:-1], [caf.at])

    assert {await told(issuers, caf.token(KEYS["ES256"], iss=iss)) for iss in almost} == {None}


async def test_an_issuer_that_is_named_twice_stops_the_process(
    http: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Issuer(issuer="https://caf.example", audience="relais")
    other = one.model_copy(update={"audience": "another"})

    with pytest.raises(WrongSettings):
        Issuers([one, other], http)
    assert capsys.readouterr().err == "RELAIS_ISSUERS: an issuer is named twice; name each once.\n"


async def test_two_issuers_do_not_vouch_for_each_other(http: httpx.AsyncClient) -> None:
    async with AsyncExitStack() as stack:
        mine, theirs = KEYS["ES256"], OTHERS["ES256"]
        caf = await stack.enter_async_context(provider(mine))
        msa = await stack.enter_async_context(provider(theirs))
        issuers = Issuers([caf.trusted(), msa.trusted()], http)

        assert await told(issuers, caf.token(mine)) == somebody(caf)
        assert await told(issuers, msa.token(theirs)) == somebody(msa)
        assert await told(issuers, caf.token(theirs)) == "TOKEN_INVALID"
        assert await told(issuers, msa.token(mine)) == "TOKEN_INVALID"
        assert await told(issuers, caf.token(theirs, {"kid": mine.kid})) == "TOKEN_INVALID"


async def test_two_issuers_each_have_their_audience_and_algorithms(
    caf: Provider, http: httpx.AsyncClient
) -> None:
    async with provider(*OTHERS.values()) as msa:
        issuers = Issuers([caf.trusted("RS256"), msa.trusted("ES256", audience="relais-msa")], http)
        right = msa.token(OTHERS["ES256"], aud="relais-msa")

        assert await told(issuers, right) == somebody(msa)
        assert await told(issuers, msa.token(OTHERS["ES256"])) == "TOKEN_INVALID"
        assert await told(issuers, msa.token(OTHERS["RS256"], aud="relais-msa")) == "TOKEN_INVALID"
        assert await told(issuers, caf.token(KEYS["RS256"], aud="relais-msa")) == "TOKEN_INVALID"


# --- The keys of an issuer -------------------------------------------------------------------


async def test_keys_are_asked_for_once_however_many_tokens_come(
    caf: Provider, issuers: Issuers
) -> None:
    token = caf.token(KEYS["ES256"])

    together = await asyncio.gather(*(told(issuers, token) for _ in range(20)))
    after = [await told(issuers, token) for _ in range(20)]

    assert {*together, *after} == {somebody(caf)}
    assert caf.asked == 1


async def test_unknown_keys_are_looked_for_once_however_many_tokens_name_them(
    caf: Provider, issuers: Issuers
) -> None:
    await told(issuers, caf.token(KEYS["ES256"]))
    made_up = [caf.token(OTHERS["ES256"], {"kid": f"made up {n}"}) for n in range(40)]

    together = await asyncio.gather(*(told(issuers, token) for token in made_up))
    after = [await told(issuers, token) for token in made_up]

    assert {*together, *after} == {"TOKEN_INVALID"}
    assert caf.asked <= 2
    assert await told(issuers, caf.token(KEYS["ES256"])) == somebody(caf)


async def test_without_any_key_yet_the_issuer_is_said_to_be_away(
    caf: Provider, issuers: Issuers, http: httpx.AsyncClient
) -> None:
    caf.away = True
    nowhere = Issuers([caf.trusted(jwks_url=f"http://127.0.0.1:{free_port()}/jwks")], http)
    token = caf.token(KEYS["ES256"])

    assert await told(issuers, token) == "ISSUER_UNAVAILABLE"
    assert await told(nowhere, token) == "ISSUER_UNAVAILABLE"


async def test_known_keys_go_on_when_the_issuer_is_away(caf: Provider, issuers: Issuers) -> None:
    token = caf.token(KEYS["ES256"])
    await told(issuers, token)
    caf.away = True

    assert await told(issuers, caf.token(OTHERS["ES256"])) in {
        "TOKEN_INVALID",
        "ISSUER_UNAVAILABLE",
    }
    assert await told(issuers, token) == somebody(caf)


class Clock:
    """A clock that goes when it is told to."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(caf: Provider, http: httpx.AsyncClient, clock: Clock) -> RemoteKeys:
    return RemoteKeys(http, caf.at, f"{caf.at}/jwks", clock)


async def verified(caf: Provider, keys: RemoteKeys, key: Key) -> bool:
    try:
        await keys.claims(caf.token(key), ALGORITHMS, "relais", REQUIRED)
    except Refused:
        return False
    return True


async def test_a_new_key_is_found_once_the_pause_is_over(
    caf: Provider, keys: RemoteKeys, clock: Clock
) -> None:
    new = OTHERS["ES256"]
    found = [await verified(caf, keys, KEYS["ES256"])]
    caf.shows(*OTHERS.values())

    for seconds in (0.0, PAUSE, 0.1, 0.0):
        clock.now += seconds
        found.append(await verified(caf, keys, new))

    assert found == [True, False, False, True, True]
    assert caf.asked == 2


async def test_an_issuer_is_looked_at_once_in_each_pause_whatever_is_made_up(
    caf: Provider, keys: RemoteKeys, clock: Clock
) -> None:
    await verified(caf, keys, KEYS["ES256"])
    looks = []
    for _ in range(4):
        clock.now += PAUSE + 0.1
        found = await asyncio.gather(*(verified(caf, keys, OTHERS["ES256"]) for _ in range(50)))
        looks.append((caf.asked, any(found)))

    assert looks == [(2, False), (3, False), (4, False), (5, False)]


async def test_old_keys_go_on_for_as_long_as_the_issuer_is_away(
    caf: Provider, keys: RemoteKeys, clock: Clock
) -> None:
    await verified(caf, keys, KEYS["ES256"])
    caf.away = True
    found = []
    for _ in range(3):
        clock.now += STALE + 1
        found.append(await verified(caf, keys, KEYS["ES256"]))
    asked = caf.asked
    caf.away = False
    caf.shows(*OTHERS.values())
    clock.now += PAUSE + 0.1

    assert (found, asked) == ([True, True, True], 4)
    assert await verified(caf, keys, KEYS["ES256"]) is False
    assert await verified(caf, keys, OTHERS["ES256"])


async def test_keys_that_are_old_are_asked_for_anew_and_those_taken_back_open_nothing(
    caf: Provider, keys: RemoteKeys, clock: Clock
) -> None:
    found = [await verified(caf, keys, KEYS["ES256"])]
    caf.shows(KEYS["RS256"])
    for seconds in (STALE, 1.0):
        clock.now += seconds
        found.append(await verified(caf, keys, KEYS["ES256"]))

    assert found == [True, True, False]


async def test_an_answer_that_never_ends_is_given_up(
    caf: Provider, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth.jwks, "PATIENCE", 0.2)
    issuers = Issuers([caf.trusted(jwks_url=f"{caf.at}/drip")], http)

    async with asyncio.timeout(20):
        assert await told(issuers, caf.token(KEYS["ES256"])) == "ISSUER_UNAVAILABLE"


# --- Tokens that open nothing ----------------------------------------------------------------


@pytest.mark.parametrize("name", REQUIRED[1:])
async def test_a_token_must_say_all_that_it_has_to(
    caf: Provider, issuers: Issuers, name: str
) -> None:
    assert await told(issuers, caf.token(KEYS["RS256"], **{name: None})) == "TOKEN_INVALID"


async def test_a_token_need_not_say_when_it_was_made(caf: Provider, issuers: Issuers) -> None:
    assert await told(issuers, caf.token(KEYS["RS256"], iat=None)) == somebody(caf)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"aud": "another"}, "TOKEN_INVALID"),
        ({"aud": ["another", "one more"]}, "TOKEN_INVALID"),
        ({"aud": []}, "TOKEN_INVALID"),
        ({"aud": ""}, "TOKEN_INVALID"),
        ({"aud": "relais-2"}, "TOKEN_INVALID"),
        ({"aud": {"relais": 1}}, "TOKEN_INVALID"),
        ({"exp": "tomorrow"}, "TOKEN_INVALID"),
        ({"nbf": "yesterday"}, "TOKEN_INVALID"),
        ({"exp": []}, "TOKEN_INVALID"),
        ({"nbf": {}}, "TOKEN_INVALID"),
    ],
)
async def test_a_token_that_says_anything_else_is_refused(
    caf: Provider, issuers: Issuers, claims: dict[str, Any], code: str
) -> None:
    assert await told(issuers, caf.token(KEYS["RS256"], **claims)) == code


@pytest.mark.parametrize(
    ("claim", "seconds", "code"),
    [
        ("exp", -60, None),
        ("exp", -180, "TOKEN_EXPIRED"),
        ("nbf", 60, None),
        ("nbf", 180, "TOKEN_INVALID"),
    ],
)
async def test_clocks_may_differ_by_two_minutes(
    caf: Provider, issuers: Issuers, claim: str, seconds: int, code: str | None
) -> None:
    claims: dict[str, Any] = {claim: int(time.time()) + seconds}

    token = caf.token(KEYS["RS256"], **claims)

    assert await told(issuers, token) == (code or somebody(caf))


async def test_an_expired_token_that_the_issuer_did_not_sign_is_not_called_expired(
    caf: Provider, issuers: Issuers
) -> None:
    forged = caf.token(OTHERS["RS256"], {"kid": KEYS["RS256"].kid}, exp=1)

    assert await told(issuers, forged) == "TOKEN_INVALID"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_another_key_under_the_same_name_does_not_sign(
    caf: Provider, issuers: Issuers, algorithm: str
) -> None:
    token = caf.token(OTHERS[algorithm], {"kid": KEYS[algorithm].kid})

    assert await told(issuers, token) == "TOKEN_INVALID"


async def test_a_key_or_an_address_that_the_token_brings_does_not_count(
    caf: Provider, issuers: Issuers
) -> None:
    async with provider(*OTHERS.values()) as stranger:
        own = OTHERS["ES256"]
        brought: list[dict[str, Any]] = [
            {"jwk": own.as_dict(private=False)},
            {"jku": f"{stranger.at}/jwks"},
        ]

        tokens = [caf.token(own, more | kid) for more in brought for kid in ({}, {"kid": "x"})]

        assert {await told(issuers, token) for token in tokens} == {"TOKEN_INVALID"}
        assert stranger.asked == 0


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", *ALGORITHMS])
async def test_a_token_that_nobody_signed_is_refused(
    caf: Provider, issuers: Issuers, algorithm: str
) -> None:
    kid = KEYS.get(algorithm, KEYS["RS256"]).kid
    parts = [b64(orjson.dumps(part)) for part in ({"alg": algorithm, "kid": kid}, caf.claims())]

    assert await told(issuers, b".".join((*parts, b"")).decode()) == "TOKEN_INVALID"


@pytest.mark.parametrize("shown", [["alg", "use"], []], ids=["with no algorithm", "whole"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_what_everybody_knows_of_a_key_does_not_sign_as_a_secret(
    caf: Provider, issuers: Issuers, algorithm: str, shown: list[str]
) -> None:
    caf.shows(*KEYS.values(), without=shown)
    key = KEYS[algorithm]
    public = orjson.loads(orjson.dumps(key.as_dict(private=False)))
    pem = key.as_pem(private=False)
    known = [pem, pem.strip(), key.as_der(private=False), orjson.dumps(public)]
    known += [str(public.get(part, "")).encode() for part in ("n", "x", "y")]
    forged = [
        by_secret(secret, {"alg": algorithm, "kid": kid}, caf.claims())
        for secret in known
        for algorithm in ("HS256", "HS512")
        for kid in (key.kid, "x")
    ]

    assert {await told(issuers, token) for token in forged} == {"TOKEN_INVALID"}


async def test_a_token_with_any_letter_changed_is_refused(caf: Provider, issuers: Issuers) -> None:
    token = caf.token(KEYS["ES256"])
    # The last letter of a part holds bits that mean nothing.
    places = [n for n in range(len(token) - 1) if "." not in token[n : n + 2]]
    changed = [f"{token[:n]}{'A' if token[n] != 'A' else 'B'}{token[n + 1 :]}" for n in places]

    assert {await told(issuers, one) for one in changed} <= {"TOKEN_INVALID", None}


PARTS = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**63), 2**63) | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=4,
)
HEADERS = some.sampled_from("kid alg crit b64 typ jku jwk x5c x5u cty zip x".split())
CLAIMS = some.sampled_from("exp nbf iat aud sub email email_verified x".split())


@given(
    algorithm=some.sampled_from(ALGORITHMS),
    header=some.dictionaries(HEADERS, PARTS, min_size=1),
    claims=some.dictionaries(CLAIMS, PARTS, min_size=1),
    whole=some.booleans(),
)
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_a_token_signed_over_anything_strange_is_refused_or_right(
    caf: Provider,
    issuers: Issuers,
    algorithm: str,
    header: dict[str, Any],
    claims: dict[str, Any],
    *,
    whole: bool,
) -> None:
    key = KEYS[algorithm]
    named = {"alg": algorithm, "kid": key.kid} | ({} if whole else header)
    answer = await told(issuers, signed(key, named, caf.claims() | claims, algorithm))

    if isinstance(answer, Vouched):
        said = caf.claims() | claims
        assert said["aud"] == "relais" or "relais" in said["aud"]
        assert answer.subject == said["sub"]
        assert answer.email is None or answer.email == said["email"].lower()
        assert named["alg"] == algorithm
    else:
        assert answer in {"TOKEN_INVALID", "TOKEN_EXPIRED", None}
