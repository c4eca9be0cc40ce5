"""`python -m schema` writes what is made from the code; `--check` says whether it is still true."""

import difflib
import sys
from pathlib import Path
from typing import Any

from graphql import build_schema, find_breaking_changes

from auth.permissions import PERMISSIONS, Permission, gives
from models.account import SCOPES, Role
from models.contact import CONTACTING
from models.event import CATALOGUE, CATALOGUE_VERSION, TOMBSTONES
from models.export import EXPORTING
from models.flag import FLAGGING
from models.improvement import IMPROVING
from models.reply import REPLYING
from models.report import REPORTING
from models.routing import TRANSFERRING
from models.submission import MODERATING
from models.webhook import CALLING
from models.workflow import Workflow
from schema.french import FRENCH
from schema.reference import reference
from schema.root import schema

ROOT = Path(__file__).parent.parent
SDL = "schema/schema.graphql"
ROLES = """# Who may do what

A grant is a role over a scope: the country, a network, or within a network a department, or an
office and those below it. Somebody may hold several, each from and until a date. What the table
says holds within the scope only; `viewer { can }` and `viewerCan` of an item tell a client what is
true for its viewer. This page is made from auth/permissions.py by `make sdl`.

| role | in French | over | rights | gives to others |
|---|---|---|---|---|
"""


def main(arguments: list[str]) -> int:
    """Write what is made from the code, or compare it with what is committed."""
    made = {
        SDL: f"{schema.as_str()}\n",
        "docs/roles.md": roles(),
        "docs/workflows.md": workflows(),
        "docs/reference.md": reference(schema._schema),  # noqa: SLF001  (it has no public name)
        "docs/events.md": events(),
    }
    if "--check" not in arguments:
        for path, text in made.items():
            (ROOT / path).write_text(text, encoding="utf-8")
        return 0
    then = {path: (ROOT / path).read_text(encoding="utf-8") for path in made}
    for path, now in made.items():
        lines = difflib.unified_diff(then[path].splitlines(), now.splitlines(), path, "now", n=1)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    breaking = find_breaking_changes(build_schema(then[SDL]), build_schema(made[SDL]))
    sys.stdout.writelines(f"BREAKING: {change.description}\n" for change in breaking)
    if then != made:
        sys.stderr.write("What is made from the code changed: `make sdl`, and tell CHANGELOG.md.\n")
    return int(then != made)


def roles() -> str:
    """docs/roles.md: the table of rights."""
    return ROLES + "".join(map(_role, Role)) + _RIGHTS + "".join(map(_right, Permission))


def workflows() -> str:
    """docs/workflows.md: a diagram for each workflow."""
    parts = [
        f"## {one.name}\n\n```mermaid\n{one.diagram()}\n```\n\n{note}\n"
        for one, note in WORKFLOWS.items()
    ]
    return "\n".join((_WORKFLOWS, *parts))


def events() -> str:
    """docs/events.md: the catalogue of events, and how they are followed."""
    rows = (
        f"| `{name}` | {about}{' Tombstone.' if name in TOMBSTONES else ''} |\n"
        for name, about in CATALOGUE.items()
    )
    return f"{_EVENTS.format(version=CATALOGUE_VERSION)}{''.join(rows)}{_FOLLOWING}"


_EVENTS = """# Events

Everything that happens and is of concern to others is written as an event, in the transaction that
does it. An event tells ids and numbers, never what somebody wrote: read the item for the rest. It
is of concern to those who may follow (`READ_EVENTS`) the place where it happened, as it was then.
`make sdl` makes this page from models/event.py.

The catalogue, version {version}. A type keeps its meaning; new ones may come without a new version,
so leave alone what you do not know.

| type | what happened |
|---|---|
"""
_FOLLOWING = """
`item` is what events are in order for: the `Review` of a reply. `position` grows with each event:
of two for one item, the greater one is the later. After a **tombstone** the item is not to be found
at that place any more: drop your copy. Where it moved within what you follow, the event of the new
place comes after it and brings it back.

## Ask now and then: `changes`

1. Ask `changes { endCursor }` once, then read the lists.
2. Ask `changes(after: $cursor) { nodes { ... } endCursor hasNextPage resyncRequired }`, keep
   `endCursor` with what you made of the events, and go on from it. Each comes once, in order.
3. With `resyncRequired` nothing is told: read the lists anew and go on from `endCursor`. It comes
   when the cursor is older than what is kept (`RELAIS_EVENT_DAYS`), when more was imported at once
   than is told one by one, and when you may follow something else than before: what left your scope
   because a grant changed gets no tombstone.

## Be told: webhooks

`webhookCreate` gives an address and, once, a secret. What is sent is signed as
[Standard Webhooks](https://www.standardwebhooks.com) are: verify `webhook-signature` with a library
of theirs, and answer with a 2xx status within 10 seconds, before you work on it.

```json
{
  "type": "reply.published",
  "timestamp": "2026-11-24T21:00:00.000000+00:00",
  "data": {
    "id": "RXZlbnQ6MTI=", "position": "12", "catalogue": 1,
    "subject": "UmVwbHk6NA==", "item": "UmV2aWV3Ojc=", "tombstone": false,
    "network": "caf", "department": "69", "office": "T2ZmaWNlOjM=",
    "facts": {"review": "UmV2aWV3Ojc=", "structure": "UmV2aWV3U3RydWN0dXJlOjk=", "version": 2}
  }
}
```

- An event is sent **at least once**; `webhook-id` is the same each time. Of one item the next is
  not sent before the one before was taken or given up; different items are not in order.
- What is not taken is sent again after 5 seconds, 15, 45 and so on up to 2 hours, for 24 hours;
  then it is a dead letter (`webhookDeliveries`, `DEAD`), and `webhookReplay` sends it again.
- An endpoint that fails five times in a row (no answer, or 5xx, 408, 429) is left alone for a
  while; one that takes nothing for 24 hours, or answers 410, is switched off: `state`, `disabledAt`
  and the event `webhook.failed` tell, `webhookEnable` goes on where it stopped.
- `webhookRotateSecret` signs by both secrets for a while. `webhookTest` sends a `webhook.test`.
- Addresses are https on the public internet; redirects are not followed.
"""


_WORKFLOWS = """# Workflows

What leads from which state to which. A step that is not drawn is refused with `ILLEGAL_STEP`, which
tells the steps that are possible; things tell theirs in `steps`. `make sdl` makes this page from
the tables that are enforced.
"""
WORKFLOWS: dict[Workflow[Any, Any], str] = {
    REPLYING: "Writing and validating are separate rights, and nobody validates what they wrote.\n"
    "A network that validates replies (`networkConfigure`) publishes none that was not validated,\n"
    "and has published ones edited only by those who may validate. Every version is kept:\n"
    "`replyHistory`, with words that came too late because somebody else was quicker. What seems\n"
    "to name someone is published with `acceptFindings` only.",
    CALLING: "Whoever keeps an endpoint switches it on and off; the service switches off one that\n"
    "took nothing for 24 hours or said that it is gone.",
    MODERATING: "The national team decides. What is not published is seen by moderators, and by\n"
    "whoever brought it in. What is unpublished or withdrawn vanishes with its replies.",
    TRANSFERRING: "Down to an office below, a structure's part of a review is moved at once\n"
    "(`structureMove`); anywhere else on request, which the national team decides and whoever may\n"
    "transfer it cancels. What is answered is not moved. A draft of a reply goes along within a\n"
    "network; to another network nothing goes while someone drafts. `structureHistory` keeps it.",
    FLAGGING: "The national team decides: taking words out of the review (`reviewRedact`), or all\n"
    "of it, upholds what was asked.",
    IMPROVING: "One at a time for a structure's part of a review. Each step keeps its own words.",
    CONTACTING: "Made when a review is published whose author asked to talk to someone, one for\n"
    "each structure, and gone with the review. Only those who reply for the structure see it; how\n"
    "to reach the author is forgotten some days after the end (`RELAIS_CONTACT_DAYS`).",
    REPORTING: "The national team accepts, without the words it takes out, or rejects. Before\n"
    "that a report is seen by them, and by whoever brought it in. What follows is done by those\n"
    "who reply for its place. Each step is kept: `reportHistory`. What is withdrawn is empty.",
    EXPORTING: "The worker runs, finishes, fails and expires it; whoever asked may cancel it.",
}
"""The workflows, and what a diagram does not say of each."""


_RIGHTS = "\n| right | what it lets its holder do |\n|---|---|\n"


_OVER = {
    frozenset[str](): "country",
    frozenset({"network"}): "network",
    frozenset({"network", "department"}): "department",
    frozenset({"network", "office"}): "office",
}


def _role(role: Role) -> str:
    own = PERMISSIONS[role]
    given = gives(role, own)
    over = ", ".join(_OVER[names] for names in SCOPES[role])
    said = "those named in its grant" if role is Role.SERVICE else _names(own)
    passed = "none" if not given else "every right" if given == set(Permission) else "its own"
    french = FRENCH.get(role.value.replace("_", " "), "service")
    return f"| `{role.name}` | {french} | {over} | {said} | {passed} |\n"


def _right(right: Permission) -> str:
    values = Permission.__strawberry_definition__.values  # type: ignore[attr-defined]
    (said,) = (value.description for value in values if value.name == right.name)
    return f"| `{right.name}` | {said} |\n"


def _names(rights: frozenset[Permission]) -> str:
    return ", ".join(f"`{right.name}`" for right in Permission if right in rights)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
