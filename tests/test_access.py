"""Machines, grants, and what others may give."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models import ids
from models.access import AccessToken
from models.account import Account, Grant, Role
from models.audit import AuditEntry
from models.network import Network
from models.review import Review
from tests import factories as make
from tests.client import Client

CREATE = """mutation ($input: ServiceAccountInput!) { serviceAccountCreate(input: $input) {
  account { id label grants { role permissions office { name } } } token { id prefix } secret
  userErrors { code field } } }"""
GIVE = """mutation ($input: GrantInput!) { grantGive(input: $input) {
  grant { id role invitedEmail holder { id } } userErrors { code field message } } }"""
REVIEWS = "{ reviews { totalCount } }"


async def ask(api: Client, secret: str, query: str) -> tuple[int, Any]:
    """The status and the answer to whoever brings `secret`."""
    headers = {"authorization": f"Bearer {secret}"}
    answer = await api.http.post("/graphql", json={"query": query}, headers=headers)
    whole = answer.json()
    whole.pop("extensions", None)
    return answer.status_code, whole


async def test_a_machine_reads_what_it_was_let_in_for_and_nothing_else(api: Client) -> None:
    office, other = await make.office(name="Caf de Lyon"), await make.office()
    await make.review(office)
    await make.review(other)
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    place = {"office": ids.encode("Office", office.id)}
    machine = {"label": "Back-office", "permissions": ["READ_VERBATIMS"], "place": place}

    made = (await api.data(manager, CREATE, input=machine))["serviceAccountCreate"]
    asked = await ask(api, made["secret"], REVIEWS)

    assert made["userErrors"] == []
    assert made["secret"].startswith(made["token"]["prefix"])
    grant = {
        "role": "SERVICE",
        "permissions": ["READ_VERBATIMS"],
        "office": {"name": "Caf de Lyon"},
    }
    assert made["account"]["grants"] == [grant]
    assert asked == (200, {"data": {"reviews": {"totalCount": 1}}})
    kept = await AccessToken.get(id=ids.decode(made["token"]["id"])[1])
    assert made["secret"] not in str(vars(kept))
    assert kept.last_used_at is not None


async def test_a_revoked_token_opens_nothing_and_a_rotated_one_goes_on_for_a_while(
    api: Client,
) -> None:
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    machine = {"label": "x", "permissions": ["READ_VERBATIMS"], "place": {"network": "caf"}}
    first = (await api.data(manager, CREATE, input=machine))["serviceAccountCreate"]
    rotate = """mutation ($id: ID!) { serviceAccountRotate(id: $id, overlapMinutes: 5) {
      secret token { id } userErrors { code } } }"""
    second = (await api.data(manager, rotate, id=first["account"]["id"]))["serviceAccountRotate"]
    revoke = "mutation ($id: ID!) { accessTokenRevoke(id: $id) { userErrors { code } } }"

    await api.data(manager, revoke, id=second["token"]["id"])
    again = await api.data(manager, revoke, id=second["token"]["id"])

    assert (await ask(api, first["secret"], REVIEWS))[0] == 200
    assert (await ask(api, second["secret"], REVIEWS))[0] == 401
    assert again == {"accessTokenRevoke": {"userErrors": [{"code": "ALREADY_REVOKED"}]}}
    old = await AccessToken.get(id=ids.decode(first["token"]["id"])[1])
    assert old.expires_at <= datetime.now(UTC) + timedelta(minutes=5)


def wanted(role: str, place: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": role, "place": place, "email": "agent@caf.fr", **more}


@pytest.mark.parametrize(
    ("giver", "given", "code"),
    [
        ((Role.NETWORK_MANAGER, "caf", None), ("READER", {"network": "caf"}), None),
        ((Role.NETWORK_MANAGER, "caf", None), ("READER", {"network": "police"}), "BEYOND"),
        ((Role.NETWORK_MANAGER, "caf", None), ("READER", {}), "BEYOND"),
        ((Role.NETWORK_MANAGER, "caf", None), ("MODERATOR", {}), "BEYOND"),
        ((Role.DEPARTMENT_MANAGER, "caf", "69"), ("READER", {"network": "caf"}), "BEYOND"),
        (
            (Role.DEPARTMENT_MANAGER, "caf", "69"),
            ("VALIDATOR", {"network": "caf", "department": "69"}),
            None,
        ),
        (
            (Role.DEPARTMENT_MANAGER, "caf", "69"),
            ("VALIDATOR", {"network": "caf", "department": "01"}),
            "BEYOND",
        ),
        ((Role.ADMINISTRATOR, None, None), ("NETWORK_MANAGER", {"network": "caf"}), None),
        ((Role.READER, "caf", None), ("READER", {"network": "caf"}), "BEYOND"),
    ],
)
async def test_nobody_gives_more_than_they_may(
    api: Client,
    giver: tuple[Role, str | None, str | None],
    given: tuple[str, dict[str, Any]],
    code: str | None,
) -> None:
    role, network, department = giver
    person = await make.person(role, network=network, department=department)

    answer = (await api.data(person, GIVE, input=wanted(*given)))["grantGive"]

    codes = [error["code"] for error in answer["userErrors"]]
    assert codes == ([] if code is None else ["BEYOND_OWN_RIGHTS"])
    assert await Grant.filter(invited_email="agent@caf.fr").exists() is (code is None)


async def test_an_office_whose_counters_lie_elsewhere_is_beyond_its_department(
    api: Client,
) -> None:
    seat = await make.office(department="69")
    await make.office(department="01", parent=seat)
    manager = await make.person(Role.DEPARTMENT_MANAGER, network="caf", department="69")
    place = {"office": ids.encode("Office", seat.id)}

    answer = (await api.data(manager, GIVE, input=wanted("READER", place)))["grantGive"]

    assert [error["code"] for error in answer["userErrors"]] == ["BEYOND_OWN_RIGHTS"]


async def test_a_machine_that_holds_more_than_one_administers_is_not_theirs_to_rotate(
    api: Client,
) -> None:
    machine = await Account.machine("Back-office")
    for code in ("caf", "police"):
        network = await Network.get(code=code)
        await Grant.give(machine, Role.SERVICE, network=network, rights="read_verbatims")
    await AccessToken.issue(machine, datetime.now(UTC) + timedelta(days=1))
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    query = """mutation ($id: ID!) {
      serviceAccountRotate(id: $id) { secret userErrors { code } }
      accountDeactivate(id: $id) { userErrors { code } } }"""
    me = ids.encode("Account", machine.id)

    answer = await api.data(manager, query, id=me)
    seen = await api.data(manager, "query ($id: ID!) { account(id: $id) { tokens { id } } }", id=me)

    refused = {"userErrors": [{"code": "NOT_FOUND"}]}
    assert answer["serviceAccountRotate"] == {"secret": None, **refused}
    assert answer["accountDeactivate"] == refused
    assert seen == {"account": {"tokens": []}}


SHUT = "mutation ($id: ID!) { accountDeactivate(id: $id) { userErrors { code } } }"
OPEN = "mutation ($id: ID!) { accountReactivate(id: $id) { userErrors { code } } }"


async def test_who_is_let_in_again_has_what_they_had_and_no_more(api: Client) -> None:
    await make.review(await make.office())
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    agent = await make.person(Role.READER, network="caf")
    person = await Account.get(subject=agent)
    await Account.filter(id=person.id).update(email="agent@caf.fr")
    me = ids.encode("Account", person.id)

    shut = [await api.data(manager, SHUT, id=me) for _ in range(2)]
    waiting = await api.data(manager, GIVE, input=wanted("READER", {"network": "caf"}))
    refused = await api.ask(agent, REVIEWS)
    opened = [await api.data(manager, OPEN, id=me) for _ in range(2)]
    seen = await api.ask(agent, "{ viewer { grants { id } } reviews { totalCount } }")

    def code(answer: Any) -> list[str]:
        (payload,) = answer.values()
        return [error["code"] for error in payload["userErrors"]]

    assert [*map(code, shut), *map(code, opened)] == [
        [],
        ["ALREADY_REVOKED"],
        [],
        ["ALREADY_ACTIVE"],
    ]
    assert refused["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"
    assert waiting["grantGive"]["grant"]["holder"] is None
    assert seen["data"]["reviews"]["totalCount"] == 1
    assert len(seen["data"]["viewer"]["grants"]) == 1


@pytest.mark.parametrize("beyond", ["police", None])
async def test_who_holds_more_than_one_administers_is_not_theirs_to_let_in_again(
    api: Client, beyond: str | None
) -> None:
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    agent = await make.person(Role.READER, network="caf")
    await make.person(Role.READER, network=beyond, name=agent)
    await Account.filter(subject=agent).update(deactivated_at=datetime.now(UTC))
    person = await Account.get(subject=agent)

    answer = await api.data(manager, OPEN, id=ids.encode("Account", person.id))

    assert answer["accountReactivate"]["userErrors"] == [{"code": "NOT_FOUND"}]
    assert (await Account.get(subject=agent)).deactivated_at is not None


async def test_a_grant_waits_for_its_holder_and_ends_in_its_time(api: Client) -> None:
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    await api.data(manager, GIVE, input=wanted("READER", {"network": "caf"}))

    person = await Account.known("https://agentconnect", "42", email="agent@caf.fr")
    await person.claim()

    (grant,) = await person.grants.all()
    assert (grant.role, grant.invited_email) == (Role.READER, None)
    stranger = await Account.known("https://agentconnect", "43", email="other@caf.fr")
    await stranger.claim()
    assert await stranger.grants.all() == []
    past = wanted("READER", {"network": "caf"}, endsAt="2020-01-01T00:00:00Z")
    refused = (await api.data(manager, GIVE, input=past))["grantGive"]["userErrors"]
    assert [(error["code"], error["field"]) for error in refused] == [
        ("BAD_INPUT", ["input", "endsAt"])
    ]


async def test_a_grant_that_is_over_or_has_not_begun_opens_nothing(api: Client) -> None:
    await make.review(await make.office())
    now = datetime.now(UTC)
    for name, window in (
        ("past", {"ends_at": now - timedelta(seconds=1)}),
        ("future", {"starts_at": now + timedelta(hours=1)}),
        ("revoked", {"revoked_at": now}),
    ):
        person = await make.person(Role.READER, network="caf", name=name)
        await Grant.filter(account__subject=name).update(**window)

        data = await api.data(person, "{ viewer { can advice } reviews { totalCount } }")

        assert data["reviews"]["totalCount"] == 0
        assert data["viewer"]["can"] == []
        assert data["viewer"]["advice"]


async def test_nobody_gives_to_themselves_and_refusals_are_told_in_french(api: Client) -> None:
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    me = (await api.data(manager, "{ viewer { id } }"))["viewer"]["id"]
    body = {
        "query": GIVE,
        "variables": {"input": {"role": "READER", "place": {"network": "caf"}, "account": me}},
    }
    headers = {**api.headers(manager), "accept-language": "fr-FR,en;q=0.5"}

    answer = await api.http.post("/graphql", json=body, headers=headers)

    (error,) = answer.json()["data"]["grantGive"]["userErrors"]
    said = "Nul ne se donne des droits à soi-même : demandez à quelqu'un d'autre."
    assert (error["code"], error["message"]) == ("SELF_GRANT", said)
    assert answer.headers["content-language"] == "fr"


async def test_every_change_is_in_the_trail_of_its_network_sealed_to_the_one_before(
    api: Client,
) -> None:
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    police = await make.person(Role.NETWORK_MANAGER, network="police")
    headers = {**api.headers(manager), "x-request-id": f"{1:032x}"}
    for email in ("a@caf.fr", "b@caf.fr"):
        given = {"role": "READER", "place": {"network": "caf"}, "email": email}
        body = {"query": GIVE, "variables": {"input": given}}
        await api.http.post("/graphql", json=body, headers=headers)
    trail = "{ auditTrail { nodes { number action actorLabel request address network { code } } } }"

    mine = (await api.data(manager, trail))["auditTrail"]["nodes"]

    assert [(entry["number"], entry["action"], entry["request"]) for entry in mine] == [
        ("2", "grant.given", f"{1:032x}"),
        ("1", "grant.given", f"{1:032x}"),
    ]
    assert {entry["actorLabel"] for entry in mine} == {manager}
    assert (await api.data(police, trail))["auditTrail"]["nodes"] == []
    first, second = await AuditEntry.all().order_by("id")
    assert first.seal == first.sealed("0" * 64)
    assert second.seal == second.sealed(first.seal)


async def test_an_entry_tells_where_it_was_done(api: Client) -> None:
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    _, its = await make.office(), await make.office()
    office = ids.encode("Office", its.id)
    await api.data(manager, GIVE, input=wanted("READER", {"office": office}))

    trail = "{ auditTrail { nodes { network { code } department { code } office { id } } } }"
    told = await api.data(manager, trail)

    place = {"network": {"code": "caf"}, "department": None, "office": {"id": office}}
    assert told == {"auditTrail": {"nodes": [place]}}


async def test_a_change_whose_entry_cannot_be_written_does_not_happen(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    monkeypatch.setattr("models.audit._SEALED", ("no such field",))

    answer = await api.ask(manager, GIVE, input=wanted("READER", {"network": "caf"}))

    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert not await Grant.filter(invited_email="agent@caf.fr").exists()
    assert await Review.all().count() == 0


async def test_what_no_entry_can_be_about_is_found_nowhere(api: Client) -> None:
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    trail = "query ($where: AuditFilter) { auditTrail(where: $where) { totalCount } }"

    found = [
        (await api.data(manager, trail, where=where))["auditTrail"]["totalCount"]
        for where in ({"subject": "a\0"}, {"actions": ["a\0"]})
    ]

    assert found == [0, 0]


@pytest.mark.parametrize("place", [{"network": "x" * 65}, {"department": "x" * 65}])
async def test_a_code_that_none_can_be_is_refused(api: Client, place: dict[str, str]) -> None:
    manager = await make.person(Role.NETWORK_MANAGER, network="caf")
    create = """mutation ($place: PlaceInput!) { replyTemplateCreate(
      place: $place, name: "x", body: "x") { userErrors { code } } }"""

    made = (await api.data(manager, create, place=place))["replyTemplateCreate"]

    assert made["userErrors"] == [{"code": "BAD_INPUT"}]
