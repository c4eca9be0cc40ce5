import base64
import hmac
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from joserfc import jws
from joserfc.jwk import KeySet, OctKey, OKPKey

from app import build
from auth.attempts import ALLOWED, FORGIVEN
from auth.refused import Refused
from auth.tokens import ALGORITHMS, AUDIENCE, Keys
from models.account import OURS as ISSUER
from models.account import Account, Role
from schema.errors import CODES
from settings import Settings, WrongSettings
from tests import factories as make
from tests.client import Client
from tests.servers import served

SQLITE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
NOW = int(time.time())
CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": "caf-lyon", "iat": NOW}


@pytest.fixture(params=ALGORITHMS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file with a key of each kind."""
    Keys.write(tmp_path / "keys.json", request.param)
    return tmp_path / "keys.json"


def key_of(path: Path) -> OctKey | OKPKey:
    """The first key in a file."""
    key = KeySet.import_key_set(orjson.loads(path.read_bytes())).keys[0]
    assert isinstance(key, OctKey | OKPKey)
    return key


def signed(key: OctKey | OKPKey, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token signed by `key`, with other claims than the right ones; None takes one away."""
    whole = CLAIMS | {"exp": NOW + 86_400} | claims
    content = orjson.dumps({name: value for name, value in whole.items() if value is not None})
    named = {"alg": key.alg, "kid": key.kid} | (header or {})
    return jws.serialize_compact(named, content, key, algorithms=["HS256", "Ed25519", "HS512"])


def unsigned(algorithm: str) -> str:
    """A token that nobody signed."""
    parts = ({"alg": algorithm}, CLAIMS | {"exp": NOW + 86_400})
    texts = [base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode() for part in parts]
    return f"{texts[0]}.{texts[1]}."


def refusal(path: Path, token: str) -> str:
    """The code of the refusal of a token."""
    with pytest.raises(Refused) as refused:
        Keys(path).subject(token)
    return refused.value.code


# --- Keys ------------------------------------------------------------------------------------


def test_a_token_says_whose_it_is(path: Path) -> None:
    keys = Keys(path)

    assert keys.subject(keys.issue("caf-lyon", 60)) == "caf-lyon"


def test_a_key_file_can_be_read_by_its_owner_only(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_file_is_never_written_over(path: Path) -> None:
    before = path.read_bytes()

    with pytest.raises(FileExistsError):
        Keys.write(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("other", ALGORITHMS)
def test_after_a_rotation_the_old_key_verifies_and_the_new_one_signs(
    path: Path, tmp_path: Path, other: str
) -> None:
    old = Keys(path).issue("caf-lyon", 60)
    Keys.write(tmp_path / "new.json", other)
    both = [orjson.loads(file.read_bytes())["keys"][0] for file in (tmp_path / "new.json", path)]
    path.write_bytes(orjson.dumps({"keys": both}))
    new = Keys(path).issue("caf-lyon", 60)

    assert [Keys(path).subject(token) for token in (old, new)] == ["caf-lyon", "caf-lyon"]
    assert Keys(tmp_path / "new.json").subject(new) == "caf-lyon"
    assert refusal(tmp_path / "new.json", old) == "TOKEN_INVALID"


PUBLIC = OKPKey.generate_key("Ed25519", {"alg": "Ed25519"}, auto_kid=True).as_dict(private=False)
RUBBISH = {
    "nothing": b"",
    "rubbish": b"\xff\x00",
    "a list": b"[]",
    "no keys": b"{}",
    "an empty set": b'{"keys": []}',
    "a word": b'{"keys": "x"}',
    "no key": b'{"keys": [{}]}',
    "a key of 3 bytes": b'{"keys": [{"kty": "oct", "k": "AAAA"}]}',
    "another algorithm": b'{"keys": [{"kty": "oct", "k": "%b", "alg": "HS512"}]}' % (b"A" * 64),
    "a key that can't sign": orjson.dumps({"keys": [PUBLIC]}),
}


@pytest.mark.parametrize("content", RUBBISH.values(), ids=RUBBISH)
def test_a_file_without_a_key_that_signs_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)

    with pytest.raises(WrongSettings):
        build(Settings(token_key_file=path))
    problem = "is not a JSON Web Key Set: make one with `python -m jobs key`"
    assert capsys.readouterr().err == f"RELAIS_TOKEN_KEY_FILE: {path} {problem}.\n"


# --- Tokens that open nothing ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": NOW - 1}, "TOKEN_EXPIRED"),
        ({"exp": None}, "TOKEN_INVALID"),
        ({"exp": "tomorrow"}, "TOKEN_INVALID"),
        ({"exp": None, "nbf": NOW}, "TOKEN_INVALID"),
        ({"nbf": NOW + 100_000}, "TOKEN_INVALID"),
        ({"iat": None}, "TOKEN_INVALID"),
        ({"iss": "another"}, "TOKEN_INVALID"),
        ({"iss": None}, "TOKEN_INVALID"),
        ({"aud": "another"}, "TOKEN_INVALID"),
        ({"aud": None}, "TOKEN_INVALID"),
        ({"sub": None}, "TOKEN_INVALID"),
    ],
)
def test_a_token_of_ours_must_say_all_that_it_has_to(
    path: Path, claims: dict[str, Any], code: str
) -> None:
    assert refusal(path, signed(key_of(path), **claims)) == code


def test_an_expired_token_of_another_service_is_not_called_ours(path: Path, tmp_path: Path) -> None:
    Keys.write(tmp_path / "other.json")

    token = signed(key_of(tmp_path / "other.json"), exp=NOW - 1)

    assert refusal(path, token) == "TOKEN_INVALID"


def test_another_key_under_the_same_name_does_not_sign(path: Path, tmp_path: Path) -> None:
    Keys.write(tmp_path / "other.json", key_of(path).alg or "")

    token = signed(key_of(tmp_path / "other.json"), {"kid": key_of(path).kid})

    assert refusal(path, token) == "TOKEN_INVALID"


def test_the_public_half_of_a_key_does_not_sign_as_a_secret(tmp_path: Path) -> None:
    Keys.write(tmp_path / "keys.json", "Ed25519")
    key = key_of(tmp_path / "keys.json")
    public = OctKey.import_key(str(key.as_dict(private=False)["x"]), {"alg": "HS256"})

    assert refusal(tmp_path / "keys.json", signed(public, {"kid": key.kid})) == "TOKEN_INVALID"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "Ed25519", "nonsense"])
def test_a_token_that_nobody_signed_is_refused(path: Path, algorithm: str) -> None:
    assert refusal(path, unsigned(algorithm)) == "TOKEN_INVALID"


def test_another_algorithm_is_refused_even_with_our_key(tmp_path: Path) -> None:
    Keys.write(tmp_path / "keys.json")
    secret = orjson.loads((tmp_path / "keys.json").read_bytes())["keys"][0]
    key = OctKey.import_key({"kty": "oct", "k": secret["k"], "kid": secret["kid"]})

    assert refusal(tmp_path / "keys.json", signed(key, {"alg": "HS512"})) == "TOKEN_INVALID"


def test_a_token_with_any_letter_changed_is_refused(path: Path) -> None:
    token = Keys(path).issue("caf-lyon", 60)
    # The last letter of a part holds bits that mean nothing.
    places = [n for n in range(len(token) - 1) if "." not in token[n : n + 2]]
    changed = [f"{token[:n]}{'A' if token[n] != 'A' else 'B'}{token[n + 1 :]}" for n in places]

    assert {refusal(path, one) for one in changed} == {"TOKEN_INVALID"}


PARTS = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**63), 2**63) | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=4,
)


@given(
    header=some.dictionaries(some.sampled_from(["kid", "alg", "crit", "b64", "typ", "x"]), PARTS),
    claims=some.dictionaries(some.sampled_from(["exp", "nbf", "iss", "aud", "sub"]), PARTS) | PARTS,
)
@settings(max_examples=200, deadline=None)
def test_a_token_signed_over_anything_strange_is_refused(
    header: dict[str, Any], claims: Any
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "keys.json"
        Keys.write(path)
        whole = ({"alg": "HS256", "kid": key_of(path).kid} | header, claims)
        texts = [base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=") for part in whole]
        secret = key_of(path).get_op_key("sign")
        assert isinstance(secret, bytes)
        signature = hmac.digest(secret, b".".join(texts), "sha256")
        texts.append(base64.urlsafe_b64encode(signature).rstrip(b"="))

        assert refusal(path, b".".join(texts).decode()) == "TOKEN_INVALID"


# --- Over the socket -------------------------------------------------------------------------


async def told(api: Client, token: bytes) -> tuple[int, str, str]:
    """Status, code and challenge."""
    answer: httpx.Response = await api.http.post(
        "/graphql",
        json={"query": "{ __typename }"},
        headers={b"authorization": b"Bearer " + token},
    )
    (error,) = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"], answer.headers["www-authenticate"]


def challenge(code: str) -> str:
    return f'Bearer error="invalid_token", error_description="{CODES[code]}"'


@SQLITE
@pytest.mark.parametrize(
    "token",
    [
        b"x",
        b".",
        b"..",
        b"a.b.c",
        b"e30.e30.e30",
        base64.urlsafe_b64encode(b'{"alg": "HS256", "crit": null}') + b".e30.e30",
        base64.urlsafe_b64encode(b"[" * 30_000) + b".e30.e30",
        "é".encode(),
        b"\xff.\xff.\xff",
        b"x" * 100_000,
    ],
    ids=lambda token: repr(token[:12]),
)
async def test_a_token_that_is_none_opens_nothing(api: Client, token: bytes) -> None:
    code = "TOKEN_INVALID"

    assert await told(api, token) == (401, code, challenge(code))


@SQLITE
async def test_a_token_whose_time_is_over_says_so(api: Client) -> None:
    token = api.keys.issue(await make.person(Role.ANALYST, network="caf"), -1)

    assert await told(api, token.encode()) == (401, "TOKEN_EXPIRED", challenge("TOKEN_EXPIRED"))


@SQLITE
async def test_a_token_of_no_account_or_a_closed_one_opens_nothing(api: Client) -> None:
    closed = await make.person(Role.NETWORK_MANAGER, network="caf")
    await Account.filter(subject=closed).update(deactivated_at=datetime.now(UTC))

    for subject in (closed, "nobody", ""):
        answer = await told(api, api.keys.issue(subject, 60).encode())
        assert answer == (401, "TOKEN_INVALID", challenge("TOKEN_INVALID"))


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_either_kind_of_key_opens_the_service(config: Settings, path: Path) -> None:
    config = config.model_copy(update={"token_key_file": path})
    async with served(build(config)) as at, Client(at, path) as api:
        name = await make.person(Role.ANALYST, network="caf", name="analyst")

        assert await api.data(name, "{ viewer { label } }") == {"viewer": {"label": "analyst"}}


@SQLITE
async def test_no_token_is_ever_in_the_log(api: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    name = await make.person(Role.ANALYST, network="caf")
    tokens = [api.keys.issue(who, seconds) for who, seconds in ((name, 60), (name, -1), ("x", 60))]

    for token in tokens:
        headers = {"authorization": f"Bearer {token}"}
        await api.http.post("/graphql", json={"query": "{ viewer { label } "}, headers=headers)

    assert [token for token in tokens if token in caplog.text] == []


@SQLITE
async def test_whoever_guesses_is_told_to_wait_and_those_known_from_there_go_on(
    api: Client,
) -> None:
    known = await make.person(Role.READER, network="caf")
    good = api.headers(known)
    body = {"query": "{ viewer { label } }"}
    await api.http.post("/graphql", json=body, headers=good)

    guesses = [f"relais_{n:043}" if n % 2 else f"guess-{n}" for n in range(ALLOWED + 5)]
    answers = [
        await api.http.post(
            "/graphql",
            json=body,
            headers={"authorization": f"Bearer {guess}", "accept-language": "fr"},
        )
        for guess in guesses
    ]
    after = await api.http.post("/graphql", json=body, headers=good)
    fresh = await api.http.post("/graphql", json=body, headers=api.headers("another"))

    assert [answer.status_code for answer in answers] == [401] * ALLOWED + [429] * 5
    last = answers[-1]
    (error,) = last.json()["errors"]
    assert error["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
    assert error["message"].startswith("Trop de")
    assert 1 <= int(last.headers["retry-after"]) <= FORGIVEN
    assert (after.status_code, fresh.status_code) == (200, 429)
