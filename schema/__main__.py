"""`python -m schema` writes what is made from the code; `--check` says whether it is still true."""

import difflib
import sys
from pathlib import Path
from typing import Any

from graphql import build_schema, find_breaking_changes

from auth.permissions import PERMISSIONS, Permission, gives
from models.account import SCOPES, Role
from models.contact import CONTACTING
from models.flag import FLAGGING
from models.improvement import IMPROVING
from models.reply import REPLYING
from models.routing import TRANSFERRING
from models.submission import MODERATING
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
