"""GraphiQL comes from here, and its examples are answered."""

import re
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, print_ast

from models.account import Role
from schema.ide import FILES, STATIC
from settings import Settings
from tests import factories as make
from tests.client import Client, asking

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
EXAMPLES = [
    node
    for node in parse((STATIC / "examples.graphql").read_text()).definitions
    if isinstance(node, OperationDefinitionNode)
]


async def test_the_page_names_only_files_that_are_served_from_here(api: Client) -> None:
    page = await api.http.get("/graphiql")
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    files = {path: await api.http.get(path) for path in [*named, "/graphiql/examples.graphql"]}

    assert page.status_code == 200
    assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]
    assert files.keys() == {f"/graphiql/{name}" for name in FILES}
    kinds = {path: (one.status_code, one.headers["content-type"]) for path, one in files.items()}
    assert kinds == {f"/graphiql/{name}": (200, kind) for name, kind in FILES.items()}
    assert "createRoot" in files["/graphiql/react-dom.production.min.js"].text


@pytest.mark.parametrize("name", ["README.md", "..%2f..%2fide.py", "no", "%00"])
async def test_nothing_else_is_served(api: Client, name: str) -> None:
    assert (await api.http.get(f"/graphiql/{name}")).status_code == 404


async def test_whoever_is_not_signed_in_is_sent_to_do_so(config: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    sign_in: dict[str, Any] = {
        "oidc_issuer": "http://127.0.0.1:9",
        "oidc_client_id": "relais",
        "oidc_client_secret_file": secret,
        "public_url": "http://127.0.0.1:1",
    }
    async with asking(config.model_copy(update=sign_in)) as api:
        strangers = [
            await api.http.get("/graphiql"),
            await api.http.get("/graphiql", headers={"authorization": "Bearer rubbish"}),
        ]
        known = await api.http.get("/graphiql", headers=api.headers(await make.person(Role.READER)))

    where = [(one.status_code, one.headers["location"]) for one in strangers]
    assert where == [(303, "/auth/login?next=/graphiql")] * 2
    assert known.status_code == 200


@pytest.mark.parametrize("role", [Role.NETWORK_MANAGER, Role.MODERATOR])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name.value)
async def test_the_examples_are_answered(
    api: Client, example: OperationDefinitionNode, role: Role
) -> None:
    network = "caf" if role is Role.NETWORK_MANAGER else None

    await api.data(await make.person(role, network=network), print_ast(example))
