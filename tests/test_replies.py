import asyncio
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from models import ids
from models.account import Account, Role
from models.reply import MAX_REPLY_LENGTH, Reply, ReplyText
from models.review import ReviewStructure
from tests import factories as make
from tests.client import Client

PAYLOAD = """{ reply { body version } structure { answered reply { body } }
  userErrors { code field } }"""
REPLY = (
    f"mutation ($id: ID!, $body: String!) {{ done: reviewReply(id: $id, body: $body) {PAYLOAD} }}"
)
EDIT = f"""mutation ($id: ID!, $body: String!, $v: Int!) {{
  done: replyEdit(id: $id, body: $body, expectedVersion: $v) {PAYLOAD} }}"""
WITHDRAW = f"""mutation ($id: ID!, $v: Int!) {{
  done: replyWithdraw(id: $id, expectedVersion: $v) {PAYLOAD} }}"""


async def item(replied: int | None = None) -> tuple[str, ReviewStructure]:
    """An agent, and a structure of theirs."""
    office = await make.office()
    review = await make.review(office, replied=replied)
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    return agent, await ReviewStructure.get(review=review).prefetch_related("replies")


async def change(api: Client, agent: str, mutation: str, **arguments: Any) -> Any:
    return (await api.data(agent, mutation, **arguments))["done"]


def refused(code: str, *field: str) -> dict[str, Any]:
    return {
        "reply": None,
        "structure": None,
        "userErrors": [{"code": code, "field": list(field)}],
    }


async def test_a_reply_is_published_and_its_structure_answered(api: Client) -> None:
    agent, structure = await item()

    done = await change(
        api,
        agent,
        REPLY,
        id=ids.encode("ReviewStructure", structure.id),
        body=" Bonjour,\r\nmerci. ",
    )

    body = "Bonjour,\nmerci."
    assert done == {
        "reply": {"body": body, "version": 2},
        "structure": {"answered": True, "reply": {"body": body}},
        "userErrors": [],
    }


async def test_a_reply_is_edited_in_place(api: Client) -> None:
    agent, structure = await item(replied=1)
    reply = structure.replies[0]

    done = await change(api, agent, EDIT, id=ids.encode("Reply", reply.id), body="Pardon.", v=1)

    assert done == {
        "reply": {"body": "Pardon.", "version": 2},
        "structure": {"answered": True, "reply": {"body": "Pardon."}},
        "userErrors": [],
    }


async def test_a_withdrawn_reply_leaves_its_structure_to_be_answered_again(api: Client) -> None:
    agent, structure = await item(replied=1)
    reply = structure.replies[0]

    done = await change(api, agent, WITHDRAW, id=ids.encode("Reply", reply.id), v=1)
    again = await change(
        api, agent, REPLY, id=ids.encode("ReviewStructure", structure.id), body="Mieux."
    )

    assert done == {
        "reply": None,
        "structure": {"answered": False, "reply": None},
        "userErrors": [],
    }
    assert again["structure"] == {"answered": True, "reply": {"body": "Mieux."}}
    assert await Reply.filter(structure=structure).count() == 2


@pytest.mark.parametrize("body", ["", " \n ", "\u00a0", "x" * (MAX_REPLY_LENGTH + 1), "\x00\x07"])
async def test_a_reply_without_words_or_too_long_is_refused(api: Client, body: str) -> None:
    agent, structure = await item()

    done = await change(
        api, agent, REPLY, id=ids.encode("ReviewStructure", structure.id), body=body
    )

    assert done == refused("BAD_INPUT", "body")
    assert not await Reply.exists()


async def test_a_second_reply_is_refused(api: Client) -> None:
    agent, structure = await item(replied=1)

    done = await change(
        api, agent, REPLY, id=ids.encode("ReviewStructure", structure.id), body="Encore."
    )

    assert done == refused("ALREADY_REPLIED", "id")


async def test_of_many_replies_at_once_one_is_published(api: Client) -> None:
    agent, structure = await item()
    key = ids.encode("ReviewStructure", structure.id)

    done = await asyncio.gather(
        *(change(api, agent, REPLY, id=key, body=f"Réponse {n}") for n in range(20))
    )

    codes = [error["code"] for one in done for error in one["userErrors"]]
    assert codes == ["ALREADY_REPLIED"] * 19
    assert await Reply.filter(structure=structure).count() == 1


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_a_reply_waits_for_one_that_is_being_published_elsewhere(api: Client) -> None:
    agent, structure = await item()
    key = ids.encode("ReviewStructure", structure.id)
    async with in_transaction() as elsewhere:
        other = await ReviewStructure.select_for_update().get(id=structure.id)
        asked = asyncio.create_task(change(api, agent, REPLY, id=key, body="Après."))
        waiting = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"
        async with asyncio.timeout(10):
            while not (await elsewhere.execute_query_dict(waiting))[0]["n"]:
                await asyncio.sleep(0.01)
        writer = await Account.create(subject="writer", label="x")
        await Reply.draft(other, ReplyText("Avant."), by=writer.id)

    assert await asked == refused("ALREADY_REPLIED", "id")


@pytest.mark.parametrize("mutation", [EDIT, WITHDRAW])
async def test_a_change_to_what_was_not_read_is_refused(api: Client, mutation: str) -> None:
    agent, structure = await item(replied=1)
    key = ids.encode("Reply", structure.replies[0].id)
    await change(api, agent, EDIT, id=key, body="Entre-temps.", v=1)

    body = {"body": "Trop tard."} if mutation is EDIT else {}
    done = await change(api, agent, mutation, id=key, v=1, **body)

    assert done == refused("STALE_VERSION", "expectedVersion")
    assert (await Reply.get(id=structure.replies[0].id)).body == "Entre-temps."


@pytest.mark.parametrize("mutation", [EDIT, WITHDRAW])
async def test_nothing_is_done_with_a_withdrawn_reply(api: Client, mutation: str) -> None:
    agent, structure = await item(replied=1)
    key = ids.encode("Reply", structure.replies[0].id)
    await change(api, agent, WITHDRAW, id=key, v=1)

    body = {"body": "Revenir."} if mutation is EDIT else {}
    done = await change(api, agent, mutation, id=key, v=2, **body)

    assert done == refused("ALREADY_WITHDRAWN", "id")


@pytest.mark.parametrize("key", ["", "é", "UmVwbHk6MQ==", "UmV2aWV3U3RydWN0dXJlOjE", "x" * 9999])
async def test_an_id_of_nothing_that_replies_is_refused(api: Client, key: str) -> None:
    agent, _ = await item()

    assert await change(api, agent, REPLY, id=key, body="x") == refused("BAD_ID", "id")


async def test_a_fault_in_the_middle_of_a_change_leaves_nothing_behind(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, structure = await item()
    monkeypatch.setattr("resolvers.replies._changed", None)
    key = ids.encode("ReviewStructure", structure.id)

    answer = await api.ask(agent, REPLY, id=key, body="Merci.")

    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert not await Reply.exists()
    assert not (await ReviewStructure.get(id=structure.id)).answered
