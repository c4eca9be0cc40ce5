"""Changes as a client asks for them, by name and arguments."""

from typing import Any

from models import ids
from models.account import Account
from models.office import Office
from models.review import Review, ReviewStructure
from tests.client import Client

TYPES = {
    "id": "ID!",
    "v": "Int!",
    "account": "ID",
    "office": "ID!",
    "to": "TargetInput!",
    "reason": "String!",
    "note": "String!",
    "body": "String!",
    "mentions": "[ID!]",
    "name": "String!",
    "newName": "String",
    "active": "Boolean",
    "network": "ID!",
    "tags": "[TagInput!]!",
    "need": "String!",
    "plan": "String!",
    "day": "Date",
    "madeOn": "Date!",
    "where": "ReviewFilter!",
    "charter": "RejectReason!",
}
CALLS = {
    "assign": "structureAssign(id: $id, account: $account, expectedVersion: $v)",
    "move": "structureMove(id: $id, to: $office, reason: $reason, expectedVersion: $v)",
    "request": "transferRequest(id: $id, to: $to, reason: $reason, expectedVersion: $v)",
    "approve": "transferApprove(id: $id, note: $note, expectedVersion: $v)",
    "refuse": "transferRefuse(id: $id, note: $note, expectedVersion: $v)",
    "cancel": "transferCancel(id: $id, expectedVersion: $v)",
    "flag": "reviewFlag(id: $id, reason: $charter, note: $note)",
    "dismiss": "reviewFlagDismiss(id: $id, answer: $note, expectedVersion: $v)",
    "comment": "commentAdd(id: $id, body: $body, mentions: $mentions)",
    "recomment": "commentEdit(id: $id, body: $body, mentions: $mentions, expectedVersion: $v)",
    "uncomment": "commentRemove(id: $id, expectedVersion: $v)",
    "read": "commentRead(id: $id)",
    "tag": "structureTag(id: $id, tags: $tags, expectedVersion: $v)",
    "newTag": "businessTagCreate(network: $network, name: $name)",
    "retag": "businessTagUpdate(id: $id, name: $newName, active: $active, expectedVersion: $v)",
    "improve": "improvementFlag(id: $id, need: $need)",
    "plan": "improvementPlan(id: $id, plan: $plan, plannedFor: $day, expectedVersion: $v)",
    "make": "improvementMake(id: $id, change: $plan, madeOn: $madeOn, expectedVersion: $v)",
    "drop": "improvementDrop(id: $id, why: $plan, expectedVersion: $v)",
    "keep": "savedFilterCreate(name: $name, where: $where)",
    "rekeep": "savedFilterUpdate(id: $id, name: $newName, expectedVersion: $v)",
    "unkeep": "savedFilterRemove(id: $id, expectedVersion: $v)",
    "draft": "replyDraft(id: $id, body: $body)",
    "reply": "reviewReply(id: $id, body: $body)",
    "withdraw": "replyWithdraw(id: $id, expectedVersion: $v)",
    "publish": "replyPublish(id: $id, expectedVersion: $v)",
}
THINGS = {
    "structure": "structure { id version answered assignee office { id } }",
    "transfer": "transfer { id version state note }",
    "review": "flag { id version state answer }",
    "comment": "comment { id version body mentions }",
    "business": "tag { id version name active }",
    "improvement": "improvement { id version state need plan plannedFor change madeOn whyDropped }",
    "saved": "savedFilter { id version name where }",
    "reply": "reply { id version state }",
}
GIVEN: dict[str, Any] = {"v": 1, "reason": "", "note": "", "charter": "INSULT", "body": "Bonjour."}


async def do(api: Client, who: str, call: str, **given: Any) -> dict[str, Any]:
    """What a change answered; what is not given is as in GIVEN."""
    field = CALLS[call]
    used = [name for name in TYPES if f"${name}" in field]
    head = ", ".join(f"${name}: {TYPES[name]}" for name in used)
    thing = (
        "reply"
        if field.startswith("reviewReply")
        else next(name for name in THINGS if field.startswith(name))
    )
    answer = f"{{ {THINGS[thing]} userErrors {{ code field message }} }}"
    values = {name: given.get(name, GIVEN.get(name)) for name in used}
    data = await api.data(who, f"mutation ({head}) {{ done: {field} {answer} }}", **values)
    done: dict[str, Any] = data["done"]
    return done


def codes(done: dict[str, Any]) -> list[str]:
    """Why a change was refused."""
    return [error["code"] for error in done["userErrors"]]


def of(thing: Review | ReviewStructure | Office | Account) -> str:
    """The global id of a thing."""
    return ids.encode(type(thing).__name__, thing.id)


async def me(person: str) -> str:
    """The id of the account of a person."""
    return of(await Account.get(subject=person))


async def part(review: Review, position: int = 1) -> str:
    """The id of a structure of a review."""
    return of(await ReviewStructure.get(review=review, position=position))
