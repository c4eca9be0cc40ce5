"""People sign in by OpenID Connect, with a provider over a real socket."""

import asyncio
import re
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from app import build
from auth.attempts import ALLOWED
from auth.jwks import client
from auth.provider import Provider
from auth.sessions import CHECK, COOKIE, LIFETIME, Sessions
from auth.tokens import Keys
from models.access import Session
from models.account import Account, Grant, Role
from models.audit import AuditEntry
from models.network import Network
from schema.french import FRENCH
from schema.sign_in import FLOW_COOKIE, REFUSALS
from settings import Settings
from tests.client import beside
from tests.follower import socket
from tests.provider import CLIENT, SECRET, Browser, TestProvider, key, providing
from tests.servers import free_port, served

ME = "{ viewer { label email can advice } }"


@pytest.fixture
async def provider() -> AsyncIterator[TestProvider]:
    async with providing() as found:
        yield found


@pytest.fixture
async def browser(
    config: Settings, provider: TestProvider, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Browser]:
    """A browser before a service at which people sign in; settings as the test's mark says."""
    mark = request.node.get_closest_marker("sign_in")
    signing_in = with_sign_in(config, provider.issuer, tmp_path, **(mark.kwargs if mark else {}))
    async with serving(signing_in) as found, beside(config):
        yield found


def with_sign_in(config: Settings, issuer: str, folder: Path, **more: Any) -> Settings:
    secret = folder / "secret"
    secret.write_text(f"{SECRET}\n")
    return config.model_copy(
        update={
            "oidc_issuer": issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret_file": secret,
            **more,
        }
    )


@asynccontextmanager
async def serving(config: Settings) -> AsyncIterator[Browser]:
    """A browser at the service that `config` sets, whose public address is the true one."""
    port = free_port()
    here = config.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    async with served(build(here), port) as address:
        yield Browser(address)


async def aged(**columns: Any) -> None:
    """Move the one session in time."""
    await Session.all().update(**columns)


async def refused(browser: Browser) -> str:
    """The code by which the service refuses the session."""
    answer = await browser.graphql(ME)
    return str(answer.json().get("errors", [{"extensions": {"code": ""}}])[0]["extensions"]["code"])


async def test_a_stranger_signs_in_and_is_told_what_to_do(
    browser: Browser, provider: TestProvider
) -> None:
    answer = await browser.sign_in()
    page = await browser.ask("GET", answer.headers["location"], headers={"accept-language": "fr"})
    me = (await browser.graphql(ME)).json()["data"]["viewer"]

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert (me["label"], me["email"], me["can"]) == ("agent@caf.fr", "agent@caf.fr", [])
    assert "Ask whoever manages your office" in me["advice"]
    assert page.status_code == 200
    assert "agent@caf.fr" in page.text
    assert "Demandez" in page.text
    assert '<html lang="fr">' in page.text
    assert list(browser.cookies) == [COOKIE]
    assert provider.refreshed == 0


@pytest.mark.parametrize("own", [True, False])
async def test_a_session_follows_what_happens_on_pages_of_the_service_only(
    browser: Browser, own: bool
) -> None:
    await browser.sign_in()
    origin = browser.service if own else "https://ailleurs.fr"
    held = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    async with socket(browser.service, {"cookie": held, "origin": origin}) as found:
        await found.send(type="connection_init")
        if own:
            assert await found.next() == {"type": "connection_ack"}
        else:
            assert await found.closed() == (4403, "FOREIGN_ORIGIN")


async def test_an_invitation_is_claimed_at_the_first_sign_in(browser: Browser) -> None:
    caf = await Network.get(code="caf")
    await Grant.give("agent@caf.fr", Role.NETWORK_MANAGER, network=caf)
    await Grant.give("other@caf.fr", Role.MODERATOR)

    await browser.sign_in()
    page = await browser.ask("GET", "/account")
    me = (await browser.graphql("{ viewer { grants { role network { code } } } }")).json()

    grants = [{"role": "NETWORK_MANAGER", "network": {"code": "caf"}}]
    assert me["data"]["viewer"]["grants"] == grants
    assert "Network manager" in page.text
    actions = [entry.action for entry in await AuditEntry.all().order_by("id")]
    assert actions == ["grant.claimed", "session.begun"]


async def test_signing_in_again_is_the_same_person_and_a_new_session(browser: Browser) -> None:
    await browser.sign_in()
    first = browser.cookies[COOKIE]
    await browser.sign_in()

    assert browser.cookies[COOKIE] != first
    assert await Account.all().count() == 1
    assert await Session.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("kind", ["RS256", "ES256"])
@pytest.mark.parametrize("signed", [True, False])
async def test_tokens_of_either_algorithm_and_userinfo_signed_or_not_are_taken(
    browser: Browser, provider: TestProvider, kind: str, signed: bool
) -> None:
    provider.key, provider.signed_userinfo = key(kind), signed

    assert (await browser.sign_in()).status_code == 303


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/account?a=1", "/account?a=1"),
        ("https://evil.example", "/account"),
        ("//evil.example", "/account"),
        ("/%5Cevil.example", "/account"),
        ("/%0d%0aset-cookie:x=1", "/account"),
    ],
)
async def test_one_comes_back_to_where_one_was_and_nowhere_else(
    browser: Browser, path: str, to: str
) -> None:
    assert (await browser.sign_in(path.replace("?", "%3F"))).headers["location"] == to


Bend = Callable[[TestProvider], None]


def bent(**what: Any) -> Bend:
    def bend(provider: TestProvider) -> None:
        for name, value in what.items():
            setattr(provider, name, value)

    return bend


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (bent(claims={"nonce": "another"}), "SIGN_IN_FAILED"),
        (bent(claims={"aud": "another"}), "SIGN_IN_FAILED"),
        (bent(claims={"aud": [CLIENT, "another"]}), "SIGN_IN_FAILED"),
        (bent(claims={"azp": "another"}), "SIGN_IN_FAILED"),
        (bent(claims={"iss": "https://another"}), "SIGN_IN_FAILED"),
        (bent(claims={"sub": ""}), "SIGN_IN_FAILED"),
        (bent(claims={"sub": "another"}), "SIGN_IN_FAILED"),
        (bent(userinfo={"sub": "another"}), "SIGN_IN_FAILED"),
        (bent(userinfo={"aud": "another"}), "SIGN_IN_FAILED"),
        (bent(signs_with=key()), "SIGN_IN_FAILED"),
        (bent(late=-60 - 125), "SIGN_IN_FAILED"),
        (bent(late=130), "SIGN_IN_FAILED"),
    ],
)
async def test_what_cannot_be_trusted_begins_no_session(
    browser: Browser, provider: TestProvider, bend: Bend, code: str
) -> None:
    bend(provider)

    answer = await browser.sign_in()

    assert answer.status_code == REFUSALS[code][0]
    assert code in answer.text
    assert browser.cookies == {}
    assert not await Session.exists()


@pytest.mark.parametrize("late", [-60 - 115, 115])
async def test_clocks_may_differ_by_two_minutes(
    browser: Browser, provider: TestProvider, late: int
) -> None:
    provider.late = late

    assert (await browser.sign_in()).status_code == 303


async def test_a_provider_that_is_away_is_said_and_nothing_is_lost(
    browser: Browser, provider: TestProvider
) -> None:
    provider.away = True
    away = await browser.sign_in()
    provider.away = False
    await browser.sign_in()
    provider.away = True
    during = await browser.graphql(ME)
    signed_out = await browser.ask("POST", "/auth/logout", headers={"origin": browser.service})

    assert (away.status_code, "ISSUER_UNAVAILABLE" in away.text) == (503, True)
    assert during.status_code in {200, 401}
    assert signed_out.status_code == 303


async def test_a_key_that_was_changed_is_looked_for(
    browser: Browser, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auth.jwks.PAUSE", 0.0)
    first = await browser.sign_in()
    provider.key = key("ES256")

    assert [first.status_code, (await browser.sign_in()).status_code] == [303, 303]


@pytest.mark.sign_in(oidc_acr=("eidas2", "eidas3"), oidc_amr=("mfa",))
@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"acr": "eidas2", "amr": ["pwd", "mfa"]}, 303),
        ({"acr": "eidas1", "amr": ["mfa"]}, 403),
        ({"acr": "eidas2", "amr": ["pwd"]}, 403),
        ({"acr": "eidas2", "amr": "mfa"}, 403),
        ({}, 403),
    ],
)
async def test_the_level_that_is_required_is_asked_for_and_checked(
    browser: Browser, provider: TestProvider, claims: dict[str, Any], status: int
) -> None:
    provider.claims = claims

    asked = await browser.ask("GET", "/auth/login")
    answer = await browser.sign_in()

    assert parse_qs(urlsplit(asked.headers["location"]).query)["acr_values"] == ["eidas2 eidas3"]
    assert answer.status_code == status


@pytest.mark.parametrize(
    "change",
    [
        lambda query: {**query, "state": "another"},
        lambda query: {**query, "iss": "https://another"},
        lambda query: {"code": query["code"]},
        lambda _: {},
    ],
)
async def test_an_answer_to_a_question_of_another_browser_is_refused(
    browser: Browser, change: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    away = await browser.ask("GET", "/auth/login")
    async with httpx.AsyncClient() as http:
        back = await http.get(away.headers["location"])
    query = dict(parse_qsl(urlsplit(back.headers["location"]).query))

    answer = await browser.ask("GET", "/auth/callback", params=change(query))
    stranger = await Browser(browser.service).ask("GET", "/auth/callback", params=query)

    assert (answer.status_code, "SIGN_IN_STATE" in answer.text) == (400, True)
    assert (stranger.status_code, "SIGN_IN_STATE" in stranger.text) == (400, True)


async def test_a_code_is_good_once(browser: Browser) -> None:
    away = await browser.ask("GET", "/auth/login")
    flow = dict(browser.cookies)
    async with httpx.AsyncClient() as http:
        back = await http.get(away.headers["location"])
    path = back.headers["location"].removeprefix(browser.service)

    first = await browser.ask("GET", path)
    browser.cookies = flow
    second = await browser.ask("GET", path)

    assert (first.status_code, second.status_code) == (303, 400)


async def test_a_session_is_ended_here_and_at_the_provider(
    browser: Browser, provider: TestProvider
) -> None:
    await browser.sign_in()
    cookie = dict(browser.cookies)
    foreign = [
        await browser.ask("POST", "/auth/logout", headers=headers)
        for headers in ({"origin": "https://evil"}, {"sec-fetch-site": "cross-site"})
    ]
    answer = await browser.ask("POST", "/auth/logout", headers={"origin": browser.service})
    there = urlsplit(answer.headers["location"])
    browser.cookies = cookie

    assert [one.status_code for one in foreign] == [400, 400]
    assert f"{there.scheme}://{there.netloc}" == provider.issuer
    asked = parse_qs(there.query)
    assert asked["post_logout_redirect_uri"] == [f"{browser.service}/auth/signed-out"]
    assert asked["id_token_hint"]
    assert await refused(browser) == "SESSION_ENDED"
    assert (await browser.ask("GET", "/auth/signed-out")).status_code == 200
    assert (await browser.ask("GET", "/account")).status_code == 401


@pytest.mark.parametrize("how", ["time", "ended", "deactivated"])
async def test_a_session_that_is_over_opens_nothing(browser: Browser, how: str) -> None:
    await browser.sign_in()
    now = datetime.now(UTC)
    if how == "time":
        await aged(expires_at=now)
    elif how == "ended":
        await aged(ended_at=now)
    else:
        await Account.all().update(deactivated_at=now)

    assert await refused(browser) == "SESSION_ENDED"
    for _ in range(25):
        assert await refused(browser) == "SESSION_ENDED"  # a session that is over is no guess


async def test_a_session_ends_when_the_provider_says_so(
    browser: Browser, provider: TestProvider
) -> None:
    await browser.sign_in()
    provider.ended = "invalid_grant"
    await aged(checked_at=datetime.now(UTC) - CHECK)

    assert await refused(browser) == "SESSION_ENDED"
    assert provider.refreshed == 1
    assert await AuditEntry.filter(action="session.ended").exists()


@pytest.mark.parametrize("bend", [bent(away=True), bent(ended="temporarily_unavailable")])
async def test_a_session_goes_on_while_the_provider_is_away_and_is_checked_again(
    browser: Browser, provider: TestProvider, bend: Bend
) -> None:
    await browser.sign_in()
    await aged(checked_at=datetime.now(UTC) - CHECK)
    bend(provider)

    assert await refused(browser) == ""
    (session,) = await Session.all()
    assert session.checked_at < datetime.now(UTC) - CHECK + timedelta(minutes=1, seconds=1)


async def test_of_many_that_check_a_session_at_once_one_asks_the_provider(
    browser: Browser, provider: TestProvider
) -> None:
    await browser.sign_in()
    await aged(checked_at=datetime.now(UTC) - CHECK)
    cookie = browser.cookies[COOKIE]
    named = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET}

    async with client() as http:
        sessions = Sessions(Provider(http, **named, public_url="", scope="openid"))
        found = await asyncio.gather(*(sessions.account(cookie) for _ in range(5)))

    assert len({person.id for person in found}) == 1
    assert provider.refreshed == 1


async def test_a_token_of_ours_is_not_what_a_browser_set_out_with(
    config: Settings, browser: Browser
) -> None:
    browser.cookies[FLOW_COOKIE] = Keys(config.token_key_file).issue("somebody", 60)

    answer = await browser.ask("GET", "/auth/callback?code=x&state=y")

    assert (answer.status_code, "SIGN_IN_STATE" in answer.text) == (400, True)


async def test_the_database_alone_opens_no_session(browser: Browser) -> None:
    await browser.sign_in()
    (session,) = await Session.all()

    assert browser.cookies[COOKIE] not in f"{session.sha256} {session.sealed}"
    assert "eyJ" not in session.sealed
    assert session.expires_at - session.begun_at <= LIFETIME


async def test_another_site_cannot_ask_with_the_cookie_of_a_browser(browser: Browser) -> None:
    await browser.sign_in()

    form = await browser.ask(
        "POST",
        "/graphql",
        content=b'{"query": "{ viewer { label } }"}',
        headers={"content-type": "text/plain", "origin": browser.service},
    )
    foreign = [
        await browser.graphql(ME, origin="https://evil"),
        await browser.graphql(ME, origin=f"{browser.service}.evil"),
        await browser.graphql(ME, origin="null"),
        await browser.graphql(ME, origin=browser.service, sec_fetch_site="same-site"),
        await browser.graphql(ME, sec_fetch_site="cross-site", sec_fetch_mode="navigate"),
        await browser.ask("GET", "/account", headers={"sec-fetch-site": "cross-site"}),
    ]
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    own = [
        await browser.graphql(ME, origin="null", sec_fetch_site="same-origin"),
        await browser.graphql(ME, origin=browser.service),
        await browser.ask("GET", "/account", headers=link),
    ]

    assert form.status_code == 415
    assert [one.status_code for one in foreign] == [403] * 5 + [401]
    told = {one.json()["errors"][0]["extensions"]["code"] for one in foreign[:5]}
    assert told == {"FOREIGN_ORIGIN"}
    assert [one.status_code for one in own] == [200] * 3


async def test_a_foreign_page_is_no_guess(browser: Browser) -> None:
    await browser.sign_in()

    for _ in range(25):
        await browser.graphql(ME, origin="https://evil")

    assert await refused(browser) == ""


async def test_who_fails_too_often_must_wait(browser: Browser) -> None:
    statuses: list[int] = []
    while 429 not in statuses:  # one more for each 3 s that it takes
        answer = await browser.ask("GET", "/auth/callback?code=x&state=y")
        statuses.append(answer.status_code)

    assert set(statuses) == {400, 429}
    assert len(statuses) > ALLOWED


async def test_a_closed_account_is_told_so(browser: Browser) -> None:
    await browser.sign_in()
    await Account.all().update(deactivated_at=datetime.now(UTC))

    answer = await browser.sign_in()

    assert (answer.status_code, "ACCOUNT_CLOSED" in answer.text) == (403, True)


def test_every_refusal_is_told_in_french_too() -> None:
    assert [sentence for _, sentence in REFUSALS.values() if sentence not in FRENCH] == []


# --- A provider that others wrote --------------------------------------------------------------


@pytest.fixture
async def stock() -> AsyncIterator[str]:
    """oidc-provider-mock in a process of its own."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "oidc-provider-mock"), "-p", str(port)]
    claims = '{"sub": "u1", "email": "agent@caf.fr"}'
    running = await asyncio.create_subprocess_exec(
        *command, "--require-nonce", "true", "--user-claims", claims, stdout=DEVNULL, stderr=DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient() as http:
        while True:
            assert running.returncode is None
            try:
                await http.get(f"{address}/.well-known/openid-configuration")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    yield address
    running.terminate()
    await running.wait()


async def test_the_whole_way_with_a_provider_that_others_wrote(
    config: Settings, stock: str, tmp_path: Path
) -> None:
    async with serving(with_sign_in(config, stock, tmp_path)) as browser:
        away = await browser.ask("GET", "/auth/login")
        async with httpx.AsyncClient() as http:
            form = await http.get(away.headers["location"])
            back = await http.post(away.headers["location"], data={"sub": "u1"})
        answer = await browser.ask("GET", back.headers["location"].removeprefix(browser.service))
        me = (await browser.graphql(ME)).json()
        out = await browser.ask("POST", "/auth/logout", headers={"origin": browser.service})
        async with httpx.AsyncClient() as http:
            there = await http.get(out.headers["location"])

    assert re.search("Authorize", form.text)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert me["data"]["viewer"]["email"] == "agent@caf.fr"
    assert there.status_code < 400


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_without_a_provider_nobody_signs_in(config: Settings) -> None:
    async with serving(config) as browser:
        answers = [await browser.ask("GET", path) for path in ("/auth/login", "/account")]

    assert [answer.status_code for answer in answers] == [404, 404]
