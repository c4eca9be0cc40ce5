"""What others' tools say of the service: `make conformance` runs them all, over a socket."""

import asyncio
import hashlib
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from app import build
from models.account import Role
from models.sql import database
from tests import factories as make
from tests.client import Client
from tests.servers import Databases, served

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NPM = HERE / "node_modules/.bin"
TOOLS = ROOT / ".tools/bin"
TRUSTED = (
    "{ __typename }",
    "query Type($name: String!) { __type(name: $name) { name } }",
    "mutation { __typename }",
)
"""What the audits ask by GET, where only what is trusted is answered."""


async def world() -> None:
    """An office with two reviews, and somebody who answers for it."""
    office = await make.office()
    await make.review(office)
    await make.review(office, title="Accueil")
    await make.person(Role.OFFICE_AGENT, office=office, name="agent")
    rights = "read_verbatims read_events reply"
    await make.person(Role.SERVICE, office=office, name="machine", rights=rights)


@asynccontextmanager
async def service() -> AsyncIterator[tuple[str, str, str]]:
    """The address of a service, and tokens of a clerk and of a machine who may ask there."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        manifest = folder / "trusted.json"
        documents = {hashlib.sha256(one.encode()).hexdigest(): one for one in TRUSTED}
        manifest.write_text(json.dumps(documents))
        databases = Databases("sqlite", folder)
        config = databases.settings(await databases.copy(make.nothing), trusted_documents=manifest)
        async with database(config.tortoise(system=True)):
            await world()
        async with served(build(config)) as address:
            async with Client(address, config.token_key_file) as client:
                agent, machine = (client.keys.issue(name, 3600) for name in ("agent", "machine"))
            yield f"{address}/graphql", agent, machine


async def main() -> int:
    """Run each tool; how many of them are not content."""
    made = HERE / "made"
    (made / "relay").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "schema/schema.graphql", made)
    async with service() as (url, token, machine):
        os.environ |= {"RELAIS_URL": url, "RELAIS_TOKEN": token}
        checks = {
            "GraphQL over HTTP (graphql-http)": ("node", "audit.mjs", url, token),
            "Typed client in TypeScript (graphql-codegen)": (
                NPM / "graphql-codegen",
                "--config",
                "codegen.yml",
            ),
            "that client compiles (tsc)": (NPM / "tsc", "--project", "."),
            "and answers a review": ("node", "made/js/client.js", url, token),
            "Live (graphql-ws, graphql-sse)": ("node", "live.mjs", url, machine),
            "Typed client in Python (ariadne-codegen)": (
                TOOLS / "ariadne-codegen",
                "--config",
                "codegen.toml",
            ),
            "that client asks": (TOOLS / "python", "ask.py"),
            "Relay (relay-compiler)": (NPM / "relay-compiler", "relay.config.json"),
            "Schema and operations (graphql-eslint)": (
                NPM / "eslint",
                "made/schema.graphql",
                "operations.graphql",
            ),
        }
        failed = [name for name, command in checks.items() if not await _passes(name, *command)]
    return len(failed)


async def _passes(name: str, *command: str | Path) -> bool:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=HERE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    passed = process.returncode == 0
    sys.stdout.write(f"{'ok  ' if passed else 'FAIL'} {name}\n")
    last = said.decode().strip().splitlines()
    sys.stdout.writelines(f"     {line}\n" for line in (last[-1:] if passed else last))
    return passed


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
